//! Text from the database is always escaped.

use crate::support::{CANARY, TestApp};

#[tokio::test]
async fn stored_markup_is_escaped_on_every_page() {
    let app = TestApp::start().await;
    let canary = CANARY.replace('\'', "''");
    app.db.execute(&format!(
        "UPDATE customers SET name = '{canary}', city = '{canary}', country = '{canary}', website = '{canary}',
         notes = '{canary}' WHERE id = 1;
         UPDATE customers SET email = '{canary}' WHERE id = 1;
         UPDATE employees SET name = '{canary}', title = '{canary}' WHERE id = 1;
         UPDATE orders SET notes = '{canary}', number = '{canary}', customer_id = 1, employee_id = 1 WHERE id = 1;
         UPDATE settings SET description = '{canary}' WHERE \"key\" = 'mail.from';
         UPDATE documents SET title = '{canary}', media_type = '{canary}', customer_id = 1 WHERE id = 1;
         UPDATE tags SET name = '{canary}' WHERE id = 1"
    ));
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/orders/row/1/edit").await;
    alice
        .save(&form.set("notes", &format!("{CANARY} again")))
        .await;
    let form = alice.form("/admin/data/customers/row/1/edit").await;
    alice
        .save(&form.set("city", &format!("{CANARY} again")))
        .await;
    let mut pages = Vec::new();
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("q", CANARY);
    let search = query.finish();
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("f.name", &format!("eq:{CANARY}"));
    let filter = query.finish();
    for path in [
        "/admin/".to_owned(),
        "/admin/data/audit".to_owned(),
        "/admin/data/orders?f.id=eq:1".to_owned(),
        "/admin/data/orders?f.customer_id=eq:1".to_owned(),
        "/admin/data/orders/row/1".to_owned(),
        "/admin/data/orders/row/1/edit".to_owned(),
        "/admin/data/orders/row/1/history".to_owned(),
        "/admin/data/orders/row/1/delete".to_owned(),
        "/admin/data/customers/row/1".to_owned(),
        "/admin/data/customers/row/1/edit".to_owned(),
        "/admin/data/customers/row/1/history".to_owned(),
        "/admin/data/customers/row/1/delete".to_owned(),
        "/admin/data/employees/row/1".to_owned(),
        "/admin/data/documents/row/1".to_owned(),
        "/admin/data/settings/row/mail.from".to_owned(),
        "/admin/data/tags/row/1/edit".to_owned(),
        format!("/admin/data/customers?{search}"),
        format!("/admin/data/customers?{filter}"),
        format!(
            "/admin/data/orders/new?notes={}",
            search.trim_start_matches("q=")
        ),
    ] {
        let page = alice.page(&path).await;
        assert!(
            page.source.contains("svg onload"),
            "{path} does not show it"
        );
        pages.push((path, page));
    }
    let his = alice.form("/admin/data/orders/row/1/edit").await;
    app.db
        .execute("UPDATE orders SET total = total + 1 WHERE id = 1");
    let conflict = alice.submit(&his.set("notes", CANARY)).await.expect(409);
    pages.push(("the conflict".into(), conflict.page()));
    let wrong = alice.form("/admin/data/orders/row/1/edit").await;
    let wrong = wrong.set("total", CANARY).set("status", CANARY);
    pages.push((
        "the errors".into(),
        alice.submit(&wrong).await.expect(422).page(),
    ));
    for (path, page) in pages {
        assert!(!page.source.contains("<svg onload"), "{path}");
        assert!(!page.has("svg[onload], [onload]"), "{path}");
    }
}

#[tokio::test]
async fn markup_in_a_query_is_escaped() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for query in [
        "f.%3Csvg%20onload=eq:1",
        "%3Csvg%20onload%3E=1",
        "sort=%3Csvg%20onload",
        "size=%3Csvg%20onload%3E",
        "f.id=%3Csvg%20onload%3E:1",
    ] {
        let answer = alice
            .get(&format!("/admin/data/orders?{query}"))
            .await
            .expect(400);
        assert!(!answer.text().contains("<svg onload"), "{query}");
    }
    let answer = app
        .stranger()
        .get("/auth/callback?error=%3Csvg%20onload%3E&error_description=%3Csvg%20onload%3E&state=x")
        .await;
    assert!(!answer.text().contains("<svg onload"));
}

#[tokio::test]
async fn only_web_addresses_become_links() {
    let app = TestApp::start().await;
    app.db.execute(
        "UPDATE customers SET website = 'javascript:alert(1)' WHERE id = 1;
         UPDATE customers SET website = 'https://example.com/x' WHERE id = 2",
    );
    let alice = app.sign_in("alice").await;
    for path in [
        "/admin/data/customers/row/1",
        "/admin/data/customers?f.id=eq:1",
    ] {
        let page = alice.page(path).await;
        assert!(!page.has("a[href^='javascript']"), "{path}");
    }
    let page = alice.page("/admin/data/customers/row/2").await;
    assert_eq!(
        page.attribute("a[href='https://example.com/x']", "rel"),
        "noopener noreferrer"
    );
}

#[tokio::test]
async fn markup_in_names_of_tables_and_columns_is_escaped() {
    let app = TestApp::builder()
        .prepare(|db| {
            db.execute(
                "CREATE TABLE \"a\"\"><svg onload=1>'b\" (id integer PRIMARY KEY, \"<svg onload=2>\" text, \"select\" text);
                 INSERT INTO \"a\"\"><svg onload=1>'b\" VALUES (1, 'x', 'y')",
            );
        })
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let home = alice.page("/admin/").await;
    assert!(!home.source.contains("<svg onload"));
    let links = home.attributes("nav#menu ul a", "href");
    let link = links.iter().find(|link| link.contains("svg")).unwrap();
    for path in [
        "",
        "/new",
        "/row/1",
        "/row/1/edit",
        "/row/1/delete",
        "/row/1/history",
        "/export.csv",
    ] {
        let answer = alice.get(&format!("{link}{path}")).await.expect(200);
        assert!(
            path == "/export.csv" || !answer.text().contains("<svg onload"),
            "{path}"
        );
    }
    let form = alice.form(&format!("{link}/row/1/edit")).await;
    alice
        .save(&form.set("select", "z").set("<svg onload=2>", "w"))
        .await;
}
