//! The provider's state, in memory only: sessions, and issued codes and tokens.

use std::collections::{BTreeSet, HashMap};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use rand::RngCore;

use super::settings::Person;

/// 256 bits from the system's random generator.
pub(super) fn random_token() -> String {
    let mut bytes = [0_u8; 32];
    rand::rngs::OsRng.fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A signed-in person in a browser.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub subject: String,
    /// The claim `sid`; not the cookie's value.
    pub sid: String,
    pub auth_time: DateTime<Utc>,
    /// The level of the sign-in, if it was requested and chosen.
    pub acr: Option<String>,
}

/// What a person has granted to a client; every token refers to a grant.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub session: Session,
    pub scopes: BTreeSet<String>,
    pub nonce: Option<String>,
    /// Shared by all tokens from one code, so that they can be revoked together.
    pub family: String,
}

/// The state of an authorization code.
#[derive(Debug, Clone)]
pub(super) struct Code {
    pub grant: Grant,
    pub redirect_uri: String,
    /// The PKCE challenge, method S256.
    pub challenge: String,
    expires: DateTime<Utc>,
    is_spent: bool,
}

#[derive(Debug)]
struct Refresh {
    grant: Grant,
    is_spent: bool,
}

/// The whole state.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub people: Vec<Person>,
    /// Redirect URIs registered after the start.
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Vec<String>,
    pub backchannel_logout_uris: Vec<String>,
    sessions: HashMap<String, Session>,
    codes: HashMap<String, Code>,
    access: HashMap<String, (Grant, DateTime<Utc>)>,
    refresh: HashMap<String, Refresh>,
}

impl Store {
    pub(super) fn new(people: Vec<Person>) -> Self {
        Self {
            people,
            ..Self::default()
        }
    }

    pub(super) fn person(&self, subject: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.subject == subject)
    }

    /// Signs a person in; returns the cookie's value and the session.
    pub(super) fn sign_in(
        &mut self,
        subject: &str,
        acr: Option<String>,
        now: DateTime<Utc>,
    ) -> (String, Session) {
        let cookie = random_token();
        let session = Session {
            subject: subject.to_owned(),
            sid: random_token(),
            auth_time: now,
            acr,
        };
        self.sessions.insert(cookie.clone(), session.clone());
        (cookie, session)
    }

    pub(super) fn session(&self, cookie: &str) -> Option<&Session> {
        self.sessions.get(cookie)
    }

    /// Ends a session; issued tokens stay valid until they expire (RP-Initiated Logout, section 2).
    pub(super) fn sign_out(&mut self, sid: &str) {
        self.sessions.retain(|_, session| session.sid != sid);
    }

    /// Ends all sessions of a person, and revokes their tokens.
    pub(super) fn sign_out_everywhere(&mut self, subject: &str) {
        self.sessions
            .retain(|_, session| session.subject != subject);
        let is_other = |grant: &Grant| grant.session.subject != subject;
        self.codes.retain(|_, code| is_other(&code.grant));
        self.access.retain(|_, (grant, _)| is_other(grant));
        self.refresh.retain(|_, refresh| is_other(&refresh.grant));
    }

    pub(super) fn issue_code(
        &mut self,
        grant: Grant,
        redirect_uri: String,
        challenge: String,
        now: DateTime<Utc>,
        lifetime: TimeDelta,
    ) -> String {
        // Used and expired codes are kept for a while, to detect theft.
        self.codes
            .retain(|_, code| code.expires + TimeDelta::minutes(10) > now);
        let value = random_token();
        let code = Code {
            grant,
            redirect_uri,
            challenge,
            expires: now + lifetime,
            is_spent: false,
        };
        self.codes.insert(value.clone(), code);
        value
    }

    /// Redeems a code. Using it twice revokes what was issued for it (RFC 6749, 4.1.2).
    pub(super) fn redeem_code(&mut self, value: &str, now: DateTime<Utc>) -> Option<Code> {
        let code = self.codes.get_mut(value)?;
        let was_spent = std::mem::replace(&mut code.is_spent, true);
        let code = code.clone();
        if was_spent {
            self.revoke(&code.grant.family);
            return None;
        }
        (now < code.expires).then_some(code)
    }

    pub(super) fn issue_access(
        &mut self,
        grant: Grant,
        now: DateTime<Utc>,
        lifetime: TimeDelta,
    ) -> String {
        self.access.retain(|_, (_, expires)| *expires > now);
        let value = random_token();
        self.access.insert(value.clone(), (grant, now + lifetime));
        value
    }

    pub(super) fn access(&self, value: &str, now: DateTime<Utc>) -> Option<&Grant> {
        self.access
            .get(value)
            .filter(|(_, expires)| now < *expires)
            .map(|(grant, _)| grant)
    }

    pub(super) fn issue_refresh(&mut self, grant: Grant) -> String {
        let value = random_token();
        self.refresh.insert(
            value.clone(),
            Refresh {
                grant,
                is_spent: false,
            },
        );
        value
    }

    /// Redeems a refresh token. Using it twice revokes its whole family (RFC 9700, 4.14.2).
    pub(super) fn redeem_refresh(&mut self, value: &str) -> Option<Grant> {
        let refresh = self.refresh.get_mut(value)?;
        let was_spent = std::mem::replace(&mut refresh.is_spent, true);
        let grant = refresh.grant.clone();
        if was_spent {
            self.revoke(&grant.family);
            return None;
        }
        Some(grant)
    }

    /// Revokes a refresh token, and everything issued with it (RFC 7009, section 2.1).
    pub(super) fn give_back(&mut self, value: &str) {
        let family = self.refresh.get(value).map(|it| it.grant.family.clone());
        if let Some(family) = family {
            self.revoke(&family);
        }
    }

    /// The number of valid refresh tokens.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn live_refresh_tokens(&self) -> usize {
        self.refresh.values().filter(|it| !it.is_spent).count()
    }

    fn revoke(&mut self, family: &str) {
        self.access.retain(|_, (grant, _)| grant.family != family);
        self.refresh
            .retain(|_, refresh| refresh.grant.family != family);
    }
}
