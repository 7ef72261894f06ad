//! Rate and size limits: each has its own response.

use crate::support::{Answer, Client, TestApp};
use reqwest::Method;

async fn limited(limits: &str) -> TestApp {
    let settings = format!("[server]\ntrusted_proxies = [\"127.0.0.1\"]\n[limits]\n{limits}");
    TestApp::builder().settings(&settings).start().await
}

async fn from(client: &Client, address: &str, link: &str) -> Answer {
    let request = client
        .request(Method::GET, link)
        .header("x-forwarded-for", address)
        .header("accept", "text/html");
    client.send(request).await
}

fn too_often(answer: &Answer) {
    assert_eq!(answer.status, 429, "{answer:?}");
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let words = answer.page().text("main");
    assert!(
        words.contains("This came too often") && words.contains("Nothing was done"),
        "{words}"
    );
}

#[tokio::test]
async fn a7_sign_ins_are_limited_by_address() {
    let app = limited("sign_ins = 5").await;
    let begun = "SELECT count(*) FROM bailiwick_sign_ins";
    for _ in 0..5 {
        let answer = from(&app.stranger(), "192.0.2.1", "/auth/login").await;
        assert_eq!(answer.status, 303, "{answer:?}");
    }
    let (answer, statements) = app
        .statements(from(&app.stranger(), "192.0.2.1", "/auth/login"))
        .await;
    too_often(&answer);
    assert!(answer.headers.get("set-cookie").is_none());
    assert_eq!(statements, Vec::<String>::new());
    assert_eq!(app.db.number(begun), 5);
    let other = from(&app.stranger(), "192.0.2.2", "/auth/login").await;
    assert_eq!(other.status, 303, "another address");
    for host in 1..=5 {
        let address = format!("2001:db8:1:2::{host}");
        assert_eq!(
            from(&app.stranger(), &address, "/auth/login").await.status,
            303
        );
    }
    too_often(&from(&app.stranger(), "2001:db8:1:2:ffff::1", "/auth/login").await);
    assert_eq!(
        from(&app.stranger(), "2001:db8:1:3::1", "/auth/login")
            .await
            .status,
        303
    );
    app.wait(1);
    assert_eq!(
        from(&app.stranger(), "192.0.2.1", "/auth/login")
            .await
            .status,
        303
    );
}

#[tokio::test]
async fn a7_who_floods_pushes_nobody_else_out() {
    let app = limited("sign_ins = 20").await;
    let alice = app.stranger();
    let chooser = alice.open("/admin/").await.expect(200);
    let mut refused = 0;
    for _ in 0..200 {
        let answer = from(&app.stranger(), "192.0.2.1", "/auth/login").await;
        refused += usize::from(answer.status == 429);
    }
    assert_eq!(refused, 180);
    assert_eq!(app.db.number("SELECT count(*) FROM bailiwick_sign_ins"), 21);
    let request = alice
        .request(Method::POST, chooser.url.as_str())
        .header("content-type", "application/x-www-form-urlencoded")
        .body("person=alice");
    let chosen = alice.send(request).await;
    alice.follow(chosen).await.expect(200);
}

#[tokio::test]
async fn an_untrusted_client_cannot_say_where_it_is() {
    let app = TestApp::builder()
        .settings("[limits]\nsign_ins = 2")
        .start()
        .await;
    for host in 1..=2 {
        let address = format!("192.0.2.{host}");
        assert_eq!(
            from(&app.stranger(), &address, "/auth/login").await.status,
            303
        );
    }
    too_often(&from(&app.stranger(), "192.0.2.3", "/auth/login").await);
}

#[tokio::test]
async fn callbacks_are_limited_by_address() {
    let app = limited("callbacks = 3").await;
    let callback = "/auth/callback?code=x&state=y";
    for _ in 0..3 {
        assert_eq!(
            from(&app.stranger(), "192.0.2.1", callback).await.status,
            400
        );
    }
    let ((), statements) = app
        .statements(async {
            too_often(&from(&app.stranger(), "192.0.2.1", callback).await);
        })
        .await;
    assert_eq!(statements, Vec::<String>::new());
    assert_eq!(
        from(&app.stranger(), "192.0.2.2", callback).await.status,
        400
    );
}

#[tokio::test]
async fn lookups_and_exports_are_limited_by_person() {
    let app = limited("lookups = 4\nexports = 2").await;
    let (alice, bob) = (app.sign_in("alice").await, app.sign_in("bob").await);
    let lookup = "/admin/data/products/lookup?q=a";
    for address in 1..=4 {
        let address = format!("192.0.2.{address}");
        assert_eq!(from(&alice, &address, lookup).await.status, 200);
    }
    too_often(&from(&alice, "192.0.2.9", lookup).await);
    let elsewhere = app.sign_in("alice").await;
    let problem = elsewhere.get_json(lookup).await;
    assert_eq!(problem.status, 429, "another session of the same person");
    assert_eq!(problem.header("content-type"), "application/problem+json");
    assert!(!problem.header("retry-after").is_empty());
    assert_eq!(problem.json()["status"], 429);
    bob.get(lookup).await.expect(200);
    for format in ["csv", "json"] {
        alice
            .get(&format!("/admin/data/tags/export.{format}"))
            .await
            .expect(200);
    }
    let exported = app.audit("export").len();
    too_often(&alice.get("/admin/data/tags/export.jsonl").await);
    assert_eq!(app.audit("export").len(), exported);
    bob.get("/admin/data/tags/export.csv").await.expect(200);
    alice.page("/admin/data/tags").await;
}

#[tokio::test]
async fn a_step_up_counts_as_a_sign_in() {
    let roles = "[roles.admin]\ngroups = [\"admins\"]\n[[roles.admin.grants]]\non = [\"*\"]\n\
         may = [\"view\", \"edit\"]\nstep_up = { edit = { acr = [\"x\"] } }";
    let app = TestApp::builder()
        .roles(roles)
        .settings("[limits]\nsign_ins = 3")
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    // Counted by person, not with sign-ins from the same address.
    for _ in 0..3 {
        alice.get("/admin/data/tags/row/1/edit").await.expect(303);
    }
    too_often(&alice.get("/admin/data/tags/row/1/edit").await);
}

/// Sends a request, and checks the status of the response.
async fn answered(work: impl Future<Output = Answer>, status: u16, case: &str) -> Answer {
    let answer = work.await;
    assert_eq!(answer.status, status, "{case}: {answer:?}");
    answer
}

#[tokio::test]
async fn sec_33_too_much_in_an_address_is_refused() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let list = "/admin/data/orders";
    let many = |part: &str, count: usize| {
        let parts: Vec<String> = (0..count)
            .map(|n| part.replace("{n}", &n.to_string()))
            .collect();
        format!("{list}?{}", parts.join("&"))
    };
    let numbers: Vec<String> = (0..1_001).map(|number| (number % 9).to_string()).collect();
    for (case, link, status) in [
        (
            "an address",
            format!("{list}?q={}", "a".repeat(17_000)),
            414,
        ),
        ("conditions", many("f.id=ne:{n}", 51), 400),
        ("groups", many("or.{n}.id=ne:{n}", 51), 400),
        (
            "values of in",
            format!("{list}?f.id=in:{}", numbers.join(",")),
            400,
        ),
        (
            "sort columns",
            format!("{list}?sort={}", ["id"; 9].join(",")),
            400,
        ),
        ("a search", format!("{list}?q={}", "a".repeat(501)), 400),
        (
            "a lookup",
            format!("{list}/lookup?q={}", "a".repeat(501)),
            400,
        ),
        ("rows on a page", format!("{list}?size=501"), 400),
        ("pages", format!("{list}?page=100000"), 400),
        (
            "a page number",
            format!("{list}?page=99999999999999999999"),
            400,
        ),
        (
            "a cursor",
            format!("{list}?after={}", "A".repeat(9_000)),
            400,
        ),
        ("a key", format!("{list}/row/{}", "1".repeat(9_000)), 404),
        (
            "parts of a key",
            format!("{list}/row/{}", ["1"; 4_000].join(",")),
            404,
        ),
    ] {
        let page = answered(alice.get(&link), status, case).await;
        assert!(!page.page().text("main").is_empty(), "{case}");
        let problem = answered(alice.get_json(&link), status, case).await;
        assert_eq!(problem.json()["status"], status, "{case}");
    }
    // The maximum is accepted.
    for link in [
        many("f.id=ne:{n}", 50),
        many("or.{n}.id=ne:{n}", 50),
        format!("{list}?f.id=in:{}", numbers[..1_000].join(",")),
        format!("{list}?q={}", "a".repeat(500)),
        format!("{list}?size=500"),
    ] {
        let answer = alice.get_json(&link).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let answer = answered(
        app.stranger()
            .get(&format!("/auth/callback?code={}", "a".repeat(17_000))),
        414,
        "callback",
    )
    .await;
    assert!(answer.text().contains("too long"));
}

#[tokio::test]
async fn sec_33_too_much_in_a_form_is_refused() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let long = "x".repeat(2 * 1024 * 1024);
    let link = "/admin/data/tags/new";
    let fields = [("name", long.as_str())];
    answered(alice.post_form(link, &fields), 413, "a form").await;
    let fields: Vec<(&str, &str)> = vec![("name", "x"); 2_000];
    answered(alice.post_form(link, &fields), 413, "fields").await;
    answered(alice.post_form(link, &fields[..1_998]), 303, "fewer fields").await;
    let form = alice.form("/admin/data/documents/new").await;
    let big = form.choose("content", "big", &vec![b'x'; 16 * 1024 * 1024 + 1]);
    assert_eq!(alice.submit(&big).await.status, 413);
    let mut parts = alice.form("/admin/data/documents/new").await;
    for _ in 0..2_001 {
        parts = parts.add("title", "x");
    }
    answered(alice.submit(&parts), 413, "parts").await;
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let form = alice.form("/admin/data/settings/new").await;
    let form = form.set("key", "deep").set("value", &deep);
    answered(alice.submit(&form), 422, "levels of JSON").await;
    assert_eq!(
        app.db
            .number("SELECT count(*) FROM tags WHERE name LIKE 'xxx%'"),
        0
    );
    let csrf = alice.csrf().await;
    let sign_out = [("csrf_token", csrf.as_str()), ("x", &long[..100_000])];
    let answer = answered(alice.post_bare("/auth/logout", &sign_out), 403, "sign-out").await;
    assert!(answer.text().contains("Reference"), "{answer:?}");
}

#[tokio::test]
async fn sec_33_too_much_in_headers_is_refused() {
    let app = TestApp::shared().await;
    let host = app.listen.trim_start_matches("http://");
    for (case, more) in [
        ("headers", "X-A: 1\r\n".repeat(200)),
        ("a header", format!("X-A: {}\r\n", "a".repeat(200_000))),
        ("cookies", format!("Cookie: {}\r\n", "a=b; ".repeat(40_000))),
    ] {
        let request =
            format!("GET /admin/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n");
        let answer = app.raw(&request).await;
        let status = answer.split(' ').nth(1).unwrap_or_default().to_owned();
        assert!(
            status.starts_with('4') || answer.is_empty(),
            "{case}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_client_cannot_hide_behind_what_a_proxy_writes_otherwise() {
    let app = limited("sign_ins = 3").await;
    for (number, seen) in [
        "192.0.2.9:4711",
        "192.0.2.9",
        "::ffff:192.0.2.9",
        "[::ffff:192.0.2.9]:4711",
    ]
    .into_iter()
    .enumerate()
    {
        let told = format!("198.51.100.{number}, {seen}");
        let answer = from(&app.stranger(), &told, "/auth/login").await;
        assert_eq!(answer.status, if number < 3 { 303 } else { 429 }, "{seen}");
    }
    // An unreadable address identifies nobody, and addresses before it are ignored.
    for number in 0..4 {
        let told = format!("198.51.100.{number}, unknown");
        let answer = from(&app.stranger(), &told, "/auth/login").await;
        assert_eq!(
            answer.status,
            if number < 3 { 303 } else { 429 },
            "{number}"
        );
    }
}

#[tokio::test]
async fn a_provider_that_tells_too_often_is_told_when_to_come_again() {
    let app = limited("backchannel = 1").await;
    let client = app.stranger();
    let tell = async || {
        let request = client.request(Method::POST, "/auth/backchannel-logout");
        client.send(request.form(&[("logout_token", "x")])).await
    };
    tell().await.expect(400);
    let answer = tell().await.expect(429);
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(answer.header("cache-control"), "no-store");
}
