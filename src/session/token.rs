//! Random tokens, and the hashes that are stored instead of them.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rand::RngCore;
use sha2::{Digest, Sha256};

/// Makes a token: 256 bits from the operating system's generator, as 43 characters that are safe in
/// URLs.
pub fn random() -> String {
    let mut bytes = [0_u8; 32];
    rand::rngs::OsRng.fill_bytes(&mut bytes);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Makes a session's reference: 96 random bits, as 16 characters. It gives no access, but it is
/// unique.
pub fn reference() -> String {
    let mut bytes = [0_u8; 12];
    rand::rngs::OsRng.fill_bytes(&mut bytes);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The SHA-256 of a token, which is stored instead of it. A token has 256 random bits, so no salt
/// is needed.
pub fn hash(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}

/// Whether two texts are equal, compared in constant time.
pub fn same(one: &str, other: &str) -> bool {
    use subtle::ConstantTimeEq;
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// Masks a token, with a different mask each time. The length of a compressed page then does not
/// reveal the token (BREACH).
pub fn masked(token: &str) -> String {
    let mut mask = vec![0_u8; token.len()];
    rand::rngs::OsRng.fill_bytes(&mut mask);
    let covered = covered(&mask, token.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode([mask, covered].concat())
}

/// Removes the mask; none for a text that [`masked`] cannot have made.
pub fn unmasked(text: &str) -> Option<String> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let (mask, rest) = bytes.split_at_checked(bytes.len() / 2)?;
    (mask.len() == rest.len())
        .then(|| String::from_utf8(covered(mask, rest)).ok())
        .flatten()
}

fn covered(mask: &[u8], bytes: &[u8]) -> Vec<u8> {
    mask.iter()
        .zip(bytes)
        .map(|(one, other)| one ^ other)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_looks_different_each_time_and_is_the_same_below() {
        let token = random();
        let (one, other) = (masked(&token), masked(&token));
        assert_ne!(one, other);
        assert!(!one.contains(&token) && !other.contains(&token));
        for text in [one, other] {
            assert_eq!(unmasked(&text), Some(token.clone()));
        }
    }

    #[test]
    fn what_is_no_masked_token_is_none() {
        assert_ne!(unmasked(&masked("one")), Some("two".to_owned()));
        for text in ["a", "AAAA", "\u{e9}", "AA==", &"_".repeat(86)] {
            assert_eq!(unmasked(text), None, "{text}");
        }
    }
}
