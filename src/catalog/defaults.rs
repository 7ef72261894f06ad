//! Defaults of a resource without configuration: which columns label a row, are listed and are
//! searched.
//!
//! Columns that sound like secrets are never chosen. They stay in the catalog, so that roles can
//! hide or grant them.

mod display;

pub use display::display;

use super::{Field, Generated, Kind, Resource, Sort, naming};

/// The number of listed columns besides those of the row's label.
const LISTED: usize = 7;
/// The number of searched columns.
const SEARCHED: usize = 5;
/// The length above which text counts as prose, unless the column is called a name.
const LONG: u32 = 500;
/// Last words of columns that hold names, of any length.
const TITLES: [&str; 3] = ["name", "title", "label"];

/// Last words of columns that hold prose.
const PROSE: [&str; 37] = [
    "args",
    "css",
    "kwargs",
    "log",
    "logs",
    "payload",
    "script",
    "sql",
    "stacktrace",
    "xml",
    "yaml",
    "address",
    "bio",
    "biography",
    "body",
    "comment",
    "comments",
    "content",
    "contents",
    "description",
    "details",
    "excerpt",
    "html",
    "instructions",
    "introduction",
    "markdown",
    "memo",
    "message",
    "note",
    "notes",
    "reason",
    "remark",
    "remarks",
    "story",
    "summary",
    "text",
    "traceback",
];

/// First words that mark an address as short, such as an e-mail address.
const SHORT_ADDRESS: [&str; 9] = [
    "email", "mail", "ip", "mac", "web", "host", "wallet", "url", "remote",
];

/// Words that mark a column as secret.
const SECRET: [&str; 15] = [
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "passcode",
    "secret",
    "secrets",
    "token",
    "hash",
    "salt",
    "apikey",
    "credential",
    "credentials",
    "otp",
    "totp",
];

/// Pairs of words that mark a column as secret.
const SECRET_PAIRS: [[&str; 2]; 6] = [
    ["api", "key"],
    ["private", "key"],
    ["access", "key"],
    ["session", "key"],
    ["session", "data"],
    ["recovery", "code"],
];

/// Columns worth searching besides those of the label, best first.
const SEARCHABLE: [&str; 27] = [
    "name",
    "full_name",
    "first_name",
    "last_name",
    "display_name",
    "email",
    "username",
    "login",
    "number",
    "code",
    "sku",
    "title",
    "slug",
    "reference",
    "phone",
    "company",
    "city",
    "subject",
    "label",
    "key",
    "headline",
    "url",
    "tags",
    "notes",
    "description",
    "summary",
    "comment",
];

/// Sets all defaults of a resource.
pub fn fill(resource: &mut Resource) {
    for field in &mut resource.fields {
        field.long = is_long(field);
    }
    let own = display::called_like_its_table(resource);
    if let Some(field) = own.and_then(|column| resource.fields.get_mut(column)) {
        field.long = field.max_length.is_some_and(|length| length >= LONG);
    }
    resource.display = display(resource);
    resource.list = list(resource);
    resource.search = search(resource);
    resource.sort = sort(resource);
}

/// Whether a column's name sounds like a secret.
pub fn is_secret(field: &Field) -> bool {
    let holds = matches!(
        field.kind,
        Kind::Text | Kind::Choice | Kind::Uuid | Kind::Json | Kind::Bytes | Kind::Other
    );
    let words = naming::words(&field.name);
    let pair = |pair: &[String]| SECRET_PAIRS.iter().any(|secret| pair == secret);
    holds
        && (words.iter().any(|word| SECRET.contains(&word.as_str())) || words.windows(2).any(pair))
}

/// Whether a text column is expected to hold prose.
pub fn is_long(field: &Field) -> bool {
    if field.kind != Kind::Text {
        return false;
    }
    let mut words = naming::words(&field.name);
    if words
        .last()
        .is_some_and(|word| TITLES.contains(&word.as_str()))
    {
        return false;
    }
    if let Some(length) = field.max_length {
        return length >= LONG;
    }
    // "address2" counts as "address".
    if let Some(last) = words.last_mut() {
        let bare = last.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        last.truncate(bare);
    }
    // "description_en" counts as "description".
    let words = match words.as_slice() {
        [head @ .., language] if !head.is_empty() && language.len() == 2 => head,
        all => all,
    };
    match words {
        [.., kind, last] if kind == "source" && last == "code" => true,
        [.., kind, last] if last == "address" => !SHORT_ADDRESS.contains(&kind.as_str()),
        [.., last] => PROSE.contains(&last.as_str()),
        [] => false,
    }
}

fn is_relation(resource: &Resource, field: &Field) -> bool {
    let column = resource.index_of(&field.name);
    column.is_some_and(|column| {
        resource
            .relations
            .iter()
            .any(|r| r.columns.contains(&column))
    })
}

/// The listed columns: those of the label, then the most useful others in the database's order.
pub fn list(resource: &Resource) -> Vec<usize> {
    let mut list: Vec<usize> = Vec::new();
    for column in resource.display.columns() {
        if !list.contains(&column) {
            list.push(column);
        }
    }
    let mut others: Vec<(u8, usize)> = resource
        .fields
        .iter()
        .enumerate()
        .filter(|(column, _)| !list.contains(column))
        .filter_map(|(column, field)| Some((weight(resource, column, field)?, column)))
        .collect();
    others.sort();
    others.truncate(LISTED);
    let mut others: Vec<usize> = others.into_iter().map(|(_, column)| column).collect();
    others.sort_unstable();
    list.extend(others);
    list
}

/// How useful a column is in a list; lower is better, and `None` leaves it out.
fn weight(resource: &Resource, column: usize, field: &Field) -> Option<u8> {
    let unreadable = matches!(field.kind, Kind::Json | Kind::Bytes);
    if field.long || unreadable || is_secret(field) || is_surrogate(resource, column, field) {
        return None;
    }
    let is_unique = resource.unique.iter().any(|set| set.contains(&column));
    if resource.key.contains(&column) || is_unique || is_relation(resource, field) {
        return Some(0);
    }
    Some(match field.kind {
        Kind::Choice
        | Kind::Bool
        | Kind::Decimal { .. }
        | Kind::Date
        | Kind::DateTime
        | Kind::Instant => 0,
        Kind::Text if is_state(field) => 0,
        Kind::Text if field.max_length.is_some_and(|length| length > 255) => 2,
        Kind::Text | Kind::Int | Kind::Time => 1,
        _ => 2,
    })
}

fn is_state(field: &Field) -> bool {
    let words = naming::words(&field.name);
    let last = words.last().map(String::as_str);
    matches!(last, Some("state" | "status"))
}

/// Whether a column is a key without meaning outside the database.
fn is_surrogate(resource: &Resource, column: usize, field: &Field) -> bool {
    let machine = match field.kind {
        Kind::Int => field.generated != Generated::No,
        Kind::Uuid => true,
        _ => false,
    };
    resource.key == [column] && machine && !is_relation(resource, field)
}

/// The searched columns: those of the label, then unique text, then well-known names.
pub fn search(resource: &Resource) -> Vec<usize> {
    let text = |column: &usize| {
        resource.fields.get(*column).is_some_and(|field| {
            field.kind == Kind::Text && !is_secret(field) && !is_relation(resource, field)
        })
    };
    let unique = resource
        .unique
        .iter()
        .chain([&resource.key])
        .filter(|unique| unique.len() == 1);
    let snakes: Vec<String> = resource
        .fields
        .iter()
        .map(|f| naming::snake(&f.name))
        .collect();
    let known = SEARCHABLE
        .iter()
        .filter_map(|name| snakes.iter().position(|snake| snake == name));
    let mut found: Vec<usize> = Vec::new();
    for column in resource
        .display
        .columns()
        .chain(unique.flatten().copied())
        .chain(known)
    {
        if text(&column) && !found.contains(&column) && found.len() < SEARCHED {
            found.push(column);
        }
    }
    found
}

/// Newest first, if the key shows the age.
fn sort(resource: &Resource) -> Vec<Sort> {
    match resource.key.as_slice() {
        [column] => resource
            .fields
            .get(*column)
            .filter(|field| field.kind == Kind::Int && field.generated != Generated::No)
            .map(|_| Sort {
                column: *column,
                descending: true,
            })
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}
