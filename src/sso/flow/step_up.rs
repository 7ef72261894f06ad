//! Step-up: a signed-in person proves their identity again at the same provider (OpenID Connect
//! Core, sections 3.1.2.1 and 5.5.1.1).
//!
//! The demand is stored with the sign-in on the server. A response that does not meet it changes
//! nothing and ends on a page. Redirecting people back and forth would tell them nothing.

use super::error::SignInError;
use super::login::{self, Attempt};
use super::purpose::{Purpose, StepUpRequest};
use crate::access::step_up::span;
use crate::access::{Assurance, Demand, Demanded, Person};
use crate::session::{Present, Signed, renewal, token};
use crate::sso::context::{Context, see_other};
use crate::sso::exchange::{Vouched, plain};
use crate::sso::provider::Provider;
use crate::store::audit;
use crate::store::audit::event::{DenialReason, Proof};
use crate::store::sign_ins::Pending;
use crate::store::{DatabaseError, Event, NewEntry, people, sessions};
use crate::texts::text;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use chrono::{DateTime, TimeDelta, Utc};

/// Why a step-up failed.
#[derive(Debug, thiserror::Error)]
pub enum StepUpError {
    /// There is no provider to ask, as in a break-glass session.
    #[error("the provider of the session is no longer configured")]
    NoProvider,
    /// The provider responded with an error.
    #[error("the provider answered with the error {code:?}: {description}")]
    Refused {
        /// The error code.
        code: String,
        /// The provider's description, shortened. For the log only.
        description: String,
        /// The page that required step-up.
        back: String,
    },
    /// Somebody else signed in.
    #[error("another person signed in at the provider")]
    OtherPerson {
        /// The person of the session.
        name: String,
        /// The page that required step-up.
        back: String,
    },
    /// The provider did not meet the demand.
    #[error("the provider was asked for a sign-in {asked}, and says of this one that {came}")]
    Ignored {
        /// The demand.
        asked: String,
        /// What the provider sent.
        came: String,
    },
    /// The session ended while the person was at the provider.
    #[error("the session ended meanwhile")]
    Ended,
}

impl StepUpError {
    /// A heading for the person.
    pub fn title(&self) -> String {
        match self {
            Self::NoProvider => text!("step-up-no-provider"),
            Self::Refused { .. } => text!("step-up-refused"),
            Self::OtherPerson { .. } => text!("step-up-other-person"),
            Self::Ignored { .. } => text!("step-up-ignored"),
            Self::Ended => text!("step-up-ended"),
        }
    }

    /// What happened and what to do, in plain words.
    pub fn text(&self) -> String {
        match self {
            Self::NoProvider => text!("step-up-no-provider-text"),
            Self::Refused { code, .. } => text!("step-up-refused-text", why = refused(code)),
            Self::OtherPerson { name, .. } => text!("step-up-other-person-text", name = name),
            Self::Ignored { asked, came } => {
                text!("step-up-ignored-text", asked = asked, came = came)
            }
            Self::Ended => {
                text!("step-up-ended-text")
            }
        }
    }

    /// Where to try again, if that may help.
    pub fn back(&self) -> Option<&str> {
        match self {
            Self::Refused { back, .. } | Self::OtherPerson { back, .. } => Some(back),
            Self::NoProvider | Self::Ignored { .. } | Self::Ended => None,
        }
    }
}

/// The text for a provider's error (OpenID Connect Core, section 3.1.2.6; Unmet Authentication
/// Requirements 1.0).
fn refused(code: &str) -> String {
    match code {
        "access_denied" => text!("step-up-cancelled"),
        "unmet_authentication_requirements" => {
            text!("step-up-unmet")
        }
        "temporarily_unavailable" | "server_error" => {
            text!("step-up-server-error")
        }
        _ => {
            text!("step-up-error")
        }
    }
}

/// Sends a person to their provider for step-up, and then back to a page of the panel.
pub async fn begin(request: &HttpRequest, demanded: &Demanded, back: String) -> HttpResponse {
    let Some(context) = request.app_data::<web::Data<Context>>().cloned() else {
        return HttpResponse::InternalServerError().finish();
    };
    let outcome = start(request, &context, demanded, back).await;
    context.answer(request, outcome)
}

async fn start(
    request: &HttpRequest,
    context: &Context,
    demanded: &Demanded,
    back: String,
) -> Result<HttpResponse, SignInError> {
    let issuer = request
        .extensions()
        .get::<Present>()
        .map(|Present(signed)| signed.person.issuer.clone());
    let provider = issuer
        .and_then(|issuer| context.providers.of_issuer(&issuer))
        .ok_or(StepUpError::NoProvider)?;
    let asked = StepUpRequest::of(demanded);
    let attempt = Attempt {
        return_to: super::return_to::filter(Some(&back), context.urls.mount()),
        prompt: None,
        login_hint: None,
        max_age_s: asked.max_age_s.and_then(|age| u64::try_from(age).ok()),
        acr_values: asked.acr.clone().unwrap_or_default(),
        purpose: Purpose::StepUp(asked),
    };
    login::send(request, context, provider, attempt).await
}

impl StepUpRequest {
    fn of(demanded: &Demanded) -> Self {
        Self {
            max_age_s: demanded.demand.max_age.map(|age| age.num_seconds()),
            acr: demanded.demand.acr.clone(),
            what: demanded.what.clone(),
        }
    }

    fn demand(&self) -> Demand {
        Demand {
            max_age: self.max_age_s.and_then(TimeDelta::try_seconds),
            acr: self.acr.clone(),
        }
    }

    /// Handles an error of the provider.
    pub(in crate::sso) fn refused(
        code: String,
        description: String,
        pending: &Pending,
    ) -> SignInError {
        let back = pending.return_to.clone();
        SignInError::StepUp(StepUpError::Refused {
            code,
            description,
            back,
        })
    }

    /// Updates the session, if the response is about the same person and meets the demand. The
    /// session gets a new id; its maximum lifetime stays.
    pub(in crate::sso) async fn conclude(
        self,
        request: &HttpRequest,
        context: &Context,
        (provider, pending): (&Provider, &Pending),
        (signed, vouched): (Signed, Vouched),
        now: DateTime<Utc>,
    ) -> Result<HttpResponse, SignInError> {
        let outcome = self.check(&signed, &vouched, (provider, pending), now);
        self.note(request, context, &signed, &vouched, &outcome, now)
            .await?;
        outcome?;
        let confirmed = confirmed(signed, vouched, pending.nonce.clone(), context, now);
        renewal::for_proof(request, &confirmed);
        Ok(see_other(&pending.return_to))
    }

    fn check(
        &self,
        signed: &Signed,
        vouched: &Vouched,
        (provider, pending): (&Provider, &Pending),
        now: DateTime<Utc>,
    ) -> Result<(), StepUpError> {
        if !is_same(&signed.person, &vouched.person) {
            return Err(StepUpError::OtherPerson {
                name: signed.person.name.clone(),
                back: pending.return_to.clone(),
            });
        }
        let demand = self.demand();
        let assurance = Assurance {
            authenticated_at: vouched.authenticated_at,
            acr: vouched.acr.clone(),
            now,
            skew: provider.skew(),
        };
        if !demand.is_met_by(&assurance) {
            return Err(StepUpError::Ignored {
                asked: demand.to_string(),
                came: in_words(&demand, &assurance),
            });
        }
        Ok(())
    }

    /// Records the outcome, and makes sure that the session still exists. A session that has ended
    /// must not return under a new id.
    async fn note(
        &self,
        request: &HttpRequest,
        context: &Context,
        signed: &Signed,
        vouched: &Vouched,
        outcome: &Result<(), StepUpError>,
        now: DateTime<Utc>,
    ) -> Result<(), SignInError> {
        let came = match outcome {
            Ok(()) => "confirmed",
            Err(StepUpError::OtherPerson { .. }) => "another person",
            Err(_) => "not as demanded",
        };
        let proof = Proof {
            what: self.what.clone(),
            max_age: self.max_age_s,
            acr_values: self.acr.clone(),
            authenticated_at: vouched.authenticated_at.map(|at| at.to_rfc3339()),
            acr: vouched.acr.as_deref().map(plain),
            outcome: Some(came.to_owned()),
        };
        let entry = NewEntry::new(match outcome {
            Ok(()) => Event::Confirm(proof),
            Err(_) => DenialReason::Proof(proof).into(),
        });
        let actor = context.actor(request, &signed.person);
        let person = outcome.is_ok().then(|| vouched.person.clone());
        let groups_note = vouched.groups_note.name();
        let reference = signed.reference.clone();
        let is_there = context
            .database
            .run(move |conn| {
                conn.change(|conn| {
                    if !sessions::exists(conn, &reference)? {
                        return Ok(false);
                    }
                    if let Some(person) = person {
                        people::seen(conn, &person, groups_note, now.naive_utc())?;
                    }
                    audit::record(conn, &actor, &entry, now.naive_utc())?;
                    Ok(true)
                })
                .map_err(|error: diesel::result::Error| DatabaseError::from(error))
            })
            .await?;
        if is_there {
            Ok(())
        } else {
            Err(StepUpError::Ended.into())
        }
    }
}

/// Compares issuer and subject only.
fn is_same(one: &Person, other: &Person) -> bool {
    one.issuer == other.issuer && token::same(&one.subject, &other.subject)
}

/// The session with the provider's new claims. Its CSRF token stays, so that open forms in other
/// tabs still work.
fn confirmed(
    signed: Signed,
    vouched: Vouched,
    nonce: String,
    context: &Context,
    now: DateTime<Utc>,
) -> Signed {
    let keys = &context.keys;
    let mut confirmed = Signed {
        person: Person {
            as_role: signed.person.as_role.clone(),
            ..vouched.person
        },
        nonce: Some(nonce),
        authenticated_at: vouched.authenticated_at,
        acr: vouched.acr,
        vouched_at: vouched.vouched_at,
        provider_session: vouched.provider_session,
        groups_checked_at: now,
        groups_note: vouched.groups_note,
        ..signed
    };
    confirmed.keep_id_token(keys, &vouched.id_token);
    // The old refresh token belongs to the previous sign-in and its authentication.
    confirmed.refresh_token = None;
    if let Some(token) = &vouched.refresh_token {
        confirmed.keep_refresh_token(keys, token);
    }
    confirmed.sifted(&context.policies.current())
}

/// What was received for the demand: "you signed in 3 hours ago, and it does not say how".
fn in_words(demand: &Demand, assurance: &Assurance) -> String {
    let mut parts = Vec::new();
    if demand.max_age.is_some() {
        parts.push(match assurance.authenticated_at {
            None => text!("came-when-unknown"),
            Some(at) => {
                let age = assurance.now.signed_duration_since(at);
                if age < TimeDelta::zero() {
                    text!("came-from-now", span = span(-age))
                } else {
                    text!("came-ago", span = span(age))
                }
            }
        });
    }
    if demand.acr.is_some() {
        parts.push(match &assurance.acr {
            None => text!("came-how-unknown"),
            Some(acr) => text!("came-by", way = plain(acr)),
        });
    }
    let both = |one, other| text!("came-both", one = one, other = other);
    parts.into_iter().reduce(both).unwrap_or_default()
}
