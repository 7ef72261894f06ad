//! The right control for each kind of column.

use crate::support::{Page, TestApp};

fn kind(page: &Page, name: &str) -> String {
    for element in ["select", "textarea"] {
        if page.has(&format!("main {element}[name={name}]")) {
            return element.to_owned();
        }
    }
    let inputs = page.attributes(&format!("main input[name={name}]"), "type");
    match inputs.last() {
        Some(kind) => kind.clone(),
        None if page.has(&format!("main input[name={name}]")) => "input".to_owned(),
        None => "none".to_owned(),
    }
}

#[tokio::test]
async fn each_kind_of_column_has_its_control() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for (path, wanted) in [
        (
            "orders/row/1/edit",
            vec![
                ("number", "text"),
                ("status", "select"),
                ("placed_at", "datetime-local"),
                ("ship_by", "date"),
                ("express", "checkbox"),
                ("total", "input"),
                ("customer_id", "input"),
                ("id", "none"),
            ],
        ),
        (
            "products/row/1/edit",
            vec![
                ("stock", "number"),
                ("description", "textarea"),
                ("weight_kg", "input"),
            ],
        ),
        (
            "settings/row/mail.from/edit",
            vec![
                ("value", "textarea"),
                ("runs_at", "time"),
                ("valid_from", "date"),
                ("enabled", "checkbox"),
                ("token", "text"),
                ("key", "none"),
            ],
        ),
        ("documents/row/1/edit", vec![("content", "file")]),
        ("employees/row/1/edit", vec![("department_id", "select")]),
        ("settings/new", vec![("key", "text")]),
        (
            "order_items/new",
            vec![("line_no", "number"), ("order_id", "input")],
        ),
    ] {
        let page = alice.page(&format!("/admin/data/{path}")).await;
        for (name, control) in wanted {
            assert_eq!(kind(&page, name), control, "{name} of {path}");
        }
    }
}

#[tokio::test]
async fn a_choice_offers_the_values_that_the_database_takes() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/orders/row/1/edit").await;
    assert_eq!(
        page.texts("select[name=status] option"),
        [
            "draft",
            "pending",
            "paid",
            "shipped",
            "delivered",
            "cancelled"
        ]
    );
    let now = app
        .db
        .text("SELECT status FROM orders WHERE id = 1")
        .unwrap();
    assert_eq!(page.text("select[name=status] option[selected]"), now);
}

#[tokio::test]
async fn every_control_has_a_label() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for path in [
        "orders/row/1/edit",
        "settings/new",
        "documents/new",
        "employees/new",
    ] {
        let page = alice.page(&format!("/admin/data/{path}")).await;
        let labels = page.attributes("main label[for]", "for");
        let controls = page.attributes(
            "main form[data-record] :is(select, textarea, input:not([type=hidden]):not([type=checkbox]):not([type=search]))",
            "id",
        );
        assert!(controls.len() > 3, "{path}");
        for id in controls {
            assert!(labels.contains(&id), "{id} of {path} has no label");
        }
        assert_eq!(page.count("h1"), 1, "{path}");
    }
}

#[tokio::test]
async fn what_must_be_filled_in_is_marked() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/customers/new").await;
    for name in ["name", "email", "city"] {
        assert!(page.has(&format!("[name={name}][required]")), "{name}");
    }
    for name in ["notes", "website", "credit_limit", "created_at"] {
        assert!(!page.has(&format!("[name={name}][required]")), "{name}");
    }
}
