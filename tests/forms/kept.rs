//! Typed text is kept, whatever prevents saving it.

use crate::support::{Answer, Client, Form, TestApp};
use reqwest::Method;

const EDIT: &str = "/admin/data/tags/row/1/edit";
const NEW: &str = "/admin/data/tags/new";
const TYPED: &str = "Typed \u{201c}with\u{201d} care";
const THERE: &str = "SELECT count(*) FROM tags WHERE name LIKE 'Typed%'";

async fn typed(client: &Client, path: &str) -> Form {
    client.form(path).await.set("name", TYPED)
}

/// Checks that the response is the form with the typed text and this sentence; returns the form.
fn kept(answer: &Answer, status: u16, words: &str) -> Form {
    assert_eq!(answer.status, status, "{answer:?}");
    let page = answer.page();
    let form = page.form();
    assert_eq!(form.get("name"), Some(TYPED), "{answer:?}");
    let notice = page.text("main form .notice.bad");
    assert!(notice.starts_with("Not saved."), "{notice}");
    assert!(notice.contains(words), "{notice}");
    assert_eq!(page.reference().len(), 14);
    form
}

/// The same for JSON: a problem document.
async fn as_json(client: &Client, form: &Form, status: u16) {
    let request = client.request(Method::POST, &form.action);
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(&form.fields);
    let request = request
        .header("accept", "application/json")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.finish());
    let answer = client.send(request).await;
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn a_row_that_somebody_else_holds_keeps_what_was_typed() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let form = typed(&alice, EDIT).await;
    let lock = app
        .db
        .hold("UPDATE tags SET colour = '#000000' WHERE id = 1");
    let again = kept(&alice.submit(&form).await, 503, "somebody else");
    as_json(&alice, &form, 503).await;
    drop(lock);
    assert_eq!(app.db.number(THERE), 0);
    alice.save(&again).await;
    assert_eq!(app.db.number(THERE), 1);
    assert_eq!(app.audit("update").len(), 1);
}

#[tokio::test]
async fn a_change_that_takes_too_long_keeps_what_was_typed() {
    let app = TestApp::builder()
        .settings("[database]\nstatement_timeout_s = 1")
        .start()
        .await;
    if app.db.is_sqlite() {
        return;
    }
    app.db.execute(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
         'BEGIN PERFORM pg_sleep(5); RETURN NEW; END';
         CREATE TRIGGER slow BEFORE INSERT OR UPDATE ON tags FOR EACH ROW EXECUTE FUNCTION slow()",
    );
    let alice = app.sign_in("alice").await;
    for path in [EDIT, NEW] {
        let form = typed(&alice, path).await;
        let again = kept(&alice.submit(&form).await, 504, "time limit");
        as_json(&alice, &form, 504).await;
        app.db.execute("ALTER TABLE tags DISABLE TRIGGER slow");
        alice.save(&again).await;
        app.db.execute("ALTER TABLE tags ENABLE TRIGGER slow");
        assert_eq!(app.db.number(THERE), 1);
        app.db.execute("ALTER TABLE tags DISABLE TRIGGER slow; UPDATE tags SET name = 'x' || id WHERE name LIKE 'Typed%'; ALTER TABLE tags ENABLE TRIGGER slow");
    }
}

#[tokio::test]
async fn a_deadlock_keeps_what_was_typed() {
    use diesel::connection::SimpleConnection;
    use diesel::{Connection, PgConnection};
    let app = TestApp::start().await;
    if app.db.is_sqlite() {
        return;
    }
    app.db.execute(
        "CREATE FUNCTION second() RETURNS trigger LANGUAGE plpgsql AS
         'BEGIN UPDATE tags SET colour = colour WHERE id = 2; RETURN NEW; END';
         CREATE TRIGGER second BEFORE UPDATE ON tags FOR EACH ROW WHEN (OLD.id = 1)
         EXECUTE FUNCTION second()",
    );
    let alice = app.sign_in("alice").await;
    let form = typed(&alice, EDIT).await;
    let mut other = PgConnection::establish(&app.db.url()).unwrap();
    other
        .batch_execute(
            "SET deadlock_timeout = '20s'; BEGIN; UPDATE tags SET colour = colour WHERE id = 2",
        )
        .unwrap();
    let answer = tokio::spawn(async move { (alice.submit(&form).await, alice) });
    let waiting = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while app.db.number(waiting) == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let other = tokio::task::spawn_blocking(move || {
        let done = other.batch_execute("UPDATE tags SET colour = colour WHERE id = 1; COMMIT");
        done.is_ok()
    });
    let (answer, alice) = answer.await.unwrap();
    let again = kept(&answer, 503, "at the same moment");
    assert!(other.await.unwrap());
    alice.submit(&again).await;
}

#[tokio::test]
async fn a_connection_that_is_lost_keeps_what_was_typed() {
    let app = TestApp::start().await;
    if app.db.is_sqlite() {
        return;
    }
    app.db.execute(
        "CREATE FUNCTION dies() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
         'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END';
         CREATE TRIGGER dies BEFORE INSERT OR UPDATE ON tags FOR EACH ROW EXECUTE FUNCTION dies()",
    );
    let alice = app.sign_in("alice").await;
    for path in [EDIT, NEW] {
        let form = typed(&alice, path).await;
        kept(
            &alice.submit(&form).await,
            503,
            "whether the row was saved all the same",
        );
        as_json(&alice, &form, 503).await;
    }
}

#[tokio::test]
async fn sessions_that_cannot_be_loaded_keep_what_was_typed() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let stranger = app.stranger();
    for path in [EDIT, NEW] {
        let form = typed(&alice, path).await;
        app.db
            .execute("ALTER TABLE bailiwick_sessions RENAME TO gone_sessions");
        let again = kept(&alice.submit(&form).await, 503, "does not answer");
        // The body of an unknown sender is not read.
        let answer = stranger.submit(&form).await;
        assert!(!answer.text().contains("Typed"), "{answer:?}");
        app.db
            .execute("ALTER TABLE gone_sessions RENAME TO bailiwick_sessions");
        alice.save(&again).await;
        app.db
            .execute("UPDATE tags SET name = 'x' || id WHERE name LIKE 'Typed%'");
    }
}

#[tokio::test]
async fn a_form_that_is_too_large_keeps_what_was_typed() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let path = "/admin/data/customers/row/1/edit";
    let page = alice.page(path).await;
    let limit = page.text("main form .foot small");
    assert!(limit.contains("At most 2 MB"), "{limit}");
    let form = page.form().set("name", TYPED);
    let form = form.set("notes", &"x".repeat(3 << 20));
    let again = kept(&alice.submit(&form).await, 413, "at most 2 MB");
    assert_eq!(again.get("notes").map(str::len), Some(3 << 20));
    let smaller = again.set("notes", "short");
    alice.save(&smaller).await;
    // The limit with files is higher.
    let path = "/admin/data/documents/row/1/edit";
    let page = alice.page(path).await;
    let limit = page.text("main form .foot small");
    assert!(limit.contains("At most 16 MB"), "{limit}");
    let (name, _, _) = page.form().files[0].clone();
    let form = page.form().set("title", TYPED);
    let form = form.choose(&name, "large.bin", &vec![7; 17 << 20]);
    let answer = alice.submit(&form).await.expect(413);
    assert_eq!(answer.page().form().get("title"), Some(TYPED));
    assert!(answer.page().form().is_multipart);
}

#[tokio::test]
async fn a_session_that_ended_keeps_what_was_typed() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    for path in [EDIT, NEW] {
        let form = typed(&alice, path).await;
        app.db.execute("DELETE FROM bailiwick_sessions");
        let answer = alice.submit(&form).await;
        let again = kept(&answer, 401, "Sign in");
        let login = answer.page().attribute("main form .notice a", "href");
        assert_eq!(login, "/auth/login");
        as_json(&alice, &form, 401).await;
        alice.sign_in_to("alice", &login).await;
        // Another session has another token: the person checks the form and sends it again.
        let again = kept(&alice.submit(&again).await, 403, "another session");
        assert_eq!(app.db.number(THERE), 0);
        alice.save(&again).await;
        assert_eq!(app.db.number(THERE), 1);
        app.db
            .execute("UPDATE tags SET name = 'x' || id WHERE name LIKE 'Typed%'");
    }
}

#[tokio::test]
async fn what_another_site_sends_is_not_shown_as_typed() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let form = typed(&alice, EDIT).await.set("csrf_token", "x");
    for headers in [
        vec![("origin", "https://evil.example")],
        vec![("sec-fetch-site", "cross-site")],
        vec![],
    ] {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(&form.fields);
        let mut request = alice
            .request(Method::POST, EDIT)
            .header("accept", "text/html")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.finish());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = alice.send(request).await.expect(403);
        assert!(!answer.text().contains("Typed"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_right_that_was_taken_away_shows_no_form() {
    let app = TestApp::builder().own_provider().start().await;
    let bob = app.sign_in("bob").await;
    let form = typed(&bob, EDIT).await;
    app.set_groups("bob", &["viewers"]);
    app.wait(6);
    let answer = bob.submit(&form).await.expect(403);
    assert!(!answer.page().has("form[data-record]"), "{answer:?}");
    assert_eq!(app.db.number(THERE), 0);
}
