//! The texts of the script (`static/panel.js`), which reads them as JSON from a `meta` element of
//! the page.

use crate::texts::{Language, text};
use std::sync::OnceLock;

/// The texts, by their name in the script. Braces mark what the script fills in. Every page has
/// them, so they are written once for each language.
pub fn words() -> &'static str {
    static ENGLISH: OnceLock<String> = OnceLock::new();
    #[cfg(any(test, feature = "testing"))]
    static PSEUDO: OnceLock<String> = OnceLock::new();
    let kept = match Language::current() {
        Language::English => &ENGLISH,
        #[cfg(any(test, feature = "testing"))]
        Language::Pseudo => &PSEUDO,
    };
    kept.get_or_init(write)
}

fn write() -> String {
    let words = [
        ("draftBack", text!("script-draft-back")),
        ("value", text!("list-filter-value")),
        ("yes", text!("yes")),
        ("no", text!("no")),
        ("howMany", text!("script-how-many")),
        ("unit", text!("script-unit")),
        ("days", text!("script-days")),
        ("hours", text!("script-hours")),
        ("weeks", text!("script-weeks")),
        ("months", text!("script-months")),
        ("quarters", text!("script-quarters")),
        ("years", text!("script-years")),
        ("day", text!("period-day")),
        ("week", text!("period-week")),
        ("month", text!("period-month")),
        ("quarter", text!("period-quarter")),
        ("year", text!("period-year")),
        ("from", text!("script-from")),
        ("to", text!("script-to")),
        ("commas", text!("script-commas")),
        ("timesUtc", text!("script-times-utc")),
        ("rows", text!("script-rows", rows = "{rows}")),
        ("keys", text!("script-keys")),
        ("keySearch", text!("script-key-search")),
        ("keyNext", text!("script-key-next")),
        ("keyPrevious", text!("script-key-previous")),
        ("keySelect", text!("script-key-select")),
        ("keyNew", text!("script-key-new")),
        ("keyEdit", text!("script-key-edit")),
        ("keyHelp", text!("script-key-help")),
        ("keyOpen", text!("script-key-open")),
        ("keySave", text!("script-key-save")),
        ("keyClose", text!("script-key-close")),
        ("keysOn", text!("script-keys-on")),
        ("close", text!("script-close")),
        ("type", text!("script-type")),
        ("clear", text!("script-clear", field = "{field}")),
        ("nothingFound", text!("lookup-none", words = "{words}")),
        ("listFailed", text!("script-list-failed")),
        ("choose", text!("script-choose")),
        ("kept", text!("script-kept", value = "{value}")),
        ("nothingChosen", text!("script-nothing-chosen")),
        (
            "length",
            text!("script-length", length = "{length}", most = "{most}"),
        ),
        (
            "tooLong",
            text!("script-too-long", most = "{most}", length = "{length}"),
        ),
        ("json", text!("script-json", reason = "{reason}")),
    ];
    let words = words.map(|(name, text)| (name.to_owned(), text.into()));
    serde_json::Value::Object(words.into_iter().collect()).to_string()
}
