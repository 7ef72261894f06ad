//! The pages of the panel that the tests request.

use super::*;

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

/// A page that writes to its session after somebody else has ended it.
pub(super) async fn overtaken(request: HttpRequest, database: web::Data<Database>) -> HttpResponse {
    end_all(&database).await;
    let session = request.get_session();
    session.insert("other", 1).unwrap();
    HttpResponse::Ok().finish()
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

/// A page that changes its session's id after a while. The query may set the provider's session, as
/// a step-up may.
pub(super) async fn renews(request: HttpRequest, session: Session) -> HttpResponse {
    let signed = Signed::read(&session);
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    let Some(mut signed) = signed else {
        return HttpResponse::Unauthorized().finish();
    };
    signed.roles = vec!["another".to_owned()];
    if !request.query_string().is_empty() {
        signed.provider_session = Some(request.query_string().to_owned());
    }
    signed.renew(&session).unwrap();
    HttpResponse::Ok().finish()
}

/// A page whose person gets other roles after a while.
pub(super) async fn promotes(session: Session) -> HttpResponse {
    let signed = Signed::read(&session);
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    let Some(mut signed) = signed else {
        return HttpResponse::Unauthorized().finish();
    };
    signed.roles = vec!["another".to_owned()];
    signed.renew_for_roles(&session).unwrap();
    HttpResponse::Ok().finish()
}

/// A page that ends all sessions.
pub(super) async fn ends(database: web::Data<Database>) -> HttpResponse {
    end_all(&database).await;
    HttpResponse::Ok().finish()
}

/// A page that replaces its session by another after a while, as a sign-in does.
pub(super) async fn begins(session: Session) -> HttpResponse {
    let signed = Signed::read(&session);
    tokio::time::sleep(std::time::Duration::from_millis(900)).await;
    let Some(mut signed) = signed else {
        return HttpResponse::Unauthorized().finish();
    };
    signed.reference = "begun".to_owned();
    signed.begin(&session).unwrap();
    HttpResponse::Ok().finish()
}

/// A page that changes its session after a while.
pub(super) async fn writes(session: Session) -> HttpResponse {
    tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    session.insert("other", 1).unwrap();
    HttpResponse::Ok().finish()
}

/// The same, after a longer while.
pub(super) async fn lingers(session: Session) -> HttpResponse {
    tokio::time::sleep(std::time::Duration::from_millis(900)).await;
    session.insert("other", "lingered").unwrap();
    HttpResponse::Ok().finish()
}

/// A slow page.
pub(super) async fn slow(session: Session) -> HttpResponse {
    let signed = Signed::read(&session);
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    match signed {
        Some(_) => HttpResponse::Ok().finish(),
        None => HttpResponse::Unauthorized().finish(),
    }
}

/// A page that changes the session.
pub(super) async fn changing(session: Session) -> HttpResponse {
    session.insert("other", "changed").unwrap();
    HttpResponse::Ok().finish()
}
