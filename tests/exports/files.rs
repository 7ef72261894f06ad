//! File names, headings of columns, and protection from formulas in spreadsheets.

use super::csv_rows;
use crate::support::TestApp;

#[tokio::test]
async fn typed_values_stay_as_they_are_and_formulas_become_text() {
    let app = TestApp::start().await;
    app.db.execute(
        "UPDATE employees SET phone = '+49 (30) 123-456' WHERE id = 1;
         UPDATE employees SET phone = '-1 days +02:03:00', title = 'a;=1+1' WHERE id = 2;
         UPDATE employees SET phone = '-infinity', title = '=1+1' WHERE id = 3;
         UPDATE employees SET phone = '+A1' WHERE id = 4",
    );
    let alice = app.sign_in("alice").await;
    let text = alice
        .get("/admin/data/employees/export.csv?sort=id")
        .await
        .text();
    let rows = csv_rows(&text);
    let place = |name: &str| rows[0].iter().position(|head| head == name).unwrap();
    let (phone, title) = (place("phone"), place("title"));
    assert_eq!(rows[1][phone], "+49 (30) 123-456");
    assert_eq!(
        (rows[2][phone].as_str(), rows[2][title].as_str()),
        ("-1 days +02:03:00", "a;'=1+1")
    );
    assert_eq!(
        (rows[3][phone].as_str(), rows[3][title].as_str()),
        ("-infinity", "'=1+1")
    );
    assert_eq!(rows[4][phone], "'+A1");
    assert!(
        text.lines()
            .nth(1)
            .unwrap()
            .contains("\"+49 (30) 123-456\""),
        "quoted"
    );
}

#[tokio::test]
async fn a_file_begins_and_is_headed_as_asked() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let get = async |query: &str| {
        let path = format!("/admin/data/orders/export.csv?f.id=eq:1{query}");
        alice.get(&path).await
    };
    assert!(!get("").await.expect(200).body.starts_with(b"\xef\xbb\xbf"));
    let marked = get("&bom=1").await.expect(200);
    assert!(marked.body.starts_with(b"\xef\xbb\xbf"));
    let rows = csv_rows(&get("&header=labels").await.expect(200).text());
    assert_eq!(rows[0][..3], ["ID", "Number", "Customer"]);
    let rows = csv_rows(&get("&header=names").await.expect(200).text());
    assert_eq!(rows[0][..3], ["id", "number", "customer_id"]);
    for wrong in ["&bom=yes", "&header=x"] {
        let text = get(wrong).await.expect(400).text();
        assert!(text.contains("must be"), "{text}");
    }
}

#[tokio::test]
async fn files_are_named_so_that_every_browser_keeps_the_name() {
    let app = TestApp::builder()
        .prepare(|db| {
            db.execute(
                "CREATE TABLE \"gr\u{f6}\u{df}e\" (id INTEGER PRIMARY KEY);
                 INSERT INTO \"gr\u{f6}\u{df}e\" VALUES (1)",
            );
        })
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let answer = alice
        .get("/admin/data/gr%C3%B6%C3%9Fe/export.csv")
        .await
        .expect(200);
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"gr__e.csv\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.csv"
    );
    let answer = alice
        .get("/admin/data/documents/row/1/file/content")
        .await
        .expect(200);
    let named = answer.header("content-disposition").to_owned();
    let (_, extension) = named.trim_end_matches('"').rsplit_once('.').unwrap();
    assert!((2..5).contains(&extension.len()), "{named}");
}
