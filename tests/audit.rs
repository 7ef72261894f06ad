//! Every change is recorded in the same transaction, and the record can be read.

use crate::support::{Answer, TestApp};
use bailiwick::demo::provider::demo_people;
use serde_json::Value as Json;

fn entry(app: &TestApp, action: &str, column: &str) -> Option<String> {
    app.db.text(&format!(
        "SELECT {column} FROM bailiwick_audit WHERE action = '{action}' ORDER BY id DESC LIMIT 1"
    ))
}

#[tokio::test]
async fn every_act_leaves_one_entry_with_who_and_where() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/tags/new").await;
    alice.save(&form.set("name", "Audited")).await;
    let id = app.db.number("SELECT id FROM tags WHERE name = 'Audited'");
    let row = format!("/admin/data/tags/row/{id}");
    let form = alice.form(&format!("{row}/edit")).await;
    alice
        .save(&form.set("name", "Twice audited").set("colour", "#123456"))
        .await;
    alice.get("/admin/data/tags/export.csv").await.expect(200);
    let form = alice.form(&format!("{row}/delete")).await;
    alice.save(&form).await;
    let home = alice.page("/admin/").await;
    alice
        .submit(&home.form_of("form[action$='/auth/logout']"))
        .await
        .expect(200);
    let subject = demo_people()[0].subject.clone();
    for action in [
        "sign-in", "create", "update", "export", "delete", "sign-out",
    ] {
        assert_eq!(app.audit(action).len(), 1, "{action}");
        let one = |column| entry(&app, action, column);
        assert_eq!(one("actor_issuer"), Some(app.issuer.clone()), "{action}");
        assert_eq!(one("actor_subject"), Some(subject.clone()), "{action}");
        assert_eq!(
            one("actor_name").as_deref(),
            Some("Alice Archer"),
            "{action}"
        );
        assert_eq!(one("roles").as_deref(), Some("admin"), "{action}");
        assert_eq!(one("address").as_deref(), Some("127.0.0.1"), "{action}");
        assert_eq!(one("request_id").unwrap().len(), 14, "{action}");
        assert!(one("at").unwrap().starts_with("20"), "{action}");
    }
    let changes = |action| {
        let text = entry(&app, action, "changes").unwrap();
        serde_json::from_str::<Json>(&text).unwrap()
    };
    assert_eq!(
        changes("create")["name"],
        serde_json::json!([null, "Audited"])
    );
    let update = serde_json::json!({
        "name": ["Audited", "Twice audited"], "colour": ["#85887e", "#123456"]
    });
    assert_eq!(changes("update"), update);
    assert_eq!(
        changes("delete")["name"],
        serde_json::json!(["Twice audited", null])
    );
    for action in ["create", "update", "delete"] {
        assert_eq!(entry(&app, action, "resource").as_deref(), Some("tags"));
        assert_eq!(entry(&app, action, "row_key"), Some(id.to_string()));
    }
}

#[tokio::test]
async fn a_denial_is_noted_under_the_reference_that_its_page_shows() {
    let app = TestApp::start().await;
    let reference = |answer: &Answer| answer.page().reference();
    let dave = app.stranger();
    let denied = dave.sign_in("dave").await.expect(403);
    assert_eq!(
        app.audit("denied")[0],
        format!("Dave Novak||||{}", reference(&denied))
    );
    let bob = app.sign_in("bob").await;
    let answer = bob.get("/admin/data/audit").await.expect(403);
    assert_eq!(
        app.audit("denied")[0],
        format!("Bob Berger|editor|audit||{}", reference(&answer))
    );
    let answer = bob
        .post_form("/admin/data/orders/row/1/delete", &[])
        .await
        .expect(403);
    assert_eq!(
        app.audit("denied")[0],
        format!("Bob Berger|editor|orders||{}", reference(&answer))
    );
    assert_eq!(app.audit("sign-in").len(), 2);
}

#[tokio::test]
async fn without_its_trace_no_change_is_made() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let edit = alice
        .form("/admin/data/orders/row/1/edit")
        .await
        .set("notes", "Untraced");
    let new = alice
        .form("/admin/data/tags/new")
        .await
        .set("name", "Untraced");
    let delete = alice.form("/admin/data/orders/row/2/delete").await;
    app.db.execute("ALTER TABLE bailiwick_audit RENAME TO gone");
    for form in [edit, new, delete] {
        let answer = alice.submit(&form).await;
        assert_eq!(answer.status, 500, "{answer:?}");
        let text = answer.text_without_chance().to_lowercase();
        for leak in [
            "bailiwick_audit",
            "no such table",
            "relation",
            "diesel",
            "insert",
            "sql",
        ] {
            assert!(!text.contains(leak), "{leak}: {answer:?}");
        }
    }
    let untraced = "SELECT count(*) FROM orders WHERE notes = 'Untraced'";
    assert_eq!(app.db.number(untraced), 0);
    assert_eq!(
        app.db
            .number("SELECT count(*) FROM tags WHERE name = 'Untraced'"),
        0
    );
    assert_eq!(app.db.number("SELECT count(*) FROM orders WHERE id = 2"), 1);
}

#[tokio::test]
async fn the_history_of_a_row_tells_who_changed_what() {
    let app = TestApp::start().await;
    let bob = app.sign_in("bob").await;
    app.db
        .execute("UPDATE orders SET notes = 'before' WHERE id = 1");
    let form = bob.form("/admin/data/orders/row/1/edit").await;
    bob.save(&form.set("notes", "after")).await;
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/orders/row/1/history").await;
    let event = page.text("ol.trace li");
    for part in ["Bob Berger", "Notes", "before", "after", "editor"] {
        assert!(event.contains(part), "{part} is not in {event}");
    }
    assert_eq!(page.text("ol.trace del"), "before");
    assert_eq!(page.text("ol.trace ins"), "after");
    let json = alice.json("/admin/data/orders/row/1/history").await;
    assert_eq!(
        json["events"][0]["changes"]["notes"],
        serde_json::json!(["before", "after"])
    );
    let detail = alice.page("/admin/data/orders/row/1").await;
    assert!(detail.text("aside").contains("Bob Berger"));
    let carol = app.sign_in("carol").await;
    assert!(!carol.page("/admin/data/orders/row/1").await.has("aside"));
}

#[tokio::test]
async fn a_long_history_has_pages() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/tags/row/1/edit").await;
    alice.save(&form.set("name", "First")).await;
    app.db.execute(
        "INSERT INTO bailiwick_audit (at, actor_issuer, actor_subject, actor_name, roles, action, resource, row_key, request_id)
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 70)
         SELECT '2024-01-01 00:00:00', 'i', 's', 'Somebody', '', 'update', 'tags', '1', 'r' FROM n",
    );
    let page = alice.page("/admin/data/tags/row/1/history").await;
    assert_eq!(page.count("ol.trace > li"), 50);
    let older = page.attribute("a.btn[href*='before=']", "href");
    let page = alice.page(&older).await;
    assert_eq!(page.count("ol.trace > li"), 21);
    alice
        .get("/admin/data/tags/row/1/history?before=x")
        .await
        .expect(400);
}

#[tokio::test]
async fn the_audit_is_a_list_for_those_who_are_granted_it() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    app.sign_in("dave").await;
    let page = alice.page("/admin/data/audit").await;
    assert!(page.count("table.rows tbody tr") >= 2);
    let list = alice.json("/admin/data/audit?f.action=eq:denied").await;
    let rows = list["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{list}");
    assert_eq!(rows[0]["actor_name"], "Dave Novak");
    let list = alice
        .json("/admin/data/audit?f.actor_name=starts:alice&sort=-at")
        .await;
    assert_eq!(list["rows"].as_array().unwrap().len(), 1);
    let row = page.attribute("table.rows tbody tr", "data-href");
    let detail = alice.page(&row).await;
    assert!(!detail.has("a[href$='/edit'], a[href$='/delete']"));
    for person in ["bob", "carol"] {
        let client = app.sign_in(person).await;
        client.get("/admin/data/audit").await.expect(403);
        client.get(&row).await.expect(403);
        client.get("/admin/data/audit/export.csv").await.expect(403);
    }
}

#[tokio::test]
async fn the_audit_cannot_be_changed() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let id = app.db.number("SELECT min(id) FROM bailiwick_audit");
    let count = app.db.number("SELECT count(*) FROM bailiwick_audit");
    for path in [
        "/new",
        &format!("/row/{id}/edit"),
        &format!("/row/{id}/delete"),
    ] {
        let link = format!("/admin/data/audit{path}");
        alice.get(&link).await.expect(403);
        let fields = [("actor_name", "Nobody"), ("row_digest", "x")];
        alice.post_form(&link, &fields).await.expect(403);
    }
    let after = app
        .db
        .number("SELECT count(*) FROM bailiwick_audit WHERE action <> 'denied'");
    assert_eq!(after, count);
    // The panel's other tables are not resources.
    for table in [
        "bailiwick_audit",
        "bailiwick_sessions",
        "bailiwick_people",
        "sessions",
        "secrets",
    ] {
        alice.get(&format!("/admin/data/{table}")).await.expect(404);
    }
}

#[tokio::test]
async fn reading_leaves_no_entry() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    for path in [
        "/admin/",
        "/admin/data/orders",
        "/admin/data/orders/row/1",
        "/admin/data/orders/row/1/edit",
    ] {
        alice.page(path).await;
    }
    assert_eq!(
        app.db.number("SELECT count(*) FROM bailiwick_audit"),
        1,
        "only the sign-in"
    );
}

#[tokio::test]
async fn the_address_of_a_client_behind_a_trusted_proxy_is_noted() {
    let trusting = "[server]\ntrusted_proxies = [\"127.0.0.1\"]";
    for (settings, wanted) in [("", "127.0.0.1"), (trusting, "203.0.113.9")] {
        let app = TestApp::builder().settings(settings).start().await;
        let bob = app.sign_in("bob").await;
        let request = bob.request(reqwest::Method::GET, "/admin/data/audit");
        let forwarded = "198.51.100.7, 203.0.113.9";
        bob.send(request.header("x-forwarded-for", forwarded))
            .await
            .expect(403);
        assert_eq!(entry(&app, "denied", "address").as_deref(), Some(wanted));
    }
}

#[tokio::test]
async fn home_shows_ones_own_latest_changes() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let bob = app.sign_in("bob").await;
    let form = alice.form("/admin/data/orders/row/1/edit").await;
    alice.save(&form.set("notes", "x")).await;
    let number = app
        .db
        .text("SELECT number FROM orders WHERE id = 1")
        .unwrap();
    assert!(alice.page("/admin/").await.text("main").contains(&number));
    assert!(!bob.page("/admin/").await.text("main").contains(&number));
}
