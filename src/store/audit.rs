//! The audit log: who did what, when, from where, with which roles.
//!
//! The event of a change is written in the transaction of that change.

use super::tables::bailiwick_audit as audit;
use super::{AnyConnection, made};
use crate::access::Person;
pub use crate::catalog::audit::event::{self, Action, Bulk, Event, EventContext};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::Error;

/// The maximum number of entries read for a person's question.
const MOST_AT_ONCE: i64 = 1_000;

/// How many of a person's latest entries are searched for the change they made directly.
const LOOKED_AT: i64 = 50;

/// Who acts, and in which request.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The person.
    pub person: Person,
    /// The names of their roles.
    pub roles: Vec<String>,
    /// The request id, as in the log and on error pages.
    pub request_id: String,
    /// The client address of the request.
    pub address: Option<String>,
    /// The role or groups they viewed the panel as: "role viewer".
    pub looking_as: Option<String>,
}

/// A new entry.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// The event.
    pub event: Event,
    /// The resource, if there is one.
    pub resource: Option<String>,
    /// The row's key, as in URLs.
    pub row_key: Option<String>,
    /// The row's label at that time.
    pub row_label: Option<String>,
    /// Old and new values of the changed columns: `{column: [old, new]}`.
    pub changes: Option<serde_json::Value>,
}

impl NewEntry {
    /// An entry without a resource or row.
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

/// An entry from the log.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = audit)]
pub struct Entry {
    /// Its number; larger is later.
    pub id: i64,
    /// The time, in UTC.
    pub at: NaiveDateTime,
    /// The issuer of the person.
    pub actor_issuer: String,
    /// The person's subject at the issuer.
    pub actor_subject: String,
    /// The person's name.
    pub actor_name: String,
    /// Their roles, separated by commas.
    pub roles: String,
    /// The action.
    pub action: String,
    /// The resource.
    pub resource: Option<String>,
    /// The row's key.
    pub row_key: Option<String>,
    /// The row's label.
    pub row_label: Option<String>,
    /// The request id.
    pub request_id: String,
    /// Details as JSON; read by [`Entry::event`].
    details: Option<String>,
    /// Old and new values by column, not yet reduced to what a reader may see.
    pub changes: Option<String>,
}

impl Entry {
    /// The event.
    pub fn event(&self) -> Event {
        Event::read(&self.action, self.details.as_deref())
    }

    /// The details by key, for pages that show them unchanged.
    pub fn details(&self) -> serde_json::Map<String, serde_json::Value> {
        event::object(self.details.as_deref())
    }
}

/// A sign-in in the audit log.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = audit)]
pub struct SignIn {
    /// The time, in UTC.
    pub at: NaiveDateTime,
    /// The names of the roles it gave, separated by commas.
    pub roles: String,
    /// The request id.
    pub request_id: String,
    /// The client address.
    pub address: Option<String>,
}

/// Writes an entry.
///
/// # Errors
/// When the database refuses the entry, or drops it. The change itself must then not be committed.
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

/// Writes the event of a bulk change, and returns its number. The events of its rows hold that
/// number.
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

/// The entry with that number.
///
/// # Errors
/// When a statement fails.
pub fn by_id(conn: &mut AnyConnection, id: i64) -> QueryResult<Option<Entry>> {
    audit::table
        .filter(audit::id.eq(id))
        .select(Entry::as_select())
        .first(conn)
        .optional()
}

/// An entry and the later ones of the same change, oldest first.
///
/// # Errors
/// When a statement fails.
pub fn with(conn: &mut AnyConnection, entry: &Entry, limit: i64) -> QueryResult<Vec<Entry>> {
    audit::table
        // All entries of one change have the same time, which is indexed.
        .filter(audit::at.eq(entry.at))
        .filter(audit::request_id.eq(&entry.request_id))
        .filter(audit::id.ge(entry.id))
        .filter(audit::action.eq_any(Action::CHANGES.map(Action::name)))
        .order(audit::id)
        .limit(limit)
        .select(Entry::as_select())
        .load(conn)
}

/// The number of a person's latest direct change, to one row or to many rows of a resource.
///
/// # Errors
/// When a statement fails.
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
    // If a row was saved with its lines, the whole save is undone, even if only lines changed.
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
    // For a list, the whole bulk change. For one row, only its own change, unless it was saved with
    // its lines.
    let is_whole = row_key.is_none() || is_save(conn, bulk)?;
    Ok(Some(if is_whole { bulk } else { id }))
}

/// Whether the bulk event with that number saved a row with its lines.
fn is_save(conn: &mut AnyConnection, id: i64) -> QueryResult<bool> {
    let event = by_id(conn, id)?.map(|entry| entry.event());
    Ok(matches!(event, Some(Event::Bulk(bulk)) if bulk.is_save()))
}

impl Actor {
    /// Details that every event of this actor has. A break-glass session never omits its reason.
    fn beside(&self) -> EventContext {
        EventContext {
            looking_as: self.looking_as.clone(),
            break_glass: self.person.break_glass_reason().map(str::to_owned),
        }
    }
}

/// Entries about a row, newest first; only those before the entry `before`, if given.
///
/// # Errors
/// When a statement fails.
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

/// The person and time of the latest entry with one of these actions.
///
/// # Errors
/// When a statement fails.
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

/// The latest changes of a person, newest first.
///
/// # Errors
/// When a statement fails.
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
/// When a statement fails.
pub fn of_request(conn: &mut AnyConnection, request_id: &str) -> QueryResult<Vec<Entry>> {
    audit::table
        .filter(audit::request_id.eq(request_id))
        .order(audit::id)
        .limit(MOST_AT_ONCE)
        .select(Entry::as_select())
        .load(conn)
}

/// Refused sign-ins, and sign-ins without a role, since that time; newest first.
///
/// # Errors
/// When a statement fails.
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

/// The last sign-in of a person, if the log still holds it.
///
/// # Errors
/// When a statement fails.
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
