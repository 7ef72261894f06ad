//! `GET /auth/callback`: the provider's response. Each sign-in accepts one response, once.

use super::error::SignInError;
use super::malformed::Malformed;
use super::purpose::{Purpose, StepUpRequest};
use super::refused::AttemptAt;
use super::{choose, cookie, return_to, silent};
use crate::access::Person;
use crate::session::{self, Signed, token};
use crate::sso::context::{Context, see_other};
use crate::sso::exchange::{Vouched, plain, state as states};
use crate::sso::provider::Provider;
use crate::sso::token::evidence;
use crate::sso::token::groups::Claims;
use crate::store::audit::event::SignIn;
use crate::store::audit::{self, Actor};
use crate::store::sign_ins::{self, ConsumeOutcome, Pending};
use crate::store::{AnyConnection, DatabaseError, Event, NewEntry, people};
use actix_session::Session;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::result::{DatabaseErrorKind, Error};
use std::sync::Arc;
use url::form_urlencoded;

/// The maximum length of a response, in bytes.
const MAX_QUERY: usize = 16 * 1024;

/// The provider's response.
pub(in crate::sso) struct Answer {
    pub state: String,
    pub iss: Option<String>,
    pub outcome: Outcome,
}

pub(in crate::sso) enum Outcome {
    Code(String),
    Error { code: String, description: String },
}

/// Completes a sign-in.
pub(in crate::sso) async fn finish(
    request: HttpRequest,
    session: Session,
    context: web::Data<Context>,
) -> HttpResponse {
    let text = request.query_string();
    let outcome = conclude(&request, &session, &context, text, false).await;
    if let Err(error) = &outcome {
        context.note_refused(&request, error).await;
    }
    context.answer(&request, outcome)
}

/// Reads the response from the query, or from a posted form.
pub(in crate::sso) async fn conclude(
    request: &HttpRequest,
    session: &Session,
    context: &Context,
    text: &str,
    is_posted: bool,
) -> Result<HttpResponse, SignInError> {
    let answer = Answer::parse(text)?;
    let provider = asked_here(request, context, &answer.state, is_posted)?;
    let pending = match consume(request, context, &answer.state).await {
        // The response of a completed sign-in: a reload, or the back button.
        Err(SignInError::NoAttempt) if Signed::read(session).is_some() => {
            return Ok(see_other(&return_to::home(context.urls.mount())));
        }
        outcome => outcome?,
    };
    let attempt = AttemptAt(pending.issuer.clone());
    request.extensions_mut().insert(attempt);
    if pending.issuer != provider.issuer() {
        // Each provider has its own redirect URI, so that none can respond for another (RFC 9700,
        // section 4.4.2).
        return Err(SignInError::Issuer("of another provider than was asked"));
    }
    let metadata = provider.metadata().await?;
    check_issuer(answer.iss.as_deref(), &pending, metadata.sends_iss)?;
    let purpose = Purpose::of_attempt(&pending)?;
    let code = match (answer.outcome, &purpose) {
        (Outcome::Code(code), _) => code,
        (Outcome::Error { code, .. }, Purpose::Confirm(silent)) => {
            let at = (request, session);
            return silent.refused(at, context, pending, &code).await;
        }
        (Outcome::Error { code, description }, Purpose::StepUp(_)) => {
            return Err(StepUpRequest::refused(code, description, &pending));
        }
        (Outcome::Error { code, description }, Purpose::SignIn) => {
            return Err(SignInError::Refused { code, description });
        }
    };
    let now = context.clock.now();
    let vouched = provider.redeem(&metadata, &pending, &code, now).await;
    let vouched = vouched.inspect_err(|error| {
        if error.is_of_an_endpoint() {
            provider.doubt();
        }
    });
    let vouched = match (vouched, &purpose) {
        (Err(error), Purpose::Confirm(silent)) if error.is_away() => {
            tracing::warn!(request.id = crate::sso::context::reference(request), error = %error,
                "a person's groups could not be read again; the old ones stay valid for now");
            return Ok(silent.away(request, context, &pending));
        }
        (vouched, _) => vouched?.within_bounds(&context.policies.current()),
    };
    match (purpose, Signed::read(session)) {
        (Purpose::Confirm(silent), _) => {
            return silent
                .conclude(request, session, context, vouched, pending)
                .await;
        }
        (Purpose::StepUp(asked), Some(signed)) => {
            let at = (&**provider, &pending);
            return asked
                .conclude(request, context, at, (signed, vouched), now)
                .await;
        }
        // A step-up becomes a sign-in if its session has ended in the meantime.
        (Purpose::StepUp(_), None) | (Purpose::SignIn, _) => {}
    }
    let reference = token::reference();
    note(request, context, &vouched, &reference, now).await?;
    signed(vouched, reference, pending.nonce, context, now).begin(session)?;
    session::note_origin(request, session);
    Ok(context.arrived(request, &pending.return_to))
}

/// The provider with this redirect URI, if its responses are sent this way.
fn asked_here<'c>(
    request: &HttpRequest,
    context: &'c Context,
    state: &str,
    is_posted: bool,
) -> Result<&'c Arc<Provider>, SignInError> {
    let name = choose::of_path(request);
    let provider = context
        .providers
        .named(name)
        .ok_or(SignInError::Request(Malformed::NoProvider))?;
    if states::is_posted(&provider.settings, state) == is_posted {
        Ok(provider)
    } else {
        Err(SignInError::Request(Malformed::OtherWay))
    }
}

impl Answer {
    /// Parses the query. A repeated parameter is refused, because it is ambiguous.
    pub fn parse(query: &str) -> Result<Self, SignInError> {
        if query.len() > MAX_QUERY {
            return Err(SignInError::Request(Malformed::TooLong));
        }
        let one = |name: &str| {
            let mut values = form_urlencoded::parse(query.as_bytes())
                .filter(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned());
            match (values.next(), values.next()) {
                (_, Some(_)) => Err(SignInError::Request(Malformed::Twice)),
                (value, None) => Ok(value),
            }
        };
        let state = one("state")?.ok_or(SignInError::Request(Malformed::NoState))?;
        let description = one("error_description")?.unwrap_or_default();
        let outcome = match (one("code")?, one("error")?) {
            (Some(code), None) if !code.is_empty() => Outcome::Code(code),
            (None, Some(code)) => Outcome::Error {
                code: plain(&code),
                description: plain(&description),
            },
            (Some(_), Some(_)) => {
                return Err(SignInError::Request(Malformed::CodeAndError));
            }
            _ => return Err(SignInError::Request(Malformed::NoCode)),
        };
        Ok(Self {
            state,
            iss: one("iss")?,
            outcome,
        })
    }
}

/// Uses up the sign-in with this state, if this browser began it.
async fn consume(
    request: &HttpRequest,
    context: &Context,
    state: &str,
) -> Result<Pending, SignInError> {
    let browsers = cookie::hashes(request, &context.urls);
    let has_cookie = !browsers.is_empty();
    let state_hash = token::hash(state);
    let expired = (context.clock.now() - TimeDelta::minutes(cookie::MINUTES)).naive_utc();
    let consumed = context
        .database
        .run(move |conn| {
            sign_ins::consume(conn, &state_hash, &browsers, expired).map_err(DatabaseError::from)
        })
        .await?;
    match consumed {
        ConsumeOutcome::Won(pending) => {
            silent::opened(&context.keys, *pending).ok_or(SignInError::NoAttempt)
        }
        ConsumeOutcome::Foreign if has_cookie => Err(SignInError::Foreign),
        ConsumeOutcome::Foreign => Err(SignInError::NoCookie),
        ConsumeOutcome::Unknown => Err(SignInError::NoAttempt),
    }
}

/// Checks that the response comes from the provider that was asked (RFC 9207, section 2.4).
pub(in crate::sso) fn check_issuer(
    iss: Option<&str>,
    pending: &Pending,
    is_demanded: bool,
) -> Result<(), SignInError> {
    match iss {
        Some(iss) if iss == pending.issuer => Ok(()),
        Some(_) => Err(SignInError::Issuer("not the configured issuer")),
        None if is_demanded => Err(SignInError::Issuer("missing")),
        None => Ok(()),
    }
}

/// Records who signed in: no session is without an audit event.
async fn note(
    request: &HttpRequest,
    context: &Context,
    vouched: &Vouched,
    session: &str,
    now: DateTime<Utc>,
) -> Result<(), SignInError> {
    let actor = context.actor(request, &vouched.person);
    let event = Event::SignIn(SignIn {
        groups: Some(vouched.person.groups.len()),
        groups_note: Some(vouched.groups_note.name().to_owned()),
        provider: vouched.person.provider.clone(),
        silent: false,
    });
    let entry = NewEntry {
        row_key: Some(session.to_owned()),
        ..NewEntry::new(event)
    };
    tracing::info!(
        request.id = actor.request_id,
        oidc.provider = vouched.person.provider,
        oidc.issuer = vouched.person.issuer,
        oidc.subject = vouched.person.subject,
        groups.count = vouched.person.groups.len(),
        groups.note = vouched.groups_note.name(),
        roles.count = actor.roles.len(),
        "a person signed in"
    );
    if actor.roles.is_empty() {
        tell_lead(context, vouched, &actor.request_id);
    }
    let person = vouched.person.clone();
    let groups_note = vouched.groups_note.name();
    context
        .database
        .run(move |conn| {
            let outcome = seen(conn, &person, groups_note, &actor, &entry, now);
            match outcome {
                // Two first sign-ins of the same person at the same time.
                Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
                    seen(conn, &person, groups_note, &actor, &entry, now)
                }
                outcome => outcome,
            }
            .map_err(DatabaseError::from)
        })
        .await?;
    Ok(())
}

/// A person has no role: logs the nearest setting that would make their claims match, if any.
fn tell_lead(context: &Context, vouched: &Vouched, request_id: &str) {
    let provider = vouched.person.provider.as_deref();
    let reading = context.providers.named(provider);
    let Some(reading) = reading.map(|provider| &provider.settings.groups) else {
        return;
    };
    let sources: Vec<&Claims> = std::iter::once(&vouched.told.id_token)
        .chain(&vouched.told.userinfo)
        .collect();
    let wanted = context.policies.current().named_groups(provider);
    if let Some(lead) = evidence::nearest(reading, &sources, &wanted) {
        tracing::warn!(
            request.id = request_id,
            oidc.provider = provider,
            remedy = lead.line,
            "what came nearly gives a role: {}",
            lead.found
        );
    }
}

fn seen(
    conn: &mut AnyConnection,
    person: &Person,
    groups_note: &str,
    actor: &Actor,
    entry: &NewEntry,
    now: DateTime<Utc>,
) -> diesel::QueryResult<()> {
    conn.change(|conn| {
        people::seen(conn, person, groups_note, now.naive_utc())?;
        audit::record(conn, actor, entry, now.naive_utc())
    })
}

/// The session of a person identified by the provider.
pub(in crate::sso) fn signed(
    vouched: Vouched,
    reference: String,
    nonce: String,
    context: &Context,
    now: DateTime<Utc>,
) -> Signed {
    let keys = &context.keys;
    let mut signed = Signed {
        nonce: Some(nonce),
        authenticated_at: vouched.authenticated_at,
        acr: vouched.acr,
        vouched_at: vouched.vouched_at,
        provider_session: vouched.provider_session,
        ..Signed::new(vouched.person, reference, vouched.groups_note, now)
    };
    signed.keep_id_token(keys, &vouched.id_token);
    if let Some(token) = &vouched.refresh_token {
        signed.keep_refresh_token(keys, token);
    }
    signed.sifted(&context.policies.current())
}

#[cfg(test)]
mod tests {
    use super::Answer;

    #[test]
    fn an_answer_is_one_code_or_one_error_with_one_state() {
        for good in [
            "code=a&state=b",
            "state=b&error=access_denied&error_description=x",
            "code=a&state=b&iss=c&session_state=d&session_state=e",
        ] {
            assert!(Answer::parse(good).is_ok(), "{good}");
        }
        let long = format!("code=a&state={}", "b".repeat(20_000));
        for bad in [
            "",
            "code=a",
            "state=b",
            "code=&state=b",
            "code=a&error=x&state=b",
            "code=a&code=b&state=c",
            "code=a&state=b&state=b",
            "code=a&state=b&iss=c&iss=c",
            "error=a&error=b&state=c",
            "code=a&%73tate=b&state=c",
            &long,
        ] {
            assert!(Answer::parse(bad).is_err(), "{bad}");
        }
    }
}
