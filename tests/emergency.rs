//! Break-glass sign-in, through the whole panel.

use crate::support::{Answer, Browser, Client, TestApp};
use bailiwick::demo::provider::demo_people;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use reqwest::Method;
use serde_json::Value;
use sha2::{Digest, Sha256};

const ON: &str = "[break_glass]\nenabled = true";
const REASON: &str = "identity provider gone, ticket 4711";
const TOKEN: &str = "a-token-of-these-tests";

/// A panel whose provider has never been up.
async fn cut_off() -> TestApp {
    let app = TestApp::builder().settings(ON);
    app.provider_is_down().start().await
}

fn make_link(app: &TestApp, role: &str) -> String {
    let hash = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(TOKEN));
    app.db.execute(&format!(
        "INSERT INTO bailiwick_break_glass VALUES
         ('{hash}', '{role}', '{REASON}', 'root', '2026-01-01 00:00:00', '2999-01-01 00:00:00', 15)"
    ));
    format!("/auth/break-glass?token={TOKEN}")
}

#[tokio::test]
async fn a_browser_comes_in_by_the_button() {
    let app = cut_off().await;
    let Some(browser) = Browser::open(&app).await else {
        return;
    };
    browser.visit(&make_link(&app, "admin")).await;
    browser.click("main form button").await;
    browser.wait_for_element("p.emergency").await;
    assert!(browser.url().await.ends_with("/admin/"));
    browser.close().await;
}

async fn come_in(app: &TestApp, role: &str) -> Client {
    let link = make_link(app, role);
    let client = app.stranger();
    let form = client.form(&link).await;
    assert_eq!(form.get("token"), Some(TOKEN));
    let answer = client.submit(&form).await.expect(303);
    assert_eq!(
        answer.location(),
        Some(format!("{}/admin/", app.root)),
        "{answer:?}"
    );
    client
}

#[tokio::test]
async fn what_is_sent_to_it_is_read_within_limits() {
    let app = cut_off().await;
    make_link(&app, "admin");
    let post = |origin: &str, length: usize, body: &str| {
        format!(
            "POST {}/auth/break-glass HTTP/1.1\r\nHost: x\r\nOrigin: {origin}\r\nContent-Type: \
             application/x-www-form-urlencoded\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}",
            app.root
        )
    };
    // The body from another site is not awaited.
    let began = std::time::Instant::now();
    let answer = app.raw(&post("https://evil.example", 100, "token=")).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert!(began.elapsed().as_secs() < 5);
    // A body that never ends is not awaited forever.
    let open = app.raw(&post(&app.origin, 100, "token=")).await;
    let again = std::time::Instant::now();
    assert!(open.is_empty() || open.starts_with("HTTP/1.1 4"), "{open}");
    assert!(began.elapsed().as_secs() < 20 && again.elapsed().as_secs() < 1);
    let long = format!("token={TOKEN}&x={}", "x".repeat(20_000));
    let answer = app.raw(&post(&app.origin, long.len(), &long)).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    // None of these has used up the link.
    come_in_by(&app).await;
}

async fn come_in_by(app: &TestApp) {
    let client = app.stranger();
    let form = client
        .form(&format!("/auth/break-glass?token={TOKEN}"))
        .await;
    client.submit(&form).await.expect(303);
}

/// A page without the parts that differ between requests.
fn plain(answer: &Answer) -> String {
    let page = answer.page();
    page.source.replace(&page.reference(), "R")
}

#[tokio::test]
async fn k10_where_it_is_off_there_is_no_such_address() {
    let app = TestApp::start().await;
    let link = make_link(&app, "admin");
    let stranger = app.stranger();
    let nothing = stranger.get("/auth/nothing").await.expect(404);
    let answer = stranger.get(&link).await.expect(404);
    assert_eq!(plain(&answer), plain(&nothing));
    let posted = stranger
        .post_bare("/auth/break-glass", &[("token", TOKEN)])
        .await;
    assert_eq!(posted.status, 404, "{posted:?}");
    stranger.get_json("/admin/").await.expect(401);
    assert_eq!(
        app.db.number("SELECT count(*) FROM bailiwick_break_glass"),
        1
    );
}

#[tokio::test]
async fn it_opens_the_panel_while_the_provider_has_never_been_seen() {
    let app = cut_off().await;
    let client = come_in(&app, "admin").await;
    for path in [
        "/admin/",
        "/admin/data/orders",
        "/admin/data/orders/row/1",
        "/admin/data/orders/row/1/edit",
        "/admin/me",
    ] {
        let banner = client.page(path).await.text("p.emergency");
        for words in ["Emergency access as admin", "15 minutes left", REASON] {
            assert!(banner.contains(words), "{path}: {banner}");
        }
    }
    app.wait(14);
    let banner = client.page("/admin/").await.text("p.emergency");
    assert!(banner.contains("one minute left"), "{banner}");
    app.wait(1);
    client.get_json("/admin/").await.expect(401);
    client.get("/admin/").await.expect(302);
}

#[tokio::test]
async fn k10_what_is_done_with_it_is_recorded_with_the_reason() {
    let app = TestApp::builder().settings(ON).start().await;
    let client = come_in(&app, "admin").await;
    let form = client.form("/admin/data/tags/row/1/edit").await;
    client.save(&form.set("name", "In an emergency")).await;
    let entry = &app.audit("update")[0];
    assert!(
        entry.starts_with("Break-glass: root|admin|tags|1|"),
        "{entry}"
    );
    let with_reason = app.db.number(&format!(
        "SELECT count(*) FROM bailiwick_audit WHERE actor_issuer = 'bailiwick:break-glass'
         AND details LIKE '%{REASON}%'"
    ));
    let all = app.db.number(
        "SELECT count(*) FROM bailiwick_audit WHERE actor_issuer = 'bailiwick:break-glass'",
    );
    assert_eq!((with_reason, all), (2, 2), "used, and the change");
    let log = client.page("/admin/data/audit").await;
    let details = log.column("Details").join("\n");
    assert!(
        details.contains("came in for 15 minutes as admin"),
        "{details}"
    );
    assert!(details.contains(REASON), "{details}");
    let actions = log.column("Action");
    assert!(actions.contains(&"break-glass".to_owned()), "{actions:?}");
}

#[tokio::test]
async fn who_came_in_is_found_among_the_sessions_by_what_the_page_shows() {
    let app = TestApp::builder().settings(ON).start().await;
    come_in(&app, "viewer").await;
    app.wait(1);
    app.sign_in("bob").await;
    app.wait(1);
    let client = come_in(&app, "admin").await;
    for (search, names) in [
        (
            "BREAK-GLASS",
            &["Break-glass: root", "Break-glass: root"][..],
        ),
        ("root", &["Break-glass: root", "Break-glass: root"]),
        ("ticket+4711", &["Break-glass: root", "Break-glass: root"]),
        ("administrator", &["Break-glass: root"]),
        ("viewer", &["Break-glass: root"]),
        ("berger", &["Bob Berger"]),
        (
            "o",
            &["Break-glass: root", "Bob Berger", "Break-glass: root"],
        ),
        ("%25", &[]),
        ("_", &[]),
    ] {
        let found = client.json(&format!("/admin/sessions?q={search}")).await;
        let found = found["sessions"].as_array().unwrap().clone();
        let found: Vec<&str> = found
            .iter()
            .map(|one| one["person"]["name"].as_str().unwrap())
            .collect();
        assert_eq!(found, names, "{search}");
    }
    let page = client.page("/admin/sessions?q=4711").await;
    assert_eq!(page.count("ul.sessions > li"), 2);
    assert!(page.text("ul.sessions").contains(REASON));
    let all = client.json("/admin/sessions").await;
    assert_eq!(all["sessions"][0]["break_glass"], REASON);
    assert_eq!(all["sessions"][1]["break_glass"], Value::Null);
}

#[tokio::test]
async fn a_person_of_such_a_name_is_told_apart() {
    let mut people = demo_people();
    let bob = people.iter_mut().find(|one| one.name == "bob").unwrap();
    bob.display_name = "Break-glass: root".into();
    let app = TestApp::builder().settings(ON).people(people).start().await;
    let imitator = app.sign_in("bob").await;
    let client = come_in(&app, "admin").await;
    for (who, name) in [(&imitator, "Imitated"), (&client, "Genuine")] {
        let form = who.form("/admin/data/tags/row/1/edit").await;
        who.save(&form.set("name", name)).await;
    }
    let marked = async |path: &str, all: &str, mark: &str| {
        let page = client.page(path).await;
        let named = page.texts(all);
        let named = named
            .iter()
            .filter(|text| text.contains("Break-glass: root"));
        (named.count(), page.count(mark))
    };
    let sessions = marked(
        "/admin/sessions",
        "ul.sessions h2",
        "ul.sessions .badge.bad",
    )
    .await;
    assert_eq!(sessions, (2, 1));
    let history = "/admin/data/tags/row/1/history";
    let history = marked(history, "ol.trace p.by", "ol.trace p.by .badge.bad").await;
    assert_eq!(history, (2, 1));
    let log = "/admin/data/audit?f.action=eq%3Aupdate";
    let log = marked(log, "tbody tr", "tbody td:nth-child(2) .badge.bad").await;
    assert_eq!(log, (2, 1));
    let told = client.json("/admin/data/tags/row/1/history").await;
    assert_eq!(told["events"][0]["break_glass"], true);
    assert_eq!(told["events"][1]["break_glass"], false);
}

#[tokio::test]
async fn it_gives_the_role_and_no_more() {
    let app = TestApp::builder().settings(ON).start().await;
    let client = come_in(&app, "viewer").await;
    client.page("/admin/data/orders").await;
    client
        .get("/admin/data/orders/row/1/edit")
        .await
        .expect(403);
    client.get("/admin/data/audit").await.expect(403);
}

#[tokio::test]
async fn a_role_that_is_gone_opens_nothing() {
    let app = TestApp::builder().settings(ON).start().await;
    let client = come_in(&app, "nothing").await;
    let answer = client.get("/admin/").await;
    assert_eq!(answer.status, 403, "{answer:?}");
}

#[tokio::test]
async fn it_works_behind_a_proxy_and_ends_by_signing_out() {
    let app = TestApp::builder()
        .settings(ON)
        .behind("https://panel.example.com/prefix", true)
        .start()
        .await;
    let client = come_in(&app, "admin").await;
    let out = client
        .page("/admin/")
        .await
        .form_of("form[action$='/auth/logout']");
    let answer = client.submit(&out).await;
    client.follow(answer).await.expect(200);
    client.get_json("/admin/").await.expect(401);
}

#[tokio::test]
async fn its_pages_are_not_kept_and_carry_the_security_headers() {
    let app = TestApp::builder().settings(ON).start().await;
    let link = make_link(&app, "admin");
    let stranger = app.stranger();
    for link in [
        link.as_str(),
        "/auth/break-glass?token=x",
        "/auth/break-glass",
    ] {
        let answer = stranger.get(link).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{answer:?}");
        assert_eq!(answer.header("cache-control"), "no-store");
        let referrer = answer.header("referrer-policy");
        assert!(
            matches!(referrer, "no-referrer" | "strict-origin"),
            "{referrer}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let page = stranger.page(&link).await;
    assert!(!page.has("script:not([src])") && !page.has("[style]") && !page.has("main a"));
    let head = stranger.send(stranger.request(Method::HEAD, &link)).await;
    assert_eq!(head.status, 200);
    let answer = stranger.get_json("/auth/break-glass?token=x").await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn the_reason_goes_with_a_look_too() {
    let app = cut_off().await;
    let client = come_in(&app, "admin").await;
    for fields in [
        &[("role", "viewer")][..],
        &[("groups", "viewers"), ("claim.region", "emea")],
    ] {
        client.post_form("/admin/look", fields).await.expect(303);
        assert!(client.get("/admin/").await.text().contains(REASON));
        client.get("/admin/data/settings").await.expect(403);
        client.post_form("/admin/look/end", &[]).await.expect(303);
    }
    let without = format!(
        "SELECT count(*) FROM bailiwick_audit WHERE actor_issuer = 'bailiwick:break-glass'
         AND (details IS NULL OR details NOT LIKE '%\"break_glass\":\"{REASON}\"%')"
    );
    assert_eq!(app.db.number(&without), 0);
    assert_eq!(app.audit("denied").len(), 2);
}
