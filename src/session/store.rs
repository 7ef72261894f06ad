//! Sessions in the panel's own tables.

use super::renewal::RenewalReason;
use super::{State, renewal, token};
use crate::clock::Clock;
use crate::store::sessions::{self, Begun, Content, Origin, Row, Since};
use crate::store::{AnyConnection, Database, DatabaseError, logouts};
use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration as CookieDuration;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Use is noted at most this often.
const TOUCH_EVERY: TimeDelta = TimeDelta::minutes(1);
/// What has ended is removed at most this often.
const SWEEP_EVERY_S: i64 = 60;

/// How long sessions last.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A session unused for this long ends.
    pub idle: TimeDelta,
    /// A session this old ends, used or not.
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
            || now.signed_duration_since(row.created_at) >= self.absolute
            || row.ends_at.is_some_and(|end| now >= end)
    }

    /// Before which moments a session that has not ended cannot have begun or been used last.
    pub fn since(&self, now: NaiveDateTime) -> Since {
        // No session is older than the clock of computers, and not every database knows more.
        let epoch = DateTime::UNIX_EPOCH.naive_utc();
        let before = |limit| now.checked_sub_signed(limit).unwrap_or(epoch).max(epoch);
        Since {
            now,
            created: before(self.absolute),
            seen: before(self.idle),
        }
    }

    /// How long use may go unnoted, so that it costs no write on each request.
    fn touch_every(&self) -> TimeDelta {
        TOUCH_EVERY.min(self.idle / 10)
    }
}

/// Keeps sessions in the panel's own tables.
///
/// Only the hash of a session's id is stored, and the limits are enforced here and not by the
/// cookie. A session whose row is gone stays gone, whatever a request in flight writes.
#[derive(Clone)]
pub struct DieselStore {
    database: Database,
    clock: Clock,
    limits: Limits,
    swept_at_s: Arc<AtomicI64>,
}

/// The entry of a session that could not be loaded.
const UNAVAILABLE: &str = "unavailable";

/// Why a session could not be loaded, so that nobody knows who is asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unavailable {
    /// Every connection is in use.
    Busy,
    /// The database does not answer.
    Away,
}

/// Why the session could not be loaded, if it could not.
pub fn unavailable_for(session: &actix_session::Session) -> Option<Unavailable> {
    let entries = session.entries();
    let cause = entries.get(UNAVAILABLE)?;
    Some(match cause.as_str() {
        BUSY => Unavailable::Busy,
        _ => Unavailable::Away,
    })
}

const BUSY: &str = "busy";

/// What stands for a session that could not be loaded.
fn unavailable(error: &anyhow::Error) -> State {
    let cause = match error.downcast_ref() {
        Some(DatabaseError::Busy) => BUSY,
        _ => "away",
    };
    State::from([(UNAVAILABLE.to_owned(), cause.to_owned())])
}

impl DieselStore {
    /// A store over the panel's own tables.
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

    /// Whether it is this call's turn to remove what has ended.
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
            Ok(row) => Ok(row.and_then(|row| read_state(&row.state))),
            // An error here would be answered before any page of ours can be. It must not be
            // taken for a stranger either: the middleware behind answers 503.
            Err(error) => {
                tracing::warn!(error = %error, "a session could not be loaded");
                Ok(Some(unavailable(&error)))
            }
        }
    }

    /// Begins a session. If its provider has told meanwhile that it has ended, there is none: the
    /// cookie names no session, and the next request is signed out.
    async fn save(&self, mut state: State, _: &CookieDuration) -> Result<SessionKey, SaveError> {
        renewal::taken(&mut state);
        let before = renewal::before(&mut state);
        let id = token::random();
        let now = self.clock.now();
        let begun = begun(&id, &state, now).map_err(SaveError::Serialization)?;
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

    /// Writes a session that is there, under another id if the request wished so. One that has been
    /// deleted meanwhile is not brought back: the request in flight is answered, its cookie names no
    /// session, and the next request is signed out. (An error here would turn an answer that has
    /// been given into a 500.)
    async fn update(
        &self,
        key: SessionKey,
        mut state: State,
        _: &CookieDuration,
    ) -> Result<SessionKey, UpdateError> {
        let wish = renewal::taken(&mut state);
        let id = token::hash(key.as_ref());
        let new_id = token::random();
        let new_hash = wish.map(|_| token::hash(&new_id));
        let now = self.clock.now().naive_utc();
        let write = move |conn: &mut AnyConnection| {
            let writing = Writing {
                state,
                changes: wish == Some(RenewalReason::Change),
            };
            write(conn, &id, new_hash.as_deref(), writing, now)
        };
        let written = match self.run(move |conn| conn.change(write)).await {
            // The answer is given, and right by the roles of now: the next request tries again.
            Err(error) if wish == Some(RenewalReason::Roles) => {
                tracing::error!(error = %error, "a session could not be given another id");
                Written::AsItWas
            }
            outcome => outcome.map_err(UpdateError::Other)?,
        };
        match written {
            Written::Renewed => SessionKey::try_from(new_id).map_err(anyhow::Error::new),
            Written::AsItWas => renewal::as_it_was(),
            Written::Gone => {
                tracing::info!("a session ended while a request of it was answered");
                renewal::as_it_was()
            }
        }
        .map_err(UpdateError::Other)
    }

    /// Nothing to do: use is noted when a session is loaded, and never by the cookie's lifetime.
    async fn update_ttl(&self, _: &SessionKey, _: &CookieDuration) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        let id = token::hash(key.as_ref());
        self.run(move |conn| Ok(sessions::delete(conn, &id)?)).await
    }
}

/// What is to be written of a session.
struct Writing {
    state: State,
    /// Whether the request has changed what the session holds, and not only read it.
    changes: bool,
}

/// What became of a session that was to be written.
enum Written {
    /// It has the new id.
    Renewed,
    /// It has the id that it had, or the one that a request beside this one gave it.
    AsItWas,
    /// It is not there any more.
    Gone,
}

/// Writes a session, under the new id if there is one. To be called inside a transaction.
fn write(
    conn: &mut AnyConnection,
    id: &str,
    new_id: Option<&str>,
    writing: Writing,
    now: NaiveDateTime,
) -> Result<Written, DatabaseError> {
    if let Some(new_id) = new_id {
        logouts::hold_back(conn)?;
        // Of requests side by side one wins.
        if sessions::rename(conn, id, new_id)? {
            return write_at(conn, new_id, writing, true, now);
        }
    }
    if sessions::find(conn, id)?.is_some() {
        return write_at(conn, id, writing, false, now);
    }
    let reference = text(&signed(&writing.state), "/reference").unwrap_or_default();
    match sessions::id_of(conn, &reference)? {
        Some(id) => write_at(conn, &id, writing, false, now),
        None => Ok(Written::Gone),
    }
}

fn write_at(
    conn: &mut AnyConnection,
    id: &str,
    Writing { state, changes }: Writing,
    is_renewed: bool,
    now: NaiveDateTime,
) -> Result<Written, DatabaseError> {
    let Some(row) = sessions::find(conn, id)? else {
        return Ok(Written::Gone);
    };
    let state = super::state::over(&row.state, state, is_renewed, changes);
    let content = describe(&state).map_err(|error| {
        tracing::error!(error = %error, "a session could not be written");
        DatabaseError::Cut
    })?;
    // What the provider vouched for in between may be of a session that it has ended since.
    if is_renewed && logouts::stops(conn, &content, vouched_at(&signed(&state)), now)? {
        logouts::note_stopped(conn, &content, now)?;
        sessions::delete(conn, id)?;
        return Ok(Written::Gone);
    }
    Ok(
        match (sessions::update(conn, id, &content, now)?, is_renewed) {
            (false, _) => Written::Gone,
            (true, true) => Written::Renewed,
            (true, false) => Written::AsItWas,
        },
    )
}

/// The session of this id if it has not ended; removes it if it has, and notes its use.
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

/// Notes the use of a session. Where somebody else writes for long, its owner is not kept waiting:
/// the next request notes it.
fn note_use(conn: &mut AnyConnection, id: &str, now: NaiveDateTime) {
    let touched = conn.without_waiting(|conn| sessions::touch(conn, id, now));
    if let Err(error) = touched {
        tracing::debug!(error = %error, "the use of a session could not be noted");
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

fn read_state(text: &str) -> Option<State> {
    serde_json::from_str(text)
        .inspect_err(|error| tracing::warn!(error = %error, "a session could not be read"))
        .ok()
}

/// What is stored of a state.
///
/// Of a person only what a session is found by is read, so that it does not matter whether the
/// rest is of this version.
fn describe(state: &State) -> Result<Content, anyhow::Error> {
    let signed = signed(state);
    Ok(Content {
        state: serde_json::to_string(state)?,
        issuer: text(&signed, "/person/issuer"),
        subject: text(&signed, "/person/subject"),
        provider_session: text(&signed, "/provider_session"),
        reference: text(&signed, "/reference").unwrap_or_else(token::reference),
        ends_at: moment(text(&signed, "/ends_at")).map(|end| end.naive_utc()),
    })
}

/// A session that begins with a state.
fn begun(id: &str, state: &State, now: DateTime<Utc>) -> Result<Begun, anyhow::Error> {
    let signed = signed(state);
    let origin = state.get(super::origin::KEY);
    let origin: Option<Origin> = origin.and_then(|text| serde_json::from_str(text).ok());
    Ok(Begun {
        id_hash: token::hash(id),
        content: describe(state)?,
        origin: origin.unwrap_or_default(),
        vouched_at: vouched_at(&signed),
        created_at: moment(text(&signed, "/signed_in_at"))
            .unwrap_or(now)
            .naive_utc(),
    })
}

fn vouched_at(signed: &Option<serde_json::Value>) -> Option<NaiveDateTime> {
    moment(text(signed, "/vouched_at")).map(|at| at.naive_utc())
}

fn signed(state: &State) -> Option<serde_json::Value> {
    serde_json::from_str(state.get(super::signed::KEY)?).ok()
}

fn text(signed: &Option<serde_json::Value>, path: &str) -> Option<String> {
    Some(signed.as_ref()?.pointer(path)?.as_str()?.to_owned())
}

fn moment(text: Option<String>) -> Option<DateTime<Utc>> {
    text?.parse().ok()
}
