//! Checks ID tokens (OpenID Connect Core, section 3.1.3.7).
//!
//! Claims are read as JSON: a claim that is not checked here may have any type without refusing its
//! person.

use super::groups::Claims;
use super::json;
use super::jws::{JwsError, Token, Verified};
use crate::session::token::same;
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use openidconnect::core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{AccessToken, AccessTokenHash};
use serde_json::Value;

/// The default difference allowed between the provider's clock and ours.
pub const DEFAULT_SKEW: TimeDelta = TimeDelta::seconds(60);
/// The maximum length of a subject, in bytes (OpenID Connect Core, section 2).
const MAX_SUBJECT: usize = 255;

/// The maximum number of audiences in a message.
const MAX_AUDIENCES: usize = 10;

/// The expected content of the token.
pub struct Expected<'e> {
    /// The issuer, byte for byte.
    pub issuer: &'e str,
    /// The panel's client id.
    pub client_id: &'e str,
    /// Other audiences that are accepted.
    pub trusted_audiences: &'e [String],
    /// The algorithms accepted from this provider.
    pub algorithms: &'e [CoreJwsSigningAlgorithm],
    /// The nonce of this sign-in.
    pub nonce: &'e str,
    /// The start of this sign-in: the token must not be older.
    pub began_at: DateTime<Utc>,
    /// The current time.
    pub now: DateTime<Utc>,
    /// The allowed difference between the provider's clock and ours.
    pub skew: TimeDelta,
    /// The maximum time since the person signed in at the provider, if requested.
    pub max_age: Option<TimeDelta>,
    /// The access token that came with it.
    pub access_token: &'e AccessToken,
}

/// Why a token is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The provider did not sign it.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// Its payload cannot be parsed.
    #[error("the ID token's claims cannot be read: {0}")]
    Payload(String),
    /// A required claim is missing or has the wrong type.
    #[error("the ID token's claim {0} is missing or of the wrong type")]
    Claim(&'static str),
    /// It has another issuer.
    #[error("the ID token is from the issuer {0:?}, which is not the configured one")]
    Issuer(String),
    /// It is for another client.
    #[error("the ID token is for {0} and not for this client")]
    Audience(String),
    /// It is also for others, listed without the trusted ones.
    #[error(
        "the ID token is for {0:?} too; if that is right, add to oidc.trusted_audiences: {0:?}"
    )]
    OtherAudiences(Vec<String>),
    /// It was issued to another client (`azp`).
    #[error("the ID token was made for another client (azp)")]
    Party,
    /// It has expired.
    #[error("the ID token expired {0} s ago: is a clock wrong?")]
    Expired(i64),
    /// It is from the future.
    #[error("the ID token is from {0} s ahead: the provider's clock is ahead, or ours is behind")]
    Future(i64),
    /// It was issued before the sign-in began.
    #[error("the ID token was made {0} s before it was asked for: the provider's clock is behind")]
    Old(i64),
    /// The person signed in there too long ago.
    #[error(
        "the person signed in at the provider {0} s ago, which is longer than the max_age asked for"
    )]
    Stale(i64),
    /// It has another nonce.
    #[error("the ID token's nonce is not that of this sign-in")]
    Nonce,
    /// It came with another access token.
    #[error("the ID token does not belong to the access token (at_hash)")]
    AccessToken,
    /// It is a logout token.
    #[error("the token has events in it: it is not an ID token")]
    Events,
}

/// Verifies an ID token, and returns its claims.
///
/// # Errors
/// The first rule that it violates; for [`JwsError::UnknownKey`], reading the keys again may help.
pub fn id_token(
    text: &str,
    keys: &CoreJsonWebKeySet,
    expected: &Expected<'_>,
) -> Result<Claims, TokenError> {
    let claims = any_id_token(text, keys, expected)?;
    check_nonce(&claims, expected)?;
    Ok(claims)
}

/// Verifies an ID token from a refresh, and returns its claims. Unlike others, it need not have a
/// nonce (OpenID Connect Core, section 12.2).
///
/// # Errors
/// As [`id_token`].
pub fn refreshed_id_token(
    text: &str,
    keys: &CoreJsonWebKeySet,
    expected: &Expected<'_>,
) -> Result<Claims, TokenError> {
    let claims = any_id_token(text, keys, expected)?;
    if claims.contains_key("nonce") {
        check_nonce(&claims, expected)?;
    }
    Ok(claims)
}

fn any_id_token(
    text: &str,
    keys: &CoreJsonWebKeySet,
    expected: &Expected<'_>,
) -> Result<Claims, TokenError> {
    let token = Token::parse(text, expected.algorithms)?;
    if let Some(kind) = token.kind()
        && kind != "jwt"
    {
        return Err(JwsError::Type(kind.chars().take(40).collect()).into());
    }
    let verified = token.verify(keys)?;
    let claims =
        json::object(&verified.payload).map_err(|error| TokenError::Payload(error.to_string()))?;
    check_issuer(&claims, expected.issuer)?;
    check_audience(&claims, expected.client_id, expected.trusted_audiences)?;
    check_expiry(&claims, expected.now, expected.skew)?;
    check_times(&claims, expected)?;
    check_subject(&claims)?;
    check_access_token(&claims, &verified, expected)?;
    check_events(&claims)?;
    check_age(&claims, expected)?;
    Ok(claims)
}

/// Why a sign-in would refuse these claims, as far as they are given, for `bailiwick explain`.
/// Missing claims are accepted, as people write down only what matters to them.
pub fn objection(
    claims: &Claims,
    issuer: &str,
    client_id: &str,
    trusted: &[String],
) -> Option<TokenError> {
    let has = |name: &str| claims.contains_key(name);
    let checks = [
        has("iss").then(|| check_issuer(claims, issuer)),
        has("aud").then(|| check_audience(claims, client_id, trusted)),
        (has("azp") && !has("aud")).then(|| match claims.get("azp").and_then(Value::as_str) {
            Some(party) if party == client_id => Ok(()),
            _ => Err(TokenError::Party),
        }),
        has("sub").then(|| check_subject(claims)),
        Some(check_events(claims)),
    ];
    checks.into_iter().flatten().find_map(Result::err)
}

fn text<'c>(claims: &'c Claims, name: &'static str) -> Result<&'c str, TokenError> {
    claims
        .get(name)
        .and_then(Value::as_str)
        .ok_or(TokenError::Claim(name))
}

pub(in crate::sso) fn check_issuer(claims: &Claims, expected: &str) -> Result<(), TokenError> {
    let issuer = text(claims, "iss")?;
    if issuer == expected {
        return Ok(());
    }
    Err(TokenError::Issuer(issuer.chars().take(200).collect()))
}

pub(in crate::sso) fn check_audience(
    claims: &Claims,
    client_id: &str,
    trusted: &[String],
) -> Result<(), TokenError> {
    let audiences: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(all)) => all
            .iter()
            .map(|one| one.as_str().ok_or(TokenError::Claim("aud")))
            .collect::<Result<_, _>>()?,
        _ => return Err(TokenError::Claim("aud")),
    };
    if !audiences.contains(&client_id) {
        return Err(TokenError::Audience(format!("{audiences:?}")));
    }
    let others: Vec<String> = audiences
        .iter()
        .filter(|one| **one != client_id && !trusted.iter().any(|known| known == **one))
        .map(|one| one.chars().take(MAX_SUBJECT).collect())
        .take(MAX_AUDIENCES)
        .collect();
    if !others.is_empty() {
        return Err(TokenError::OtherAudiences(others));
    }
    match claims.get("azp") {
        None if audiences.len() > 1 => Err(TokenError::Claim("azp")),
        None => Ok(()),
        Some(Value::String(party)) if party == client_id => Ok(()),
        Some(_) => Err(TokenError::Party),
    }
}

/// Seconds since 1970; some providers send fractions.
pub(in crate::sso) fn seconds(
    claims: &Claims,
    name: &'static str,
) -> Result<Option<i64>, TokenError> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    value
        .as_i64()
        .or_else(|| format!("{:.0}", value.as_f64()?.floor()).parse().ok())
        .map(Some)
        .ok_or(TokenError::Claim(name))
}

/// A time in a verified token, if present and readable. None after the year 9999, as not every
/// database can store it: some providers send milliseconds.
pub(in crate::sso) fn moment(claims: &Claims, name: &'static str) -> Option<DateTime<Utc>> {
    let moment = DateTime::from_timestamp(seconds(claims, name).ok()??, 0);
    moment.filter(|moment| (1970..=9999).contains(&moment.year()))
}

pub(in crate::sso) fn check_expiry(
    claims: &Claims,
    now: DateTime<Utc>,
    skew: TimeDelta,
) -> Result<(), TokenError> {
    let expires_at = seconds(claims, "exp")?.ok_or(TokenError::Claim("exp"))?;
    let past = now.timestamp().saturating_sub(expires_at);
    if past >= skew.num_seconds() {
        return Err(TokenError::Expired(past));
    }
    Ok(())
}

pub(in crate::sso) fn check_events(claims: &Claims) -> Result<(), TokenError> {
    if claims.contains_key("events") {
        Err(TokenError::Events)
    } else {
        Ok(())
    }
}

/// Checks the age of the sign-in. If it was requested, `auth_time` must be present and recent
/// enough (OpenID Connect Core, section 3.1.3.7, rule 13).
fn check_age(claims: &Claims, expected: &Expected<'_>) -> Result<(), TokenError> {
    let Some(max_age) = expected.max_age else {
        return Ok(());
    };
    let since = seconds(claims, "auth_time")?.ok_or(TokenError::Claim("auth_time"))?;
    let age = expected.now.timestamp().saturating_sub(since);
    let most = max_age
        .num_seconds()
        .saturating_add(expected.skew.num_seconds());
    if age > most {
        return Err(TokenError::Stale(age));
    }
    Ok(())
}

fn check_times(claims: &Claims, expected: &Expected<'_>) -> Result<(), TokenError> {
    let now = expected.now.timestamp();
    let skew = expected.skew.num_seconds();
    let issued_at = seconds(claims, "iat")?.ok_or(TokenError::Claim("iat"))?;
    let ahead = issued_at.saturating_sub(now);
    if ahead > skew {
        return Err(TokenError::Future(ahead));
    }
    let before = expected.began_at.timestamp().saturating_sub(issued_at);
    if before > skew {
        return Err(TokenError::Old(before));
    }
    if let Some(not_before) = seconds(claims, "nbf")? {
        let ahead = not_before.saturating_sub(now);
        if ahead > skew {
            return Err(TokenError::Future(ahead));
        }
    }
    Ok(())
}

fn check_subject(claims: &Claims) -> Result<(), TokenError> {
    let subject = text(claims, "sub")?;
    if subject.is_empty() || subject.len() > MAX_SUBJECT {
        return Err(TokenError::Claim("sub"));
    }
    Ok(())
}

fn check_nonce(claims: &Claims, expected: &Expected<'_>) -> Result<(), TokenError> {
    if same(text(claims, "nonce")?, expected.nonce) {
        return Ok(());
    }
    Err(TokenError::Nonce)
}

/// Checks `at_hash` if present (OpenID Connect Core, section 3.1.3.8).
fn check_access_token(
    claims: &Claims,
    token: &Verified,
    expected: &Expected<'_>,
) -> Result<(), TokenError> {
    let Some(claimed) = claims.get("at_hash") else {
        return Ok(());
    };
    let claimed = claimed.as_str().ok_or(TokenError::Claim("at_hash"))?;
    let actual = AccessTokenHash::from_token(expected.access_token, &token.algorithm, &token.key)
        .map_err(|_| TokenError::AccessToken)?;
    if same(actual.as_str(), claimed) {
        return Ok(());
    }
    Err(TokenError::AccessToken)
}
