//! Viewing the panel as a role, a known person or a set of groups. It starts on the access page and
//! ends with a button on every page. Its effect on a request is in `entry::look`.

use super::access::asked::AccessQuery;
use super::denied;
use crate::access::{Look, Standing};
use crate::entry::access::{self, Access};
use crate::entry::form::FormWhileViewing;
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

/// The number of groups named in the audit log.
const GROUPS_LOGGED: usize = 50;

/// POST {mount}/look
///
/// Permissions: `manage = ["roles"]`.
///
/// # Errors
/// [`Failure::Invalid`] for anything but a role, groups or a known person.
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
/// Permissions: none; it only restores the person's own rights.
///
/// # Errors
/// When the database fails: viewing as somebody else then continues.
pub async fn end(
    request: HttpRequest,
    session: Session,
    _form: FormWhileViewing,
) -> Result<HttpResponse, Failure> {
    let site = access::site(&request)?;
    let home = format!("{}/", site.urls.mount());
    if crate::entry::look::of(&request).is_none() {
        // Ended in another tab, or because the right to it was lost.
        write(&request, &session, None)?;
        return Ok(done(&request, &home, None));
    }
    record(&request, Event::LookEnd(Nothing {})).await?;
    write(&request, &session, None)?;
    let back = format!("{}/access", site.urls.mount());
    Ok(done(&request, &back, None))
}

/// The same address for people whom the guard rejects: they may be viewing the panel as somebody
/// without any role. For all others it behaves like any address.
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
    let form = FormWhileViewing::from_request(&request, &mut payload.into_inner()).await?;
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

/// The role or groups, in the form of the log.
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

/// Puts a look into the session or removes it. The session is read again to get the person's own
/// state.
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
