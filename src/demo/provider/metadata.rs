//! The provider metadata (OpenID Connect Discovery, section 3) and its public key.

use actix_web::{HttpResponse, web};
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AuthUrl, JsonWebKeySetUrl, ProviderMetadata, ResponseTypes, Scope,
    TokenUrl, UserInfoUrl,
};
use serde::{Deserialize, Serialize};

use super::claims::{OWN, SCOPES};
use super::shared::Shared;

/// Members of the metadata from specifications other than Discovery.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Further {
    /// RP-Initiated Logout, section 2.1.
    end_session_endpoint: String,
    /// Back-Channel Logout, section 2.1.
    backchannel_logout_supported: bool,
    /// Back-Channel Logout, section 2.1: logout tokens name the session.
    backchannel_logout_session_supported: bool,
    /// RFC 8414, section 2.
    revocation_endpoint: String,
    /// RFC 8414, section 2.
    code_challenge_methods_supported: Vec<String>,
    /// RFC 9207, section 3.
    authorization_response_iss_parameter_supported: bool,
    /// Initiating User Registration, section 4.
    prompt_values_supported: Vec<String>,
}

impl AdditionalProviderMetadata for Further {}

type Metadata = ProviderMetadata<
    Further,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// `GET /.well-known/openid-configuration`
pub(super) async fn configuration(shared: web::Data<Shared>) -> HttpResponse {
    match metadata(&shared) {
        Ok(metadata) => HttpResponse::Ok().json(metadata),
        Err(error) => {
            tracing::error!(%error, "cannot write the development provider's metadata");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// `GET /jwks`
pub(super) async fn jwks(shared: web::Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(shared.keys.public())
}

fn metadata(shared: &Shared) -> Result<Metadata, url::ParseError> {
    let at = |path: &str| format!("{}{path}", shared.issuer.as_str());
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    let further = Further {
        end_session_endpoint: at("/end_session"),
        backchannel_logout_supported: true,
        backchannel_logout_session_supported: true,
        revocation_endpoint: at("/revoke"),
        code_challenge_methods_supported: words(&["S256"]),
        authorization_response_iss_parameter_supported: true,
        prompt_values_supported: words(&["none", "login", "select_account"]),
    };
    let metadata = Metadata::new(
        shared.issuer.clone(),
        AuthUrl::new(at("/authorize"))?,
        JsonWebKeySetUrl::new(at("/jwks"))?,
        vec![ResponseTypes::new(vec![CoreResponseType::Code])],
        vec![CoreSubjectIdentifierType::Public],
        vec![CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256],
        further,
    );
    let auth_methods = vec![
        CoreClientAuthMethod::ClientSecretBasic,
        CoreClientAuthMethod::ClientSecretPost,
    ];
    let claims = OWN
        .iter()
        .chain(&["email_verified"])
        .filter(|name| !["nbf", "jti", "azp"].contains(name));
    Ok(metadata
        .set_token_endpoint(Some(TokenUrl::new(at("/token"))?))
        .set_userinfo_endpoint(Some(UserInfoUrl::new(at("/userinfo"))?))
        .set_scopes_supported(Some(
            SCOPES
                .iter()
                .map(|scope| Scope::new((*scope).to_owned()))
                .collect(),
        ))
        .set_response_modes_supported(Some(vec![CoreResponseMode::Query]))
        .set_grant_types_supported(Some(vec![
            CoreGrantType::AuthorizationCode,
            CoreGrantType::RefreshToken,
        ]))
        .set_token_endpoint_auth_methods_supported(Some(auth_methods))
        .set_claims_supported(Some(
            claims
                .map(|name| CoreClaimName::new((*name).to_owned()))
                .collect(),
        ))
        .set_claims_parameter_supported(Some(false))
        .set_request_parameter_supported(Some(false))
        .set_request_uri_parameter_supported(Some(false)))
}
