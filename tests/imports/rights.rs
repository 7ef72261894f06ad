//! An import can do what its person can do row by row, and needs the right to import.

use super::{counts, errors, import, send};
use crate::support::TestApp;
use serde_json::json;

const ROLES: &str = r#"
[roles.admin]
groups = ["admins"]
manage = ["roles", "sessions"]
[[roles.admin.grants]]
on = ["*"]
may = ["view", "create", "edit", "delete", "export", "import", "history"]
[roles.editor]
groups = ["editors"]
[[roles.editor.grants]]
on = ["customers"]
may = ["view", "create", "edit", "import"]
rows = ["region=eq:{claim.region}"]
hide = ["notes"]
read_only = ["credit_limit"]
[[roles.editor.grants]]
on = ["orders"]
may = ["view", "create", "edit", "import"]
[[roles.editor.grants]]
on = ["products"]
may = ["view", "create", "edit"]
[[roles.editor.grants]]
on = ["products"]
may = ["import"]
rows = ["category=eq:Imported"]
read_only = ["stock"]
[[roles.editor.grants]]
on = ["tags"]
may = ["view", "edit", "import"]
[[roles.editor.grants]]
on = ["settings"]
may = ["view", "import"]
"#;

async fn app() -> TestApp {
    TestApp::builder().roles(ROLES).start().await
}

const NEW: &str = "name,email,region,city,country\n";

#[tokio::test]
async fn without_the_right_nothing_is_imported() {
    let app = TestApp::start().await;
    let bob = app.sign_in("bob").await;
    let answer = send(&bob, "tags", "format=csv", "name\nx\n")
        .await
        .expect(403);
    assert!(answer.text().contains("import"), "{answer:?}");
    let app = self::app().await;
    let bob = app.sign_in("bob").await;
    // An import also needs the right to create or to edit.
    let answer = send(&bob, "settings", "format=csv", "key\nx\n")
        .await
        .expect(403);
    assert!(answer.text().contains("create"), "{answer:?}");
    let answer = send(&bob, "tags", "format=csv", "name\nx\n")
        .await
        .expect(403);
    assert!(answer.text().contains("create"), "{answer:?}");
    // With a key, existing rows can be changed; a new row is an error of its line.
    let known = app
        .db
        .text("SELECT name FROM tags ORDER BY id LIMIT 1")
        .unwrap();
    let file = format!("name,colour\n{known},#1\nunknown,#2\n");
    let told = import(&bob, "tags", "format=csv&key=name&partial=1", file).await;
    assert_eq!(counts(&told), [2, 0, 1, 0], "{told}");
    assert_eq!(
        errors(&told),
        ["3 name: There is no row with this value that you may change."]
    );
}

#[tokio::test]
async fn rows_out_of_reach_are_neither_changed_nor_made_nor_told_of() {
    let app = app().await;
    let bob = app.sign_in("bob").await;
    app.db.execute(
        "UPDATE customers SET region = 'apac', email = 'away@x' WHERE id = 1;
         UPDATE customers SET region = 'emea', email = 'here@x' WHERE id = 2",
    );
    // An invisible row, given by its key, counts as missing.
    let file = |id: i64| format!("id,city\n{id},Elsewhere\n");
    let query = "format=csv&key=id&mode=update";
    let away = send(&bob, "customers", query, file(1)).await.expect(422);
    let nowhere = send(&bob, "customers", query, file(77_777_777))
        .await
        .expect(422);
    assert_eq!(away.json()["errors"], nowhere.json()["errors"]);
    // The same by a unique value, with the message of the form for a new row.
    let row = ("name", "n");
    let fields = [
        row,
        ("email", "away@x"),
        ("region", "emea"),
        ("city", "c"),
        ("country", "d"),
    ];
    let form = bob
        .post_json("/admin/data/customers/new", &fields)
        .await
        .expect(422);
    let file = format!("{NEW}n,away@x,emea,c,d\n");
    let answer = send(&bob, "customers", "format=csv&key=email", file)
        .await
        .expect(422);
    assert_eq!(
        answer.json()["errors"],
        json!([{"line": 2, "column": "email", "message": form.json()["errors"]["email"]}])
    );
    // A row can be neither created nor moved out of reach.
    let file = format!("{NEW}n,new@x,apac,c,d\nn,here@x,apac,c,d\n");
    let answer = send(&bob, "customers", "format=csv&key=email", file)
        .await
        .expect(422);
    let outside = "With these values the row would be outside of what your roles cover.";
    assert_eq!(
        errors(&answer.json()),
        [format!("2 -: {outside}"), format!("3 -: {outside}")]
    );
    let sql = "SELECT count(*) FROM customers WHERE city IN ('Elsewhere', 'c')";
    assert_eq!(app.db.number(sql), 0);
}

#[tokio::test]
async fn hidden_columns_are_not_there_and_read_only_ones_stay() {
    let app = app().await;
    let bob = app.sign_in("bob").await;
    app.db
        .execute("UPDATE customers SET region = 'emea', credit_limit = 5 WHERE id = 2");
    let query = "format=csv&key=id&dry_run=1";
    let hidden = import(&bob, "customers", query, "id,notes\n2,x\n").await;
    let nothing = import(&bob, "customers", query, "id,nothing\n2,x\n").await;
    let told = nothing["errors"].to_string().replace("nothing", "notes");
    assert_eq!(hidden["errors"].to_string(), told);
    let query = "format=csv&key=id";
    send(
        &bob,
        "customers",
        &format!("{query}&map.x=notes"),
        "id,x\n2,x\n",
    )
    .await
    .expect(400);
    send(
        &bob,
        "customers",
        &format!("{query}&fix.2.notes=x"),
        "id,city\n2,x\n",
    )
    .await
    .expect(400);
    let answer = send(&bob, "customers", query, "id,credit_limit\n2,6\n")
        .await
        .expect(422);
    assert_eq!(
        errors(&answer.json()),
        ["2 credit_limit: Your roles do not let you change Credit limit in this row."]
    );
    // An unchanged value is allowed in the file.
    let told = import(
        &bob,
        "customers",
        query,
        "id,credit_limit,city\n2,5.00,Here\n",
    )
    .await;
    assert_eq!(counts(&told), [1, 0, 1, 0], "{told}");
}

#[tokio::test]
async fn the_grant_of_import_bounds_rows_and_columns_by_itself() {
    let app = app().await;
    let bob = app.sign_in("bob").await;
    app.db.execute("UPDATE products SET category = 'Imported', stock = 1 WHERE id = 1; UPDATE products SET category = 'Other' WHERE id = 2");
    let query = "format=csv&key=id&mode=update";
    let answer = send(&bob, "products", query, "id,name\n1,a\n2,b\n")
        .await
        .expect(422);
    assert_eq!(
        errors(&answer.json()),
        ["3 id: There is no row with this value that you may change."]
    );
    let answer = send(&bob, "products", query, "id,stock\n1,2\n")
        .await
        .expect(422);
    assert_eq!(
        errors(&answer.json()),
        ["2 stock: Your roles do not let you change Stock in this row."]
    );
    let told = import(&bob, "products", query, "id,name\n1,a\n").await;
    assert_eq!(counts(&told), [1, 0, 1, 0], "{told}");
}

#[tokio::test]
async fn names_lead_only_to_rows_within_reach() {
    let app = app().await;
    let bob = app.sign_in("bob").await;
    app.db.execute(
        "UPDATE customers SET region = 'apac', name = 'Away' WHERE id = 1;
         UPDATE customers SET region = 'apac', name = 'Both' WHERE id = 3;
         UPDATE customers SET region = 'emea', name = 'Both' WHERE id = 4",
    );
    let file = "number,customer_id\nIMP-1,Away\nIMP-2,1\nIMP-3,Nobody\n";
    let answer = send(&bob, "orders", "format=csv", file).await.expect(422);
    let told = "customer_id: Choose one of the rows that you may see.";
    assert_eq!(
        errors(&answer.json()),
        [
            format!("2 {told}"),
            format!("3 {told}"),
            format!("4 {told}")
        ]
    );
    // Only one of the two rows with that label is visible.
    let told = import(
        &bob,
        "orders",
        "format=csv",
        "number,customer_id\nIMP-4,Both\n",
    )
    .await;
    assert_eq!(counts(&told), [1, 1, 0, 0], "{told}");
    let sql = "SELECT customer_id FROM orders WHERE number = 'IMP-4'";
    assert_eq!(app.db.number(sql), 4);
}
