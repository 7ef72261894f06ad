//! The signed-in person, as a session holds them.

use super::{Keyring, Sealed, token};
use crate::access::GroupsNote;
use crate::access::{Look, Person, Policy};
use actix_session::Session;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The key of [`Signed`] in a session.
pub(super) const KEY: &str = "signed";
/// The key under which a new session holds the reference of the one it replaces. The id of the
/// replaced session may have changed by then.
pub(super) const BEFORE: &str = "before";

/// A signed-in person, and the details of their sign-in.
#[derive(Clone, Serialize, Deserialize)]
pub struct Signed {
    /// The person, with only the groups that matter (see [`Signed::sift`]).
    pub person: Person,
    /// The number of groups that the provider sent.
    #[serde(default)]
    pub groups_came: usize,
    /// The identifier of the rules that selected the groups ([`Policy::rules`]).
    #[serde(default)]
    pub rules: String,
    /// The person's roles when the session got its id. If they change, it gets a new id (see
    /// [`super::renewal`]).
    #[serde(default)]
    pub roles: Vec<String>,
    /// The CSRF token, which every state-changing request must carry. Pages get it from
    /// [`Signed::csrf`].
    pub csrf_token: String,
    /// The session's name in lists and logs. It gives no access.
    #[serde(default)]
    pub reference: String,
    /// The ID token, which is sent to the provider at sign-out; see [`Signed::id_token`].
    pub id_token: Option<Sealed>,
    /// The refresh token, if the provider sent one; see [`Signed::refresh_token`].
    #[serde(default)]
    pub refresh_token: Option<Sealed>,
    /// The `nonce` in the ID token. The ID token of a refresh may repeat it.
    #[serde(default)]
    pub nonce: Option<String>,
    /// When the person authenticated: `auth_time`, if the provider sends it, or the use of a
    /// break-glass link.
    #[serde(default)]
    pub authenticated_at: Option<DateTime<Utc>>,
    /// How they authenticated (`acr`), if the provider says.
    #[serde(default)]
    pub acr: Option<String>,
    /// When the provider last issued an ID token (`iat`).
    #[serde(default)]
    pub vouched_at: Option<DateTime<Utc>>,
    /// The provider's own name for its session (`sid`).
    pub provider_session: Option<String>,
    /// When they signed in. The absolute limit counts from here.
    pub signed_in_at: DateTime<Utc>,
    /// The fixed end of the session, if it has one. The limits still apply before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<DateTime<Utc>>,
    /// The time from which the age of the groups counts: when they were last read. If a refresh is
    /// impossible, it is set back, so that they are no longer valid.
    pub groups_checked_at: DateTime<Utc>,
    /// Whether groups were found, and why not.
    pub groups_note: GroupsNote,
    /// The role or groups that they view the panel as, if any. For handlers, `person` then has the
    /// rights of the look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look: Option<Look>,
}

/// A value could not be written into the session.
#[derive(Debug, thiserror::Error)]
#[error("the session could not be written: {0}")]
pub struct SessionError(String);

fn insert(session: &Session, key: &str, value: impl Serialize) -> Result<(), SessionError> {
    let inserted = session.insert(key, value);
    inserted.map_err(|error| SessionError(error.to_string()))
}

impl Signed {
    /// A session that begins now, without tokens or details of the sign-in.
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

    /// The signed-in person, if there is one.
    pub fn read(session: &Session) -> Option<Self> {
        session.get(KEY).unwrap_or_else(|error| {
            // The JSON was made from columns by this version, so this is not expected. The person
            // must sign in again.
            tracing::warn!(error = %error, "a session could not be read");
            None
        })
    }

    /// Begins a session for this person under a new id, and clears what it held. An id that
    /// somebody else may know then gives no access.
    ///
    /// # Errors
    /// When a value cannot be written as JSON.
    pub fn begin(&self, session: &Session) -> Result<(), SessionError> {
        let before = Self::read(session).map(|before| before.reference);
        session.clear();
        session.renew();
        if let Some(before) = before {
            insert(session, BEFORE, before)?;
        }
        insert(session, KEY, self)
    }

    /// Keeps only the groups that matter under a policy. All groups are stored once for the person
    /// (`store::people`), and not in each of their sessions.
    pub fn sift(&mut self, policy: &Policy) {
        self.groups_came = self.person.groups.len();
        self.person.groups = policy.counted(&self.person);
        self.rules = policy.rules();
    }

    /// As [`Signed::sift`], and also sets the roles, for a session that gets an id now.
    #[must_use]
    pub fn sifted(mut self, policy: &Policy) -> Self {
        self.sift(policy);
        self.roles = policy.role_names(&self.person);
        self
    }

    /// The person who signed in, even while they view the panel as somebody else.
    pub fn own(&self) -> &Person {
        let look = self.look.as_ref();
        look.and_then(|look| look.own.as_deref())
            .unwrap_or(&self.person)
    }

    /// The ID token, as the provider sent it; none if it can no longer be opened.
    pub fn id_token(&self, keys: &Keyring) -> Option<String> {
        keys.unseal(&named(ID_TOKEN, &self.reference), self.id_token.as_ref()?)
    }

    /// The refresh token, as the provider sent it; none if it can no longer be opened.
    pub fn refresh_token(&self, keys: &Keyring) -> Option<String> {
        refresh_token(keys, &self.reference, self.refresh_token.as_ref()?)
    }

    /// Stores an ID token, sealed for this session.
    pub fn keep_id_token(&mut self, keys: &Keyring, token: &str) {
        self.id_token = Some(keys.seal(&named(ID_TOKEN, &self.reference), token));
    }

    /// Stores a refresh token, sealed for this session.
    pub fn keep_refresh_token(&mut self, keys: &Keyring, token: &str) {
        let sealed = keys.seal(&named(REFRESH_TOKEN, &self.reference), token);
        self.refresh_token = Some(sealed);
    }

    /// The CSRF token for a page. It is masked, so the text differs each time.
    pub fn csrf(&self) -> String {
        token::masked(&self.csrf_token)
    }

    /// Whether this is the session's CSRF token, masked by [`Signed::csrf`] or plain.
    pub fn accepts_csrf(&self, given: &str) -> bool {
        let is_it = |text: &str| !text.is_empty() && token::same(&self.csrf_token, text);
        is_it(given) || token::unmasked(given).is_some_and(|text| is_it(&text))
    }
}

const ID_TOKEN: &str = "ID token";
const REFRESH_TOKEN: &str = "refresh token";

/// The purpose that a token is sealed for. A token copied into another session's row cannot be
/// opened.
fn named(what: &str, reference: &str) -> String {
    format!("{what} of {reference}")
}

/// The refresh token of the session with this reference; none if it can no longer be opened.
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
