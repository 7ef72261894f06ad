//! The token endpoint: codes and refresh tokens for tokens (RFC 6749, sections 4.1.3 and 6).

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreErrorResponseType, CoreGenderClaim, CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm, CoreTokenType,
};
use openidconnect::{
    AccessToken, Audience, AuthenticationContextClass, EmptyExtraTokenFields, IdTokenFields, Nonce,
    RefreshToken, Scope, StandardErrorResponse, StandardTokenResponse,
};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::claims::{self, Extra};
use super::keys::{Claims, Token};
use super::params::Params;
use super::settings::Person;
use super::shared::{Shared, delta};
use super::store::Grant;

type Tokens = StandardTokenResponse<
    IdTokenFields<
        Extra,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

/// An error of RFC 6749, section 5.2.
#[derive(Debug)]
struct Refusal(CoreErrorResponseType, &'static str);

/// `POST /token`
pub(super) async fn exchange(
    request: HttpRequest,
    body: web::Bytes,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let answer = Params::parse(&body)
        .map_err(|_| {
            Refusal(
                CoreErrorResponseType::InvalidRequest,
                "a parameter is there more than once",
            )
        })
        .and_then(|form| {
            authenticate(&request, &form, &shared)?;
            grant_tokens(&form, &shared)
        });
    match answer {
        Ok(tokens) => HttpResponse::Ok()
            .insert_header((header::PRAGMA, "no-cache"))
            .json(tokens),
        Err(refusal) => refusal.respond(),
    }
}

/// `POST /revoke` (RFC 7009): an unknown token counts as revoked.
pub(super) async fn revoke(
    request: HttpRequest,
    body: web::Bytes,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let form = Params::parse(&body).map_err(|_| {
        Refusal(
            CoreErrorResponseType::InvalidRequest,
            "a parameter is there more than once",
        )
    });
    let taken = form.and_then(|form| {
        authenticate(&request, &form, &shared)?;
        if let Some(token) = form.get("token") {
            shared.store().give_back(token);
        }
        Ok(())
    });
    match taken {
        Ok(()) => HttpResponse::Ok().finish(),
        Err(refusal) => refusal.respond(),
    }
}

impl Refusal {
    fn respond(self) -> HttpResponse {
        let Self(kind, text) = self;
        let mut response = if kind == CoreErrorResponseType::InvalidClient {
            let mut response = HttpResponse::Unauthorized();
            response.insert_header((header::WWW_AUTHENTICATE, "Basic realm=\"token\""));
            response
        } else {
            HttpResponse::BadRequest()
        };
        response.json(StandardErrorResponse::new(
            kind,
            Some(text.to_owned()),
            None,
        ))
    }
}

/// Checks the client's secret, in basic authentication or in the form, but never both.
fn authenticate(request: &HttpRequest, form: &Params, shared: &Shared) -> Result<(), Refusal> {
    let invalid = || {
        Refusal(
            CoreErrorResponseType::InvalidClient,
            "the client id or secret is wrong",
        )
    };
    let (id, secret) = match request.headers().get(header::AUTHORIZATION) {
        Some(_) if form.get("client_secret").is_some() => {
            return Err(Refusal(
                CoreErrorResponseType::InvalidRequest,
                "authenticate in one way, not in two",
            ));
        }
        Some(value) => value.to_str().ok().and_then(basic).ok_or_else(invalid)?,
        None => form
            .owned("client_id")
            .zip(form.owned("client_secret"))
            .ok_or_else(invalid)?,
    };
    let expected = shared.settings.client_secret.secret().as_bytes();
    let is_secret: bool = secret.as_bytes().ct_eq(expected).into();
    (is_secret && id == *shared.settings.client_id.as_str())
        .then_some(())
        .ok_or_else(invalid)
}

/// Client id and secret, each form-encoded first (RFC 6749, section 2.3.1).
fn basic(value: &str) -> Option<(String, String)> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((form_decode(id)?, form_decode(secret)?))
}

fn form_decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced)
        .decode_utf8()
        .ok()
        .map(Into::into)
}

fn grant_tokens(form: &Params, shared: &Shared) -> Result<Tokens, Refusal> {
    let now = shared.settings.clock.now();
    match form.get("grant_type") {
        Some("authorization_code") => {
            let grant = redeem_code(form, now, shared)?;
            let nonce = grant.nonce.clone();
            issue(grant, nonce, now, shared)
        }
        Some("refresh_token") => {
            let value = form.get("refresh_token").unwrap_or_default();
            let refused = Refusal(
                CoreErrorResponseType::InvalidGrant,
                "the refresh token is unknown or was used before",
            );
            let grant = shared.store().redeem_refresh(value).ok_or(refused)?;
            // An ID token of a refresh has no nonce (OpenID Connect Core, section 12.2).
            issue(grant, None, now, shared)
        }
        Some(_) => Err(Refusal(
            CoreErrorResponseType::UnsupportedGrantType,
            "use a code or a refresh token",
        )),
        None => Err(Refusal(
            CoreErrorResponseType::InvalidRequest,
            "grant_type is missing",
        )),
    }
}

fn redeem_code(form: &Params, now: DateTime<Utc>, shared: &Shared) -> Result<Grant, Refusal> {
    let refused = |text| Refusal(CoreErrorResponseType::InvalidGrant, text);
    let code = shared
        .store()
        .redeem_code(form.get("code").unwrap_or_default(), now)
        .ok_or_else(|| refused("the code is unknown, expired or was used before"))?;
    if form.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(refused(
            "the redirect_uri is not the one the code was issued for",
        ));
    }
    let digest = Sha256::digest(form.get("code_verifier").unwrap_or_default());
    let is_verified: bool = URL_SAFE_NO_PAD
        .encode(digest)
        .as_bytes()
        .ct_eq(code.challenge.as_bytes())
        .into();
    is_verified
        .then_some(code.grant)
        .ok_or_else(|| refused("the code_verifier does not fit the code_challenge"))
}

fn issue(
    grant: Grant,
    nonce: Option<String>,
    now: DateTime<Utc>,
    shared: &Shared,
) -> Result<Tokens, Refusal> {
    let mut store = shared.store();
    let person = store
        .person(&grant.session.subject)
        .cloned()
        .ok_or(Refusal(
            CoreErrorResponseType::InvalidGrant,
            "the person is gone",
        ))?;
    let lifetime = shared.settings.access_token_lifetime;
    let access = AccessToken::new(store.issue_access(grant.clone(), now, delta(lifetime)));
    let is_offline = grant.scopes.contains("offline_access");
    let refresh = is_offline.then(|| RefreshToken::new(store.issue_refresh(grant.clone())));
    drop(store);

    let id_token = id_token(&person, &grant, nonce, &access, now, shared).map_err(|error| {
        tracing::error!(%error, "cannot sign an ID token");
        Refusal(
            CoreErrorResponseType::Extension("server_error".to_owned()),
            "cannot sign the ID token",
        )
    })?;
    let fields = IdTokenFields::new(Some(id_token), EmptyExtraTokenFields {});
    let mut tokens = Tokens::new(access, CoreTokenType::Bearer, fields);
    tokens.set_expires_in(Some(&lifetime));
    tokens.set_refresh_token(refresh);
    tokens.set_scopes(Some(grant.scopes.iter().cloned().map(Scope::new).collect()));
    Ok(tokens)
}

fn id_token(
    person: &Person,
    grant: &Grant,
    nonce: Option<String>,
    access: &AccessToken,
    now: DateTime<Utc>,
    shared: &Shared,
) -> Result<Token, openidconnect::JsonWebTokenError> {
    let mut extra = if shared.settings.groups_in_id_token {
        claims::extra(person, &grant.scopes)
    } else {
        Extra::default()
    };
    extra
        .values
        .insert("sid".to_owned(), grant.session.sid.clone().into());
    let claims = Claims::new(
        shared.issuer.clone(),
        vec![Audience::new(shared.settings.client_id.to_string())],
        now + delta(shared.settings.id_token_lifetime),
        now,
        claims::standard(person, &grant.scopes),
        extra,
    )
    .set_auth_time(Some(grant.session.auth_time))
    .set_auth_context_ref(
        grant
            .session
            .acr
            .clone()
            .map(AuthenticationContextClass::new),
    )
    .set_nonce(nonce.map(Nonce::new));
    shared.keys.sign(claims, access)
}
