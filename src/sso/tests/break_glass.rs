//! Break-glass sign-in while the provider is down.

use super::rig::{Browser, Rig};
use crate::session::token;
use crate::store::DatabaseError;
use crate::store::break_glass::{self, Link};
use chrono::{TimeDelta, TimeZone, Utc};

pub const SECRET: &str = "break-glass-canary-0123456789abcdef0123456789";

/// Makes a link at the start time of the test.
pub async fn link(rig: &Rig) -> String {
    let now = Utc
        .with_ymd_and_hms(2026, 11, 23, 9, 0, 0)
        .unwrap()
        .naive_utc();
    let link = Link {
        token_hash: token::hash(SECRET),
        role: "admin".into(),
        reason: "the provider is gone".into(),
        made_by: "root".into(),
        made_at: now,
        use_before: now + TimeDelta::minutes(10),
        session_minutes: 15,
    };
    let kept = rig
        .database
        .run(move |conn| break_glass::keep(conn, &link, now).map_err(DatabaseError::from));
    kept.await.unwrap();
    format!("/auth/break-glass?token={SECRET}")
}

async fn enter(browser: &mut Browser) -> super::rig::Got {
    browser
        .post("/auth/break-glass", &[("token", SECRET)])
        .await
}

#[actix_web::test]
async fn looking_at_a_link_does_not_use_it_up_and_the_button_does() {
    let rig = Rig::start().await;
    rig.op.set().is_down = true;
    let link = link(&rig).await;
    let mut browser = Browser::new(&rig);
    for _ in 0..3 {
        let page = browser.get(&link).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(page.body.contains("the provider is gone"), "{}", page.body);
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(page.header("referrer-policy"), Some("strict-origin"));
    }
    assert!(!browser.is_signed_in().await);
    let done = enter(&mut browser).await;
    assert_eq!((done.status, done.location()), (303, "/admin/".into()));
    let page = browser.get("/admin/page").await.json();
    assert_eq!(page["person"]["issuer"], "bailiwick:break-glass");
    assert_eq!(page["person"]["name"], "Break-glass: root");
    assert_eq!(page["person"]["as_role"], "admin");
    assert_eq!(rig.op.set().seen.len(), 0, "no provider is asked");
    let mut other = Browser::new(&rig);
    assert_eq!(other.get(&link).await.status, 400);
    let again = enter(&mut other).await;
    assert_eq!(again.status, 400);
    assert!(
        again.body.contains("does not work any more"),
        "{}",
        again.body
    );
    assert!(!other.is_signed_in().await);
}

#[actix_web::test]
async fn of_many_at_once_exactly_one_comes_in() {
    let rig = Rig::start().await;
    link(&rig).await;
    let all = (0..32).map(|_| {
        let mut browser = Browser::new(&rig);
        async move { enter(&mut browser).await.status }
    });
    let statuses = futures_util::future::join_all(all).await;
    let won = statuses.iter().filter(|status| **status == 303).count();
    assert_eq!(won, 1, "{statuses:?}");
    assert_eq!(rig.rows("bailiwick_sessions").await, 1);
    let used = "bailiwick_audit WHERE action = 'break-glass' AND details LIKE '%\"used\"%'";
    assert_eq!(rig.rows(used).await, 1);
}

#[actix_web::test]
async fn a_link_stops_working_after_ten_minutes() {
    let rig = Rig::start().await;
    let link = link(&rig).await;
    rig.forward(TimeDelta::seconds(599));
    let mut browser = Browser::new(&rig);
    assert_eq!(browser.get(&link).await.status, 200);
    rig.forward(TimeDelta::seconds(1));
    assert_eq!(browser.get(&link).await.status, 400);
    assert_eq!(enter(&mut browser).await.status, 400);
    assert!(!browser.is_signed_in().await);
}

#[actix_web::test]
async fn its_session_ends_after_its_minutes_however_much_it_is_used() {
    let rig = Rig::start().await;
    link(&rig).await;
    let mut browser = Browser::new(&rig);
    enter(&mut browser).await;
    for _ in 0..14 {
        rig.forward(TimeDelta::minutes(1));
        assert!(browser.is_signed_in().await);
    }
    rig.forward(TimeDelta::seconds(59));
    assert!(browser.is_signed_in().await);
    rig.forward(TimeDelta::seconds(1));
    assert!(!browser.is_signed_in().await);
    assert_eq!(rig.rows("bailiwick_sessions").await, 0);
}

#[actix_web::test]
async fn it_is_audited_when_it_is_used_and_when_it_is_refused() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    assert_eq!(enter(&mut browser).await.status, 400);
    let refused = "bailiwick_audit WHERE action = 'break-glass' AND details LIKE '%\"refused\"%' \
                   AND actor_issuer = 'bailiwick:break-glass' AND actor_subject = '' \
                   AND address = '127.0.0.1' AND request_id = 'ref-7'";
    assert_eq!(rig.rows(refused).await, 1);
    link(&rig).await;
    enter(&mut browser).await;
    let used = "bailiwick_audit WHERE action = 'break-glass' AND details LIKE '%\"used\"%' \
                AND details LIKE '%\"break_glass\":\"the provider is gone\"%' AND roles = 'admin' \
                AND actor_name = 'Break-glass: root'";
    assert_eq!(rig.rows(used).await, 1);
    let csrf = browser.csrf().await;
    browser.post("/auth/logout", &[("csrf_token", &csrf)]).await;
    let gone = "bailiwick_audit WHERE action = 'sign-out' AND actor_name = 'Break-glass: root' \
                AND details LIKE '%the provider is gone%'";
    assert_eq!(rig.rows(gone).await, 1, "each entry carries the reason");
}

#[actix_web::test]
async fn the_token_is_neither_kept_nor_shown() {
    let rig = Rig::start().await;
    let link = link(&rig).await;
    let kept = format!("bailiwick_break_glass WHERE token_hash = '{SECRET}'");
    assert_eq!(rig.rows(kept.leak()).await, 0);
    let page = Browser::new(&rig).get(&link).await;
    assert!(
        !page.body.contains(SECRET),
        "its Debug hides it: {}",
        page.body
    );
}

#[actix_web::test]
async fn the_button_of_another_site_does_nothing() {
    let rig = Rig::start().await;
    link(&rig).await;
    let client = reqwest::Client::new();
    let sent = client
        .post(format!("{}/auth/break-glass", rig.base))
        .header("origin", "https://evil.example")
        .form(&[("token", SECRET)])
        .send();
    assert_eq!(sent.await.unwrap().status().as_u16(), 403);
    assert_eq!(rig.rows("bailiwick_break_glass").await, 1);
}

#[actix_web::test]
async fn the_session_of_before_is_dead() {
    let rig = Rig::start().await;
    link(&rig).await;
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login").await;
    let mut before = browser.clone();
    enter(&mut browser).await;
    assert!(!before.is_signed_in().await);
    let page = browser.get("/admin/page").await.json();
    assert_eq!(page["person"]["name"], "Break-glass: root");
}
