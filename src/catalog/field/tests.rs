//! Tests of the kinds of field.
#![allow(clippy::unwrap_used)]

use crate::catalog::{Kind, Value};
use serde_json::json;

/// The largest integer that every JSON reader keeps exact.
const JSON_SAFE: i64 = 9_007_199_254_740_991;

fn text(kind: Kind, input: &str) -> String {
    Value::parse(kind, input).unwrap().to_text(kind)
}

#[test]
fn decimals_are_kept_exactly() {
    let money = Kind::Decimal { scale: Some(2) };
    assert_eq!(text(money, "0012.5"), "12.50");
    assert_eq!(text(money, "-.5"), "-0.50");
    assert_eq!(text(money, "12.500"), "12.50");
    assert!(Value::parse(money, "12.505").is_err());
    assert!(Value::parse(money, "1e3").is_err());
    assert!(Value::parse(money, ".").is_err());
    assert_eq!(
        text(
            Kind::Decimal { scale: None },
            "123456789012345678901234567890.5"
        ),
        "123456789012345678901234567890.5"
    );
}

#[test]
fn moments_are_read_as_databases_and_browsers_write_them() {
    assert_eq!(
        text(Kind::DateTime, "2026-11-22T16:13"),
        "2026-11-22 16:13:00"
    );
    assert_eq!(text(Kind::DateTime, "2026-11-22"), "2026-11-22 00:00:00");
    assert_eq!(
        text(Kind::Instant, "2026-11-22 16:13:00.25+00"),
        "2026-11-22 16:13:00.250"
    );
    assert_eq!(
        text(Kind::Instant, "2026-11-22T16:13:00+02:00"),
        "2026-11-22 14:13:00"
    );
    assert!(Value::parse(Kind::Instant, "yesterday").is_err());
}

#[test]
fn json_numbers_beyond_every_readers_range_are_strings() {
    assert_eq!(Value::Int(JSON_SAFE).to_json(Kind::Int), json!(JSON_SAFE));
    assert_eq!(
        Value::Int(JSON_SAFE + 1).to_json(Kind::Int),
        json!("9007199254740992")
    );
    let money = Kind::Decimal { scale: Some(2) };
    assert_eq!(Value::Float(12.5).to_json(money), json!("12.50"));
    assert_eq!(
        Value::Int(12).to_json(Kind::Decimal { scale: None }),
        json!("12")
    );
}
