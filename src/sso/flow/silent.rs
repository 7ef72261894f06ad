//! A sign-in that nobody sees (`prompt=none`), to learn a person's groups anew where there is no
//! refresh token. It confirms a session that is there, and never makes one where there is none.

use super::callback;
use super::error::SignInError;
use super::login::{self, Attempt};
use super::purpose::{Purpose, Silent};
use super::return_to;
use crate::access::Person;
use crate::session::{self, Keyring, Sealed, Signed, token};
use crate::sso::context::{Context, see_other};
use crate::sso::exchange::{Prompt, Vouched};
use crate::sso::freshness::end::{self, Why};
use crate::sso::freshness::{self, Freshness};
use crate::sso::provider::Provider;
use crate::store::audit;
use crate::store::sign_ins::Pending;
use crate::store::{DatabaseError, people, sessions};
use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse, web};

/// Sends the browser to the provider of a session, to come back at once.
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
    /// The provider gave an error. If it cannot answer now, the person goes on as while it is
    /// away; if it denies them access, their session ends; otherwise they are asked (OpenID Connect
    /// Core, section 3.1.2.6), once: that attempt is not silent, so its error is shown.
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
            "a session could not be confirmed unseen"
        );
        if matches!(code, "temporarily_unavailable" | "server_error") {
            return Ok(self.away(request, context, &pending));
        }
        if code == "access_denied" {
            return self.denied(request, session, context, code).await;
        }
        again(request, context, &pending, None, pending.return_to.clone()).await
    }

    /// The provider could not tell of the person now: they go on as while it is away.
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

    /// The provider says no to the person: their session ends, if it is still the one that was to
    /// be confirmed.
    async fn denied(
        &self,
        request: &HttpRequest,
        session: &Session,
        context: &Context,
        code: &str,
    ) -> Result<HttpResponse, SignInError> {
        if let Some(old) = Signed::read(session) {
            let actor = context.actor(request, &old.person);
            end::now(context, &old.reference, actor, Why::Refused).await?;
            session.purge();
        }
        Err(SignInError::Refused {
            code: code.to_owned(),
            description: String::new(),
        })
    }

    /// The provider vouches for somebody: for the person of the session, or for another.
    pub async fn conclude(
        &self,
        request: &HttpRequest,
        session: &Session,
        context: &Context,
        vouched: Vouched,
        pending: Pending,
    ) -> Result<HttpResponse, SignInError> {
        // Signed out meanwhile: nothing is left to be confirmed, and nobody is signed in by it.
        let Some(old) = Signed::read(session) else {
            return Ok(see_other(&pending.return_to));
        };
        let is_same = old.person.issuer == vouched.person.issuer
            && old.person.subject == vouched.person.subject;
        if !is_same {
            let actor = context.actor(request, &old.person);
            end::now(context, &old.reference, actor, Why::OtherPerson).await?;
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

    /// Puts the old session out of the way, with its trace; false if it had ended meanwhile.
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
                // That somebody is still signed in is no event: what changed by it is.
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

/// The session after it was confirmed: under a new id, but as old as it was, and with the token
/// that forms which are open in other tabs carry.
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
    // How somebody proved who they are belongs to when they did: of another time it says nothing.
    if new.authenticated_at.is_none() || new.authenticated_at == old.authenticated_at {
        new.authenticated_at = old.authenticated_at;
        new.acr = new.acr.or(old.acr);
    }
    new.person.as_role = old.person.as_role;
    new.look = old.look;
    new
}

/// Begins a sign-in that the person sees.
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

/// An attempt as it is kept: what would let somebody finish it is sealed.
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

/// The attempt that was kept; none if it cannot be opened.
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
