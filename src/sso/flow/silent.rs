//! Silent sign-in (`prompt=none`), to read a person's groups again without a refresh token. It
//! confirms an existing session, and never begins one.

use super::callback;
use super::error::SignInError;
use super::login::{self, Attempt};
use super::purpose::{Purpose, Silent};
use super::return_to;
use crate::access::Person;
use crate::session::{self, Keyring, Sealed, Signed, token};
use crate::sso::context::{Context, see_other};
use crate::sso::exchange::{Prompt, Vouched};
use crate::sso::freshness::end::{self, EndReason};
use crate::sso::freshness::{self, Freshness};
use crate::sso::provider::Provider;
use crate::store::audit;
use crate::store::sign_ins::Pending;
use crate::store::{DatabaseError, people, sessions};
use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse, web};

/// Sends the browser to the provider of a session, to return at once.
pub(in crate::sso) async fn ask(
    request: &HttpRequest,
    context: &Context,
    signed: &Signed,
    return_to: String,
) -> Result<HttpResponse, SignInError> {
    let issuer = &signed.person.issuer;
    let silent = signed.reference.clone();
    let attempt = Attempt {
        prompt: Some(Prompt::None),
        return_to,
        purpose: Purpose::Confirm(Silent { silent }),
        ..Attempt::default()
    };
    login::send(request, context, provider(context, issuer)?, attempt).await
}

impl Silent {
    /// Handles an error of the provider. If it cannot respond now, the person continues as while it
    /// is down. If it denies them access, their session ends. Otherwise they are asked once (OpenID
    /// Connect Core, section 3.1.2.6), in a visible sign-in whose errors are shown.
    pub async fn refused(
        &self,
        (request, session): (&HttpRequest, &Session),
        context: &Context,
        pending: Pending,
        code: &str,
    ) -> Result<HttpResponse, SignInError> {
        tracing::info!(
            session.reference = self.silent,
            oidc.error = code,
            "a silent re-check of a session failed"
        );
        if matches!(code, "temporarily_unavailable" | "server_error") {
            return Ok(self.away(request, context, &pending));
        }
        if code == "access_denied" {
            return self.denied(request, session, context, code).await;
        }
        again(request, context, &pending, None, pending.return_to.clone()).await
    }

    /// The provider could not identify the person now: they continue as while it is down.
    pub fn away(
        &self,
        request: &HttpRequest,
        context: &Context,
        pending: &Pending,
    ) -> HttpResponse {
        if let Some(freshness) = request.app_data::<web::Data<Freshness>>() {
            freshness.rest(&self.silent, context.clock.now());
        }
        see_other(&pending.return_to)
    }

    /// The provider denies the person access: their session ends, if it is still the one that was
    /// to be confirmed.
    async fn denied(
        &self,
        request: &HttpRequest,
        session: &Session,
        context: &Context,
        code: &str,
    ) -> Result<HttpResponse, SignInError> {
        if let Some(old) = Signed::read(session) {
            let actor = context.actor(request, &old.person);
            end::now(context, &old.reference, actor, EndReason::Refused).await?;
            session.purge();
        }
        Err(SignInError::Refused {
            code: code.to_owned(),
            description: String::new(),
        })
    }

    /// The provider identified somebody: the person of the session, or another one.
    pub async fn conclude(
        &self,
        request: &HttpRequest,
        session: &Session,
        context: &Context,
        vouched: Vouched,
        pending: Pending,
    ) -> Result<HttpResponse, SignInError> {
        // Signed out in the meantime: there is no session to confirm, and none is begun.
        let Some(old) = Signed::read(session) else {
            return Ok(see_other(&pending.return_to));
        };
        let is_same = old.person.issuer == vouched.person.issuer
            && old.person.subject == vouched.person.subject;
        if !is_same {
            let actor = context.actor(request, &old.person);
            end::now(context, &old.reference, actor, EndReason::OtherPerson).await?;
            session.purge();
            let home = return_to::home(context.urls.mount());
            return again(
                request,
                context,
                &pending,
                Some(Prompt::SelectAccount),
                home,
            )
            .await;
        }
        let now = context.clock.now();
        let told = vouched.person.clone();
        let new = renewed(old.clone(), vouched, &pending, context, now);
        if self.note(request, context, (&old, &new), told).await? {
            session::begin_again(&new, session)?;
        } else {
            session.purge();
        }
        Ok(see_other(&pending.return_to))
    }

    /// Removes the old session, with an audit event; false if it had ended in the meantime.
    async fn note(
        &self,
        request: &HttpRequest,
        context: &Context,
        (old, new): (&Signed, &Signed),
        told: Person,
    ) -> Result<bool, DatabaseError> {
        let actor = context.actor(request, &new.person);
        let change = freshness::role_change(context, old, new).await?;
        let reference = old.reference.clone();
        let note = new.groups_note.name();
        let now = new.groups_checked_at.naive_utc();
        let work = move |conn: &mut _| {
            crate::store::AnyConnection::change(conn, |conn| {
                if !sessions::delete_named(conn, &reference)? {
                    return Ok(false);
                }
                people::seen(conn, &told, note, now)?;
                // A confirmation alone is not an event, but a change of roles is.
                if let Some(change) = change {
                    audit::record(conn, &actor, &change, now)?;
                }
                Ok(true)
            })
            .map_err(|error: diesel::result::Error| DatabaseError::from(error))
        };
        context.database.run(work).await
    }
}

/// The session after confirmation: a new id, but the same maximum lifetime. The CSRF token stays,
/// so that open forms in other tabs still work.
fn renewed(
    old: Signed,
    vouched: Vouched,
    pending: &Pending,
    context: &Context,
    now: chrono::DateTime<chrono::Utc>,
) -> Signed {
    let mut new = callback::signed(
        vouched,
        token::reference(),
        pending.nonce.clone(),
        context,
        now,
    );
    new.csrf_token = old.csrf_token;
    new.signed_in_at = old.signed_in_at;
    // The sign-in level belongs to its sign-in time; for another time it is meaningless.
    if new.authenticated_at.is_none() || new.authenticated_at == old.authenticated_at {
        new.authenticated_at = old.authenticated_at;
        new.acr = new.acr.or(old.acr);
    }
    new.person.as_role = old.person.as_role;
    new.look = old.look;
    new
}

/// Begins a visible sign-in.
async fn again(
    request: &HttpRequest,
    context: &Context,
    pending: &Pending,
    prompt: Option<Prompt>,
    return_to: String,
) -> Result<HttpResponse, SignInError> {
    let attempt = Attempt {
        prompt,
        return_to,
        ..Attempt::default()
    };
    login::send(
        request,
        context,
        provider(context, &pending.issuer)?,
        attempt,
    )
    .await
}

fn provider<'c>(context: &'c Context, issuer: &str) -> Result<&'c Provider, SignInError> {
    let provider = context.providers.of_issuer(issuer);
    provider
        .map(|provider| &**provider)
        .ok_or(SignInError::Issuer("of a provider that is not configured"))
}

/// A pending sign-in in stored form: what could complete it is encrypted.
pub(in crate::sso) fn sealed(keys: &Keyring, mut pending: Pending) -> Pending {
    let seal = |what: &str, text: &str| {
        let what = format!("{what} of {}", pending.state_hash);
        keys.seal(&what, text).as_text().to_owned()
    };
    let nonce = seal("nonce", &pending.nonce);
    let verifier = seal("verifier", &pending.verifier);
    pending.nonce = nonce;
    pending.verifier = verifier;
    pending
}

/// The stored sign-in; `None` if it cannot be decrypted.
pub(in crate::sso) fn opened(keys: &Keyring, mut pending: Pending) -> Option<Pending> {
    let open = |what: &str, text: &str| {
        let what = format!("{what} of {}", pending.state_hash);
        keys.unseal(&what, &Sealed::of_text(text.to_owned()))
    };
    let nonce = open("nonce", &pending.nonce)?;
    let verifier = open("verifier", &pending.verifier)?;
    pending.nonce = nonce;
    pending.verifier = verifier;
    Some(pending)
}
