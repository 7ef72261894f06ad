//! `GET /auth/callback`: the provider's answer. Each attempt takes one answer, once.

use super::exchange::{Vouched, plain};
use super::{Context, SignInError, cookie, return_to};
use crate::access::Person;
use crate::session::{Signed, token};
use crate::store::audit::{self, Actor};
use crate::store::sign_ins::{self, Consumed, Pending};
use crate::store::{Action, AnyConnection, DatabaseError, Event, people};
use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::result::{DatabaseErrorKind, Error};
use url::form_urlencoded;

/// The longest answer that is read, in bytes.
const MAX_QUERY: usize = 16 * 1024;

/// The provider's answer.
pub(super) struct Answer {
    pub state: String,
    pub iss: Option<String>,
    pub outcome: Outcome,
}

pub(super) enum Outcome {
    Code(String),
    Error { code: String, description: String },
}

/// Ends a sign-in.
pub(super) async fn finish(
    request: HttpRequest,
    session: Session,
    context: web::Data<Context>,
) -> HttpResponse {
    let outcome = conclude(&request, &session, &context).await;
    context.answer(&request, outcome)
}

async fn conclude(
    request: &HttpRequest,
    session: &Session,
    context: &Context,
) -> Result<HttpResponse, SignInError> {
    let answer = Answer::parse(request.query_string())?;
    let pending = match consume(request, context, &answer.state).await {
        // The answer of a sign-in that is finished: a reload, or the back button.
        Err(SignInError::NoAttempt) if Signed::read(session).is_some() => {
            return Ok(super::see_other(&return_to::home(context.urls.mount())));
        }
        outcome => outcome?,
    };
    let provider = context
        .providers
        .of_issuer(&pending.issuer)
        .ok_or(SignInError::Issuer("of a provider that is not configured"))?;
    let metadata = provider.metadata().await?;
    check_issuer(answer.iss.as_deref(), &pending, metadata.sends_iss)?;
    let code = match answer.outcome {
        Outcome::Code(code) => code,
        Outcome::Error { code, description } => {
            return Err(SignInError::Refused { code, description });
        }
    };
    let now = context.clock.now();
    let vouched = provider.redeem(&metadata, &pending, &code, now).await?;
    note(request, context, &vouched, now).await?;
    signed(vouched, now).begin(session)?;
    Ok(super::see_other(&pending.return_to))
}

impl Answer {
    /// Reads the query; a parameter that comes twice could be read in two ways.
    pub fn parse(query: &str) -> Result<Self, SignInError> {
        if query.len() > MAX_QUERY {
            return Err(SignInError::Request("the answer is too long"));
        }
        let one = |name: &str| {
            let mut values = form_urlencoded::parse(query.as_bytes())
                .filter(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned());
            match (values.next(), values.next()) {
                (_, Some(_)) => Err(SignInError::Request("a parameter comes twice")),
                (value, None) => Ok(value),
            }
        };
        let state = one("state")?.ok_or(SignInError::Request("there is no state"))?;
        let description = one("error_description")?.unwrap_or_default();
        let outcome = match (one("code")?, one("error")?) {
            (Some(code), None) if !code.is_empty() => Outcome::Code(code),
            (None, Some(code)) => Outcome::Error {
                code: plain(&code),
                description: plain(&description),
            },
            (Some(_), Some(_)) => {
                return Err(SignInError::Request("there is both a code and an error"));
            }
            _ => return Err(SignInError::Request("there is no code")),
        };
        Ok(Self {
            state,
            iss: one("iss")?,
            outcome,
        })
    }
}

/// Uses up the attempt that this state belongs to, if this browser began it.
async fn consume(
    request: &HttpRequest,
    context: &Context,
    state: &str,
) -> Result<Pending, SignInError> {
    let browsers = cookie::hashes(request, context.urls.secure());
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
        Consumed::Won(pending) => Ok(*pending),
        Consumed::Foreign if has_cookie => Err(SignInError::Foreign),
        Consumed::Foreign => Err(SignInError::NoCookie),
        Consumed::Unknown => Err(SignInError::NoAttempt),
    }
}

/// Checks that the answer is from the provider that was asked (RFC 9207, section 2.4).
pub(super) fn check_issuer(
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

/// Notes who signed in: no session without its trace.
async fn note(
    request: &HttpRequest,
    context: &Context,
    vouched: &Vouched,
    now: DateTime<Utc>,
) -> Result<(), SignInError> {
    let actor = context.actor(request, &vouched.person);
    let event = Event::new(Action::SignIn).with_details(serde_json::json!({
        "groups": vouched.person.groups.len(),
        "groups_note": vouched.groups_note.name(),
    }));
    tracing::info!(
        request.id = actor.request_id,
        oidc.subject = vouched.person.subject,
        groups.count = vouched.person.groups.len(),
        groups.note = vouched.groups_note.name(),
        roles.count = actor.roles.len(),
        "a person signed in"
    );
    let person = vouched.person.clone();
    let groups_note = vouched.groups_note.name();
    context
        .database
        .run(move |conn| {
            let outcome = seen(conn, &person, groups_note, &actor, &event, now);
            match outcome {
                // Two first sign-ins of one person at the same moment.
                Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
                    seen(conn, &person, groups_note, &actor, &event, now)
                }
                outcome => outcome,
            }
            .map_err(DatabaseError::from)
        })
        .await?;
    Ok(())
}

fn seen(
    conn: &mut AnyConnection,
    person: &Person,
    groups_note: &str,
    actor: &Actor,
    event: &Event,
    now: DateTime<Utc>,
) -> diesel::QueryResult<()> {
    conn.change(|conn| {
        people::seen(conn, person, groups_note, now.naive_utc())?;
        audit::record(conn, actor, event, now.naive_utc())
    })
}

fn signed(vouched: Vouched, now: DateTime<Utc>) -> Signed {
    Signed {
        person: vouched.person,
        csrf_token: token::random(),
        reference: token::reference(),
        id_token: Some(vouched.id_token),
        refresh_token: vouched.refresh_token,
        authenticated_at: vouched.authenticated_at,
        acr: vouched.acr,
        vouched_at: vouched.vouched_at,
        provider_session: vouched.provider_session,
        signed_in_at: now,
        groups_checked_at: now,
        groups_note: vouched.groups_note,
    }
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
