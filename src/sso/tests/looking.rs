//! Checks of the provider in the background.

use super::rig::{Browser, Rig};
use chrono::TimeDelta;
use std::sync::Arc;
use std::time::Duration;

const DISCOVERY: &str = "/.well-known/openid-configuration";

/// Waits for a condition, for some seconds at most.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..200 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("never: {what}");
}

#[actix_web::test]
async fn k4_a_provider_that_answers_is_looked_at_now_and_again_and_at_once_when_it_fails() {
    let rig = Rig::start().await;
    let looking = actix_web::rt::spawn(Arc::clone(&rig.provider).keep_looking());
    until("found", || rig.provider.is_known()).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(rig.op.count(DISCOVERY), 1, "not every second");
    let mut browser = Browser::new(&rig);
    let callback = browser.reach_callback("/auth/login").await;
    rig.op.set().token_instead = Some((500, "text/plain", String::new()));
    browser.get(&callback).await;
    until("looked at", || rig.op.count(DISCOVERY) == 2).await;
    until("back", || rig.provider.standing().is_up()).await;
    looking.abort();
}

#[actix_web::test]
async fn k3_a_provider_that_is_not_there_yet_is_looked_for_until_it_is() {
    let rig = Rig::start().await;
    rig.op.set().is_down = true;
    let looking = actix_web::rt::spawn(Arc::clone(&rig.provider).keep_looking());
    until("looked for", || rig.provider.standing().away.is_some()).await;
    assert!(!rig.provider.is_known());
    rig.op.set().is_down = false;
    rig.forward(TimeDelta::seconds(2));
    until("found", || rig.provider.is_known()).await;
    looking.abort();
}
