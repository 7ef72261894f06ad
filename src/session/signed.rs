//! What a session holds of the person who signed in.

use super::{Keyring, Sealed};
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
    /// The ID token of the sign-in, to be shown to the provider at sign-out; see
    /// [`Signed::id_token`].
    pub id_token: Option<Sealed>,
    /// What new tokens are got with, if the provider gave one; see [`Signed::refresh_token`].
    #[serde(default)]
    pub refresh_token: Option<Sealed>,
    /// What the ID token of the sign-in answered (`nonce`); one of a refresh may repeat it.
    #[serde(default)]
    pub nonce: Option<String>,
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

    /// The ID token as it came; none if it cannot be opened any more.
    pub fn id_token(&self, keys: &Keyring) -> Option<String> {
        keys.unseal(&self.named("ID token"), self.id_token.as_ref()?)
    }

    /// The refresh token as it came; none if it cannot be opened any more.
    pub fn refresh_token(&self, keys: &Keyring) -> Option<String> {
        keys.unseal(&self.named("refresh token"), self.refresh_token.as_ref()?)
    }

    /// Keeps an ID token, sealed for this session.
    pub fn keep_id_token(&mut self, keys: &Keyring, token: &str) {
        self.id_token = Some(keys.seal(&self.named("ID token"), token));
    }

    /// Keeps a refresh token, sealed for this session.
    pub fn keep_refresh_token(&mut self, keys: &Keyring, token: &str) {
        self.refresh_token = Some(keys.seal(&self.named("refresh token"), token));
    }

    /// What a token is sealed as: in the row of another session it cannot be opened.
    fn named(&self, what: &str) -> String {
        format!("{what} of {}", self.reference)
    }

    /// Takes over what another reading of the same session learnt from the provider later.
    pub(crate) fn learn(&mut self, later: Self) {
        let as_role = self.person.as_role.take();
        *self = Self {
            csrf_token: std::mem::take(&mut self.csrf_token),
            signed_in_at: self.signed_in_at,
            ..later
        };
        self.person.as_role = as_role;
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
