//! Keys of rows, and how they stand in a URL.
//!
//! The parts of a key are percent-encoded and joined by `,`. A part that is empty, `.` or `..` gets
//! a `~` in front, as such a path segment would be lost on the way, percent-encoded or not (URL
//! Standard, section 4.1); a `~` of the part itself is written `%7E`. `~null` is no value. Bytes
//! stand as hexadecimal digits.
//!
//! What a part says need not be what a form takes: databases hold `NaN`, `infinity`, years BC, and
//! SQLite any text in any column. It is then the text that the database wrote.

use super::{Kind, Resource, Value};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Everything but the unreserved characters of RFC 3986 section 2.3, and `~`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// How a part without a value is written.
const NULL: &str = "~null";

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
                if part == NULL {
                    return Ok(Value::Null);
                }
                let part = part.strip_prefix('~').unwrap_or(part);
                let text = percent_decode_str(part)
                    .decode_utf8()
                    .map_err(|_| KeyError::Value)?;
                match field.kind {
                    Kind::Bytes => from_hex(&text).map(Value::Bytes).ok_or(KeyError::Value),
                    _ if text.contains('\0') => Err(KeyError::Value),
                    kind => Ok(read(kind, &text)),
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
                Value::Null => {
                    out.push_str(NULL);
                    continue;
                }
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

/// A part as a value of its column. Only numbers and truth values have another form than text.
fn read(kind: Kind, text: &str) -> Value {
    let value = match kind {
        Kind::Int | Kind::Bool => Value::parse(kind, text).ok(),
        Kind::Float => text.parse().map(Value::Float).ok(),
        Kind::Decimal { .. } => Value::parse(Kind::Decimal { scale: None }, text).ok(),
        _ => None,
    };
    value.unwrap_or_else(|| Value::Text(text.to_owned()))
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
