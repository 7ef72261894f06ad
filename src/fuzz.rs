//! Property tests with random input.
//!
//! `cargo test` uses the same limited inputs each time. With `BAILIWICK_FUZZ_SECONDS=20`, each
//! property is tested with new ones for that many seconds. A failure prints a seed;
//! `ARBTEST_SEED=0x...` and the test's name repeat that input.
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

/// The number of inputs without a time limit.
const ROUNDS: u64 = 1_000;
/// The maximum number of random bytes for an input.
const MAX_BYTES: u32 = 4_096;

/// Tests a property, which panics if it does not hold.
pub(crate) fn holds(mut property: impl FnMut(&mut Unstructured<'_>) -> Result<()>) {
    // An input that runs out of bytes is still used.
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

/// Tests a property with the same inputs each time.
fn rounds(mut property: impl FnMut(&mut Unstructured<'_>) -> Result<()>) {
    for round in 1..=ROUNDS {
        let random = round.wrapping_mul(0x9E37_79B9) & 0xFFFF_FFFF;
        let size = 32 + round * u64::from(MAX_BYTES - 32) / ROUNDS;
        arbtest::arbtest(&mut property)
            .seed(random << 32 | size)
            .run();
    }
}

/// A text made of some of these pieces, and sometimes of others.
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

/// Pieces that often cause errors.
const ODD: [&str; 24] = [
    "", " ", "\0", "\r\n", "\t", "\u{feff}", "\u{202e}", "\u{200b}", "\u{2028}", "\u{85}", "\\",
    "'", "\"", "%", "%00", "%2f", "%5c", "%252e", "\u{ff0f}", "\u{3002}", "é", "e\u{301}", "ß",
    "\u{130}",
];

/// Random JSON with some of these texts.
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

/// A random JSON object with some of these texts, also as keys.
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

/// If all inputs were alike, the properties would prove little.
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
