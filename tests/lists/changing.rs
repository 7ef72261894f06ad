//! The schema changes while the panel runs: no status 500, and no restart.

use crate::support::{Client, TestApp};

/// Checks that every request gets a response, perhaps after a redirect, and never a server error.
async fn opened(client: &Client, path: &str) -> u16 {
    let answer = client.open(path).await;
    assert!(answer.status < 500, "{path}: {answer:?}");
    answer.status
}

#[tokio::test]
async fn a_dropped_column_is_gone_and_an_added_one_is_there() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    assert!(
        alice
            .page("/admin/data/tags")
            .await
            .source
            .contains("Colour")
    );
    let edit = alice.form("/admin/data/tags/row/1/edit").await;
    app.db.execute(
        "ALTER TABLE tags DROP COLUMN colour; ALTER TABLE tags ADD COLUMN mood VARCHAR(20)",
    );
    // Sent from a form with the old table.
    let answer = alice.submit(&edit).await;
    assert!(answer.status < 500, "{answer:?}");
    assert_eq!(opened(&alice, "/admin/data/tags").await, 200);
    let page = alice.page("/admin/data/tags").await;
    assert!(!page.source.contains("Colour") && page.source.contains("Mood"));
    let edit = alice.form("/admin/data/tags/row/1/edit").await;
    alice.save(&edit.set("mood", "glad")).await;
    let mood = app.db.text("SELECT mood FROM tags WHERE id = 1");
    assert_eq!(mood.as_deref(), Some("glad"));
    for path in [
        "tags/row/1",
        "tags/new",
        "tags/export.csv",
        "products/row/1",
    ] {
        assert_eq!(
            opened(&alice, &format!("/admin/data/{path}")).await,
            200,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_renamed_and_a_dropped_table_are_followed() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    alice.page("/admin/data/documents").await;
    app.db.execute(
        "ALTER TABLE documents RENAME TO papers; CREATE TABLE fresh (id INTEGER PRIMARY KEY, name TEXT)",
    );
    assert_eq!(opened(&alice, "/admin/data/documents").await, 404);
    assert_eq!(opened(&alice, "/admin/data/papers").await, 200);
    assert_eq!(opened(&alice, "/admin/data/fresh").await, 200);
    app.db
        .execute("DROP TABLE fresh; ALTER TABLE papers RENAME COLUMN title TO heading");
    assert_eq!(opened(&alice, "/admin/data/fresh").await, 404);
    let page = alice.page("/admin/data/papers").await;
    assert!(page.source.contains("Heading"), "{}", page.text("main"));
    assert_eq!(opened(&alice, "/admin/").await, 200);
}

#[tokio::test]
async fn a_grant_that_does_not_fit_any_more_gives_nothing() {
    let app = TestApp::builder()
        .roles(
            "[roles.editor]
             groups = [\"editors\"]
             [[roles.editor.grants]]
             on = [\"employees\"]
             may = [\"view\"]
             hide = [\"salary\"]
             [[roles.editor.grants]]
             on = [\"tags\", \"documents\"]
             may = [\"view\"]",
        )
        .start()
        .await;
    let bob = app.sign_in("bob").await;
    bob.page("/admin/data/employees").await;
    bob.page("/admin/data/tags").await;
    // The hidden column has a new name: nothing says that it may be visible.
    app.db.execute("ALTER TABLE employees RENAME COLUMN salary TO pay; ALTER TABLE employees DROP COLUMN phone");
    // The page of a row reads every column, so it notices at once.
    bob.open("/admin/data/employees/row/1").await;
    let answer = bob.open("/admin/data/employees").await;
    assert_eq!(answer.status, 403, "{answer:?}");
    bob.page("/admin/data/tags").await;
    app.db.execute("DROP TABLE documents");
    bob.open("/admin/data/documents").await.expect(403);
    bob.page("/admin/data/tags").await;
}
