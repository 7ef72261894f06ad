//! The client of the `openidconnect` crate, with its type parameters.

use super::{ExchangeError, plain};
use crate::config::AuthMethod;
use crate::sso::provider::metadata::Metadata;
use crate::sso::provider::wire::WireError;
use crate::sso::provider::{Provider, ProviderError};
use crate::sso::token::groups::Claims;
use crate::sso::token::json;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AuthType, Client, ClientId, ClientSecret, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, ExtraTokenFields, IdToken, OAuth2TokenResponse, RedirectUrl, RequestTokenError,
    StandardErrorResponse, StandardTokenResponse, TokenResponse,
};
use openidconnect::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

/// The ID token as received. The crate's own type refuses a whole token if one optional claim has
/// the wrong type.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(in crate::sso) struct RawIdToken {
    pub(super) id_token: Option<String>,
}

impl ExtraTokenFields for RawIdToken {}

impl std::fmt::Debug for RawIdToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RawIdToken")
    }
}

/// Stands for claims that the crate need not read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::sso) struct Unread {}

impl AdditionalClaims for Unread {}

pub(in crate::sso) type Tokens = StandardTokenResponse<RawIdToken, CoreTokenType>;

impl
    TokenResponse<
        Unread,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    > for Tokens
{
    fn id_token(
        &self,
    ) -> Option<
        &IdToken<
            Unread,
            CoreGenderClaim,
            CoreJweContentEncryptionAlgorithm,
            CoreJwsSigningAlgorithm,
        >,
    > {
        None
    }
}

pub(super) type RelyingParty = Client<
    Unread,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The members of a token response that are used (RFC 6749, sections 5.1 and 5.2).
const READ: [&str; 5] = [
    "access_token",
    "token_type",
    "id_token",
    "refresh_token",
    "error",
];

impl Provider {
    /// Sends a request to the token endpoint. All unused members are removed from the response, so
    /// they may have any type.
    pub(super) async fn token_answer(
        &self,
        request: HttpRequest,
    ) -> Result<HttpResponse, WireError> {
        let mut response = self.wire.send(request).await?;
        if let Ok(said) = json::object(response.body()) {
            *response.body_mut() = serde_json::Value::Object(only_read(said))
                .to_string()
                .into_bytes();
        }
        Ok(response)
    }

    /// The crate's client, made for each use so that it never keeps old endpoints.
    pub(super) fn relying_party(&self, metadata: &Metadata) -> Result<RelyingParty, ProviderError> {
        let settings = &self.settings;
        let secret = settings.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.reveal().to_owned()));
        let redirect = RedirectUrl::new(settings.redirect_uri.clone())
            .map_err(|error| ProviderError::Metadata(error.to_string()))?;
        Ok(Client::from_provider_metadata(
            metadata.document.clone(),
            ClientId::new(settings.client_id.clone()),
            secret,
        )
        .set_auth_type(auth_type(settings.auth_method, metadata))
        .set_redirect_uri(redirect))
    }
}

/// The used members; empty ones are left out.
fn only_read(mut said: Claims) -> Claims {
    said.retain(|name, value| {
        READ.contains(&name.as_str()) && !value.is_null() && value.as_str() != Some("")
    });
    said
}

/// Returns the tokens if they are bearer tokens (RFC 6750), the only supported type.
pub(super) fn bearer(tokens: Tokens) -> Result<Tokens, ExchangeError> {
    match tokens.token_type() {
        CoreTokenType::Bearer => Ok(tokens),
        _ => Err(ExchangeError::Answer(
            "its tokens are not bearer tokens".into(),
        )),
    }
}

/// The authentication method: the configured one, otherwise the header unless the provider lists
/// only the body.
pub(super) fn auth_type(configured: Option<AuthMethod>, metadata: &Metadata) -> AuthType {
    match configured {
        Some(AuthMethod::ClientSecretBasic) => return AuthType::BasicAuth,
        Some(AuthMethod::ClientSecretPost) => return AuthType::RequestBody,
        None => {}
    }
    let listed = metadata.document.token_endpoint_auth_methods_supported();
    let lists = |method| listed.is_some_and(|methods| methods.contains(&method));
    if lists(CoreClientAuthMethod::ClientSecretPost)
        && !lists(CoreClientAuthMethod::ClientSecretBasic)
    {
        AuthType::RequestBody
    } else {
        AuthType::BasicAuth
    }
}

type TokenRefusal = RequestTokenError<WireError, StandardErrorResponse<CoreErrorResponseType>>;

/// The error for a refusal. It never includes the body, which may hold tokens.
pub(super) fn refusal(error: TokenRefusal) -> ExchangeError {
    match error {
        RequestTokenError::ServerResponse(said) => {
            ExchangeError::Refused(plain(said.error().as_ref()))
        }
        RequestTokenError::Request(error) => ExchangeError::Wire(error),
        // The parser's message quotes the value, which may be a token. So only its position is
        // reported.
        RequestTokenError::Parse(error, _) => {
            ExchangeError::Answer(format!("its member {} cannot be read", error.path()))
        }
        RequestTokenError::Other(reason) => ExchangeError::Answer(plain(&reason)),
    }
}
