//! Operations that the database refuses to the panel's own account, on PostgreSQL.

use super::{alert, stays};
use crate::support::TestApp;

/// A panel with an account that owns nothing; `{app}` stands for it.
async fn app(sql: &'static str) -> Option<TestApp> {
    let app = TestApp::builder().with_account().prepare(move |db| {
        if !db.is_sqlite() {
            let grant = "GRANT ALL ON stays, stays_id_seq TO {app};";
            let sql = format!("{}{grant}{sql}", stays(db)).replace("{app}", &db.account());
            db.execute(&sql);
        }
    });
    let app = app.start().await;
    (!app.db.is_sqlite()).then_some(app)
}

fn run(app: &TestApp, sql: &str) {
    app.db.execute(&sql.replace("{app}", &app.db.account()));
}

#[tokio::test]
async fn what_the_account_may_not_write_is_not_offered() {
    let sql = "REVOKE ALL ON stays FROM {app};
        GRANT SELECT, UPDATE (guest), INSERT (id, guest, nights, price) ON stays TO {app};
        REVOKE INSERT, UPDATE ON tags FROM {app}";
    let Some(app) = app(sql).await else { return };
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/stays/row/1/edit").await;
    assert_eq!(form.get("guest"), Some("Ann"));
    assert!(form.get("nights").is_none() && form.get("price").is_none());
    alice.save(&form.set("guest", "Cid")).await;
    let form = alice.form("/admin/data/stays/new").await;
    alice
        .save(
            &form
                .set("guest", "Dan")
                .set("nights", "2")
                .set("price", "1"),
        )
        .await;
    // Rows cannot be deleted, and deleting is all that is left on tags.
    let page = alice.page("/admin/data/stays/row/1").await;
    assert!(
        !page.source.contains("/row/1/delete"),
        "{}",
        page.text("main")
    );
    alice
        .get("/admin/data/stays/row/1/delete")
        .await
        .expect(403);
    alice.get("/admin/data/tags/new").await.expect(403);
    alice.get("/admin/data/tags/row/1/edit").await.expect(403);
    let row = alice.json("/admin/data/tags/row/1").await;
    let may = row["may"].as_array().unwrap();
    assert!(
        may.contains(&"delete".into()) && !may.contains(&"edit".into()),
        "{may:?}"
    );
    app.db.execute("DELETE FROM product_tags");
    let form = alice.page("/admin/data/tags/row/1/delete").await.form();
    alice.save(&form).await;
}

#[tokio::test]
async fn rights_that_are_taken_while_serving_are_told_as_such() {
    let Some(app) = app("").await else { return };
    let alice = app.sign_in("alice").await;
    let edit = alice.form("/admin/data/stays/row/1/edit").await;
    let new = alice.form("/admin/data/stays/new").await;
    let delete = alice.page("/admin/data/stays/row/2/delete").await.form();
    run(
        &app,
        "REVOKE UPDATE ON stays FROM {app}; GRANT UPDATE (guest) ON stays TO {app};
         REVOKE INSERT, DELETE ON stays FROM {app}",
    );
    let answer = alice.submit(&edit.set("nights", "9")).await.expect(422);
    let error = answer.page().field_error("nights").unwrap_or_default();
    assert!(
        error.contains("does not let the panel write this column"),
        "{answer:?}"
    );
    assert_eq!(answer.page().form().get("nights"), Some("9"));
    let new = new.set("guest", "Eve").set("nights", "1").set("price", "1");
    let answer = alice.submit(&new).await.expect(422);
    let text = answer.page().text("main");
    assert!(text.contains("does not let the panel"), "{text}");
    assert_eq!(answer.page().form().get("guest"), Some("Eve"));
    let said = alert(&alice.submit(&delete).await, 409);
    assert!(
        said.contains("does not let the panel delete rows"),
        "{said}"
    );
    run(&app, "REVOKE SELECT ON customers, stays FROM {app}");
    for path in [
        "stays",
        "stays/row/1",
        "stays/export.csv",
        "customers",
        "customers/lookup?q=a",
    ] {
        let answer = alice.get_json(&format!("/admin/data/{path}")).await;
        assert_eq!(answer.status, 403, "{path}: {answer:?}");
        let text = answer.text();
        assert!(text.contains("may not read this table"), "{path}: {text}");
        assert!(!text.contains("permission denied"), "{path}: {text}");
    }
    let page = alice.get("/admin/data/stays").await.expect(403).page();
    assert!(
        page.text("main")
            .contains("The database does not allow this")
    );
    // Rows that reference an unreadable table are shown without its labels.
    assert!(
        !alice
            .page("/admin/data/orders")
            .await
            .column("Customer")
            .is_empty()
    );
}

#[tokio::test]
async fn row_level_security_is_told_as_such() {
    let sql = "ALTER TABLE stays ENABLE ROW LEVEL SECURITY;
        CREATE POLICY seen ON stays FOR SELECT USING (true);
        CREATE POLICY changed ON stays FOR UPDATE USING (guest = 'Ann') WITH CHECK (nights < 10);
        CREATE POLICY made ON stays FOR INSERT WITH CHECK (nights < 5)";
    let Some(app) = app(sql).await else { return };
    let alice = app.sign_in("alice").await;
    let security = "The row-level security of the database does not allow this change.";
    let edited = alice.form("/admin/data/stays/row/1/edit").await;
    let answer = alice.submit(&edited.clone().set("nights", "12")).await;
    assert!(alert(&answer, 422).contains(security), "{answer:?}");
    assert_eq!(answer.page().form().get("nights"), Some("12"));
    alice.save(&edited.set("nights", "8")).await;
    let fixed = alice.form("/admin/data/stays/row/2/edit").await;
    let answer = alice.submit(&fixed.set("nights", "4")).await;
    assert!(alert(&answer, 422).contains(security), "{answer:?}");
    let new = alice.form("/admin/data/stays/new").await;
    let new = new.set("guest", "Eve").set("nights", "7").set("price", "1");
    let answer = alice.submit(&new).await;
    assert!(alert(&answer, 422).contains(security), "{answer:?}");
    let delete = alice.page("/admin/data/stays/row/1/delete").await.form();
    let said = alert(&alice.submit(&delete).await, 409);
    assert!(said.contains("row-level security"), "{said}");
    assert_eq!(app.db.number("SELECT count(*) FROM stays"), 2);
}

#[tokio::test]
async fn nothing_rests_on_the_language_of_messages() {
    let Some(app) = app("").await else { return };
    let languages = "SELECT count(*) FROM pg_catalog.pg_settings WHERE name = 'lc_messages'";
    assert_eq!(app.db.number(languages), 1);
    let alice = app.sign_in("alice").await;
    // Words that no list of the panel knows, as in another language.
    app.db.execute(
        "CREATE FUNCTION deutsch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         RAISE EXCEPTION 'doppelter Schlüsselwert verletzt Unique-Constraint »k«'; END $$;
         CREATE TRIGGER deutsch BEFORE UPDATE ON stays FOR EACH ROW WHEN (NEW.nights = 13)
         EXECUTE FUNCTION deutsch(); ALTER TABLE stays ADD UNIQUE (guest, nights);
         CREATE UNIQUE INDEX ON stays (lower(guest))",
    );
    let form = alice.form("/admin/data/stays/row/1/edit").await;
    let said = alert(&alice.submit(&form.clone().set("nights", "13")).await, 422);
    assert!(said.contains("doppelter Schlüsselwert"), "{said}");
    let page = alice
        .submit(&form.set("guest", "BOB"))
        .await
        .expect(422)
        .page();
    let error = page.field_error("guest");
    assert_eq!(error.as_deref(), Some("This value is already taken."));
}
