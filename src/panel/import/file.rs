//! An uploaded file: detects its format, and decodes its bytes as text.

use crate::texts::text;
use std::borrow::Cow;

/// An import format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Values separated by commas, or by the file's own separator (RFC 4180).
    Csv,
    /// Values separated by tabs.
    Tsv,
    /// One JSON array of objects.
    Json,
    /// One JSON object a line.
    JsonLines,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 4] = [Self::Csv, Self::Tsv, Self::Json, Self::JsonLines];

    /// Its name in requests, and its file extension.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Json => "json",
            Self::JsonLines => "jsonl",
        }
    }

    /// Its label on pages.
    pub fn label(self) -> String {
        match self {
            Self::Csv => "CSV".to_owned(),
            Self::Tsv => text!("import-format-tabs"),
            Self::Json => "JSON".to_owned(),
            Self::JsonLines => text!("json-lines"),
        }
    }

    /// The format with that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The format of a file, from its name or otherwise its beginning.
    pub fn of(file_name: Option<&str>, text: &str) -> Self {
        let extension = file_name.and_then(|name| name.rsplit_once('.'));
        let named = extension.and_then(|(_, ext)| Self::named(&ext.to_ascii_lowercase()));
        named.unwrap_or_else(|| match text.trim_start().chars().next() {
            Some('[') => Self::Json,
            Some('{') => Self::JsonLines,
            _ => Self::Csv,
        })
    }
}

/// A character encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16; without a byte order mark, little-endian.
    Utf16,
    /// Windows-1252, a superset of Latin-1.
    Windows1252,
}

impl Encoding {
    /// All encodings.
    pub const ALL: [Self; 3] = [Self::Utf8, Self::Utf16, Self::Windows1252];

    /// Its name in requests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16 => "utf-16",
            Self::Windows1252 => "windows-1252",
        }
    }

    /// Its label on pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16 => "UTF-16",
            Self::Windows1252 => "Windows-1252 (Latin-1)",
        }
    }

    /// The encoding with that name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "latin1" | "iso-8859-1" => Some(Self::Windows1252),
            name => Self::ALL.into_iter().find(|known| known.name() == name),
        }
    }

    /// The likely encoding: by the byte order mark, or otherwise whether the bytes are UTF-8.
    pub fn guessed(bytes: &[u8]) -> Self {
        match bytes {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Self::Utf16,
            bytes if std::str::from_utf8(bytes).is_ok() => Self::Utf8,
            _ => Self::Windows1252,
        }
    }

    /// Decodes the bytes, without the byte order mark.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, String> {
        match self {
            Self::Utf8 => {
                let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
                let text = std::str::from_utf8(bytes).map_err(|_| text!("import-not-utf-8"))?;
                Ok(Cow::Borrowed(text))
            }
            Self::Utf16 => {
                let (bytes, is_high_first) = match bytes {
                    [0xff, 0xfe, rest @ ..] => (rest, false),
                    [0xfe, 0xff, rest @ ..] => (rest, true),
                    bytes => (bytes, false),
                };
                let (pairs, odd) = bytes.as_chunks::<2>();
                let units = pairs.iter().map(|pair| {
                    if is_high_first {
                        u16::from_be_bytes(*pair)
                    } else {
                        u16::from_le_bytes(*pair)
                    }
                });
                let text: Result<String, _> = char::decode_utf16(units).collect();
                match text {
                    Ok(text) if odd.is_empty() => Ok(Cow::Owned(text)),
                    _ => Err(text!("import-not-utf-16")),
                }
            }
            Self::Windows1252 => Ok(Cow::Owned(bytes.iter().map(|byte| letter(*byte)).collect())),
        }
    }
}

/// A letter of Windows-1252, decoded as in browsers (Encoding Standard, index windows-1252).
fn letter(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}',
        '\u{2021}', '\u{2c6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}',
        '\u{8f}', '\u{90}', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}',
        '\u{2014}', '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\u{9d}', '\u{17e}',
        '\u{178}',
    ];
    let high = byte.checked_sub(0x80).map(usize::from);
    let found = high.and_then(|place| HIGH.get(place).copied());
    found.unwrap_or(char::from(byte))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_as_what_they_say_they_are() {
        for (bytes, encoding, text) in [
            (&b"a\xc3\xa9"[..], Encoding::Utf8, "aé"),
            (b"\xef\xbb\xbfa", Encoding::Utf8, "a"),
            (b"\xff\xfea\0\xe9\0", Encoding::Utf16, "aé"),
            (b"\xfe\xff\0a\0\xe9", Encoding::Utf16, "aé"),
            (b"a\xe9\x80", Encoding::Windows1252, "aé€"),
            (b"", Encoding::Utf8, ""),
        ] {
            assert_eq!(Encoding::guessed(bytes), encoding, "{bytes:?}");
            assert_eq!(encoding.decode(bytes).unwrap(), text);
        }
        assert!(Encoding::Utf8.decode(b"a\xe9").is_err());
        assert!(Encoding::Utf16.decode(b"\xff\xfea").is_err());
        assert!(Encoding::Utf16.decode(b"\xff\xfe\0\xd8").is_err());
    }

    #[test]
    fn a_format_is_known_by_the_name_or_by_how_it_begins() {
        assert_eq!(Format::of(Some("a.b.TSV"), "["), Format::Tsv);
        assert_eq!(Format::of(Some("rows"), " [{"), Format::Json);
        assert_eq!(Format::of(None, "{\"a\":1}"), Format::JsonLines);
        assert_eq!(Format::of(Some("rows.txt"), "a,b"), Format::Csv);
    }
}
