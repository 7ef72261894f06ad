//! Submitted forms: their results and errors.

use super::{Walk, reader};
use crate::support::{Client, Page, TestApp};

const BULK: &str = "/admin/data/orders/bulk";
const EDIT: &str = "/admin/data/orders/row/1/edit";
const IMPORT: &str = "/admin/data/tags/import";

/// A status, a path, and the submitted fields.
type Sent<'s> = (u16, &'s str, &'s [(&'s str, &'s str)]);

/// Sends fields like a browser and like a script; both must get that status.
async fn refused(
    walk: &mut Walk,
    client: &Client,
    path: &str,
    (status, fields): (u16, &[(&str, &str)]),
) {
    let at = format!("{path} {fields:?}");
    let answer = client.post_form(path, fields).await.expect(status);
    walk.page(&at, &answer);
    let answer = client.post_json(path, fields).await.expect(status);
    walk.problem(&at, &answer);
}

/// Presses a button of a form, and checks the resulting page.
async fn press(
    walk: &mut Walk,
    client: &Client,
    form: crate::support::Form,
    (step, status): (&str, u16),
) -> Page {
    let answer = client.submit(&form.add("step", step)).await.expect(status);
    walk.page(&format!("{} {step}", form_name(answer.url.path())), &answer);
    answer.page()
}

fn form_name(url: &str) -> String {
    url.rsplit('/').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn changes_of_many_rows_are_told_in_messages() {
    let app = TestApp::start().await;
    app.db
        .execute("UPDATE orders SET status = 'draft', notes = NULL WHERE id IN (1, 2, 3)");
    let mut walk = Walk::begin(&app).await;
    let alice = reader(&app, "alice").await;
    // The form and its preview.
    for fields in [
        &[("action", "edit"), ("key", "1")][..],
        &[("action", "edit"), ("key", "1"), ("set.status", "paid")],
        &[("action", "edit"), ("key", "1"), ("null.notes", "1")],
        &[("action", "edit"), ("matching", ""), ("set.notes", "paid")],
        &[("action", "delete"), ("key", "1"), ("key", "2")],
        &[("action", "delete"), ("matching", "")],
    ] {
        let answer = alice.post_form(BULK, fields).await.expect(200);
        walk.page(&format!("{fields:?}"), &answer);
    }
    // Rows that the database refuses to delete or change: one has orders, and a limit is never
    // negative.
    for fields in [
        &[("action", "edit"), ("key", "1"), ("set.credit_limit", "-1")][..],
        &[("action", "delete"), ("key", "1"), ("key", "2")],
    ] {
        let path = "/admin/data/customers/bulk";
        let answer = alice.post_form(path, fields).await.expect(200);
        walk.page(&format!("{path} {fields:?}"), &answer);
        assert!(answer.page().has("details.why li"), "{answer:?}");
    }
    let wrong: [(u16, &[(&str, &str)]); 8] = [
        (400, &[]),
        (400, &[("action", "paid")]),
        (400, &[("action", "edit"), ("set.status", "paid")]),
        (400, &[("action", "edit"), ("key", "1,2")]),
        (400, &[("action", "edit"), ("key", "1"), ("set.paid", "1")]),
        (422, &[("action", "edit"), ("key", "1"), ("set.id", "9")]),
        (
            422,
            &[("action", "edit"), ("key", "1"), ("set.total", "paid")],
        ),
        (
            409,
            &[
                ("action", "edit"),
                ("key", "1"),
                ("set.status", "paid"),
                ("confirm", "paid"),
            ],
        ),
    ];
    for sent in wrong {
        refused(&mut walk, &alice, BULK, sent).await;
    }
    walk.end();
}

#[tokio::test]
async fn the_pages_of_an_import_show_messages_and_data_only() {
    let app = TestApp::start().await;
    let mut walk = Walk::begin(&app).await;
    let alice = reader(&app, "alice").await;
    let typed = ["first", "second", "fourth", "caf\u{e9}", "csv"];
    walk.known.extend(typed.map(str::to_owned));
    let begin = alice.form(IMPORT).await;
    press(&mut walk, &alice, begin.clone(), ("columns", 422)).await;
    let rows = "name,colour\nfirst,#1\nsecond,#22222222\n,#3\nfourth,\n";
    let form = begin.clone().set("paste", rows);
    let columns = press(&mut walk, &alice, form, ("columns", 200)).await;
    press(&mut walk, &alice, columns.form(), ("check", 200)).await;
    let form = columns.form().set("mode", "create");
    let check = press(&mut walk, &alice, form, ("check", 200)).await;
    let changed = check.form().set("fix.3.colour", "#4");
    press(&mut walk, &alice, changed, ("save-good", 422)).await;
    // Unreadable files.
    let latin = begin
        .clone()
        .choose("file", "tags.csv", b"name|colour\ncaf\xe9|#1\n");
    let columns = press(&mut walk, &alice, latin, ("columns", 200)).await;
    let form = columns.form().set("encoding", "utf-8");
    press(&mut walk, &alice, form, ("columns", 422)).await;
    for rows in [
        "name,\n1,2\n",
        "name,name\n",
        "name\n\"x",
        "name\n\"x\"y\n",
        "[1]",
        "{]",
    ] {
        let form = begin.clone().set("paste", rows);
        press(&mut walk, &alice, form, ("columns", 422)).await;
    }
    walk.end();
}

#[tokio::test]
async fn what_is_wrong_with_a_form_is_told_in_messages() {
    let app = TestApp::start().await;
    app.db.execute(
        "DELETE FROM order_items WHERE order_id = 1;
         INSERT INTO order_items (order_id, line_no, product_id, quantity, unit_price)
         VALUES (1, 1, 1, 3, 10.50), (1, 2, 2, 4, 20.00)",
    );
    let mut walk = Walk::begin(&app).await;
    let (alice, bob) = (reader(&app, "alice").await, reader(&app, "bob").await);
    let answer = alice.get(EDIT).await.expect(200);
    walk.page("the form with its lines", &answer);
    // A wrong line, and a wrong field.
    let form = answer.page().form();
    let form = form.set("child.order_items.0.quantity", "paid");
    let answer = alice.submit(&form).await.expect(422);
    walk.page("a line that is wrong", &answer);
    let answer = alice
        .submit(&alice.form(EDIT).await.set("total", "paid"))
        .await;
    walk.page("a field that is wrong", &answer.expect(422));
    refused(
        &mut walk,
        &alice,
        "/admin/data/orders/new",
        (422, &[("total", "paid")]),
    )
    .await;
    // Somebody else was first.
    let hers = alice.form(EDIT).await.set("notes", "paid");
    let his = bob.form(EDIT).await.set("notes", "draft");
    alice.save(&hers).await;
    let answer = bob.submit(&his).await.expect(409);
    walk.page("somebody else was first", &answer);
    // Above the size limit.
    let form = alice.form(EDIT).await.set("notes", &"x".repeat(3 << 20));
    let answer = alice.submit(&form).await.expect(413);
    walk.page("more than is taken", &answer);
    let large = "x".repeat(3 << 20);
    let answer = alice
        .post_json(EDIT, &[("notes", &large)])
        .await
        .expect(413);
    walk.problem("more than is taken", &answer);
    // A role.
    let wrong: [(&str, &str); 3] = [("name", ""), ("grant.0.on", ""), ("grant.0.may", "")];
    let form = alice.form("/admin/roles/new").await;
    let form = wrong
        .iter()
        .fold(form, |form, (name, value)| match form.get(name) {
            Some(_) => form.set(name, value),
            None => form.add(name, value),
        });
    let answer = alice.submit(&form).await.expect(422);
    walk.page("a role without anything", &answer);
    walk.end();
}

#[tokio::test]
async fn problems_are_told_to_programs_in_messages() {
    let app = TestApp::start().await;
    let mut walk = Walk::begin(&app).await;
    let alice = reader(&app, "alice").await;
    let bob = reader(&app, "bob").await;
    for (status, path) in [
        (404, "/admin/data/nothing"),
        (404, "/admin/data/orders/row/99999999"),
        (404, "/admin/nothing"),
    ] {
        let answer = alice.get_json(path).await.expect(status);
        walk.problem(path, &answer);
    }
    let answer = bob.get_json("/admin/data/settings").await.expect(403);
    walk.problem("a right that is missing", &answer);
    let stranger = app.stranger().reading(super::PSEUDO);
    let answer = stranger.get_json("/admin/data/orders").await.expect(401);
    walk.problem("nobody is signed in", &answer);
    let wrong: [Sent<'_>; 3] = [
        (422, IMPORT, &[("paste", "name,name\n1,2\n")]),
        (400, IMPORT, &[("mode", "paid")]),
        (400, IMPORT, &[]),
    ];
    for (status, path, fields) in wrong {
        let answer = alice.post_json(path, fields).await.expect(status);
        walk.problem(&format!("{fields:?}"), &answer);
    }
    walk.end();
}
