//! The authorization endpoint and its sign-in page (OpenID Connect Core, section 3.1.2).
//!
//! Nothing is sent to the redirect URI until client and redirect URI have been verified.

use std::collections::BTreeSet;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, TimeDelta, Utc};

use super::claims::SCOPES;
use super::params::Params;
use super::shared::{Shared, delta, is_foreign};
use super::store::{Grant, Session, random_token};

/// A request whose parameters have all been checked.
#[derive(Debug)]
struct Request {
    back: Back,
    scopes: BTreeSet<String>,
    nonce: Option<String>,
    challenge: String,
    prompt: Option<String>,
    max_age: Option<i64>,
    /// The requested sign-in levels (`acr`), the best first.
    acr_values: Vec<String>,
}

/// The target of the response.
#[derive(Debug)]
struct Back {
    redirect_uri: String,
    state: Option<String>,
}

/// Why no code was issued.
#[derive(Debug)]
enum Fault {
    /// Shown only to the person: the client or redirect URI is unknown.
    Page(&'static str),
    /// Sent to the client: an error code and a sentence.
    Client(Back, &'static str, &'static str),
}

/// `GET /authorize`
pub(super) async fn show(request: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    let request_made = match parse(request.query_string(), &shared) {
        Ok(parsed) => parsed,
        Err(fault) => return refuse(fault, &shared),
    };
    let now = shared.settings.clock.now();
    let session = shared
        .session_of(&request)
        .filter(|session| request_made.accepts(session, now));
    match (session, request_made.prompt.as_deref()) {
        (Some(session), _) => with_code(request_made, session, now, &shared),
        (None, Some("none")) => {
            let text = "nobody is signed in, or not recently enough";
            refuse(
                Fault::Client(request_made.back, "login_required", text),
                &shared,
            )
        }
        (None, _) => shared.pages.sign_in(
            shared.settings.client_id.as_str(),
            &shared.store().people,
            &request_made.acr_values,
        ),
    }
}

/// `POST /authorize`, with the query of the page before: a person was chosen.
pub(super) async fn choose(
    request: HttpRequest,
    body: web::Bytes,
    shared: web::Data<Shared>,
) -> HttpResponse {
    if is_foreign(&request) {
        return shared.pages.message(
            403,
            "Not from here",
            "This form belongs to the provider's own page.",
        );
    }
    let request_made = match parse(request.query_string(), &shared) {
        Ok(parsed) => parsed,
        Err(fault) => return refuse(fault, &shared),
    };
    let form = Params::parse(&body).unwrap_or_default();
    let chosen = form.owned("person");
    // The level is omitted unless it was requested.
    let acr = form
        .owned("acr")
        .filter(|way| request_made.acr_values.contains(way));
    let subject = chosen.and_then(|name| {
        shared
            .store()
            .people
            .iter()
            .find(|person| person.name == name)
            .map(|person| person.subject.clone())
    });
    let Some(subject) = subject else {
        return shared.pages.message(
            400,
            "Nobody of that name",
            "Go back and choose one of the people.",
        );
    };
    let now = shared.settings.clock.now();
    if let Some(old) = shared.session_of(&request) {
        shared.store().sign_out(&old.sid);
    }
    let (cookie, session) = shared.store().sign_in(&subject, acr, now);
    let mut response = with_code(request_made, session, now, &shared);
    shared.set_cookie(&mut response, &cookie);
    response
}

fn parse(query: &str, shared: &Shared) -> Result<Request, Fault> {
    let params = Params::parse(query.as_bytes())
        .map_err(|_| Fault::Page("A parameter is there more than once."))?;
    if params.get("client_id") != Some(shared.settings.client_id.as_str()) {
        return Err(Fault::Page(
            "The client_id is not that of the client registered here.",
        ));
    }
    let redirect_uri = params
        .owned("redirect_uri")
        .filter(|uri| shared.is_redirect_uri(uri))
        .ok_or(Fault::Page(
            "The redirect_uri is not registered. It must be the same to the letter.",
        ))?;
    let back = Back {
        redirect_uri,
        state: params.owned("state"),
    };
    match check(&params) {
        Ok((scopes, challenge, max_age)) => Ok(Request {
            acr_values: words(params.get("acr_values")),
            back,
            scopes,
            nonce: params.owned("nonce"),
            challenge,
            prompt: params.owned("prompt"),
            max_age,
        }),
        Err((code, text)) => Err(Fault::Client(back, code, text)),
    }
}

fn words(text: Option<&str>) -> Vec<String> {
    let words = text.unwrap_or_default().split_whitespace();
    words.map(str::to_owned).collect()
}

type Checked = (BTreeSet<String>, String, Option<i64>);

fn check(params: &Params) -> Result<Checked, (&'static str, &'static str)> {
    if params.get("request").is_some() {
        return Err(("request_not_supported", "request objects are not supported"));
    }
    if params.get("request_uri").is_some() {
        return Err((
            "request_uri_not_supported",
            "request objects are not supported",
        ));
    }
    match params.get("response_type") {
        Some("code") => {}
        Some(_) => {
            return Err((
                "unsupported_response_type",
                "only response_type=code is supported",
            ));
        }
        None => return Err(("invalid_request", "response_type is missing")),
    }
    if params
        .get("response_mode")
        .is_some_and(|mode| mode != "query")
    {
        return Err(("invalid_request", "only response_mode=query is supported"));
    }
    let asked: BTreeSet<&str> = params.get("scope").unwrap_or_default().split(' ').collect();
    if !asked.contains("openid") {
        return Err(("invalid_scope", "the scope must contain openid"));
    }
    if params.get("code_challenge_method") != Some("S256") {
        return Err((
            "invalid_request",
            "PKCE with code_challenge_method=S256 is required",
        ));
    }
    // A SHA-256 digest in base64url without padding (RFC 7636, section 4.2).
    let challenge = params
        .owned("code_challenge")
        .filter(|text| text.len() == 43)
        .ok_or((
            "invalid_request",
            "code_challenge is missing or not an S256 challenge",
        ))?;
    check_prompt(params.get("prompt"))?;
    let max_age = match params.get("max_age").map(str::parse::<u32>) {
        None => None,
        Some(Ok(seconds)) => Some(i64::from(seconds)),
        Some(Err(_)) => return Err(("invalid_request", "max_age is not a number of seconds")),
    };
    let scopes = SCOPES
        .iter()
        .filter(|scope| asked.contains(**scope))
        .map(|scope| (*scope).to_owned());
    Ok((scopes.collect(), challenge, max_age))
}

fn check_prompt(prompt: Option<&str>) -> Result<(), (&'static str, &'static str)> {
    let values: Vec<&str> = prompt.unwrap_or_default().split_whitespace().collect();
    if values.contains(&"none") && values.len() > 1 {
        return Err(("invalid_request", "prompt=none stands alone"));
    }
    let known = ["none", "login", "select_account", "consent"];
    if values.iter().any(|value| !known.contains(value)) {
        return Err(("invalid_request", "unknown value of prompt"));
    }
    Ok(())
}

impl Request {
    /// Whether the session is sufficient without asking the person again.
    fn accepts(&self, session: &Session, now: DateTime<Utc>) -> bool {
        let asks = |value: &str| {
            self.prompt
                .as_deref()
                .is_some_and(|prompt| prompt.split_whitespace().any(|p| p == value))
        };
        let is_recent = self
            .max_age
            .is_none_or(|age| now - session.auth_time <= TimeDelta::seconds(age));
        let is_right_way = self.acr_values.is_empty()
            || session
                .acr
                .as_ref()
                .is_some_and(|acr| self.acr_values.contains(acr));
        is_recent && is_right_way && !asks("login") && !asks("select_account")
    }
}

fn with_code(
    request: Request,
    session: Session,
    now: DateTime<Utc>,
    shared: &Shared,
) -> HttpResponse {
    let grant = Grant {
        session,
        scopes: request.scopes,
        nonce: request.nonce,
        family: random_token(),
    };
    let lifetime = delta(shared.settings.code_lifetime);
    let uri = request.back.redirect_uri.clone();
    let code = shared
        .store()
        .issue_code(grant, uri, request.challenge, now, lifetime);
    redirect(&request.back, &[("code", &code)], shared)
}

fn refuse(fault: Fault, shared: &Shared) -> HttpResponse {
    match fault {
        Fault::Page(text) => shared.pages.message(400, "This sign-in cannot go on", text),
        Fault::Client(back, code, text) => redirect(
            &back,
            &[("error", code), ("error_description", text)],
            shared,
        ),
    }
}

/// Redirects to the client with `state` and `iss` (RFC 9207).
fn redirect(back: &Back, params: &[(&str, &str)], shared: &Shared) -> HttpResponse {
    let Ok(mut url) = url::Url::parse(&back.redirect_uri) else {
        return shared.pages.message(
            400,
            "This sign-in cannot go on",
            "The redirect_uri is not an address.",
        );
    };
    {
        let mut query = url.query_pairs_mut();
        query.extend_pairs(params);
        if let Some(state) = &back.state {
            query.append_pair("state", state);
        }
        query.append_pair("iss", shared.issuer.as_str());
    }
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, url.as_str()))
        .finish()
}
