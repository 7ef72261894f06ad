//! Constraints and triggers.

use super::{alert, raise, stays};
use crate::support::{CANARY, TestApp};

async fn app() -> TestApp {
    let prepare = |db: &crate::support::Database| db.execute(&stays(db));
    TestApp::builder().prepare(prepare).start().await
}

#[tokio::test]
async fn a_rule_is_told_by_the_name_that_somebody_gave_it() {
    let app = app().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/stays/row/1/edit").await;
    let page = alice.submit(&form.clone().set("nights", "40")).await;
    let page = page.expect(422).page();
    let error = page.field_error("nights").unwrap();
    assert!(error.contains("\u{201c}fits_a_month\u{201d}"), "{error}");
    assert_eq!(page.form().get("nights"), Some("40"));
    // An unnamed rule is not reported by a generated name or by SQL.
    let answer = alice.submit(&form.clone().set("price", "-1")).await;
    let error = answer.expect(422).page().field_error("price").unwrap();
    assert_eq!(error, "This value breaks a rule of the database.");
    // For a rule on two columns: at both changed columns, or at the top.
    let both = form.set("nights", "25").set("price", "5000");
    let text = alert(&alice.submit(&both).await, 422);
    assert!(
        text.contains("\u{201c}long stays are cheap\u{201d}"),
        "{text}"
    );
}

#[tokio::test]
async fn what_a_trigger_says_is_shown_as_text() {
    let app = app().await;
    let text = format!("No 13 nights, it's bad luck: 100% {CANARY}");
    raise(&app.db, "nights = 13", "UPDATE", &text);
    raise(
        &app.db,
        "nights = 14",
        "INSERT",
        "Fourteen\nis out of range",
    );
    raise(&app.db, "nights = 3", "DELETE", "Three nights stay");
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/stays/row/1/edit").await;
    let answer = alice
        .submit(&form.set("nights", "13").set("guest", "Cid"))
        .await;
    let said = alert(&answer, 422);
    assert!(said.contains(&text), "{said}");
    assert!(!answer.page().has("main svg"), "{answer:?}");
    assert_eq!(answer.page().form().get("guest"), Some("Cid"));
    let form = alice.form("/admin/data/stays/new").await;
    let form = form
        .set("guest", "Dan")
        .set("nights", "14")
        .set("price", "1");
    let said = alert(&alice.submit(&form).await, 422);
    assert!(said.contains("Fourteen is out of range"), "{said}");
    let form = alice.page("/admin/data/stays/row/2/delete").await.form();
    let said = alert(&alice.submit(&form).await, 409);
    assert!(said.contains("Three nights stay"), "{said}");
    let json = alice
        .post_json(
            "/admin/data/stays/new",
            &[("guest", "Dan"), ("nights", "14"), ("price", "1")],
        )
        .await
        .expect(422);
    let detail = json.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("Fourteen is out of range"), "{detail}");
    assert_eq!(app.db.number("SELECT count(*) FROM stays"), 2);
    for action in ["create", "update", "delete"] {
        assert!(app.audit(action).is_empty(), "{action}");
    }
}

#[tokio::test]
async fn what_waits_for_the_commit_is_refused_in_the_form() {
    let app = TestApp::builder()
        .prepare(|db| {
            db.execute(&stays(db));
            db.execute(
                "CREATE TABLE rooms (id INTEGER PRIMARY KEY, stay INTEGER
                    REFERENCES stays (id) DEFERRABLE INITIALLY DEFERRED);
                 INSERT INTO rooms VALUES (1, 1)",
            );
            if !db.is_sqlite() {
                db.execute(
                    "ALTER TABLE stays ADD UNIQUE (guest) DEFERRABLE INITIALLY DEFERRED;
                     CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                     RAISE EXCEPTION 'Too late for % nights', NEW.nights
                     USING HINT = 'Ask the desk.'; END $$;
                     CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON stays DEFERRABLE
                     INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.nights = 13)
                     EXECUTE FUNCTION late()",
                );
            }
        })
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    if !app.db.is_sqlite() {
        let form = alice.form("/admin/data/stays/row/1/edit").await;
        let said = alert(&alice.submit(&form.clone().set("nights", "13")).await, 422);
        assert!(
            said.contains("Too late for 13 nights Ask the desk."),
            "{said}"
        );
        let answer = alice.submit(&form.set("guest", "Bob")).await.expect(422);
        let error = answer.page().field_error("guest").unwrap();
        assert_eq!(error, "This value is already taken.");
    }
    // A row appears after the check for obstacles.
    app.db.execute("UPDATE rooms SET stay = 2");
    let form = alice.page("/admin/data/stays/row/1/delete").await.form();
    app.db.execute("UPDATE rooms SET stay = 1");
    alice.submit(&form).await.expect(409);
    assert_eq!(app.db.number("SELECT count(*) FROM stays"), 2);
}

#[tokio::test]
async fn rows_that_exclude_each_other_are_told_so() {
    let app = app().await;
    if app.db.is_sqlite() {
        return;
    }
    drop(app);
    let app = TestApp::builder()
        .prepare(|db| {
            db.execute(
                "CREATE TABLE lets (id serial PRIMARY KEY, room text, during int4range NOT NULL,
                    CONSTRAINT one_let_at_a_time EXCLUDE USING gist (during WITH &&));
                 CREATE TABLE desks (id serial PRIMARY KEY, during int4range NOT NULL,
                    EXCLUDE USING gist (during WITH &&));
                 INSERT INTO lets (during) VALUES ('[1,5)'); INSERT INTO desks (during) VALUES ('[1,5)')",
            );
        })
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    for (table, expected) in [
        (
            "lets",
            "This conflicts with another row: rule \u{201c}one_let_at_a_time\u{201d}.",
        ),
        ("desks", "This conflicts with another row."),
    ] {
        let form = alice.form(&format!("/admin/data/{table}/new")).await;
        let answer = alice.submit(&form.set("during", "[4,9)")).await.expect(422);
        let error = answer.page().field_error("during");
        assert_eq!(error.as_deref(), Some(expected));
        assert_eq!(answer.page().form().get("during"), Some("[4,9)"));
    }
}

#[tokio::test]
async fn errors_that_triggers_raise_as_other_kinds_are_told_too() {
    let app = app().await;
    if app.db.is_sqlite() {
        return;
    }
    app.db.execute(
        "CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF NEW.nights = 4 THEN RAISE check_violation USING MESSAGE = 'Four is a crowd'; END IF;
         IF NEW.nights = 5 THEN RAISE unique_violation USING MESSAGE = 'Five was yesterday'; END IF;
         IF NEW.nights = 6 THEN RAISE EXCEPTION 'Six is not for you' USING COLUMN = 'nights'; END IF;
         IF NEW.nights = 7 THEN PERFORM * FROM nowhere_at_all; END IF;
         IF NEW.nights = 8 THEN RAISE EXCEPTION 'canceling statement due to statement timeout';
         END IF; RETURN NEW; END $$;
         CREATE TRIGGER odd BEFORE UPDATE ON stays FOR EACH ROW EXECUTE FUNCTION odd()",
    );
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/stays/row/1/edit").await;
    let said = |nights: &'static str| {
        let form = form.clone().set("nights", nights);
        let alice = &alice;
        async move { alice.submit(&form).await.expect(422).page() }
    };
    assert!(
        said("4")
            .await
            .text("[role=alert]")
            .contains("Four is a crowd")
    );
    assert!(
        said("5")
            .await
            .text("[role=alert]")
            .contains("Five was yesterday")
    );
    let error = said("6").await.field_error("nights");
    assert_eq!(error.as_deref(), Some("Six is not for you"));
    // The server's message about a trigger's own errors stays in the log.
    let text = said("7").await.text("[role=alert]");
    assert!(!text.contains("nowhere_at_all"), "{text}");
    assert!(text.contains("The database refused this change"), "{text}");
    // A false claim: nothing has timed out.
    let text = said("8").await.text("[role=alert]");
    assert!(text.contains("The database refused this change"), "{text}");
}

#[tokio::test]
async fn values_that_no_check_of_ours_knows_are_told_at_their_field() {
    let app = TestApp::builder()
        .prepare(|db| {
            let sql = if db.is_sqlite() {
                "CREATE TABLE odd (id INTEGER PRIMARY KEY, code INTEGER, note TEXT) STRICT"
            } else {
                "CREATE DOMAIN percent AS numeric CHECK (VALUE BETWEEN 0 AND 100);
                     CREATE TABLE odd (id serial PRIMARY KEY, address macaddr, share percent,
                        small numeric(4,2), net cidr, span interval, near point, note text)"
            };
            db.execute(sql);
        })
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let wrong: &[(&str, &str)] = if app.db.is_sqlite() {
        &[("code", "many")]
    } else {
        &[
            ("address", "08:00:2b"),
            ("address", "zz:00:2b:01:02:03"),
            ("share", "101"),
            ("small", "123.45"),
            ("net", "10.0.0.1/8"),
            ("span", "1 fortnight and a bit"),
            ("near", "here"),
        ]
    };
    for (field, typed) in wrong {
        let form = alice.form("/admin/data/odd/new").await;
        let form = form.set(field, typed).set("note", "kept");
        let page = alice.submit(&form).await.expect(422).page();
        assert!(
            page.field_error(field).is_some(),
            "{field}: {}",
            page.text("main")
        );
        assert_eq!(page.form().get("note"), Some("kept"), "{field}");
        assert_eq!(page.form().get(field), Some(*typed), "{field}");
    }
}
