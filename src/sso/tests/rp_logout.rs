//! Sign-out started here (OpenID Connect RP-Initiated Logout 1.0). Tests named `rp_init_…` are the
//! modules of the OpenID Foundation's plan `oidcc-client-rp-initiated-logout-rp-basic`.

use super::provider::parameters;
use super::rig::{Browser, Got, Rig, signed_in};
use serde_json::json;

async fn sign_out(browser: &mut Browser) -> Got {
    let csrf = browser.csrf().await;
    browser.post("/auth/logout", &[("csrf_token", &csrf)]).await
}

#[actix_web::test]
async fn rp_init_logout() {
    let rig = Rig::start().await;
    let mut browser = signed_in(&rig).await;
    let gone = sign_out(&mut browser).await;
    let to = url::Url::parse(&gone.leads_to()).unwrap();
    let sent = parameters(to.query().unwrap());
    assert_eq!(sent["id_token_hint"], rig.op.set().last_id_token);
    assert_eq!(sent["state"].len(), 43);
    assert_eq!(rig.rows("bailiwick_sessions").await, 0);
    let noted = "bailiwick_audit o JOIN bailiwick_audit i ON i.row_key = o.row_key \
                 WHERE i.action = 'sign-in' AND o.action = 'sign-out'";
    assert_eq!(rig.rows(noted).await, 1);
    let back = format!("/auth/signed-out?state={}", sent["state"]);
    rp_is_signed_out(&rig, &mut browser, &back).await;
}

#[actix_web::test]
async fn rp_init_logout_other_state() {
    let rig = Rig::start().await;
    let mut browser = signed_in(&rig).await;
    sign_out(&mut browser).await;
    rp_is_signed_out(&rig, &mut browser, "/auth/signed-out?state=other").await;
}

#[actix_web::test]
async fn rp_init_logout_no_state() {
    let rig = Rig::start().await;
    let mut browser = signed_in(&rig).await;
    sign_out(&mut browser).await;
    rp_is_signed_out(&rig, &mut browser, "/auth/signed-out").await;
}

/// The page reports the sign-out, starts no sign-in, and trusts no parameter.
async fn rp_is_signed_out(rig: &Rig, browser: &mut Browser, path: &str) {
    let before = rig.op.count("/authorize");
    let page = browser.get(path).await;
    assert_eq!((page.status, page.body.trim()), (200, "signed out"));
    assert!(page.header("location").is_none() && page.header("refresh").is_none());
    assert!(page.header("set-cookie").is_none());
    assert_eq!(rig.rows("bailiwick_sign_ins").await, 0);
    assert_eq!(rig.op.count("/authorize"), before);
    assert!(!browser.is_signed_in().await);
}

#[actix_web::test]
async fn the_page_after_a_sign_out_ends_nobodys_session() {
    let rig = Rig::start().await;
    let mut browser = signed_in(&rig).await;
    for path in [
        "/auth/signed-out",
        "/auth/signed-out?state=x",
        "/auth/signed-out?only_here=1",
    ] {
        assert_eq!(browser.get(path).await.status, 200);
    }
    assert!(browser.is_signed_in().await);
}

#[actix_web::test]
async fn a_provider_that_is_down_keeps_nobody_signed_in() {
    let rig = Rig::start().await;
    let mut browser = signed_in(&rig).await;
    rig.op.set().is_down = true;
    // The target is known from the metadata, though the provider may be down.
    let gone = sign_out(&mut browser).await;
    assert!(gone.leads_to().starts_with(&rig.op.issuer()));
    assert_eq!(rig.rows("bailiwick_sessions").await, 0);
    assert!(!browser.is_signed_in().await);
}

#[actix_web::test]
async fn a_provider_without_an_end_is_told_of() {
    let rig = Rig::start().await;
    rig.op.set().metadata = Box::new(|metadata| {
        metadata.remove("end_session_endpoint");
    });
    let mut browser = signed_in(&rig).await;
    let gone = sign_out(&mut browser).await;
    assert_eq!(gone.location(), "/auth/signed-out?only_here=1");
    let page = browser.get(&gone.location()).await;
    assert!(
        page.body.contains("may still be signed in"),
        "{}",
        page.body
    );
    assert!(!browser.is_signed_in().await);
}

#[actix_web::test]
async fn a_script_that_signs_out_is_told_where_to_go_on() {
    let rig = Rig::start().await;
    let mut browser = signed_in(&rig).await;
    let csrf = browser.csrf().await;
    let headers = [
        ("x-csrf-token", csrf.as_str()),
        ("accept", "application/json"),
    ];
    let gone = browser.ask("POST", "/auth/logout", &headers).await;
    assert!(gone.location().starts_with(&rig.op.issuer()));
}

#[actix_web::test]
async fn a_form_never_ends_in_a_redirect_to_another_host() {
    let rig = Rig::rechecking().await;
    let mut browser = signed_in(&rig).await;
    rig.forward(chrono::TimeDelta::minutes(5));
    // A saved form leads to a page, which must be confirmed at the provider first.
    let saved = browser.submit("/admin/leads-on", &[]).await;
    assert_eq!(saved.location(), "/admin/page");
    let sent = browser.get(&saved.location()).await.location();
    assert!(sent.starts_with("/auth/login?prompt=none"), "{sent}");
    let page = browser.get(&sent).await;
    let to = page.leads_to();
    assert!(to.starts_with(&rig.op.issuer()), "{to}");
    let callback = browser.get(&to).await.location();
    assert_eq!(browser.open(&callback).await.status, 200);
    // After a link it is a redirect, and an old form does not count.
    rig.forward(chrono::TimeDelta::minutes(5));
    let sent = browser.get("/admin/page").await.location();
    let to = browser.get(&sent).await.location();
    assert!(to.starts_with(&rig.op.issuer()), "{to}");
}

#[actix_web::test]
async fn a_token_that_makes_the_address_longer_than_2_kib_is_left_out() {
    let rig = Rig::start().await;
    let mut browser = signed_in(&rig).await;
    let with_hint = sign_out(&mut browser).await.leads_to();
    assert!(with_hint.contains("id_token_hint=") && with_hint.len() <= 2_048);
    rig.op.set().claims = Box::new(|claims| {
        claims.insert("picture".into(), json!("x".repeat(1_000)));
    });
    let mut browser = signed_in(&rig).await;
    let gone = sign_out(&mut browser).await;
    let to = gone.leads_to();
    let sent = parameters(url::Url::parse(&to).unwrap().query().unwrap());
    assert!(
        !sent.contains_key("id_token_hint") && to.len() < 1_000,
        "{to}"
    );
    assert_eq!(sent["client_id"], super::provider::CLIENT);
    assert!(sent.contains_key("post_logout_redirect_uri") && sent.contains_key("state"));
}

#[actix_web::test]
async fn g9_the_button_of_another_site_signs_nobody_out() {
    let rig = Rig::start().await;
    let mut browser = signed_in(&rig).await;
    let csrf = browser.csrf().await;
    let token = ("x-csrf-token", csrf.as_str());
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let refused = browser
            .ask("POST", "/auth/logout", &[token, (name, value)])
            .await;
        assert_eq!(refused.status, 403, "{name}: {value}");
        assert!(browser.is_signed_in().await);
    }
    let ours = ("origin", rig.base.as_str());
    let gone = browser.ask("POST", "/auth/logout", &[token, ours]).await;
    assert!(gone.leads_to().starts_with(&rig.op.issuer()));
    assert!(!browser.is_signed_in().await);
}
