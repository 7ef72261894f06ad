//! Properties that hold for any input, tried on much of it.
//!
//! `cargo test` tries the same inputs each time, a bounded number. With `BAILIWICK_FUZZ_SECONDS=20`
//! each property is tried on new ones for so many seconds. What fails prints a seed;
//! `ARBTEST_SEED=0x...` with the name of the test tries that input again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions
)]

mod filters;
mod return_to;

use arbtest::arbitrary::{Result, Unstructured};
use serde_json::{Map, Value};
use std::time::Duration;

/// How many inputs are tried when nothing is said of time.
const ROUNDS: u64 = 1_000;
/// The most random bytes that an input is made of.
const MAX_BYTES: u32 = 4_096;

/// Tries a property; it panics where it does not hold.
pub(crate) fn holds(mut property: impl FnMut(&mut Unstructured<'_>) -> Result<()>) {
    // Too few bytes left is no reason to give up on an input.
    let property = |u: &mut Unstructured<'_>| {
        let _ = property(u);
        Ok(())
    };
    let seconds = std::env::var("BAILIWICK_FUZZ_SECONDS").ok();
    let seconds = seconds.map(|text| text.parse().expect("a number of seconds"));
    if seconds.is_some() || std::env::var_os("ARBTEST_SEED").is_some() {
        let budget = Duration::from_secs(seconds.unwrap_or(1));
        return arbtest::arbtest(property)
            .size_max(MAX_BYTES)
            .budget(budget)
            .run();
    }
    rounds(property);
}

/// Tries a property on the same inputs each time.
fn rounds(mut property: impl FnMut(&mut Unstructured<'_>) -> Result<()>) {
    for round in 1..=ROUNDS {
        let random = round.wrapping_mul(0x9E37_79B9) & 0xFFFF_FFFF;
        let size = 32 + round * u64::from(MAX_BYTES - 32) / ROUNDS;
        arbtest::arbtest(&mut property)
            .seed(random << 32 | size)
            .run();
    }
}

/// A text put together of some of these pieces, and of others that come up now and then.
pub(crate) fn text(u: &mut Unstructured<'_>, pieces: &[&str], most: usize) -> Result<String> {
    let mut text = String::new();
    for _ in 0..u.int_in_range(0..=most)? {
        match u.int_in_range(0..=7)? {
            0 => text.push(u.arbitrary()?),
            1 => text.push(char::from(u.int_in_range(0..=127_u8)?)),
            2 => text.push_str(u.choose(&ODD)?),
            _ => text.push_str(u.choose(pieces)?),
        }
    }
    Ok(text)
}

/// Pieces that have broken something somewhere.
const ODD: [&str; 24] = [
    "", " ", "\0", "\r\n", "\t", "\u{feff}", "\u{202e}", "\u{200b}", "\u{2028}", "\u{85}", "\\",
    "'", "\"", "%", "%00", "%2f", "%5c", "%252e", "\u{ff0f}", "\u{3002}", "é", "e\u{301}", "ß",
    "\u{130}",
];

/// Any JSON, with some of these texts in it.
pub(crate) fn json(u: &mut Unstructured<'_>, texts: &[&str], depth: usize) -> Result<Value> {
    let most = if depth == 0 { 5 } else { 8 };
    Ok(match u.int_in_range(0..=most)? {
        0 => Value::Null,
        1 => u.arbitrary::<bool>()?.into(),
        2 => u.arbitrary::<i64>()?.into(),
        3 => u.arbitrary::<f64>()?.into(),
        4 | 5 => text(u, texts, 3)?.into(),
        6 => object(u, texts, depth - 1)?.into(),
        _ => {
            let mut items = Vec::new();
            for _ in 0..u.int_in_range(0..=6)? {
                items.push(json(u, texts, depth - 1)?);
            }
            items.into()
        }
    })
}

/// Any JSON object, with some of these texts in it, as keys too.
pub(crate) fn object(
    u: &mut Unstructured<'_>,
    texts: &[&str],
    depth: usize,
) -> Result<Map<String, Value>> {
    let mut members = Map::new();
    for _ in 0..u.int_in_range(0..=8)? {
        let name = if u.ratio(4, 5)? {
            (*u.choose(texts)?).to_owned()
        } else {
            text(u, texts, 3)?
        };
        members.insert(name, json(u, texts, depth)?);
    }
    Ok(members)
}

/// The random input is not all alike, or the properties would hold of little.
#[test]
fn inputs_differ() {
    let mut seen = std::collections::HashSet::new();
    let mut made = 0;
    rounds(|u| {
        made += 1;
        seen.insert(text(u, &["a", "b"], 9)?);
        Ok(())
    });
    assert!(seen.len() * 2 > made, "{} of {made}", seen.len());
}
