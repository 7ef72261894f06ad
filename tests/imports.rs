//! Imports: formats, keys, rights, and that everything is written or nothing.

mod hostile;
mod identity;
mod pages;
mod rights;
mod values;

use crate::support::{Answer, Client, TestApp};
use crate::undo::{address, dump};
use reqwest::Method;
use reqwest::header::ACCEPT;
use serde_json::{Value, json};

/// Sends a file like a script: as the body, with parameters in the address.
async fn send(client: &Client, table: &str, query: &str, body: impl Into<Vec<u8>>) -> Answer {
    let link = format!("/admin/data/{table}/import?{query}");
    let request = client
        .request(Method::POST, &link)
        .header(ACCEPT, "application/json")
        .header("content-type", "text/csv")
        .header("x-csrf-token", client.csrf().await)
        .body(body.into());
    client.send(request).await
}

/// The result of a successful import.
async fn import(client: &Client, table: &str, query: &str, body: impl Into<Vec<u8>>) -> Value {
    send(client, table, query, body).await.expect(200).json()
}

/// The numbers of rows: total, created, changed, unchanged.
fn counts(told: &Value) -> [i64; 4] {
    ["rows", "create", "update", "unchanged"].map(|name| told[name].as_i64().unwrap())
}

/// The errors as `line column: message`.
fn errors(told: &Value) -> Vec<String> {
    let errors = told["errors"].as_array().unwrap().iter();
    let text = |error: &Value, name: &str| error[name].as_str().unwrap_or("-").to_owned();
    let told = errors.map(|error| {
        let (column, message) = (text(error, "column"), text(error, "message"));
        format!("{} {column}: {message}", error["line"])
    });
    told.collect()
}

const TAGS: &str = "name,colour\nimported one,#111111\nimported two,#222222\n";

#[tokio::test]
async fn a_dry_run_says_what_would_be_and_does_nothing() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let before = dump(&app);
    let told = import(&alice, "tags", "format=csv&dry_run=1", TAGS).await;
    assert_eq!(counts(&told), [2, 2, 0, 0], "{told}");
    assert_eq!(told["errors"], json!([]));
    assert_eq!(dump(&app), before);
    assert!(app.audit("bulk").is_empty() && app.audit("create").is_empty());
}

#[tokio::test]
async fn rows_are_made_with_one_event_each_under_one_of_the_import() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let told = import(&alice, "tags", "format=csv", TAGS).await;
    assert_eq!(counts(&told), [2, 2, 0, 0], "{told}");
    let change = told["change"].as_i64().unwrap();
    let sql = format!("SELECT details FROM bailiwick_audit WHERE id = {change}");
    assert_eq!(app.db.text(&sql).unwrap(), r#"{"deed":"import","rows":2}"#);
    let sql = format!(
        "SELECT count(*) FROM bailiwick_audit
         WHERE action = 'create' AND resource = 'tags' AND details LIKE '%\"bulk\":{change}}}%'"
    );
    assert_eq!(app.db.number(&sql), 2);
    let sql = "SELECT count(*) FROM tags WHERE name LIKE 'imported %'";
    assert_eq!(app.db.number(sql), 2);
}

#[tokio::test]
async fn by_a_key_rows_are_made_changed_or_left_as_they_are() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let known = app.db.texts("SELECT name FROM tags ORDER BY id LIMIT 2");
    let [Some(one), Some(two)] = known.as_slice() else {
        panic!("{known:?}")
    };
    app.db.execute(&format!(
        "UPDATE tags SET colour = '#000001' WHERE name IN ('{one}', '{two}')"
    ));
    let file = format!("name,colour\n{one},#000001\n{two},#000002\nimported,#000003\n");
    let told = import(&alice, "tags", "format=csv&key=name&dry_run=1", &*file).await;
    assert_eq!(counts(&told), [3, 1, 1, 1], "{told}");
    let only = import(
        &alice,
        "tags",
        "format=csv&key=name&mode=update&dry_run=1",
        &*file,
    )
    .await;
    assert_eq!(counts(&only), [3, 0, 1, 1], "{only}");
    assert_eq!(
        errors(&only),
        ["4 name: There is no row with this value that you may change."]
    );
    let only = import(
        &alice,
        "tags",
        "format=csv&key=name&mode=create&dry_run=1",
        &*file,
    )
    .await;
    assert_eq!(counts(&only), [3, 1, 0, 0], "{only}");
    assert_eq!(
        errors(&only),
        [
            "2 name: This value is already taken.",
            "3 name: This value is already taken."
        ]
    );
    let told = import(&alice, "tags", "format=csv&key=name", &*file).await;
    assert_eq!(counts(&told), [3, 1, 1, 1], "{told}");
    // The same import again has nothing to do, and records nothing.
    let events = app.audit("bulk").len();
    let told = import(&alice, "tags", "format=csv&key=name", &*file).await;
    assert_eq!(counts(&told), [3, 0, 0, 3], "{told}");
    assert_eq!(told["change"], Value::Null);
    assert_eq!(app.audit("bulk").len(), events);
}

#[tokio::test]
async fn a_key_may_have_several_columns() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let order = app.db.number("SELECT min(order_id) FROM order_items");
    let line = app.db.number(&format!(
        "SELECT min(line_no) FROM order_items WHERE order_id = {order}"
    ));
    let file = format!(
        "order_id,line_no,product_id,quantity,unit_price\n{order},{line},1,77,1\n{order},990,1,78,1\n"
    );
    let query = "format=csv&key=line_no,order_id";
    let told = import(&alice, "order_items", query, file).await;
    assert_eq!(counts(&told), [2, 1, 1, 0], "{told}");
    let sql = format!(
        "SELECT count(*) FROM order_items WHERE order_id = {order} AND quantity IN (77, 78)"
    );
    assert_eq!(app.db.number(&sql), 2);
}

#[tokio::test]
async fn one_wrong_row_stops_all_unless_only_the_good_ones_are_asked_for() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let before = dump(&app);
    let file = format!("{TAGS}{},#333333\n", "x".repeat(3));
    let file = format!("{file},#444444\nimported two,#5\nlong colour,#6666666666\n");
    let answer = send(&alice, "tags", "format=csv", &*file).await.expect(422);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let wanted = [
        "5 name: This field needs a value.",
        "6 name: This value is already taken.",
        "7 colour: At most 7 characters fit here.",
    ];
    assert_eq!(errors(&answer.json()), wanted);
    assert_eq!(dump(&app), before);
    assert!(app.audit("create").is_empty() && app.audit("bulk").is_empty());
    let told = import(&alice, "tags", "format=csv&partial=1", &*file).await;
    assert_eq!(counts(&told), [6, 3, 0, 0], "{told}");
    assert_eq!(errors(&told), wanted);
    assert_eq!(app.audit("create").len(), 3);
}

#[tokio::test]
async fn two_lines_about_one_row_are_an_error_of_the_second() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let file = "name,colour\nnew,#1\nnew,#2\n";
    let answer = send(&alice, "tags", "format=csv&key=name", file)
        .await
        .expect(422);
    assert_eq!(
        errors(&answer.json()),
        ["3 -: Line 2 is about this row already. Keep one of the two."]
    );
}

#[tokio::test]
async fn every_format_says_the_same() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    for (query, file) in [
        (
            "format=csv",
            "sku,name,category,description,price,weight_kg,released_on\nZ-1,\"A, b\",c,\"\",12.5,,2026-01-02\n",
        ),
        (
            "format=csv",
            "sku;name;category;description;price;weight_kg;released_on\r\nZ-1;A, b;c;\"\";12.50;;2026-01-02\r\n",
        ),
        (
            "format=tsv",
            "sku\tname\tcategory\tdescription\tprice\tweight_kg\treleased_on\nZ-1\tA, b\tc\t\"\"\t12.5\t\t2026-01-02\n",
        ),
        (
            "format=csv&separator=pipe",
            "sku|name|category|description|price|weight_kg|released_on\nZ-1|A, b|c|\"\"|12.5||2026-01-02\n",
        ),
        (
            "format=json",
            r#"[{"sku":"Z-1","name":"A, b","category":"c","description":"","price":12.50,"weight_kg":null,"released_on":"2026-01-02"}]"#,
        ),
        (
            "format=jsonl",
            "\n{\"sku\":\"Z-1\",\"name\":\"A, b\",\"category\":\"c\",\"description\":\"\",\"price\":\"12.5\",\"released_on\":\"2026-01-02\"}\n",
        ),
    ] {
        let told = import(&alice, "products", query, file).await;
        assert_eq!(counts(&told), [1, 1, 0, 0], "{query}: {told}");
        let sql = "SELECT name || category || description || '|' || CAST(price * 100 AS integer) || COALESCE(CAST(weight_kg AS TEXT), '-') FROM products WHERE sku = 'Z-1'";
        assert_eq!(app.db.text(sql).as_deref(), Some("A, bc|1250-"), "{query}");
        app.db.execute("DELETE FROM products WHERE sku = 'Z-1'");
    }
}

#[tokio::test]
async fn a_file_is_taken_as_a_part_of_a_form_too() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let body = format!(
        "--b\r\ncontent-disposition: form-data; name=\"csrf_token\"\r\n\r\n{}\r\n--b\r\n\
         content-disposition: form-data; name=\"file\"; filename=\"tags.csv\"\r\n\r\n{TAGS}\r\n--b--\r\n",
        alice.csrf().await
    );
    let request = alice
        .request(Method::POST, "/admin/data/tags/import?dry_run=1")
        .header(ACCEPT, "application/json")
        .header("content-type", "multipart/form-data; boundary=b")
        .body(body);
    let told = alice.send(request).await.expect(200).json();
    assert_eq!(counts(&told), [2, 2, 0, 0], "{told}");
}

#[tokio::test]
async fn columns_go_where_they_are_sent() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let file = "Title,COLOUR,junk\nmapped,#7,1\n";
    let told = import(&alice, "tags", "format=csv&dry_run=1", file).await;
    let told = errors(&told);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].starts_with("1 Title: There is no such column here."));
    assert!(told[1].starts_with("1 junk: There is no such column here."));
    let query = "format=csv&map.Title=name&map.junk=";
    let told = import(&alice, "tags", query, file).await;
    assert_eq!(counts(&told), [1, 1, 0, 0], "{told}");
    for (query, part) in [
        (
            "format=csv&map.Title=nothing",
            "no column \u{201c}nothing\u{201d}",
        ),
        ("format=csv&map.nothing=name", "map.nothing"),
        ("format=csv&frmat=1", "frmat"),
        ("format=ods", "format"),
        ("format=csv&dry_run=yes", "dry_run"),
        ("format=csv&key=colour", "key"),
        ("format=csv&key=nothing", "nothing"),
        ("format=csv&mode=update", "key=COLUMN"),
        ("format=csv&mode=all", "mode"),
        ("format=csv&encoding=ebcdic", "encoding"),
    ] {
        let answer = send(&alice, "tags", query, file).await.expect(400);
        assert!(answer.text().contains(part), "{query}: {answer:?}");
    }
    let answer = send(&alice, "tags", "format=csv", "").await.expect(400);
    assert!(answer.text().contains("Send a file"), "{answer:?}");
}

#[tokio::test]
async fn an_import_is_undone_as_one_change() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let known = app
        .db
        .text("SELECT name FROM tags ORDER BY id LIMIT 1")
        .unwrap();
    let before = dump(&app);
    let file = format!("{TAGS}{known},#999999\n");
    let told = import(&alice, "tags", "format=csv&key=name", file).await;
    assert_eq!(counts(&told), [3, 2, 1, 0], "{told}");
    let undo = address(told["change"].as_i64().unwrap());
    let preview = alice.json(&undo).await;
    let token = preview["confirm"].as_str().unwrap();
    alice
        .post_json(&undo, &[("confirm", token)])
        .await
        .expect(200);
    assert_eq!(dump(&app), before);
}

#[tokio::test]
async fn the_token_of_a_dry_run_is_of_the_rows_as_they_were() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let known = app
        .db
        .text("SELECT name FROM tags ORDER BY id LIMIT 1")
        .unwrap();
    let file = format!("name,colour\n{known},#123\n");
    let told = import(&alice, "tags", "format=csv&key=name&dry_run=1", &*file).await;
    let token = told["confirm"].as_str().unwrap();
    app.db.execute("UPDATE tags SET colour = '#moved'");
    let query = format!("format=csv&key=name&confirm={token}");
    send(&alice, "tags", &query, &*file).await.expect(409);
    assert_eq!(
        app.db
            .number("SELECT count(*) FROM tags WHERE colour = '#123'"),
        0
    );
}

#[tokio::test]
async fn a_row_takes_a_few_statements() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let rows = |colour: &str| -> String {
        let rows = (0..100).map(|number| format!("many {number},{colour}\n"));
        format!("name,colour\n{}", rows.collect::<String>())
    };
    let query = "format=csv&key=name";
    let (told, made) = app
        .statements(import(&alice, "tags", query, rows("#1")))
        .await;
    assert_eq!(counts(&told), [100, 100, 0, 0], "{told}");
    let (told, changed) = app
        .statements(import(&alice, "tags", query, rows("#2")))
        .await;
    assert_eq!(counts(&told), [100, 0, 100, 0], "{told}");
    assert!(made.len() <= 100 * 8 + 20, "{}", made.len());
    assert!(changed.len() <= 100 * 12 + 20, "{}", changed.len());
}
