//! Looking at the panel as a role, as someone known, or as a set of groups: it begins on the access
//! page and ends with a button on every page. What it does to a request is in `web::look`.

use super::access::asked::AccessQuery;
use super::denied;
use crate::access::{Look, Standing};
use crate::entry::access::{self, Access};
use crate::entry::form::EvenLooking;
use crate::entry::manage::Roles;
use crate::entry::{Entered, Manages, Site, Submitted};
use crate::session::{Signed, renewal};
use crate::sso;
use crate::store::audit::event::{self, LookGroups, Nothing};
use crate::store::audit::{self, Event, NewEntry};
use crate::store::{DatabaseError, people};
use crate::texts::text;
use crate::web::{Failure, wants_json};
use actix_session::Session;
use actix_web::http::Method;
use actix_web::http::header::LOCATION;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use serde_json::json;
use std::sync::Arc;

/// So many groups are named in the audit log.
const GROUPS_LOGGED: usize = 50;

/// POST {mount}/look
///
/// Permissions: `manage = ["roles"]`.
///
/// # Errors
/// [`Failure::Invalid`] for what is not a role, groups or someone known.
pub async fn begin(
    request: HttpRequest,
    sign_in: web::Data<sso::Context>,
    session: Session,
    Submitted {
        leave: managing,
        form: submission,
    }: Submitted<Manages<Roles>>,
) -> Result<HttpResponse, Failure> {
    let entered = managing.entered;
    let mut asked = AccessQuery::default();
    for (name, value) in submission.fields() {
        if name != "csrf_token" && !asked.take(name, value)? {
            let text = text!("look-field", name = name);
            return Err(Failure::Invalid(text));
        }
    }
    asked.check(entered.policy(), &sign_in.providers)?;
    let look = look_of(&entered, asked).await?;
    record(&request, Event::Look(told(&look))).await?;
    write(&request, &session, Some(look.clone()))?;
    tracing::info!(
        request.id = entered.request_id(),
        look = look.in_the_log(),
        "a look began"
    );
    let home = format!("{}/", entered.site().urls.mount());
    Ok(done(&request, &home, Some(&look)))
}

/// POST {mount}/look/end
///
/// Permissions: none; it only gives back what is one's own.
///
/// # Errors
/// When the database fails: the look then goes on.
pub async fn end(
    request: HttpRequest,
    session: Session,
    _form: EvenLooking,
) -> Result<HttpResponse, Failure> {
    let site = access::site(&request)?;
    let home = format!("{}/", site.urls.mount());
    if crate::entry::look::of(&request).is_none() {
        // Ended in another tab, or with the right to look.
        write(&request, &session, None)?;
        return Ok(done(&request, &home, None));
    }
    record(&request, Event::LookEnd(Nothing {})).await?;
    write(&request, &session, None)?;
    let back = format!("{}/access", site.urls.mount());
    Ok(done(&request, &back, None))
}

/// The same address for those whom the guard of the panel turns away: a look may be at what somebody
/// without any role sees. For all others it is as any address is to them.
///
/// # Errors
/// As [`end`], and as [`denied::turned_away`].
pub async fn end_outside(
    request: HttpRequest,
    site: web::Data<Site>,
    session: Session,
    payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    let is_look = crate::entry::look::of(&request).is_some();
    if !is_look || request.method() != Method::POST {
        return denied::turned_away(request, site).await;
    }
    let form = EvenLooking::from_request(&request, &mut payload.into_inner()).await?;
    end(request, session, form).await
}

async fn look_of(entered: &Entered, asked: AccessQuery) -> Result<Look, Failure> {
    let own = &entered.person().claims;
    let claims = asked.claims.unwrap_or_else(|| own.clone());
    let standing = match (asked.role, asked.person, asked.groups) {
        (Some(role), None, None) => Standing::Role(role),
        (None, Some((issuer, subject)), None) => return of_known(entered, issuer, subject).await,
        (None, None, Some(groups)) => Standing::Groups {
            provider: asked.provider,
            groups,
            of: None,
        },
        _ => {
            return Err(Failure::Invalid(text!("look-nothing")));
        }
    };
    Ok(Look::new(standing, claims))
}

async fn of_known(entered: &Entered, issuer: String, subject: String) -> Result<Look, Failure> {
    let known = entered
        .site()
        .database
        .run(move |conn| people::find(conn, &issuer, &subject).map_err(DatabaseError::from))
        .await?;
    let person = known.ok_or(Failure::Missing)?.person;
    let standing = Standing::Groups {
        provider: person.provider,
        groups: person.groups,
        of: Some(person.name),
    };
    Ok(Look::new(standing, person.claims))
}

/// A look as the log tells of it.
fn told(look: &Look) -> event::Look {
    event::Look {
        seen: look.in_the_log(),
        claims: look.claims.clone(),
        as_groups: match &look.standing {
            Standing::Role(_) => None,
            Standing::Groups {
                groups, provider, ..
            } => Some(LookGroups {
                groups: groups.iter().take(GROUPS_LOGGED).cloned().collect(),
                groups_count: groups.len(),
                provider: provider.clone(),
            }),
        },
    }
}

async fn record(request: &HttpRequest, event: Event) -> Result<(), Failure> {
    let site = access::site(request)?;
    let caller = {
        let extensions = request.extensions();
        let access = extensions.get::<Access>().ok_or(Failure::SignedOut)?;
        access.caller().clone()
    };
    let actor = Arc::new(access::actor(request, &caller));
    let (now, entry) = (site.clock.now().naive_utc(), NewEntry::new(event));
    site.database
        .run(move |conn| audit::record(conn, &actor, &entry, now).map_err(DatabaseError::from))
        .await?;
    Ok(())
}

/// Puts a look into the session, or takes it out; the session is read anew, as it is its own.
fn write(request: &HttpRequest, session: &Session, look: Option<Look>) -> Result<(), Failure> {
    let signed = Signed::read(session).ok_or(Failure::SignedOut)?;
    if signed.look != look {
        renewal::for_look(request, &signed.reference, look.as_ref());
    }
    Ok(())
}

fn done(request: &HttpRequest, next: &str, look: Option<&Look>) -> HttpResponse {
    if wants_json(request) {
        return HttpResponse::Ok().json(json!({ "looking_as": look.map(Look::in_words) }));
    }
    HttpResponse::SeeOther()
        .insert_header((LOCATION, next))
        .finish()
}
