//! What a notice ends: sessions, and sign-ins in progress.

use super::*;

/// Signs in as that person, in that session of the provider.
async fn sign_in_as(rig: &Rig, subject: &'static str, sid: &'static str) -> Browser {
    rig.op.set().claims = Box::new(move |claims| {
        claims.insert("sub".into(), json!(subject));
        claims.insert("sid".into(), json!(sid));
    });
    let mut browser = Browser::new(rig);
    assert_eq!(browser.sign_in("/auth/login").await.status, 303);
    browser
}

/// Which of four are still signed in after this: Alice in two sessions, with two browsers in the
/// first, and Bob.
async fn left(change: impl Fn(Value) -> Value) -> [bool; 4] {
    let rig = Rig::start().await;
    let mut all = [
        sign_in_as(&rig, "s-alice", "sid-1").await,
        sign_in_as(&rig, "s-alice", "sid-1").await,
        sign_in_as(&rig, "s-alice", "sid-2").await,
        sign_in_as(&rig, "s-bob", "sid-3").await,
    ];
    is_ok(&tell(&rig, &change(claims(&rig))).await);
    let mut left = [false; 4];
    for (left, browser) in left.iter_mut().zip(&mut all) {
        *left = browser.is_signed_in().await;
    }
    left
}

#[actix_web::test]
async fn j7_exactly_what_the_token_says_ends() {
    assert_eq!(
        left(|claims| without(claims, "sub")).await,
        [false, false, true, true]
    );
    assert_eq!(
        left(|claims| without(claims, "sid")).await,
        [false, false, false, true]
    );
    assert_eq!(left(|claims| claims).await, [false, false, true, true]);
    // Both must match.
    assert_eq!(
        left(|claims| with(claims, "sub", json!("s-bob"))).await,
        [true; 4]
    );
    assert_eq!(
        left(|claims| with(claims, "sid", json!("sid-3"))).await,
        [true; 4]
    );
    // An unknown session is a success too.
    assert_eq!(
        left(|claims| with(claims, "sid", json!("sid-9"))).await,
        [true; 4]
    );
    let shared = left(|claims| with(claims, "aud", json!(["other", CLIENT])));
    assert_eq!(shared.await, [false, false, true, true]);
}

#[actix_web::test]
async fn j7_a_session_of_another_issuer_stays() {
    let (rig, mut browser) = signed_in().await;
    let elsewhere = "UPDATE bailiwick_sessions SET issuer = 'https://other'";
    rig.execute(elsewhere).await;
    is_ok(&tell(&rig, &without(claims(&rig), "sub")).await);
    is_ok(&tell(&rig, &without(claims(&rig), "sid")).await);
    assert!(browser.is_signed_in().await);
}

#[actix_web::test]
async fn j9_a_sign_in_under_way_comes_to_nothing_when_its_session_has_ended() {
    for token in ["sub", "nothing", "sid"] {
        let rig = Rig::start().await;
        let mut browser = Browser::new(&rig);
        let callback = browser.reach_callback("/auth/login").await;
        is_ok(&tell(&rig, &without(claims(&rig), token)).await);
        assert_eq!(browser.get(&callback).await.status, 303);
        assert!(!browser.is_signed_in().await, "without {token}");
        assert_eq!(rig.rows(SESSIONS).await, 0);
        let noted = "bailiwick_audit WHERE action = 'end-session' AND details LIKE '%under_way%'";
        assert_eq!(rig.rows(noted).await, 1);
    }
}

#[actix_web::test]
async fn j9_a_later_sign_in_of_the_person_is_not_stopped() {
    let (rig, mut browser) = signed_in().await;
    is_ok(&tell(&rig, &without(claims(&rig), "sid")).await);
    assert!(!browser.is_signed_in().await);
    rig.forward(TimeDelta::seconds(1));
    browser.sign_in("/auth/login").await;
    assert!(browser.is_signed_in().await);
    // The same for another person, and for another session.
    let rig = Rig::start().await;
    is_ok(&tell(&rig, &claims(&rig)).await);
    assert!(
        sign_in_as(&rig, "s-bob", "sid-1")
            .await
            .is_signed_in()
            .await
    );
    assert!(
        sign_in_as(&rig, "s-alice", "sid-2")
            .await
            .is_signed_in()
            .await
    );
    assert!(
        !sign_in_as(&rig, "s-alice", "sid-1")
            .await
            .is_signed_in()
            .await
    );
}

#[actix_web::test]
async fn j9_an_older_notice_that_comes_late_changes_nothing() {
    let rig = Rig::start().await;
    rig.forward(TimeDelta::seconds(20));
    let early = without(claims(&rig), "sid");
    rig.forward(TimeDelta::seconds(20));
    is_ok(&tell(&rig, &without(claims(&rig), "sid")).await);
    is_ok(&tell(&rig, &early).await);
    let mut browser = Browser::new(&rig);
    rig.op.set().now -= TimeDelta::seconds(10);
    browser.sign_in("/auth/login").await;
    assert!(!browser.is_signed_in().await);
}

#[actix_web::test]
async fn what_is_remembered_is_swept() {
    let (rig, mut browser) = signed_in().await;
    is_ok(&tell(&rig, &without(claims(&rig), "sub")).await);
    assert_eq!(rig.rows("bailiwick_logouts").await, 2);
    rig.forward(TimeDelta::minutes(11));
    browser.sign_in("/auth/login").await;
    assert!(browser.is_signed_in().await);
    rig.forward(TimeDelta::minutes(5));
    is_ok(&tell(&rig, &with(claims(&rig), "sid", json!("sid-9"))).await);
    assert_eq!(rig.rows("bailiwick_logouts").await, 2);
}

#[actix_web::test]
async fn j9_of_sign_ins_racing_a_sign_out_none_stays() {
    for left_out in ["sub", "sid"] {
        let rig = Rig::start().await;
        let mut browsers = Vec::new();
        for _ in 0..8 {
            let mut browser = Browser::new(&rig);
            let callback = browser.reach_callback("/auth/login").await;
            browsers.push((browser, callback));
        }
        let token = sign(&header(), &without(claims(&rig), left_out).to_string(), 0);
        let sign_ins = browsers.iter_mut().map(async |(browser, callback)| {
            assert_eq!(browser.get(callback).await.status, 303);
        });
        let sign_out = async {
            // While they are in progress.
            while rig.rows(SESSIONS).await < 2 {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
            is_ok(&send(&rig, &token).await);
        };
        tokio::join!(futures_util::future::join_all(sign_ins), sign_out);
        assert_eq!(rig.rows(SESSIONS).await, 0);
        let begun = rig.rows("bailiwick_audit WHERE action = 'sign-in'").await;
        let ended = rig
            .rows("bailiwick_audit WHERE action = 'end-session'")
            .await;
        assert_eq!((begun, ended), (8, 8));
    }
}

#[actix_web::test]
async fn g4_a_request_in_flight_does_not_bring_a_signed_out_session_back() {
    let (rig, mut browser) = signed_in().await;
    let claims = claims(&rig);
    let other = browser.clone();
    let in_flight = (0..32).map(|_| {
        let mut browser = other.clone();
        async move { browser.get("/admin/writes").await.status }
    });
    let told = tell(&rig, &claims);
    let (_, got) = tokio::join!(futures_util::future::join_all(in_flight), told);
    is_ok(&got);
    // A test page writes sessions for anonymous clients too; those have no person.
    let theirs = "bailiwick_sessions WHERE subject IS NOT NULL";
    assert_eq!(rig.rows(theirs).await, 0);
    assert!(!browser.is_signed_in().await);
}
