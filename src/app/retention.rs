//! Deletes entries of the audit log that are older than `[audit] keep`.

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

/// The interval at which a running panel deletes old entries.
const EVERY: Duration = Duration::from_secs(3600);
/// The interval of checks whether that is due: processes do not start at the same time.
const LOOK_EVERY: Duration = Duration::from_secs(600);
/// A pause between two batches, so that nobody waits for a lock for long.
const PAUSE: Duration = Duration::from_millis(200);

/// What was deleted, or would be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// The number of entries.
    pub entries: i64,
    /// When the newest of them was written.
    pub until: Option<NaiveDateTime>,
}

/// Why nothing was deleted.
#[derive(Debug, thiserror::Error)]
pub enum PruneError {
    /// No retention is configured.
    #[error(
        "nothing is removed, as no time is set: write in the configuration file, for \
         example:\n\n[audit]\nkeep = \"400d\"\n"
    )]
    KeepsAll,
    /// The database cannot be used.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The panel's own tables cannot be used.
    #[error("the panel's own tables: {0}; \u{201c}bailiwick migrate\u{201d} creates them")]
    Database(#[from] DatabaseError),
}

/// Deletes old entries, or only counts them.
///
/// # Errors
/// When no retention is configured, or a statement fails. Finished batches stay deleted.
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

/// Deletes old entries at intervals, as long as the panel runs.
pub(super) async fn keep_short(database: Database, keep: Duration, clock: Clock) {
    loop {
        match in_turn(&database, keep, &clock).await {
            Ok(Pruned { entries: 0, .. }) => {}
            Ok(pruned) => tracing::info!(
                audit.entries = pruned.entries,
                "old entries of the audit log were removed"
            ),
            Err(error) => tracing::warn!(
                error = %error,
                "old entries of the audit log could not be removed; the panel will try again"
            ),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Deletes old entries, if it is this process's turn.
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

/// The time from which entries are kept.
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

/// The panel itself, as the actor in the audit log.
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
