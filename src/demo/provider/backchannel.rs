//! Notifies the client of sign-outs (OpenID Connect Back-Channel Logout 1.0).

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use serde_json::json;

use super::people::wants_json;
use super::shared::{Shared, is_foreign};
use super::store::random_token;

/// How long the client may take to respond, while the person waits.
const PATIENCE: Duration = Duration::from_secs(3);
/// The lifetime of a logout token, in seconds (section 2.4 advises at most two minutes).
const LIFETIME_S: i64 = 120;

/// The sessions that have ended.
#[derive(Debug, Clone, Copy)]
pub(super) enum EndedSession<'g> {
    /// A session of a person.
    Session { sid: &'g str, subject: &'g str },
    /// All sessions of a person.
    Person { subject: &'g str },
}

/// Sends a logout token to every address of the client; returns how many accepted it.
pub(super) async fn tell(shared: &Shared, gone: EndedSession<'_>) -> usize {
    let addresses = shared.backchannel_logout_uris();
    let tellings = addresses.iter().map(|address| send(shared, address, gone));
    let taken = futures_util::future::join_all(tellings).await;
    taken.into_iter().filter(|taken| *taken).count()
}

async fn send(shared: &Shared, address: &str, gone: EndedSession<'_>) -> bool {
    let token = match logout_token(shared, gone) {
        Ok(token) => token,
        Err(error) => {
            tracing::error!(%error, "cannot sign a logout token");
            return false;
        }
    };
    let body: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("logout_token", &token)
        .finish();
    let answer = shared
        .client
        .post(address)
        .header(
            header::CONTENT_TYPE.as_str(),
            "application/x-www-form-urlencoded",
        )
        .timeout(PATIENCE)
        .body(body)
        .send()
        .await;
    match answer {
        Ok(answer) if answer.status().is_success() => true,
        Ok(answer) => {
            tracing::warn!(
                status = answer.status().as_u16(),
                address,
                "a client refused a sign-out"
            );
            false
        }
        Err(error) => {
            tracing::warn!(%error, "a client could not be told of a sign-out");
            false
        }
    }
}

fn logout_token(
    shared: &Shared,
    gone: EndedSession<'_>,
) -> Result<String, openidconnect::SigningError> {
    let now = Utc::now().timestamp();
    let mut claims = json!({
        "iss": shared.issuer.as_str(),
        "aud": shared.settings.client_id.as_str(),
        "iat": now,
        "exp": now.saturating_add(LIFETIME_S),
        "jti": random_token(),
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    let (sid, subject) = match gone {
        EndedSession::Session { sid, subject } => (Some(sid), subject),
        EndedSession::Person { subject } => (None, subject),
    };
    if let Some(claims) = claims.as_object_mut() {
        claims.insert("sub".to_owned(), subject.into());
        claims.extend(sid.map(|sid| ("sid".to_owned(), sid.into())));
    }
    shared.keys.sign_json("logout+jwt", &claims)
}

/// `POST /people/{name}/sign-out`: ends all sessions of a person, and notifies the client.
pub(super) async fn sign_out_everywhere(
    request: HttpRequest,
    name: web::Path<String>,
    shared: web::Data<Shared>,
) -> HttpResponse {
    if is_foreign(&request) {
        return shared.pages.message(
            403,
            "Not from here",
            "This form belongs to the provider's own page.",
        );
    }
    let subject = {
        let mut store = shared.store();
        let person = store.people.iter().find(|person| person.name == *name);
        let subject = person.map(|person| person.subject.clone());
        if let Some(subject) = &subject {
            store.sign_out_everywhere(subject);
        }
        subject
    };
    let Some(subject) = subject else {
        return shared.pages.message(
            404,
            "Nobody of that name",
            "The people are listed at /people.",
        );
    };
    let gone = EndedSession::Person { subject: &subject };
    let told = tell(&shared, gone).await;
    if wants_json(&request) {
        return HttpResponse::Ok().json(json!({ "told": told }));
    }
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, "/people"))
        .finish()
}
