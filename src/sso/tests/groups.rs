//! Where groups come from, and what is reported when there are none.

use super::provider::CLIENT;
use super::rig::{Browser, Rig};
use crate::config::ClaimPath;
use crate::sso::token::groups::Reading;
use serde_json::{Value, json};

#[actix_web::test]
async fn f3_groups_come_from_userinfo_when_the_token_has_none() {
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
async fn f1_f2_userinfo_that_cannot_be_believed_lets_nobody_in() {
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
async fn f3_a_person_without_groups_is_signed_in_with_the_reason_kept() {
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

/// A provider that sends groups in userinfo.
async fn rig_with(userinfo: Value) -> Rig {
    let rig = Rig::start().await;
    {
        let mut op = rig.op.set();
        op.claims = Box::new(|claims| {
            claims.remove("groups");
        });
        op.userinfo = userinfo;
    }
    rig
}

async fn is_refused(rig: &Rig, why: &str) {
    let mut browser = Browser::new(rig);
    let done = browser.sign_in("/auth/login").await;
    assert_eq!(done.status, 502, "{why}: {}", done.body);
    assert!(!browser.is_signed_in().await, "{why}");
    assert_eq!(rig.rows("bailiwick_people").await, 0, "{why}");
}

#[actix_web::test]
async fn f1_the_subject_of_userinfo_is_that_of_the_id_token() {
    for sub in [
        json!("s-mallory"),
        json!("S-ALICE"),
        json!("s-alice "),
        json!(""),
        json!(null),
        json!(7),
    ] {
        let rig = rig_with(json!({"sub": sub, "groups": ["admins"]})).await;
        is_refused(&rig, &sub.to_string()).await;
    }
}

#[actix_web::test]
async fn f2_signed_userinfo_is_verified() {
    let good = || json!({"groups": ["admins"], "sub": "s-alice", "aud": CLIENT});
    let header = || json!({"alg": "RS256", "kid": "k0"});
    let with = |mut object: Value, name: &str, value: Value| {
        object[name] = value;
        object
    };
    let rig = rig_with(good()).await;
    let issuer = rig.op.issuer();
    let signed = |claims: Value, header: Value, which: usize| {
        let mut op = rig.op.set();
        op.userinfo = with(claims, "iss", json!(issuer));
        op.userinfo_signed = Some((header, which));
    };
    let past = rig.op.set().now.timestamp() - 60;
    signed(with(good(), "exp", json!(past + 1)), header(), 0);
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login").await;
    let page = browser.get("/admin/page").await.json();
    assert_eq!(page["person"]["groups"], json!(["admins"]));

    let rig = rig_with(good()).await;
    let issuer = rig.op.issuer();
    let signed = |claims: Value, header: Value, which: usize| {
        let mut op = rig.op.set();
        let claims = match claims.get("iss") {
            Some(_) => claims,
            None => with(claims, "iss", json!(issuer)),
        };
        op.userinfo = claims;
        op.userinfo_signed = Some((header, which));
    };
    for (why, claims, header, which) in [
        (
            "another issuer",
            with(good(), "iss", json!("https://other")),
            header(),
            0,
        ),
        ("no issuer", with(good(), "iss", json!(null)), header(), 0),
        (
            "another audience",
            with(good(), "aud", json!("other")),
            header(),
            0,
        ),
        ("no audience", with(good(), "aud", json!(null)), header(), 0),
        (
            "another audience too",
            with(good(), "aud", json!([CLIENT, "other"])),
            header(),
            0,
        ),
        (
            "another person",
            with(good(), "sub", json!("s-mallory")),
            header(),
            0,
        ),
        ("another key", good(), header(), 1),
        (
            "no signature",
            good(),
            with(header(), "alg", json!("none")),
            0,
        ),
        (
            "a shared secret",
            good(),
            with(header(), "alg", json!("HS256")),
            0,
        ),
        (
            "an access token",
            good(),
            with(header(), "typ", json!("at+jwt")),
            0,
        ),
        (
            "a logout token",
            with(good(), "events", json!({})),
            header(),
            0,
        ),
        ("an old one", with(good(), "exp", json!(past)), header(), 0),
    ] {
        signed(claims, header, which);
        is_refused(&rig, why).await;
    }
    // Declared as signed, but not signed.
    {
        let mut op = rig.op.set();
        op.userinfo = good();
        op.userinfo_signed = None;
        op.userinfo_type = "application/jwt";
    }
    is_refused(&rig, "plain claims as application/jwt").await;
}

#[actix_web::test]
async fn f2_keys_of_userinfo_are_found_again_as_those_of_id_tokens_are() {
    let rig = rig_with(json!({})).await;
    {
        let mut op = rig.op.set();
        op.userinfo = json!({
            "iss": op.issuer, "sub": "s-alice", "aud": CLIENT, "groups": ["editors"],
        });
        op.userinfo_signed = Some((json!({"alg": "RS256", "kid": "k1", "typ": "JWT"}), 1));
    }
    let mut browser = Browser::new(&rig);
    let callback = browser.reach_callback("/auth/login").await;
    Browser::new(&rig).sign_in("/auth/login").await;
    rig.op.set().published = vec![(0, "k0"), (1, "k1")];
    rig.forward(chrono::TimeDelta::seconds(61));
    assert_eq!(browser.get(&callback).await.status, 303);
    let page = browser.get("/admin/page").await.json();
    assert_eq!(page["person"]["groups"], json!(["editors"]));
}

#[actix_web::test]
async fn f3_overage_is_told_apart_and_the_reference_is_not_fetched() {
    let rig = rig_with(json!({"sub": "s-alice"})).await;
    let endpoint = format!("{}/graph", rig.op.issuer());
    rig.op.set().claims = Box::new(move |claims| {
        claims.remove("groups");
        claims.insert("_claim_names".into(), json!({"groups": "src1"}));
        claims.insert(
            "_claim_sources".into(),
            json!({"src1": {"endpoint": endpoint}}),
        );
    });
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login").await;
    let page = browser.get("/admin/page").await.json();
    assert_eq!(page["note"]["kind"], "overage");
    assert_eq!(rig.op.count("/graph"), 0, "f7");
    let noted = "bailiwick_audit WHERE details LIKE '%\"groups_note\":\"overage\"%'";
    assert_eq!(rig.rows(noted).await, 1);
}

#[actix_web::test]
async fn f6_userinfo_that_fails_is_a_failed_sign_in() {
    for status in [401, 403, 404, 500, 503] {
        let rig = rig_with(json!({"sub": "s-alice", "groups": ["admins"]})).await;
        rig.op.set().userinfo_status = status;
        is_refused(&rig, &status.to_string()).await;
    }
    let rig = rig_with(json!({"sub": "s-alice"})).await;
    rig.op.set().userinfo_type = "text/html";
    is_refused(&rig, "a page").await;
}

/// A person who had a role does not keep it when userinfo fails at the next sign-in.
#[actix_web::test]
async fn f6_old_groups_are_not_gone_by() {
    let rig = rig_with(json!({"sub": "s-alice", "groups": ["admins"]})).await;
    let mut browser = Browser::new(&rig);
    assert_eq!(browser.sign_in("/auth/login").await.status, 303);
    rig.op.set().userinfo_status = 500;
    let mut other = Browser::new(&rig);
    assert_eq!(other.sign_in("/auth/login").await.status, 502);
    assert!(!other.is_signed_in().await);
}

#[actix_web::test]
async fn f5_no_more_than_two_thousand_groups_are_read() {
    let rig = Rig::start().await;
    claim_groups(&rig, (0..2_010).map(|n| json!(format!("g{n}"))).collect());
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login").await;
    let page = browser.get("/admin/page").await.json();
    assert_eq!(page["person"]["groups"].as_array().unwrap().len(), 2_000);
}

fn claim_groups(rig: &Rig, groups: Vec<Value>) {
    rig.op.set().claims = Box::new(move |claims| {
        claims.insert("groups".into(), Value::Array(groups.clone()));
    });
}

#[actix_web::test]
async fn many_groups_do_not_make_cookies_large() {
    let rig = Rig::start().await;
    claim_groups(&rig, (0..500).map(|n| json!(format!("{n:060}"))).collect());
    let mut browser = Browser::new(&rig);
    let done = browser.sign_in("/auth/login").await;
    let size: usize = done
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|cookie| cookie.len())
        .sum();
    println!("Set-Cookie with 500 groups of 60 characters: {size} bytes");
    assert!(size < 1_024, "{size}");
    let page = browser.get("/admin/page").await.json();
    assert_eq!(page["person"]["groups"].as_array().unwrap().len(), 500);
}

#[actix_web::test]
async fn f4_groups_are_read_as_configured_and_kept_to_the_letter() {
    let rig = Rig::with(|settings| {
        settings.groups = Reading {
            claim: ClaimPath::steps(vec![
                "resource_access".into(),
                "my.client".into(),
                "roles".into(),
            ]),
            object_field: Some("name".into()),
            strip_prefix: "/".into(),
            ..Reading::default()
        };
    })
    .await;
    rig.op.set().claims = Box::new(|claims| {
        let roles = json!([{"name": "/Admins"}, {"name": "admins "}, {"name": "/Admins"}]);
        claims.insert(
            "resource_access".into(),
            json!({"my.client": {"roles": roles}}),
        );
    });
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login").await;
    let page = browser.get("/admin/page").await.json();
    assert_eq!(page["person"]["groups"], json!(["Admins", "admins "]));
    assert_eq!(rig.op.count("/userinfo"), 0);
}

#[actix_web::test]
async fn f5_a_group_that_gives_a_role_is_kept_however_many_came_before_it() {
    let rig = Rig::start().await;
    let many = (0..2_100).map(|n| json!(format!("g{n}")));
    claim_groups(&rig, many.chain([json!("admins")]).collect());
    let mut browser = Browser::new(&rig);
    assert_eq!(browser.sign_in("/auth/login").await.status, 303);
    let page = browser.get("/admin/page").await.json();
    let kept = page["person"]["groups"].as_array().unwrap();
    assert!(kept.contains(&json!("admins")));
    let stored = "bailiwick_people WHERE groups LIKE '[\"admins\",\"g0\",%\"g1998\"]'";
    assert_eq!(rig.rows(stored).await, 1);
}

/// The access token's content is not meant for the panel.
#[actix_web::test]
async fn f8_access_tokens_are_not_read() {
    let rig = rig_with(json!({"sub": "s-alice"})).await;
    let token = super::provider::sign(
        &json!({"alg": "RS256", "kid": "k0"}),
        &json!({"sub": "s-alice", "groups": ["admins"]}).to_string(),
        0,
    );
    rig.op.set().metadata = Box::new(|metadata| {
        metadata.remove("userinfo_endpoint");
    });
    rig.op.set().token_answer = Box::new(move |answer| {
        answer.insert("access_token".into(), token.clone().into());
    });
    let mut browser = Browser::new(&rig);
    assert_eq!(browser.sign_in("/auth/login").await.status, 303);
    let page = browser.get("/admin/page").await.json();
    assert_eq!(page["note"]["kind"], "absent");
}
