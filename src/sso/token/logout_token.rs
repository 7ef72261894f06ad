//! Checks logout tokens (OpenID Connect Back-Channel Logout 1.0, sections 2.4 and 2.6).
//!
//! Cheap checks come before the signature, so that a forged token does not cause keys to be read.
//! Their result can be trusted only after [`signature`] has verified the same text.

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
/// The maximum age of a token. Used tokens are remembered for longer.
const MAX_AGE: TimeDelta = TimeDelta::minutes(5);
/// The maximum age of a token without an expiry.
const MAX_AGE_WITHOUT_EXP: TimeDelta = TimeDelta::minutes(2);
/// The maximum length of a person's, session's or token's id, in bytes.
const MAX_NAME: usize = 255;

/// The expected content of the token.
pub struct Expected<'e> {
    /// The issuer, byte for byte.
    pub issuer: &'e str,
    /// The panel's client id.
    pub client_id: &'e str,
    /// The current time.
    pub now: DateTime<Utc>,
    /// The allowed difference between the provider's clock and ours.
    pub skew: TimeDelta,
    /// Whether its type must be `logout+jwt`; otherwise it may be missing, or `JWT`.
    pub strict_typ: bool,
}

/// Why a logout token is refused. No message contains parts of the token.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogoutTokenError {
    /// The provider did not sign it.
    #[error("the logout token cannot be checked, or its signature is wrong")]
    Jws(#[from] JwsError),
    /// Its payload cannot be parsed.
    #[error("the logout token's claims cannot be read")]
    Payload,
    /// It has another type.
    #[error("the typ of the logout token must be logout+jwt")]
    Kind,
    /// It has another issuer.
    #[error("the logout token is not from the configured issuer")]
    Issuer,
    /// It is for another client.
    #[error("the logout token is not for this client")]
    Audience,
    /// A required claim is missing or has the wrong type.
    #[error("the logout token's claim {0} is missing or of the wrong type")]
    Claim(&'static str),
    /// It has expired, or is too old.
    #[error("the logout token is too old")]
    Old,
    /// It is from the future.
    #[error("the logout token is from the future")]
    Future,
    /// It has no logout event.
    #[error("the logout token does not have the event of a back-channel logout")]
    Event,
    /// It has a nonce, so it could pass as an ID token.
    #[error("a logout token must not have a nonce")]
    Nonce,
    /// It names nothing to end.
    #[error("the logout token has neither a sub nor a sid")]
    Nothing,
}

/// A parsed logout token whose signature has not been verified.
pub struct LogoutToken {
    kind: Option<String>,
    claims: Claims,
}

impl LogoutToken {
    /// Parses a token.
    ///
    /// # Errors
    /// When it cannot be parsed, or its algorithm is not supported.
    pub fn read(text: &str) -> Result<Self, LogoutTokenError> {
        let token = Token::parse(text, &ALGORITHMS)?;
        let claims = json::object(token.unverified()).map_err(|_| LogoutTokenError::Payload)?;
        Ok(Self {
            kind: token.kind(),
            claims,
        })
    }

    /// The issuer that it claims.
    pub fn issuer(&self) -> &str {
        let issuer = self.claims.get("iss").and_then(Value::as_str);
        issuer.unwrap_or_default()
    }

    /// Checks everything except the signature, and returns the notice.
    ///
    /// # Errors
    /// The first rule that it violates.
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

    /// Checks that the panel is among its audiences. Further audiences are accepted: they are no
    /// reason to keep a session.
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

    /// A claim that must be text if present.
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

/// Verifies a token's signature with its provider's keys.
///
/// # Errors
/// When it is invalid; for [`JwsError::UnknownKey`], reading the keys again may help.
pub fn signature(
    text: &str,
    keys: &CoreJsonWebKeySet,
    algorithms: &[CoreJwsSigningAlgorithm],
) -> Result<(), JwsError> {
    Token::parse(text, algorithms)?.verify(keys).map(|_| ())
}
