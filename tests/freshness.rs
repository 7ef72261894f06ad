//! Groups that change at the provider during a session.

use crate::support::{Client, TestApp};
use reqwest::Method;

/// The two ways to re-check groups.
const WAYS: [bool; 2] = [true, false];

async fn app(by_refresh: bool) -> TestApp {
    let builder = TestApp::builder().own_provider();
    if by_refresh {
        builder.start().await
    } else {
        builder.without_refresh().start().await
    }
}

async fn rights(client: &Client, paths: &[&str]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for path in paths {
        statuses.push(client.open(path).await.status);
    }
    statuses
}

#[tokio::test]
async fn a_demoted_person_loses_exactly_what_they_lost() {
    const PATHS: [&str; 6] = [
        "/admin/data/orders",
        "/admin/data/customers",
        "/admin/data/employees",
        "/admin/data/audit",
        "/admin/data/orders/row/1/edit",
        "/admin/data/orders/export.csv",
    ];
    for by_refresh in WAYS {
        let app = app(by_refresh).await;
        let alice = app.sign_in("alice").await;
        app.set_groups("alice", &["viewers"]);
        app.wait(4);
        assert_eq!(rights(&alice, &PATHS).await, [200; 6]);
        app.wait(1);
        // The first request notices it, whichever it is.
        let edit = alice.open("/admin/data/orders/row/1/edit").await;
        assert_eq!(edit.status, 403, "{by_refresh}: {edit:?}");
        let now = rights(&alice, &PATHS).await;
        assert_eq!(now, [200, 200, 403, 403, 403, 403], "{by_refresh}");
        let carol = app.sign_in("carol").await;
        assert_eq!(rights(&carol, &PATHS).await, now);
        let changes = app.audit("recheck");
        assert_eq!(changes.len(), 1, "{changes:?}");
        assert!(
            changes[0].starts_with("Alice Archer|viewer|"),
            "{changes:?}"
        );
    }
}

#[tokio::test]
async fn a_removed_person_is_out_with_the_next_request() {
    for by_refresh in WAYS {
        let app = app(by_refresh).await;
        let bob = app.sign_in("bob").await;
        app.set_groups("bob", &[]);
        app.wait(5);
        let denied = bob.open("/admin/data/orders").await;
        assert_eq!(denied.status, 403, "{by_refresh}: {denied:?}");
        assert!(denied.page().text("main").contains("no role"), "{denied:?}");
        bob.get_json("/admin/data/orders").await.expect(403);
        bob.get("/admin/").await.expect(403);
        app.set_groups("bob", &["editors"]);
        app.wait(5);
        assert_eq!(bob.open("/admin/data/orders").await.status, 200);
    }
}

#[tokio::test]
async fn a_removed_person_saves_nothing_more() {
    let app = app(true).await;
    let bob = app.sign_in("bob").await;
    let form = bob.form("/admin/data/tags/new").await.set("name", "late");
    app.set_groups("bob", &[]);
    app.wait(5);
    bob.submit(&form).await.expect(403);
    let late = "SELECT count(*) FROM tags WHERE name = 'late'";
    assert_eq!(app.db.number(late), 0);
}

#[tokio::test]
async fn a_person_who_gains_a_role_need_not_sign_out() {
    for by_refresh in WAYS {
        let app = app(by_refresh).await;
        let dave = app.stranger();
        dave.sign_in("dave").await.expect(403);
        app.set_groups("dave", &["admins"]);
        app.wait(5);
        assert_eq!(dave.open("/admin/data/employees").await.status, 200);
    }
}

#[tokio::test]
async fn only_a_form_is_told_that_its_session_has_ended() {
    let app = app(true).await;
    let ended = async || {
        let bob = app.sign_in("bob").await;
        let form = bob.form("/admin/data/tags/new").await.set("name", "late");
        // As if the provider were removed from the configuration.
        app.db
            .execute("UPDATE bailiwick_sessions SET issuer = 'https://gone.example'");
        app.wait(5);
        (bob, form)
    };
    let (bob, form) = ended().await;
    let told = bob.submit(&form).await.expect(401);
    let text = told.page().text("main");
    assert!(text.contains("nothing was saved"), "{text}");
    let (bob, _) = ended().await;
    bob.get("/admin/data/tags").await.expect(302);
    let (bob, _) = ended().await;
    let script = bob.request(Method::POST, "/admin/data/tags/new");
    let script = script.header("accept", "application/json");
    let told = bob.send(script).await.expect(401).json().to_string();
    assert!(!told.contains("what you typed"), "{told}");
    let saved = "SELECT count(*) FROM tags WHERE name = 'late'";
    assert_eq!(app.db.number(saved), 0);
    assert_eq!(app.audit("lapse").len(), 3);
}

#[tokio::test]
async fn a_form_is_not_lost_where_only_a_page_can_be_confirmed() {
    let app = app(false).await;
    let bob = app.sign_in("bob").await;
    let form = |name: &'static str| {
        let bob = &bob;
        async move { bob.form("/admin/data/tags/new").await.set("name", name) }
    };
    let (first, second) = (form("first").await, form("second").await);
    app.wait(14);
    bob.save(&first).await;
    app.wait(1);
    let told = bob.submit(&second).await.expect(401);
    let text = told.page().text("main");
    assert!(
        text.contains("Nothing was saved") && text.contains("reload"),
        "{text}"
    );
    assert_eq!(
        app.db
            .number("SELECT count(*) FROM tags WHERE name = 'second'"),
        0
    );
    // As the page says: open a page in another tab, then send the form again.
    assert_eq!(bob.open("/admin/").await.status, 200);
    bob.save(&second).await;
    assert_eq!(
        app.db
            .number("SELECT count(*) FROM tags WHERE name = 'second'"),
        1
    );
}

#[tokio::test]
async fn a_script_is_told_where_to_sign_in() {
    let app = app(false).await;
    let bob = app.sign_in("bob").await;
    app.wait(15);
    let script = |client: &Client| {
        let request = client.request(Method::GET, "/admin/data/orders/lookup?q=x");
        request
            .header("accept", "application/json")
            .header("sec-fetch-mode", "cors")
    };
    let told = bob.send(script(&bob)).await.expect(401);
    assert_eq!(told.header("x-sign-in"), "/auth/login");
    assert_eq!(told.header("content-type"), "application/problem+json");
    let stranger = app.stranger();
    let told = stranger.send(script(&stranger)).await.expect(401);
    assert_eq!(told.header("x-sign-in"), "/auth/login");
}

#[tokio::test]
async fn behind_a_prefix_the_way_back_has_it() {
    for cuts in [true, false] {
        let app = TestApp::builder()
            .own_provider()
            .without_refresh()
            .behind("https://panel.example/ops", cuts)
            .start()
            .await;
        let carol = app.sign_in("carol").await;
        app.wait(5);
        let path = "/ops/admin/data/orders?sort=-total";
        let sent = carol.get(path).await.expect(303);
        let login = sent.header("location").to_owned();
        assert!(login.starts_with("/ops/auth/login?prompt=none&"), "{login}");
        let page = carol.follow(sent).await.expect(200);
        assert!(page.url.as_str().ends_with(path), "{}", page.url);
    }
}

#[tokio::test]
async fn groups_that_are_new_enough_cost_no_statement() {
    let app = app(true).await;
    let alice = app.sign_in("alice").await;
    let path = "/admin/data/orders?size=1";
    alice.json(path).await;
    let about_sessions = |statements: &[String]| {
        // The name of the function that cancels statements contains this too.
        let is_own = |sql: &&String| sql.contains("bailiwick_") && !sql.contains("bailiwick_tick");
        let about = statements.iter().filter(is_own);
        about.count()
    };
    let (_, fresh) = app.all_statements(alice.json(path)).await;
    assert_eq!(about_sessions(&fresh), 1, "{fresh:#?}");
    app.wait(5);
    let (_, due) = app.all_statements(alice.json(path)).await;
    // The session and its last use; claim and read; read, write and the person.
    assert_eq!(about_sessions(&due), 7, "{due:#?}");
    let (_, fresh) = app.all_statements(alice.json(path)).await;
    assert_eq!(about_sessions(&fresh), 1, "{fresh:#?}");
}

#[tokio::test]
async fn the_lag_of_a_removal_is_the_interval() {
    use std::time::{Duration, Instant};
    for by_refresh in WAYS {
        let builder = TestApp::builder()
            .own_provider()
            .settings("[session]\nrecheck = \"2s\"");
        let app = if by_refresh {
            builder.start().await
        } else {
            builder.without_refresh().start().await
        };
        let mut longest = Duration::ZERO;
        for _ in 0..3 {
            app.set_groups("carol", &["viewers"]);
            let carol = app.sign_in("carol").await;
            app.set_groups("carol", &[]);
            let removed = Instant::now();
            while carol.open("/admin/data/orders").await.status == 200 {
                assert!(removed.elapsed() < Duration::from_secs(20), "never taken");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            longest = longest.max(removed.elapsed());
        }
        println!("by refresh: {by_refresh}, longest lag: {longest:?} of 2 s");
    }
}

#[tokio::test]
async fn an_address_written_otherwise_is_no_way_around_it() {
    for by_refresh in WAYS {
        let app = app(by_refresh).await;
        let bob = app.sign_in("bob").await;
        let paths = ["/%61dmin/data/orders", "/a%64mi%6E/data/orders?size=5"];
        for path in paths {
            bob.get_json(path).await.expect(200);
        }
        app.set_groups("bob", &[]);
        // After the grace period, and before the session expires.
        app.wait(16);
        for path in paths {
            let refused = bob.get_json(path).await;
            let status = if by_refresh { 403 } else { 401 };
            assert_eq!(refused.status, status, "{by_refresh} {path}: {refused:?}");
        }
    }
}
