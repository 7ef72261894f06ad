//! The audit log: who did what, when, from where, with which roles.
//!
//! An event of a change is recorded in the transaction of that change.

use super::tables::bailiwick_audit as audit;
use super::{AnyConnection, made};
use crate::access::Person;
pub use crate::catalog::audit::{Action, ROW};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// The most entries that are read for a person who looks into something.
const MOST_AT_ONCE: i64 = 1_000;

/// What changes one row.
const CHANGES: [Action; 3] = [Action::Create, Action::Update, Action::Delete];

/// How many of a person's latest changes are looked through for the one they made themselves.
const LOOKED_AT: i64 = 50;

/// Who is acting, and in which request.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The person.
    pub person: Person,
    /// Names of the roles they had.
    pub roles: Vec<String>,
    /// The request, as in the log and on error pages.
    pub request_id: String,
    /// Where the request came from.
    pub address: Option<String>,
    /// As whom they looked at the panel, if they did: "role viewer".
    pub looking_as: Option<String>,
}

/// An entry to be written.
#[derive(Debug, Clone)]
pub struct Event {
    /// What was done.
    pub action: Action,
    /// The resource, if it was done to one.
    pub resource: Option<String>,
    /// The key of the row, as in URLs.
    pub row_key: Option<String>,
    /// The name of the row when it was done.
    pub row_label: Option<String>,
    /// More about it, without cell values.
    pub details: Option<serde_json::Value>,
    /// Old and new values of the changed columns: `{column: [old, new]}`.
    pub changes: Option<serde_json::Value>,
}

impl Event {
    /// An event about no row.
    pub fn new(action: Action) -> Self {
        Self {
            action,
            resource: None,
            row_key: None,
            row_label: None,
            details: None,
            changes: None,
        }
    }

    /// An event about a resource.
    pub fn on(action: Action, resource: &str) -> Self {
        Self {
            resource: Some(resource.to_owned()),
            ..Self::new(action)
        }
    }

    /// With details.
    pub fn with_details(mut self, details: serde_json::Value) -> Self {
        self.details = Some(details);
        self
    }
}

/// An entry that was read.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = audit)]
pub struct Entry {
    /// Its number; larger is later.
    pub id: i64,
    /// When, in UTC.
    pub at: NaiveDateTime,
    /// Who vouched for them.
    pub actor_issuer: String,
    /// By which name of theirs.
    pub actor_subject: String,
    /// Who.
    pub actor_name: String,
    /// Their roles, separated by commas.
    pub roles: String,
    /// What was done.
    pub action: String,
    /// To which resource.
    pub resource: Option<String>,
    /// To which row.
    pub row_key: Option<String>,
    /// What the row was called.
    pub row_label: Option<String>,
    /// In which request.
    pub request_id: String,
    /// More about it.
    pub details: Option<String>,
    /// Old and new values by column. They are not yet cut to what a reader may see.
    pub changes: Option<String>,
}

/// A sign-in as the audit has it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = audit)]
pub struct SignIn {
    /// When, in UTC.
    pub at: NaiveDateTime,
    /// Names of the roles it gave, separated by commas.
    pub roles: String,
    /// In which request.
    pub request_id: String,
    /// From where.
    pub address: Option<String>,
}

/// Writes an entry.
///
/// # Errors
/// When the database refuses, or leaves the entry out. The change that the entry is about must then
/// not be committed.
pub fn record(
    conn: &mut AnyConnection,
    actor: &Actor,
    event: &Event,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let written = diesel::insert_into(audit::table)
        .values((
            audit::at.eq(now),
            audit::actor_issuer.eq(&actor.person.issuer),
            audit::actor_subject.eq(&actor.person.subject),
            audit::actor_name.eq(&actor.person.name),
            audit::roles.eq(actor.roles.join(",")),
            audit::action.eq(event.action.name()),
            audit::resource.eq(event.resource.as_deref()),
            audit::row_key.eq(event.row_key.as_deref()),
            audit::row_label.eq(event.row_label.as_deref()),
            audit::request_id.eq(&actor.request_id),
            audit::address.eq(actor.address.as_deref()),
            audit::details.eq(details(actor, event).map(|details| details.to_string())),
            audit::changes.eq(event.changes.as_ref().map(ToString::to_string)),
        ))
        .execute(conn);
    made::one("bailiwick_audit", written)
}

/// A change of many rows, as its event tells it.
#[derive(Debug, Clone)]
pub struct Bulk<'b> {
    /// The resource, if it is of one.
    pub resource: Option<&'b str>,
    /// What is done: edit, delete or undo.
    pub deed: &'b str,
    /// How many rows were asked for.
    pub rows: usize,
    /// The number of the event that is undone.
    pub undoes: Option<i64>,
}

/// Writes the event of a bulk change, and gives its number. The events of its rows name that number.
///
/// # Errors
/// As [`record`].
pub fn begin_bulk(
    conn: &mut AnyConnection,
    actor: &Actor,
    bulk: &Bulk<'_>,
    now: NaiveDateTime,
) -> QueryResult<i64> {
    let mut details = serde_json::json!({ "deed": bulk.deed, "rows": bulk.rows });
    if let (Some(id), serde_json::Value::Object(details)) = (bulk.undoes, &mut details) {
        details.insert("undoes".into(), id.into());
    }
    begin(conn, actor, bulk.resource, details, now)
}

/// The deed of saving a row with its lines.
const SAVE: &str = "save";

/// Writes the event of saving a row with its lines, and gives its number, as [`begin_bulk`] does.
/// `row` is the key of the row, if it is there already.
///
/// # Errors
/// As [`record`].
pub fn begin_save(
    conn: &mut AnyConnection,
    actor: &Actor,
    (resource, row): (&str, Option<&str>),
    rows: usize,
    now: NaiveDateTime,
) -> QueryResult<i64> {
    let mut details = serde_json::json!({ "deed": SAVE, "rows": rows });
    if let (Some(row), serde_json::Value::Object(details)) = (row, &mut details) {
        details.insert("of".into(), row.into());
    }
    begin(conn, actor, Some(resource), details, now)
}

fn begin(
    conn: &mut AnyConnection,
    actor: &Actor,
    resource: Option<&str>,
    details: serde_json::Value,
    now: NaiveDateTime,
) -> QueryResult<i64> {
    let event = Event {
        resource: resource.map(str::to_owned),
        ..Event::new(Action::Bulk).with_details(details)
    };
    record(conn, actor, &event, now)?;
    audit::table
        .filter(audit::request_id.eq(&actor.request_id))
        .filter(audit::action.eq(Action::Bulk.name()))
        .order(audit::id.desc())
        .select(audit::id)
        .first(conn)
}

/// The entry of that number.
///
/// # Errors
/// When the database refuses.
pub fn by_id(conn: &mut AnyConnection, id: i64) -> QueryResult<Option<Entry>> {
    audit::table
        .filter(audit::id.eq(id))
        .select(Entry::as_select())
        .first(conn)
        .optional()
}

/// An entry and those that were written with it and after it, oldest first.
///
/// # Errors
/// When the database refuses.
pub fn with(conn: &mut AnyConnection, entry: &Entry, limit: i64) -> QueryResult<Vec<Entry>> {
    audit::table
        // All of one change are of the same moment, which is indexed.
        .filter(audit::at.eq(entry.at))
        .filter(audit::request_id.eq(&entry.request_id))
        .filter(audit::id.ge(entry.id))
        .filter(audit::action.eq_any(CHANGES.map(Action::name)))
        .order(audit::id)
        .limit(limit)
        .select(Entry::as_select())
        .load(conn)
}

/// The number of the latest change that a person made themselves: of one row, or of many rows of a
/// resource.
///
/// # Errors
/// When the database refuses.
pub fn latest_of(
    conn: &mut AnyConnection,
    person: &Person,
    resource: &str,
    row_key: Option<&str>,
) -> QueryResult<Option<i64>> {
    let actions = [CHANGES.as_slice(), &[Action::Bulk]].concat();
    let names: Vec<&str> = actions.into_iter().map(Action::name).collect();
    let latest: Vec<(i64, Option<String>, Option<String>)> = audit::table
        .filter(audit::actor_issuer.eq(&person.issuer))
        .filter(audit::actor_subject.eq(&person.subject))
        .filter(audit::resource.eq(resource))
        .filter(audit::action.eq_any(names))
        .order(audit::id.desc())
        .limit(LOOKED_AT)
        .select((audit::id, audit::row_key, audit::details))
        .load(conn)?;
    // Of a row that was saved with its lines all of it is taken back, also where only lines changed.
    let is_save_of = |details: &str| {
        let details: serde_json::Value = serde_json::from_str(details).unwrap_or_default();
        details.get("deed").and_then(serde_json::Value::as_str) == Some(SAVE)
            && details.get("of").and_then(serde_json::Value::as_str) == row_key
    };
    let found = latest.into_iter().find(|(_, key, details)| {
        let details = details.as_deref().unwrap_or_default();
        let is_of_row = row_key.is_none() || row_key == key.as_deref() || is_save_of(details);
        is_of_row && !details.contains("\"because_of\":")
    });
    let Some((id, _, details)) = found else {
        return Ok(None);
    };
    let Some(bulk) = part_of(details.as_deref()) else {
        return Ok(Some(id));
    };
    // Of many rows, all of them; of one that is looked at, just this.
    let is_whole = row_key.is_none() || is_save(conn, bulk)?;
    Ok(Some(if is_whole { bulk } else { id }))
}

/// Whether a change of that number saved a row with its lines.
fn is_save(conn: &mut AnyConnection, id: i64) -> QueryResult<bool> {
    let details = by_id(conn, id)?.and_then(|entry| entry.details);
    let details: Option<serde_json::Value> =
        details.and_then(|text| serde_json::from_str(&text).ok());
    let deed = details.as_ref().and_then(|details| details.get("deed"));
    Ok(deed.and_then(serde_json::Value::as_str) == Some(SAVE))
}

/// The change of many rows that an entry is a part of.
fn part_of(details: Option<&str>) -> Option<i64> {
    let details: serde_json::Value = serde_json::from_str(details?).ok()?;
    details.get("bulk")?.as_i64()
}

/// The details of an event, with as whom the panel was looked at; who came in by a link made on
/// the server is never without the reason.
fn details(actor: &Actor, event: &Event) -> Option<serde_json::Value> {
    let reason = actor.person.break_glass_reason();
    if reason.is_none() && actor.looking_as.is_none() {
        return event.details.clone();
    }
    let mut details = match &event.details {
        Some(serde_json::Value::Object(details)) => details.clone(),
        _ => serde_json::Map::new(),
    };
    if let Some(looking_as) = &actor.looking_as {
        details.insert("looking_as".into(), looking_as.as_str().into());
    }
    if let Some(reason) = reason {
        details.insert("break_glass".into(), reason.into());
    }
    Some(details.into())
}

/// The entries about a row, newest first, older than `before` if given.
///
/// # Errors
/// When the database refuses.
pub fn of_row(
    conn: &mut AnyConnection,
    resource: &str,
    row_key: &str,
    before: Option<i64>,
    limit: i64,
) -> QueryResult<Vec<Entry>> {
    audit::table
        .filter(audit::resource.eq(resource))
        .filter(audit::row_key.eq(row_key))
        .filter(audit::id.lt(before.unwrap_or(i64::MAX)))
        .order(audit::id.desc())
        .limit(limit)
        .select(Entry::as_select())
        .load(conn)
}

/// Who did the latest of some actions, and when.
///
/// # Errors
/// When the database refuses.
pub fn latest(
    conn: &mut AnyConnection,
    actions: &[&str],
) -> QueryResult<Option<(String, NaiveDateTime)>> {
    audit::table
        .filter(audit::action.eq_any(actions.iter().copied()))
        .order(audit::id.desc())
        .select((audit::actor_name, audit::at))
        .first(conn)
        .optional()
}

/// The latest changes a person made, newest first.
///
/// # Errors
/// When the database refuses.
pub fn of_person(
    conn: &mut AnyConnection,
    issuer: &str,
    subject: &str,
    limit: i64,
) -> QueryResult<Vec<Entry>> {
    audit::table
        .filter(audit::actor_issuer.eq(issuer))
        .filter(audit::actor_subject.eq(subject))
        .filter(audit::action.eq_any(Action::OF_ROWS.map(Action::name)))
        .order(audit::id.desc())
        .limit(limit)
        .select(Entry::as_select())
        .load(conn)
}

/// The entries of a request, oldest first.
///
/// # Errors
/// When the database refuses.
pub fn of_request(conn: &mut AnyConnection, request_id: &str) -> QueryResult<Vec<Entry>> {
    audit::table
        .filter(audit::request_id.eq(request_id))
        .order(audit::id)
        .limit(MOST_AT_ONCE)
        .select(Entry::as_select())
        .load(conn)
}

/// Sign-ins since then that came to nothing or gave no role, newest first.
///
/// # Errors
/// When the database refuses.
pub fn turned_away(conn: &mut AnyConnection, since: NaiveDateTime) -> QueryResult<Vec<Entry>> {
    let refused = audit::action.eq(Action::SignInRefused.name());
    let without_role = audit::action
        .eq(Action::SignIn.name())
        .and(audit::roles.eq(""));
    audit::table
        .filter(audit::at.ge(since))
        .filter(refused.or(without_role))
        .order(audit::id.desc())
        .limit(MOST_AT_ONCE)
        .select(Entry::as_select())
        .load(conn)
}

/// The last sign-in of a person, if the audit still has it.
///
/// # Errors
/// When the database refuses.
pub fn last_sign_in(
    conn: &mut AnyConnection,
    issuer: &str,
    subject: &str,
) -> QueryResult<Option<SignIn>> {
    audit::table
        .filter(audit::actor_issuer.eq(issuer))
        .filter(audit::actor_subject.eq(subject))
        .filter(audit::action.eq(Action::SignIn.name()))
        .order(audit::id.desc())
        .select(SignIn::as_select())
        .first(conn)
        .optional()
}
