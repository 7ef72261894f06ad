//! The view that a list starts with.

use super::{ORDERS, saved};
use crate::support::TestApp;
use bailiwick::demo::provider::{Person, demo_people};

#[tokio::test]
async fn a_list_begins_with_the_view_that_its_reader_chose() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let fields = [
        ("name", "Paid"),
        ("query", "f.status=eq:paid"),
        ("first", "1"),
    ];
    let id = saved(&alice, ORDERS, &fields).await;
    let view = format!("{ORDERS}?view={id}");
    let begun = alice.get(ORDERS).await.expect(302);
    assert_eq!(begun.location().unwrap(), view);
    let told = alice.get(&format!("{ORDERS}?done=saved")).await.expect(302);
    assert_eq!(told.location().unwrap(), format!("{view}&done=saved"));
    // All links lead onwards, and none back to the starting view.
    let page = alice.page(&view).await;
    let all = page.attribute(".viewline .tabs li:first-child a", "href");
    assert_eq!(all, format!("{ORDERS}?view=all"));
    assert_eq!(page.attribute(".bar > a", "href"), all);
    let page = alice.page(&all).await;
    assert_eq!(page.text(".viewline .tabs a[aria-current]"), "All");
    assert!(!page.has(".chips"));
    let filtered = alice.page(&format!("{ORDERS}?f.status=eq:draft")).await;
    assert_eq!(filtered.attribute(".chips a", "href"), all);
    // A script gets what it requests.
    let list = alice.json(&format!("{ORDERS}?size=1")).await;
    assert!(list.get("view").is_none());
    let count = alice.json(&format!("{ORDERS}/count")).await;
    assert!(count["count"]["value"].as_i64().unwrap() > 0);
    // Nothing changes for other people.
    app.sign_in("bob").await.get(ORDERS).await.expect(200);
    // Resetting it.
    let page = alice.page(&format!("{ORDERS}/views")).await;
    let form = page.form_of("form:has(#start-me)");
    assert_eq!(form.get("view"), Some(&*id.to_string()));
    alice.save(&form.set("view", "usual")).await;
    alice.get(ORDERS).await.expect(200);
    assert_eq!(app.audit("list-set-up").len(), 2);
}

#[tokio::test]
async fn a_view_that_goes_takes_the_beginning_with_it() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let fields = [
        ("name", "Paid"),
        ("query", "f.status=eq:paid"),
        ("first", "1"),
    ];
    let id = saved(&alice, ORDERS, &fields).await;
    alice.get(ORDERS).await.expect(302);
    let one = format!("{ORDERS}/views/{id}");
    alice
        .post_json(&one, &[("then", "delete")])
        .await
        .expect(200);
    alice.get(ORDERS).await.expect(200);
}

#[tokio::test]
async fn a_list_begins_for_a_role_as_who_manages_roles_says() {
    let mut people = demo_people();
    let mut eve = Person::new("eve", "Eve Young", "eve@example.com");
    eve.groups = vec!["editors".to_owned()];
    people.push(eve);
    let app = TestApp::builder().people(people).start().await;
    let bob = app.sign_in("bob").await;
    let fields = [
        ("name", "Paid"),
        ("query", "f.status=eq:paid"),
        ("role", "editor"),
    ];
    let id = saved(&bob, ORDERS, &fields).await;
    let view = format!("{ORDERS}?view={id}");
    let (link, id) = (format!("{ORDERS}/views/start"), id.to_string());
    let for_role = [("view", id.as_str()), ("role", "editor")];
    // Not people who merely have the role.
    bob.post_json(&link, &for_role).await.expect(403);
    bob.get(ORDERS).await.expect(200);
    // Alice sees it on the page where she manages it, without having the role.
    let alice = app.sign_in("alice").await;
    let page = alice.page(&format!("{ORDERS}/views")).await;
    let form = page.form_of("form:has(input[name=role][value=editor])");
    alice.save(&form.set("view", &id)).await;
    let eve = app.sign_in("eve").await;
    for editor in [&bob, &eve] {
        let begun = editor.get(ORDERS).await.expect(302);
        assert_eq!(begun.location().unwrap(), view);
    }
    alice.get(ORDERS).await.expect(200);
    app.sign_in("carol").await.get(ORDERS).await.expect(200);
    // A person's own choice takes precedence over that of a role.
    eve.post_json(&link, &[("view", "all")]).await.expect(200);
    eve.get(ORDERS).await.expect(200);
    // A missing view cannot be chosen, nor one of another role.
    for wrong in [
        [("view", "99999"), ("role", "editor")],
        [("view", &*id), ("role", "viewer")],
    ] {
        let status = alice.post_json(&link, &wrong).await.status;
        assert!(matches!(status, 400 | 404), "{wrong:?}: {status}");
    }
    // Once it is not shared, nobody else starts with it.
    let one = format!("{ORDERS}/views/{id}");
    bob.post_json(&one, &[("role", "")]).await.expect(200);
    bob.get(ORDERS).await.expect(200);
    eve.get(&view).await.expect(404);
}
