//! Makes a break-glass link, for a single sign-in while the identity provider is down. Whoever can
//! run this can already read the configuration and write to the database. The link adds no power,
//! but it has a name, a time limit, and an entry in the audit log.

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

/// The lifetime of an unused link, in minutes.
pub const USE_WITHIN_MINUTES: i64 = 10;
/// The maximum length of a reason, in characters.
const MAX_REASON: usize = 500;

/// A requested link.
#[derive(Debug, Clone)]
pub struct LinkRequest {
    /// The role it gives.
    pub role: String,
    /// The reason.
    pub reason: String,
    /// The lifetime of its session, in minutes.
    pub minutes: u16,
    /// The operating system's user who requests it.
    pub made_by: String,
}

/// A new link; this is the only copy.
pub struct NewLink {
    /// The address to open.
    pub url: String,
    /// When it expires.
    pub use_before: NaiveDateTime,
}

/// Why no link was made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// Break-glass is not enabled.
    #[error(
        "emergency access is off: write in the configuration file, and start the panel again:\n\n\
         [break_glass]\nenabled = true\n"
    )]
    Off,
    /// The role does not exist.
    #[error("there is no role \u{201c}{0}\u{201d}{1}")]
    Role(String, String),
    /// The reason is missing or too long.
    #[error("the reason must have 1 to {MAX_REASON} characters: auditors will read it")]
    Reason,
    /// The database cannot be used.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The panel's own tables cannot be used.
    #[error("the panel's own tables: {0}; \u{201c}bailiwick migrate\u{201d} creates them")]
    Database(#[from] DatabaseError),
}

/// Makes a link, and records that in the audit log.
///
/// # Errors
/// When break-glass is not enabled, the role does not exist, or a statement fails.
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

/// The user on the server, as the actor in the audit log.
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
