//! Browsers that lose their cookies, and addresses at which they would.

use super::rig::{Browser, Rig};
use chrono::TimeDelta;

/// Signs in and loses the session cookie.
async fn sign_in_in_vain(browser: &mut Browser) {
    assert_eq!(browser.sign_in("/auth/login").await.status, 303);
    browser.cookies.remove("bailiwick");
}

#[actix_web::test]
async fn a_fifth_sign_in_within_a_minute_ends_on_a_page_that_says_what_was_seen() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    for _ in 0..4 {
        rig.forward(TimeDelta::seconds(5));
        sign_in_in_vain(&mut browser).await;
    }
    let told = browser.get("/auth/login").await;
    assert_eq!(told.status, 400, "{}", told.body);
    for words in [
        "goes in a circle",
        "never sent back",
        "did not send it",
        &rig.base,
        "2026-11-23 09:00:20 UTC",
        "Host asked for",
    ] {
        assert!(told.body.contains(words), "{words}: {}", told.body);
    }
    // The page has reported the loop: the next attempt counts as the first.
    sign_in_in_vain(&mut browser).await;
    assert_eq!(rig.op.count("/token"), 5);
}

#[actix_web::test]
async fn a_session_that_the_panel_does_not_know_is_told_as_such() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    for _ in 0..4 {
        assert_eq!(browser.sign_in("/auth/login").await.status, 303);
        browser.cookies.insert("bailiwick".into(), "lost".into());
    }
    let told = browser.get("/auth/login").await;
    assert_eq!(told.status, 400, "{}", told.body);
    assert!(told.body.contains("different databases"), "{}", told.body);
}

#[actix_web::test]
async fn slow_sign_ins_and_other_browsers_are_no_circle() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    for _ in 0..6 {
        sign_in_in_vain(&mut browser).await;
        rig.forward(TimeDelta::seconds(21));
    }
    for _ in 0..6 {
        sign_in_in_vain(&mut Browser::new(&rig)).await;
    }
}

#[actix_web::test]
async fn ten_tabs_that_finish_at_once_are_no_circle() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    let mut callbacks = Vec::new();
    for _ in 0..10 {
        callbacks.push(browser.reach_callback("/auth/login").await);
    }
    for callback in callbacks {
        assert_eq!(browser.get(&callback).await.status, 303);
    }
    assert_eq!(browser.get("/auth/login").await.location(), "/admin/");
    let marker = &browser.cookies["bailiwick-signed-in"];
    assert!(marker.len() < 50, "{marker}");
}

#[actix_web::test]
async fn a_lost_sign_in_cookie_is_told_with_the_address_to_use() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    let callback = browser.reach_callback("/auth/login").await;
    browser.cookies.clear();
    let told = browser.get(&callback).await;
    assert_eq!(told.status, 400);
    for words in ["sign-in cookie", "Address of the panel", &rig.base] {
        assert!(told.body.contains(words), "{words}: {}", told.body);
    }
    let start = told.body.contains("start_again: Some(\"/auth/login\")");
    assert!(start, "{}", told.body);
}

#[actix_web::test]
async fn what_was_seen_is_told_only_where_the_browser_is_in_the_way() {
    let rig = Rig::start().await;
    rig.op.set().error = Some("access_denied");
    let refused = Browser::new(&rig).sign_in("/auth/login").await;
    assert!(refused.body.contains("seen: []"), "{}", refused.body);
}
