//! The global search: it finds what lists find, and nothing more.

use crate::routes::RESOURCES;
use crate::support::{Client, TestApp};
use bailiwick::demo::provider::demo_people;
use serde_json::Value;
use std::collections::BTreeMap;

async fn search(client: &Client, q: &str) -> Value {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("q", q);
    client
        .json(&format!("/admin/search?{}", query.finish()))
        .await
}

fn groups(found: &Value) -> Vec<Value> {
    found["groups"].as_array().unwrap().clone()
}

fn labels(found: &Value, kind: &str) -> Vec<String> {
    let groups = groups(found)
        .into_iter()
        .filter(|group| group["kind"] == kind);
    let items = groups.flat_map(|group| group["items"].as_array().unwrap().clone());
    items
        .map(|item| item["label"].as_str().unwrap().to_owned())
        .collect()
}

/// The addresses of the found rows, by resource.
fn rows(found: &Value) -> BTreeMap<String, Vec<String>> {
    let groups = groups(found)
        .into_iter()
        .filter(|group| group["kind"] == "rows");
    groups
        .map(|group| {
            let items = group["items"].as_array().unwrap().clone();
            let links = items
                .iter()
                .map(|item| item["href"].as_str().unwrap().to_owned());
            (
                group["resource"].as_str().unwrap().to_owned(),
                links.collect(),
            )
        })
        .collect()
}

#[tokio::test]
async fn rows_tables_views_and_new_rows_are_found() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let view = [("name", "Open orders"), ("query", "f.status=eq:pending")];
    alice
        .post_json("/admin/data/orders/views", &view)
        .await
        .expect(201);
    let found = search(&alice, "order").await;
    assert_eq!(labels(&found, "resources"), ["Order items", "Orders"]);
    assert_eq!(labels(&found, "views"), ["Open orders"]);
    assert_eq!(labels(&found, "actions"), ["New order", "New order item"]);
    assert_eq!(found["left_out"].as_array().unwrap().len(), 0);
    let number = app
        .db
        .text("SELECT number FROM orders WHERE id = 3")
        .unwrap();
    let found = search(&alice, &number).await;
    assert_eq!(rows(&found)["orders"], ["/admin/data/orders/row/3"]);
    assert!(labels(&found, "rows").contains(&number));
    // The page shows the same, and links to all of them.
    let page = alice.page("/admin/search?q=a").await;
    let all = page.attributes(".spread a", "href");
    assert!(
        all.contains(&"/admin/data/customers?view=all&q=a".to_owned()),
        "{all:?}"
    );
    let told = page.texts(".spread a");
    assert!(
        told.iter().any(|text| text.contains("in Customers")),
        "{told:?}"
    );
    for link in page.attributes("main .found a", "href").iter().take(12) {
        alice.get(link).await.expect(200);
    }
    // Every page links to it.
    let home = alice.page("/admin/").await;
    assert_eq!(home.attribute("header.top a.jump", "href"), "/admin/search");
    let empty = alice.page("/admin/search").await;
    assert!(empty.has("main form[role=search] input[name=q]"));
    let nothing = alice.page("/admin/search?q=zzqqxx").await;
    assert!(
        nothing
            .text("main [role=status]")
            .starts_with("Nothing that you may see")
    );
}

#[tokio::test]
async fn it_finds_the_rows_that_each_list_finds() {
    let app = TestApp::start().await;
    let words = [
        "a", "e", "SO-1", "Jim", "emea", "1", "7", "\"a b\"", "^S", "=draft", "%", "_", "' OR 1=1",
        "{{q}}",
    ];
    for person in ["alice", "bob", "carol"] {
        let client = app.sign_in(person).await;
        for word in words {
            let found = rows(&search(&client, word).await);
            for resource in RESOURCES {
                let mut query = url::form_urlencoded::Serializer::new(String::new());
                query.append_pair("q", word).append_pair("size", "5");
                let link = format!("/admin/data/{resource}?{}", query.finish());
                let page = client.get(&link).await;
                let listed = match page.status {
                    200 => page.page().attributes("table.rows tbody tr", "data-href"),
                    _ => Vec::new(),
                };
                let Some(found) = found.get(resource) else {
                    // Without searchable columns, a list matches only the key.
                    let is_searched = page.status == 200 && page.page().has(".find");
                    assert!(
                        listed.is_empty() || !is_searched,
                        "{person} {word} {resource}: {listed:?}"
                    );
                    continue;
                };
                if resource == "monthly_sales" || resource == "audit" {
                    continue;
                }
                assert_eq!(*found, listed, "{person} {word} {resource}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_kept_from_a_person_is_not_found_by_it() {
    const CANARY: &str = "canary-7731";
    let roles = r#"
[roles.admin]
groups = ["admins"]
[[roles.admin.grants]]
on = ["*"]
may = ["view"]
[roles.editor]
groups = ["editors"]
[[roles.editor.grants]]
on = ["customers"]
may = ["view"]
hide = ["notes"]
rows = ["region=eq:{claim.region}"]
[[roles.editor.grants]]
on = ["orders"]
may = ["view"]
"#;
    let app = TestApp::builder()
        .roles(roles)
        .people(demo_people())
        .settings("[resources.orders]\nsearch = [\"number\", \"customer_id.notes\", \"customer_id.name\"]")
        .prepare(|db| {
            db.execute(&format!(
                "UPDATE customers SET notes = '{CANARY}', name = 'Far ' || id WHERE region <> 'emea';
                 UPDATE customers SET notes = '{CANARY}' WHERE region = 'emea'"
            ));
        })
        .start()
        .await;
    let (alice, bob) = (app.sign_in("alice").await, app.sign_in("bob").await);
    let hers = rows(&search(&alice, CANARY).await);
    assert!(
        hers.contains_key("customers") && hers.contains_key("orders"),
        "{hers:?}"
    );
    // A hidden column, also through a foreign key.
    assert!(rows(&search(&bob, CANARY).await).is_empty());
    // Invisible rows, and rows that reference them.
    assert!(!rows(&search(&alice, "Far").await).is_empty());
    let found = search(&bob, "Far").await;
    assert!(rows(&found).is_empty(), "{found}");
    // Tables and actions without a right.
    assert!(groups(&search(&bob, "employee").await).is_empty());
    assert!(labels(&search(&bob, "new").await, "actions").is_empty());
}

#[tokio::test]
async fn a_view_of_a_list_that_is_out_of_reach_is_not_found() {
    let app = TestApp::builder().own_provider().start().await;
    let alice = app.sign_in("alice").await;
    let view = [("name", "Well paid"), ("query", "f.salary=gt:90000")];
    alice
        .post_json("/admin/data/employees/views", &view)
        .await
        .expect(201);
    assert_eq!(
        labels(&search(&alice, "paid").await, "views"),
        ["Well paid"]
    );
    let bob = app.sign_in("bob").await;
    assert!(labels(&search(&bob, "well paid").await, "views").is_empty());
    app.set_groups("alice", &["viewers"]);
    let alice = app.sign_in("alice").await;
    assert!(labels(&search(&alice, "well paid").await, "views").is_empty());
}

#[tokio::test]
async fn a_slow_table_is_left_out_and_said() {
    let app = TestApp::builder()
        .prepare(|db| {
            let slow = if db.is_sqlite() {
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000)
                         SELECT i AS id, 'word ' || i AS name FROM n"
            } else {
                "SELECT i AS id, 'word ' || i AS name FROM generate_series(1, 9000000) AS i"
            };
            db.execute(&format!("CREATE VIEW slow_things AS {slow}"));
        })
        .settings("[resources.slow_things]\nsearch = [\"name\"]")
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let began = std::time::Instant::now();
    let found = search(&alice, "zzqqxx").await;
    assert!(began.elapsed().as_secs() < 8, "{:?}", began.elapsed());
    assert_eq!(found["left_out"], serde_json::json!(["Slow things"]));
    let page = alice.page("/admin/search?q=zzqqxx").await;
    assert!(
        page.text("main").contains("it took too long: Slow things"),
        "{}",
        page.text("main")
    );
    // The connection is as before: a list has the normal timeout.
    alice.get("/admin/data/orders?q=zzqqxx").await.expect(200);
}

#[tokio::test]
async fn what_is_asked_is_bounded_and_escaped() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let long = "x".repeat(501);
    alice
        .get(&format!("/admin/search?q={long}"))
        .await
        .expect(400);
    alice.get("/admin/search?p=1").await.expect(400);
    let page = alice
        .page("/admin/search?q=%3Cscript%3Ealert(1)%3C/script%3E")
        .await;
    assert!(!page.has("main script"));
    let input = page.attribute("main input[name=q]", "value");
    assert_eq!(input, "<script>alert(1)</script>");
}

#[tokio::test]
async fn without_words_nothing_is_found() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    for q in ["\"", "\"\"", " \" "] {
        let found = search(&alice, q).await;
        assert!(rows(&found).is_empty(), "{q}: {found}");
    }
}
