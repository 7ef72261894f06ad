//! Foreign keys: the stored row stays selected, and the value is that of the referenced column.

use crate::support::TestApp;

const ROLES: &str = r#"
[roles.admin]
groups = ["admins"]
[[roles.admin.grants]]
on = ["*"]
may = ["view", "create", "edit", "delete", "export", "history"]
[roles.editor]
groups = ["editors"]
[[roles.editor.grants]]
on = ["players"]
may = ["view", "edit"]
[[roles.editor.grants]]
on = ["teams"]
may = ["view"]
rows = ["region=eq:emea"]
"#;

async fn teams() -> TestApp {
    TestApp::builder()
        .roles(ROLES)
        .prepare(|db| {
            db.execute(
                "CREATE TABLE teams (id INTEGER PRIMARY KEY, code VARCHAR(10) UNIQUE, name VARCHAR(20) NOT NULL, region VARCHAR(10) NOT NULL);
                 INSERT INTO teams VALUES (1, 'RED', 'Reds', 'emea'); INSERT INTO teams VALUES (2, 'BLU', 'Blues', 'apac');
                 INSERT INTO teams VALUES (3, NULL, 'Greys', 'emea'); INSERT INTO teams VALUES (4, '1', 'Ones', 'emea');
                 CREATE TABLE players (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL,
                   team_id INTEGER NOT NULL REFERENCES teams (id), loan_id INTEGER REFERENCES teams (id),
                   code VARCHAR(10) REFERENCES teams (code));
                 INSERT INTO players VALUES (1, 'Ann', 2, 2, 'BLU')",
            );
            db.execute(if db.is_sqlite() { "PRAGMA foreign_keys = OFF; INSERT INTO players VALUES (2, 'Ben', 77, 77, 'XXX')" } else { "SET session_replication_role = replica; INSERT INTO players VALUES (2, 'Ben', 77, 77, 'XXX')" });
        })
        .start()
        .await
}

fn links(app: &TestApp, id: i64) -> String {
    let sql = format!(
        "SELECT name || ' ' || team_id || ' ' || coalesce(loan_id, 0) || ' ' || coalesce(code, '') FROM players WHERE id = {id}"
    );
    app.db.text(&sql).unwrap()
}

#[tokio::test]
async fn a_row_out_of_sight_or_gone_stays_chosen() {
    let app = teams().await;
    let bob = app.sign_in("bob").await;
    for (id, key, name) in [(1, "2", "Bea"), (2, "77", "Bo")] {
        let page = bob
            .page(&format!("/admin/data/players/row/{id}/edit"))
            .await;
        for column in ["team_id", "loan_id"] {
            let chosen = format!("select[name={column}] option[selected]");
            assert_eq!(page.attribute(&chosen, "value"), key);
            assert_eq!(page.text(&chosen), key, "no name of what is out of sight");
        }
        assert!(!page.text("main").contains("Blues"));
        let before = links(&app, id);
        bob.save(&page.form().set("name", name)).await;
        let after = links(&app, id);
        assert_eq!(
            after.split_once(' ').unwrap().1,
            before.split_once(' ').unwrap().1
        );
        assert!(after.starts_with(name));
    }
}

#[tokio::test]
async fn a_foreign_key_holds_the_value_of_the_column_pointed_at() {
    let app = teams().await;
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/players/row/1/edit").await;
    let offered = page.attributes("select[name=code] option", "value");
    assert_eq!(
        offered,
        ["", "RED", "BLU", "1"],
        "what has no code cannot be chosen"
    );
    alice.save(&page.form().set("code", "RED")).await;
    assert_eq!(links(&app, 1), "Ann 2 2 RED");
    let found = alice
        .json("/admin/data/teams/lookup?column=code&q=reds")
        .await;
    assert_eq!(
        found["items"],
        serde_json::json!([{ "key": "RED", "label": "Reds" }])
    );
    let found = alice.json("/admin/data/teams/lookup?q=reds").await;
    assert_eq!(found["items"][0]["key"], "1");
    let filters = alice.page("/admin/data/players").await;
    assert!(
        filters
            .attributes("[data-lookup]", "data-lookup")
            .iter()
            .chain(
                filters
                    .attributes("option[data-lookup]", "data-lookup")
                    .iter()
            )
            .any(|href| href.ends_with("teams/lookup?column=code")),
        "the filter's pick list gives codes"
    );
    alice
        .get_json("/admin/data/teams/lookup?column=nothing")
        .await
        .expect(400);
    let page = alice.page("/admin/data/players/row/1").await;
    assert_eq!(page.fact("Code").as_deref(), Some("Reds"));
}
