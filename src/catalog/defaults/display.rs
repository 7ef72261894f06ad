//! The default label of a row.
//!
//! It tries, in this order, a well-known name, unique text, a name of something else
//! (`company_name`), and any short text. Prose, secrets, enumerations and foreign keys never label
//! a row.

use super::{TITLES, is_relation, is_secret};
use crate::catalog::{Display, DisplayPart, Field, Kind, Resource, naming};

/// Names of columns that label a row, best first. `+` is the pair of a person's names; beside them,
/// a `title` is a salutation or a job.
const NAMES: [&str; 9] = [
    "name",
    "full_name",
    "display_name",
    "+",
    "title",
    "label",
    "number",
    "=",
    "subject",
];

/// Weaker names: another column that is unique and never NULL is preferred.
const WEAK_NAMES: [&str; 9] = [
    "username", "login", "email", "code", "sku", "slug", "key", "headline", "caption",
];

/// Last words of text columns that sort rows or reference others, and do not label them.
const NAMELESS: [&str; 17] = [
    "id", "uuid", "type", "kind", "status", "state", "language", "locale", "currency", "country",
    "timezone", "zone", "color", "colour", "data", "json", "format",
];

/// Chooses the label of a row.
pub fn display(resource: &Resource) -> Display {
    let one = |column: usize| Display(vec![DisplayPart::Column(column)]);
    named(resource, &NAMES)
        .or_else(|| only_text(resource).map(one))
        .or_else(|| weakly_named(resource))
        .or_else(|| unique_set(resource))
        .or_else(|| suffixed(resource).map(one))
        .or_else(|| unique_text(resource, true).map(one))
        .or_else(|| ends(resource))
        .or_else(|| guess(resource).map(one))
        .unwrap_or_else(|| by_key(resource))
}

/// The best well-known name, alone or after the resource's name (`customer_name`).
fn named(resource: &Resource, names: &[&str]) -> Option<Display> {
    let find = |name: &str| find(resource, name);
    names.iter().find_map(|name| match *name {
        "+" => {
            let (first, last) = (find("first_name")?, find("last_name")?);
            let space = DisplayPart::Text(" ".into());
            Some(Display(vec![
                DisplayPart::Column(first),
                space,
                DisplayPart::Column(last),
            ]))
        }
        "=" => {
            let column = called_like_its_table(resource)?;
            Some(Display(vec![DisplayPart::Column(column)]))
        }
        name => find(name)
            .or_else(|| {
                let column = find(&format!("{}_{name}", own_name(resource)))?;
                let is_missing = resource.fields.get(column).is_some_and(|f| f.nullable);
                // A column that is unique and never NULL is better than one that may be NULL.
                let better = unique_text(resource, false).filter(|_| is_missing);
                Some(better.unwrap_or(column))
            })
            .map(|column| Display(vec![DisplayPart::Column(column)])),
    })
}

fn find(resource: &Resource, name: &str) -> Option<usize> {
    let fields = &resource.fields;
    let column = fields.iter().position(|f| naming::snake(&f.name) == name)?;
    let field = fields.get(column)?;
    let number = name == "number" && field.kind == Kind::Int && !resource.key.contains(&column);
    (may_name(resource, field) || number).then_some(column)
}

fn own_name(resource: &Resource) -> String {
    naming::snake(&naming::singular(&naming::label(&resource.table.name)))
}

/// A text column with the name of its table: `country.country`.
pub(super) fn called_like_its_table(resource: &Resource) -> Option<usize> {
    let names = [own_name(resource), naming::snake(&resource.label_one)];
    resource.fields.iter().position(|field| {
        field.kind == Kind::Text
            && names.contains(&naming::snake(&field.name))
            && !is_secret(field)
            && !is_relation(resource, field)
    })
}

/// A weaker name, unless another column distinguishes rows.
fn weakly_named(resource: &Resource) -> Option<Display> {
    let one = |column: usize| Display(vec![DisplayPart::Column(column)]);
    let weak = named(resource, &WEAK_NAMES);
    let is_unique = weak.as_ref().is_some_and(|display| {
        let mut columns = display.columns();
        columns.all(|column| resource.key == [column] || resource.unique.contains(&vec![column]))
    });
    if is_unique {
        return weak;
    }
    unique_text(resource, false).map(one).or(weak)
}

/// A column such as `company_name` or `job_title`; columns that are never NULL first.
fn suffixed(resource: &Resource) -> Option<usize> {
    let ends = |ending: &str, nullable: bool| {
        resource.fields.iter().position(|field| {
            let words = naming::words(&field.name);
            words.len() > 1
                && field.nullable == nullable
                && words.last().is_some_and(|word| word == ending)
                && may_name(resource, field)
                && is_short(field)
        })
    };
    let [name, title, _] = TITLES;
    [(name, false), (title, false), (name, true), (title, true)]
        .into_iter()
        .find_map(|(ending, nullable)| ends(ending, nullable))
}

/// Text that is unique alone. The key counts too, unless it is only called an id.
fn unique_text(resource: &Resource, nullable: bool) -> Option<usize> {
    let sets = resource.unique.iter().chain([&resource.key]);
    let mut single = sets.filter_map(|columns| match columns.as_slice() {
        [column] => Some(*column),
        _ => None,
    });
    single.find(|column| {
        resource.fields.get(*column).is_some_and(|field| {
            let words = naming::words(&field.name);
            let is_bare = matches!(words.as_slice(), [only] if only == "id" || only == "uuid");
            field.kind == Kind::Text
                && may_name(resource, field)
                && !is_bare
                && (nullable || !field.nullable || resource.key.contains(column))
        })
    })
}

/// Texts of several columns that are unique together: a version within its crate.
fn unique_set(resource: &Resource) -> Option<Display> {
    let sets = resource.unique.iter().chain([&resource.key]);
    sets.filter(|columns| columns.len() > 1)
        .find_map(|columns| {
            let texts: Vec<usize> = columns
                .iter()
                .copied()
                .filter(|column| {
                    let field = resource.fields.get(*column);
                    field.is_some_and(|f| f.kind == Kind::Text && may_name(resource, f))
                })
                .collect();
            (!texts.is_empty()).then(|| joined(&texts))
        })
}

/// The rows that this row links, if linking is its only purpose. They are the parts of its key or
/// of a unique set. Otherwise, they are the two rows it references beside its own number and times.
fn ends(resource: &Resource) -> Option<Display> {
    let points = |column: &usize| resource.relation_at(*column).is_some();
    let sets = resource.unique.iter().chain([&resource.key]);
    let mut between = sets.filter(|columns| columns.len() > 1 && columns.iter().all(points));
    if let Some(columns) = between.next() {
        return Some(joined(columns));
    }
    let columns: Vec<usize> = (0..resource.fields.len()).filter(points).collect();
    let is_beside = |(column, field): (usize, &Field)| {
        points(&column)
            || resource.key.contains(&column)
            || matches!(
                field.kind,
                Kind::Date | Kind::DateTime | Kind::Instant | Kind::Bool
            )
    };
    let mut fields = resource.fields.iter().enumerate();
    (columns.len() == 2 && fields.all(is_beside)).then(|| joined(&columns))
}

/// Any short text. Columns that are never NULL come first. It takes the first of a numbered family,
/// and the short form before the long one.
fn guess(resource: &Resource) -> Option<usize> {
    let candidates = resource.fields.iter().enumerate();
    let candidates = candidates.filter(|(_, f)| may_name(resource, f) && is_short(f));
    candidates
        .min_by_key(|(column, field)| {
            let is_later = field
                .name
                .ends_with(|c: char| c.is_ascii_digit() && c != '1');
            let is_long = field.name.to_ascii_lowercase().starts_with("long");
            (is_long, is_later, field.nullable, *column)
        })
        .map(|(column, _)| column)
}

/// The only text column, if only its name makes it prose: `region.region_description`.
fn only_text(resource: &Resource) -> Option<usize> {
    let is_text = |(column, field): &(usize, &Field)| {
        let is_free = !resource.key.contains(column) && !is_relation(resource, field);
        field.kind == Kind::Text && is_free && !is_secret(field)
    };
    let mut texts = resource.fields.iter().enumerate().filter(is_text);
    let (column, field) = texts.next()?;
    let is_alone = texts.next().is_none();
    let own = format!("{}_", own_name(resource));
    (is_alone && naming::snake(&field.name).starts_with(&own)).then_some(column)
}

/// The key; without one, the first column that is no secret.
fn by_key(resource: &Resource) -> Display {
    let open = |column: &usize| resource.fields.get(*column).is_some_and(|f| !is_secret(f));
    let mut columns: Vec<usize> = resource.key.iter().copied().filter(open).collect();
    if columns.len() < resource.key.len() || columns.is_empty() {
        let plain = |column: &usize| {
            open(column)
                && (resource.fields.get(*column))
                    .is_some_and(|f| !f.long && !matches!(f.kind, Kind::Bytes | Kind::Json))
        };
        columns = (0..resource.fields.len()).filter(plain).take(1).collect();
    }
    joined(&columns)
}

fn joined(columns: &[usize]) -> Display {
    let mut parts = Vec::new();
    for column in columns {
        if !parts.is_empty() {
            parts.push(DisplayPart::Text(" / ".into()));
        }
        parts.push(DisplayPart::Column(*column));
    }
    Display(parts)
}

/// Text that is not prose, a secret, an enumeration or a foreign key.
fn may_name(resource: &Resource, field: &Field) -> bool {
    field.kind == Kind::Text && !field.long && !is_secret(field) && !is_relation(resource, field)
}

/// Text that may label a row without having a well-known name.
fn is_short(field: &Field) -> bool {
    let words = naming::words(&field.name);
    let last = words.last().map(String::as_str).unwrap_or_default();
    let short = field.max_length.is_none_or(|length| length <= 255) || TITLES.contains(&last);
    short && !NAMELESS.contains(&last)
}
