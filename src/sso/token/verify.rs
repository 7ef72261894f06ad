//! What an ID token must be before anyone is let in by it (OpenID Connect Core, section 3.1.3.7).
//!
//! Claims are read as JSON: a claim that is not checked here may have any type without locking
//! its person out.

use super::groups::Claims;
use super::json;
use super::jws::{JwsError, Token, Verified};
use crate::session::token::same;
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{AccessToken, AccessTokenHash};
use serde_json::Value;

/// How far the provider's clock may be from ours.
pub const DEFAULT_SKEW: TimeDelta = TimeDelta::seconds(60);
/// The longest subject, in bytes (OpenID Connect Core, section 2).
const MAX_SUBJECT: usize = 255;

/// The most audiences that are told of.
const MAX_AUDIENCES: usize = 10;

/// What the token must say.
pub struct Expected<'e> {
    /// The issuer, byte for byte.
    pub issuer: &'e str,
    /// Our client id.
    pub client_id: &'e str,
    /// Other audiences that are no cause for worry.
    pub trusted_audiences: &'e [String],
    /// The algorithms taken of this provider.
    pub algorithms: &'e [CoreJwsSigningAlgorithm],
    /// The nonce of this attempt.
    pub nonce: &'e str,
    /// When this attempt began: no token is older.
    pub began_at: DateTime<Utc>,
    /// What time it is.
    pub now: DateTime<Utc>,
    /// How far the provider's clock may be from ours.
    pub skew: TimeDelta,
    /// How long ago the person may have signed in at the provider, if that was asked for.
    pub max_age: Option<TimeDelta>,
    /// The access token that came with it.
    pub access_token: &'e AccessToken,
}

/// Why a token is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is not a token that this provider signed for us.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// Its payload cannot be read.
    #[error("the ID token's claims cannot be read: {0}")]
    Payload(String),
    /// A claim that must be there is not, or is of the wrong type.
    #[error("the ID token's claim {0} is missing or of the wrong type")]
    Claim(&'static str),
    /// It is from somebody else.
    #[error("the ID token is from the issuer {0:?}, which is not the configured one")]
    Issuer(String),
    /// It is not for us.
    #[error("the ID token is for {0} and not for this client")]
    Audience(String),
    /// It is for others too: all of them that are not trusted.
    #[error(
        "the ID token is for {0:?} too; if that is right, add to oidc.trusted_audiences: {0:?}"
    )]
    OtherAudiences(Vec<String>),
    /// It was asked for by somebody else.
    #[error("the ID token was made for another client (azp)")]
    Party,
    /// It has expired.
    #[error("the ID token expired {0} s ago: is a clock wrong?")]
    Expired(i64),
    /// It is from the future.
    #[error("the ID token is from {0} s ahead: the provider's clock is ahead, or ours is behind")]
    Future(i64),
    /// It was made before it was asked for.
    #[error("the ID token was made {0} s before it was asked for: the provider's clock is behind")]
    Old(i64),
    /// The person signed in there too long ago.
    #[error(
        "the person signed in at the provider {0} s ago, which is longer than the max_age asked for"
    )]
    Stale(i64),
    /// It answers another attempt.
    #[error("the ID token's nonce is not that of this sign-in")]
    Nonce,
    /// The access token is not the one it came with.
    #[error("the ID token does not belong to the access token (at_hash)")]
    AccessToken,
    /// It is a logout token.
    #[error("the token has events in it: it is not an ID token")]
    Events,
}

/// Checks an ID token, and gives its claims.
///
/// # Errors
/// The first rule that it breaks; [`JwsError::UnknownKey`] may be cured by fresh keys.
pub fn id_token(
    text: &str,
    keys: &CoreJsonWebKeySet,
    expected: &Expected<'_>,
) -> Result<Claims, TokenError> {
    let claims = any_id_token(text, keys, expected)?;
    check_nonce(&claims, expected)?;
    Ok(claims)
}

/// Checks an ID token that came of a refresh, and gives its claims: like another, but that its
/// nonce need not be there (OpenID Connect Core, section 12.2).
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

/// Why a sign-in would refuse these claims, as far as they tell. For `bailiwick explain`: what is
/// not there is not missed, as people write down only what matters to them.
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

/// Seconds since 1970, of which providers send fractions too.
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

/// A time that a checked token tells of, if it tells one that can be read.
pub(in crate::sso) fn moment(claims: &Claims, name: &'static str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(seconds(claims, name).ok()??, 0)
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

/// If it was asked how long ago the person signed in at the provider, it must be said, and be
/// right (OpenID Connect Core, section 3.1.3.7, rule 13).
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

/// Checks `at_hash` if it is there (OpenID Connect Core, section 3.1.3.8).
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
