//! The meaning of cells: NULL and empty text, labels, guarded formulas, corrected cells.

use super::{counts, errors, import, send};
use crate::support::TestApp;

#[tokio::test]
async fn nothing_and_an_empty_text_are_told_apart() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    app.db
        .execute("UPDATE customers SET notes = 'old', website = 'old' WHERE id IN (1, 2)");
    let file = "id,notes,website\n1,\"\",\n2,,\"\"\n";
    import(&alice, "customers", "format=csv&key=id", file).await;
    let texts = |id| {
        let sql = format!(
            "SELECT COALESCE(notes, 'NULL') || '|' || COALESCE(website, 'NULL') FROM customers WHERE id = {id}"
        );
        app.db.text(&sql).unwrap()
    };
    assert_eq!((texts(1).as_str(), texts(2).as_str()), ("|NULL", "NULL|"));
    let file = r#"[{"id": 1, "notes": null}, {"id": "2", "website": null, "notes": ""}]"#;
    import(&alice, "customers", "format=json&key=id", file).await;
    assert_eq!(
        (texts(1).as_str(), texts(2).as_str()),
        ("NULL|NULL", "|NULL")
    );
}

#[tokio::test]
async fn a_row_is_pointed_at_by_its_key_or_its_name() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    app.db.execute(
        "UPDATE customers SET name = 'Only One' WHERE id = 3;
         UPDATE customers SET name = 'Twice' WHERE id IN (4, 5)",
    );
    let file = "number,customer_id\nIMP-1,3\nIMP-2,Only One\n";
    let told = import(&alice, "orders", "format=csv", file).await;
    assert_eq!(counts(&told), [2, 2, 0, 0], "{told}");
    let sql = "SELECT count(*) FROM orders WHERE number LIKE 'IMP-%' AND customer_id = 3";
    assert_eq!(app.db.number(sql), 2);
    let file = "number,customer_id\nIMP-3,Twice\nIMP-4,Nobody\nIMP-5,99999999\nIMP-6,only one\n";
    let answer = send(&alice, "orders", "format=csv", file).await.expect(422);
    assert_eq!(
        errors(&answer.json()),
        [
            "2 customer_id: Several rows have this name. Give the key instead.",
            "3 customer_id: Choose one of the rows that you may see.",
            "4 customer_id: Choose one of the rows that you may see.",
            "5 customer_id: Choose one of the rows that you may see.",
        ]
    );
    // With labels beside keys, as in exports, and with labels alone.
    let file = "number,customer_id,customer_id.label\nIMP-7,3,whatever\n";
    import(&alice, "orders", "format=csv", file).await;
    let file = "number,customer_id.label\nIMP-8,Only One\n";
    import(&alice, "orders", "format=csv", file).await;
    let sql = "SELECT count(*) FROM orders WHERE number IN ('IMP-7', 'IMP-8') AND customer_id = 3";
    assert_eq!(app.db.number(sql), 2);
}

#[tokio::test]
async fn rows_may_point_at_later_rows_of_the_same_file() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let file = "id,name,email,title,salary,department_id,manager_id,hired_on\n\
                9003,C,c@import,t,1,1,9002,2026-01-01\n\
                9002,B,b@import,t,1,1,9001,2026-01-01\n\
                9001,A,a@import,t,1,1,,2026-01-01\n";
    let told = import(&alice, "employees", "format=csv", file).await;
    assert_eq!(counts(&told), [3, 3, 0, 0], "{told}");
}

#[tokio::test]
async fn errors_are_those_of_the_form_for_the_same_value() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let file = "sku,name,category,description,price,stock,released_on\n\
                Z-1,a,b,c,zero,1.5,tomorrow\n";
    let told = import(&alice, "products", "format=csv&dry_run=1", file).await;
    let fields = [
        ("sku", "Z-1"),
        ("name", "a"),
        ("category", "b"),
        ("description", "c"),
        ("price", "zero"),
        ("stock", "1.5"),
        ("released_on", "tomorrow"),
    ];
    let form = alice.post_json("/admin/data/products/new", &fields).await;
    let form = form.expect(422).json();
    let list = told["errors"].as_array().unwrap();
    assert_eq!(list.len(), 3, "{told}");
    for error in list {
        let column = error["column"].as_str().unwrap();
        assert_eq!(error["message"], form["errors"][column], "{column}");
    }
}

#[tokio::test]
async fn what_is_mended_takes_the_place_of_the_cell() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let file = "name,colour\nmended,#too long a colour\n,#2\n";
    let query = "format=csv&fix.2.colour=%231&fix.3.name=named";
    let told = import(&alice, "tags", query, file).await;
    assert_eq!(counts(&told), [2, 2, 0, 0], "{told}");
    let sql = "SELECT name || colour FROM tags WHERE name IN ('mended', 'named') ORDER BY name";
    let told = app.db.texts(sql);
    assert_eq!(
        told,
        [Some("mended#1".to_owned()), Some("named#2".to_owned())]
    );
}

#[tokio::test]
async fn the_key_of_a_row_stays() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let email = app
        .db
        .text("SELECT email FROM customers WHERE id = 1")
        .unwrap();
    let file = format!("id,email,city\n99999,{email},Elsewhere\n");
    let answer = send(&alice, "customers", "format=csv&key=email", file).await;
    assert_eq!(
        errors(&answer.expect(422).json()),
        ["2 id: The key of a row cannot be changed. Make a new row instead."]
    );
}

#[tokio::test]
async fn numbers_and_dates_may_be_written_in_another_way() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let file = "sku;name;category;description;price;weight_kg;released_on\n\
                Z-1;a;b;c;1.234,50;0,5;01.03.2026\n";
    let query = "format=csv&decimal=comma&dates=dmy";
    import(&alice, "products", query, file).await;
    let told = alice.json("/admin/data/products?f.sku=eq:Z-1").await;
    let row = &told["rows"][0];
    assert_eq!(row["price"], "1234.50", "{told}");
    assert_eq!(row["weight_kg"], 0.5, "{told}");
    assert_eq!(row["released_on"], "2026-03-01", "{told}");
}
