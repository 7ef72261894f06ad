//! Multi-column foreign keys: a pick list in forms, labels and links elsewhere.

use crate::support::TestApp;

const SCHEMA: &str = "
    CREATE TABLE shelves (room VARCHAR(20) NOT NULL, number INTEGER NOT NULL, label VARCHAR(40) NOT NULL,
        code VARCHAR(10) NOT NULL, PRIMARY KEY (room, number), UNIQUE (room, code));
    CREATE TABLE boxes (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, room VARCHAR(20), shelf_number INTEGER,
        FOREIGN KEY (room, shelf_number) REFERENCES shelves (room, number));
    CREATE TABLE coded (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, room VARCHAR(20) NOT NULL,
        shelf_code VARCHAR(10) NOT NULL, FOREIGN KEY (room, shelf_code) REFERENCES shelves (room, code));
    INSERT INTO shelves VALUES ('a,b', 1, 'By the door', 'x y'), ('a,b', 2, 'Under the roof', 'z'),
        ('cellar', 1, 'In the corner', 'z');
    INSERT INTO boxes VALUES (1, 'Screws', 'a,b', 1), (2, 'Nails', NULL, NULL);
    INSERT INTO coded VALUES (1, 'Tape', 'cellar', 'z');";

const ROLES: &str = r#"
[roles.admin]
groups = ["admins"]
[[roles.admin.grants]]
on = ["*"]
may = ["view", "create", "edit", "delete", "history"]

[roles.editor]
groups = ["editors"]
[[roles.editor.grants]]
on = ["boxes"]
may = ["view", "edit"]
[[roles.editor.grants]]
on = ["shelves"]
may = ["view"]
rows = ["room=eq:cellar"]
"#;

async fn panel() -> TestApp {
    TestApp::builder()
        .prepare(|db| db.execute(SCHEMA))
        .roles(ROLES)
        .start()
        .await
}

fn shelf(app: &TestApp, table: &str, id: i64) -> Option<String> {
    let second = match table {
        "boxes" => "shelf_number",
        _ => "shelf_code",
    };
    app.db.text(&format!(
        "SELECT room || '/' || {second} FROM {table} WHERE id = {id}"
    ))
}

#[tokio::test]
async fn the_row_is_named_and_linked_in_lists_and_on_its_page() {
    let app = panel().await;
    let alice = app.sign_in("alice").await;
    let list = alice.page("/admin/data/boxes").await;
    assert!(
        list.column("Shelf number")
            .contains(&"By the door".to_owned())
    );
    let hrefs = list.attributes("table.rows tbody a", "href");
    let href = hrefs.iter().find(|href| href.contains("/shelves/row/"));
    let href = href.unwrap_or_else(|| panic!("{hrefs:?}")).clone();
    assert_eq!(alice.page(&href).await.text("h1"), "By the door");
    let page = alice.page("/admin/data/boxes/row/1").await;
    assert_eq!(page.fact("Shelf number").as_deref(), Some("By the door"));
    assert!(page.has(&format!("dl.facts a[href='{href}']")));
    // A unique constraint that is not the key.
    let page = alice.page("/admin/data/coded/row/1").await;
    assert_eq!(page.fact("Shelf code").as_deref(), Some("In the corner"));
    // People who may not see the row see the stored values.
    let bob = app.sign_in("bob").await;
    let page = bob.page("/admin/data/boxes/row/1").await;
    assert_eq!(page.fact("Shelf number").as_deref(), Some("1"));
}

#[tokio::test]
async fn a_row_is_chosen_from_a_list_that_sets_all_columns() {
    let app = panel().await;
    let alice = app.sign_in("alice").await;
    let edit = "/admin/data/boxes/row/1/edit";
    let page = alice.page(edit).await;
    let form = page.form();
    let stored = form.get("row.shelf_number").unwrap().to_owned();
    assert!(!stored.is_empty());
    // An untouched list changes nothing, and the typed columns count.
    let answer = alice.save(&form).await;
    assert!(answer.header("location").ends_with("?done=unchanged"));
    alice.save(&form.set("shelf_number", "2")).await;
    assert_eq!(shelf(&app, "boxes", 1).as_deref(), Some("a,b/2"));
    let found = alice
        .json("/admin/data/shelves/lookup?q=corner&column=room&column=number")
        .await;
    assert_eq!(found["items"][0]["label"], "In the corner");
    let key = found["items"][0]["key"].as_str().unwrap();
    let form = alice.form(edit).await.set("row.shelf_number", key);
    alice.save(&form).await;
    assert_eq!(shelf(&app, "boxes", 1).as_deref(), Some("cellar/1"));
    // Without scripts: a search, then a choice among its results.
    let form = alice.form("/admin/data/boxes/row/2/edit").await;
    let search = form
        .add("find.row.shelf_number", "roof")
        .add("pick", "row.shelf_number");
    let page = alice.submit(&search).await.expect(200).page();
    let keys = page.attributes("select[name='row.shelf_number'] option", "value");
    let roof = keys.iter().find(|key| !key.is_empty()).unwrap();
    alice.save(&page.form().set("row.shelf_number", roof)).await;
    assert_eq!(shelf(&app, "boxes", 2).as_deref(), Some("a,b/2"));
    // A new row, by a unique constraint.
    let found = alice
        .json("/admin/data/shelves/lookup?q=door&column=room&column=code")
        .await;
    let key = found["items"][0]["key"].as_str().unwrap();
    let form = alice.form("/admin/data/coded/new").await;
    let form = form.set("name", "Glue");
    let form = match form.get("id") {
        Some(_) => form.set("id", "7"),
        None => form,
    };
    alice.save(&form.set("row.shelf_code", key)).await;
    let made = "SELECT room || '/' || shelf_code FROM coded WHERE name = 'Glue'";
    assert_eq!(app.db.text(made).as_deref(), Some("a,b/x y"));
}

#[tokio::test]
async fn a_row_out_of_sight_stays_and_is_not_offered() {
    let app = panel().await;
    let bob = app.sign_in("bob").await;
    let edit = "/admin/data/boxes/row/1/edit";
    let answer = bob.get(edit).await.expect(200);
    assert!(!answer.text().contains("By the door"));
    let form = answer.page().form();
    let saved = bob.save(&form.clone().set("name", "Bolts")).await;
    assert!(saved.header("location").ends_with("?done=saved"));
    assert_eq!(shelf(&app, "boxes", 1).as_deref(), Some("a,b/1"));
    let answer = bob.submit(&form.set("row.shelf_number", "a%2Cb,2")).await;
    assert!(matches!(answer.status, 409 | 422), "{answer:?}");
    let form = bob.form(edit).await.set("row.shelf_number", "a%2Cb,2");
    bob.submit(&form).await.expect(422);
    assert_eq!(shelf(&app, "boxes", 1).as_deref(), Some("a,b/1"));
    let form = bob.form(edit).await.set("row.shelf_number", "cellar,1");
    bob.save(&form).await;
    assert_eq!(shelf(&app, "boxes", 1).as_deref(), Some("cellar/1"));
}

#[tokio::test]
async fn a_row_between_two_others_is_named_by_both() {
    let schema = "
        CREATE TABLE likes (id INTEGER PRIMARY KEY, product_id INTEGER NOT NULL REFERENCES products (id),
            tag_id INTEGER NOT NULL REFERENCES tags (id), created_at TIMESTAMP);
        INSERT INTO likes (id, product_id, tag_id) VALUES (171, 1, 2)";
    let app = TestApp::builder()
        .prepare(|db| db.execute(schema))
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let product = app
        .db
        .text("SELECT name FROM products WHERE id = 1")
        .unwrap();
    let tag = app.db.text("SELECT name FROM tags WHERE id = 2").unwrap();
    let name = format!("{product} / {tag}");
    let page = alice.page("/admin/data/likes/row/171").await;
    assert_eq!(page.text("h1"), name);
    let page = alice.page("/admin/data/likes/row/171/edit").await;
    assert_eq!(page.text("h1"), name);
    let json = alice.json("/admin/data/likes/row/171").await;
    assert_eq!(json["label"], "1 / 2");
}
