//! Everything listed can be opened: tables with any name, rows with any key.

use crate::support::{Page, TestApp};

const NAMES: [&str; 9] = [
    "a/b", "a%2Fb", ".", "..", "a b?c#d", "~", "new", "\u{fc}", "x~2Fy",
];

#[tokio::test]
async fn tables_of_any_name_are_opened_with_their_rows_and_forms() {
    let app = TestApp::builder()
        .prepare(|db| {
            for name in NAMES {
                db.execute(&format!(
                    "CREATE TABLE \"{name}\" (id INTEGER PRIMARY KEY, name TEXT);
                     INSERT INTO \"{name}\" VALUES (1, 'in {name}')"
                ));
            }
        })
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let menu = alice.page("/admin/").await.attributes("a", "href");
    let mut opened = 0;
    for link in menu.iter().filter(|link| link.starts_with("/admin/data/")) {
        let page = alice.page(link).await;
        if !page.source.contains("in ") || !page.has("table.rows") {
            continue;
        }
        let Some(name) = page.column_if_there("Name") else {
            continue;
        };
        if !name.starts_with("in ") {
            continue;
        }
        opened += 1;
        let row = page.attribute("table.rows tbody a", "href");
        let edit = alice.form(&format!("{row}/edit")).await;
        alice.save(&edit.set("name", "changed")).await;
        assert!(
            alice.page(&row).await.text("main").contains("changed"),
            "{row}"
        );
        alice.json(&format!("{link}?f.id=eq:1")).await;
        alice.get(&format!("{link}/export.csv")).await.expect(200);
    }
    assert!(opened >= NAMES.len(), "{opened} of {menu:?}");
}

impl Page {
    /// The first cell of a column, if the list has it.
    fn column_if_there(&self, label: &str) -> Option<String> {
        let heads = self.texts("table.rows thead th");
        heads.iter().any(|head| head == label).then_some(())?;
        self.column(label).into_iter().next()
    }
}

#[tokio::test]
async fn rows_of_any_key_are_opened_from_their_list() {
    let app = TestApp::builder()
        .prepare(|db| {
            db.execute(if db.is_sqlite() { "CREATE TABLE k_text (k TEXT PRIMARY KEY, said TEXT);
                     INSERT INTO k_text VALUES (NULL, 'a'), ('', 'b'), ('.', 'c'), ('~null', 'd'), ('a,b/%2F', 'e');
                     CREATE TABLE k_real (k REAL PRIMARY KEY, said TEXT);
                     INSERT INTO k_real VALUES (9e999, 'a'), (-9e999, 'b'), (0.1, 'c'), (NULL, 'd');
                     CREATE TABLE k_int (k INT PRIMARY KEY, said TEXT) ;
                     INSERT INTO k_int VALUES ('many', 'a'), (1, 'b'), (2.5, 'c');
                     CREATE TABLE k_time (k DATETIME PRIMARY KEY, said TEXT);
                     INSERT INTO k_time VALUES ('2026-01-01T10:00', 'a'), ('2026-01-01 10:00:00', 'b'), ('soon', 'c'), (17, 'd');
                     CREATE TABLE k_day (k DATE PRIMARY KEY, said TEXT);
                     INSERT INTO k_day VALUES ('2024-2-9', 'a'), ('2024-02-09', 'b');
                     CREATE TABLE k_any (k PRIMARY KEY, said TEXT);
                     INSERT INTO k_any VALUES (5, 'a'), ('x', 'b'), (2.5, 'c');" } else { "CREATE TABLE k_float (k float8 PRIMARY KEY, said TEXT);
                     INSERT INTO k_float VALUES ('NaN', 'a'), ('Infinity', 'b'), ('-Infinity', 'c'), (0.1, 'd');
                     CREATE TABLE k_real (k real PRIMARY KEY, said TEXT);
                     INSERT INTO k_real VALUES ('NaN', 'a'), ('Infinity', 'b'), (0.1, 'c');
                     CREATE TABLE k_numeric (k numeric PRIMARY KEY, said TEXT);
                     INSERT INTO k_numeric VALUES ('NaN', 'a'), (1.50, 'b'), ('-0.000', 'c');
                     CREATE TABLE k_date (k date PRIMARY KEY, said TEXT);
                     INSERT INTO k_date VALUES ('infinity', 'a'), ('-infinity', 'b'), ('0044-03-15 BC', 'c'), ('10000-01-01', 'd');
                     CREATE TABLE k_stamp (k timestamptz PRIMARY KEY, said TEXT);
                     INSERT INTO k_stamp VALUES ('infinity', 'a'), ('0044-03-15 10:00:00.123456 BC', 'b'), ('2026-01-01 10:00:00.123456+02', 'c');
                     CREATE TABLE k_text (k text PRIMARY KEY, said TEXT);
                     INSERT INTO k_text VALUES ('', 'b'), ('..', 'c'), ('~null', 'd'), ('a,b/%2F', 'e');
                     CREATE TABLE k_inet (k inet PRIMARY KEY, said TEXT);
                     INSERT INTO k_inet VALUES ('10.0.0.1', 'a'), ('10.0.0.0/8', 'b');" });
        })
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let tables: &[&str] = if app.db.is_sqlite() {
        &["k_text", "k_real", "k_int", "k_time", "k_day", "k_any"]
    } else {
        &[
            "k_float",
            "k_real",
            "k_numeric",
            "k_date",
            "k_stamp",
            "k_text",
            "k_inet",
        ]
    };
    for table in tables {
        let list = alice.page(&format!("/admin/data/{table}")).await;
        let notes = list.column("Said");
        assert!(notes.len() > 1, "{table}");
        for (row, note) in notes.iter().enumerate() {
            let selector = format!("table.rows tbody tr:nth-child({}) a", row + 1);
            let href = list.attribute(&selector, "href");
            let page = alice.page(&href).await;
            assert_eq!(page.fact("Said").as_deref(), Some(note.as_str()), "{href}");
        }
    }
    for (table, key) in [("orders", "abc"), ("orders", "1,2"), ("settings", "~null")] {
        let answer = alice.get(&format!("/admin/data/{table}/row/{key}")).await;
        assert_eq!(answer.status, 404, "{table} {key}: {answer:?}");
    }
}

#[tokio::test]
async fn a_slash_too_many_leads_on() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for (path, wanted) in [
        ("/admin/data/orders/", "/admin/data/orders"),
        (
            "/admin/data/orders/?sort=-total&f.status=eq:paid",
            "/admin/data/orders?sort=-total&f.status=eq:paid",
        ),
        ("/admin/data/orders/row/1/", "/admin/data/orders/row/1"),
        (
            "/admin/data/orders/row/1/edit/",
            "/admin/data/orders/row/1/edit",
        ),
        ("/admin/me/", "/admin/me"),
    ] {
        let answer = alice.get(path).await.expect(308);
        assert_eq!(answer.location().as_deref(), Some(wanted));
        alice.get(wanted).await.expect(200);
    }
    alice.get("/admin/nowhere").await.expect(404);
}
