//! Keys of rows, and their form in a URL.
//!
//! The parts of a key are percent-encoded and joined by `,`. A part that is empty, `.` or `..` gets
//! a leading `~`. Otherwise, such a path segment would be dropped (URL Standard, section 4.1). A
//! `~` of the part itself becomes `%7E`. `~null` is NULL. Bytes are written in hexadecimal.
//!
//! A part need not be a value that a form accepts. Databases hold `NaN`, `infinity` and years BC,
//! and SQLite any text in any column. The part is then the text that the database wrote.

use super::{Kind, Resource, Value};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The characters to encode: all except unreserved ones (RFC 3986 section 2.3). `~` is encoded too.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// The text of a NULL part.
const NULL: &str = "~null";

/// The values of a row's key columns, in key order.
#[derive(Debug, Clone, PartialEq)]
pub struct Key(pub Vec<Value>);

/// Why a path segment is not a key of the resource.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The table has no key, so its rows cannot be addressed.
    #[error("this resource has no key")]
    Keyless,
    /// The number of parts differs from the number of key columns.
    #[error("the key has {expected} parts, not {found}")]
    Parts {
        /// Columns in the key.
        expected: usize,
        /// Parts in the segment.
        found: usize,
    },
    /// A part that its column cannot hold.
    #[error("a part of the key is not a value of its column")]
    Value,
}

impl Key {
    /// Reads a path segment that is still percent-encoded.
    ///
    /// # Errors
    /// When the segment cannot be a key of this resource. People are told that the row does not
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

    /// The path segment of the row.
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

/// Reads a part as a value of its column. Only numbers and booleans differ from text.
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
