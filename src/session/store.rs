//! The session store, in the panel's own tables.

use super::{Signed, State, columns, origin, signed, token};
use crate::clock::Clock;
use crate::store::sessions::{self, NewSession, Origin, RenewalOutcome, Row, SessionChange, Since};
use crate::store::{AnyConnection, Database, DatabaseError};
use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration as CookieDuration;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// The maximum time between records of a session's use.
const TOUCH_EVERY: TimeDelta = TimeDelta::minutes(1);
/// The minimum time between removals of ended sessions, in seconds.
const SWEEP_EVERY_S: i64 = 60;

/// The lifetime of sessions.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A session ends when it has not been used for this long.
    pub idle: TimeDelta,
    /// A session ends at this age, even if it is in use.
    pub absolute: TimeDelta,
}

impl From<&crate::config::SessionConfig> for Limits {
    fn from(config: &crate::config::SessionConfig) -> Self {
        let delta = |duration: Duration| TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX);
        Self {
            idle: delta(config.idle),
            absolute: delta(config.absolute),
        }
    }
}

impl Limits {
    /// Whether a session has ended.
    fn ended(&self, row: &Row, now: NaiveDateTime) -> bool {
        now.signed_duration_since(row.last_seen_at) >= self.idle
            || now.signed_duration_since(row.columns.created_at) >= self.absolute
            || row.columns.ends_at.is_some_and(|end| now >= end)
    }

    /// The moments after which a session that has not ended began and was last used.
    pub fn since(&self, now: NaiveDateTime) -> Since {
        // No session is older than the Unix epoch, and not every database can store much earlier
        // times.
        let epoch = DateTime::UNIX_EPOCH.naive_utc();
        let before = |limit| now.checked_sub_signed(limit).unwrap_or(epoch).max(epoch);
        Since {
            now,
            created: before(self.absolute),
            seen: before(self.idle),
        }
    }

    /// The time between records of a session's use, so that not every request writes.
    fn touch_every(&self) -> TimeDelta {
        TOUCH_EVERY.min(self.idle / 10)
    }
}

/// Stores sessions in the panel's own tables.
///
/// Only the hash of a session's id is stored. The limits are enforced here, and not by the cookie.
/// A session whose row is deleted stays deleted, whatever a concurrent request writes.
#[derive(Clone)]
pub struct DieselStore {
    database: Database,
    clock: Clock,
    limits: Limits,
    swept_at_s: Arc<AtomicI64>,
}

/// The key that marks a session that could not be loaded.
const UNAVAILABLE: &str = "unavailable";

/// Why a session could not be loaded. The sender of the request is then unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unavailable {
    /// All database connections are in use.
    Busy,
    /// The database cannot be reached, or a statement failed.
    Away,
}

/// Why the session could not be loaded; none if it was loaded.
pub fn unavailable_for(session: &actix_session::Session) -> Option<Unavailable> {
    let entries = session.entries();
    let cause = entries.get(UNAVAILABLE)?;
    Some(match cause.as_str() {
        BUSY => Unavailable::Busy,
        _ => Unavailable::Away,
    })
}

const BUSY: &str = "busy";

/// The values of a session that could not be loaded.
fn unavailable(error: &anyhow::Error) -> State {
    let cause = match error.downcast_ref() {
        Some(DatabaseError::Busy) => BUSY,
        _ => "away",
    };
    State::from([(UNAVAILABLE.to_owned(), cause.to_owned())])
}

impl DieselStore {
    /// Creates a store.
    pub fn new(database: Database, clock: Clock, limits: Limits) -> Self {
        Self {
            database,
            clock,
            limits,
            swept_at_s: Arc::new(AtomicI64::new(0)),
        }
    }

    async fn run<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut AnyConnection) -> Result<T, DatabaseError> + Send + 'static,
    ) -> Result<T, anyhow::Error> {
        self.database.run(f).await.map_err(anyhow::Error::new)
    }

    /// Changes a session and gives it a new id. The new id is valid only if the outcome is
    /// [`RenewalOutcome::Renewed`]. A session deleted in the meantime stays deleted.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn renew(
        &self,
        id: &str,
        reference: String,
        change: SessionChange,
    ) -> Result<(RenewalOutcome, String), DatabaseError> {
        let (id_hash, new_id) = (token::hash(id), token::random());
        let new_hash = token::hash(&new_id);
        let now = self.clock.now().naive_utc();
        let outcome = self.database.run(move |conn| {
            conn.change(|conn| {
                let ids = (id_hash.as_str(), new_hash.as_str());
                sessions::renew(conn, ids, &reference, &change, now)
            })
            .map_err(|error: diesel::result::Error| DatabaseError::from(error))
        });
        Ok((outcome.await?, new_id))
    }

    /// Whether this call must remove ended sessions.
    fn sweep_due(&self, now: DateTime<Utc>) -> bool {
        let now = now.timestamp();
        let last = self.swept_at_s.load(Ordering::Relaxed);
        now.saturating_sub(last) >= SWEEP_EVERY_S
            && self
                .swept_at_s
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }
}

impl SessionStore for DieselStore {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        let id = token::hash(key.as_ref());
        let now = self.clock.now().naive_utc();
        let limits = self.limits;
        let row = self
            .run(move |conn| Ok(current(conn, &id, limits, now)?))
            .await;
        match row {
            Ok(row) => row
                .map(state)
                .transpose()
                .map_err(LoadError::Deserialization),
            // An error here would become a response before the panel can render a page. The sender
            // must not count as signed out either, so later middleware responds with 503.
            Err(error) => {
                tracing::warn!(error = %error, "a session could not be loaded");
                Ok(Some(unavailable(&error)))
            }
        }
    }

    /// Begins a session, unless its provider has ended it in the meantime. The cookie then names no
    /// session, and the next request is not signed in.
    async fn save(&self, mut state: State, _: &CookieDuration) -> Result<SessionKey, SaveError> {
        let before = state.remove(signed::BEFORE);
        let before: Option<String> = before.and_then(|text| serde_json::from_str(&text).ok());
        let id = token::random();
        let now = self.clock.now();
        let begun = begun(&id, &state).map_err(SaveError::Serialization)?;
        let sweep = self.sweep_due(now);
        let (now, limits) = (now.naive_utc(), self.limits);
        let has_begun = self
            .run(move |conn| {
                if sweep {
                    sweep_ended(conn, limits, now)?;
                }
                Ok(conn.change(|conn| {
                    let has_begun = sessions::begin(conn, &begun, now)?;
                    if let Some(before) = before {
                        sessions::delete_named(conn, &before)?;
                    }
                    Ok::<_, diesel::result::Error>(has_begun)
                })?)
            })
            .await
            .map_err(SaveError::Other)?;
        if !has_begun {
            tracing::info!("a sign-in was overtaken by a sign-out at the identity provider");
        }
        SessionKey::try_from(id).map_err(|error| SaveError::Other(anyhow::Error::new(error)))
    }

    /// Does nothing: each part of a session is written by its own statement
    /// ([`DieselStore::renew`], `store::rechecks`). Writing the whole session would undo changes of
    /// concurrent requests.
    async fn update(
        &self,
        key: SessionKey,
        _: State,
        _: &CookieDuration,
    ) -> Result<SessionKey, UpdateError> {
        Ok(key)
    }

    /// Does nothing: use is recorded when a session is loaded, whatever the cookie's lifetime.
    async fn update_ttl(&self, _: &SessionKey, _: &CookieDuration) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        let id = token::hash(key.as_ref());
        self.run(move |conn| Ok(sessions::delete(conn, &id)?)).await
    }
}

/// Finds the session with this id, and records its use. An ended session is deleted.
fn current(
    conn: &mut AnyConnection,
    id: &str,
    limits: Limits,
    now: NaiveDateTime,
) -> diesel::QueryResult<Option<Row>> {
    let Some(row) = sessions::find(conn, id)? else {
        return Ok(None);
    };
    if limits.ended(&row, now) {
        sessions::delete(conn, id)?;
        return Ok(None);
    }
    if now.signed_duration_since(row.last_seen_at) >= limits.touch_every() {
        note_use(conn, id, now);
    }
    Ok(Some(row))
}

/// Records the use of a session. SQLite does not wait for a lock here. If it fails, the next
/// request records the use.
fn note_use(conn: &mut AnyConnection, id: &str, now: NaiveDateTime) {
    let touched = conn.without_waiting(|conn| sessions::touch(conn, id, now));
    if let Err(error) = touched {
        tracing::debug!(error = %error, "the use of a session could not be recorded");
    }
}

fn sweep_ended(
    conn: &mut AnyConnection,
    limits: Limits,
    now: NaiveDateTime,
) -> diesel::QueryResult<()> {
    let since = limits.since(now);
    let removed = sessions::sweep(conn, since)?;
    if removed > 0 {
        tracing::debug!(
            sessions.removed = removed,
            "sessions that ended were removed"
        );
    }
    Ok(())
}

/// The values of a session, as requests read them.
fn state(row: Row) -> Result<State, anyhow::Error> {
    let signed = columns::signed(row.columns);
    Ok(State::from([
        (signed::KEY.to_owned(), serde_json::to_string(&signed)?),
        (origin::KEY.to_owned(), serde_json::to_string(&row.origin)?),
    ]))
}

/// A new session from the values that a request has set.
fn begun(id: &str, state: &State) -> Result<NewSession, anyhow::Error> {
    let signed = state.get(signed::KEY).map_or("null", String::as_str);
    let signed: Signed = serde_json::from_str(signed)?;
    let origin = state.get(origin::KEY);
    let origin: Option<Origin> = origin.and_then(|text| serde_json::from_str(text).ok());
    Ok(NewSession {
        id_hash: token::hash(id),
        columns: columns::of(&signed),
        origin: origin.unwrap_or_default(),
    })
}
