//! What a resource looks like when nobody has configured it: which columns name a row, stand in
//! the list and are searched.
//!
//! Columns that sound like secrets are never among them; they stay in the catalog, for roles to
//! hide or to give.

use super::{Display, DisplayPart, Field, Generated, Kind, Resource, Sort, naming};

/// Columns of a list besides those that name the row.
const LISTED: usize = 7;
/// Columns searched.
const SEARCHED: usize = 5;
/// A longer text is prose, whatever it is called.
const LONG: u32 = 500;

/// Names of columns that name a row, best first; `+` stands for the pair of names of a person.
const NAMES: [&str; 17] = [
    "name",
    "title",
    "label",
    "number",
    "full_name",
    "display_name",
    "subject",
    "username",
    "login",
    "+",
    "email",
    "code",
    "sku",
    "slug",
    "key",
    "headline",
    "caption",
];

/// Last words of text columns that sort rows or point elsewhere, and do not name them.
const NAMELESS: [&str; 17] = [
    "id", "uuid", "type", "kind", "status", "state", "language", "locale", "currency", "country",
    "timezone", "zone", "color", "colour", "data", "json", "format",
];

/// Last words of columns that hold prose.
const PROSE: [&str; 26] = [
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

/// First words that make an address short.
const SHORT_ADDRESS: [&str; 9] = [
    "email", "mail", "ip", "mac", "web", "host", "wallet", "url", "remote",
];

/// Words that make a column a secret.
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

/// Pairs of words that make a column a secret.
const SECRET_PAIRS: [[&str; 2]; 6] = [
    ["api", "key"],
    ["private", "key"],
    ["access", "key"],
    ["session", "key"],
    ["session", "data"],
    ["recovery", "code"],
];

/// Columns worth searching besides those that name a row, best first.
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

/// Chooses everything that is chosen.
pub fn fill(resource: &mut Resource) {
    for field in &mut resource.fields {
        field.long = is_long(field);
    }
    resource.display = display(resource);
    resource.list = list(resource);
    resource.search = search(resource);
    resource.sort = sort(resource);
}

/// Whether a column sounds like something that is nobody's business.
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
    if let Some(length) = field.max_length {
        return length >= LONG;
    }
    let words = naming::words(&field.name);
    // "description_en" is a description.
    let words = match words.as_slice() {
        [head @ .., language] if !head.is_empty() && language.len() == 2 => head,
        all => all,
    };
    match words {
        [.., kind, last] if last == "address" => !SHORT_ADDRESS.contains(&kind.as_str()),
        [.., last] => PROSE.contains(&last.as_str()),
        [] => false,
    }
}

/// The columns that name a row.
pub fn display(resource: &Resource) -> Display {
    let one = |column: usize| Display(vec![DisplayPart::Column(column)]);
    named(resource)
        .or_else(|| suffixed(resource).map(one))
        .or_else(|| unique_text(resource).map(one))
        .or_else(|| {
            resource
                .fields
                .iter()
                .position(|f| may_name(resource, f) && is_short(f))
                .map(one)
        })
        .unwrap_or_else(|| by_key(resource))
}

/// The best of the well-known names, bare or behind the resource's own (`customer_name`).
fn named(resource: &Resource) -> Option<Display> {
    let snakes: Vec<String> = resource
        .fields
        .iter()
        .map(|f| naming::snake(&f.name))
        .collect();
    let own = naming::snake(&resource.label_one);
    let find = |name: &str| {
        let column = snakes.iter().position(|snake| snake == name)?;
        let field = resource.fields.get(column)?;
        let number = name == "number" && field.kind == Kind::Int && !resource.key.contains(&column);
        (may_name(resource, field) || number).then_some(column)
    };
    NAMES.iter().find_map(|name| match *name {
        "+" => {
            let (first, last) = (find("first_name")?, find("last_name")?);
            let space = DisplayPart::Text(" ".into());
            Some(Display(vec![
                DisplayPart::Column(first),
                space,
                DisplayPart::Column(last),
            ]))
        }
        name => find(name)
            .or_else(|| find(&format!("{own}_{name}")))
            .map(|column| Display(vec![DisplayPart::Column(column)])),
    })
}

/// `company_name`, `job_title`.
fn suffixed(resource: &Resource) -> Option<usize> {
    let ends = |ending: &str| {
        resource.fields.iter().position(|field| {
            let words = naming::words(&field.name);
            words.len() > 1
                && words.last().is_some_and(|word| word == ending)
                && may_name(resource, field)
                && is_short(field)
        })
    };
    ends("name").or_else(|| ends("title"))
}

fn unique_text(resource: &Resource) -> Option<usize> {
    resource
        .unique
        .iter()
        .find_map(|columns| match columns.as_slice() {
            [column] => {
                let field = resource.fields.get(*column)?;
                (may_name(resource, field) && !resource.key.contains(column)).then_some(*column)
            }
            _ => None,
        })
}

/// The key, or failing that whatever comes first and is no secret.
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
    let mut parts = Vec::new();
    for column in columns {
        if !parts.is_empty() {
            parts.push(DisplayPart::Text(" / ".into()));
        }
        parts.push(DisplayPart::Column(column));
    }
    Display(parts)
}

/// Text that is neither prose, nor a secret, nor the key of another row.
fn may_name(resource: &Resource, field: &Field) -> bool {
    matches!(field.kind, Kind::Text | Kind::Choice)
        && !field.long
        && !is_secret(field)
        && !is_relation(resource, field)
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

/// Text that may name a row though its name is not a well-known one.
fn is_short(field: &Field) -> bool {
    let words = naming::words(&field.name);
    let nameless = words
        .last()
        .is_some_and(|word| NAMELESS.contains(&word.as_str()));
    let short = !field.long && field.max_length.is_none_or(|length| length <= 255);
    field.kind == Kind::Text && short && !nameless
}

/// The columns of the list: what names the row, then the most telling others in the order of
/// the database.
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

/// How telling a column is in a list, best first; `None`: not at all.
fn weight(resource: &Resource, column: usize, field: &Field) -> Option<u8> {
    let unreadable = matches!(field.kind, Kind::Json | Kind::Bytes);
    if field.long || unreadable || is_secret(field) || is_surrogate(resource, column, field) {
        return None;
    }
    if resource.key.contains(&column) || is_relation(resource, field) {
        return Some(0);
    }
    Some(match field.kind {
        Kind::Choice
        | Kind::Bool
        | Kind::Decimal { .. }
        | Kind::Date
        | Kind::DateTime
        | Kind::Instant => 0,
        Kind::Text if field.max_length.is_some_and(|length| length > 255) => 2,
        Kind::Text | Kind::Int | Kind::Time => 1,
        _ => 2,
    })
}

/// A key that means nothing outside the database.
fn is_surrogate(resource: &Resource, column: usize, field: &Field) -> bool {
    let machine = match field.kind {
        Kind::Int => field.generated != Generated::No,
        Kind::Uuid => true,
        _ => false,
    };
    resource.key == [column] && machine && !is_relation(resource, field)
}

/// The columns searched: what names the row, then unique text, then well-known names.
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

/// Newest first, where the key tells.
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
