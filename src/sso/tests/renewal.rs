//! Sessions that get a new id while they continue (requirement G1), and what they keep of the
//! groups (F5).

use super::backchannel;
use super::rechecks::kept;
use super::rig::{Browser, Got, Rig, signed_in};
use crate::access::Policy;
use crate::catalog::Catalog;
use crate::config::{GroupRule, RoleConfig};
use crate::session::groups;
use crate::store::DatabaseError;
use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const SESSION: &str = "bailiwick";

/// The session cookie in a response.
fn brought(got: &Got) -> Option<String> {
    let set = got.headers.get_all("set-cookie").iter();
    let mut set = set.map(|cookie| cookie.to_str().unwrap().to_owned());
    set.find(|cookie| cookie.starts_with("bailiwick="))
}

#[actix_web::test]
async fn g1_of_requests_side_by_side_one_brings_the_new_id() {
    let rig = Rig::rechecking().await;
    let old = signed_in(&rig).await;
    let all = (0..12).map(|_| {
        let mut browser = old.clone();
        async move { (browser.get("/admin/renews").await, browser) }
    });
    let gate = rig.hold("/admin/renews");
    let all = futures_util::future::join_all(all);
    let (all, ()) = tokio::join!(all, gate.open_for(12));
    assert!(all.iter().all(|(got, _)| got.status == 200));
    let mut new = all.into_iter().filter(|(got, _)| brought(got).is_some());
    let (_, mut new) = new.next().unwrap();
    assert_ne!(new.cookies[SESSION], old.cookies[SESSION]);
    assert!(new.is_signed_in().await);
    assert!(!old.clone().is_signed_in().await, "the old id is dead");
    assert_eq!(rig.rows("bailiwick_sessions").await, 1);
    assert_eq!(
        new.get("/admin/page").await.json()["roles"],
        json!(["another"])
    );
}

#[actix_web::test]
async fn g1_only_one_of_them_does() {
    let rig = Rig::rechecking().await;
    let old = signed_in(&rig).await;
    let all = (0..12).map(|_| {
        let mut browser = old.clone();
        async move { browser.get("/admin/renews").await }
    });
    let gate = rig.hold("/admin/renews");
    let all = futures_util::future::join_all(all);
    let (all, ()) = tokio::join!(all, gate.open_for(12));
    let cookies: Vec<String> = all.iter().filter_map(brought).collect();
    assert_eq!(cookies.len(), 1, "{cookies:?}");
}

#[actix_web::test]
async fn g4_a_session_that_ended_is_not_renewed() {
    let rig = Rig::rechecking().await;
    let browser = signed_in(&rig).await;
    let (mut renewing, mut ending) = (browser.clone(), browser.clone());
    let gate = rig.hold("/admin/renews");
    let (renewed, ()) = tokio::join!(renewing.get("/admin/renews"), async {
        gate.waiting(1).await;
        ending.get("/admin/ends").await;
        gate.open();
    });
    assert_eq!(renewed.status, 200);
    assert!(brought(&renewed).is_none());
    assert_eq!(rig.rows("bailiwick_sessions").await, 0);
    assert!(!renewing.is_signed_in().await);
}

#[actix_web::test]
async fn j6_a_renewal_for_a_session_that_its_provider_has_ended_ends_it() {
    let rig = Rig::rechecking().await;
    let told = backchannel::with(backchannel::claims(&rig), "sid", json!("sid-2"));
    let told = backchannel::without(told, "sub");
    assert_eq!(backchannel::tell(&rig, &told).await.status, 200);
    let other = signed_in(&rig).await.get("/admin/renews?sid-1").await;
    assert!(brought(&other).is_some());
    let mut browser = signed_in(&rig).await;
    let renewed = browser.get("/admin/renews?sid-2").await;
    assert!(brought(&renewed).is_none());
    assert!(!browser.is_signed_in().await);
    let stopped = "bailiwick_audit WHERE action = 'end-session' AND details LIKE '%under_way%'";
    assert_eq!(rig.rows(stopped).await, 1);
}

/// Requests a page that renews the session, and another page. Both read the session before it is
/// renewed, and the other page goes on after that.
async fn renewed_before(
    rig: &Rig,
    renewing: &mut Browser,
    (other, page): (&mut Browser, &str),
) -> (Got, Got) {
    let (to_renew, to_go_on) = (rig.hold("/admin/renews"), rig.hold(page));
    let renewal = async {
        to_go_on.waiting(1).await;
        to_renew.open_for(1).await;
    };
    let renewed = async {
        let renewed = renewing.get("/admin/renews").await;
        to_go_on.open();
        renewed
    };
    let (renewed, other, ()) = tokio::join!(renewed, other.get(page), renewal);
    (renewed, other)
}

#[actix_web::test]
async fn a_write_under_the_old_id_reaches_the_session_and_sets_no_cookie() {
    let rig = Rig::rechecking().await;
    let browser = signed_in(&rig).await;
    let (mut renewing, mut writing) = (browser.clone(), browser.clone());
    // It began before the id was changed, and ends after that.
    let page = "/admin/lingers";
    let (renewed, written) = renewed_before(&rig, &mut renewing, (&mut writing, page)).await;
    assert_eq!((renewed.status, written.status), (200, 200));
    assert!(brought(&renewed).is_some() && brought(&written).is_none());
    let kept = "bailiwick_sessions WHERE look LIKE '%lingered%' AND roles LIKE '%another%'";
    assert_eq!(rig.rows(kept).await, 1);
    assert!(renewing.is_signed_in().await);
}

#[actix_web::test]
async fn a_sign_in_ends_the_session_before_it_under_whatever_id() {
    let rig = Rig::rechecking().await;
    let old = signed_in(&rig).await;
    let (mut renewing, mut beginning) = (old.clone(), old);
    let page = "/admin/begins";
    let (renewed, begun) = renewed_before(&rig, &mut renewing, (&mut beginning, page)).await;
    assert!(brought(&renewed).is_some() && brought(&begun).is_some());
    assert!(!renewing.is_signed_in().await);
    assert!(beginning.is_signed_in().await);
    assert_eq!(rig.rows("bailiwick_sessions").await, 1);
}

#[actix_web::test]
async fn a_cookie_is_set_once_and_not_with_each_change() {
    let rig = Rig::rechecking().await;
    let mut browser = signed_in(&rig).await;
    let got = browser.get("/admin/changing").await;
    assert_eq!((got.status, brought(&got)), (200, None));
    assert_eq!(
        rig.rows("bailiwick_sessions WHERE rules = 'changed'").await,
        1
    );
}

#[actix_web::test]
async fn k11_an_id_that_cannot_be_changed_for_roles_takes_no_answer_away() {
    let rig = Rig::rechecking().await;
    let browser = signed_in(&rig).await;
    let (mut promoted, mut changing) = (browser.clone(), browser.clone());
    let (to_promote, to_change) = (rig.hold("/admin/promotes"), rig.hold("/admin/renews"));
    let gone = async {
        to_promote.waiting(1).await;
        to_change.waiting(1).await;
        rig.execute("ALTER TABLE bailiwick_sessions RENAME TO away")
            .await;
        to_promote.open();
        to_change.open();
    };
    let (promotion, change, ()) = tokio::join!(
        promoted.get("/admin/promotes"),
        changing.get("/admin/renews"),
        gone
    );
    assert_eq!((promotion.status, brought(&promotion)), (200, None));
    // The change was not made, and the response does not claim it.
    assert_eq!(change.status, 500);
    rig.execute("ALTER TABLE away RENAME TO bailiwick_sessions")
        .await;
    let again = promoted.get("/admin/promotes").await;
    assert!(again.status == 200 && brought(&again).is_some());
}

fn claim_groups(rig: &Rig, groups: &[String]) {
    let groups = json!(groups);
    rig.op.set().claims = Box::new(move |claims| {
        claims.insert("groups".into(), groups.clone());
    });
}

fn many(first: &str) -> Vec<String> {
    let others = (0..300).map(|n| format!("plain-{n}"));
    std::iter::once(first.to_owned()).chain(others).collect()
}

/// The session keeps the groups that matter; the person is stored with all of them.
async fn keeps_what_counts(rig: &Rig, browser: &mut Browser, roles: Value, counted: Value) {
    let page = browser.open("/admin/page").await.json();
    assert_eq!((&page["counted"], &page["roles"]), (&counted, &roles));
    assert_eq!(page["person"]["groups"].as_array().unwrap().len(), 301);
    let whole = "bailiwick_sessions WHERE groups LIKE '%plain-%'";
    assert_eq!(rig.rows(whole).await, 0);
    let known = "bailiwick_people WHERE groups LIKE '%plain-299%'";
    assert_eq!(rig.rows(known).await, 1);
}

#[actix_web::test]
async fn f5_a_session_keeps_only_the_groups_that_count() {
    for by_refresh in [true, false] {
        let rig = Rig::rechecking().await;
        if by_refresh {
            rig.op.set().gives_refresh = true;
        }
        claim_groups(&rig, &many("admins"));
        let mut browser = signed_in(&rig).await;
        let admins = json!(["admins"]);
        keeps_what_counts(&rig, &mut browser, json!(["admin"]), admins).await;
        let signed_in = "bailiwick_audit WHERE details LIKE '%\"groups\":301%'";
        assert_eq!(rig.rows(signed_in).await, 1);
        claim_groups(&rig, &many("viewers"));
        rig.forward(TimeDelta::minutes(5));
        // A refresh keeps the id and the roles it was made with; the next request changes the id.
        let roles = if by_refresh {
            json!(["admin"])
        } else {
            json!([])
        };
        keeps_what_counts(&rig, &mut browser, roles, json!([])).await;
        let changed =
            "bailiwick_audit WHERE action = 'recheck' AND details LIKE '%\"groups\":301%'";
        assert_eq!(rig.rows(changed).await, 1, "{by_refresh}");
    }
}

#[actix_web::test]
async fn f5_other_rules_are_not_what_a_re_check_found() {
    for by_refresh in [true, false] {
        let rig = Rig::rechecking().await;
        rig.op.set().gives_refresh = by_refresh;
        claim_groups(&rig, &["admins".to_owned(), "guests".to_owned()]);
        let mut browser = signed_in(&rig).await;
        let role = |group: &str| RoleConfig {
            groups: vec![GroupRule::is(group)],
            ..RoleConfig::default()
        };
        let roles = ["admins", "guests"].map(|group| (group.to_owned(), role(group)));
        let policy = Policy::new(Arc::new(Catalog::new([])), &BTreeMap::from(roles));
        rig.context.policies.replace(policy.unwrap());
        rig.forward(TimeDelta::minutes(5));
        let page = browser.open("/admin/page").await.json();
        assert_eq!(page["counted"], json!(["admins", "guests"]));
        let found = "bailiwick_audit WHERE action = 'recheck'";
        assert_eq!(rig.rows(found).await, 0, "{by_refresh}");
        claim_groups(&rig, &["guests".to_owned()]);
        rig.forward(TimeDelta::minutes(5));
        browser.open("/admin/page").await;
        assert_eq!(rig.rows(found).await, 1, "{by_refresh}");
    }
}

#[actix_web::test]
async fn f5_what_was_known_before_a_re_check_does_not_come_back_after_it() {
    let rig = Rig::rechecking().await;
    rig.op.set().gives_refresh = true;
    claim_groups(&rig, &many("admins"));
    let mut browser = signed_in(&rig).await;
    let before = kept(&rig).await;
    claim_groups(&rig, &many("viewers"));
    rig.forward(TimeDelta::minutes(5));
    browser.open("/admin/page").await;
    assert!(kept(&rig).await.person.groups.is_empty());
    // The view of a request that read the person before the re-check, and the session after it.
    let work = |conn: &mut crate::store::AnyConnection| {
        let all = "UPDATE bailiwick_people SET groups = '[\"admins\"]'";
        conn.batch_execute(all).map_err(DatabaseError::from)
    };
    rig.database.run(work).await.unwrap();
    let policy = rig.context.policies.current();
    groups::sifted_anew(&rig.database, policy, &before)
        .await
        .unwrap();
    assert!(kept(&rig).await.person.groups.is_empty());
}
