//! Two people edit one row: nothing is overwritten silently.

use crate::support::TestApp;

const EDIT: &str = "/admin/data/orders/row/1/edit";

#[tokio::test]
async fn the_second_to_save_sees_both_versions_and_nothing_is_written() {
    let app = TestApp::start().await;
    app.db
        .execute("UPDATE orders SET notes = 'first', status = 'draft' WHERE id = 1");
    let alice = app.sign_in("alice").await;
    let bob = app.sign_in("bob").await;
    let hers = alice.form(EDIT).await.set("notes", "hers");
    let his = bob
        .form(EDIT)
        .await
        .set("notes", "his")
        .set("status", "paid");
    alice.save(&hers).await;
    let answer = bob.submit(&his).await;
    assert_eq!(answer.status, 409, "{answer:?}");
    let page = answer.page();
    assert!(page.text("[role=alert]").contains("Nothing has been saved"));
    let table = page.text("table.versions");
    assert!(table.contains("hers") && table.contains("his"), "{table}");
    assert_eq!(
        app.db
            .text("SELECT notes FROM orders WHERE id = 1")
            .unwrap(),
        "hers"
    );
    assert_eq!(
        app.db
            .text("SELECT status FROM orders WHERE id = 1")
            .unwrap(),
        "draft"
    );
    assert_eq!(app.audit("update").len(), 1);
}

#[tokio::test]
async fn ones_own_version_can_be_saved_over_the_newest() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let bob = app.sign_in("bob").await;
    let hers = alice.form(EDIT).await.set("ship_by", "2030-01-01");
    let his = bob.form(EDIT).await.set("notes", "his");
    alice.save(&hers).await;
    let page = bob.submit(&his).await.expect(409).page();
    let again = page.form();
    assert_eq!(again.get("notes"), Some("his"));
    bob.save(&again).await;
    assert_eq!(
        app.db
            .text("SELECT notes FROM orders WHERE id = 1")
            .unwrap(),
        "his"
    );
    let ship_by = "SELECT CAST(ship_by AS TEXT) FROM orders WHERE id = 1";
    assert_eq!(
        app.db.text(ship_by).as_deref(),
        Some("2030-01-01"),
        "hers is kept"
    );
}

#[tokio::test]
async fn a_row_that_is_gone_is_said_to_be() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/orders/row/1/edit").await;
    app.db
        .execute("DELETE FROM order_items WHERE order_id = 1; DELETE FROM orders WHERE id = 1");
    alice.submit(&form.set("notes", "late")).await.expect(404);
}

#[tokio::test]
async fn a_form_without_its_digest_is_not_taken() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form(EDIT).await.set("notes", "blind");
    let answer = alice.submit(&form.clone().without("row_digest")).await;
    assert_eq!(answer.status, 400, "{answer:?}");
    assert!(answer.text().contains("row_digest"));
    let answer = alice.submit(&form.set("row_digest", "made up")).await;
    assert_eq!(answer.status, 409, "{answer:?}");
}

#[tokio::test]
async fn a_hidden_column_that_changed_is_no_conflict_to_those_who_do_not_see_it() {
    let app = TestApp::builder()
        .settings(
            "[[roles.editor.grants]]\non = [\"employees\"]\nmay = [\"view\", \"edit\"]\nhide = [\"salary\"]",
        )
        .start()
        .await;
    let bob = app.sign_in("bob").await;
    let form = bob.form("/admin/data/employees/row/5/edit").await;
    app.db
        .execute("UPDATE employees SET salary = salary + 1 WHERE id = 5");
    bob.save(&form.set("phone", "42")).await;
}

#[tokio::test]
async fn of_many_saves_at_once_one_wins() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form(EDIT).await;
    let forms: Vec<_> = (0..8)
        .map(|number| form.clone().set("notes", &format!("number {number}")))
        .collect();
    let answers = futures_util::future::join_all(forms.iter().map(|form| alice.submit(form))).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    let won = statuses.iter().filter(|status| **status == 303).count();
    let lost = statuses.iter().filter(|status| **status == 409).count();
    assert_eq!((won, lost), (1, 7), "{statuses:?}");
    assert_eq!(app.audit("update").len(), 1);
}
