//! The authorization request, and the way back.

use super::provider::CLIENT;
use super::rig::{Browser, Rig};
use crate::sso::exchange::{Prompt, Start};
use serde_json::json;

#[actix_web::test]
async fn c6_a_person_signs_in_and_comes_back_to_the_page_asked_for() {
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
async fn a1_a2_a3_the_request_is_the_code_flow_with_fresh_secrets_and_our_own_address() {
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
async fn a4_a_host_header_changes_nothing() {
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
async fn a8_only_two_prompts_are_passed_on() {
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
async fn g1_who_is_signed_in_goes_straight_back_unless_they_want_another_account() {
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
async fn b1_b2_b4_return_to_is_filtered_and_never_read_at_the_callback() {
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
async fn e15_another_subject_with_the_same_name_is_another_person() {
    let rig = Rig::start().await;
    Browser::new(&rig).sign_in("/auth/login").await;
    rig.op.set().claims = Box::new(|claims| {
        claims.insert("sub".into(), "s-impostor".into());
    });
    Browser::new(&rig).sign_in("/auth/login").await;
    assert_eq!(rig.rows("bailiwick_people").await, 2);
}

#[actix_web::test]
async fn a2_no_two_starts_share_a_secret() {
    let rig = Rig::start().await;
    let mut seen = std::collections::HashSet::new();
    let mut browser = Browser::new(&rig);
    for _ in 0..50 {
        let begun = browser.get("/auth/login").await.location();
        let url = url::Url::parse(&begun).unwrap();
        for (name, value) in url.query_pairs() {
            if ["state", "nonce", "code_challenge"].contains(&&*name) {
                assert!(value.len() >= 43, "{name}: 256 bits as base64url");
                assert!(seen.insert(value.into_owned()), "{name}");
            }
        }
    }
    assert_eq!(seen.len(), 150);
    // Later than all of these, so that it is not among the oldest, which are deleted.
    rig.forward(chrono::TimeDelta::seconds(1));
    let done = browser.sign_in("/auth/login").await;
    assert_eq!(done.status, 303, "{}", done.body);
    let verifier = rig.op.set().last_token_request["code_verifier"].clone();
    assert!((43..=128).contains(&verifier.len()), "{verifier}");
}

#[actix_web::test]
async fn a3_pkce_is_by_s256_whatever_the_provider_lists() {
    for listed in [
        None,
        Some(json!([])),
        Some(json!(["plain"])),
        Some(json!(["plain", "S256"])),
    ] {
        let rig = Rig::start().await;
        rig.op.set().metadata = Box::new(move |metadata| {
            if let Some(listed) = &listed {
                metadata.insert("code_challenge_methods_supported".into(), listed.clone());
            }
        });
        assert_eq!(Browser::new(&rig).sign_in("/auth/login").await.status, 303);
        let asked = rig.op.set().last_authorization.clone();
        assert_eq!(asked["code_challenge_method"], "S256");
    }
}

#[actix_web::test]
async fn a4_the_token_endpoint_is_told_the_same_redirect_uri() {
    let rig = Rig::start().await;
    Browser::new(&rig).sign_in("/auth/login").await;
    let op = rig.op.set();
    let asked = &op.last_authorization["redirect_uri"];
    assert_eq!(asked, &format!("{}/auth/callback", rig.base));
    assert_eq!(asked, &op.last_token_request["redirect_uri"]);
}

#[actix_web::test]
async fn a7_a_start_leaves_nothing_but_a_pending_record() {
    let rig = Rig::start().await;
    Browser::new(&rig).get("/auth/login").await;
    assert_eq!(rig.rows("bailiwick_sign_ins").await, 1);
    for table in ["bailiwick_sessions", "bailiwick_people", "bailiwick_audit"] {
        assert_eq!(rig.rows(table).await, 0, "{table}");
    }
}

#[actix_web::test]
async fn a8_further_parameters_are_sent_and_give_way_to_what_is_asked_for_now() {
    let rig = Rig::with(|settings| {
        let params = [
            ("acr_values", "gold silver"),
            ("hd", "example.com"),
            ("prompt", "consent"),
        ];
        settings.params = params
            .map(|(name, value)| (name.into(), value.into()))
            .into();
    })
    .await;
    let mut browser = Browser::new(&rig);
    browser.reach_callback("/auth/login").await;
    let asked = rig.op.set().last_authorization.clone();
    assert_eq!(asked["acr_values"], "gold silver");
    assert_eq!(asked["hd"], "example.com");
    assert_eq!(asked["prompt"], "consent");
    let begun = browser
        .get("/auth/login?prompt=select_account")
        .await
        .location();
    assert_eq!(begun.matches("prompt=").count(), 1, "{begun}");
    assert!(begun.contains("prompt=select_account"), "{begun}");
}

#[actix_web::test]
async fn a8_whatever_an_attempt_asks_for_is_asked_once() {
    let params = [
        ("acr_values", "gold"),
        ("login_hint", "anybody"),
        ("max_age", "600"),
        ("prompt", "consent"),
        ("hd", "example.com"),
    ];
    let rig = Rig::with(|settings| {
        settings.params = params
            .map(|(name, value)| (name.into(), value.into()))
            .into();
    })
    .await;
    let metadata = rig.provider.metadata().await.unwrap();
    let verifier = "v".repeat(43);
    let asked = |start: &Start<'_>| {
        let url = rig.provider.authorization_url(&metadata, start).unwrap();
        params.map(|(name, _)| {
            let pairs = url.query_pairs().filter(|(key, _)| key == name);
            let values: Vec<String> = pairs.map(|(_, value)| value.into_owned()).collect();
            assert_eq!(values.len(), 1, "{name} in {url}");
            values[0].clone()
        })
    };
    let plain = Start::plain("s", "n", &verifier);
    assert_eq!(asked(&plain), params.map(|(_, value)| value.to_owned()));
    let ways = ["silver".to_owned()];
    let all = Start {
        prompt: Some(Prompt::Login),
        login_hint: Some("alice"),
        max_age_s: Some(60),
        acr_values: &ways,
        ..plain
    };
    assert_eq!(
        asked(&all),
        ["silver", "alice", "60", "login", "example.com"].map(str::to_owned)
    );
}

#[actix_web::test]
async fn a10_a_demand_for_pushed_requests_is_told_with_what_to_do() {
    let rig = Rig::start().await;
    rig.op.set().metadata = Box::new(|metadata| {
        metadata.insert("require_pushed_authorization_requests".into(), true.into());
    });
    let refused = Browser::new(&rig).get("/auth/login").await;
    assert_eq!(refused.status, 503);
    let error = rig.provider.metadata().await.unwrap_err().to_string();
    assert!(error.contains("pushed authorization requests"), "{error}");
    assert!(error.contains("turn that off"), "{error}");
}
