//! A view gives nobody a right: not to columns or rows, and not to the values of its filters.

use super::{keys, saved};
use crate::support::TestApp;
use bailiwick::demo::provider::{Person, demo_people};

const STAFF: &str = "/admin/data/employees";

/// Two people with the same role, one of whom sees more by another role.
fn roles() -> &'static str {
    r#"
[roles.admin]
groups = ["admins"]
manage = ["roles", "sessions"]
[[roles.admin.grants]]
on = ["*"]
may = ["view"]
[roles.staff]
label = "Staff"
groups = ["staff"]
[[roles.staff.grants]]
on = ["employees"]
may = ["view", "export"]
hide = ["salary"]
rows = ["active=eq:true"]
[roles.pay]
groups = ["pay"]
[[roles.pay.grants]]
on = ["employees"]
may = ["view"]
"#
}

async fn app() -> TestApp {
    let mut people = demo_people();
    for (name, groups) in [("pat", &["staff", "pay"][..]), ("sam", &["staff"])] {
        let mut person = Person::new(name, name, &format!("{name}@example.com"));
        person.groups = groups.iter().map(|group| (*group).to_owned()).collect();
        people.push(person);
    }
    TestApp::builder()
        .roles(roles())
        .people(people)
        .start()
        .await
}

#[tokio::test]
async fn what_its_reader_may_not_see_is_left_out_and_said() {
    let app = app().await;
    let (pat, sam) = (app.sign_in("pat").await, app.sign_in("sam").await);
    let query = "q=a&sort=-salary,name&columns=name,salary&f.salary=gt:41234&f.name=notnull:";
    let fields = [("name", "Dear"), ("query", query), ("role", "staff")];
    let id = saved(&pat, STAFF, &fields).await;
    let view = format!("{STAFF}?view={id}");
    let page = pat.page(&view).await;
    assert!(!page.has(".notice"), "{}", page.text("main"));
    assert_eq!(page.count(".chips .chip"), 2);
    let page = sam.page(&view).await;
    let told = page.text(".notice");
    assert!(
        told.starts_with("3 parts of this view are left out"),
        "{told}"
    );
    assert_eq!(page.texts("table.rows thead th a"), ["Name"]);
    // Neither the column nor the value in its filter is revealed.
    for secret in ["salary", "Salary", "41234"] {
        assert!(!page.source.contains(secret), "{secret}");
        for link in [format!("{STAFF}/views"), view.clone()] {
            let json = sam.get_json(&link).await.expect(200);
            assert!(!json.text().contains(secret), "{secret}: {}", json.text());
        }
    }
    let list = sam.json(&format!("{view}&size=500")).await;
    assert_eq!(list["view"]["left_out"], 3);
    // A digest could be used to guess the values.
    let digest = |views: serde_json::Value| views["views"][0]["digest"].clone();
    let all = format!("{STAFF}/views");
    assert!(digest(sam.json(&all).await).is_null());
    assert!(digest(pat.json(&all).await).is_string());
    // Its rows are those of the reader's own list, in its order.
    let own = format!("{STAFF}?q=a&sort=name&f.name=notnull:&size=500");
    let all = format!("{view}&size=500&columns=");
    assert_eq!(keys(&sam, &all).await, keys(&sam, &own).await);
    let file = sam
        .get(&format!("{STAFF}/export.csv?view={id}"))
        .await
        .expect(200);
    assert_eq!(file.text().lines().next(), Some("name"));
}

#[tokio::test]
async fn a_view_is_not_exported_without_a_filter_that_the_export_may_not_use() {
    let roles = r#"
[roles.admin]
groups = ["admins"]
[[roles.admin.grants]]
on = ["employees"]
may = ["view"]
[[roles.admin.grants]]
on = ["employees"]
may = ["export"]
hide = ["salary"]
"#;
    let app = TestApp::builder().roles(roles).start().await;
    let alice = app.sign_in("alice").await;
    let export = |id: i64| format!("{STAFF}/export.csv?view={id}");
    let fields = [("name", "Well paid"), ("query", "f.salary=gt:41234")];
    let id = saved(&alice, STAFF, &fields).await;
    let told = alice.get(&export(id)).await.expect(400);
    assert!(
        told.text().contains("take those filters out"),
        "{}",
        told.text()
    );
    let fields = [
        ("name", "Active"),
        ("query", "f.active=eq:true&columns=name,salary"),
    ];
    let id = saved(&alice, STAFF, &fields).await;
    let file = alice.get(&export(id)).await.expect(200);
    assert_eq!(file.text().lines().next(), Some("name"));
}

#[tokio::test]
async fn a_view_is_seen_by_its_owner_and_the_role_alone() {
    let app = app().await;
    let (pat, sam) = (app.sign_in("pat").await, app.sign_in("sam").await);
    let own = saved(&pat, STAFF, &[("name", "Mine"), ("query", "sort=name")]).await;
    let fields = [("name", "Ours"), ("query", "sort=-name"), ("role", "staff")];
    let shared = saved(&pat, STAFF, &fields).await;
    let alice = app.sign_in("alice").await;
    for (client, id, status) in [
        (&pat, own, 200),
        (&pat, shared, 200),
        (&sam, shared, 200),
        (&sam, own, 404),
        (&alice, own, 404),
        (&alice, shared, 404),
    ] {
        client
            .get(&format!("{STAFF}?view={id}"))
            .await
            .expect(status);
        client
            .get_json(&format!("{STAFF}/count?view={id}"))
            .await
            .expect(status);
    }
    // The view belongs to that list, and to no other.
    alice.get("/admin/data/orders?view=1").await.expect(404);
    // Others can neither change nor delete it. People who manage roles can, and it stays shared.
    let one = |id: i64| format!("{STAFF}/views/{id}");
    for fields in [&[("name", "Stolen")][..], &[("then", "delete")]] {
        sam.post_json(&one(shared), fields).await.expect(403);
        sam.post_json(&one(own), fields).await.expect(404);
        alice.post_json(&one(own), fields).await.expect(404);
    }
    alice
        .post_json(&one(shared), &[("role", "")])
        .await
        .expect(400);
    alice
        .post_json(&one(shared), &[("name", "All of us")])
        .await
        .expect(200);
    alice
        .post_json(&one(shared), &[("then", "delete")])
        .await
        .expect(200);
    // A view cannot be shared with a role that the person does not have.
    let fields = [("name", "X"), ("query", ""), ("role", "admin")];
    pat.post_json(&format!("{STAFF}/views"), &fields)
        .await
        .expect(400);
}

#[tokio::test]
async fn who_looks_as_somebody_else_saves_nothing() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    alice
        .post_form("/admin/look", &[("role", "viewer")])
        .await
        .expect(303);
    let fields = [("name", "X"), ("query", "")];
    alice
        .post_json("/admin/data/orders/views", &fields)
        .await
        .expect(403);
    let views = alice.json("/admin/data/orders/views").await;
    assert_eq!(views["views"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn a_view_with_parts_left_out_is_not_offered_to_be_saved_over() {
    let app = app().await;
    let pat = app.sign_in("pat").await;
    let fields = [
        ("name", "Dear"),
        ("query", "f.salary=gt:41234&f.name=notnull:"),
    ];
    let id = saved(&pat, STAFF, &fields).await;
    let link = format!("{STAFF}?view={id}&size=25");
    let over = format!("form[action='{STAFF}/views/{id}']");
    assert!(pat.page(&link).await.has(&over));
    app.set_groups("pat", &["staff"]);
    let pat = app.sign_in("pat").await;
    let page = pat.page(&link).await;
    assert!(
        page.text(".notice")
            .starts_with("One part of this view is left out")
    );
    assert!(!page.has(&over));
    assert!(page.has(&format!("form[action='{STAFF}/views']")));
}
