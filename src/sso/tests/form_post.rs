//! Responses in forms that the browser posts from another site.

use super::rig::{Browser, Rig};
use crate::config::ResponseMode;

const FORM: &str = "application/x-www-form-urlencoded";

async fn rig() -> Rig {
    Rig::with(|settings| settings.response_mode = ResponseMode::FormPost).await
}

#[actix_web::test]
async fn c7_an_answer_in_a_form_needs_no_session_and_no_csrf_token() {
    let rig = rig().await;
    let mut browser = Browser::new(&rig);
    let (to, form) = browser.reach_form("/auth/login?return_to=/admin/me").await;
    assert_eq!(to, format!("{}/auth/callback", rig.base));
    assert_eq!(
        rig.op.set().last_authorization["response_mode"],
        "form_post"
    );
    let done = browser.post_from_elsewhere(&to, FORM, &form).await;
    assert_eq!((done.status, done.location()), (303, "/admin/me".into()));
    assert_eq!(done.header("cache-control"), Some("no-store"));
    assert_eq!(done.header("referrer-policy"), Some("no-referrer"));
    assert!(browser.is_signed_in().await);
}

#[actix_web::test]
async fn c7_the_sign_in_cookie_may_cross_sites() {
    let rig = rig().await;
    let begun = Browser::new(&rig).get("/auth/login").await;
    let cookie = begun.header("set-cookie").unwrap();
    for attribute in [
        "SameSite=None",
        "Secure",
        "HttpOnly",
        "Path=/",
        "Max-Age=600",
    ] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let plain = Rig::start().await;
    let begun = Browser::new(&plain).get("/auth/login").await;
    let cookie = begun.header("set-cookie").unwrap();
    assert!(cookie.contains("SameSite=Lax"), "{cookie}");
    assert!(!cookie.contains("Secure"), "by http it would not be kept");
}

#[actix_web::test]
async fn c7_only_a_form_is_read_and_only_where_it_was_asked_for() {
    let rig = rig().await;
    let mut browser = Browser::new(&rig);
    let (to, form) = browser.reach_form("/auth/login").await;
    for kind in [
        "text/plain",
        "application/json",
        "multipart/form-data; boundary=x",
        "",
    ] {
        let refused = browser.post_from_elsewhere(&to, kind, &form).await;
        assert_eq!(refused.status, 400, "{kind}");
    }
    let long = format!("{form}&x={}", "x".repeat(20_000));
    assert_eq!(
        browser.post_from_elsewhere(&to, FORM, &long).await.status,
        400
    );
    let in_query = browser.get(&format!("{to}?{form}")).await;
    assert_eq!(in_query.status, 400, "not by the other way");
    let with_query = browser
        .post_from_elsewhere(&format!("{to}?{form}"), FORM, "")
        .await;
    assert_eq!(
        with_query.status, 400,
        "the query of a form's address is not read"
    );
    assert_eq!(rig.op.count("/token"), 0);
    let done = browser.post_from_elsewhere(
        &to,
        "Application/X-WWW-Form-Urlencoded; charset=UTF-8",
        &form,
    );
    assert_eq!(done.await.status, 303, "and nothing was used up");

    let plain = Rig::start().await;
    let mut browser = Browser::new(&plain);
    let callback = browser.reach_callback("/auth/login").await;
    let (to, form) = callback.split_once('?').unwrap();
    assert_eq!(
        browser.post_from_elsewhere(to, FORM, form).await.status,
        400
    );
    assert_eq!(plain.op.count("/token"), 0);
    assert_eq!(browser.get(&callback).await.status, 303);
}

#[actix_web::test]
async fn c7_a_form_in_another_browser_is_refused() {
    let rig = rig().await;
    let mut attacker = Browser::new(&rig);
    let (to, form) = attacker.reach_form("/auth/login").await;
    let mut victim = Browser::new(&rig);
    assert_eq!(
        victim.post_from_elsewhere(&to, FORM, &form).await.status,
        400
    );
    victim.reach_form("/auth/login").await;
    assert_eq!(
        victim.post_from_elsewhere(&to, FORM, &form).await.status,
        400
    );
    assert!(!victim.is_signed_in().await);
    assert_eq!(rig.op.count("/token"), 0);
}

#[actix_web::test]
async fn c2_a_form_sent_again_goes_home_with_a_session_and_to_start_again_without() {
    let rig = rig().await;
    let mut browser = Browser::new(&rig);
    let (to, form) = browser.reach_form("/auth/login").await;
    browser.post_from_elsewhere(&to, FORM, &form).await;
    let again = browser.post_from_elsewhere(&to, FORM, &form).await;
    assert_eq!((again.status, again.location()), (303, "/auth/over".into()));
    assert_eq!(browser.get("/auth/over").await.location(), "/admin/");
    browser.cookies.remove("bailiwick");
    let without = browser.get("/auth/over").await;
    assert_eq!(without.status, 400);
    assert!(
        without.body.contains("This sign-in is over"),
        "{}",
        without.body
    );
    assert_eq!(rig.op.count("/token"), 1);
}

#[actix_web::test]
async fn c4_errors_come_in_forms_too() {
    let rig = rig().await;
    rig.op.set().error = Some("access_denied");
    let mut browser = Browser::new(&rig);
    let (to, form) = browser.reach_form("/auth/login").await;
    let done = browser.post_from_elsewhere(&to, FORM, &form).await;
    assert_eq!(done.status, 403);
    assert!(done.body.contains("cancelled"), "{}", done.body);
}

#[actix_web::test]
async fn refusals_are_noted_as_those_in_addresses_are() {
    let rig = rig().await;
    rig.op.set().error = Some("access_denied");
    let mut browser = Browser::new(&rig);
    let (to, form) = browser.reach_form("/auth/login").await;
    browser.post_from_elsewhere(&to, FORM, &form).await;
    let noted = "bailiwick_audit WHERE action = 'sign-in-refused' \
                 AND details LIKE '%answered access_denied%'";
    assert_eq!(rig.rows(noted).await, 1);
    // A form sent again does not count as an attempt.
    browser.post_from_elsewhere(&to, FORM, &form).await;
    assert_eq!(rig.rows("bailiwick_audit").await, 1);
}
