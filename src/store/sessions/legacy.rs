//! The column `state`: a whole session as JSON, which is how the previous version stored it.
//!
//! During an upgrade, instances of both versions share the sessions, and nobody must be signed out.
//! So this version writes the same values to the columns and to `state`. When it reads a row that
//! the previous version wrote last, it first copies `state` to the columns.
//!
//! Text written by this version begins with a space. The previous version ignores the space when it
//! reads, and never writes one. Remove this module and the column when no instance of the previous
//! version can be left.

use super::Origin;
use crate::access::Person;
use crate::store::AnyConnection;
use crate::store::session_columns::{IdentityColumns, SessionColumns, from_json, to_json};
use crate::store::tables::bailiwick_sessions as sessions;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::Like;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// The whole text. Its values are texts that contain JSON.
#[derive(Serialize, Deserialize)]
struct State {
    signed: String,
    #[serde(default)]
    origin: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Signed {
    person: Person,
    #[serde(default)]
    groups_came: i64,
    #[serde(default)]
    rules: String,
    #[serde(default)]
    roles: Vec<String>,
    csrf_token: String,
    /// Sessions of earlier versions have none here.
    #[serde(default)]
    reference: String,
    id_token: Option<String>,
    refresh_token: Option<String>,
    nonce: Option<String>,
    authenticated_at: Option<DateTime<Utc>>,
    acr: Option<String>,
    vouched_at: Option<DateTime<Utc>>,
    provider_session: Option<String>,
    signed_in_at: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ends_at: Option<DateTime<Utc>>,
    groups_checked_at: DateTime<Utc>,
    groups_note: Json,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    look: Option<Json>,
}

/// Whether this version wrote the row last, so that its columns are up to date.
pub(in crate::store) fn is_current() -> Like<sessions::state, &'static str> {
    sessions::state.like(" %")
}

/// The text of a session, for `state`.
pub(in crate::store) fn text(columns: &SessionColumns, origin: &Origin) -> String {
    let state = State {
        signed: to_json(&Signed::from(columns)),
        origin: Some(to_json(origin)),
    };
    format!(" {}", to_json(&state))
}

/// The columns, origin and text of a session.
///
/// # Errors
/// When a statement fails.
pub(in crate::store) fn read_whole(
    conn: &mut AnyConnection,
    reference: &str,
) -> QueryResult<Option<(SessionColumns, Origin, String)>> {
    sessions::table
        .filter(sessions::reference.eq(reference))
        .select((
            SessionColumns::as_select(),
            Origin::as_select(),
            sessions::state,
        ))
        .get_result(conn)
        .optional()
}

/// Writes the columns of a session to its text, for the previous version, and returns them. `None`
/// if the session is gone. Must be called in the transaction that changed the columns.
///
/// # Errors
/// When a statement fails.
pub(in crate::store) fn write_text(
    conn: &mut AnyConnection,
    reference: &str,
) -> QueryResult<Option<SessionColumns>> {
    let Some((columns, origin, _)) = read_whole(conn, reference)? else {
        return Ok(None);
    };
    diesel::update(sessions::table.filter(sessions::reference.eq(reference)))
        .set(sessions::state.eq(text(&columns, &origin)))
        .execute(conn)?;
    Ok(Some(columns))
}

/// Copies what the previous version wrote of a session to its columns. False if the session is
/// gone, or the text cannot be read.
///
/// # Errors
/// When a statement fails.
pub(in crate::store) fn copy_to_columns(
    conn: &mut AnyConnection,
    reference: &str,
) -> QueryResult<bool> {
    let this = || sessions::table.filter(sessions::reference.eq(reference));
    let state: Option<String> = this().select(sessions::state).get_result(conn).optional()?;
    let Some(state) = state else {
        return Ok(false);
    };
    let Some(signed) = read(&state) else {
        tracing::warn!(session.reference = reference, "a session could not be read");
        return Ok(false);
    };
    let identity = IdentityColumns::from(&signed);
    // Not if a concurrent request has written in the meantime: that is newer.
    diesel::update(this().filter(sessions::state.eq(&state)))
        .set((
            &identity,
            sessions::csrf_token.eq(&signed.csrf_token),
            sessions::as_role.eq(&signed.person.as_role),
            sessions::roles.eq(to_json(&signed.roles)),
            sessions::look.eq(signed.look.as_ref().map(to_json)),
            sessions::state.eq(format!(" {}", state.trim_start())),
        ))
        .execute(conn)?;
    Ok(true)
}

/// Copies these sessions, which the previous version wrote last.
///
/// # Errors
/// When a statement fails.
pub(super) fn copy_each(conn: &mut AnyConnection, references: &[String]) -> QueryResult<()> {
    for reference in references {
        copy_to_columns(conn, reference)?;
    }
    Ok(())
}

/// Copies what the previous version may have written since the session was read, before a statement
/// changes columns: otherwise [`write_text`] would overwrite it. Must be called in the transaction
/// of the change. It writes to the row first, so that the row is locked.
///
/// # Errors
/// When a statement fails.
pub(in crate::store) fn bring_up(conn: &mut AnyConnection, reference: &str) -> QueryResult<()> {
    let this = || sessions::table.filter(sessions::reference.eq(reference));
    diesel::update(this())
        .set(sessions::reference.eq(reference))
        .execute(conn)?;
    let old = this().filter(diesel::dsl::not(is_current()));
    let is_old: i64 = old.count().get_result(conn)?;
    if is_old > 0 {
        copy_to_columns(conn, reference)?;
    }
    Ok(())
}

fn read(state: &str) -> Option<Signed> {
    let state: State = serde_json::from_str(state).ok()?;
    serde_json::from_str(&state.signed).ok()
}

fn utc(at: Option<NaiveDateTime>) -> Option<DateTime<Utc>> {
    at.map(|at| at.and_utc())
}

fn naive(at: Option<DateTime<Utc>>) -> Option<NaiveDateTime> {
    at.map(|at| at.naive_utc())
}

impl From<&SessionColumns> for Signed {
    fn from(columns: &SessionColumns) -> Self {
        let identity = columns.identity.clone();
        Self {
            person: columns.person(),
            groups_came: identity.groups_came,
            rules: identity.rules,
            roles: from_json(&columns.roles),
            csrf_token: columns.csrf_token.clone(),
            reference: columns.reference.clone(),
            id_token: identity.id_token,
            refresh_token: identity.refresh_token,
            nonce: identity.nonce,
            authenticated_at: utc(identity.authenticated_at),
            acr: identity.acr,
            vouched_at: utc(identity.vouched_at),
            provider_session: identity.provider_session,
            signed_in_at: columns.created_at.and_utc(),
            ends_at: utc(columns.ends_at),
            groups_checked_at: utc(identity.groups_checked_at).unwrap_or(DateTime::UNIX_EPOCH),
            groups_note: from_json(&identity.groups_note),
            look: columns.look.as_deref().map(from_json),
        }
    }
}

impl From<&Signed> for IdentityColumns {
    fn from(signed: &Signed) -> Self {
        Self {
            groups_came: signed.groups_came,
            rules: signed.rules.clone(),
            groups_note: to_json(&signed.groups_note),
            groups_checked_at: Some(signed.groups_checked_at.naive_utc()),
            id_token: signed.id_token.clone(),
            refresh_token: signed.refresh_token.clone(),
            nonce: signed.nonce.clone(),
            authenticated_at: naive(signed.authenticated_at),
            acr: signed.acr.clone(),
            vouched_at: naive(signed.vouched_at),
            provider_session: signed.provider_session.clone(),
            ..Self::of(&signed.person)
        }
    }
}
