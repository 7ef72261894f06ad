//! `POST /auth/logout` and the page after it. The session here ends regardless of the provider.

use crate::session::{Signed, token};
use crate::sso::context::{Context, see_other};
use crate::sso::flow::error::SignInError;
use crate::sso::give_back;
use crate::sso::pages::Leave;
use crate::sso::provider::Provider;
use crate::store::audit::event::Nothing;
use crate::store::audit::{self, Actor};
use crate::store::{AnyConnection, DatabaseError, Event, NewEntry, sessions};
use crate::texts::text;
use crate::web::body::OF_A_STRANGER;
use crate::web::origin::check_origin;
use crate::web::wants_json;
use actix_session::Session;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use std::time::Duration;
use url::Url;
use url::form_urlencoded::byte_serialize;

/// How long sign-out waits for the provider's metadata if it was never read.
const PATIENCE: Duration = Duration::from_secs(2);
/// The maximum length of an address with the ID token, in bytes. Proxies refuse longer ones: the
/// default buffers of nginx are 4 KiB for a whole header.
const MAX_URL: usize = 2_048;
/// Marks the page after a sign-out that did not reach the provider.
const ONLY_HERE: &str = "only_here";

#[derive(serde::Deserialize)]
pub(in crate::sso) struct Form {
    csrf_token: Option<String>,
}

/// Ends the session here, then at the provider.
pub(in crate::sso) async fn sign_out(
    request: HttpRequest,
    session: Session,
    payload: web::Payload,
    context: web::Data<Context>,
) -> HttpResponse {
    // Without a session, the form is not read.
    let given = match Signed::read(&session) {
        Some(_) => token_in(&request, payload).await,
        None => None,
    };
    let outcome = end(&request, &session, given, &context).await;
    context.answer(&request, outcome)
}

/// The CSRF token in the form.
async fn token_in(request: &HttpRequest, payload: web::Payload) -> Option<String> {
    let mut payload = payload.into_inner();
    let form = web::Form::<Form>::from_request(request, &mut payload);
    let form = tokio::time::timeout(OF_A_STRANGER, form).await.ok()?;
    form.ok()?.into_inner().csrf_token
}

async fn end(
    request: &HttpRequest,
    session: &Session,
    given: Option<String>,
    context: &Context,
) -> Result<HttpResponse, SignInError> {
    let Some(signed) = Signed::read(session) else {
        return Ok(see_other(&context.url("/auth/signed-out")));
    };
    let header = request.headers().get("X-CSRF-Token");
    let header = header.and_then(|value| value.to_str().ok());
    let is_ours = given
        .as_deref()
        .or(header)
        .is_some_and(|token| signed.accepts_csrf(token));
    if !is_ours || check_origin(request, &context.urls).is_err() {
        return Err(SignInError::Csrf);
    }
    let actor = context.actor(request, &signed.person);
    give_back::of_signed(context, &signed);
    // Removes the cookie, and the row if that was not possible together with the audit event.
    session.purge();
    if let Err(error) = end_noted(context, actor, signed.reference.clone()).await {
        // The person must be signed out even if the audit event could not be written.
        tracing::error!(error = %error, oidc.subject = signed.person.subject,
            "a sign-out could not be recorded in the audit log");
    }
    Ok(match at_provider(context, &signed).await {
        Some(url) if wants_json(request) => see_other(url.as_str()),
        Some(url) => context
            .pages
            .leave(request, &Leave::to_sign_out(url.as_str())),
        None => see_other(&format!(
            "{}?{ONLY_HERE}=1",
            context.url("/auth/signed-out")
        )),
    })
}

/// Ends the session and writes its audit event in one transaction. A session that has ended before
/// has its own event.
async fn end_noted(
    context: &Context,
    actor: Actor,
    reference: String,
) -> Result<(), DatabaseError> {
    let now = context.clock.now().naive_utc();
    let work = move |conn: &mut AnyConnection| {
        conn.change(|conn| {
            if sessions::delete_named(conn, &reference)? {
                let entry = NewEntry {
                    row_key: Some(reference),
                    ..NewEntry::new(Event::SignOut(Nothing {}))
                };
                audit::record(conn, &actor, &entry, now)?;
            }
            Ok::<_, DatabaseError>(())
        })
    };
    context.database.run(work).await
}

/// The configured sign-out address.
fn configured(template: &str, provider: &Provider) -> Option<Url> {
    let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let settings = &provider.settings;
    let back = encode(&settings.post_logout_redirect_uri);
    let filled = template
        .replace("{client_id}", &encode(&settings.client_id))
        .replace("{post_logout_redirect_uri}", &back);
    Url::parse(&filled).ok()
}

/// The address that signs the person out of the provider too (RP-Initiated Logout, section 2).
async fn at_provider(context: &Context, signed: &Signed) -> Option<Url> {
    let provider = context.providers.of_issuer(&signed.person.issuer)?;
    if let Some(template) = &provider.settings.sign_out_url {
        return configured(template, provider);
    }
    let metadata = tokio::time::timeout(PATIENCE, provider.metadata()).await;
    let metadata = metadata.ok()?.ok()?;
    let mut url = metadata.end_session()?.clone();
    url.query_pairs_mut()
        .append_pair("client_id", &provider.settings.client_id)
        .append_pair(
            "post_logout_redirect_uri",
            &provider.settings.post_logout_redirect_uri,
        )
        .append_pair("state", &token::random());
    let Some(id_token) = signed.id_token(&context.keys) else {
        return Some(url);
    };
    let mut with_hint = url.clone();
    with_hint
        .query_pairs_mut()
        .append_pair("id_token_hint", &id_token);
    if with_hint.as_str().len() <= MAX_URL {
        Some(with_hint)
    } else {
        Some(url)
    }
}

/// The page after sign-out. The provider's parameters are ignored, as nothing is left to act on.
pub(in crate::sso) async fn signed_out(
    request: HttpRequest,
    context: web::Data<Context>,
) -> HttpResponse {
    let is_only_here = request.query_string().starts_with(ONLY_HERE);
    let text = is_only_here.then(|| text!("signed-out-only-here"));
    context.pages.signed_out(&request, text.as_deref())
}
