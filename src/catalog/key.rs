//! Keys of rows, and how they stand in a URL.
//!
//! The parts of a key are percent-encoded and joined by `,`. A part that is empty, `.` or `..` gets
//! a `~` in front, as such a path segment would be lost on the way, percent-encoded or not (URL
//! Standard, section 4.1); a `~` of the part itself is written `%7E`. Bytes stand as hexadecimal
//! digits.

use super::{Kind, Resource, Value};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Everything but the unreserved characters of RFC 3986 section 2.3, and `~`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// The values of a row's key columns, in key order.
#[derive(Debug, Clone, PartialEq)]
pub struct Key(pub Vec<Value>);

/// Why a path segment is not a key of a resource.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The table has no key, so none of its rows can be named.
    #[error("this resource has no key")]
    Keyless,
    /// Another number of parts than the key has columns.
    #[error("the key has {expected} parts, not {found}")]
    Parts {
        /// Columns of the key.
        expected: usize,
        /// Parts of the segment.
        found: usize,
    },
    /// A part that its column cannot hold.
    #[error("a part of the key is not a value of its column")]
    Value,
}

impl Key {
    /// Reads a raw (still percent-encoded) path segment.
    ///
    /// # Errors
    /// When the segment cannot be a key of this resource; to a person it is a row that does not
    /// exist.
    pub fn decode(resource: &Resource, segment: &str) -> Result<Self, KeyError> {
        if resource.key.is_empty() {
            return Err(KeyError::Keyless);
        }
        let parts: Vec<&str> = segment.split(',').collect();
        if parts.len() != resource.key.len() {
            return Err(KeyError::Parts {
                expected: resource.key.len(),
                found: parts.len(),
            });
        }
        resource
            .key_fields()
            .zip(parts)
            .map(|(field, part)| {
                let part = part.strip_prefix('~').unwrap_or(part);
                let text = percent_decode_str(part)
                    .decode_utf8()
                    .map_err(|_| KeyError::Value)?;
                match field.kind {
                    Kind::Bytes => from_hex(&text).map(Value::Bytes).ok_or(KeyError::Value),
                    kind => Value::parse(kind, &text).map_err(|_| KeyError::Value),
                }
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The path segment that names the row.
    pub fn encode(&self, resource: &Resource) -> String {
        let mut out = String::new();
        for (index, (value, field)) in self.0.iter().zip(resource.key_fields()).enumerate() {
            if index > 0 {
                out.push(',');
            }
            let text = match value {
                Value::Bytes(bytes) if field.kind == Kind::Bytes => to_hex(bytes),
                value => value.to_text(field.kind),
            };
            if matches!(text.as_str(), "" | "." | "..") {
                out.push('~');
            }
            out.extend(utf8_percent_encode(&text, ENCODED));
        }
        out
    }
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<char> = text.chars().collect();
    digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => {
                let byte = high.to_digit(16)? * 16 + low.to_digit(16)?;
                u8::try_from(byte).ok()
            }
            _ => None,
        })
        .collect()
}
