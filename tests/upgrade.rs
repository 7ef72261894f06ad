//! A database that was used by the first version. After the migration, all its content still exists
//! and works. Sessions that cannot continue are ended cleanly.

use crate::support::{Answer, Client, Database, TestApp};
use actix_web::cookie::{Cookie, CookieJar, Key};
use bailiwick::store::{AnyConnection, migrations};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use reqwest::Method;
use sha2::{Digest, Sha256};
use std::sync::Barrier;
use std::time::Duration;

/// The schema of the first version, and the up and down scripts of the second migration.
struct Scripts {
    first: &'static str,
    second: &'static str,
    second_back: &'static str,
}

const SQLITE: Scripts = Scripts {
    first: include_str!("../migrations/sqlite/2026-11-23-000001_panel/up.sql"),
    second: include_str!("../migrations/sqlite/2026-11-23-000002_access/up.sql"),
    second_back: include_str!("../migrations/sqlite/2026-11-23-000002_access/down.sql"),
};
const POSTGRES: Scripts = Scripts {
    first: include_str!("../migrations/postgres/2026-11-23-000001_panel/up.sql"),
    second: include_str!("../migrations/postgres/2026-11-23-000002_access/up.sql"),
    second_back: include_str!("../migrations/postgres/2026-11-23-000002_access/down.sql"),
};

/// The key that signed cookies, as the first version stored it.
const KEY: &str = "0123456789abcdefghijklmnopqrstuvwxyz_ABCDEF";
/// Ids of open sessions.
const OPEN: [&str; 2] = ["an-id-of-alice-of-43-characters-1234567890a", "another-id"];

fn scripts(db: &Database) -> &'static Scripts {
    if db.is_sqlite() { &SQLITE } else { &POSTGRES }
}

fn hash(id: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(id))
}

/// The state of a session in the first version.
fn state(issuer: &str, subject: &str) -> String {
    let signed = serde_json::json!({
        "person": {"issuer": issuer, "subject": subject, "name": "Alice Archer",
                   "email": "alice@example.com", "groups": ["admins"], "claims": {}},
        "csrf_token": "c".repeat(43), "id_token": "e30.e30.e30", "provider_session": "sid-1",
        "signed_in_at": chrono::Utc::now(), "groups_checked_at": chrono::Utc::now(),
        "groups_note": {"kind": "found"},
    });
    serde_json::json!({ "signed": signed.to_string() }).to_string()
}

/// Drops the panel's own tables.
fn drop_own(db: &Database) {
    let tables = if db.is_sqlite() {
        "SELECT name FROM sqlite_master WHERE type = 'table'"
    } else {
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    };
    for table in db.texts(tables).into_iter().flatten() {
        if table.starts_with("bailiwick_") {
            db.execute(&format!("DROP TABLE {table}"));
        }
    }
}

/// Replaces the panel's tables by a used database of the first version.
fn go_back(db: &Database, issuer: &str, alice: &str) {
    drop_own(db);
    db.execute(scripts(db).first);
    db.execute(
        "CREATE TABLE bailiwick_migrations (version TEXT NOT NULL PRIMARY KEY, run_at TIMESTAMP NOT NULL);
         INSERT INTO bailiwick_migrations VALUES ('20261123000001', '2026-01-02 03:04:05')",
    );
    db.execute(&format!(
        r#"INSERT INTO bailiwick_secrets VALUES ('cookie-key', '{KEY}');
        INSERT INTO bailiwick_people VALUES
        ('{issuer}', '{alice}', 'Alice Before', NULL, '2026-01-02 03:04:05', '2026-02-03 04:05:06'),
        ('https://old.example', 's-ada', 'Ada Old', 'ada@old.example', '2026-01-02 03:04:05', '2026-02-03 04:05:06'),
        ('https://old.example', 's-ben', 'Ben Old', NULL, '2026-01-03 03:04:05', '2026-02-04 04:05:06');
        INSERT INTO bailiwick_audit (at, actor_issuer, actor_subject, actor_name, roles, action, resource,
            row_key, row_label, request_id, address, details, changes) VALUES
        ('2026-02-03 04:05:06', 'https://old.example', 's-ada', 'Ada Old', 'admin', 'sign-in', NULL, NULL,
            NULL, 'OLD-1', '192.0.2.7', '{{"groups":2}}', NULL),
        ('2026-02-03 04:06:06', 'https://old.example', 's-ada', 'Ada Old', 'admin', 'update', 'tags', '1',
            'Old tag', 'OLD-2', '192.0.2.7', NULL, '{{"name":["Older","Old tag"]}}'),
        ('2026-02-03 04:07:06', 'https://old.example', 's-ada', 'Ada Old', 'admin', 'export', 'tags', NULL,
            NULL, 'OLD-3', NULL, '{{"format":"csv","query":[],"rows":7,"complete":true}}', NULL);"#
    ));
    for id in OPEN {
        db.execute(&format!(
            "INSERT INTO bailiwick_sessions VALUES ('{}', '{}', '{issuer}', '{alice}', 'sid-1', {now}, {now});
             INSERT INTO bailiwick_sign_ins VALUES ('s-{id}', 'b-{id}', '{issuer}', 'n', 'v', '/admin/', {now})",
            hash(id),
            state(issuer, alice),
            now = "CURRENT_TIMESTAMP",
        ));
    }
}

/// The panel that set up the database, one started after the first version has used it, and Alice's
/// subject.
async fn upgraded() -> (TestApp, TestApp, String) {
    let before = TestApp::builder().own_provider().start().await;
    before.sign_in("alice").await;
    let alice = "SELECT subject FROM bailiwick_people WHERE name LIKE 'Alice %'";
    let alice = before.db.text(alice).unwrap();
    go_back(&before.db, &before.issuer, &alice);
    let app = TestApp::builder().beside(&before).start().await;
    (before, app, alice)
}

/// A request with the cookie of an open session.
async fn with_old_cookie(app: &TestApp, method: Method, path: &str, accept: &str) -> Answer {
    let mut jar = CookieJar::new();
    let cookie = Cookie::new("bailiwick", OPEN[0]);
    jar.signed_mut(&Key::derive_from(KEY.as_bytes()))
        .add(cookie);
    let cookie = jar.get("bailiwick").unwrap().to_string();
    let stranger = app.stranger();
    let request = stranger.request(method, path).header("cookie", cookie);
    let request = request.header("sec-fetch-site", "same-origin");
    stranger.send(request.header("accept", accept)).await
}

/// Checks that people with old sessions are sent to sign in, without an error.
async fn is_signed_out(app: &TestApp) {
    for path in [
        "/admin/",
        "/admin/data/tags",
        "/admin/me",
        "/admin/sessions",
    ] {
        let answer = with_old_cookie(app, Method::GET, path, "text/html").await;
        let location = answer.expect(302).location().unwrap();
        assert!(location.starts_with("/auth/login"), "{location}");
        let answer = with_old_cookie(app, Method::GET, path, "application/json").await;
        answer.expect(401);
    }
    for path in ["/admin/data/tags/new", "/admin/look", "/auth/logout"] {
        let answer = with_old_cookie(app, Method::POST, path, "text/html").await;
        assert!(answer.status < 500, "{answer:?}");
    }
}

/// The actors and requests of the audit log, as the panel lists them.
async fn listed(alice: &Client) -> Vec<String> {
    let page = alice.page("/admin/data/audit?sort=id").await;
    page.texts("tbody tr")
}

#[tokio::test]
async fn who_was_signed_in_is_asked_to_sign_in() {
    let (_before, app, _) = upgraded().await;
    assert_eq!(app.db.number("SELECT count(*) FROM bailiwick_sessions"), 0);
    is_signed_out(&app).await;
    // Pending sign-ins are kept.
    let pending = "SELECT count(*) FROM bailiwick_sign_ins WHERE purpose IS NULL";
    assert_eq!(app.db.number(pending), 2);
}

#[tokio::test]
async fn who_is_known_stays_known_and_is_noted_anew_at_the_next_sign_in() {
    let (_before, app, subject) = upgraded().await;
    let alice = app.sign_in("alice").await;
    let found = app.db.text(&format!(
        "SELECT name || '|' || CAST(first_seen_at AS TEXT) || '|' || groups || '|' || groups_note
         FROM bailiwick_people WHERE subject = '{subject}'"
    ));
    assert_eq!(
        found.unwrap(),
        r#"Alice Archer|2026-01-02 03:04:05|["admins"]|found"#
    );
    assert_eq!(app.db.number("SELECT count(*) FROM bailiwick_people"), 3);
    let list = alice.page("/admin/access?show=people").await;
    for name in ["Alice Archer", "Ada Old", "Ben Old"] {
        assert!(list.text("main").contains(name), "{name}");
    }
    let ada = alice.page("/admin/access?person=https://old.example+s-ada");
    let ada = ada.await.text("main");
    for words in ["Ada Old", "ada@old.example", "no role"] {
        assert!(ada.contains(words), "{words} is not in {ada}");
    }
    let fields = [("person", "https://old.example s-ada")];
    let look = alice.post_form("/admin/look", &fields).await;
    assert!(look.status < 500, "{look:?}");
}

#[tokio::test]
async fn the_audit_goes_on_where_it_was() {
    let (_before, app, _) = upgraded().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/tags/row/1/edit").await;
    alice.save(&form.set("name", "New tag")).await;
    let lines = listed(&alice).await;
    assert_eq!(lines.len(), 5, "{lines:#?}");
    for (line, words) in lines.iter().zip([
        ["Ada Old", "sign-in"],
        ["Ada Old", "update"],
        ["Ada Old", "export"],
        ["Alice Archer", "sign-in"],
        ["Alice Archer", "update"],
    ]) {
        assert!(words.iter().all(|word| line.contains(word)), "{lines:#?}");
    }
    let history = alice.json("/admin/data/tags/row/1/history").await;
    let events = history["events"].as_array().unwrap();
    assert_eq!(events.len(), 2, "{history}");
    assert_eq!(events[0]["changes"]["name"][1], "New tag");
    assert_eq!(
        events[1]["changes"]["name"],
        serde_json::json!(["Older", "Old tag"])
    );
    for id in app.db.texts("SELECT id FROM bailiwick_audit") {
        let entry = format!("/admin/data/audit/row/{}", id.unwrap());
        alice.page(&entry).await;
    }
}

#[tokio::test]
async fn a_change_of_roles_is_previewed_with_people_of_whom_nothing_is_noted() {
    let (_before, app, _) = upgraded().await;
    let alice = app.sign_in("alice").await;
    let version = alice.json("/admin/roles").await["version"].to_string();
    assert_eq!(version, "0");
    let fields = [
        ("version", version.as_str()),
        ("name", "helpers"),
        ("grant.0.is", "yes"),
        ("grant.0.on", "tags"),
        ("grant.0.may", "view"),
    ];
    let asked = alice.post_form("/admin/roles/new", &fields).await;
    assert_eq!(asked.status, 200, "{asked:?}");
    let mut fields = fields.to_vec();
    fields.push(("confirm", "yes"));
    alice
        .post_form("/admin/roles/new", &fields)
        .await
        .expect(303);
    let form = alice.form("/admin/roles/helpers/groups").await;
    let page = alice.submit(&form.set("text", "admins")).await;
    let page = page.expect(200).page();
    let text = page.text("main");
    assert!(text.contains("You gain the role Helpers."), "{text}");
    assert!(!text.contains("Ada Old"), "{text}");
}

#[tokio::test]
async fn back_and_forth_again_keeps_what_the_first_version_knew() {
    let (_before, app, _) = upgraded().await;
    let alice = app.sign_in("alice").await;
    let known = |column: &str| {
        let sql = format!("SELECT {column} FROM bailiwick_people ORDER BY subject");
        let people = app.db.texts(&sql);
        let audit = "SELECT request_id || action FROM bailiwick_audit ORDER BY id";
        (people, app.db.texts(audit))
    };
    let before = known("name");
    let scripts = scripts(&app.db);
    app.db.execute(scripts.second_back);
    assert_eq!(known("name"), before);
    app.db.execute(scripts.second);
    assert_eq!(known("name"), before);
    assert_eq!(known("groups").0, [None, None, None]);
    alice.get("/admin/").await.expect(302);
    alice.get_json("/admin/data/tags").await.expect(401);
    let alice = app.sign_in("alice").await;
    alice.page("/admin/data/tags").await;
    alice.page("/admin/data/audit").await;
    is_signed_out(&app).await;
}

#[tokio::test]
async fn several_processes_may_start_on_a_new_database_at_the_same_moment() {
    let app = TestApp::start().await;
    let target = app.db.target();
    for _ in 0..4 {
        drop_own(&app.db);
        let ready = Barrier::new(8);
        let start = || {
            let mut conn = AnyConnection::open(&target, Duration::from_secs(10)).unwrap();
            ready.wait();
            migrations::run(&mut conn).unwrap()
        };
        let ran: Vec<Vec<String>> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let mut all: Vec<&String> = ran.iter().flatten().collect();
        all.sort();
        // Each migration is applied by one of them, and none by two.
        assert_eq!(
            all,
            [
                "20261123000001",
                "20261123000002",
                "20261128000002",
                "20261128000003"
            ],
            "{ran:?}"
        );
    }
}
