//! Re-checks while the provider is down or slow, or refuses the token.

use super::*;

#[actix_web::test]
async fn h3_invalid_grant_ends_the_session_at_once() {
    let rig = rig().await;
    let mut browser = signed_in(&rig).await;
    rig.op.set().refresh_tokens.clear();
    rig.forward(TimeDelta::minutes(5));
    ended(&rig, &mut browser).await;
}

#[actix_web::test]
async fn h3_a_form_sent_by_a_session_that_ends_is_told_so() {
    let rig = rig().await;
    let mut browser = signed_in(&rig).await;
    rig.op.set().refresh_tokens.clear();
    rig.forward(TimeDelta::minutes(5));
    assert_eq!(browser.post("/admin/page", &[("a", "b")]).await.status, 401);
    assert_eq!(rig.rows("bailiwick_sessions").await, 0);
}

#[actix_web::test]
async fn h3_a_provider_that_is_down_is_waited_for_as_long_as_the_grace() {
    for (status, error) in [
        (503, "x"),
        (500, "server_error"),
        (400, "invalid_client"),
        (429, "slow_down"),
    ] {
        let rig = rig().await;
        let mut browser = signed_in(&rig).await;
        rig.op.set().refresh_error = Some((status, error));
        rig.forward(TimeDelta::minutes(5));
        assert_eq!(groups_seen(&mut browser).await, json!(["admins"]));
        rig.forward(TimeDelta::seconds(599));
        assert_eq!(groups_seen(&mut browser).await, json!(["admins"]));
        assert_eq!(rig.op.set().refreshes, 2);
        rig.forward(TimeDelta::seconds(11));
        ended(&rig, &mut browser).await;
    }
}

#[actix_web::test]
async fn h3_within_the_grace_a_provider_that_is_back_is_believed() {
    let rig = rig().await;
    let mut browser = signed_in(&rig).await;
    rig.op.set().is_down = true;
    rig.forward(TimeDelta::minutes(14));
    assert_eq!(groups_seen(&mut browser).await, json!(["admins"]));
    rig.op.set().is_down = false;
    groups(&rig, &["viewers"]);
    rig.forward(TimeDelta::seconds(10));
    assert_eq!(groups_seen(&mut browser).await, json!(["viewers"]));
    // And after it too, if nobody made a request in between.
    rig.forward(TimeDelta::minutes(20));
    assert_eq!(groups_seen(&mut browser).await, json!(["viewers"]));
    assert_eq!(rig.rows("bailiwick_audit WHERE action = 'lapse'").await, 0);
}

#[actix_web::test]
async fn h3_no_grace_is_closed_at_once() {
    let rig = rig_with_grace(0).await;
    let mut browser = signed_in(&rig).await;
    rig.op.set().refresh_error = Some((503, "x"));
    rig.forward(TimeDelta::minutes(5));
    ended(&rig, &mut browser).await;
}

#[actix_web::test]
async fn h3_a_provider_that_is_down_is_asked_about_every_ten_seconds() {
    let rig = rig().await;
    let mut browser = signed_in(&rig).await;
    rig.op.set().refresh_error = Some((503, "x"));
    rig.forward(TimeDelta::minutes(5));
    for _ in 0..6 {
        for _ in 0..3 {
            assert!(browser.is_signed_in().await);
        }
        rig.forward(TimeDelta::seconds(5));
    }
    assert_eq!(rig.op.set().refreshes, 3);
    // Another process knows about it too.
    browser.base = rig.sibling().await;
    rig.op.set().refreshes = 0;
    rig.forward(TimeDelta::seconds(5));
    assert!(browser.is_signed_in().await);
    let tried = rig.op.set().refreshes;
    browser.base = rig.sibling().await;
    assert!(browser.is_signed_in().await);
    assert_eq!((tried, rig.op.set().refreshes), (1, 1));
}

#[actix_web::test]
async fn k5_a_slow_provider_holds_nobody_up_for_long() {
    let rig = rig().await;
    let mut browser = signed_in(&rig).await;
    rig.forward(TimeDelta::minutes(5));
    let gate = rig.op.hold();
    let began = std::time::Instant::now();
    assert_eq!(groups_seen(&mut browser).await, json!(["admins"]));
    assert!(began.elapsed() < Duration::from_secs(6));
    // Its late response is not lost.
    gate.open();
    assert!(browser.is_signed_in().await);
    assert_eq!(rig.op.set().refreshes, 1);
}
