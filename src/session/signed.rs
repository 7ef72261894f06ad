//! What a session holds of the person who signed in.

use super::{Keyring, Sealed, token};
use crate::access::GroupsNote;
use crate::access::{Look, Person, Policy};
use actix_session::Session;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The one key under which a session holds it.
pub(super) const KEY: &str = "signed";
/// The key under which a session that begins notes the reference of the one that it replaces: the
/// id of that may be another by then.
pub(super) const BEFORE: &str = "before";

/// A person who has signed in, and how.
#[derive(Clone, Serialize, Deserialize)]
pub struct Signed {
    /// Who; of their groups only those that count (see [`Signed::sift`]).
    pub person: Person,
    /// How many groups came.
    #[serde(default)]
    pub groups_came: usize,
    /// By which rules they were sifted ([`Policy::rules`]).
    #[serde(default)]
    pub rules: String,
    /// The roles that the person had when the session was given its id. With others it is given
    /// another (see [`super::renewal`]).
    #[serde(default)]
    pub roles: Vec<String>,
    /// What every state-changing request must carry; pages have it from [`Signed::csrf`].
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
    /// When the session ends whatever the limits are, if it was begun for a time only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<DateTime<Utc>>,
    /// When the provider last told of their groups.
    pub groups_checked_at: DateTime<Utc>,
    /// How the groups came, or why none did.
    pub groups_note: GroupsNote,
    /// As whom they look at the panel, if they do; `person` is then as the look has it, from where
    /// the request was identified on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look: Option<Look>,
}

/// The session cannot hold what it was given.
#[derive(Debug, thiserror::Error)]
#[error("the session could not be written: {0}")]
pub struct SessionError(String);

fn insert(session: &Session, key: &str, value: impl Serialize) -> Result<(), SessionError> {
    let inserted = session.insert(key, value);
    inserted.map_err(|error| SessionError(error.to_string()))
}

impl Signed {
    /// A session that begins now, of which the provider said no more than who it is.
    pub fn new(
        person: Person,
        reference: String,
        groups_note: GroupsNote,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            groups_came: person.groups.len(),
            person,
            rules: String::new(),
            roles: Vec::new(),
            csrf_token: token::random(),
            reference,
            id_token: None,
            refresh_token: None,
            nonce: None,
            authenticated_at: None,
            acr: None,
            vouched_at: None,
            provider_session: None,
            signed_in_at: now,
            ends_at: None,
            groups_checked_at: now,
            groups_note,
            look: None,
        }
    }

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
        let before = Self::read(session).map(|before| before.reference);
        session.clear();
        session.renew();
        if let Some(before) = before {
            insert(session, BEFORE, before)?;
        }
        insert(session, KEY, self)
    }

    /// Keeps of the groups that came only those that count by a policy. The others are known of the
    /// person (`store::people`) and not in every session of theirs.
    pub fn sift(&mut self, policy: &Policy) {
        self.groups_came = self.person.groups.len();
        self.person.groups = policy.counted(&self.person);
        self.rules = policy.rules();
    }

    /// The same for a session that is given an id now.
    #[must_use]
    pub fn sifted(mut self, policy: &Policy) -> Self {
        self.sift(policy);
        self.roles = policy.role_names(&self.person);
        self
    }

    /// The person who signed in, also while they look at the panel as somebody else.
    pub fn own(&self) -> &Person {
        let look = self.look.as_ref();
        look.and_then(|look| look.own.as_deref())
            .unwrap_or(&self.person)
    }

    /// The ID token as it came; none if it cannot be opened any more.
    pub fn id_token(&self, keys: &Keyring) -> Option<String> {
        keys.unseal(&named(ID_TOKEN, &self.reference), self.id_token.as_ref()?)
    }

    /// The refresh token as it came; none if it cannot be opened any more.
    pub fn refresh_token(&self, keys: &Keyring) -> Option<String> {
        refresh_token(keys, &self.reference, self.refresh_token.as_ref()?)
    }

    /// Keeps an ID token, sealed for this session.
    pub fn keep_id_token(&mut self, keys: &Keyring, token: &str) {
        self.id_token = Some(keys.seal(&named(ID_TOKEN, &self.reference), token));
    }

    /// Keeps a refresh token, sealed for this session.
    pub fn keep_refresh_token(&mut self, keys: &Keyring, token: &str) {
        let sealed = keys.seal(&named(REFRESH_TOKEN, &self.reference), token);
        self.refresh_token = Some(sealed);
    }

    /// The CSRF token as a page carries it: under a mask, another text each time.
    pub fn csrf(&self) -> String {
        token::masked(&self.csrf_token)
    }

    /// Whether this is the session's CSRF token, as [`Signed::csrf`] gives it or as it is.
    pub fn accepts_csrf(&self, given: &str) -> bool {
        let is_it = |text: &str| token::same(&self.csrf_token, text);
        is_it(given) || token::unmasked(given).is_some_and(|text| is_it(&text))
    }
}

const ID_TOKEN: &str = "ID token";
const REFRESH_TOKEN: &str = "refresh token";

/// What a token is sealed as: in the row of another session it cannot be opened.
fn named(what: &str, reference: &str) -> String {
    format!("{what} of {reference}")
}

/// The refresh token of the session with this reference; none if it cannot be opened any more.
pub fn refresh_token(keys: &Keyring, reference: &str, sealed: &Sealed) -> Option<String> {
    keys.unseal(&named(REFRESH_TOKEN, reference), sealed)
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
