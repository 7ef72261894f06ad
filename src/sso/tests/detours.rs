//! Ways around checks: unusual notations of addresses, responses without the session, and
//! confirmations with fewer claims than the sign-in.

use super::break_glass::{SECRET, link};
use super::rechecks::kept;
use super::rig::{Browser, LIMITS, Rig, signed_in};
use crate::config::ResponseMode;
use crate::session::{Limits, columns};
use crate::sso::Ages;
use crate::store::DatabaseError;
use crate::store::sessions::{self, RenewalOutcome, SessionChange, SessionOwner};
use chrono::{TimeDelta, TimeZone, Utc};
use serde_json::json;

const JSON: &[(&str, &str)] = &[("accept", "application/json")];
const FORM: &str = "application/x-www-form-urlencoded";

const AGES: Ages = Ages {
    recheck: TimeDelta::minutes(5),
    grace: TimeDelta::minutes(10),
};

#[actix_web::test]
async fn h1_an_address_that_is_written_otherwise_is_checked_all_the_same() {
    let rig = Rig::rechecking().await;
    let mut browser = signed_in(&rig).await;
    for path in [
        "/%61dmin/page",
        "/admin%2Dx/../admin/page",
        "/a%64min/%70age",
    ] {
        assert_ne!(browser.ask("GET", path, JSON).await.status, 500, "{path}");
    }
    assert_eq!(browser.ask("GET", "/%61dmin/page", JSON).await.status, 200);
    rig.forward(TimeDelta::minutes(16));
    for path in [
        "/admin/page",
        "/%61dmin/page",
        "/adm%69n/page",
        "/%61%64%6D%69%6E/page",
    ] {
        let got = browser.ask("GET", path, JSON).await;
        assert_eq!(got.status, 401, "{path}: {}", got.body);
    }
    let sent = browser.get("/%61dmin/page").await;
    assert_eq!(sent.status, 303);
    assert!(sent.location().starts_with("/auth/login?prompt=none"));
}

#[actix_web::test]
async fn a_confirmation_while_groups_are_read_is_not_lost() {
    let rig = Rig::rechecking().await;
    rig.op.set().gives_refresh = true;
    let mut browser = signed_in(&rig).await;
    let reference = browser.get("/admin/page").await.json()["reference"].clone();
    let reference = reference.as_str().unwrap().to_owned();
    rig.forward(TimeDelta::minutes(5));
    let gate = rig.op.hold();
    let confirm = async {
        gate.waiting(1).await;
        let mut identity = columns::identity(&kept(&rig).await);
        identity.nonce = Some("of the confirmation".into());
        identity.acr = Some("urn:mfa".into());
        let change = SessionChange {
            identity: Some(identity),
            ..SessionChange::default()
        };
        let written = rig.database.run(move |conn| {
            let now = chrono::Utc::now().naive_utc();
            conn.change(|conn| sessions::renew(conn, ("-", "-"), &reference, &change, now))
                .map_err(DatabaseError::from)
        });
        assert_eq!(written.await.unwrap(), RenewalOutcome::RenewedElsewhere);
        gate.open();
    };
    let (page, ()) = futures_util::future::join(browser.get("/admin/page"), confirm).await;
    assert_eq!(page.status, 200);
    let refreshed = rig.op.set().last_token_request["grant_type"].clone();
    assert_eq!(refreshed, "refresh_token");
    let confirmed = "bailiwick_sessions WHERE acr = 'urn:mfa'";
    assert_eq!(rig.rows(confirmed).await, 1);
}

#[actix_web::test]
async fn a_way_of_signing_in_is_not_taken_for_one_of_another_time() {
    for (again_s, kept) in [(600, 0), (0, 1)] {
        let rig = Rig::rechecking().await;
        let at = rig.op.set().now.timestamp();
        rig.op.set().claims = Box::new(move |claims| {
            claims.insert("auth_time".into(), json!(at));
            claims.insert("acr".into(), json!("urn:mfa"));
        });
        let mut browser = signed_in(&rig).await;
        rig.forward(TimeDelta::minutes(10));
        rig.op.set().claims = Box::new(move |claims| {
            claims.insert("auth_time".into(), json!(at + again_s));
        });
        assert_eq!(browser.open("/admin/page").await.status, 200);
        assert_eq!(rig.op.set().last_authorization["prompt"], "none");
        let strong = "bailiwick_sessions WHERE acr = 'urn:mfa'";
        assert_eq!(rig.rows(strong).await, kept, "{again_s}");
    }
}

#[actix_web::test]
async fn a_session_that_was_confirmed_is_known_again_by_where_it_began() {
    let rig = Rig::rechecking().await;
    let known = "bailiwick_sessions WHERE address IS NOT NULL AND user_agent = 'first'";
    let mut browser = Browser::new(&rig);
    let callback = browser.reach_callback("/auth/login").await;
    browser
        .ask("GET", &callback, &[("user-agent", "first")])
        .await;
    assert_eq!(rig.rows(known).await, 1);
    let old = browser.cookies["bailiwick"].clone();
    for _ in 0..2 {
        rig.forward(TimeDelta::minutes(5));
        assert_eq!(browser.open("/admin/page").await.status, 200);
        assert_ne!(browser.cookies["bailiwick"], old);
        assert_eq!(rig.rows(known).await, 1);
    }
}

#[actix_web::test]
async fn a_session_of_a_link_says_where_it_began() {
    let rig = Rig::start().await;
    link(&rig).await;
    let mut browser = Browser::new(&rig);
    let done = browser
        .post("/auth/break-glass", &[("token", SECRET)])
        .await;
    assert_eq!(done.status, 303);
    let known = "bailiwick_sessions WHERE address = '127.0.0.1'";
    assert_eq!(rig.rows(known).await, 1);
    // It is listed while it lasts, and removed like other ended sessions.
    let listed = async |rig: &Rig| {
        let now = rig.context.clock.now().naive_utc();
        let since = LIMITS.since(now);
        let all = rig.database.run(move |conn| {
            sessions::list(conn, SessionOwner::Everybodys, None, since).map_err(DatabaseError::from)
        });
        all.await.unwrap().len()
    };
    rig.forward(TimeDelta::seconds(899));
    assert_eq!(listed(&rig).await, 1);
    rig.forward(TimeDelta::seconds(1));
    assert_eq!(listed(&rig).await, 0);
    signed_in(&rig).await;
    assert_eq!(rig.rows("bailiwick_sessions").await, 1);
}

#[test]
fn limits_longer_than_time_reach_no_further_back_than_clocks_do() {
    let now = Utc.with_ymd_and_hms(2026, 11, 23, 9, 0, 0).unwrap();
    for limit in [TimeDelta::MAX, TimeDelta::days(10_000_000)] {
        let limits = Limits {
            idle: limit,
            absolute: limit,
        };
        let since = limits.since(now.naive_utc());
        let epoch = chrono::DateTime::UNIX_EPOCH.naive_utc();
        assert_eq!((since.created, since.seen), (epoch, epoch));
    }
}

#[actix_web::test]
async fn c7_a_session_is_confirmed_where_its_cookie_comes_along() {
    let rig = Rig::aged(AGES, |settings| {
        settings.response_mode = ResponseMode::FormPost
    })
    .await;
    let mut browser = Browser::new(&rig);
    let (to, form) = browser.reach_form("/auth/login").await;
    let done = browser.post_from_elsewhere(&to, FORM, &form).await;
    assert_eq!(done.status, 303);
    rig.forward(TimeDelta::minutes(5));
    let sent = browser.get("/admin/page").await;
    let begun = browser.get(&sent.location()).await;
    let callback = browser.get(&begun.location()).await.location();
    assert!(
        !rig.op
            .set()
            .last_authorization
            .contains_key("response_mode")
    );
    // The response mode is part of the state: this response must not come in a form.
    let (to, form) = callback.split_once('?').unwrap();
    let posted = browser.post_from_elsewhere(to, FORM, form).await;
    assert_eq!(posted.status, 400, "{}", posted.body);
    let done = browser.get(&callback).await;
    assert_eq!((done.status, done.location()), (303, "/admin/page".into()));
    let page = browser.get("/admin/page").await;
    assert_eq!(
        (page.status, page.json()["path"].clone()),
        (200, json!("/admin/page"))
    );
    assert_eq!(rig.op.count("/authorize"), 2);
    // People who must be asked are asked as at any sign-in.
    rig.op.set().silent_error = Some("login_required");
    rig.forward(TimeDelta::minutes(5));
    let page = browser.open("/admin/page").await;
    assert_eq!(
        rig.op.set().last_authorization["response_mode"],
        "form_post"
    );
    let to = page.header("x-form-action").unwrap().to_owned();
    let done = browser.post_from_elsewhere(&to, FORM, &page.body).await;
    assert_eq!((done.status, done.location()), (303, "/admin/page".into()));
}
