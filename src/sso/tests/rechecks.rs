//! Edge cases of re-checks: what waits, what is left alone, and what is not logged.

use super::refresh::{groups, groups_seen, rig_with_grace};
use super::rig::{Rig, signed_in};
use crate::access::Person;
use crate::session::{Signed, columns};
use crate::sso::freshness::end::{self, EndReason};
use crate::store::DatabaseError;
use crate::store::audit::Actor;
use crate::store::session_columns::SessionColumns;
use crate::store::tables::bailiwick_sessions as sessions;
use chrono::TimeDelta;
use diesel::prelude::*;
use serde_json::json;
use std::time::{Duration, Instant};

/// A provider without refresh tokens: people are confirmed through their browser.
async fn by_browser() -> Rig {
    let rig = rig_with_grace(10).await;
    rig.op.set().gives_refresh = false;
    rig
}

/// The content of the only session.
pub(super) async fn kept(rig: &Rig) -> Signed {
    let read = |conn: &mut _| {
        let all = sessions::table.select(SessionColumns::as_select());
        all.get_result(conn).map_err(DatabaseError::from)
    };
    columns::signed(rig.database.run(read).await.unwrap())
}

#[actix_web::test]
async fn h6_a_re_check_that_finds_the_same_roles_is_not_noted() {
    let rig = rig_with_grace(10).await;
    let mut browser = signed_in(&rig).await;
    let changes = "bailiwick_audit WHERE action = 'recheck'";
    for (now, noted) in [
        (&["admins"][..], 0),
        // Another group, and the same roles.
        (&["admins", "viewers"], 0),
        (&["viewers"], 1),
        (&["viewers"], 1),
    ] {
        groups(&rig, now);
        rig.forward(TimeDelta::minutes(5));
        assert_eq!(groups_seen(&mut browser).await, json!(now));
        assert_eq!(rig.rows(changes).await, noted, "{now:?}");
    }
    assert_eq!(rig.op.set().refreshes, 4);
}

#[actix_web::test]
async fn h2_who_was_told_without_groups_is_told_so_again_by_a_refresh() {
    let rig = rig_with_grace(10).await;
    rig.op.set().claims = Box::new(|claims| {
        claims.remove("groups");
    });
    let mut browser = signed_in(&rig).await;
    assert_eq!(groups_seen(&mut browser).await, json!([]));
    rig.op.set().refreshed_answer = Box::new(|answer| {
        answer.remove("id_token");
    });
    rig.forward(TimeDelta::minutes(5));
    // Nobody is sent to the provider for groups that it has never sent.
    assert_eq!(groups_seen(&mut browser).await, json!([]));
    assert_eq!(rig.op.set().refreshes, 1);
}

#[actix_web::test]
async fn h2_past_the_grace_the_refresh_of_another_process_is_waited_for() {
    let rig = rig_with_grace(0).await;
    let browser = signed_in(&rig).await;
    groups(&rig, &["viewers"]);
    let other = rig.sibling().await;
    rig.forward(TimeDelta::minutes(5));
    rig.op.set().delay = Duration::from_millis(300);
    let all = (0..6).map(|n| {
        let mut browser = browser.clone();
        if n % 2 == 0 {
            browser.base = other.clone();
        }
        async move { groups_seen(&mut browser).await }
    });
    let all = futures_util::future::join_all(all).await;
    assert!(all.iter().all(|groups| *groups == json!(["viewers"])));
    assert_eq!(rig.op.set().refreshes, 1);
}

#[actix_web::test]
async fn h3_past_the_grace_a_slow_provider_is_waited_for() {
    let rig = rig_with_grace(0).await;
    let mut browser = signed_in(&rig).await;
    groups(&rig, &["viewers"]);
    rig.forward(TimeDelta::minutes(5));
    rig.op.set().delay = Duration::from_secs(6);
    assert_eq!(groups_seen(&mut browser).await, json!(["viewers"]));
}

#[actix_web::test]
async fn k5_whether_the_provider_is_back_is_looked_at_every_ten_seconds() {
    let rig = by_browser().await;
    let mut browser = signed_in(&rig).await;
    rig.op.set().is_down = true;
    rig.forward(TimeDelta::minutes(5));
    assert_eq!(browser.get("/admin/page").await.status, 200);
    rig.op.set().is_down = false;
    rig.forward(TimeDelta::seconds(9));
    assert_eq!(browser.get("/admin/page").await.status, 200);
    rig.forward(TimeDelta::seconds(1));
    let sent = browser.get("/admin/page").await;
    assert!(sent.location().starts_with("/auth/login?prompt=none"));
}

#[actix_web::test]
async fn g4_a_session_that_is_gone_is_not_ended_once_more() {
    let rig = rig_with_grace(0).await;
    let mut browser = signed_in(&rig).await;
    let got = browser.get("/admin/page").await.json();
    let reference = got["reference"].as_str().unwrap();
    let end = || async {
        let actor = Actor {
            person: Person::default(),
            roles: Vec::new(),
            request_id: "ref-7".into(),
            address: None,
            looking_as: None,
        };
        end::now(&rig.context, reference, actor, EndReason::Away)
            .await
            .unwrap();
    };
    end().await;
    end().await;
    assert!(!browser.is_signed_in().await);
    assert_eq!(rig.rows("bailiwick_sessions").await, 0);
    assert_eq!(rig.rows("bailiwick_audit WHERE action = 'lapse'").await, 1);
}

#[actix_web::test]
async fn h2_what_a_refresh_does_not_tell_stays_as_it_was() {
    let rig = rig_with_grace(10).await;
    rig.op.set().claims = Box::new(|claims| {
        claims.insert("email".into(), "alice@example.com".into());
    });
    let mut browser = signed_in(&rig).await;
    let before = kept(&rig).await;
    assert!(before.vouched_at.is_some());
    {
        let mut op = rig.op.set();
        op.refreshed_answer = Box::new(|answer| {
            answer.remove("id_token");
        });
        op.userinfo = json!({"sub": "s-alice", "groups": ["viewers"]});
    }
    rig.forward(TimeDelta::minutes(5));
    assert_eq!(groups_seen(&mut browser).await, json!(["viewers"]));
    let after = kept(&rig).await;
    assert_eq!(after.person.name, before.person.name);
    assert_eq!(after.person.email.as_deref(), Some("alice@example.com"));
    // A back-channel sign-out must still see that the session is older.
    assert_eq!(after.vouched_at, before.vouched_at);
}

#[actix_web::test]
async fn h3_a_failure_of_another_process_is_not_waited_for() {
    let rig = rig_with_grace(10).await;
    let mut browser = signed_in(&rig).await;
    rig.op.set().refresh_error = Some((503, "x"));
    rig.forward(TimeDelta::minutes(5));
    assert_eq!(groups_seen(&mut browser).await, json!(["admins"]));
    browser.base = rig.sibling().await;
    let began = Instant::now();
    assert_eq!(groups_seen(&mut browser).await, json!(["admins"]));
    assert!(began.elapsed() < Duration::from_secs(4));
    assert_eq!(rig.op.set().refreshes, 1);
}

#[actix_web::test]
async fn h2_a_new_name_is_taken_over() {
    let rig = rig_with_grace(10).await;
    let mut browser = signed_in(&rig).await;
    rig.op.set().claims = Box::new(|claims| {
        claims.insert("name".into(), "Alice Baker".into());
    });
    rig.forward(TimeDelta::minutes(5));
    let got = browser.get("/admin/page").await.json();
    assert_eq!(got["person"]["name"], "Alice Baker");
    assert_eq!(rig.op.set().refreshes, 1);
}
