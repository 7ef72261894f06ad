//! The texts for people, from the message files in `messages/` (Fluent).
//!
//! Code uses a message with [`text!`], and a template with the function `text`. The language is
//! that of the request ([`Language::scope`]); outside of one it is English, as in the server's log.
//! `docs/messages.md` describes how to add a text.

mod messages;
#[cfg(any(test, feature = "testing"))]
mod pseudo;

use fluent_bundle::{FluentArgs, FluentValue};
use std::borrow::Cow;

/// A language of the pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// English: complete, and the fallback.
    #[default]
    English,
    /// English with marks around every message, and accents on letters. Text without marks on a
    /// page is not from a message file.
    #[cfg(any(test, feature = "testing"))]
    Pseudo,
}

tokio::task_local! {
    static LANGUAGE: Language;
}

impl Language {
    /// The language of this task or thread.
    pub fn current() -> Self {
        LANGUAGE.try_with(|language| *language).unwrap_or_default()
    }

    /// The language that a browser requests (`Accept-Language`).
    pub fn asked(accept: Option<&str>) -> Self {
        #[cfg(any(test, feature = "testing"))]
        if accept == Some(pseudo::TAG) {
            return Self::Pseudo;
        }
        let _ = accept;
        Self::English
    }

    /// The language tag of a page (`lang`).
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            #[cfg(any(test, feature = "testing"))]
            Self::Pseudo => pseudo::TAG,
        }
    }

    /// Runs the work of a request with texts in this language.
    pub async fn scope<T>(self, work: impl Future<Output = T>) -> T {
        LANGUAGE.scope(self, work).await
    }

    /// The same for work on a separate thread.
    pub fn scope_thread<T>(self, work: impl FnOnce() -> T) -> T {
        LANGUAGE.sync_scope(self, work)
    }
}

/// An argument of a message: text, or a whole number.
pub trait Argument {
    /// The argument in Fluent's form.
    fn value(&self) -> FluentValue<'_>;
}

impl Argument for str {
    fn value(&self) -> FluentValue<'_> {
        self.into()
    }
}

impl Argument for String {
    fn value(&self) -> FluentValue<'_> {
        self.as_str().into()
    }
}

impl Argument for Cow<'_, str> {
    fn value(&self) -> FluentValue<'_> {
        self.as_ref().into()
    }
}

impl<T: Argument + ?Sized> Argument for &T {
    fn value(&self) -> FluentValue<'_> {
        (*self).value()
    }
}

macro_rules! numbers {
    ($($kind:ty),*) => {$(
        impl Argument for $kind {
            fn value(&self) -> FluentValue<'_> {
                (*self).into()
            }
        }
    )*};
}
numbers!(u16, u32, u64, usize, i32, i64);

/// Writes text that is stored, as in the audit log: always in the same language.
pub fn stored<T>(write: impl FnOnce() -> T) -> T {
    Language::English.scope_thread(write)
}

/// Formats a message in the current language. Use [`text!`], whose calls the tests check.
///
/// Never fails: something missing is logged, and its name is shown instead.
pub fn message(id: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
    let mut args = FluentArgs::with_capacity(arguments.len());
    for (name, value) in arguments {
        args.set(*name, value.clone());
    }
    messages::write(Language::current(), id, &args)
}

/// A whole number with commas between thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A list in a sentence: "a", "a and b", "a, b and c".
pub fn all_of(things: &[impl AsRef<str>]) -> String {
    joined(things, |most, last| {
        text!("all-of", most = most, last = last)
    })
}

/// Alternatives in a sentence: "a", "a or b", "a, b or c".
pub fn any_of(things: &[impl AsRef<str>]) -> String {
    joined(things, |most, last| {
        text!("any-of", most = most, last = last)
    })
}

fn joined(things: &[impl AsRef<str>], both: impl FnOnce(String, &str) -> String) -> String {
    match things {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [most @ .., last] => {
            let most: Vec<&str> = most.iter().map(AsRef::as_ref).collect();
            both(most.join(", "), last.as_ref())
        }
    }
}

/// Formats a message: `text!("bulk-done", count = 3_u64, table = label)` formats `bulk-done`.
///
/// The name is a literal, so that a test can check that it exists. An argument named `count` or
/// `…_count` is a whole number, which selects plurals; every other one is text.
macro_rules! text {
    ($id:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::texts::message($id, &[$((
            stringify!($name),
            $crate::texts::Argument::value(&$value),
        )),*])
    };
}
pub(crate) use text;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_and_numbers_follow_the_language() {
        let rows = |count: u64| text!("rows", count = count);
        assert_eq!(rows(1), "1 row");
        assert_eq!(rows(0), "0 rows");
        assert_eq!(rows(12_345), "12,345 rows");
        assert_eq!(all_of(&["a"]), "a");
        assert_eq!(all_of(&["a", "b"]), "a and b");
        assert_eq!(any_of(&["a", "b", "c"]), "a, b or c");
    }

    #[test]
    fn what_is_missing_stands_as_its_name() {
        assert_eq!(message("no-such-message", &[]), "no-such-message");
        assert_eq!(message("rows", &[]), "{$count} rows");
    }

    #[test]
    fn the_pseudo_language_marks_messages_and_leaves_arguments() {
        let said = Language::Pseudo.scope_thread(|| text!("all-of", most = "a", last = "b"));
        assert_eq!(said, "\u{27e6}a \u{e5}\u{f1}\u{f0} b\u{27e7}");
        assert_eq!(Language::current(), Language::English);
    }
}
