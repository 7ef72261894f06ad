//! Undoing changes: the database is as before, the log has grown, and only people with the rights
//! can do it.

use crate::support::{Client, TestApp};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

const SEED: u64 = 20_261_127;
const ROUNDS: usize = 20;

/// Every row of the tables that these tests change, each as one text.
pub fn dump(app: &TestApp) -> Vec<Option<String>> {
    let tables = [
        "departments",
        "employees",
        "customers",
        "products",
        "orders",
        "order_items",
        "tags",
        "product_tags",
        "settings",
    ];
    tables
        .iter()
        .flat_map(|table| {
            let sql = if app.db.is_sqlite() {
                let columns = app
                    .db
                    .texts(&format!("SELECT name FROM pragma_table_info('{table}')"));
                let cells: Vec<String> = columns
                    .into_iter()
                    .flatten()
                    .map(|name| format!("typeof(\"{name}\") || quote(\"{name}\")"))
                    .collect();
                format!(
                    "SELECT '{table} ' || {} FROM {table}",
                    cells.join(" || '|' || ")
                )
            } else {
                format!("SELECT '{table} ' || t::text FROM {table} t")
            };
            let mut rows = app.db.texts(&sql);
            rows.sort();
            rows
        })
        .collect()
}

/// The number of the latest change that was not caused by another.
fn latest(app: &TestApp) -> i64 {
    app.db.number(
        "SELECT max(id) FROM bailiwick_audit WHERE action IN ('create', 'update', 'delete', 'bulk')
         AND (details IS NULL OR details NOT LIKE '%\"because_of\"%' AND details NOT LIKE '%\"bulk\":%')",
    )
}

pub fn address(id: i64) -> String {
    format!("/admin/changes/{id}/undo")
}

/// Undoes a change like a script; returns the response.
async fn undo(client: &Client, id: i64) -> Value {
    let told = client.json(&address(id)).await;
    let token = told["confirm"].as_str().unwrap();
    let answer = client.post_json(&address(id), &[("confirm", token)]).await;
    assert_eq!(answer.status, 200, "{told}: {answer:?}");
    answer.json()
}

async fn edit(client: &Client, row: &str, fields: &[(&str, &str)]) {
    let link = format!("/admin/data/{row}/edit");
    let form = client.json(&link).await;
    let digest = form["row_digest"].as_str().unwrap();
    let fields: Vec<_> = [("row_digest", digest)]
        .into_iter()
        .chain(fields.iter().copied())
        .collect();
    client.post_json(&link, &fields).await.expect(200);
}

/// Deletes a row, if it can be deleted.
async fn delete(client: &Client, row: &str) -> bool {
    let link = format!("/admin/data/{row}/delete");
    let form = client.json(&link).await;
    let digest = form["row_digest"].as_str().unwrap();
    let answer = client.post_json(&link, &[("row_digest", digest)]).await;
    answer.status == 200
}

/// Runs a bulk change; returns whether any row was changed.
async fn bulk(client: &Client, resource: &str, fields: &[(&str, &str)]) -> bool {
    let link = format!("/admin/data/{resource}/bulk");
    let told = client.post_json(&link, fields).await.expect(200).json();
    let token = told["confirm"].as_str().unwrap();
    let fields: Vec<_> = fields.iter().copied().chain([("confirm", token)]).collect();
    client.post_json(&link, &fields).await.status == 200
}

#[tokio::test]
async fn do_then_undo_is_the_identity() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let mut random = StdRng::seed_from_u64(SEED);
    let mut done = 0;
    for round in 0..ROUNDS {
        let before = dump(&app);
        let log = app.db.number("SELECT count(*) FROM bailiwick_audit");
        let id = random.gen_range(1..=30);
        let other = random.gen_range(1..=30);
        let text = format!("round {round}");
        let keys = [id.to_string(), (id + 1).to_string(), (id + 7).to_string()];
        let case = format!("round {round}, row {id}");
        let was_done = match round % 10 {
            0 => {
                let other = other.to_string();
                let fields = [
                    ("notes", text.as_str()),
                    ("status", "cancelled"),
                    ("customer_id", &other),
                    ("total", "12.5"),
                ];
                edit(&alice, &format!("orders/row/{id}"), &fields).await;
                true
            }
            1 => {
                let fields = [
                    ("name", text.as_str()),
                    ("credit_limit", "1234.56"),
                    ("notes", ""),
                ];
                edit(&alice, &format!("customers/row/{id}"), &fields).await;
                true
            }
            2 => {
                let fields = [("name", text.as_str()), ("colour", "#123456")];
                let made = alice.post_json("/admin/data/tags/new", &fields).await;
                made.status == 201 || made.status == 200
            }
            // Its items are deleted with it.
            3 | 4 => delete(&alice, &format!("orders/row/{id}")).await,
            // References to it become NULL.
            5 => delete(&alice, &format!("employees/row/{id}")).await,
            6 => delete(&alice, &format!("tags/row/{}", 1 + id % 5)).await,
            7 => {
                let fields = [
                    ("action", "edit"),
                    ("key", &keys[0]),
                    ("key", &keys[1]),
                    ("key", &keys[2]),
                    ("set.status", "draft"),
                    ("null.notes", "1"),
                ];
                bulk(&alice, "orders", &fields).await
            }
            8 => {
                let fields = [
                    ("action", "delete"),
                    ("key", &keys[0]),
                    ("key", &keys[1]),
                    ("key", &keys[2]),
                ];
                bulk(&alice, "orders", &fields).await
            }
            _ => {
                let fields = [("action", "delete"), ("matching", "f.id=le:3")];
                bulk(&alice, "employees", &fields).await
            }
        };
        if !was_done || before == dump(&app) {
            assert_eq!(before, dump(&app), "{case}");
            continue;
        }
        let change = latest(&app);
        let told = undo(&alice, change).await;
        assert_eq!(told["refused"], json!([]), "{case}: {told}");
        let after = dump(&app);
        for (old, new) in before.iter().zip(&after) {
            assert_eq!(old, new, "{case}");
        }
        assert_eq!(before.len(), after.len(), "{case}");
        let grown = app.db.number("SELECT count(*) FROM bailiwick_audit");
        assert!(grown >= log + 3, "{case}");
        // And back again: undoing is a change like any other.
        let again = undo(&alice, told["change"].as_i64().unwrap()).await;
        assert_eq!(again["refused"], json!([]), "{case}: {again}");
        undo(&alice, again["change"].as_i64().unwrap()).await;
        assert!(before == dump(&app), "{case}");
        done += 1;
    }
    assert!(done > ROUNDS / 2, "{done}");
}

#[tokio::test]
async fn the_undo_names_the_change_and_has_one_event_a_row() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    edit(&alice, "orders/row/1", &[("notes", "wrong")]).await;
    let change = latest(&app);
    let told = undo(&alice, change).await;
    let parent = told["change"].as_i64().unwrap();
    let details = app
        .db
        .text(&format!(
            "SELECT details FROM bailiwick_audit WHERE id = {parent} AND action = 'bulk'"
        ))
        .unwrap();
    let details: Value = serde_json::from_str(&details).unwrap();
    assert_eq!(details["deed"], "undo", "{details}");
    assert_eq!(details["undoes"], change, "{details}");
    let part = app.db.number(&format!(
        "SELECT count(*) FROM bailiwick_audit WHERE action = 'update' AND id > {parent}
         AND details LIKE '%\"bulk\":{parent}%'"
    ));
    assert_eq!(part, 1);
}

#[tokio::test]
async fn rows_that_moved_on_are_told_and_stay() {
    let app = TestApp::start().await;
    app.db
        .execute("UPDATE orders SET status = 'draft' WHERE id IN (1, 2, 3)");
    let alice = app.sign_in("alice").await;
    let fields = [
        ("action", "edit"),
        ("key", "1"),
        ("key", "2"),
        ("key", "3"),
        ("set.status", "paid"),
    ];
    assert!(bulk(&alice, "orders", &fields).await);
    let change = latest(&app);
    app.db
        .execute("UPDATE orders SET status = 'shipped' WHERE id = 2");
    let told = alice.json(&address(change)).await;
    assert_eq!(told["count"], 2, "{told}");
    assert_eq!(told["refused"][0]["key"], "2", "{told}");
    let why = told["refused"][0]["why"].as_str().unwrap();
    assert!(why.contains("changed again since"), "{why}");
    let page = alice.page(&address(change)).await;
    assert!(page.text("details.why").contains("changed again since"));
    undo(&alice, change).await;
    assert_eq!(
        app.db
            .texts("SELECT status FROM orders WHERE id IN (1, 2, 3) ORDER BY id"),
        ["draft", "shipped", "draft"].map(|status| Some(status.to_owned()))
    );
    // Nothing is left to undo.
    let told = alice.json(&address(change)).await;
    assert_eq!(told["count"], 0, "{told}");
    let token = told["confirm"].as_str().unwrap();
    let answer = alice
        .post_json(&address(change), &[("confirm", token)])
        .await;
    assert_eq!(answer.status, 409, "{answer:?}");
}

#[tokio::test]
async fn a_row_that_moves_on_after_the_preview_stops_the_undo() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    edit(&alice, "orders/row/1", &[("notes", "wrong")]).await;
    let change = latest(&app);
    let told = alice.json(&address(change)).await;
    app.db
        .execute("UPDATE orders SET notes = 'right' WHERE id = 1");
    let token = told["confirm"].as_str().unwrap();
    let answer = alice
        .post_json(&address(change), &[("confirm", token)])
        .await;
    assert_eq!(answer.status, 409, "{answer:?}");
    let notes = app.db.text("SELECT notes FROM orders WHERE id = 1");
    assert_eq!(notes.as_deref(), Some("right"));
}

#[tokio::test]
async fn a_row_that_others_point_at_by_now_is_not_taken_away() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let fields = [("name", "passing"), ("colour", "#123456")];
    alice.post_json("/admin/data/tags/new", &fields).await;
    let change = latest(&app);
    app.db.execute(
        "INSERT INTO product_tags (product_id, tag_id) SELECT 1, id FROM tags WHERE name = 'passing'",
    );
    let told = alice.json(&address(change)).await;
    assert_eq!(told["count"], 0, "{told}");
    let why = told["refused"][0]["why"].as_str().unwrap();
    assert!(why.contains("Other rows point at it"), "{why}");
}

#[tokio::test]
async fn what_the_log_does_not_hold_is_never_undone_by_half() {
    let app = TestApp::start().await;
    app.db.execute(&format!(
        "UPDATE orders SET notes = '{}', status = 'draft' WHERE id = 1",
        "x".repeat(5_000)
    ));
    let alice = app.sign_in("alice").await;
    edit(
        &alice,
        "orders/row/1",
        &[("notes", "short"), ("status", "paid")],
    )
    .await;
    let told = alice.json(&address(latest(&app))).await;
    assert_eq!(told["count"], 0, "{told}");
    let why = told["refused"][0]["why"].as_str().unwrap();
    assert!(
        why.contains("does not hold the whole old value of Notes"),
        "{why}"
    );
    // The log stores only the size of a file.
    assert!(delete(&alice, "documents/row/1").await);
    let told = alice.json(&address(latest(&app))).await;
    assert_eq!(told["count"], 0, "{told}");
    assert!(!app.audit("bulk").iter().any(|entry| entry.contains("undo")));
}

#[tokio::test]
async fn an_undo_takes_the_right_that_the_change_back_takes() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.sign_in("alice").await, app.sign_in("bob").await);
    let carol = app.sign_in("carol").await;
    // Bob may create tags, but not delete them.
    let fields = [("name", "of bob"), ("colour", "#123456")];
    bob.post_json("/admin/data/tags/new", &fields).await;
    let made = latest(&app);
    let denied = bob.get_json(&address(made)).await.expect(403).json();
    let detail = denied["detail"].as_str().unwrap();
    assert!(detail.contains("delete"), "{detail}");
    // Alice's change of an order: Bob sees it in the history and may edit, Carol may do neither.
    edit(&alice, "orders/row/1", &[("notes", "by alice")]).await;
    let change = latest(&app);
    assert_eq!(bob.json(&address(change)).await["count"], 1);
    carol.get_json(&address(change)).await.expect(404);
    carol.get_json(&address(99_999_999)).await.expect(404);
    carol.get_json(&address(made)).await.expect(404);
    // A customer outside Bob's region counts as missing.
    let foreign = app
        .db
        .number("SELECT min(id) FROM customers WHERE region <> 'emea'");
    edit(
        &alice,
        &format!("customers/row/{foreign}"),
        &[("city", "Elsewhere")],
    )
    .await;
    bob.get_json(&address(latest(&app))).await.expect(404);
    // A row that became visible to him: its state before stays hidden.
    edit(
        &alice,
        &format!("customers/row/{foreign}"),
        &[("region", "emea")],
    )
    .await;
    bob.get_json(&address(latest(&app))).await.expect(404);
    bob.post_bare(&address(change), &[]).await.expect(403);
}

#[tokio::test]
async fn a_person_saves_and_takes_it_back() {
    let app = TestApp::start().await;
    app.db
        .execute("UPDATE orders SET notes = 'as it was' WHERE id = 1");
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/orders/row/1/edit").await;
    let answer = alice.save(&form.set("notes", "oh no")).await;
    let page = alice.follow(answer).await.expect(200).page();
    let link = page.attribute("p.notice a", "href");
    let page = alice.page(&link).await;
    assert!(page.text("ul.figures").contains("1 will be as before"));
    assert!(page.text("ol.trace").contains("as it was"));
    let form = page.form_of("main form");
    let answer = alice.submit(&form).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    let page = alice.follow(answer).await.expect(200).page();
    assert!(page.text("p.notice").contains("Undone."));
    let notes = app.db.text("SELECT notes FROM orders WHERE id = 1");
    assert_eq!(notes.as_deref(), Some("as it was"));
    // A deleted order with its items, undone from the list.
    let before = dump(&app);
    let form = alice.form("/admin/data/orders/row/1/delete").await;
    let answer = alice.save(&form).await;
    let page = alice.follow(answer).await.expect(200).page();
    let link = page.attribute("p.notice a", "href");
    let page = alice.page(&link).await;
    assert!(page.text("main").contains("order items come back, too."));
    let answer = alice.submit(&page.form_of("main form")).await;
    let row = alice.follow(answer).await.expect(200);
    assert_eq!(row.url.path(), "/admin/data/orders/row/1");
    assert!(before == dump(&app));
    // The history and the log link to it too.
    let history = alice.page("/admin/data/orders/row/1/history").await;
    assert!(history.has("ol.trace a[href$='/undo']"));
}
