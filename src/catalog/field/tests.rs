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

#[test]
fn a_double_is_not_another_number_than_was_written() {
    use super::float::is_rounded;
    let read = |text: &str| text.parse::<f64>().unwrap();
    for text in [
        "0.1",
        "-12.50",
        "1e300",
        "9007199254740992",
        "11234567890123456",
        "0.30000000000000004",
        "1.7976931348623157e308",
        "5e-324",
        "123456789012345000000",
        "0.000000000000000000001",
        ".5",
        "0",
    ] {
        assert!(!is_rounded(text, read(text)), "{text}");
    }
    for text in [
        "9007199254740993",
        "-11234567890123457",
        "0.1000000000000000000001",
        "1234567890123456.78",
        "3.14159265358979323846",
    ] {
        assert!(is_rounded(text, read(text)), "{text}");
    }
}

#[test]
fn a_value_written_in_another_way_is_the_same_value() {
    let same = |kind: Kind, one: &str, other: &str| {
        let value = |text: &str| Value::Text(text.to_owned());
        value(one).is_same(&value(other), kind)
    };
    let number = Kind::Decimal { scale: None };
    for (kind, one, other) in [
        (number, "12.50", "12.5"),
        (number, "-0.00", "0"),
        (number, "+007", "7"),
        (Kind::Json, "{\"a\": [1, \"x y\"]}", "{\"a\":[1,\"x y\"]}"),
        (
            Kind::Uuid,
            "123E4567-E89B-12D3-A456-426614174000",
            "123e4567e89b12d3a456426614174000",
        ),
        (Kind::DateTime, "2026-11-22 16:13:00", "2026-11-22T16:13"),
        (Kind::Text, "a\r\nb", "a\nb"),
    ] {
        assert!(same(kind, one, other), "{one} and {other}");
    }
    for (kind, one, other) in [
        (number, "12.5", "12.05"),
        (number, "-1", "1"),
        (Kind::Json, "\"x y\"", "\"xy\""),
        (Kind::Json, "\"\\\" x\"", "\"\\\"x\""),
        (
            Kind::Uuid,
            "123e4567-e89b-12d3-a456-426614174000",
            "123e4567-e89b-12d3-a456-426614174001",
        ),
        (Kind::Date, "2024-2-9", "2024-02-09"),
        (Kind::Time, "9:05", "09:05"),
        (Kind::Text, "a b", "a  b"),
    ] {
        assert!(!same(kind, one, other), "{one} and {other}");
    }
}

#[test]
fn what_is_no_value_is_refused() {
    for (kind, input) in [
        (Kind::Uuid, "123e4567"),
        (Kind::Float, "inf"),
        (Kind::Float, "NaN"),
        (Kind::Text, "a\0b"),
    ] {
        assert!(Value::parse(kind, input).is_err(), "{input}");
    }
    assert_eq!(
        text(Kind::DateTime, "2026-11-22T16:13:00Z"),
        "2026-11-22 16:13:00"
    );
}
