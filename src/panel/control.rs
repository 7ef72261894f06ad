//! The controls of forms: the right one for each kind of column.

use super::cell::Cell;
use super::relations::Relations;
use crate::catalog::{Field, Generated, Kind, Resource, Value, value};
use crate::data::Label;
use crate::entry::Entered;
use serde::Serialize;

impl Control {
    /// The same for a bulk edit, where a choice beside it says whether it counts.
    pub fn in_bulk(self) -> Self {
        Self {
            name: format!("set.{}", self.name),
            hint: None,
            required: false,
            ..self
        }
    }

    /// What the control holds, if it is one that is sent.
    pub fn sent(&self) -> Option<(&str, &str)> {
        (self.control != "readonly" && self.control != "file")
            .then_some((self.name.as_str(), self.value.as_str()))
    }
}

/// A field of a form.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Control {
    name: String,
    id: String,
    label: String,
    hint: Option<String>,
    help: Option<String>,
    error: Option<String>,
    control: &'static str,
    value: String,
    options: Vec<Choice>,
    required: bool,
    max_length: Option<u32>,
    step: Option<&'static str>,
    cell: Option<Cell>,
    lookup: Option<Lookup>,
}

/// An option of a select.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    value: String,
    label: String,
    selected: bool,
}

/// A foreign key that is chosen from a pick list.
#[derive(Debug, Clone, Serialize)]
struct Lookup {
    href: String,
    label: String,
    find_name: String,
    found: Option<Vec<Found>>,
    found_text: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct Found {
    key: String,
    label: String,
    selected: bool,
}

/// What a form shows in its fields besides the row: what was typed, what is wrong with it, and
/// the rows that were looked for.
#[derive(Debug, Default)]
pub struct Shown {
    /// Typed text by column.
    pub typed: std::collections::HashMap<usize, String>,
    /// What is wrong, by column.
    pub errors: Vec<(usize, String)>,
    /// Rows offered for a foreign key, by column: all of a small resource, or those found.
    pub offered: std::collections::HashMap<usize, Offer>,
}

/// Rows offered for a foreign key.
#[derive(Debug)]
pub enum Offer {
    /// All there are.
    All(Vec<Label>),
    /// Those that were looked for with this text.
    Found(String, Vec<Label>),
}

/// Whether a column is filled in by a person at all.
pub fn is_entered(field: &Field, creating: bool) -> bool {
    match field.generated {
        Generated::Always => false,
        Generated::ByDefault => !creating && field.kind != Kind::Int,
        Generated::No => true,
    }
}

/// The text of a value as its control holds it.
pub fn to_control_text(field: &Field, value: &Value) -> String {
    let text = value.to_text(field.kind);
    let moment = match field.kind {
        Kind::DateTime => value::parse_date_time(&text),
        Kind::Instant => value::parse_instant(&text).map(|moment| moment.naive_utc()),
        _ => None,
    };
    match moment {
        Some(moment) => moment.format("%Y-%m-%dT%H:%M:%S%.f").to_string(),
        None => text,
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
    /// What was typed, and so on.
    pub shown: &'f Shown,
    /// Whether the row is being made.
    pub creating: bool,
}

impl Builder<'_> {
    /// The control of a column that may be written.
    pub fn control(&self, column: usize, current: Option<&Value>) -> Option<Control> {
        let field = self.resource.fields.get(column)?;
        let typed = self.shown.typed.get(&column);
        let value = match (typed, current) {
            (Some(typed), _) => typed.clone(),
            (None, Some(value)) => to_control_text(field, value),
            (None, None) if self.creating => usual(field).unwrap_or_default(),
            (None, None) => String::new(),
        };
        let has_default = self.creating && field.default.is_some();
        // A file that is there stays unless another is chosen.
        let has_file = field.kind == Kind::Bytes && current.is_some_and(|value| !value.is_null());
        let required = !field.nullable && !has_default && !has_file;
        let mut control = Control {
            required: required && field.kind != Kind::Bool,
            max_length: field.max_length,
            hint: match (has_default, has_file) {
                (_, true) => Some("kept unless another is chosen".into()),
                (true, _) if value.is_empty() => Some("filled in if left empty".into()),
                (true, _) => hint(field, true),
                _ => hint(field, required),
            },
            cell: current
                .filter(|_| has_file)
                .map(|value| Cell::of(field, value)),
            value,
            error: self.error(column),
            ..self.bare(field)
        };
        self.choose(&mut control, column, field, current);
        Some(control)
    }

    /// A column that may only be read.
    pub fn read_only(&self, column: usize, current: Option<&Value>) -> Option<Control> {
        let field = self.resource.fields.get(column)?;
        let cell = self.relations.cell(self.resource, column, current, false);
        Some(Control {
            control: "readonly",
            value: current
                .map(|value| value.to_text(field.kind))
                .unwrap_or_default(),
            cell: Some(cell),
            hint: Some("read only".into()),
            ..self.bare(field)
        })
    }

    fn bare(&self, field: &Field) -> Control {
        Control {
            name: field.name.clone(),
            id: id(&field.name),
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
        if self.relations.target(column).is_some() {
            return self.choose_relation(control, column, field);
        }
        let has_lines = control.value.contains('\n');
        control.control = match field.kind {
            Kind::Bool if field.nullable => {
                control.options = options(
                    &[("", "\u{2014}"), ("true", "Yes"), ("false", "No")],
                    &control.value,
                );
                "select"
            }
            Kind::Bool => "checkbox",
            Kind::Choice if !field.choices.is_empty() => {
                control.options = choices(field, &control.value, self.creating);
                "select"
            }
            Kind::Int => "number",
            Kind::Float | Kind::Decimal { .. } => "decimal",
            Kind::Date if is_empty_or(current, value_fits_date) => "date",
            Kind::Time if is_empty_or(current, fits_browser) => {
                control.step = Some("1");
                "time"
            }
            Kind::DateTime | Kind::Instant if is_empty_or(current, fits_browser) => {
                control.step = Some("1");
                "datetime"
            }
            Kind::Json => "json",
            Kind::Bytes => "file",
            _ if field.long || has_lines => "textarea",
            _ => "text",
        };
    }

    fn choose_relation(&self, control: &mut Control, column: usize, field: &Field) {
        let Some((target, target_column)) = self.relations.target(column) else {
            return;
        };
        let kind = target
            .fields
            .get(target_column)
            .map_or(Kind::Other, |field| field.kind);
        let offer = self.shown.offered.get(&column);
        if let Some(Offer::All(labels)) = offer {
            control.control = "select";
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
            return;
        }
        control.control = "lookup";
        let value = Value::parse(field.kind, &control.value).ok();
        let label = value.and_then(|value| self.relations.label(self.resource, column, &value));
        let label = label.unwrap_or_default();
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
            href: format!("{}/lookup", self.entered.site().urls.list(&target.name)),
            label,
            find_name: format!("find.{}", field.name),
            found,
            found_text: text,
        });
    }
}

/// What was found, behind what is chosen already: a browser sends the first of a list on which
/// nobody has chosen anything.
fn offered(control: &Control, label: &str, found: Vec<(String, &str)>) -> Vec<Found> {
    if found.is_empty() {
        return Vec::new();
    }
    let chosen = control.value.clone();
    let there = found.iter().any(|(key, _)| *key == chosen);
    let kept = (!there).then(|| Found {
        selected: true,
        label: match (label, chosen.as_str()) {
            ("", "") => "\u{2014}".into(),
            ("", key) => key.into(),
            (label, _) => label.into(),
        },
        key: chosen.clone(),
    });
    let found = found.into_iter().map(|(key, label)| Found {
        selected: key == chosen,
        label: label.to_owned(),
        key,
    });
    kept.into_iter().chain(found).collect()
}

fn said_of(text: &str, found: usize) -> String {
    match found {
        0 => format!("Nothing found for \u{201c}{text}\u{201d}."),
        1 => format!("One found for \u{201c}{text}\u{201d}: choose it above."),
        some => format!("{some} found for \u{201c}{text}\u{201d}: choose one above."),
    }
}

/// The id of a column's control: letters that need no escaping in a selector.
pub fn id(name: &str) -> String {
    let safe: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '_' {
                c
            } else {
                '-'
            }
        })
        .collect();
    format!("field-{safe}")
}

fn hint(field: &Field, required: bool) -> Option<String> {
    let mut hints = Vec::new();
    if !required && field.kind != Kind::Bool {
        hints.push("optional".to_owned());
    }
    if field.kind == Kind::Instant {
        hints.push("UTC".to_owned());
    }
    if let Some(length) = field.max_length {
        hints.push(format!("at most {length} characters"));
    }
    (!hints.is_empty()).then(|| hints.join(", "))
}

/// The value that a new row gets by itself, where the database says it as a plain literal.
fn usual(field: &Field) -> Option<String> {
    let default = field.default.as_deref()?.trim();
    let default = default.trim_start_matches('(').trim_end_matches(')');
    let text = match default.strip_prefix('\'') {
        Some(rest) => {
            // PostgreSQL writes the type behind it: 'draft'::text
            let (text, rest) = rest.rsplit_once('\'')?;
            let is_whole = rest.is_empty() || rest.starts_with("::");
            (is_whole && !text.replace("''", "").contains('\'')).then(|| text.replace("''", "'"))?
        }
        None => match (field.kind, default.to_ascii_lowercase().as_str()) {
            (Kind::Bool, "true" | "1") => "true".into(),
            (Kind::Bool, "false" | "0") => "false".into(),
            (_, number) if number.parse::<f64>().is_ok_and(f64::is_finite) => number.to_owned(),
            _ => return None,
        },
    };
    let value = Value::parse(field.kind, &text).ok()?;
    Some(to_control_text(field, &value))
}

fn options(all: &[(&str, &str)], current: &str) -> Vec<Choice> {
    let options = all.iter().map(|(value, label)| Choice {
        value: (*value).into(),
        label: (*label).into(),
        selected: *value == current,
    });
    options.collect()
}

/// The column's values; one that is there but not among them is kept.
fn choices(field: &Field, current: &str, creating: bool) -> Vec<Choice> {
    let mut all: Vec<&str> = Vec::new();
    if field.nullable || (creating && current.is_empty()) {
        all.push("");
    }
    all.extend(field.choices.iter().map(String::as_str));
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

fn is_empty_or(current: Option<&Value>, fits: impl Fn(&str) -> bool) -> bool {
    match current {
        None | Some(Value::Null) => true,
        Some(Value::Text(text)) => fits(text),
        Some(_) => false,
    }
}

fn value_fits_date(text: &str) -> bool {
    chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

/// Browsers keep no more than milliseconds, empty a field whose value they cannot read, and refuse
/// fractions where the step is a second: such a value is edited as text.
fn fits_browser(text: &str) -> bool {
    let fraction = text
        .rsplit_once('.')
        .map(|(_, digits)| digits.trim_end_matches('0').len());
    let parses = value::parse_instant(text).is_some() || value::parse_time(text).is_some();
    parses && fraction.unwrap_or(0) == 0
}
