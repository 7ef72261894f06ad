//! Makes a link that lets somebody in once while the identity provider is gone. Whoever can run
//! this can read the configuration and write to the database: it gives them nothing they did not
//! have, but it gives it under a name, for a time, and into the audit log.

use super::{StartError, database};
use crate::access::{BREAK_GLASS, BREAK_GLASS_REASON, Person};
use crate::clock::Clock;
use crate::config::Config;
use crate::session::token;
use crate::store::audit::event::EmergencyLink;
use crate::store::audit::{self, Actor, Event, NewEntry};
use crate::store::break_glass::{self, Link};
use crate::store::tables::bailiwick_roles as roles;
use crate::store::{AnyConnection, DatabaseError};
use crate::suggest::did_you_mean;
use crate::texts::{stored, text};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

/// How long a link may be used, in minutes.
pub const USE_WITHIN_MINUTES: i64 = 10;
/// The longest reason, in characters.
const MAX_REASON: usize = 500;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct LinkRequest {
    /// The role that is given.
    pub role: String,
    /// Why.
    pub reason: String,
    /// How long the session lasts, in minutes.
    pub minutes: u16,
    /// The operating system's user who asks.
    pub made_by: String,
}

/// A link, in the only copy of it there will ever be.
pub struct NewLink {
    /// The address to open.
    pub url: String,
    /// When it stops working.
    pub use_before: NaiveDateTime,
}

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// It is not switched on.
    #[error(
        "emergency access is off: write in the configuration file, and start the panel again:\n\n\
         [break_glass]\nenabled = true\n"
    )]
    Off,
    /// There is no such role.
    #[error("there is no role \u{201c}{0}\u{201d}{1}")]
    Role(String, String),
    /// There is no reason, or too much of it.
    #[error("the reason must have 1 to {MAX_REASON} characters: it is what auditors will read")]
    Reason,
    /// The database cannot be used.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The panel's own tables cannot be used.
    #[error("the panel's own tables: {0}; \u{201c}bailiwick migrate\u{201d} makes them")]
    Database(#[from] DatabaseError),
}

/// Makes a link, and notes in the audit log that it was made.
///
/// # Errors
/// When it is not switched on, there is no such role, or the database refuses.
pub async fn make(
    config: &Config,
    wanted: LinkRequest,
    clock: &Clock,
) -> Result<NewLink, MakeError> {
    if !config.break_glass.enabled {
        return Err(MakeError::Off);
    }
    let reason = wanted.reason.trim().to_owned();
    if reason.is_empty() || reason.chars().count() > MAX_REASON || reason.contains(char::is_control)
    {
        return Err(MakeError::Reason);
    }
    let now = clock.now().naive_utc();
    let secret = token::random();
    let link = Link {
        token_hash: token::hash(&secret),
        role: wanted.role,
        reason,
        made_by: wanted.made_by,
        made_at: now,
        use_before: now + TimeDelta::minutes(USE_WITHIN_MINUTES),
        session_minutes: wanted.minutes.into(),
    };
    let configured: Vec<String> = config.roles.keys().cloned().collect();
    let use_before = link.use_before;
    database(config)
        .await?
        .run(move |conn| keep(conn, &link, configured, now))
        .await?;
    let root = format!("{}{}", config.server.origin(), config.server.base_path());
    Ok(NewLink {
        url: format!("{root}/auth/break-glass?token={secret}"),
        use_before,
    })
}

fn keep(
    conn: &mut AnyConnection,
    link: &Link,
    mut known: Vec<String>,
    now: NaiveDateTime,
) -> Result<(), MakeError> {
    conn.change(|conn| {
        let kept: Vec<String> = roles::table.select(roles::name).load(conn)?;
        known.extend(kept);
        if !known.contains(&link.role) {
            let hint = did_you_mean(&link.role, known.iter().map(String::as_str));
            return Err(MakeError::Role(link.role.clone(), hint));
        }
        break_glass::keep(conn, link, now)?;
        let made = EmergencyLink::Made {
            role: link.role.clone(),
            minutes: link.session_minutes,
        };
        let entry = NewEntry::new(Event::BreakGlass(made));
        audit::record(conn, &maker(link), &entry, now)?;
        Ok(())
    })
}

impl From<diesel::result::Error> for MakeError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Whoever sits at the server, as the audit log names them.
fn maker(link: &Link) -> Actor {
    let mut claims = serde_json::Map::new();
    claims.insert(BREAK_GLASS_REASON.into(), link.reason.clone().into());
    Actor {
        person: Person {
            issuer: BREAK_GLASS.into(),
            name: stored(|| text!("actor-on-server", account = link.made_by)),
            claims,
            ..Person::default()
        },
        roles: Vec::new(),
        request_id: "command".into(),
        address: None,
        looking_as: None,
    }
}
