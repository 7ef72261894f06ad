//! What a session holds of the person who signed in.

use crate::access::Person;
use crate::sso::GroupsNote;
use actix_session::Session;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The one key under which a session holds it.
pub(super) const KEY: &str = "signed";

/// A person who has signed in, and how.
#[derive(Clone, Serialize, Deserialize)]
pub struct Signed {
    /// Who.
    pub person: Person,
    /// What every state-changing request must carry.
    pub csrf_token: String,
    /// What the session is called where people and logs speak of it; it opens nothing.
    #[serde(default)]
    pub reference: String,
    /// The ID token as it came, to be shown to the provider at sign-out.
    pub id_token: Option<String>,
    /// What new tokens are got with, if the provider gave one.
    #[serde(default)]
    pub refresh_token: Option<String>,
    /// When the person proved at the provider who they are (`auth_time`), if it says.
    #[serde(default)]
    pub authenticated_at: Option<DateTime<Utc>>,
    /// How they did (`acr`), if the provider says.
    #[serde(default)]
    pub acr: Option<String>,
    /// When the ID token was made (`iat`).
    #[serde(default)]
    pub vouched_at: Option<DateTime<Utc>>,
    /// The provider's own name for its session (`sid`).
    pub provider_session: Option<String>,
    /// When they signed in; the absolute limit counts from here.
    pub signed_in_at: DateTime<Utc>,
    /// When the session ends whatever the limits are, if it was begun for a time only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<DateTime<Utc>>,
    /// When the provider last told of their groups.
    pub groups_checked_at: DateTime<Utc>,
    /// How the groups came, or why none did.
    pub groups_note: GroupsNote,
}

/// The session cannot hold what it was given.
#[derive(Debug, thiserror::Error)]
#[error("the session could not be written: {0}")]
pub struct SessionError(String);

impl Signed {
    /// Who is signed in, if anyone is.
    pub fn read(session: &Session) -> Option<Self> {
        session.get(KEY).unwrap_or_else(|error| {
            // Written by another version: the person signs in again.
            tracing::warn!(error = %error, "a session could not be read");
            None
        })
    }

    /// Puts this person into a session that is given a new id, and forgets what was there before:
    /// an id that someone else may know gives nothing.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn begin(&self, session: &Session) -> Result<(), SessionError> {
        session.clear();
        session.renew();
        self.write(session)
    }

    /// Writes a change of it into the session it is in.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn write(&self, session: &Session) -> Result<(), SessionError> {
        session
            .insert(KEY, self)
            .map_err(|error| SessionError(error.to_string()))
    }

    /// Whether this is the session's CSRF token.
    pub fn accepts_csrf(&self, token: &str) -> bool {
        super::token::same(&self.csrf_token, token)
    }
}

impl std::fmt::Debug for Signed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signed")
            .field("issuer", &self.person.issuer)
            .field("subject", &self.person.subject)
            .field("signed_in_at", &self.signed_in_at)
            .finish_non_exhaustive()
    }
}
