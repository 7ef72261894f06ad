//! The pages of the panel that the tests request.

use super::*;
use crate::access::{Look, Standing};
use crate::session::{columns, renewal};
use crate::store::rechecks;

/// Any page of the panel.
pub(super) async fn page(request: HttpRequest, context: web::Data<Context>) -> HttpResponse {
    let present = request.extensions().get::<Present>().cloned();
    let Some(Present(signed)) = present else {
        return HttpResponse::Unauthorized().finish();
    };
    let person = crate::session::groups::in_full(&context.database, &signed).await;
    HttpResponse::Ok().json(serde_json::json!({
        "path": request.path(), "person": person.unwrap(), "csrf": signed.csrf_token,
        "note": signed.groups_note, "reference": signed.reference,
        "counted": signed.person.groups, "roles": signed.roles,
    }))
}

/// A page that changes its session after somebody else has ended it.
pub(super) async fn overtaken(
    request: HttpRequest,
    session: Session,
    database: web::Data<Database>,
) -> HttpResponse {
    let signed = Signed::read(&session).unwrap();
    end_all(&database).await;
    renewal::for_look(&request, &signed.reference, Some(&look("overtaken")));
    HttpResponse::Ok().finish()
}

/// Waits at the gate of a page, if the test has shut it.
async fn gate(request: &HttpRequest) {
    let gates = request.app_data::<web::Data<Gates>>().unwrap();
    gates.at(request.path()).pass().await;
}

/// A look at a role, to be known again in the session.
fn look(role: &str) -> Look {
    Look::new(Standing::Role(role.to_owned()), serde_json::Map::new())
}

async fn end_all(database: &Database) {
    use crate::store::tables::bailiwick_sessions::dsl::bailiwick_sessions;
    let work = |conn: &mut _| Ok(diesel::delete(bailiwick_sessions).execute(conn)?);
    let ended: Result<usize, DatabaseError> = database.run(work).await;
    ended.unwrap();
}

/// A form that redirects to a page.
pub(super) async fn leads_on() -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header(("location", "/admin/page"))
        .finish()
}

/// A page that changes its session's id behind its gate. The query may set the provider's session, as
/// a step-up may.
pub(super) async fn renews(request: HttpRequest, session: Session) -> HttpResponse {
    let signed = Signed::read(&session);
    gate(&request).await;
    let Some(mut signed) = signed else {
        return HttpResponse::Unauthorized().finish();
    };
    signed.roles = vec!["another".to_owned()];
    if !request.query_string().is_empty() {
        signed.provider_session = Some(request.query_string().to_owned());
    }
    renewal::for_proof(&request, &signed);
    HttpResponse::Ok().finish()
}

/// A page whose person gets other roles behind its gate.
pub(super) async fn promotes(request: HttpRequest, session: Session) -> HttpResponse {
    let signed = Signed::read(&session);
    gate(&request).await;
    let Some(signed) = signed else {
        return HttpResponse::Unauthorized().finish();
    };
    renewal::for_roles(&request, &signed.reference, &["another".to_owned()]);
    HttpResponse::Ok().finish()
}

/// A page that ends all sessions.
pub(super) async fn ends(database: web::Data<Database>) -> HttpResponse {
    end_all(&database).await;
    HttpResponse::Ok().finish()
}

/// A page that replaces its session by another behind its gate, as a sign-in does.
pub(super) async fn begins(request: HttpRequest, session: Session) -> HttpResponse {
    let signed = Signed::read(&session);
    gate(&request).await;
    let Some(mut signed) = signed else {
        return HttpResponse::Unauthorized().finish();
    };
    signed.reference = "begun".to_owned();
    signed.begin(&session).unwrap();
    HttpResponse::Ok().finish()
}

/// A page that changes its session after a while.
pub(super) async fn writes(request: HttpRequest, session: Session) -> HttpResponse {
    let signed = Signed::read(&session);
    tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    changes(signed, "written", &request)
}

/// A page that changes its session behind its gate.
pub(super) async fn lingers(request: HttpRequest, session: Session) -> HttpResponse {
    let signed = Signed::read(&session);
    gate(&request).await;
    changes(signed, "lingered", &request)
}

fn changes(signed: Option<Signed>, role: &str, request: &HttpRequest) -> HttpResponse {
    let Some(signed) = signed else {
        return HttpResponse::Unauthorized().finish();
    };
    renewal::for_look(request, &signed.reference, Some(&look(role)));
    HttpResponse::Ok().finish()
}

/// A page that answers behind its gate.
pub(super) async fn slow(request: HttpRequest, session: Session) -> HttpResponse {
    let signed = Signed::read(&session);
    gate(&request).await;
    match signed {
        Some(_) => HttpResponse::Ok().finish(),
        None => HttpResponse::Unauthorized().finish(),
    }
}

/// A page that changes the session and not its id, as other group rules do.
pub(super) async fn changing(session: Session, database: web::Data<Database>) -> HttpResponse {
    let mut signed = Signed::read(&session).unwrap();
    signed.rules = "changed".to_owned();
    let work = move |conn: &mut _| {
        let seen = signed.groups_checked_at.naive_utc();
        rechecks::write_groups(conn, &signed.reference, seen, &columns::identity(&signed))
            .map_err(DatabaseError::from)
    };
    database.run(work).await.unwrap();
    HttpResponse::Ok().finish()
}
