//! Errors are shown beside their field and on top, in plain words, and nothing typed is lost.

use crate::support::{Answer, Client, TestApp};

/// Words of drivers and of SQL.
const LEAKS: [&str; 10] = [
    "constraint",
    "violat",
    "sqlite",
    "postgres",
    "insert into",
    "update \"",
    "null value",
    "diesel",
    "relation \"",
    "errno",
];

fn refused(answer: &Answer, field: &str, message: &str) {
    assert_eq!(answer.status, 422, "{answer:?}");
    let page = answer.page();
    assert_eq!(
        page.field_error(field).as_deref(),
        Some(message),
        "{answer:?}"
    );
    let top = page.text("[role=alert]");
    assert!(
        top.contains(message) && top.starts_with("Not saved"),
        "{top}"
    );
    assert!(
        page.has(&format!("[role=alert] a[href='#field-{field}']")),
        "{top}"
    );
    assert!(
        page.has(&format!("#field-{field}[aria-invalid=true]")),
        "{answer:?}"
    );
    let described = page.attribute(&format!("#field-{field}"), "aria-describedby");
    assert!(described.contains(&format!("field-{field}-error")));
    let text = page.text("main").to_lowercase();
    for leak in LEAKS {
        assert!(!text.contains(leak), "{leak} is in {text}");
    }
}

async fn edited(alice: &Client, row: &str, field: &str, typed: &str) -> Answer {
    let form = alice.form(&format!("/admin/data/{row}/edit")).await;
    alice.submit(&form.set(field, typed)).await
}

#[tokio::test]
async fn text_that_is_no_value_of_its_column_is_kept_and_named() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for (row, field, typed) in [
        ("orders/row/1", "total", "a lot"),
        ("orders/row/1", "ship_by", "31 February"),
        ("orders/row/1", "placed_at", "2024-13-45T00:00"),
        ("products/row/1", "stock", "1.5"),
        ("products/row/1", "stock", "99999999999999999999"),
        ("settings/row/mail.from", "value", "{broken"),
        ("settings/row/mail.from", "token", "not-a-uuid"),
        ("settings/row/mail.from", "runs_at", "25:00"),
    ] {
        let answer = edited(&alice, row, field, typed).await;
        assert_eq!(answer.status, 422, "{field}: {answer:?}");
        let page = answer.page();
        assert!(page.field_error(field).is_some(), "{field}: {answer:?}");
        assert_eq!(page.form().get(field), Some(typed), "{field}");
    }
    assert!(app.audit("update").is_empty());
}

#[tokio::test]
async fn what_was_typed_in_other_fields_is_kept() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/orders/row/1/edit").await;
    let form = form
        .set("total", "a lot")
        .set("notes", "Line one\r\nLine two")
        .set("status", "draft")
        .add("express", "true");
    let page = alice.submit(&form).await.expect(422).page();
    let again = page.form();
    assert_eq!(again.get("notes"), Some("Line one\r\nLine two"));
    assert_eq!(again.get("status"), Some("draft"));
    assert_eq!(again.get("express"), Some("true"));
    assert_eq!(again.get("row_digest"), form.get("row_digest"));
}

#[tokio::test]
async fn a_value_that_is_taken_is_said_beside_its_field() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let other = app
        .db
        .text("SELECT email FROM customers WHERE id = 2")
        .unwrap();
    let answer = edited(&alice, "customers/row/1", "email", &other).await;
    refused(&answer, "email", "This value is already taken.");
    assert_eq!(answer.page().form().get("email"), Some(other.as_str()));
    let form = alice.form("/admin/data/settings/new").await;
    let form = form.set("key", "mail.from").set("value", "1");
    refused(
        &alice.submit(&form).await,
        "key",
        "This value is already taken.",
    );
}

#[tokio::test]
async fn a_broken_rule_is_said_beside_its_field() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for (row, field, typed) in [
        ("orders/row/1", "total", "-1"),
        ("products/row/1", "price", "0"),
        ("employees/row/5", "salary", "-10"),
        ("order_items/row/1,1", "quantity", "0"),
    ] {
        let answer = edited(&alice, row, field, typed).await;
        refused(&answer, field, "This value breaks a rule of the database.");
    }
}

#[tokio::test]
async fn a_field_that_needs_a_value_says_so() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for (row, field) in [
        ("customers/row/1", "name"),
        ("orders/row/1", "customer_id"),
        ("orders/row/1", "placed_at"),
        ("orders/row/1", "total"),
    ] {
        let answer = edited(&alice, row, field, "").await;
        refused(&answer, field, "This field needs a value.");
    }
    let form = alice.form("/admin/data/customers/new").await;
    let page = alice.submit(&form).await.expect(422).page();
    assert!(
        page.count("[role=alert] li") >= 4,
        "{}",
        page.text("[role=alert]")
    );
    let bare = form
        .without("name")
        .without("email")
        .without("city")
        .without("country");
    let answer = alice.submit(&bare.set("region", "emea")).await;
    assert_eq!(answer.status, 422, "{answer:?}");
    assert!(
        answer.page().has("[role=alert] li a[href='#field-name']"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_value_that_is_too_long_says_how_long_it_may_be() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let answer = edited(&alice, "products/row/1", "sku", "ABCDEFGHIJKLM").await;
    refused(&answer, "sku", "At most 12 characters fit here.");
}

#[tokio::test]
async fn a_choice_that_is_none_is_refused() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let answer = edited(&alice, "orders/row/1", "status", "eaten").await;
    assert_eq!(answer.status, 422, "{answer:?}");
    assert!(answer.page().field_error("status").is_some());
    let answer = edited(&alice, "customers/row/1", "region", "moon").await;
    assert_eq!(answer.status, 422, "{answer:?}");
}

#[tokio::test]
async fn a_row_that_does_not_exist_cannot_be_chosen() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for typed in ["99999999", "0", "-1"] {
        let answer = edited(&alice, "orders/row/1", "customer_id", typed).await;
        assert_eq!(answer.status, 422, "{answer:?}");
        assert!(
            answer.page().field_error("customer_id").is_some(),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn text_that_no_database_takes_is_refused() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let answer = edited(&alice, "orders/row/1", "notes", "a\u{0}b").await;
    assert_eq!(answer.status, 422, "{answer:?}");
    assert!(answer.page().has("[role=alert]"));
}

#[tokio::test]
async fn a_form_that_is_too_large_is_refused() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/orders/row/1/edit").await;
    let large = form.clone().set("notes", &"x".repeat(3_000_000));
    let request = alice.submit(&large).await;
    assert_eq!(request.status, 413, "{request:?}");
    let mut many = form;
    for number in 0..2_100 {
        many = many.add(&format!("x{number}"), "");
    }
    alice.submit(&many).await.expect(413);
}
