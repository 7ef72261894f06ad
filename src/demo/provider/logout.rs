//! Sign-out at the provider (OpenID Connect RP-Initiated Logout 1.0).

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, web};

use super::backchannel::{self, EndedSession};
use super::params::Params;
use super::shared::{Shared, is_foreign};

/// `GET|POST /end_session`
///
/// A valid hint ends the session at once; without one, the person is asked first.
pub(super) async fn end(
    request: HttpRequest,
    body: web::Bytes,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let is_post = request.method() == Method::POST;
    // The confirmation posts to the address of its page, whose query has the parameters.
    let form = Params::parse(&body)
        .ok()
        .filter(|_| is_post)
        .unwrap_or_default();
    let is_confirmed = form.get("confirm") == Some("yes") && !is_foreign(&request);
    let asked = if is_post && !is_confirmed {
        Some(form)
    } else {
        Params::parse(request.query_string().as_bytes()).ok()
    };
    let Some(asked) = asked else {
        return shared.pages.message(
            400,
            "This sign-out cannot go on",
            "A parameter is there more than once.",
        );
    };
    let target = match target(&asked, &shared) {
        Ok(target) => target,
        Err(text) => {
            return shared
                .pages
                .message(400, "This sign-out cannot go on", text);
        }
    };
    let session = shared.session_of(&request);
    let hinted = asked.get("id_token_hint").and_then(|hint| {
        let claims = shared
            .keys
            .read_hint(hint, &shared.settings.client_id, &shared.issuer)?;
        let sid = claims
            .additional_claims()
            .values
            .get("sid")?
            .as_str()?
            .to_owned();
        Some((claims.subject().to_string(), sid))
    });
    match (hinted, session) {
        // If another person is signed in by now, only the session in the hint is ended.
        (Some((subject, sid)), Some(session)) if session.subject == subject => {
            let mut ended = vec![(sid, subject.clone())];
            if ended.iter().all(|(sid, _)| *sid != session.sid) {
                ended.push((session.sid, subject));
            }
            finish(ended, target, &shared).await
        }
        (Some((subject, sid)), None) => finish(vec![(sid, subject)], target, &shared).await,
        (_, None) => finish(Vec::new(), target, &shared).await,
        (_, Some(session)) if is_confirmed => {
            finish(vec![(session.sid, session.subject)], target, &shared).await
        }
        (_, Some(session)) => {
            let who = shared
                .store()
                .person(&session.subject)
                .map(|person| person.display_name.clone());
            shared.pages.sign_out(&who.unwrap_or_default())
        }
    }
}

/// The redirect target: only a registered address, with `state`.
fn target(asked: &Params, shared: &Shared) -> Result<Option<url::Url>, &'static str> {
    if asked
        .get("client_id")
        .is_some_and(|id| id != shared.settings.client_id.as_str())
    {
        return Err("The client_id is not that of the client registered here.");
    }
    let Some(uri) = asked.get("post_logout_redirect_uri") else {
        return Ok(None);
    };
    if !shared.is_post_logout_redirect_uri(uri) {
        return Err(
            "The post_logout_redirect_uri is not registered. It must be the same to the letter.",
        );
    }
    let mut url =
        url::Url::parse(uri).map_err(|_| "The post_logout_redirect_uri is not an address.")?;
    if let Some(state) = asked.get("state") {
        url.query_pairs_mut().append_pair("state", state);
    }
    Ok(Some(url))
}

/// Ends these sessions, each with its subject, notifies the client, and redirects.
async fn finish(
    ended: Vec<(String, String)>,
    target: Option<url::Url>,
    shared: &Shared,
) -> HttpResponse {
    for (sid, subject) in &ended {
        shared.store().sign_out(sid);
        backchannel::tell(shared, EndedSession::Session { sid, subject }).await;
    }
    let mut response = match target {
        Some(url) => HttpResponse::SeeOther()
            .insert_header((header::LOCATION, url.as_str()))
            .finish(),
        None => shared
            .pages
            .message(200, "Signed out", "The next sign-in will ask who you are."),
    };
    shared.clear_cookie(&mut response);
    response
}
