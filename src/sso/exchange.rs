//! The two requests of a sign-in: the authorization request through the browser, and the token
//! request.

mod client;
pub mod probe;
pub mod renewal;
mod revocation;
pub mod state;
pub mod userinfo;

use crate::access::{GroupsNote, Person, Policy};
use crate::sso::provider::metadata::Metadata;
use crate::sso::provider::wire::WireError;
use crate::sso::provider::{Provider, ProviderError};
use crate::sso::token::groups::{self, Claims};
use crate::sso::token::jws::JwsError;
use crate::sso::token::person;
use crate::sso::token::verify::{self, Expected, TokenError};
use crate::store::sign_ins::Pending;
use chrono::{DateTime, Utc};
use client::{Tokens, bearer, refusal};
use openidconnect::core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreJsonWebKeySet};
use openidconnect::{
    AccessToken, AuthenticationContextClass, AuthorizationCode, CsrfToken, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, Scope,
};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

/// Why a provider's response does not sign anybody in.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The provider cannot be used at the moment.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The token endpoint cannot be reached.
    #[error("the token endpoint: {0}")]
    Wire(WireError),
    /// The token endpoint refused the code.
    #[error("the token endpoint refused the code: {0}")]
    Refused(String),
    /// The token response is invalid.
    #[error("the token endpoint's answer cannot be used: {0}")]
    Answer(String),
    /// The ID token is invalid.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Userinfo was needed for the groups, but cannot be used.
    #[error("userinfo, which was asked for the groups: {0}")]
    UserInfo(String),
    /// Userinfo is about another person.
    #[error("userinfo, which was asked for the groups, is about another person (sub)")]
    OtherPerson,
}

impl ExchangeError {
    /// Whether an endpoint failed to work as the metadata says, instead of refusing.
    pub(in crate::sso) fn is_of_an_endpoint(&self) -> bool {
        match self {
            Self::Provider(_) | Self::Wire(_) | Self::Answer(_) | Self::UserInfo(_) => true,
            Self::Refused(_) | Self::Token(_) | Self::OtherPerson => false,
        }
    }

    /// Whether a later attempt may succeed. An endpoint failed, or the provider has changed its
    /// keys and the new ones cannot be read yet.
    pub(in crate::sso) fn is_away(&self) -> bool {
        match self {
            Self::Token(TokenError::Jws(JwsError::UnknownKey)) => true,
            Self::Refused(code) => is_outage(code),
            other => other.is_of_an_endpoint(),
        }
    }
}

/// Whether a token endpoint's error code is about the panel or the provider, not about the person
/// (RFC 6749, section 5.2).
fn is_outage(code: &str) -> bool {
    matches!(
        code,
        "invalid_client"
            | "invalid_request"
            | "temporarily_unavailable"
            | "server_error"
            | "slow_down"
    )
}

/// A person identified by the provider.
pub(in crate::sso) struct Vouched {
    pub person: Person,
    pub told: CheckedClaims,
    pub groups_note: GroupsNote,
    pub id_token: String,
    pub provider_session: Option<String>,
    pub refresh_token: Option<String>,
    pub authenticated_at: Option<DateTime<Utc>>,
    pub acr: Option<String>,
    pub vouched_at: Option<DateTime<Utc>>,
}

impl Vouched {
    /// Limits the number of groups; those that give a role are kept first.
    #[must_use]
    pub fn within_bounds(mut self, policy: &Policy) -> Self {
        let provider = self.person.provider.clone();
        groups::keep(&mut self.person.groups, |group| {
            policy.maps(provider.as_deref(), group)
        });
        self
    }
}

/// Verified claims of a person, without the tokens.
#[derive(Debug, Clone)]
pub struct CheckedClaims {
    /// The claims of the ID token.
    pub id_token: Claims,
    /// The claims of userinfo, if it was requested.
    pub userinfo: Option<Claims>,
}

/// What the provider may ask a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Which account to use.
    SelectAccount,
    /// To sign in again.
    Login,
    /// Nothing: if it would have to ask, the response is an error.
    None,
}

/// Parameters of an authorization request.
pub(in crate::sso) struct Start<'s> {
    pub state: &'s str,
    pub nonce: &'s str,
    pub verifier: &'s str,
    pub prompt: Option<Prompt>,
    pub login_hint: Option<&'s str>,
    pub max_age_s: Option<u64>,
    pub acr_values: &'s [String],
}

impl<'s> Start<'s> {
    /// A sign-in without special parameters.
    pub fn plain(state: &'s str, nonce: &'s str, verifier: &'s str) -> Self {
        Self {
            state,
            nonce,
            verifier,
            prompt: None,
            login_hint: None,
            max_age_s: None,
            acr_values: &[],
        }
    }
}

/// A function that verifies an ID token.
type Check = fn(&str, &CoreJsonWebKeySet, &Expected<'_>) -> Result<Claims, TokenError>;

impl Provider {
    /// The address of the authorization request, always the code flow with PKCE (S256).
    pub(in crate::sso) fn authorization_url(
        &self,
        metadata: &Metadata,
        start: &Start<'_>,
    ) -> Result<Url, ProviderError> {
        let client = self.relying_party(metadata)?;
        let verifier = PkceCodeVerifier::new(start.verifier.to_owned());
        let (state, nonce) = (start.state.to_owned(), start.nonce.to_owned());
        let scopes = self.settings.scopes.iter();
        let scopes = scopes
            .filter(|scope| *scope != "openid" && metadata.is_asked(scope, &self.settings))
            .cloned();
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .add_scopes(scopes.map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if let Some(prompt) = start.prompt {
            request = request.add_prompt(match prompt {
                Prompt::SelectAccount => CoreAuthPrompt::SelectAccount,
                Prompt::Login => CoreAuthPrompt::Login,
                Prompt::None => CoreAuthPrompt::None,
            });
        }
        if state::is_posted(&self.settings, start.state) {
            request = request.add_extra_param("response_mode", "form_post");
        }
        if let Some(hint) = start.login_hint {
            request = request.add_extra_param("login_hint", hint.to_owned());
        }
        for (name, value) in &self.settings.params {
            // Parameters of this sign-in take precedence over configured ones.
            let is_asked = match name.as_str() {
                "prompt" => start.prompt.is_some(),
                "login_hint" => start.login_hint.is_some(),
                "max_age" => start.max_age_s.is_some(),
                "acr_values" => !start.acr_values.is_empty(),
                _ => false,
            };
            if !is_asked {
                request = request.add_extra_param(name.clone(), value.clone());
            }
        }
        if let Some(seconds) = start.max_age_s {
            request = request.set_max_age(std::time::Duration::from_secs(seconds));
        }
        for way in start.acr_values {
            request = request.add_auth_context_value(AuthenticationContextClass::new(way.clone()));
        }
        Ok(request.url().0)
    }

    /// Exchanges a code for tokens, verifies them, and returns the person.
    pub(in crate::sso) async fn redeem(
        &self,
        metadata: &Metadata,
        pending: &Pending,
        code: &str,
        now: DateTime<Utc>,
    ) -> Result<Vouched, ExchangeError> {
        let tokens = self.exchange(metadata, &pending.verifier, code).await?;
        let id_token = tokens
            .extra_fields()
            .id_token
            .as_deref()
            .ok_or_else(|| ExchangeError::Answer("there is no ID token in it".into()))?;
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            trusted_audiences: &self.settings.trusted_audiences,
            algorithms: &metadata.algorithms,
            nonce: &pending.nonce,
            began_at: pending.created_at.and_utc(),
            now,
            skew: self.settings.skew,
            max_age: self.settings.max_age(),
            access_token: tokens.access_token(),
        };
        let claims = self
            .verified(metadata, id_token, &expected, verify::id_token)
            .await?;
        let vouched = self
            .vouch(metadata, &claims, id_token, tokens.access_token())
            .await?;
        let refresh_token = tokens.refresh_token();
        Ok(Vouched {
            refresh_token: refresh_token.map(|token| token.secret().clone()),
            ..vouched
        })
    }

    pub(in crate::sso) async fn exchange(
        &self,
        metadata: &Metadata,
        verifier: &str,
        code: &str,
    ) -> Result<Tokens, ExchangeError> {
        let client = self.relying_party(metadata)?;
        let send = |request| self.token_answer(request);
        let tokens = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| ExchangeError::Answer(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
            .request_async(&send)
            .await
            .map_err(refusal)?;
        bearer(tokens)
    }

    /// Verifies an ID token; if no key fits, reads the keys again and retries once.
    async fn verified(
        &self,
        metadata: &Metadata,
        id_token: &str,
        expected: &Expected<'_>,
        check: Check,
    ) -> Result<Claims, ExchangeError> {
        let check = |keys: &_| check(id_token, keys, expected);
        self.with_keys(metadata, check).await
    }

    /// The person described by verified claims; requests userinfo if they lack the groups.
    async fn vouch(
        &self,
        metadata: &Metadata,
        claims: &Claims,
        id_token: &str,
        access_token: &AccessToken,
    ) -> Result<Vouched, ExchangeError> {
        let settings = &self.settings;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let subject = text("sub").unwrap_or_default();
        let mut userinfo = None;
        if settings.groups.needs_more(claims)
            && let Some(endpoint) = metadata.document.userinfo_endpoint()
        {
            let said = self.userinfo(metadata, endpoint.as_str(), access_token, subject);
            userinfo = Some(said.await?);
        }
        let sources: Vec<&Claims> = std::iter::once(claims).chain(&userinfo).collect();
        let groups = settings.groups.read(&sources);
        groups.note.log(
            self.name(),
            &settings.groups.claim,
            &groups::names_of(&sources),
        );
        if groups.cut > 0 {
            tracing::warn!(
                groups.cut = groups.cut,
                "a person has more groups than the panel stores"
            );
        }
        let groups_note = groups.note.clone();
        Ok(Vouched {
            person: Person {
                provider: settings.name.clone(),
                ..person::from_claims(
                    &settings.issuer,
                    subject,
                    &sources,
                    groups,
                    &settings.groups.claim,
                )
            },
            told: CheckedClaims {
                id_token: claims.clone(),
                userinfo,
            },
            groups_note,
            id_token: id_token.to_owned(),
            provider_session: text("sid").map(str::to_owned),
            refresh_token: None,
            authenticated_at: verify::moment(claims, "auth_time"),
            // Not every database can store a control character.
            acr: text("acr")
                .filter(|acr| !acr.chars().any(char::is_control))
                .map(str::to_owned),
            vouched_at: verify::moment(claims, "iat"),
        })
    }
}

/// A provider's text, shortened and on one line.
pub(in crate::sso) fn plain(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control())
        .take(200)
        .collect()
}
