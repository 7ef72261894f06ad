//! Views that several people change at the same time.

use super::{ORDERS, saved};
use crate::support::{Answer, TestApp};
use futures_util::future::join;

const ROUNDS: usize = 8;

#[tokio::test]
async fn of_two_changes_at_once_none_is_lost() {
    let app = TestApp::start().await;
    let (first, second) = (app.sign_in("alice").await, app.sign_in("alice").await);
    let id = saved(&first, ORDERS, &[("name", "A"), ("query", "sort=-id")]).await;
    let view = format!("{ORDERS}/views/{id}");
    for round in 0..ROUNDS {
        let name = format!("Round {round}");
        let query = format!("size={}&sort=id", 10 + round);
        let (names, queries) = ([("name", &*name)], [("query", &*query)]);
        let (one, other) = join(
            first.post_json(&view, &names),
            second.post_json(&view, &queries),
        )
        .await;
        // A request that was too late several times gets 503, and nothing of it is stored.
        let is_told = |answer: &Answer| answer.status == 503;
        let views = first.json(&format!("{ORDERS}/views")).await;
        let kept = &views["views"][0];
        assert!(is_told(&one) || kept["name"] == *name, "{kept}");
        let kept_query = kept["query"].as_str().unwrap();
        let has_size = kept_query.contains(&format!("size={}", 10 + round));
        assert!(is_told(&other) || has_size, "{kept}");
        for answer in [one, other] {
            assert!([200, 503].contains(&answer.status), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn a_view_that_is_gone_meanwhile_is_missing() {
    let app = TestApp::start().await;
    let (first, second) = (app.sign_in("alice").await, app.sign_in("alice").await);
    for round in 0..ROUNDS {
        let name = format!("Round {round}");
        let id = saved(&first, ORDERS, &[("name", &name), ("query", "sort=-id")]).await;
        let view = format!("{ORDERS}/views/{id}");
        let (changed, deleted) = join(
            first.post_json(&view, &[("query", "sort=id")]),
            second.post_json(&view, &[("then", "delete")]),
        )
        .await;
        assert!([200, 404].contains(&changed.status), "{changed:?}");
        assert_eq!(deleted.status, 200, "{deleted:?}");
    }
}

#[tokio::test]
async fn a_view_that_somebody_changed_is_not_overwritten_unseen() {
    let app = TestApp::start().await;
    let (first, second) = (app.sign_in("alice").await, app.sign_in("alice").await);
    let id = saved(&first, ORDERS, &[("name", "A"), ("query", "sort=-id")]).await;
    let (action, all) = (format!("{ORDERS}/views/{id}"), format!("{ORDERS}/views"));
    let link = format!("{ORDERS}?view={id}&size=25");
    let page = first.page(&link).await;
    let over = page.form_of(&format!("form[action='{action}']"));
    let page = first.page(&all).await;
    let rename = page.form_of(&format!("main li form:has(#name-{id})"));
    let delete = page.form_of("main li form:has(button[value=delete])");
    let digest = first.json(&all).await["views"][0]["digest"].clone();
    let digest = digest.as_str().unwrap();
    second
        .post_json(
            &action,
            &[("query", "sort=number"), ("view_digest", digest)],
        )
        .await
        .expect(200);
    for form in [over, rename.set("name", "B"), delete.add("then", "delete")] {
        let answer = first.submit(&form).await.expect(409);
        let told = answer.page().text("main");
        assert!(
            told.contains("A") && told.contains("save it under a new name"),
            "{told}"
        );
    }
    first
        .post_json(&action, &[("name", "B"), ("view_digest", digest)])
        .await
        .expect(409);
    let views = first.json(&all).await;
    assert_eq!(views["views"][0]["name"], "A");
    assert_eq!(views["views"][0]["query"], "sort=number");
    // After its page was opened again, the view can be overwritten.
    let page = first.page(&link).await;
    first
        .save(&page.form_of(&format!("form[action='{action}']")))
        .await;
    let views = first.json(&all).await;
    assert_eq!(views["views"][0]["query"], "sort=number&size=25");
}
