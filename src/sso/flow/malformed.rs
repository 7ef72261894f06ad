//! Faults of requests that neither the panel's pages nor a provider would send.

use crate::texts::{stored, text};
use std::fmt;

/// Why a request is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// No provider has the given name.
    NoProvider,
    /// The response was sent in another way than requested (`response_mode`).
    OtherWay,
    /// It is too long.
    TooLong,
    /// A parameter is repeated.
    Twice,
    /// It has no `state`.
    NoState,
    /// It has both a code and an error.
    CodeAndError,
    /// It has no code.
    NoCode,
    /// It names no issuer.
    NoIssuer,
    /// Its `prompt` is unknown.
    Prompt,
    /// The body is not a form.
    NoForm,
    /// The form is not UTF-8.
    NotUtf8,
    /// The purpose of the sign-in cannot be read or written.
    Purpose,
}

impl Malformed {
    /// The text for the person.
    pub fn text(self) -> String {
        match self {
            Self::NoProvider => text!("malformed-no-provider"),
            Self::OtherWay => text!("malformed-other-way"),
            Self::TooLong => text!("malformed-too-long"),
            Self::Twice => text!("malformed-twice"),
            Self::NoState => text!("malformed-no-state"),
            Self::CodeAndError => text!("malformed-code-and-error"),
            Self::NoCode => text!("malformed-no-code"),
            Self::NoIssuer => text!("malformed-no-issuer"),
            Self::Prompt => text!("malformed-prompt"),
            Self::NoForm => text!("malformed-no-form"),
            Self::NotUtf8 => text!("malformed-not-utf-8"),
            Self::Purpose => text!("malformed-purpose"),
        }
    }
}

/// The text for the log, always in English.
impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&stored(|| self.text()))
    }
}
