//! Builds the controls of a form from columns and their values.

use super::{Choice, Control, EmptyCheckbox, FormState, FoundRows, Lookup, Offer, OfferedRows};
use crate::catalog::field::{self, EmptyMeaning, Input, Storage};
use crate::catalog::{Field, Resource, Value};
use crate::entry::Entered;
use crate::panel::cell::Cell;
use crate::panel::relations::Relations;
use crate::panel::relations::pairs::Pair;
use crate::panel::{lookup, names};
use crate::texts::text;

/// The maximum number of rows in a select.
const MOST_OF_A_SELECT: usize = 50;
/// The maximum length of a text in a form, in bytes.
const MOST_OF_A_FIELD: usize = 1024 * 1024;
/// The number of characters shown of a longer one.
const SHOWN: usize = 1_000;

fn is_too_long(value: &Value) -> bool {
    matches!(value, Value::Text(text) if text.len() > MOST_OF_A_FIELD)
}

impl Control {
    /// Keeps only the beginning of the shown text.
    fn shorten(&mut self) {
        self.value.clear();
        let Some(cell) = &mut self.cell else {
            return;
        };
        if let Some((end, _)) = cell.text.char_indices().nth(SHOWN) {
            cell.text.truncate(end);
            cell.more = true;
        }
    }
}

/// Builds the controls of one form.
pub struct Builder<'f> {
    /// The person, for addresses.
    pub entered: &'f Entered,
    /// The resource.
    pub resource: &'f Resource,
    /// Labels of the row's foreign keys.
    pub relations: &'f Relations,
    /// Typed text, errors and offered rows.
    pub shown: &'f FormState,
    /// Whether the row is new.
    pub creating: bool,
}

impl Builder<'_> {
    /// The control of an editable column.
    pub fn control(&self, column: usize, current: Option<&Value>) -> Option<Control> {
        let field = self.resource.fields.get(column)?;
        let is_relation = self.relations.target(column).is_some();
        let usual = || field.usual().filter(|_| self.creating);
        let held = match current {
            Some(_) => field.held(current),
            None => field.held(usual().as_ref()),
        };
        let typed = self.shown.typed.get(&column);
        if typed.is_none() && current.is_some_and(is_too_long) {
            let mut shown = self.read_only(column, current)?;
            shown.shorten();
            return Some(Control {
                hint: Some(text!("hint-cut")),
                ..shown
            });
        }
        if held.control == field::Control::ReadOnly && typed.is_none() {
            let shown = self.read_only(column, current)?;
            return Some(Control {
                hint: Some(text!("hint-unfit")),
                ..shown
            });
        }
        let value = match (typed, current) {
            (Some(typed), _) => typed.clone(),
            (None, Some(current)) if is_relation => current.to_text(field.kind),
            (None, _) => held.text,
        };
        let mut control = Control {
            kind: kept_as_typed(held.control, &value),
            value,
            error: self.error(column),
            ..self.bare(field)
        };
        self.demand(&mut control, field, current);
        if is_relation {
            self.choose_relation(&mut control, column, field)
        } else {
            self.choose(&mut control, column, field, current)
        }
        control.control = control.kind.name();
        Some(control)
    }

    /// Whether the field is required, and the text about that.
    fn demand(&self, control: &mut Control, field: &Field, current: Option<&Value>) {
        let has_default = self.creating && field.default.is_some();
        // An existing file stays unless another one is chosen.
        let has_file = field.kind.is_file() && current.is_some_and(|value| !value.is_null());
        let needed = !field.nullable && !has_default && !has_file;
        control.must = needed && field.kind.input() != Input::Bool;
        // An existing empty value, or one that may be emptied, must not prevent the browser from
        // sending the form.
        let may_be_empty = if self.creating {
            field.has_empty_choice()
        } else {
            control.value.is_empty() || field.takes_empty()
        };
        control.required = control.must && !may_be_empty;
        control.max_length = field.max_length;
        control.cell = current
            .filter(|_| has_file)
            .map(|value| Cell::of(field, value));
        control.hint = match (has_default, has_file) {
            (_, true) => Some(text!("hint-kept")),
            (true, _) if control.value.is_empty() => Some(text!("hint-default")),
            (true, _) => hint(field, true),
            _ => hint(field, needed),
        };
    }

    /// The list to choose the row of a multi-column foreign key. `now` holds the submitted value
    /// and label of the current row.
    pub fn pair(&self, pair: &Pair, lead: &Field, now: (String, String), hint: String) -> Control {
        let name = names::of_pair(&lead.name);
        let target = pair.permit.resource();
        let (value, label) = now;
        let mut control = Control {
            id: names::id(&name),
            label: target.label_one.clone(),
            hint: Some(hint),
            value,
            ..Control::default()
        };
        let picked = self.shown.picked.get(&pair.lead);
        match picked {
            Some(OfferedRows { text: None, rows }) if rows.len() <= MOST_OF_A_SELECT => {
                control.kind = field::Control::Select;
                control.options = options(&[("", "\u{2014}")], &control.value);
                control
                    .options
                    .extend(rows.iter().map(|(key, text)| Choice {
                        selected: *key == control.value,
                        value: key.clone(),
                        label: text.clone(),
                    }));
                keep_chosen(&mut control, &label);
            }
            _ => {
                let found = picked.and_then(|picked| Some((picked.text.as_ref()?, &picked.rows)));
                let (found, text) = found
                    .map(|(text, rows)| {
                        let all = rows.iter().map(|(key, text)| (key.clone(), text.as_str()));
                        let said = said_of(text, rows.len());
                        (offered(&control, &label, all.collect()), said)
                    })
                    .unzip();
                control.kind = field::Control::Lookup;
                control.lookup = Some(Lookup {
                    href: lookup::href_of_pair(&self.entered.site().urls, pair),
                    label,
                    pick: name.clone(),
                    find_name: names::of_search(&name),
                    found,
                    found_text: text,
                });
            }
        }
        control.control = control.kind.name();
        control.name = name;
        control
    }

    /// The control of a read-only column.
    pub fn read_only(&self, column: usize, current: Option<&Value>) -> Option<Control> {
        let field = self.resource.fields.get(column)?;
        let cell = self.relations.cell(self.resource, column, current, false);
        Some(Control {
            kind: field::Control::ReadOnly,
            control: field::Control::ReadOnly.name(),
            value: current
                .map(|value| value.to_text(field.kind))
                .unwrap_or_default(),
            cell: Some(cell),
            hint: Some(text!("read-only")),
            ..self.bare(field)
        })
    }

    fn bare(&self, field: &Field) -> Control {
        Control {
            name: names::of_column(&field.name).into_owned(),
            id: names::id(&field.name),
            label: field.label.clone(),
            help: Some(field.help.clone()).filter(|help| !help.is_empty()),
            ..Control::default()
        }
    }

    fn error(&self, column: usize) -> Option<String> {
        let errors = self.shown.errors.iter();
        errors
            .into_iter()
            .find(|(known, _)| *known == column)
            .map(|(_, text)| text.clone())
    }

    fn choose(&self, control: &mut Control, column: usize, field: &Field, current: Option<&Value>) {
        match control.kind {
            field::Control::Select if field.has_choices() => {
                control.options = choices(field, &control.value, self.creating);
            }
            field::Control::Select => {
                let (yes, no) = (text!("yes-choice"), text!("no-choice"));
                let all = [
                    ("", "\u{2014}"),
                    ("true", yes.as_str()),
                    ("false", no.as_str()),
                ];
                control.options = options(&all, &control.value);
            }
            field::Control::Time | field::Control::DateTime => control.step = Some("1"),
            field::Control::Text | field::Control::TextArea if field.takes_empty() => {
                let is_empty = matches!(current, Some(Value::Text(text)) if text.is_empty());
                let emptied = self.shown.emptied.get(&column);
                control.blank = Some(EmptyCheckbox {
                    name: names::of_emptied(&names::of_column(&field.name)),
                    text: if field.nullable {
                        text!("blank-not-null")
                    } else {
                        text!("blank")
                    },
                    ticked: emptied.map_or(is_empty, |emptied| *emptied == EmptyMeaning::Text),
                });
            }
            _ => {}
        }
    }

    fn choose_relation(&self, control: &mut Control, column: usize, field: &Field) {
        let Some((target, target_column)) = self.relations.target(column) else {
            return;
        };
        let kind = (target.fields.get(target_column)).map_or(field.kind, |field| field.kind);
        let value = Value::parse(field.kind, &control.value).ok();
        let label = value.and_then(|value| self.relations.label(self.resource, column, &value));
        let label = label.unwrap_or_default();
        let offer = self.shown.offered.get(&column);
        if let Some(Offer::All(labels)) = offer {
            control.kind = field::Control::Select;
            if field.nullable || control.value.is_empty() {
                control
                    .options
                    .extend(options(&[("", "\u{2014}")], &control.value));
            }
            control.options.extend(labels.iter().map(|label| {
                let key = label.value.to_text(kind);
                Choice {
                    selected: key == control.value,
                    value: key,
                    label: label.text.clone(),
                }
            }));
            keep_chosen(control, &label);
            return;
        }
        control.kind = field::Control::Lookup;
        let (found, text) = match offer {
            Some(Offer::Found(text, labels)) => {
                let found = labels
                    .iter()
                    .map(|label| (label.value.to_text(kind), label.text.as_str()));
                let said = said_of(text, labels.len());
                (Some(offered(control, &label, found.collect())), Some(said))
            }
            _ => (None, None),
        };
        control.lookup = Some(Lookup {
            href: lookup::href(&self.entered.site().urls, target, target_column),
            label,
            pick: names::of_column(&field.name).into_owned(),
            find_name: names::of_search(&names::of_column(&field.name)),
            found,
            found_text: text,
        });
    }
}

/// The control, or a text input that keeps what was typed: a date input cannot show an invalid
/// date.
fn kept_as_typed(control: field::Control, value: &str) -> field::Control {
    let is_lost = control.sends(value).is_some_and(|sent| sent.is_empty()) && !value.is_empty();
    match control {
        field::Control::File => control,
        _ if value.contains(['\n', '\r'])
            && control.sends(value) != field::Control::TextArea.sends(value) =>
        {
            field::Control::TextArea
        }
        _ if is_lost => field::Control::Text,
        control => control,
    }
}

/// Keeps the stored value as a selected option, even if its row is deleted or not visible.
/// Otherwise, a browser would send the first option.
fn keep_chosen(control: &mut Control, label: &str) {
    if control.value.is_empty() || control.options.iter().any(|option| option.selected) {
        return;
    }
    let label = if label.is_empty() {
        &control.value
    } else {
        label
    };
    control.options.push(Choice {
        value: control.value.clone(),
        label: label.to_owned(),
        selected: true,
    });
}

/// Puts found rows after the current one. Otherwise, a browser would send the first of them without
/// any choice.
fn offered(control: &Control, label: &str, found: Vec<(String, &str)>) -> Vec<FoundRows> {
    if found.is_empty() {
        return Vec::new();
    }
    let chosen = control.value.clone();
    let there = found.iter().any(|(key, _)| *key == chosen);
    let kept = (!there).then(|| FoundRows {
        selected: true,
        label: match (label, chosen.as_str()) {
            ("", "") => "\u{2014}".into(),
            ("", key) => key.into(),
            (label, _) => label.into(),
        },
        key: chosen.clone(),
    });
    let found = found.into_iter().map(|(key, label)| FoundRows {
        selected: key == chosen,
        label: label.to_owned(),
        key,
    });
    kept.into_iter().chain(found).collect()
}

fn said_of(words: &str, found: usize) -> String {
    match found {
        0 => text!("lookup-none", words = words),
        count => text!("lookup-found", count = count, words = words),
    }
}

fn hint(field: &Field, required: bool) -> Option<String> {
    let mut hints = Vec::new();
    if !required && field.kind.input() != Input::Bool {
        hints.push(text!("optional"));
    }
    if field.kind.storage() == Storage::Zoned {
        hints.push("UTC".to_owned());
    }
    if let Some(length) = field.max_length {
        hints.push(text!("hint-length", count = length));
    }
    (!hints.is_empty()).then(|| hints.join(", "))
}

fn options(all: &[(&str, &str)], current: &str) -> Vec<Choice> {
    let options = all.iter().map(|(value, label)| Choice {
        value: (*value).into(),
        label: (*label).into(),
        selected: *value == current,
    });
    options.collect()
}

/// The column's choices; a stored value that is not among them is kept.
fn choices(field: &Field, current: &str, creating: bool) -> Vec<Choice> {
    let mut all: Vec<&str> = Vec::new();
    if field.nullable || (creating && current.is_empty()) {
        all.push("");
    }
    let choices = field.choices.iter().map(String::as_str);
    all.extend(choices.filter(|choice| !choice.is_empty() || !field.nullable));
    all.dedup();
    if !all.contains(&current) {
        all.push(current);
    }
    let choices = all.into_iter().map(|value| Choice {
        value: value.into(),
        label: if value.is_empty() {
            "\u{2014}".into()
        } else {
            value.into()
        },
        selected: value == current,
    });
    choices.collect()
}
