//! Reads a person's groups with their refresh token. A claim prevents other processes from using
//! the token too. The result is written only if the session still exists.

use super::end::{self, EndReason};
use super::{Age, Ages, REST, RecheckOutcome};
use crate::session::{Signed, columns};
use crate::sso::context::Context;
use crate::sso::exchange::Vouched;
use crate::sso::exchange::renewal::{Renewal, RenewalError};
use crate::store::audit::{self, Actor};
use crate::store::{AnyConnection, DatabaseError, people, rechecks};
use actix_web::web;
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use std::time::Duration;

/// The lifetime of a claim: longer than all requests to the provider together.
const CLAIM: TimeDelta = TimeDelta::seconds(45);
/// The interval and number of checks whether another process has finished.
const LOOK_EVERY: Duration = Duration::from_millis(200);
const LOOKS: u32 = 200;

/// The state of a session that should be re-checked.
enum FoundSession {
    /// This process holds the claim.
    Ours(Box<Signed>),
    /// Another process holds it.
    Elsewhere,
    /// Nothing to do.
    Done(RecheckOutcome),
}

/// Reads a session's groups again.
pub(super) async fn fly(
    (context, ages): (web::Data<Context>, Ages),
    reference: String,
    actor: Actor,
) -> RecheckOutcome {
    let flown = attempt((&context, ages), &reference, actor).await;
    flown.unwrap_or_else(|error| {
        tracing::error!(error = %error, session.reference = reference,
            "a session could not be re-checked");
        RecheckOutcome::Unavailable
    })
}

async fn attempt(
    (context, ages): (&Context, Ages),
    reference: &str,
    actor: Actor,
) -> Result<RecheckOutcome, DatabaseError> {
    let mut looks = 0;
    let signed = loop {
        match find(context, ages, reference).await? {
            FoundSession::Ours(signed) => break signed,
            FoundSession::Done(landed) => return Ok(landed),
            FoundSession::Elsewhere if looks == LOOKS => return Ok(RecheckOutcome::Kept),
            FoundSession::Elsewhere => {
                looks += 1;
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    };
    let provider = context.providers.of_issuer(&signed.person.issuer);
    let token = signed.refresh_token(&context.keys);
    let (Some(provider), Some(token)) = (provider, token) else {
        release(context, reference, None).await?;
        return Ok(RecheckOutcome::NoToken(Arc::from(signed)));
    };
    let began = context.clock.now();
    let renewal = provider.renew(&signed, &token, began).await;
    conclude((context, ages), &signed, renewal, actor).await
}

async fn find(
    context: &Context,
    ages: Ages,
    reference: &str,
) -> Result<FoundSession, DatabaseError> {
    let now = context.clock.now();
    let name = reference.to_owned();
    let claim = context
        .database
        .run(move |conn| {
            let (until, since) = (now + CLAIM, now - REST);
            let [now, until, since] = [now, until, since].map(|moment| moment.naive_utc());
            rechecks::claim(conn, &name, now, until, since).map_err(DatabaseError::from)
        })
        .await?;
    let Some(claim) = claim else {
        return Ok(FoundSession::Done(RecheckOutcome::Gone));
    };
    let signed = columns::signed(claim.columns);
    // Done by another process, or by a request just before this one.
    if ages.of(&signed, now) == Age::Fresh {
        if claim.is_won {
            release(context, reference, None).await?;
        }
        return Ok(FoundSession::Done(RecheckOutcome::Renewed(Arc::new(
            signed,
        ))));
    }
    let rests = claim.failed_at.is_some_and(|at| at.and_utc() + REST > now);
    Ok(match (claim.is_won, rests) {
        (true, _) => FoundSession::Ours(Box::new(signed)),
        (false, true) => FoundSession::Done(RecheckOutcome::Kept),
        (false, false) => FoundSession::Elsewhere,
    })
}

async fn release(
    context: &Context,
    reference: &str,
    failed_at: Option<DateTime<Utc>>,
) -> Result<(), DatabaseError> {
    let reference = reference.to_owned();
    let failed_at = failed_at.map(|at| at.naive_utc());
    let work = move |conn: &mut AnyConnection| {
        rechecks::release(conn, &reference, failed_at).map_err(DatabaseError::from)
    };
    context.database.run(work).await
}

async fn conclude(
    (context, ages): (&Context, Ages),
    signed: &Signed,
    renewal: Renewal,
    actor: Actor,
) -> Result<RecheckOutcome, DatabaseError> {
    let now = context.clock.now();
    let Renewal { rotated, outcome } = renewal;
    let error = match outcome {
        Ok(vouched) => {
            let vouched = vouched.within_bounds(&context.policies.current());
            return learn(context, signed, vouched, rotated, actor, now).await;
        }
        Err(error) => error,
    };
    let why = match &error {
        RenewalError::Refused => EndReason::Refused,
        RenewalError::OtherPerson => EndReason::OtherPerson,
        RenewalError::Token(_) => EndReason::Token(error.to_string()),
        RenewalError::Silent | RenewalError::Authentication | RenewalError::Interaction(_) => {
            return without_token((context, ages), signed, &error, now).await;
        }
        RenewalError::Away(_) => {
            tracing::warn!(request.id = actor.request_id, session.reference = signed.reference,
                oidc.subject = signed.person.subject, error = %error,
                "a person's groups could not be read again; the old ones stay valid for now");
            return failed(context, signed, rotated, now).await;
        }
    };
    end::now(context, &signed.reference, actor, why).await?;
    Ok(RecheckOutcome::Gone)
}

/// Stores the new groups, with an audit event.
async fn learn(
    context: &Context,
    old: &Signed,
    vouched: Vouched,
    rotated: Option<String>,
    actor: Actor,
    now: DateTime<Utc>,
) -> Result<RecheckOutcome, DatabaseError> {
    let mut new = Signed {
        person: vouched.person,
        groups_note: vouched.groups_note,
        groups_checked_at: now,
        vouched_at: vouched.vouched_at.or(old.vouched_at),
        ..old.clone()
    };
    // A refresh may return less about a person than their sign-in.
    if new.person.name == new.person.subject {
        new.person.name.clone_from(&old.person.name);
    }
    new.person.email = new.person.email.or_else(|| old.person.email.clone());
    if let Some(token) = &rotated {
        new.keep_refresh_token(&context.keys, token);
    }
    let told = new.person.clone();
    let policy = context.policies.current();
    new.sift(&policy);
    let event = super::role_change(context, old, &new).await?;
    if event.is_some() {
        tracing::info!(
            request.id = actor.request_id,
            oidc.subject = new.person.subject,
            groups.count = new.groups_came,
            "a re-check gave a person other roles"
        );
    }
    let actor = Actor {
        roles: policy.role_names(&told),
        person: told.clone(),
        ..actor
    };
    let now = now.naive_utc();
    let work = move |conn: &mut AnyConnection| {
        conn.change(|conn| {
            let Some(new) = write(conn, &new, None)? else {
                return Ok(None);
            };
            people::seen(conn, &told, new.groups_note.name(), now)?;
            if let Some(event) = event {
                audit::record(conn, &actor, &event, now)?;
            }
            Ok(Some(new))
        })
        .map_err(|error: diesel::result::Error| DatabaseError::from(error))
    };
    Ok(match context.database.run(work).await? {
        Some(new) => RecheckOutcome::Renewed(Arc::new(new)),
        None => RecheckOutcome::Gone,
    })
}

/// Writes the result into the current session; `None` if the session is gone. Must be called
/// inside a transaction.
fn write(
    conn: &mut AnyConnection,
    new: &Signed,
    failed_at: Option<DateTime<Utc>>,
) -> diesel::QueryResult<Option<Signed>> {
    let failed_at = failed_at.map(|at| at.naive_utc());
    let (nonce, identity) = (new.nonce.as_deref(), columns::identity(new));
    let columns = rechecks::write_identity(conn, &new.reference, nonce, &identity, failed_at)?;
    Ok(columns.map(columns::signed))
}

/// The same in a transaction of its own.
fn write_alone(
    conn: &mut AnyConnection,
    new: &Signed,
    failed_at: Option<DateTime<Utc>>,
) -> Result<Option<Signed>, DatabaseError> {
    conn.change(|conn| write(conn, new, failed_at))
        .map_err(|error: diesel::result::Error| DatabaseError::from(error))
}

/// Records a failure, and stores the new refresh token if one was issued.
async fn failed(
    context: &Context,
    old: &Signed,
    rotated: Option<String>,
    now: DateTime<Utc>,
) -> Result<RecheckOutcome, DatabaseError> {
    let Some(token) = rotated else {
        release(context, &old.reference, Some(now)).await?;
        return Ok(RecheckOutcome::Kept);
    };
    let mut new = old.clone();
    new.keep_refresh_token(&context.keys, &token);
    let work = move |conn: &mut AnyConnection| write_alone(conn, &new, Some(now));
    let written: Result<_, DatabaseError> = context.database.run(work).await;
    Ok(match written? {
        Some(_) => RecheckOutcome::Kept,
        None => RecheckOutcome::Gone,
    })
}

/// A refresh is impossible for this session. The browser is sent to the provider, and until then
/// the old groups are not valid.
async fn without_token(
    (context, ages): (&Context, Ages),
    old: &Signed,
    error: &RenewalError,
    now: DateTime<Utc>,
) -> Result<RecheckOutcome, DatabaseError> {
    tracing::warn!(
        session.reference = old.reference,
        error = %error,
        "a refresh did not suffice: groups are read again through the browser"
    );
    let Ages { recheck, grace } = ages;
    let new = Signed {
        refresh_token: None,
        groups_checked_at: now
            .checked_sub_signed(recheck)
            .and_then(|then| then.checked_sub_signed(grace))
            .unwrap_or(DateTime::UNIX_EPOCH),
        ..old.clone()
    };
    let work = move |conn: &mut AnyConnection| write_alone(conn, &new, None);
    let written: Result<_, DatabaseError> = context.database.run(work).await;
    Ok(match written? {
        Some(new) => RecheckOutcome::NoToken(Arc::new(new)),
        None => RecheckOutcome::Gone,
    })
}
