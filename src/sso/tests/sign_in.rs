//! What a sign-in that goes well does, and where groups come from.

use super::provider::CLIENT;
use super::rig::{Browser, Rig};
use serde_json::json;

#[actix_web::test]
async fn a_person_signs_in_and_comes_back_to_the_page_asked_for() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    assert!(!browser.is_signed_in().await);
    let back = "/auth/login?return_to=%2Fadmin%2Fdata%2Forders%3Fsort%3D-a";
    let begun = browser.get(back).await;
    assert_eq!(begun.header("cache-control"), Some("no-store"));
    let done = browser.sign_in(back).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert_eq!(done.location(), "/admin/data/orders?sort=-a");
    assert_eq!(done.header("cache-control"), Some("no-store"));
    assert_eq!(done.header("referrer-policy"), Some("no-referrer"));
    let page = browser.get(&done.location()).await.json();
    assert_eq!(page["person"]["subject"], "s-alice");
    assert_eq!(page["person"]["issuer"], rig.op.issuer());
    assert_eq!(page["person"]["name"], "Alice Adams");
    assert_eq!(page["person"]["groups"], json!(["admins"]));
    assert_eq!(page["note"]["kind"], "found");
    assert_eq!(rig.op.count("/userinfo"), 0);
    assert_eq!(rig.rows("bailiwick_people").await, 1);
    assert_eq!(rig.rows("bailiwick_audit WHERE action = 'sign-in' AND roles = 'admin' AND request_id = 'ref-7' AND address = '127.0.0.1'").await, 1);
    assert_eq!(rig.rows("bailiwick_sessions WHERE subject = 's-alice' AND provider_session = 'sid-1' AND issuer LIKE 'http%'").await, 1);
}

#[actix_web::test]
async fn the_request_is_the_code_flow_with_fresh_secrets_and_our_own_address() {
    let rig = Rig::start().await;
    let mut seen = std::collections::HashSet::new();
    for _ in 0..2 {
        let mut browser = Browser::new(&rig);
        browser.reach_callback("/auth/login").await;
        let asked = rig.op.set().last_authorization.clone();
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["code_challenge_method"], "S256");
        assert_eq!(asked["redirect_uri"], format!("{}/auth/callback", rig.base));
        assert_eq!(asked["scope"], "openid profile groups");
        assert!(!asked.contains_key("prompt"));
        for name in ["state", "nonce", "code_challenge"] {
            assert!(
                asked[name].len() >= 43 && seen.insert(asked[name].clone()),
                "{name}"
            );
        }
    }
}

#[actix_web::test]
async fn a_host_header_changes_nothing() {
    let rig = Rig::start().await;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let begun = client
        .get(format!("{}/auth/login", rig.base))
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .send()
        .await
        .unwrap();
    let location = begun.headers()["location"].to_str().unwrap().to_owned();
    assert!(!location.contains("evil"), "{location}");
}

#[actix_web::test]
async fn only_two_prompts_are_passed_on() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    for prompt in ["select_account", "login"] {
        browser
            .reach_callback(&format!("/auth/login?prompt={prompt}"))
            .await;
        assert_eq!(rig.op.set().last_authorization["prompt"], prompt);
    }
    assert_eq!(browser.get("/auth/login?prompt=consent").await.status, 400);
    assert_eq!(
        browser
            .get("/auth/login?return_to=/admin/a&return_to=/admin/b")
            .await
            .status,
        400
    );
}

#[actix_web::test]
async fn who_is_signed_in_goes_straight_back_unless_they_want_another_account() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login").await;
    let again = browser.get("/auth/login?return_to=/admin/me").await;
    assert_eq!((again.status, again.location()), (303, "/admin/me".into()));
    let old = browser.clone();
    rig.op.set().claims = Box::new(|claims| {
        claims.insert("sub".into(), "s-bob".into());
    });
    browser.sign_in("/auth/login?prompt=select_account").await;
    let page = browser.get("/admin/page").await.json();
    assert_eq!(page["person"]["subject"], "s-bob");
    let mut old = old;
    assert!(
        !old.is_signed_in().await,
        "the session of before must be dead"
    );
}

#[actix_web::test]
async fn return_to_is_filtered_and_never_read_at_the_callback() {
    let rig = Rig::start().await;
    for bad in [
        "//evil.example",
        "/%5Cevil.example",
        "https:evil.example",
        "%09//evil.example",
        "%5C%5Ce",
        "//u:p@e",
        "/auth/login",
        "/auth/logout",
        "/admin%0D%0AX:1",
    ] {
        let mut browser = Browser::new(&rig);
        let done = browser
            .sign_in(&format!("/auth/login?return_to={bad}"))
            .await;
        assert_eq!(done.location(), "/admin/", "{bad}");
    }
    let mut browser = Browser::new(&rig);
    let callback = browser.reach_callback("/auth/login").await;
    let done = browser
        .get(&format!("{callback}&return_to=/admin/other"))
        .await;
    assert_eq!(done.location(), "/admin/");
}

#[actix_web::test]
async fn groups_come_from_userinfo_when_the_token_has_none() {
    let rig = Rig::start().await;
    {
        let mut op = rig.op.set();
        op.claims = Box::new(|claims| {
            claims.remove("groups");
        });
        op.userinfo = json!({"sub": "s-alice", "groups": ["editors"], "region": "emea"});
    }
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login").await;
    let page = browser.get("/admin/page").await.json();
    assert_eq!(page["person"]["groups"], json!(["editors"]));
    assert_eq!(page["person"]["claims"]["region"], "emea");
    assert_eq!(rig.op.count("/userinfo"), 1);
}

#[actix_web::test]
async fn userinfo_that_cannot_be_believed_lets_nobody_in() {
    for (userinfo, kind) in [
        (
            json!({"sub": "s-mallory", "groups": ["admins"]}),
            "application/json",
        ),
        (json!({"groups": ["admins"]}), "application/json"),
        (
            json!({"sub": "s-alice", "groups": ["admins"]}),
            "application/jwt",
        ),
        (json!(["x"]), "application/json"),
    ] {
        let rig = Rig::start().await;
        {
            let mut op = rig.op.set();
            op.claims = Box::new(|claims| {
                claims.remove("groups");
            });
            op.userinfo = userinfo;
            op.userinfo_type = kind;
        }
        let mut browser = Browser::new(&rig);
        let done = browser.sign_in("/auth/login").await;
        assert_eq!(done.status, 502, "{}", done.body);
        assert!(!browser.is_signed_in().await);
    }
}

#[actix_web::test]
async fn redirects_of_the_provider_are_not_followed() {
    let rig = Rig::start().await;
    {
        let mut op = rig.op.set();
        let moved = format!("{}/moved", op.issuer);
        op.metadata = Box::new(move |metadata| {
            metadata.insert("userinfo_endpoint".into(), moved.clone().into());
        });
        op.claims = Box::new(|claims| {
            claims.remove("groups");
        });
    }
    let mut browser = Browser::new(&rig);
    assert_eq!(browser.sign_in("/auth/login").await.status, 502);
    assert_eq!(rig.op.count("/userinfo"), 0);
}

#[actix_web::test]
async fn a_person_without_groups_is_signed_in_with_the_reason_kept() {
    for (value, kind) in [
        (Some(json!([])), "empty"),
        (None, "absent"),
        (Some(json!(7)), "wrong_shape"),
    ] {
        let rig = Rig::start().await;
        rig.op.set().claims = Box::new(move |claims| {
            claims.remove("groups");
            if let Some(value) = &value {
                claims.insert("groups".into(), value.clone());
            }
        });
        let mut browser = Browser::new(&rig);
        assert_eq!(browser.sign_in("/auth/login").await.status, 303);
        assert_eq!(
            browser.get("/admin/page").await.json()["note"]["kind"],
            kind
        );
        assert_eq!(
            rig.rows("bailiwick_audit WHERE action = 'sign-in' AND roles = ''")
                .await,
            1
        );
    }
}

#[actix_web::test]
async fn another_subject_with_the_same_name_is_another_person() {
    let rig = Rig::start().await;
    Browser::new(&rig).sign_in("/auth/login").await;
    rig.op.set().claims = Box::new(|claims| {
        claims.insert("sub".into(), "s-impostor".into());
    });
    Browser::new(&rig).sign_in("/auth/login").await;
    assert_eq!(rig.rows("bailiwick_people").await, 2);
}

#[actix_web::test]
async fn a_client_that_must_authenticate_in_the_body_does() {
    let rig = Rig::start().await;
    rig.op.set().metadata = Box::new(|metadata| {
        metadata.insert(
            "token_endpoint_auth_methods_supported".into(),
            json!(["client_secret_post"]),
        );
    });
    // The provider of these tests takes the header only, so that the way is seen by its refusal.
    let done = Browser::new(&rig).sign_in("/auth/login").await;
    assert_eq!(done.status, 400);
    assert_eq!(rig.op.count("/token"), 1);
}
