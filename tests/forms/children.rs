//! Lines in the form of their parent row: each is a row, and all are saved together.

use crate::support::{Form, TestApp};

const EDIT: &str = "/admin/data/orders/row/1/edit";

/// An order with two lines.
async fn start() -> TestApp {
    let app = TestApp::start().await;
    app.db.execute(
        "DELETE FROM order_items WHERE order_id IN (1, 2);
         INSERT INTO order_items (order_id, line_no, product_id, quantity, unit_price)
         VALUES (1, 1, 1, 3, 10.50), (1, 2, 2, 4, 20.00), (2, 1, 1, 9, 9.00)",
    );
    app
}

fn lines(app: &TestApp, order: i64) -> Vec<String> {
    texts(
        app,
        &format!(
            "SELECT line_no || ':' || product_id || ':' || quantity FROM order_items
             WHERE order_id = {order} ORDER BY line_no"
        ),
    )
}

fn texts(app: &TestApp, sql: &str) -> Vec<String> {
    app.db.texts(sql).into_iter().flatten().collect()
}

fn cell(line: usize, column: &str) -> String {
    format!("child.order_items.{line}.{column}")
}

#[tokio::test]
async fn the_form_holds_the_lines_and_sent_as_it_is_changes_nothing() {
    let app = start().await;
    let alice = app.sign_in("alice").await;
    let page = alice.get(EDIT).await.page();
    assert_eq!(page.count("table.lines-table tbody tr:not(.new)"), 2);
    assert_eq!(page.count("table.lines-table tbody tr.new"), 3);
    let form = page.form();
    assert_eq!(form.get(&cell(0, "quantity")), Some("3"));
    let answer = alice.submit(&form).await;
    assert_eq!(
        answer.header("location"),
        "/admin/data/orders/row/1?done=unchanged"
    );
    assert!(app.audit("update").is_empty() && app.audit("bulk").is_empty());
}

#[tokio::test]
async fn lines_are_changed_added_and_taken_out_with_the_row() {
    let app = start().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form(EDIT).await;
    let form = form
        .set("notes", "With lines")
        .set(&cell(0, "quantity"), "5")
        .add("line.order_items.1.off", "1")
        .set(&cell(2, "product_id"), "3")
        .set(&cell(2, "quantity"), "7")
        .set(&cell(2, "unit_price"), "1.25");
    let answer = alice.submit(&form).await;
    assert_eq!(
        answer.header("location"),
        "/admin/data/orders/row/1?done=saved",
        "{answer:?}"
    );
    // The new line gets the next number: that of the removed line is free again.
    assert_eq!(lines(&app, 1), ["1:1:5", "2:3:7"]);
    assert_eq!(lines(&app, 2), ["1:1:9"]);
    let events =
        "SELECT action || ' ' || resource || ' ' || coalesce(row_key, '') FROM bailiwick_audit
                  WHERE action IN ('bulk', 'create', 'update', 'delete') ORDER BY id";
    assert_eq!(
        texts(&app, events),
        [
            "bulk orders ",
            "update orders 1",
            "delete order_items 1,2",
            "update order_items 1,1",
            "create order_items 1,2"
        ]
    );
}

#[tokio::test]
async fn a_new_row_is_made_with_its_lines() {
    let app = start().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/orders/new").await;
    let form = form
        .set("number", "NEW-1")
        .set("customer_id", "1")
        .set(&cell(0, "product_id"), "1")
        .set(&cell(0, "quantity"), "2")
        .set(&cell(0, "unit_price"), "3")
        .set(&cell(2, "product_id"), "2")
        .set(&cell(2, "quantity"), "4")
        .set(&cell(2, "unit_price"), "5");
    let answer = alice.submit(&form).await.expect(303);
    let order: i64 = app
        .db
        .text("SELECT CAST(id AS TEXT) FROM orders WHERE number = 'NEW-1'")
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(lines(&app, order), ["1:1:2", "2:2:4"], "{answer:?}");
}

#[tokio::test]
async fn what_is_wrong_stands_at_the_cell_and_on_top_and_nothing_is_written() {
    let app = start().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form(EDIT).await;
    let wrong = form
        .clone()
        .set("notes", "Not saved")
        .set(&cell(0, "quantity"), "many");
    let page = alice.submit(&wrong).await.expect(422).page();
    let id = "#field-child-2e-order_items-2e-0-2e-quantity-error";
    assert!(page.has(id), "{}", page.source);
    assert!(
        page.text("[role=alert]")
            .contains("Order items, line 1, Quantity")
    );
    // A constraint's error is shown at the cell too.
    let refused = form
        .set("notes", "Not saved")
        .set(&cell(0, "quantity"), "0")
        .set(&cell(2, "product_id"), "1")
        .set(&cell(2, "quantity"), "1")
        .set(&cell(2, "unit_price"), "1");
    let page = alice.submit(&refused).await.expect(422).page();
    assert!(page.has(id), "{}", page.source);
    let again = page.form();
    assert_eq!(
        again.get(&cell(2, "product_id")),
        Some("1"),
        "what was typed is kept"
    );
    assert_eq!(lines(&app, 1), ["1:1:3", "2:2:4"]);
    let notes = app.db.text("SELECT notes FROM orders WHERE id = 1");
    assert_ne!(notes.as_deref(), Some("Not saved"));
    assert!(app.audit("update").is_empty() && app.audit("bulk").is_empty());
    // After the correction it is saved.
    alice.save(&again.set(&cell(0, "quantity"), "8")).await;
    assert_eq!(lines(&app, 1), ["1:1:8", "2:2:4", "3:1:1"]);
}

#[tokio::test]
async fn more_rows_keep_what_was_typed() {
    let app = start().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form(EDIT).await;
    let form = form
        .set("notes", "Typed")
        .set(&cell(0, "quantity"), "6")
        .set(&cell(2, "quantity"), "7")
        .add("then", "line.order_items.more");
    let page = alice.submit(&form).await.expect(200).page();
    assert_eq!(page.count("table.lines-table tbody tr.new"), 6);
    let again = page.form();
    assert_eq!(again.get("notes"), Some("Typed"));
    assert_eq!(again.get(&cell(0, "quantity")), Some("6"));
    assert_eq!(again.get(&cell(2, "quantity")), Some("7"));
    assert_eq!(lines(&app, 1), ["1:1:3", "2:2:4"], "nothing is saved");
    let again = again
        .set(&cell(2, "product_id"), "2")
        .set(&cell(2, "unit_price"), "1");
    alice.save(&again).await;
    assert_eq!(lines(&app, 1), ["1:1:6", "2:2:4", "3:2:7"]);
}

#[tokio::test]
async fn rows_are_looked_for_without_a_script() {
    let app = start().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form(EDIT).await;
    let name = cell(2, "product_id");
    let word = app
        .db
        .text("SELECT sku FROM products WHERE id = 4")
        .unwrap();
    let form = form.set(&format!("find.{name}"), &word).add("pick", &name);
    let page = alice.submit(&form).await.expect(200).page();
    let options = page.attributes(&format!("select[name='{name}'] option"), "value");
    assert!(options.contains(&"4".to_owned()), "{options:?}");
}

#[tokio::test]
async fn two_people_on_different_lines_are_both_saved() {
    let app = start().await;
    let alice = app.sign_in("alice").await;
    let bob = app.sign_in("bob").await;
    let hers = alice.form(EDIT).await.set(&cell(0, "quantity"), "11");
    let his = bob.form(EDIT).await.set(&cell(1, "quantity"), "12");
    alice.save(&hers).await;
    bob.save(&his).await;
    assert_eq!(lines(&app, 1), ["1:1:11", "2:2:12"]);
    // Also if the parent row itself has changed.
    let his = bob.form(EDIT).await.set(&cell(1, "quantity"), "13");
    app.db
        .execute("UPDATE orders SET notes = 'meanwhile' WHERE id = 1");
    bob.save(&his).await;
    assert_eq!(lines(&app, 1), ["1:1:11", "2:2:13"]);
}

#[tokio::test]
async fn two_people_on_one_line_are_told() {
    let app = start().await;
    let alice = app.sign_in("alice").await;
    let bob = app.sign_in("bob").await;
    let hers = alice.form(EDIT).await.set(&cell(0, "unit_price"), "11");
    let his = bob.form(EDIT).await.set(&cell(0, "quantity"), "12");
    alice.save(&hers).await;
    let page = bob.submit(&his).await.expect(409).page();
    assert!(page.text("[role=alert]").contains("Somebody else changed"));
    assert_eq!(lines(&app, 1), ["1:1:3", "2:2:4"]);
    let again = page.form();
    assert_eq!(again.get(&cell(0, "quantity")), Some("12"), "mine");
    assert!(
        again.get(&cell(0, "unit_price")).unwrap().starts_with("11"),
        "theirs"
    );
    bob.save(&again).await;
    let price = "SELECT CAST(unit_price AS INTEGER) || ':' || quantity FROM order_items
                 WHERE order_id = 1 AND line_no = 1";
    assert_eq!(app.db.text(price).unwrap(), "11:12");
}

#[tokio::test]
async fn a_conflict_of_the_row_takes_the_lines_along() {
    let app = start().await;
    let alice = app.sign_in("alice").await;
    let form = alice
        .form(EDIT)
        .await
        .set("notes", "mine")
        .set(&cell(0, "quantity"), "21");
    app.db
        .execute("UPDATE orders SET notes = 'theirs' WHERE id = 1");
    let page = alice.submit(&form).await.expect(409).page();
    alice.save(&page.form()).await;
    assert_eq!(lines(&app, 1), ["1:1:21", "2:2:4"]);
}

/// Replaces a line by one of another row.
fn foreign(form: Form) -> Form {
    form.set("line.order_items.0.key", "2,1")
}

#[tokio::test]
async fn a_line_of_another_row_is_refused_with_the_whole() {
    let app = start().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form(EDIT).await.set("notes", "Not saved");
    let moved = foreign(form.clone()).set(&cell(0, "quantity"), "99");
    alice.submit(&moved).await.expect(404);
    let gone = foreign(form.clone()).add("line.order_items.0.off", "1");
    alice.submit(&gone).await.expect(404);
    // A line cannot be moved to another row.
    let sent = form.clone().add(&cell(0, "order_id"), "2");
    alice.submit(&sent).await.expect(422);
    let sent = form
        .add(&cell(2, "order_id"), "2")
        .set(&cell(2, "product_id"), "1")
        .set(&cell(2, "quantity"), "1")
        .set(&cell(2, "unit_price"), "1");
    alice.save(&sent).await;
    assert_eq!(lines(&app, 1), ["1:1:3", "2:2:4", "3:1:1"]);
    assert_eq!(lines(&app, 2), ["1:1:9"]);
}

#[tokio::test]
async fn a_line_that_is_gone_is_told_to_those_who_change_it_only() {
    let app = start().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form(EDIT).await;
    app.db
        .execute("DELETE FROM order_items WHERE order_id = 1 AND line_no = 2");
    let late = form.clone().set(&cell(1, "quantity"), "9");
    alice.submit(&late).await.expect(404);
    alice.save(&form.set(&cell(0, "quantity"), "9")).await;
    assert_eq!(lines(&app, 1), ["1:1:9"]);
}

#[tokio::test]
async fn a_save_with_lines_is_taken_back_as_one() {
    let app = start().await;
    let alice = app.sign_in("alice").await;
    let form = alice
        .form(EDIT)
        .await
        .set("notes", "Undo me")
        .set(&cell(0, "quantity"), "5")
        .add("line.order_items.1.off", "1")
        .set(&cell(2, "product_id"), "3")
        .set(&cell(2, "quantity"), "7")
        .set(&cell(2, "unit_price"), "1.25");
    let before = app
        .db
        .text("SELECT coalesce(notes, '-') FROM orders WHERE id = 1");
    let answer = alice.submit(&form).await;
    let page = alice.follow(answer).await.page();
    let undo = page.attribute("p.notice a", "href");
    let form = alice.form(&undo).await;
    alice.submit(&form).await.expect(303);
    assert_eq!(lines(&app, 1), ["1:1:3", "2:2:4"]);
    let after = app
        .db
        .text("SELECT coalesce(notes, '-') FROM orders WHERE id = 1");
    assert_eq!(after, before);
    // If only lines were changed, the notice can undo them too.
    let form = alice.form(EDIT).await.set(&cell(0, "quantity"), "6");
    let answer = alice.submit(&form).await;
    let page = alice.follow(answer).await.page();
    let undo = page.attribute("p.notice a", "href");
    let form = alice.form(&undo).await;
    alice.submit(&form).await.expect(303);
    assert_eq!(lines(&app, 1), ["1:1:3", "2:2:4"]);
}

#[tokio::test]
async fn five_hundred_lines_are_turned_in_pages() {
    let app = start().await;
    let values: Vec<String> = (3..=500)
        .map(|line| format!("(1, {line}, 1, 2, 3)"))
        .collect();
    app.db.execute(&format!(
        "INSERT INTO order_items (order_id, line_no, product_id, quantity, unit_price) VALUES {}",
        values.join(", ")
    ));
    let alice = app.sign_in("alice").await;
    let few = app
        .statements(alice.get("/admin/data/orders/row/2/edit"))
        .await
        .1;
    let began = std::time::Instant::now();
    let (answer, statements) = app.statements(alice.get(EDIT)).await;
    let took = began.elapsed();
    let page = answer.page();
    assert_eq!(page.count("table.lines-table tbody tr"), 100);
    println!(
        "100 lines: {} bytes, {took:?}, {} statements",
        page.source.len(),
        statements.len()
    );
    // The same number as for one line, plus the count.
    assert!(
        statements.len() <= few.len() + 1,
        "{few:#?} {statements:#?}"
    );
    assert!(page.source.len() < 400_000, "{}", page.source.len());
    let text = page.text("#lines-order_items");
    assert!(text.contains("1 to 100 of 500"), "{text}");
    let links = page.attributes("#lines-order_items .row a", "href");
    assert_eq!(links.len(), 2, "{links:?}");
    assert!(
        links[1].starts_with("/admin/data/order_items?"),
        "{links:?}"
    );
    let second = alice.page(&links[0]).await;
    let form = second.form();
    assert_eq!(form.get("line.order_items.0.key"), Some("1,101"));
    // An error shows the same page again, and lines that are not on it stay.
    let wrong = form.clone().set(&cell(0, "quantity"), "0");
    let again = alice.submit(&wrong).await.expect(422).page();
    assert_eq!(again.form().get("line.order_items.0.key"), Some("1,101"));
    alice.save(&form.set(&cell(0, "quantity"), "9")).await;
    let sum = "SELECT sum(quantity) FROM order_items WHERE order_id = 1";
    assert_eq!(app.db.number(sum), 3 + 4 + 2 * 497 + 9);
    // The last page has space for new lines, after all others.
    let last = alice.page(&format!("{EDIT}?line.order_items.page=5")).await;
    assert_eq!(last.count("table.lines-table tbody tr.new"), 3);
    let form = last
        .form()
        .set(&cell(100, "product_id"), "1")
        .set(&cell(100, "quantity"), "1")
        .set(&cell(100, "unit_price"), "1");
    alice.save(&form).await;
    assert_eq!(
        app.db
            .number("SELECT max(line_no) FROM order_items WHERE order_id = 1"),
        501
    );
}

#[tokio::test]
async fn lines_added_at_once_get_numbers_of_their_own() {
    let app = start().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form(EDIT).await;
    let forms: Vec<_> = (0..4)
        .map(|number| {
            form.clone()
                .set(&cell(2, "product_id"), "1")
                .set(&cell(2, "quantity"), &format!("{}", 10 + number))
                .set(&cell(2, "unit_price"), "1")
        })
        .collect();
    let answers = futures_util::future::join_all(forms.iter().map(|form| alice.submit(form))).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [303; 4]);
    let numbers = "SELECT count(DISTINCT line_no) FROM order_items WHERE order_id = 1";
    assert_eq!(app.db.number(numbers), 6);
}
