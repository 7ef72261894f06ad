//! Re-checks through the browser, without a refresh token (requirements H3 to H7).

use super::rechecks::kept;
use super::rig::{Browser, Rig, signed_in};
use chrono::TimeDelta;
use serde_json::json;

const JSON: &[(&str, &str)] = &[("accept", "application/json")];
const SCRIPT: &[(&str, &str)] = &[("sec-fetch-mode", "cors")];
const PREFETCH: &[(&str, &str)] = &[("sec-fetch-mode", "navigate"), ("sec-purpose", "prefetch")];

#[actix_web::test]
async fn h4_a_page_is_confirmed_unseen_and_opens() {
    let rig = Rig::rechecking().await;
    let mut browser = signed_in(&rig).await;
    let csrf = browser.csrf().await;
    let old = browser.clone();
    rig.op.set().claims = Box::new(|claims| {
        claims.insert("groups".into(), json!(["viewers"]));
    });
    rig.forward(TimeDelta::minutes(5));
    let sent = browser.get("/admin/data/orders?q=a%20b").await;
    assert_eq!(sent.status, 303);
    let got = browser.open(&sent.location()).await;
    assert_eq!(got.status, 200, "{}", got.body);
    assert_eq!(rig.op.set().last_authorization["prompt"], "none");
    let got = got.json();
    assert_eq!(got["path"], "/admin/data/orders");
    assert_eq!(got["person"]["groups"], json!(["viewers"]));
    // Open forms in other tabs keep working; the old id does not.
    assert_eq!(got["csrf"], json!(csrf));
    assert_ne!(browser.cookies["bailiwick"], old.cookies["bailiwick"]);
    assert_eq!(rig.rows("bailiwick_sessions").await, 1);
    assert!(!old.clone().is_signed_in().await);
    let silent = "bailiwick_audit WHERE action = 'sign-in' AND details LIKE '%\"silent\":true%'";
    assert_eq!(
        rig.rows(silent).await,
        0,
        "a re-check that changes nothing is no event"
    );
    assert_eq!(
        rig.rows("bailiwick_audit WHERE action = 'recheck'").await,
        1
    );
}

#[actix_web::test]
async fn h4_the_absolute_limit_is_not_extended() {
    let rig = Rig::rechecking().await;
    let mut browser = signed_in(&rig).await;
    for _ in 0..71 {
        rig.forward(TimeDelta::minutes(10));
        assert_eq!(browser.open("/admin/page").await.status, 200);
    }
    rig.forward(TimeDelta::minutes(10));
    assert!(!browser.is_signed_in().await);
    assert_eq!(rig.rows("bailiwick_sessions").await, 0);
}

#[actix_web::test]
async fn h4_a_person_who_must_be_asked_is_asked_once() {
    for error in [
        "login_required",
        "interaction_required",
        "consent_required",
        "account_selection_required",
    ] {
        let rig = Rig::rechecking().await;
        let mut browser = signed_in(&rig).await;
        rig.op.set().silent_error = Some(error);
        rig.forward(TimeDelta::minutes(5));
        let got = browser.open("/admin/page?x=1").await;
        assert_eq!(got.status, 200, "{error}: {}", got.body);
        assert!(!rig.op.set().last_authorization.contains_key("prompt"));
        assert_eq!(rig.op.count("/authorize"), 3, "{error}");
        // If the visible sign-in fails too, the reason is shown: no loop.
        rig.op.set().error = Some(error);
        rig.forward(TimeDelta::minutes(5));
        let got = browser.open("/admin/page").await;
        assert_eq!(got.status, 403, "{error}: {}", got.body);
        assert_eq!(rig.op.count("/authorize"), 5, "{error}");
    }
}

#[actix_web::test]
async fn h4_a_provider_in_trouble_is_not_asked_in_circles() {
    let rig = Rig::rechecking().await;
    let mut browser = signed_in(&rig).await;
    rig.op.set().silent_error = Some("temporarily_unavailable");
    rig.forward(TimeDelta::minutes(5));
    assert_eq!(browser.open("/admin/page").await.status, 200);
    assert_eq!(rig.op.count("/authorize"), 2);
    assert_eq!(browser.get("/admin/page").await.status, 200);
    rig.forward(TimeDelta::seconds(11));
    assert_eq!(browser.get("/admin/page").await.status, 303);
}

#[actix_web::test]
async fn h4_keys_that_cannot_be_read_again_yet_end_nothing() {
    let rig = Rig::rechecking().await;
    let mut browser = signed_in(&rig).await;
    // The only retry of this minute is used up.
    rig.op.set().signer = (1, "k-unknown");
    rig.forward(TimeDelta::minutes(5));
    for _ in 0..2 {
        let got = browser.open("/admin/page").await;
        assert_eq!(got.status, 200, "{}", got.body);
        rig.forward(TimeDelta::seconds(11));
    }
    assert_eq!(rig.op.count("/jwks"), 2);
    rig.op.set().signer = (0, "k0");
    assert_eq!(browser.open("/admin/page").await.status, 200);
    assert_eq!(rig.rows("bailiwick_audit WHERE action = 'lapse'").await, 0);
}

#[actix_web::test]
async fn h4_a_provider_that_denies_access_ends_the_session() {
    let rig = Rig::rechecking().await;
    let mut browser = signed_in(&rig).await;
    rig.op.set().silent_error = Some("access_denied");
    rig.forward(TimeDelta::minutes(5));
    let got = browser.open("/admin/page").await;
    assert_eq!(got.status, 403, "{}", got.body);
    assert!(got.body.contains("may not use this"), "{}", got.body);
    assert_eq!(rig.op.count("/authorize"), 2, "nobody is asked again");
    assert_eq!(rig.rows("bailiwick_sessions").await, 0);
    assert_eq!(rig.rows("bailiwick_audit WHERE action = 'lapse'").await, 1);
    assert!(!browser.is_signed_in().await);
}

#[actix_web::test]
async fn h4_forms_and_scripts_are_not_sent_away() {
    let rig = Rig::rechecking().await;
    let mut browser = signed_in(&rig).await;
    rig.forward(TimeDelta::seconds(899));
    for (method, headers) in [
        ("POST", &[][..]),
        ("GET", JSON),
        ("GET", SCRIPT),
        ("GET", PREFETCH),
    ] {
        let got = browser.ask(method, "/admin/page", headers).await;
        assert_eq!(got.status, 200, "{method} {headers:?}");
    }
    rig.forward(TimeDelta::seconds(1));
    for (method, headers) in [
        ("POST", &[][..]),
        ("GET", JSON),
        ("GET", SCRIPT),
        ("GET", PREFETCH),
    ] {
        let got = browser.ask(method, "/admin/page", headers).await;
        assert_eq!(got.status, 401, "{method} {headers:?}");
        assert!(got.header("set-cookie").is_none());
    }
    assert_eq!(rig.op.count("/authorize"), 1);
    // The session can still be confirmed, and the same form is accepted afterwards.
    assert_eq!(browser.clone().open("/admin/page").await.status, 200);
    let mut browser = signed_in(&rig).await;
    rig.forward(TimeDelta::minutes(15));
    assert_eq!(browser.post("/admin/page", &[]).await.status, 401);
    assert_eq!(browser.open("/admin/page").await.status, 200);
    assert_eq!(browser.post("/admin/page", &[]).await.status, 200);
}

#[actix_web::test]
async fn h5_another_person_at_the_provider_ends_the_session() {
    let rig = Rig::rechecking().await;
    let mut browser = signed_in(&rig).await;
    let old = browser.clone();
    rig.op.set().claims = Box::new(|claims| {
        claims.insert("sub".into(), "s-bob".into());
    });
    rig.forward(TimeDelta::minutes(5));
    let sent = browser.get("/admin/page").await.location();
    let callback = browser.reach_callback(&sent).await;
    let again = browser.get(&callback).await;
    assert_eq!(rig.rows("bailiwick_sessions").await, 0);
    assert_eq!(rig.rows("bailiwick_audit WHERE action = 'lapse'").await, 1);
    assert!(!browser.cookies.contains_key("bailiwick"));
    assert!(!old.clone().is_signed_in().await);
    // A visible sign-in starts.
    assert!(
        again.location().contains("prompt=select_account"),
        "{}",
        again.location()
    );
    let got = browser.open(&again.location()).await;
    assert_eq!(got.json()["person"]["subject"], "s-bob");
}

#[actix_web::test]
async fn h4_a_session_that_ended_meanwhile_is_not_brought_back() {
    // By sign-out in another tab of the same browser, or by somebody who deleted it.
    for by_cookie in [true, false] {
        let rig = Rig::rechecking().await;
        let mut browser = signed_in(&rig).await;
        let csrf = browser.csrf().await;
        rig.forward(TimeDelta::minutes(5));
        let sent = browser.get("/admin/page").await.location();
        let callback = browser.reach_callback(&sent).await;
        let cookie = browser.cookies["bailiwick"].clone();
        browser.post("/auth/logout", &[("csrf_token", &csrf)]).await;
        if !by_cookie {
            browser.cookies.insert("bailiwick".into(), cookie);
        }
        let done = browser.get(&callback).await;
        assert_eq!(
            (done.status, done.location().as_str()),
            (303, "/admin/page")
        );
        assert_eq!(rig.rows("bailiwick_sessions").await, 0);
        assert!(!browser.is_signed_in().await);
    }
}

#[actix_web::test]
async fn h4_a_session_deleted_while_it_is_confirmed_is_not_brought_back() {
    use crate::store::DatabaseError;
    use crate::store::tables::bailiwick_sessions::dsl::bailiwick_sessions;
    let rig = Rig::rechecking().await;
    let mut browser = signed_in(&rig).await;
    rig.forward(TimeDelta::minutes(5));
    let sent = browser.get("/admin/page").await.location();
    let callback = browser.reach_callback(&sent).await;
    let gate = rig.op.hold();
    let (done, ()) = tokio::join!(browser.get(&callback), async {
        gate.waiting(1).await;
        let delete = |conn: &mut _| {
            diesel::RunQueryDsl::execute(diesel::delete(bailiwick_sessions), conn)
                .map_err(DatabaseError::from)
        };
        rig.database.run(delete).await.unwrap();
        gate.open();
    });
    assert_eq!(
        (done.status, done.location().as_str()),
        (303, "/admin/page")
    );
    assert_eq!(rig.rows("bailiwick_sessions").await, 0);
    assert!(!browser.cookies.contains_key("bailiwick"));
}

#[actix_web::test]
async fn h4_two_tabs_are_both_confirmed() {
    let rig = Rig::rechecking().await;
    let mut browser = signed_in(&rig).await;
    rig.forward(TimeDelta::minutes(5));
    let mut callbacks = vec![];
    for path in ["/admin/a", "/admin/b"] {
        let sent = browser.get(path).await.location();
        callbacks.push(browser.reach_callback(&sent).await);
    }
    for (callback, path) in callbacks.iter().zip(["/admin/a", "/admin/b"]) {
        assert_eq!(browser.open(callback).await.json()["path"], path);
    }
    assert_eq!(rig.rows("bailiwick_sessions").await, 1);
}

#[actix_web::test]
async fn h7_a_stranger_is_not_asked_unseen() {
    let rig = Rig::rechecking().await;
    let mut browser = Browser::new(&rig);
    let begun = browser.get("/auth/login?prompt=none").await;
    assert_eq!(begun.status, 303);
    assert!(
        !begun.location().contains("prompt="),
        "{}",
        begun.location()
    );
}

#[actix_web::test]
async fn k5_while_the_provider_is_down_people_go_on_until_the_grace_ends() {
    let rig = Rig::rechecking().await;
    let mut browser = signed_in(&rig).await;
    rig.op.set().is_down = true;
    rig.forward(TimeDelta::minutes(5));
    let asked = rig.op.set().seen.len();
    for _ in 0..5 {
        assert_eq!(browser.get("/admin/page").await.status, 200);
    }
    assert_eq!(
        rig.op.set().seen.len() - asked,
        1,
        "asked once in ten seconds"
    );
    rig.forward(TimeDelta::seconds(599));
    assert_eq!(browser.get("/admin/page").await.status, 200);
    rig.forward(TimeDelta::seconds(11));
    assert_eq!(browser.get("/admin/page").await.status, 401);
    assert_eq!(rig.rows("bailiwick_sessions").await, 0);
    assert_eq!(rig.rows("bailiwick_audit WHERE action = 'lapse'").await, 1);
}

#[actix_web::test]
async fn h4_what_is_confirmed_unseen_is_known_of_the_person() {
    let rig = Rig::rechecking().await;
    let mut browser = signed_in(&rig).await;
    rig.op.set().claims = Box::new(|claims| {
        claims.insert("groups".into(), json!(["viewers"]));
    });
    rig.forward(TimeDelta::minutes(5));
    assert_eq!(browser.open("/admin/page").await.status, 200);
    let known = "bailiwick_people WHERE groups = '[\"viewers\"]'";
    assert_eq!(rig.rows(known).await, 1);
}

#[actix_web::test]
async fn h4_when_and_how_somebody_signed_in_stays_if_it_is_not_told_again() {
    let rig = Rig::rechecking().await;
    rig.op.set().claims = Box::new(|claims| {
        claims.insert("auth_time".into(), 1_700_000_000.into());
        claims.insert("acr".into(), "urn:mfa".into());
    });
    let mut browser = signed_in(&rig).await;
    let before = kept(&rig).await;
    rig.op.set().claims = Box::new(|_| ());
    rig.forward(TimeDelta::minutes(5));
    assert_eq!(browser.open("/admin/page").await.status, 200);
    let after = kept(&rig).await;
    assert_ne!(after.reference, before.reference);
    assert!(after.authenticated_at.is_some());
    assert_eq!(after.authenticated_at, before.authenticated_at);
    assert_eq!(after.acr.as_deref(), Some("urn:mfa"));
}

#[actix_web::test]
async fn h5_the_same_subject_at_another_provider_is_another_person() {
    let rig = Rig::with_partner(|_| ()).await;
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login?provider=oidc").await;
    let silent = "/auth/login?prompt=none&return_to=/admin/page";
    let callback = browser.reach_callback(silent).await;
    // Meanwhile, in another tab.
    let other = "/auth/login?provider=partner&prompt=login";
    browser.sign_in(other).await;
    assert_eq!(rig.rows("bailiwick_sessions").await, 1);
    let again = browser.get(&callback).await;
    assert!(again.location().contains("prompt=select_account"));
    assert!(!browser.is_signed_in().await);
    assert_eq!(rig.rows("bailiwick_audit WHERE action = 'lapse'").await, 1);
}

#[actix_web::test]
async fn h4_who_looks_as_somebody_else_still_does_after_it() {
    use crate::access::{Look, Standing};
    use crate::store::DatabaseError;
    use crate::store::session_columns::to_json;
    use crate::store::tables::bailiwick_sessions as sessions;
    use diesel::prelude::*;
    let rig = Rig::rechecking().await;
    let mut browser = signed_in(&rig).await;
    let written = rig.database.run(|conn| {
        let look = Look::new(Standing::Role("viewer".into()), serde_json::Map::new());
        diesel::update(sessions::table)
            .set(sessions::look.eq(to_json(&look)))
            .execute(conn)
            .map_err(DatabaseError::from)
    });
    assert_eq!(written.await.unwrap(), 1);
    rig.forward(TimeDelta::minutes(5));
    assert_eq!(browser.open("/admin/page").await.status, 200);
    assert_eq!(rig.op.set().last_authorization["prompt"], "none");
    let look = kept(&rig).await.look.unwrap();
    assert_eq!(look.in_words(), "viewer");
}
