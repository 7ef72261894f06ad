//! Sign-ins started elsewhere (OpenID Connect Core, section 4).

use super::rig::{Browser, Rig};

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[actix_web::test]
async fn oidcc_client_test_3rd_party_init_login() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    let target = format!("{}/admin/data/orders?q=1", rig.base);
    let begin = format!(
        "iss={}&login_hint=alice%40example.com&target_link_uri={}",
        encoded(&rig.op.issuer()),
        encoded(&target)
    );
    let done = browser.sign_in(&format!("/auth/login?{begin}")).await;
    assert_eq!(
        (done.status, done.location()),
        (303, "/admin/data/orders?q=1".into())
    );
    let hint = rig.op.set().last_authorization["login_hint"].clone();
    assert_eq!(hint, "alice@example.com");

    let mut browser = Browser::new(&rig);
    let kind = "application/x-www-form-urlencoded";
    let begun = browser
        .post_from_elsewhere("/auth/login", kind, &begin)
        .await;
    assert_eq!(begun.status, 303, "{}", begun.body);
    let callback = browser.get(&begun.location()).await.location();
    assert_eq!(
        browser.get(&callback).await.location(),
        "/admin/data/orders?q=1"
    );
}

#[actix_web::test]
async fn a9_only_an_issuer_of_ours_may_begin_a_sign_in() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    let issuer = rig.op.issuer();
    for wrong in [
        "https://evil.example",
        &format!("{issuer}/"),
        &issuer.to_uppercase(),
        "",
    ] {
        let refused = browser
            .get(&format!("/auth/login?iss={}", encoded(wrong)))
            .await;
        assert_eq!(refused.status, 400, "{wrong}");
    }
    assert_eq!(rig.rows("bailiwick_sign_ins").await, 0);
    let kind = "application/x-www-form-urlencoded";
    for body in ["", "return_to=/admin/me", "iss=https%3A%2F%2Fevil.example"] {
        let refused = browser.post_from_elsewhere("/auth/login", kind, body).await;
        assert_eq!(refused.status, 400, "{body}");
    }
    let begin = format!("iss={}", encoded(&issuer));
    let refused = browser
        .post_from_elsewhere("/auth/login", "text/plain", &begin)
        .await;
    assert_eq!(refused.status, 400);
}

#[actix_web::test]
async fn a9_a_target_elsewhere_is_not_gone_to() {
    let rig = Rig::start().await;
    let iss = encoded(&rig.op.issuer());
    for target in [
        "https://evil.example/admin/",
        "//evil.example/admin/",
        "/auth/logout",
        &format!("{}@evil.example/admin/", rig.base),
        &format!("{}.evil.example/admin/", rig.base),
    ] {
        let login = format!("/auth/login?iss={iss}&target_link_uri={}", encoded(target));
        let done = Browser::new(&rig).sign_in(&login).await;
        assert_eq!(done.location(), "/admin/", "{target}");
    }
}

#[actix_web::test]
async fn a9_a_hint_is_taken_only_of_who_sends_people_here() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    browser.reach_callback("/auth/login?login_hint=alice").await;
    assert!(!rig.op.set().last_authorization.contains_key("login_hint"));
    let long = "x".repeat(300);
    let iss = encoded(&rig.op.issuer());
    browser
        .reach_callback(&format!("/auth/login?iss={iss}&login_hint={long}"))
        .await;
    assert!(!rig.op.set().last_authorization.contains_key("login_hint"));
}

#[actix_web::test]
async fn a9_a_form_that_is_too_long_begins_nothing() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    let kind = "application/x-www-form-urlencoded";
    let begin = format!("iss={}&x=", encoded(&rig.op.issuer()));
    let longest = 16 * 1024;
    for (length, status) in [(longest, 303), (longest + 1, 400), (1_000_000, 400)] {
        let form = format!("{begin}{}", "x".repeat(length - begin.len()));
        let begun = browser
            .post_from_elsewhere("/auth/login", kind, &form)
            .await;
        assert_eq!(begun.status, status, "{length}");
    }
    assert_eq!(rig.rows("bailiwick_sign_ins").await, 1);
}
