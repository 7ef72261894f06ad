//! The audit log: who did what, when, from where, with which roles.
//!
//! An event of a change is recorded in the transaction of that change.

use super::tables::bailiwick_audit as audit;
use super::{AnyConnection, made};
use crate::access::Person;
pub use crate::catalog::audit::event::{self, Action, Beside, Bulk, Event};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::Error;

/// The most entries that are read for a person who looks into something.
const MOST_AT_ONCE: i64 = 1_000;

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
pub struct NewEntry {
    /// What happened.
    pub event: Event,
    /// The resource, if it was done to one.
    pub resource: Option<String>,
    /// The key of the row, as in URLs.
    pub row_key: Option<String>,
    /// The name of the row when it was done.
    pub row_label: Option<String>,
    /// Old and new values of the changed columns: `{column: [old, new]}`.
    pub changes: Option<serde_json::Value>,
}

impl NewEntry {
    /// An entry about no row.
    pub fn new(event: Event) -> Self {
        Self {
            event,
            resource: None,
            row_key: None,
            row_label: None,
            changes: None,
        }
    }

    /// An entry about a resource.
    pub fn on(resource: &str, event: Event) -> Self {
        Self {
            resource: Some(resource.to_owned()),
            ..Self::new(event)
        }
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
    /// More about it; read by [`Entry::event`].
    details: Option<String>,
    /// Old and new values by column. They are not yet cut to what a reader may see.
    pub changes: Option<String>,
}

impl Entry {
    /// What happened.
    pub fn event(&self) -> Event {
        Event::read(&self.action, self.details.as_deref())
    }

    /// The details by their keys, for those who show them as they are.
    pub fn details(&self) -> serde_json::Map<String, serde_json::Value> {
        event::object(self.details.as_deref())
    }
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
    entry: &NewEntry,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let details = entry.event.details(&actor.beside());
    let details = details.map_err(|error| Error::SerializationError(error.into()))?;
    let written = diesel::insert_into(audit::table)
        .values((
            audit::at.eq(now),
            audit::actor_issuer.eq(&actor.person.issuer),
            audit::actor_subject.eq(&actor.person.subject),
            audit::actor_name.eq(&actor.person.name),
            audit::roles.eq(actor.roles.join(",")),
            audit::action.eq(entry.event.name()),
            audit::resource.eq(entry.resource.as_deref()),
            audit::row_key.eq(entry.row_key.as_deref()),
            audit::row_label.eq(entry.row_label.as_deref()),
            audit::request_id.eq(&actor.request_id),
            audit::address.eq(actor.address.as_deref()),
            audit::details.eq(details),
            audit::changes.eq(entry.changes.as_ref().map(ToString::to_string)),
        ))
        .execute(conn);
    made::one("bailiwick_audit", written)
}

/// Writes the event of a bulk change, and gives its number. The events of its rows name that number.
///
/// # Errors
/// As [`record`].
pub fn begin_bulk(
    conn: &mut AnyConnection,
    actor: &Actor,
    resource: Option<&str>,
    bulk: Bulk,
    now: NaiveDateTime,
) -> QueryResult<i64> {
    let entry = NewEntry {
        resource: resource.map(str::to_owned),
        ..NewEntry::new(Event::Bulk(bulk))
    };
    record(conn, actor, &entry, now)?;
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
        .filter(audit::action.eq_any(Action::CHANGES.map(Action::name)))
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
    let actions = [Action::CHANGES.as_slice(), &[Action::Bulk]].concat();
    let names = actions.into_iter().map(Action::name);
    let latest: Vec<(i64, Option<String>, String, Option<String>)> = audit::table
        .filter(audit::actor_issuer.eq(&person.issuer))
        .filter(audit::actor_subject.eq(&person.subject))
        .filter(audit::resource.eq(resource))
        .filter(audit::action.eq_any(names))
        .order(audit::id.desc())
        .limit(LOOKED_AT)
        .select((audit::id, audit::row_key, audit::action, audit::details))
        .load(conn)?;
    // Of a row that was saved with its lines all of it is taken back, also where only lines changed.
    let is_save_of = |event: &Event| match event {
        Event::Bulk(bulk) => bulk.is_save() && bulk.of.as_deref() == row_key,
        _ => false,
    };
    let found = latest.into_iter().find_map(|(id, key, action, details)| {
        let event = Event::read(&action, details.as_deref());
        let is_of_row = row_key.is_none() || row_key == key.as_deref() || is_save_of(&event);
        (is_of_row && !event.came_with_another()).then_some((id, event))
    });
    let Some((id, event)) = found else {
        return Ok(None);
    };
    let Some(bulk) = event.bulk() else {
        return Ok(Some(id));
    };
    // Of many rows, all of them; of one that is looked at, just this.
    let is_whole = row_key.is_none() || is_save(conn, bulk)?;
    Ok(Some(if is_whole { bulk } else { id }))
}

/// Whether a change of that number saved a row with its lines.
fn is_save(conn: &mut AnyConnection, id: i64) -> QueryResult<bool> {
    let event = by_id(conn, id)?.map(|entry| entry.event());
    Ok(matches!(event, Some(Event::Bulk(bulk)) if bulk.is_save()))
}

impl Actor {
    /// What is told of them with every event: who came in by a link made on the server is never
    /// without the reason.
    fn beside(&self) -> Beside {
        Beside {
            looking_as: self.looking_as.clone(),
            break_glass: self.person.break_glass_reason().map(str::to_owned),
        }
    }
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
    actions: &[Action],
) -> QueryResult<Option<(String, NaiveDateTime)>> {
    let names = actions.iter().copied().map(Action::name);
    audit::table
        .filter(audit::action.eq_any(names))
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
