//! A saved form writes exactly what was changed in it.

use crate::support::{Form, TestApp};

const ROWS: [(&str, &str); 8] = [
    ("orders", "1"),
    ("customers", "1"),
    ("products", "1"),
    ("employees", "5"),
    ("order_items", "1,1"),
    ("settings", "mail.from"),
    ("documents", "1"),
    ("departments", "1"),
];

fn changes(app: &TestApp) -> serde_json::Value {
    let sql =
        "SELECT changes FROM bailiwick_audit WHERE action = 'update' ORDER BY id DESC LIMIT 1";
    serde_json::from_str(&app.db.text(sql).unwrap()).unwrap()
}

#[tokio::test]
async fn a_form_sent_as_it_is_changes_nothing() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    for (resource, key) in ROWS {
        let path = format!("/admin/data/{resource}/row/{key}/edit");
        let form = alice.form(&path).await;
        let (answer, statements) = app.statements(alice.submit(&form)).await;
        assert_eq!(answer.status, 303, "{path}: {answer:?}");
        assert!(
            answer.header("location").ends_with("?done=unchanged"),
            "{answer:?}"
        );
        let wrote = statements.iter().find(|sql| sql.starts_with("UPDATE"));
        assert_eq!(wrote, None);
        let page = alice.follow(answer).await.page();
        assert!(page.has("p.notice"), "{path}");
    }
    assert!(app.audit("update").is_empty());
}

#[tokio::test]
async fn a_form_sent_as_it_is_keeps_odd_values() {
    let app = TestApp::start().await;
    app.db.execute(
        "UPDATE orders SET notes = 'a\r\nb\n\n c ', placed_at = '2024-05-06 07:08:09.123456',
         total = 10.10 WHERE id = 1;
         UPDATE customers SET notes = '\nfirst line is empty', website = '', created_at = '2024-05-06 07:08:09.5'
         WHERE id = 1;
         UPDATE settings SET value = '{\"b\": 1.50, \"a\": [1,  2]}', runs_at = '04:05:06' WHERE \"key\" = 'mail.from'",
    );
    let alice = app.sign_in("alice").await;
    for (resource, key) in ROWS {
        let path = format!("/admin/data/{resource}/row/{key}/edit");
        let (answer, statements) = app
            .statements(async { alice.submit(&alice.form(&path).await).await })
            .await;
        assert_eq!(answer.status, 303, "{path}: {answer:?}");
        let wrote = statements.iter().find(|sql| sql.starts_with("UPDATE"));
        assert_eq!(wrote, None, "{path}");
    }
}

#[tokio::test]
async fn only_what_was_changed_is_written() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/orders/row/1/edit").await;
    let (answer, statements) = app
        .statements(alice.submit(&form.set("notes", "Call first")))
        .await;
    assert_eq!(
        answer.header("location"),
        "/admin/data/orders/row/1?done=saved"
    );
    let update = statements
        .iter()
        .find(|sql| sql.starts_with("UPDATE"))
        .unwrap();
    // WHERE names the row's key and the permit's rows; SET names only the one column.
    let (set, _) = update.split_once(" WHERE ").unwrap();
    assert_eq!(set.matches(" = ").count(), 1, "{update}");
    assert!(set.contains("notes"), "{update}");
    let changes = changes(&app);
    assert_eq!(changes.as_object().unwrap().len(), 1, "{changes}");
    assert_eq!(changes["notes"][1], "Call first");
}

#[tokio::test]
async fn a_form_with_half_of_its_inputs_changes_half() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let row =
        "SELECT number || customer_id || coalesce(CAST(ship_by AS TEXT), '') || total || express
               FROM orders WHERE id = 1";
    app.db
        .execute("UPDATE orders SET express = TRUE, ship_by = '2024-01-01' WHERE id = 1");
    let before = app.db.text(row);
    let mut form = alice.form("/admin/data/orders/row/1/edit").await;
    form = form.set("notes", "Half");
    for name in [
        "number",
        "customer_id",
        "ship_by",
        "total",
        "express",
        "status",
        "employee_id",
    ] {
        form = form.without(name);
    }
    alice.save(&form).await;
    assert_eq!(app.db.text(row), before);
    assert_eq!(changes(&app).as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn a_check_box_can_be_cleared() {
    let app = TestApp::start().await;
    app.db
        .execute("UPDATE orders SET express = TRUE WHERE id = 1");
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/orders/row/1/edit").await;
    assert_eq!(form.get("express"), Some("true"));
    let mut cleared = form.clone();
    let last = cleared
        .fields
        .iter()
        .rposition(|(name, _)| name == "express");
    cleared.fields.remove(last.unwrap());
    alice.save(&cleared).await;
    assert_eq!(
        app.db
            .number("SELECT count(*) FROM orders WHERE id = 1 AND NOT express"),
        1
    );
    let form = alice.form("/admin/data/orders/row/1/edit").await;
    alice.save(&form.add("express", "true")).await;
    assert_eq!(
        app.db
            .number("SELECT count(*) FROM orders WHERE id = 1 AND express"),
        1
    );
}

#[tokio::test]
async fn no_value_and_empty_text_are_different() {
    let app = TestApp::start().await;
    app.db.execute(
        "UPDATE customers SET notes = '' WHERE id = 1; UPDATE customers SET notes = NULL WHERE id = 2;
         UPDATE customers SET notes = 'x' WHERE id = 3",
    );
    let alice = app.sign_in("alice").await;
    for (id, typed, wanted) in [
        (1, "", Some("")),
        (2, "", None),
        (3, "", None),
        (2, "y", Some("y")),
    ] {
        let form = alice
            .form(&format!("/admin/data/customers/row/{id}/edit"))
            .await;
        alice
            .save(
                &form
                    .set("notes", typed)
                    .set("city", &format!("City {id}{typed}")),
            )
            .await;
        let notes = app
            .db
            .text(&format!("SELECT notes FROM customers WHERE id = {id}"));
        assert_eq!(notes.as_deref(), wanted, "{id} {typed}");
    }
    let page = alice.page("/admin/data/customers/row/3").await;
    assert_eq!(page.fact("Notes").as_deref(), Some("\u{2014}no value"));
    let page = alice.page("/admin/data/customers/row/1").await;
    assert_eq!(page.fact("Notes").as_deref(), Some(""));
}

#[tokio::test]
async fn every_kind_of_value_is_saved_as_typed() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/settings/row/mail.from/edit").await;
    let typed = form
        .set("value", "{\"a\": [1, 2.50, \"ü\"]}")
        .set("valid_from", "2027-02-28")
        .set("runs_at", "23:59:58")
        .set("token", "0A0B0C0D-1111-4222-8333-444455556666")
        .set("description", "Zwei\r\nZeilen")
        .set("updated_at", "2027-01-02T03:04:05");
    alice.save(&typed).await;
    let row = alice.json("/admin/data/settings/row/mail.from").await["row"].clone();
    assert_eq!(row["valid_from"], "2027-02-28");
    assert_eq!(row["runs_at"], "23:59:58");
    assert_eq!(
        row["token"].as_str().unwrap().to_lowercase(),
        "0a0b0c0d-1111-4222-8333-444455556666"
    );
    assert_eq!(row["description"], "Zwei\nZeilen");
    assert!(
        row["updated_at"]
            .as_str()
            .unwrap()
            .starts_with("2027-01-02T03:04:05"),
        "{row}"
    );
    assert_eq!(row["value"]["a"][2], "ü", "{row}");
    let form = alice.form("/admin/data/products/row/1/edit").await;
    alice
        .save(
            &form
                .set("price", "1234.56")
                .set("weight_kg", "0.125")
                .set("stock", "7"),
        )
        .await;
    let row = alice.json("/admin/data/products/row/1").await["row"].clone();
    assert_eq!(row["price"], "1234.56");
    assert_eq!(row["weight_kg"], 0.125);
    assert_eq!(row["stock"], 7);
}

fn customer(form: Form, email: &str) -> Form {
    form.set("name", "Fjord & Co <b>")
        .set("email", email)
        .set("region", "emea")
        .set("city", "Bergen")
        .set("country", "Norway")
}

#[tokio::test]
async fn a_new_row_takes_the_defaults_of_what_is_left_empty() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let form = customer(
        alice.form("/admin/data/customers/new").await,
        "fjord@example.com",
    );
    let answer = alice.save(&form).await;
    let id = app
        .db
        .number("SELECT id FROM customers WHERE email = 'fjord@example.com'");
    assert_eq!(
        answer.header("location"),
        format!("/admin/data/customers/row/{id}?done=created")
    );
    let page = alice.follow(answer).await.expect(200).page();
    assert_eq!(page.text("h1"), "Fjord & Co <b>");
    let sql = format!(
        "SELECT count(*) FROM customers WHERE id = {id} AND credit_limit = 0 AND NOT vip AND created_at IS NOT NULL"
    );
    assert_eq!(app.db.number(&sql), 1);
}

#[tokio::test]
async fn saving_leads_where_the_button_says() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let new = alice.form("/admin/data/customers/new").await;
    let answer = alice
        .save(&customer(new.clone(), "a@example.com").add("then", "new"))
        .await;
    assert_eq!(answer.header("location"), "/admin/data/customers/new");
    let answer = alice
        .save(&customer(new, "b@example.com").add("then", "edit"))
        .await;
    let id = app
        .db
        .number("SELECT id FROM customers WHERE email = 'b@example.com'");
    let edit = format!("/admin/data/customers/row/{id}/edit?done=created");
    assert_eq!(answer.header("location"), edit);
    let page = alice.page(&edit).await;
    assert!(page.has("p.notice.good"), "{}", page.text("main"));
    let form = page.form().set("city", "Oslo").add("then", "edit");
    let answer = alice.save(&form).await;
    assert!(answer.header("location").ends_with("/edit?done=saved"));
}

#[tokio::test]
async fn a_new_form_can_be_filled_in_by_its_address() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let form = alice
        .form("/admin/data/orders/new?customer_id=3&notes=Hello%20there&status=paid&express=true")
        .await;
    assert_eq!(form.get("customer_id"), Some("3"));
    assert_eq!(form.get("notes"), Some("Hello there"));
    assert_eq!(form.get("status"), Some("paid"));
    assert_eq!(form.get("express"), Some("true"));
    let page = alice.page("/admin/data/orders/new?customer_id=3").await;
    let name = app
        .db
        .text("SELECT name FROM customers WHERE id = 3")
        .unwrap();
    assert_eq!(
        page.attribute("[data-lookup][data-label]", "data-label"),
        name
    );
}

#[tokio::test]
async fn related_rows_offer_a_new_one_that_points_here() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/customers/row/3").await;
    let links = page.attributes("section.related a", "href");
    assert!(
        links.contains(&"/admin/data/orders?f.customer_id=eq%3A3".to_owned()),
        "{links:?}"
    );
    assert!(
        links.contains(&"/admin/data/orders/new?customer_id=3".to_owned()),
        "{links:?}"
    );
}

#[tokio::test]
async fn a_save_asked_for_as_json_answers_as_json() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let edit = alice.json("/admin/data/orders/row/1/edit").await;
    let digest = edit["row_digest"].as_str().unwrap();
    let fields = [("row_digest", digest), ("notes", "By script")];
    let saved = alice
        .post_json("/admin/data/orders/row/1/edit", &fields)
        .await
        .expect(200)
        .json();
    assert_eq!(saved["changed"], true);
    assert_eq!(saved["href"], "/admin/data/orders/row/1");
    let stale = alice
        .post_json(
            "/admin/data/orders/row/1/edit",
            &[("row_digest", digest), ("notes", "Again")],
        )
        .await
        .expect(409)
        .json();
    assert_eq!(stale["row"]["notes"], "By script");
    let made = alice
        .post_json("/admin/data/tags/new", &[("name", "By script")])
        .await
        .expect(201);
    assert!(made.header("location").starts_with("/admin/data/tags/row/"));
    let refused = alice
        .post_json("/admin/data/tags/new", &[("name", "")])
        .await
        .expect(422)
        .json();
    assert_eq!(refused["errors"]["name"], "This field needs a value.");
}
