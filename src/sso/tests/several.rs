//! Several providers: a page to choose one, a redirect URI for each, and none that can respond for
//! another.

use super::provider::CLIENT;
use super::rig::{Browser, Rig};
use crate::config::ResponseMode;

async fn rig() -> Rig {
    Rig::with_partner(|_| ()).await
}

#[actix_web::test]
async fn people_choose_and_the_way_back_is_kept() {
    let rig = rig().await;
    let mut browser = Browser::new(&rig);
    let page = browser
        .get("/auth/login?return_to=/admin/me%3Fa%3D1&prompt=login&other=x")
        .await;
    assert_eq!(page.status, 200);
    assert!(page.header("set-cookie").is_none(), "nothing is remembered");
    assert_eq!(rig.rows("bailiwick_sign_ins").await, 0);
    for link in [
        "/auth/login?provider=oidc&return_to=%2Fadmin%2Fme%3Fa%3D1&prompt=login\"",
        "/auth/login?provider=partner&return_to=%2Fadmin%2Fme%3Fa%3D1&prompt=login\"",
        "Partner & Co",
    ] {
        assert!(page.body.contains(link), "{}", page.body);
    }
    let chosen = "/auth/login?provider=partner&return_to=/admin/me%3Fa%3D1";
    let done = browser.sign_in(chosen).await;
    assert_eq!(
        (done.status, done.location()),
        (303, "/admin/me?a=1".into())
    );
    let page = browser.get("/admin/page").await.json();
    let partner = rig.partner.as_ref().unwrap();
    assert_eq!(page["person"]["provider"], "partner");
    assert_eq!(page["person"]["issuer"], partner.issuer());
    assert_eq!(rig.op.count("/token"), 0);
    let noted =
        "bailiwick_audit WHERE action = 'sign-in' AND details LIKE '%\"provider\":\"partner\"%'";
    assert_eq!(rig.rows(noted).await, 1);
}

#[actix_web::test]
async fn with_one_provider_there_is_nothing_to_choose() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    assert_eq!(browser.get("/auth/login").await.status, 303);
    assert_eq!(browser.get("/auth/login?provider=oidc").await.status, 303);
    let unknown = browser.get("/auth/login?provider=partner").await;
    assert_eq!(unknown.status, 400);
}

#[actix_web::test]
async fn the_same_subject_at_two_providers_is_two_people() {
    let rig = rig().await;
    for provider in ["oidc", "partner"] {
        let login = format!("/auth/login?provider={provider}");
        assert_eq!(Browser::new(&rig).sign_in(&login).await.status, 303);
    }
    assert_eq!(rig.rows("bailiwick_people").await, 2);
}

#[actix_web::test]
async fn c9_each_provider_has_a_redirect_uri_of_its_own() {
    let rig = rig().await;
    let mut browser = Browser::new(&rig);
    let main = browser.reach_callback("/auth/login?provider=oidc").await;
    let partner = browser.reach_callback("/auth/login?provider=partner").await;
    let own = |path: &str| format!("{}{path}?", rig.base);
    assert!(main.starts_with(&own("/auth/callback")), "{main}");
    assert!(
        partner.starts_with(&own("/auth/callback/partner")),
        "{partner}"
    );
    let op = rig.partner.as_ref().unwrap();
    assert_eq!(browser.get(&partner).await.status, 303);
    let redeemed = op.set().last_token_request["redirect_uri"].clone();
    assert_eq!(redeemed, format!("{}/auth/callback/partner", rig.base));
}

/// The mix-up attack: a sign-in begun at one provider, with a response from another (RFC 9700,
/// section 4.4).
#[actix_web::test]
async fn c9_an_answer_at_another_providers_redirect_uri_is_refused() {
    for (login, from, to) in [
        (
            "/auth/login?provider=oidc",
            "/auth/callback?",
            "/auth/callback/partner?",
        ),
        (
            "/auth/login?provider=partner",
            "/auth/callback/partner?",
            "/auth/callback?",
        ),
        (
            "/auth/login?provider=oidc",
            "/auth/callback?",
            "/auth/callback/nobody?",
        ),
        (
            "/auth/login?provider=oidc",
            "/auth/callback?",
            "/auth/callback/oidc?",
        ),
    ] {
        let rig = rig().await;
        let mut browser = Browser::new(&rig);
        let callback = browser.reach_callback(login).await;
        let refused = browser.get(&callback.replace(from, to)).await;
        assert_eq!(refused.status, 400, "{to}: {}", refused.body);
        assert!(!browser.is_signed_in().await);
        let partner = rig.partner.as_ref().unwrap();
        assert_eq!(rig.op.count("/token") + partner.count("/token"), 0);
    }
}

#[actix_web::test]
async fn one_provider_away_does_not_keep_the_other_from_work() {
    let rig = rig().await;
    rig.op.set().is_down = true;
    let mut browser = Browser::new(&rig);
    assert_eq!(browser.get("/auth/login").await.status, 200);
    assert_eq!(browser.get("/auth/login?provider=oidc").await.status, 503);
    assert_eq!(
        browser.sign_in("/auth/login?provider=partner").await.status,
        303
    );
}

#[actix_web::test]
async fn forms_and_queries_go_side_by_side() {
    let rig = Rig::with_partner(|settings| settings.response_mode = ResponseMode::FormPost).await;
    let mut browser = Browser::new(&rig);
    let (to, form) = browser.reach_form("/auth/login?provider=partner").await;
    let callback = browser.reach_callback("/auth/login?provider=oidc").await;
    let kind = "application/x-www-form-urlencoded";
    let done = browser.post_from_elsewhere(&to, kind, &form).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert_eq!(browser.get(&callback).await.status, 303);
    assert_eq!(rig.op.set().last_authorization["client_id"], CLIENT);
}
