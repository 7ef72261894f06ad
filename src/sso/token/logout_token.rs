//! What a logout token must be before it ends anything (OpenID Connect Back-Channel Logout 1.0,
//! sections 2.4 and 2.6).
//!
//! Whatever costs nothing is checked before the signature: a stranger's text makes nobody fetch
//! keys. What the checks find counts only once [`signature`] has passed the same text.

use super::groups::Claims;
use super::json;
use super::jws::{ALGORITHMS, JwsError, Token};
use super::verify::seconds;
use crate::store::logouts::Notice;
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use serde_json::Value;

/// The member of `events` that makes a token a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// The type that a logout token should have.
const KIND: &str = "logout+jwt";
/// The oldest token that is taken. One that has been used is remembered for longer.
const MAX_AGE: TimeDelta = TimeDelta::minutes(5);
/// The oldest that is taken of those that do not say when they expire.
const MAX_AGE_WITHOUT_EXP: TimeDelta = TimeDelta::minutes(2);
/// The longest name of a person, of a session or of a token, in bytes.
const MAX_NAME: usize = 255;

/// What the token must say.
pub struct Expected<'e> {
    /// The issuer, byte for byte.
    pub issuer: &'e str,
    /// Our client id.
    pub client_id: &'e str,
    /// What time it is.
    pub now: DateTime<Utc>,
    /// How far the provider's clock may be from ours.
    pub skew: TimeDelta,
    /// Whether its type must be `logout+jwt`; else it may have none, or `JWT`.
    pub strict_typ: bool,
}

/// Why a logout token ends nothing. No text holds anything of the token.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogoutTokenError {
    /// It is not a token that this provider signed.
    #[error("the logout token cannot be checked, or its signature is wrong")]
    Jws(#[from] JwsError),
    /// Its payload cannot be read.
    #[error("the logout token's claims cannot be read")]
    Payload,
    /// It is of another type.
    #[error("the typ of the logout token must be logout+jwt")]
    Kind,
    /// It is from somebody else.
    #[error("the logout token is not from the configured issuer")]
    Issuer,
    /// It is not for us.
    #[error("the logout token is not for this client")]
    Audience,
    /// A claim that must be there is not, or is of the wrong type.
    #[error("the logout token's claim {0} is missing or of the wrong type")]
    Claim(&'static str),
    /// It has expired, or is older than is taken.
    #[error("the logout token is too old")]
    Old,
    /// It is from the future.
    #[error("the logout token is from the future")]
    Future,
    /// It tells of no sign-out.
    #[error("the logout token does not have the event of a back-channel logout")]
    Event,
    /// It is made to be taken for an ID token.
    #[error("a logout token must not have a nonce")]
    Nonce,
    /// It does not say what is to end.
    #[error("the logout token has neither a sub nor a sid")]
    Nothing,
}

/// A logout token that has been read; who signed it is not known yet.
pub struct LogoutToken {
    kind: Option<String>,
    claims: Claims,
}

impl LogoutToken {
    /// Takes a token apart.
    ///
    /// # Errors
    /// When it cannot be read, or its algorithm is one that is never taken.
    pub fn read(text: &str) -> Result<Self, LogoutTokenError> {
        let token = Token::parse(text, &ALGORITHMS)?;
        let claims = json::object(token.unverified()).map_err(|_| LogoutTokenError::Payload)?;
        Ok(Self {
            kind: token.kind(),
            claims,
        })
    }

    /// Who says to have made it.
    pub fn issuer(&self) -> &str {
        let issuer = self.claims.get("iss").and_then(Value::as_str);
        issuer.unwrap_or_default()
    }

    /// Checks everything but the signature, and gives what is to end.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check(&self, expected: &Expected<'_>) -> Result<Notice, LogoutTokenError> {
        self.check_kind(expected.strict_typ)?;
        if self.issuer() != expected.issuer {
            return Err(LogoutTokenError::Issuer);
        }
        self.check_audience(expected.client_id)?;
        let issued_at = self.check_times(expected)?;
        self.check_event()?;
        if self.claims.contains_key("nonce") {
            return Err(LogoutTokenError::Nonce);
        }
        let (sid, subject) = (self.name("sid")?, self.name("sub")?);
        if sid.is_none() && subject.is_none() {
            return Err(LogoutTokenError::Nothing);
        }
        Ok(Notice {
            issuer: expected.issuer.to_owned(),
            token: self.name("jti")?.ok_or(LogoutTokenError::Claim("jti"))?,
            sid,
            subject,
            issued_at,
        })
    }

    fn check_kind(&self, strict: bool) -> Result<(), LogoutTokenError> {
        match self.kind.as_deref() {
            Some(KIND) => Ok(()),
            None | Some("jwt") if !strict => Ok(()),
            _ => Err(LogoutTokenError::Kind),
        }
    }

    /// We must be among those it is for. That it is for others too is no cause to let a session
    /// live on.
    fn check_audience(&self, client_id: &str) -> Result<(), LogoutTokenError> {
        let is_us = |one: &Value| one.as_str() == Some(client_id);
        let is_for_us = match self.claims.get("aud") {
            Some(Value::Array(all)) => all.iter().any(is_us),
            Some(one) => is_us(one),
            None => false,
        };
        is_for_us.then_some(()).ok_or(LogoutTokenError::Audience)
    }

    fn check_times(&self, expected: &Expected<'_>) -> Result<DateTime<Utc>, LogoutTokenError> {
        let time = |name| seconds(&self.claims, name).map_err(|_| LogoutTokenError::Claim(name));
        let (now, skew) = (expected.now.timestamp(), expected.skew.num_seconds());
        let issued = time("iat")?.ok_or(LogoutTokenError::Claim("iat"))?;
        let max_age = match time("exp")? {
            Some(expires) if now.saturating_sub(expires) >= skew => {
                return Err(LogoutTokenError::Old);
            }
            Some(_) => MAX_AGE,
            None => MAX_AGE_WITHOUT_EXP,
        };
        if issued.saturating_sub(now) > skew {
            return Err(LogoutTokenError::Future);
        }
        if now.saturating_sub(issued) > max_age.num_seconds() {
            return Err(LogoutTokenError::Old);
        }
        DateTime::from_timestamp(issued, 0).ok_or(LogoutTokenError::Claim("iat"))
    }

    fn check_event(&self) -> Result<(), LogoutTokenError> {
        let event = self.claims.get("events").and_then(|all| all.get(EVENT));
        match event {
            Some(Value::Object(_)) => Ok(()),
            _ => Err(LogoutTokenError::Event),
        }
    }

    /// A claim that is a text if it is there at all.
    fn name(&self, claim: &'static str) -> Result<Option<String>, LogoutTokenError> {
        match self.claims.get(claim) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() && text.len() <= MAX_NAME => {
                Ok(Some(text.clone()))
            }
            Some(_) => Err(LogoutTokenError::Claim(claim)),
        }
    }
}

/// Checks the signature of a token with the keys of its provider.
///
/// # Errors
/// When it is wrong; [`JwsError::UnknownKey`] may be cured by fresh keys.
pub fn signature(
    text: &str,
    keys: &CoreJsonWebKeySet,
    algorithms: &[CoreJwsSigningAlgorithm],
) -> Result<(), JwsError> {
    Token::parse(text, algorithms)?.verify(keys).map(|_| ())
}
