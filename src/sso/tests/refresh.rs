//! Re-checks by refresh token (requirements H1 to H6, and the modules of the Refresh plan).

mod away;

use super::rechecks::kept;
use super::rig::{Browser, Rig, signed_in};
use crate::sso::Ages;
use crate::store::DatabaseError;
use crate::store::tables::bailiwick_sessions as sessions;
use chrono::TimeDelta;
use diesel::prelude::*;
use serde_json::{Value, json};
use std::time::Duration;

const JSON: &[(&str, &str)] = &[("accept", "application/json")];

async fn rig() -> Rig {
    rig_with_grace(10).await
}

pub(super) async fn rig_with_grace(minutes: i64) -> Rig {
    let ages = Ages {
        recheck: TimeDelta::minutes(5),
        grace: TimeDelta::minutes(minutes),
    };
    let rig = Rig::aged(ages, |_| ()).await;
    rig.op.set().gives_refresh = true;
    rig
}

pub(super) fn groups(rig: &Rig, groups: &[&str]) {
    let groups = json!(groups);
    rig.op.set().claims = Box::new(move |claims| {
        claims.insert("groups".into(), groups.clone());
    });
}

pub(super) async fn groups_seen(browser: &mut Browser) -> Value {
    let got = browser.get("/admin/page").await;
    assert_eq!(got.status, 200, "{}", got.body);
    got.json()["person"]["groups"].clone()
}

/// Checks that the session has ended, with an audit event, and left nothing.
async fn ended(rig: &Rig, browser: &mut Browser) {
    assert_eq!(browser.get("/admin/page").await.status, 401);
    assert!(!browser.cookies.contains_key("bailiwick"));
    assert_eq!(rig.rows("bailiwick_sessions").await, 0);
    assert_eq!(rig.rows("bailiwick_audit WHERE action = 'lapse'").await, 1);
}

#[actix_web::test]
async fn h1_groups_are_read_again_at_the_age_and_not_before() {
    let rig = rig().await;
    let mut browser = signed_in(&rig).await;
    groups(&rig, &["viewers"]);
    rig.forward(TimeDelta::seconds(299));
    assert_eq!(groups_seen(&mut browser).await, json!(["admins"]));
    assert_eq!(rig.op.set().refreshes, 0);
    rig.forward(TimeDelta::seconds(1));
    assert_eq!(groups_seen(&mut browser).await, json!(["viewers"]));
    assert_eq!(groups_seen(&mut browser).await, json!(["viewers"]));
    assert_eq!(rig.op.set().refreshes, 1);
}

#[actix_web::test]
async fn h1_sign_in_and_sign_out_do_not_wait_for_a_re_check() {
    let rig = rig().await;
    let mut browser = signed_in(&rig).await;
    let csrf = browser.csrf().await;
    rig.forward(TimeDelta::minutes(6));
    assert_eq!(browser.get("/auth/login").await.status, 303);
    browser.post("/auth/logout", &[("csrf_token", &csrf)]).await;
    assert_eq!(rig.op.set().refreshes, 0);
    assert_eq!(rig.rows("bailiwick_sessions").await, 0);
}

#[actix_web::test]
async fn oidcc_client_test_refresh_token() {
    let rig = rig().await;
    let mut browser = signed_in(&rig).await;
    let cookie = browser.cookies["bailiwick"].clone();
    // Each refresh token works once: the new one must be stored.
    for n in 1..=4 {
        rig.forward(TimeDelta::minutes(5));
        assert_eq!(groups_seen(&mut browser).await, json!(["admins"]));
        assert_eq!(rig.op.set().refreshes, n);
    }
    assert_eq!(browser.cookies["bailiwick"], cookie);
    let tokens = rig.op.set().refresh_tokens.clone();
    assert_eq!(tokens.len(), 1);
}

#[actix_web::test]
async fn a_provider_that_does_not_rotate_is_asked_with_the_same_token() {
    let rig = rig().await;
    rig.op.set().refreshed_answer = Box::new(|answer| {
        answer.remove("refresh_token");
    });
    let mut browser = signed_in(&rig).await;
    for _ in 0..2 {
        rig.forward(TimeDelta::minutes(5));
        let again = "refresh-canary-0".to_owned();
        rig.op.set().refresh_tokens.insert(again);
        assert!(browser.is_signed_in().await);
    }
}

async fn refused(name: &'static str, value: Value) {
    let rig = rig().await;
    let mut browser = signed_in(&rig).await;
    rig.op.set().refreshed_claims = Box::new(move |claims| {
        if value.is_null() {
            claims.remove(name);
        } else {
            claims.insert(name.into(), value.clone());
        }
    });
    rig.forward(TimeDelta::minutes(5));
    ended(&rig, &mut browser).await;
}

#[actix_web::test]
async fn oidcc_client_test_refresh_token_invalid_issuer() {
    refused("iss", json!("https://other")).await;
}

#[actix_web::test]
async fn oidcc_client_test_refresh_token_invalid_sub() {
    refused("sub", json!("s-mallory")).await;
}

#[actix_web::test]
async fn h2_a_refreshed_id_token_is_verified() {
    refused("aud", json!("other")).await;
    refused("azp", json!("other")).await;
    refused("iat", json!(1)).await;
    refused("iat", Value::Null).await;
    refused("exp", json!(1)).await;
    refused("sub", Value::Null).await;
    refused("events", json!({})).await;
    refused("nonce", json!("another")).await;
    let rig = rig().await;
    let mut browser = signed_in(&rig).await;
    rig.op.set().header = Box::new(|header| {
        header.insert("alg".into(), "none".into());
    });
    rig.forward(TimeDelta::minutes(5));
    ended(&rig, &mut browser).await;
}

#[actix_web::test]
async fn h2_the_nonce_of_the_sign_in_may_be_repeated() {
    let rig = rig().await;
    let mut browser = signed_in(&rig).await;
    let nonce = rig.op.set().last_authorization["nonce"].clone();
    rig.op.set().refreshed_claims = Box::new(move |claims| {
        claims.insert("nonce".into(), nonce.clone().into());
    });
    rig.forward(TimeDelta::minutes(5));
    assert!(browser.is_signed_in().await);
    assert_eq!(rig.op.set().refreshes, 1);
}

#[actix_web::test]
async fn h2_auth_time_is_that_of_the_sign_in() {
    let rig = rig().await;
    rig.op.set().claims = Box::new(|claims| {
        claims.insert("auth_time".into(), 1_700_000_000.into());
    });
    let mut browser = signed_in(&rig).await;
    rig.forward(TimeDelta::minutes(5));
    assert!(browser.is_signed_in().await);
    // Another value means another sign-in there: the browser is asked, and the session continues.
    for other in [1_700_000_001, 1_699_999_999] {
        rig.op.set().refreshed_claims = Box::new(move |claims| {
            claims.insert("auth_time".into(), other.into());
        });
        rig.forward(TimeDelta::minutes(5));
        asked_by_the_browser(&rig, &mut browser).await;
    }
}

/// Checks that the next page leads to the provider and back, with the same person.
async fn asked_by_the_browser(rig: &Rig, browser: &mut Browser) {
    let sent = browser.get("/admin/page").await;
    let to = sent.location();
    assert!(to.starts_with("/auth/login?prompt=none"), "{to}");
    let got = browser.open("/admin/page").await;
    assert_eq!(got.status, 200, "{}", got.body);
    assert_eq!(got.json()["person"]["groups"], json!(["admins"]));
    assert_eq!(rig.rows("bailiwick_audit WHERE action = 'lapse'").await, 0);
    assert_eq!(
        rig.rows("bailiwick_audit WHERE action = 'recheck'").await,
        0
    );
}

#[actix_web::test]
async fn h2_a_refresh_that_tells_less_than_the_sign_in_takes_no_groups_away() {
    for groups in [
        Value::Null,
        json!(7),
        json!({"_claim_names": {"groups": "src1"}}),
    ] {
        let rig = rig().await;
        let mut browser = signed_in(&rig).await;
        rig.op.set().refreshed_claims = Box::new(move |claims| {
            claims.remove("groups");
            match &groups {
                Value::Null => {}
                Value::Object(more) => claims.extend(more.clone()),
                other => {
                    claims.insert("groups".into(), other.clone());
                }
            }
        });
        rig.forward(TimeDelta::minutes(5));
        asked_by_the_browser(&rig, &mut browser).await;
    }
    // An empty claim means that there are no groups.
    let rig = rig().await;
    let mut browser = signed_in(&rig).await;
    rig.op.set().refreshed_claims = Box::new(|claims| {
        claims.insert("groups".into(), json!([]));
    });
    rig.forward(TimeDelta::minutes(5));
    assert_eq!(groups_seen(&mut browser).await, json!([]));
}

#[actix_web::test]
async fn h3_a_no_of_the_token_endpoint_ends_and_a_question_is_put_to_the_browser() {
    let rig = rig().await;
    let mut browser = signed_in(&rig).await;
    rig.op.set().refresh_error = Some((400, "access_denied"));
    rig.forward(TimeDelta::minutes(5));
    ended(&rig, &mut browser).await;
    for (status, error) in [
        (400, "interaction_required"),
        (400, "consent_required"),
        (401, "login_required"),
        (400, "unsupported_grant_type"),
        (400, "unauthorized_client"),
        (403, "something_of_its_own"),
    ] {
        let rig = self::rig().await;
        let mut browser = signed_in(&rig).await;
        rig.op.set().refresh_error = Some((status, error));
        rig.forward(TimeDelta::minutes(5));
        asked_by_the_browser(&rig, &mut browser).await;
    }
}

#[actix_web::test]
async fn e6_members_of_an_answer_that_are_not_read_may_be_of_any_type() {
    let odd = |answer: &mut serde_json::Map<String, Value>| {
        answer.insert("expires_in".into(), json!("an hour"));
        answer.insert("scope".into(), json!(["openid", 7]));
        answer.insert("refresh_expires_in".into(), json!(null));
        answer.insert("not-before-policy".into(), json!({}));
    };
    let rig = rig().await;
    rig.op.set().token_answer = Box::new(odd);
    rig.op.set().refreshed_answer = Box::new(odd);
    let mut browser = signed_in(&rig).await;
    rig.forward(TimeDelta::minutes(5));
    assert!(browser.is_signed_in().await);
    assert_eq!(rig.op.set().refreshes, 1);
    // No token counts as none, however that is expressed.
    for nothing in [json!(null), json!("")] {
        let rig = self::rig().await;
        rig.op.set().token_answer = Box::new(move |answer| {
            answer.insert("refresh_token".into(), nothing.clone());
        });
        let mut browser = signed_in(&rig).await;
        rig.forward(TimeDelta::minutes(5));
        asked_by_the_browser(&rig, &mut browser).await;
        assert_eq!(rig.op.set().refreshes, 0);
    }
}

#[actix_web::test]
async fn e6_keys_that_cannot_be_read_again_yet_end_no_session() {
    let rig = rig().await;
    let mut first = signed_in(&rig).await;
    let mut second = signed_in(&rig).await;
    let rotate = |which, kid| {
        let mut op = rig.op.set();
        op.signer = (which, kid);
        op.published = vec![(which, kid)];
    };
    rotate(1, "k1");
    rig.forward(TimeDelta::minutes(5));
    assert!(first.is_signed_in().await);
    // Again within the minute: the person is treated as if the provider were down.
    rotate(0, "k2");
    groups(&rig, &["viewers"]);
    assert_eq!(groups_seen(&mut second).await, json!(["admins"]));
    assert_eq!(rig.rows("bailiwick_audit WHERE action = 'lapse'").await, 0);
    rig.forward(TimeDelta::seconds(61));
    assert_eq!(groups_seen(&mut second).await, json!(["viewers"]));
}

#[actix_web::test]
async fn h2_without_an_id_token_userinfo_tells_the_groups_of_the_same_person() {
    let rig = rig().await;
    let mut browser = signed_in(&rig).await;
    {
        let mut op = rig.op.set();
        op.refreshed_answer = Box::new(|answer| {
            answer.remove("id_token");
        });
        op.userinfo = json!({"sub": "s-alice", "groups": ["viewers"]});
    }
    rig.forward(TimeDelta::minutes(5));
    let got = browser.get("/admin/page").await.json();
    assert_eq!(got["person"]["groups"], json!(["viewers"]));
    assert_eq!(got["person"]["name"], "Alice Adams");
    rig.op.set().userinfo = json!({"sub": "s-mallory", "groups": ["admins"]});
    rig.forward(TimeDelta::minutes(5));
    ended(&rig, &mut browser).await;
}

#[actix_web::test]
async fn h2_userinfo_that_fails_is_no_change_of_groups() {
    let rig = rig().await;
    let mut browser = signed_in(&rig).await;
    {
        let mut op = rig.op.set();
        op.refreshed_answer = Box::new(|answer| {
            answer.remove("id_token");
        });
        op.userinfo_type = "text/html";
    }
    rig.forward(TimeDelta::minutes(5));
    assert_eq!(groups_seen(&mut browser).await, json!(["admins"]));
    // The new token is used from now on, despite the failure.
    rig.op.set().userinfo_type = "application/json";
    rig.op.set().userinfo = json!({"sub": "s-alice", "groups": ["viewers"]});
    rig.forward(TimeDelta::seconds(11));
    assert_eq!(groups_seen(&mut browser).await, json!(["viewers"]));
    assert_eq!(rig.op.set().refreshes, 2);
}

#[actix_web::test]
async fn h2_where_a_refresh_tells_no_groups_the_browser_is_sent() {
    let rig = rig().await;
    let mut browser = signed_in(&rig).await;
    rig.op.set().refreshed_answer = Box::new(|answer| {
        answer.remove("id_token");
    });
    rig.forward(TimeDelta::minutes(5));
    let script = browser.ask("GET", "/admin/page", JSON).await;
    assert_eq!(script.status, 401);
    let sent = browser.get("/admin/page").await;
    assert!(sent.location().starts_with("/auth/login?prompt=none"));
    assert_eq!(browser.open("/admin/page").await.status, 200);
}

#[actix_web::test]
async fn h2_twenty_requests_share_one_refresh() {
    let rig = rig().await;
    let browser = signed_in(&rig).await;
    groups(&rig, &["viewers"]);
    rig.forward(TimeDelta::minutes(5));
    rig.op.set().delay = Duration::from_millis(300);
    let all = (0..20).map(|_| {
        let mut browser = browser.clone();
        async move { groups_seen(&mut browser).await }
    });
    let all = futures_util::future::join_all(all).await;
    assert!(all.iter().all(|groups| *groups == json!(["viewers"])));
    assert_eq!(rig.op.set().refreshes, 1);
    // None of the twenty has used a token twice.
    rig.forward(TimeDelta::minutes(5));
    assert!(browser.clone().is_signed_in().await);
}

#[actix_web::test]
async fn h2_two_processes_share_one_refresh() {
    let rig = rig().await;
    let browser = signed_in(&rig).await;
    let other = rig.sibling().await;
    rig.forward(TimeDelta::minutes(5));
    rig.op.set().delay = Duration::from_millis(300);
    let all = (0..10).map(|n| {
        let mut browser = browser.clone();
        if n % 2 == 0 {
            browser.base = other.clone();
        }
        async move { browser.is_signed_in().await }
    });
    let all = futures_util::future::join_all(all).await;
    assert!(all.iter().all(|is_signed_in| *is_signed_in));
    assert_eq!(rig.op.set().refreshes, 1);
}

#[actix_web::test]
async fn h2_a_refresh_whose_request_is_broken_off_is_kept() {
    let rig = rig().await;
    let browser = signed_in(&rig).await;
    rig.forward(TimeDelta::minutes(5));
    let gate = rig.op.hold();
    let mut hasty = browser.clone();
    tokio::select! {
        _ = hasty.get("/admin/page") => panic!("it was answered"),
        () = gate.waiting(1) => {}
    }
    gate.open();
    assert!(browser.clone().is_signed_in().await);
    assert_eq!(rig.op.set().refreshes, 1);
    rig.forward(TimeDelta::minutes(5));
    assert!(browser.clone().is_signed_in().await);
}

#[actix_web::test]
async fn g4_a_session_deleted_during_its_refresh_stays_deleted() {
    let rig = rig().await;
    let browser = signed_in(&rig).await;
    rig.forward(TimeDelta::minutes(5));
    let gate = rig.op.hold();
    let mut waiting = browser.clone();
    let (got, ()) = tokio::join!(waiting.get("/admin/page"), async {
        gate.waiting(1).await;
        let delete = |conn: &mut _| {
            diesel::delete(sessions::table)
                .execute(conn)
                .map_err(DatabaseError::from)
        };
        rig.database.run(delete).await.unwrap();
        gate.open();
    });
    assert_eq!(got.status, 401);
    assert_eq!(rig.rows("bailiwick_sessions").await, 0);
    assert!(!browser.clone().is_signed_in().await);
}

#[actix_web::test]
async fn h5_another_subject_ends_the_session() {
    refused("sub", json!("s-bob")).await;
}

#[actix_web::test]
async fn h6_roles_change_in_the_request_that_finds_out() {
    let rig = rig().await;
    let mut browser = signed_in(&rig).await;
    groups(&rig, &[]);
    rig.forward(TimeDelta::minutes(5));
    assert_eq!(groups_seen(&mut browser).await, json!([]));
    assert_eq!(rig.rows("bailiwick_people WHERE groups = '[]'").await, 1);
    groups(&rig, &["admins"]);
    rig.forward(TimeDelta::minutes(5));
    assert_eq!(groups_seen(&mut browser).await, json!(["admins"]));
    let changes = "bailiwick_audit WHERE action = 'recheck'";
    assert_eq!(rig.rows(changes).await, 2);
    let lost = "bailiwick_audit WHERE action = 'recheck' AND details LIKE \
                '%\"from\":[\"admin\"],\"to\":[]%' AND actor_subject = 's-alice'";
    assert_eq!(rig.rows(lost).await, 1);
    let known = "bailiwick_people WHERE groups = '[\"admins\"]'";
    assert_eq!(rig.rows(known).await, 1);
}

#[actix_web::test]
async fn j2_tokens_are_sealed_where_they_are_kept() {
    let rig = rig().await;
    let mut browser = signed_in(&rig).await;
    let signed = kept(&rig).await;
    // All of it as JSON, beside the columns.
    let text = async || {
        let read = |conn: &mut _| {
            let states = sessions::table.select(sessions::state);
            let text: Result<String, _> = states.get_result(conn);
            text.map_err(DatabaseError::from)
        };
        let columns = serde_json::to_string(&kept(&rig).await).unwrap();
        rig.database.run(read).await.unwrap() + &columns
    };
    let all = text().await;
    let id_token = rig.op.set().last_id_token.clone();
    assert!(!all.contains("refresh-canary") && !all.contains("access-canary"));
    assert!(!all.contains(&id_token) && !all.contains(&id_token[..30]));
    assert_eq!(signed.id_token(&rig.keys).unwrap(), id_token);
    assert_eq!(signed.refresh_token(&rig.keys).unwrap(), "refresh-canary-0");
    // They cannot be decrypted in another session's row.
    let mut moved = signed.clone();
    moved.reference = "another".into();
    assert_eq!(moved.refresh_token(&rig.keys), None);
    rig.forward(TimeDelta::minutes(5));
    assert!(browser.is_signed_in().await);
    assert!(!text().await.contains("refresh-canary"));
}

#[actix_web::test]
async fn j2_an_attempt_under_way_is_sealed_too() {
    let rig = rig().await;
    let mut browser = Browser::new(&rig);
    let callback = browser.reach_callback("/auth/login").await;
    let nonce = rig.op.set().last_authorization["nonce"].clone();
    let in_clear = format!("bailiwick_sign_ins WHERE nonce = '{nonce}'");
    assert_eq!(rig.rows(in_clear.leak()).await, 0);
    assert_eq!(
        rig.rows("bailiwick_sign_ins WHERE length(verifier) > 80")
            .await,
        1
    );
    assert_eq!(browser.get(&callback).await.status, 303);
}

#[actix_web::test]
async fn a_break_glass_session_has_nobody_to_be_re_checked_by() {
    let rig = rig().await;
    let mut browser = signed_in(&rig).await;
    let rename = |issuer: &'static str| {
        let database = rig.database.clone();
        let from = rig.op.issuer();
        async move {
            let work = move |conn: &mut _| {
                let all = sessions::table.select(sessions::issuer);
                let was: Option<String> = all.get_result(conn)?;
                assert!(was.as_deref() == Some(&from) || issuer == "https://gone");
                diesel::update(sessions::table)
                    .set(sessions::issuer.eq(issuer))
                    .execute(conn)
                    .map_err(DatabaseError::from)
            };
            database.run(work).await.unwrap();
        }
    };
    rename("bailiwick:break-glass").await;
    rig.forward(TimeDelta::minutes(25));
    assert!(browser.is_signed_in().await);
    assert_eq!(rig.op.set().refreshes, 0);
    // A provider that was removed from the configuration is different.
    rename("https://gone").await;
    ended(&rig, &mut browser).await;
}

#[actix_web::test]
async fn a_re_check_does_not_make_a_session_older_than_it_may_be() {
    let rig = rig().await;
    let mut browser = signed_in(&rig).await;
    for _ in 0..71 {
        rig.forward(TimeDelta::minutes(10));
        assert!(browser.is_signed_in().await);
    }
    rig.forward(TimeDelta::minutes(10));
    assert!(!browser.is_signed_in().await);
}
