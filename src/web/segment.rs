//! Names of tables and columns as path segments.
//!
//! A name may contain characters that are unsafe in a path segment: `/` (a proxy decodes `%2F`) or
//! `%`. It may also consist of dots, which browsers treat as folders (URL Standard, section 4.1).
//! Such characters are written as `~` and two hexadecimal digits; an empty name is a single `~`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Characters allowed in a path segment (RFC 3986 section 3.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The segment for a name.
pub fn encode(name: &str) -> String {
    let is_dots = name.chars().all(|c| c == '.');
    let mut safe = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '/' => safe.push_str("~2F"),
            '\\' => safe.push_str("~5C"),
            '%' => safe.push_str("~25"),
            '~' => safe.push_str("~7E"),
            '.' if is_dots => safe.push_str("~2E"),
            c => safe.push(c),
        }
    }
    if safe.is_empty() {
        safe.push('~');
    }
    utf8_percent_encode(&safe, SEGMENT).to_string()
}

/// The name in a segment, whether it is still percent-encoded or not.
pub fn decode(segment: &str) -> String {
    let text = percent_decode_str(segment).decode_utf8_lossy();
    if text == "~" {
        return String::new();
    }
    let mut name = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some((before, after)) = rest.split_once('~') {
        name.push_str(before);
        let digits = after
            .get(..2)
            .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(code) => {
                name.push(char::from(code));
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                name.push('~');
                rest = after;
            }
        }
    }
    name.push_str(rest);
    name
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn every_name_survives() {
        for name in [
            "orders",
            "crm.people",
            "a/b",
            "a%2Fb",
            "a%b",
            ".",
            "..",
            "...",
            "a.b",
            "~",
            "~2F",
            "a~b",
            "",
            "\\",
            "gr\u{f6}\u{df}e \u{1f992}",
            "a b?c#d",
            "-x",
            "a,b",
            "~zz",
        ] {
            let segment = encode(name);
            assert!(
                !segment.contains(['/', '\\']) && !segment.contains("%2F"),
                "{segment}"
            );
            assert!(
                !segment.is_empty() && segment != "." && segment != "..",
                "{segment}"
            );
            assert_eq!(decode(&segment), name, "{segment}");
        }
        assert_eq!(decode("a%2Fb"), "a/b");
    }
}
