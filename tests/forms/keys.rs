//! Multi-column keys, unusual keys, and files.

use crate::support::TestApp;

#[tokio::test]
async fn a_key_of_two_columns_leads_to_its_row() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let page = alice
        .page("/admin/data/order_items?f.order_id=eq:1&sort=line_no")
        .await;
    let row = page.attribute("table.rows tbody tr", "data-href");
    assert_eq!(row, "/admin/data/order_items/row/1,1");
    let form = alice.form(&format!("{row}/edit")).await;
    alice.save(&form.set("quantity", "17")).await;
    let sql = "SELECT quantity FROM order_items WHERE order_id = 1 AND line_no = 1";
    assert_eq!(app.db.number(sql), 17);
    let form = alice.form("/admin/data/order_items/new").await;
    let form = form
        .set("order_id", "1")
        .set("line_no", "77")
        .set("product_id", "2")
        .set("quantity", "1")
        .set("unit_price", "2.50");
    let answer = alice.save(&form).await;
    assert_eq!(
        answer.header("location"),
        "/admin/data/order_items/row/1,77?done=created"
    );
    alice.follow(answer).await.expect(200);
    let twice = alice.submit(&form).await;
    assert_eq!(twice.status, 422, "{twice:?}");
    for path in ["1", "1,1,1", "1,x", ",", "1,"] {
        alice
            .get(&format!("/admin/data/order_items/row/{path}"))
            .await
            .expect(404);
    }
}

#[tokio::test]
async fn odd_keys_lead_to_their_rows() {
    let app = TestApp::start().await;
    let odd = [
        "discount 10%, spring/summer",
        "a/b",
        "50%25",
        "ünï 漢",
        "a?b#c",
        "a+b c",
        "..",
        ".",
        "\"><svg onload=1>",
        "'; DROP TABLE settings; --",
        "a\\b",
        "new",
        "a&b=c",
    ];
    for key in odd {
        let key = key.replace('\'', "''");
        app.db.execute(&format!(
            "INSERT INTO settings (\"key\", value) SELECT '{key}', '1'
             WHERE NOT EXISTS (SELECT 1 FROM settings WHERE \"key\" = '{key}')"
        ));
    }
    let alice = app.sign_in("alice").await;
    for key in odd {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("f.key", &format!("eq:{key}"));
        let list = format!("/admin/data/settings?{}", query.finish());
        let page = alice.page(&list).await;
        let row = page.attribute("table.rows tbody tr", "data-href");
        let page = alice.page(&row).await;
        assert_eq!(page.fact("Key").as_deref(), Some(key), "{row}");
        let form = alice.form(&format!("{row}/edit")).await;
        let answer = alice
            .save(&form.set("description", &format!("About {key}")))
            .await;
        let page = alice.follow(answer).await.expect(200).page();
        assert_eq!(page.fact("Description"), Some(format!("About {key}")));
        alice.page(&format!("{row}/history")).await;
        alice.page(&format!("{row}/delete")).await;
    }
}

#[tokio::test]
async fn a_key_of_no_letters_leads_to_its_row() {
    let app = TestApp::start().await;
    app.db
        .execute("INSERT INTO settings (\"key\", value) VALUES ('', '1')");
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/settings?f.key=eq:").await;
    let row = page.attribute("table.rows tbody tr", "data-href");
    let page = alice.page(&row).await;
    assert_eq!(page.fact("Value").as_deref(), Some("1"), "{row}");
    alice.page(&format!("{row}/edit")).await;
}

#[tokio::test]
async fn a_file_is_uploaded_and_given_back_as_an_attachment() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let content: Vec<u8> = (0..=255).cycle().take(3_000).collect();
    let form = alice.form("/admin/data/documents/row/1/edit").await;
    assert!(form.is_multipart);
    let form = form.choose("content", "../../evil.svg", &content);
    alice.save(&form).await;
    let size = if app.db.is_sqlite() {
        "SELECT length(content) FROM documents WHERE id = 1"
    } else {
        "SELECT octet_length(content) FROM documents WHERE id = 1"
    };
    assert_eq!(app.db.number(size), 3_000);
    let page = alice.page("/admin/data/documents/row/1").await;
    let link = page.attribute("a[download]", "href");
    let answer = alice.get(&link).await.expect(200);
    assert_eq!(answer.body, content);
    assert!(
        answer
            .header("content-disposition")
            .starts_with("attachment")
    );
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let unchanged = alice.form("/admin/data/documents/row/1/edit").await;
    let answer = alice.save(&unchanged.set("title", "Renamed")).await;
    assert!(answer.header("location").ends_with("done=saved"));
    assert_eq!(app.db.number(size), 3_000);
}

#[tokio::test]
async fn a_new_file_is_uploaded() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/documents/new").await;
    let form = form
        .set("title", "Plan")
        .set("media_type", "text/plain")
        .set("size", "5")
        .choose("content", "plan.txt", b"hello");
    let answer = alice.save(&form).await;
    let page = alice.follow(answer).await.expect(200).page();
    let link = page.attribute("a[download]", "href");
    assert_eq!(alice.get(&link).await.body, b"hello");
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/documents/row/1/edit").await;
    let large = vec![0; 17 * 1024 * 1024];
    let answer = alice.submit(&form.choose("content", "x", &large)).await;
    assert_eq!(answer.status, 413, "{answer:?}");
}
