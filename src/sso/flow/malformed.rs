//! What is wrong with a request of the sign-in that none of our pages, and no provider, makes.

use crate::texts::{stored, text};
use std::fmt;

/// Why a request cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// No provider has the name that it gives.
    NoProvider,
    /// The answer came by another way than was asked for (`response_mode`).
    OtherWay,
    /// It is longer than is read.
    TooLong,
    /// A parameter comes twice.
    Twice,
    /// It has no `state`.
    NoState,
    /// It has both a code and an error.
    CodeAndError,
    /// It has no code.
    NoCode,
    /// It names no issuer.
    NoIssuer,
    /// Its `prompt` is not one that is known.
    Prompt,
    /// It is not a form.
    NoForm,
    /// Its form is not UTF-8.
    NotUtf8,
    /// What the attempt was begun for cannot be read, or written.
    Purpose,
}

impl Malformed {
    /// For the person.
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

/// For the log, whatever the person reads.
impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&stored(|| self.text()))
    }
}
