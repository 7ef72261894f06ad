//! Reads userinfo (OpenID Connect Core, section 5.3). It must be about the same person, and come
//! from the provider itself.

use super::ExchangeError;
use crate::sso::provider::metadata::Metadata;
use crate::sso::provider::wire::{WireError, is_json, is_kind};
use crate::sso::provider::{Provider, Unknown};
use crate::sso::token::groups::Claims;
use crate::sso::token::json;
use crate::sso::token::jws::{JwsError, Token};
use crate::sso::token::verify::{self, TokenError};
use openidconnect::AccessToken;
use openidconnect::core::CoreJsonWebKeySet;
use serde_json::Value;

/// Accepted content types, in order of preference.
const ACCEPT: &str = "application/json, application/jwt;q=0.9";

impl Provider {
    /// The userinfo claims of the person with this subject.
    pub(in crate::sso) async fn userinfo(
        &self,
        metadata: &Metadata,
        endpoint: &str,
        access_token: &AccessToken,
        subject: &str,
    ) -> Result<Claims, ExchangeError> {
        let unusable = |reason: String| ExchangeError::UserInfo(reason);
        let bearer = Some(access_token.secret().as_str());
        let answer = self.wire.document(endpoint, ACCEPT, bearer).await;
        let (kind, body) = answer.map_err(|error| unusable(error.to_string()))?;
        let claims = if is_json(&kind) {
            json::object(&body).map_err(|error| unusable(error.to_string()))?
        } else if is_kind(&kind, "application/jwt") {
            let text = std::str::from_utf8(&body)
                .map_err(|_| unusable("it is not a token".into()))?
                .trim();
            let signed = self.with_keys(metadata, |keys| self.signed(metadata, text, keys));
            signed.await.map_err(|error| match error {
                ExchangeError::Token(error) => unusable(error.to_string()),
                error => error,
            })?
        } else {
            let kind = kind.chars().take(80).collect();
            return Err(unusable(WireError::NotJson(kind).to_string()));
        };
        match claims.get("sub").and_then(Value::as_str) {
            Some(said) if said == subject => Ok(claims),
            Some(_) => Err(ExchangeError::OtherPerson),
            None => Err(unusable("it does not name the person (sub)".into())),
        }
    }

    /// The claims of signed userinfo (section 5.3.2): signed by the provider, for this client.
    fn signed(
        &self,
        metadata: &Metadata,
        text: &str,
        keys: &CoreJsonWebKeySet,
    ) -> Result<Claims, TokenError> {
        let token = Token::parse(text, &metadata.userinfo_algorithms)?;
        if let Some(kind) = token.kind()
            && kind != "jwt"
        {
            return Err(JwsError::Type(kind.chars().take(40).collect()).into());
        }
        let verified = token.verify(keys)?;
        let claims = json::object(&verified.payload)
            .map_err(|error| TokenError::Payload(error.to_string()))?;
        let settings = &self.settings;
        verify::check_issuer(&claims, &settings.issuer)?;
        verify::check_audience(&claims, &settings.client_id, &settings.trusted_audiences)?;
        verify::check_events(&claims)?;
        if claims.contains_key("exp") {
            verify::check_expiry(&claims, self.clock.now(), settings.skew)?;
        }
        Ok(claims)
    }

    /// Verifies something with the provider's keys; if none fits, reads the keys again and retries
    /// once.
    pub(in crate::sso) async fn with_keys(
        &self,
        metadata: &Metadata,
        check: impl Fn(&CoreJsonWebKeySet) -> Result<Claims, TokenError>,
    ) -> Result<Claims, ExchangeError> {
        let keys = self.keys(metadata).await?;
        match check(&keys.set) {
            Err(TokenError::Jws(JwsError::UnknownKey)) => {
                let newer = self.keys_after(&keys, metadata, Unknown::OfProvider);
                let newer = newer.await?;
                let newer = newer.ok_or(TokenError::Jws(JwsError::UnknownKey))?;
                Ok(check(&newer.set)?)
            }
            outcome => Ok(outcome?),
        }
    }
}
