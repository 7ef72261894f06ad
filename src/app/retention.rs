//! Keeps the audit log as long as `[audit] keep` says, and no longer.

use super::{StartError, database};
use crate::access::Person;
use crate::clock::Clock;
use crate::config::Config;
use crate::store::audit::Actor;
use crate::store::retention;
use crate::store::{Database, DatabaseError};
use crate::texts::{stored, text};
use chrono::{NaiveDateTime, TimeDelta};
use std::time::Duration;

/// How often a running panel looks for entries that are too old.
const EVERY: Duration = Duration::from_secs(3600);
/// How often it asks whether that is due: not all processes begin at the same moment.
const LOOK_EVERY: Duration = Duration::from_secs(600);
/// A pause between two pieces, so that nobody waits for a lock for long.
const PAUSE: Duration = Duration::from_millis(200);

/// What was removed, or would be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// How many entries.
    pub entries: i64,
    /// When the latest of them was written.
    pub until: Option<NaiveDateTime>,
}

/// Why nothing was removed.
#[derive(Debug, thiserror::Error)]
pub enum PruneError {
    /// It is not said how long entries are kept.
    #[error(
        "everything is kept: write in the configuration file how long, such as\n\n[audit]\nkeep = \"400d\"\n"
    )]
    KeepsAll,
    /// The database cannot be used.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The panel's own tables cannot be used.
    #[error("the panel's own tables: {0}; \u{201c}bailiwick migrate\u{201d} makes them")]
    Database(#[from] DatabaseError),
}

/// Removes what is too old, or counts it only.
///
/// # Errors
/// When everything is to be kept, or the database refuses. Pieces that are gone by then stay so.
pub async fn prune(
    config: &Config,
    actor: Actor,
    only_count: bool,
    clock: &Clock,
) -> Result<Pruned, PruneError> {
    let keep = config.audit.keep.ok_or(PruneError::KeepsAll)?;
    let database = database(config).await?;
    let before = begins(keep, clock);
    if only_count {
        let count = move |conn: &mut _| retention::older(conn, before).map_err(DatabaseError::from);
        return Ok(Pruned {
            entries: database.run(count).await?,
            until: None,
        });
    }
    Ok(remove(&database, &actor, before, clock).await?)
}

/// Removes what is too old now and then, for as long as the panel runs.
pub(super) async fn keep_short(database: Database, keep: Duration, clock: Clock) {
    loop {
        match in_turn(&database, keep, &clock).await {
            Ok(Pruned { entries: 0, .. }) => {}
            Ok(pruned) => tracing::info!(
                audit.entries = pruned.entries,
                "entries of the audit log that were too old were removed"
            ),
            Err(error) => tracing::warn!(
                error = %error,
                "old entries of the audit log could not be removed; they stay until it is tried again"
            ),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Removes what is too old, if it is this process's turn.
async fn in_turn(
    database: &Database,
    keep: Duration,
    clock: &Clock,
) -> Result<Pruned, DatabaseError> {
    let now = clock.now().naive_utc();
    let rest = TimeDelta::from_std(EVERY).unwrap_or(TimeDelta::MAX);
    let is_due =
        move |conn: &mut _| retention::is_due(conn, now, rest).map_err(DatabaseError::from);
    if database.run(is_due).await? {
        remove(database, &panel(), begins(keep, clock), clock).await
    } else {
        Ok(Pruned::default())
    }
}

/// The moment from which on entries are kept.
fn begins(keep: Duration, clock: &Clock) -> NaiveDateTime {
    let keep = TimeDelta::from_std(keep).unwrap_or(TimeDelta::MAX);
    let now = clock.now().naive_utc();
    now.checked_sub_signed(keep).unwrap_or(NaiveDateTime::MIN)
}

async fn remove(
    database: &Database,
    actor: &Actor,
    before: NaiveDateTime,
    clock: &Clock,
) -> Result<Pruned, DatabaseError> {
    let mut pruned = Pruned::default();
    loop {
        let (actor, now) = (actor.clone(), clock.now().naive_utc());
        let piece = move |conn: &mut _| {
            retention::remove(conn, &actor, before, now).map_err(DatabaseError::from)
        };
        let piece = database.run(piece).await?;
        pruned.entries += piece.entries;
        pruned.until = piece.until.or(pruned.until);
        if !piece.more {
            return Ok(pruned);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The panel itself, as its log names it.
fn panel() -> Actor {
    Actor {
        person: Person {
            subject: "panel".to_owned(),
            name: stored(|| text!("actor-panel")),
            ..Person::default()
        },
        roles: Vec::new(),
        request_id: "-".to_owned(),
        address: None,
        looking_as: None,
    }
}
