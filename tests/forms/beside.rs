//! A change that affects other rows is shown before it is made.

use crate::support::TestApp;

const SCHEMA: &str = "
    CREATE TABLE places (id INTEGER PRIMARY KEY, code VARCHAR(9) NOT NULL UNIQUE, name VARCHAR(20) NOT NULL);
    CREATE TABLE visits (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL,
        place VARCHAR(9) NOT NULL REFERENCES places (code) ON UPDATE CASCADE);
    INSERT INTO places VALUES (1, 'ulm', 'Ulm'), (2, 'bonn', 'Bonn');
    INSERT INTO visits VALUES (1, 'First', 'ulm'), (2, 'Second', 'ulm'), (3, 'Third', 'bonn');";
const FOLLOWED: &str = "SELECT count(*) FROM visits WHERE place = 'ulm2'";

async fn panel() -> TestApp {
    TestApp::builder()
        .prepare(|db| db.execute(SCHEMA))
        .start()
        .await
}

#[tokio::test]
async fn rows_that_follow_are_counted_and_named_before_they_do() {
    let app = panel().await;
    let alice = app.sign_in("alice").await;
    let edit = "/admin/data/places/row/1/edit";
    let form = alice.form(edit).await.set("code", "ulm2");
    let page = alice.submit(&form).await.expect(200).page();
    assert_eq!(app.db.number(FOLLOWED), 0);
    let shown = page.text("ul.dependents");
    assert!(shown.contains("2 rows") || shown.contains('2'), "{shown}");
    assert!(shown.contains("will follow"), "{shown}");
    assert!(
        shown.contains("First") && shown.contains("Second"),
        "{shown}"
    );
    let confirm = page.form();
    // If the effects differ from what was shown, nothing is changed.
    app.db
        .execute("UPDATE visits SET place = 'ulm' WHERE id = 3");
    let moved = alice.submit(&confirm).await;
    assert!(matches!(moved.status, 200 | 422), "{moved:?}");
    assert_eq!(app.db.number(FOLLOWED), 0);
    let page = alice.submit(&form).await.expect(200).page();
    alice.save(&page.form()).await;
    assert_eq!(app.db.number(FOLLOWED), 3);
    // The row and every affected row.
    assert_eq!(app.audit("update").len(), 4);
}

#[tokio::test]
async fn what_reaches_no_other_row_is_not_asked_about() {
    let app = panel().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/places/row/1/edit").await;
    alice.save(&form.set("name", "Ulm an der Donau")).await;
    app.db.execute("DELETE FROM visits");
    let form = alice.form("/admin/data/places/row/1/edit").await;
    alice.save(&form.set("code", "ulm3")).await;
    // A script does not need to confirm.
    app.db
        .execute("INSERT INTO visits VALUES (9, 'Ninth', 'bonn')");
    let row = alice.json("/admin/data/places/row/2/edit").await;
    let digest = row["row_digest"].as_str().unwrap();
    let fields = [("row_digest", digest), ("code", "ulm2")];
    let answer = alice
        .post_json("/admin/data/places/row/2/edit", &fields)
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(app.db.number(FOLLOWED), 1);
}
