//! The message files, embedded and parsed once.

use super::{Language, grouped};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::borrow::Cow;
use std::sync::LazyLock;

type Bundle = FluentBundle<FluentResource>;

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../messages/en/", $name)))),*]
    };
}

/// The English files, by area.
const ENGLISH: &[(&str, &str)] = &embedded!(
    "access.ftl",
    "audit.ftl",
    "bulk.ftl",
    "common.ftl",
    "errors.ftl",
    "filter.ftl",
    "form.ftl",
    "frame.ftl",
    "history.ftl",
    "home.ftl",
    "import.ftl",
    "lines.ftl",
    "list.ftl",
    "policy.ftl",
    "refusals.ftl",
    "roles.ftl",
    "script.ftl",
    "search.ftl",
    "sessions.ftl",
    "sign-in.ftl",
    "step-up.ftl",
    "values.ftl",
    "views.ftl",
);

static BUNDLE: LazyLock<Bundle> = LazyLock::new(english);
#[cfg(any(test, feature = "testing"))]
static PSEUDO: LazyLock<Bundle> = LazyLock::new(|| {
    let mut bundle = english();
    bundle.set_transform(Some(|piece| {
        super::pseudo::accented(&one_line(piece)).into()
    }));
    bundle
});

fn english() -> Bundle {
    let mut bundle = FluentBundle::new_concurrent(vec!["en".parse().unwrap_or_default()]);
    // Isolation marks around arguments would be copied with values.
    bundle.set_use_isolating(false);
    bundle.set_transform(Some(one_line));
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(number) if number.value >= 0.0 => Some(grouped(number.into())),
        _ => None,
    }));
    for (name, source) in ENGLISH {
        let resource =
            FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(part, faults)| {
                tracing::error!(file = name, ?faults, "a message file has errors");
                part
            });
        if let Err(faults) = bundle.add_resource(resource) {
            tracing::error!(file = name, ?faults, "messages are there twice");
        }
    }
    bundle
}

/// A part of a message without the line breaks of its file.
fn one_line(piece: &str) -> Cow<'_, str> {
    if piece.contains('\n') {
        Cow::Owned(piece.replace('\n', " "))
    } else {
        Cow::Borrowed(piece)
    }
}

/// Formats a message in a language.
pub(super) fn write(language: Language, id: &str, arguments: &FluentArgs<'_>) -> String {
    match language {
        Language::English => out_of(&BUNDLE, id, arguments),
        #[cfg(any(test, feature = "testing"))]
        Language::Pseudo => super::pseudo::marked(&out_of(&PSEUDO, id, arguments)),
    }
}

fn out_of(bundle: &Bundle, id: &str, arguments: &FluentArgs<'_>) -> String {
    let message = bundle.get_message(id);
    let Some(pattern) = message.and_then(|message| message.value()) else {
        tracing::error!(message.id = id, "there is no such message");
        return id.to_owned();
    };
    let mut faults = Vec::new();
    let text = bundle.format_pattern(pattern, Some(arguments), &mut faults);
    if !faults.is_empty() {
        tracing::error!(message.id = id, ?faults, "a message lacks an argument");
    }
    text.into_owned()
}
