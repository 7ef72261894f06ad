//! Failures of dependencies: a clear response without internal details.

use crate::support::{Answer, TestApp};
use std::time::{Duration, Instant};

/// Words that may only appear in a log.
const INTERNAL: [&str; 14] = [
    "diesel",
    "r2d2",
    "sqlite",
    "postgres",
    "libpq",
    "select ",
    "panicked",
    "src/",
    ".rs",
    "bailiwick_",
    "connection refused",
    "os error",
    "canary",
    "/tmp",
];

fn tells_nothing(answer: &Answer) {
    let text = answer.text().to_lowercase();
    // The texts of the script are on every page, such as "Select the row".
    let words = text.split_once("<meta name=\"words\" content=\"");
    let words = words.and_then(|(_, rest)| rest.split_once('"'));
    let text = words.map_or(text.clone(), |(words, _)| text.replace(words, ""));
    for word in INTERNAL {
        assert!(!text.contains(word), "{word}: {answer:?}");
    }
}

/// Removes the database.
fn remove(app: &TestApp) {
    match &app.db {
        crate::support::Database::Sqlite(_) => app.db.execute(
            "ALTER TABLE orders RENAME TO gone_orders; ALTER TABLE bailiwick_sessions RENAME TO gone_sessions",
        ),
        crate::support::Database::Postgres { .. } => app.db.disappear(),
        #[cfg(feature = "mysql")]
        crate::support::Database::Mariadb { .. } => app.db.disappear(),
    }
}

#[tokio::test]
async fn without_its_database_the_panel_says_so() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    alice.page("/admin/data/orders").await;
    remove(&app);
    let began = Instant::now();
    let pages = ["/admin/", "/admin/data/orders", "/admin/data/orders/row/1"];
    let answers = pages.map(|path| alice.get(path));
    for answer in futures_util::future::join_all(answers).await {
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(!answer.header("retry-after").is_empty());
        tells_nothing(&answer);
    }
    let answers = tokio::join!(alice.get_json("/admin/data/orders"), alice.get("/readyz"));
    assert_eq!(answers.0.status, 503, "{:?}", answers.0);
    assert_eq!(answers.0.header("content-type"), "application/problem+json");
    tells_nothing(&answers.0);
    if !app.db.is_sqlite() {
        assert_eq!(answers.1.status, 503);
        tells_nothing(&answers.1);
    }
    assert!(began.elapsed() < Duration::from_secs(20));
    alice.get("/healthz").await.expect(200);
    // The error page has its style sheet.
    let page = alice.get("/admin/").await.page();
    let style = page.attribute("link[rel=stylesheet]", "href");
    alice.get(&style).await.expect(200);
}

#[tokio::test]
async fn a_table_that_has_gone_is_missing_without_details() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    app.db.execute("ALTER TABLE tags RENAME TO gone");
    for path in [
        "/admin/data/tags",
        "/admin/data/tags/row/1",
        "/admin/data/tags/export.csv",
        "/admin/data/tags/lookup",
    ] {
        // The schema is read again at once, and the table is no longer a resource.
        let answer = alice.open(path).await;
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
        tells_nothing(&answer);
        let answer = alice.get_json(path).await;
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
        tells_nothing(&answer);
    }
    alice.page("/admin/data/orders").await;
}

#[tokio::test]
async fn a_full_pool_is_said_within_seconds() {
    let app = TestApp::builder()
        .settings("[database]\npool_size = 1")
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let form = alice
        .form("/admin/data/tags/row/1/edit")
        .await
        .set("name", "Locked");
    // Another writer holds a lock on the row, and this request holds the only connection. A second
    // request waits for it.
    let lock = app
        .db
        .hold("UPDATE tags SET colour = '#000000' WHERE id = 1");
    let slow = async { tokio::join!(alice.submit(&form), alice.submit(&form)) };
    let (saved, answers) = tokio::join!(slow, async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let began = Instant::now();
        let answers = tokio::join!(alice.get("/admin/data/orders"), alice.get_json("/admin/"));
        let took = began.elapsed();
        assert!(took < Duration::from_secs(15), "{took:?}");
        drop(lock);
        [answers.0, answers.1]
    });
    for answer in &answers {
        // A writer waits for the lock no longer than a reader for a connection. The second request
        // queues behind the first, and not before others.
        let may_wait = answer.status == 200;
        assert!(answer.status == 503 || may_wait, "{answer:?}");
        if answer.status == 503 {
            assert!(!answer.header("retry-after").is_empty());
            tells_nothing(answer);
        }
    }
    for saved in [&saved.0, &saved.1] {
        assert!(matches!(saved.status, 303 | 409 | 503), "{saved:?}");
        tells_nothing(saved);
    }
    alice.page("/admin/data/orders").await;
}

#[tokio::test]
async fn without_its_provider_the_panel_starts_and_says_so_at_sign_in() {
    let app = TestApp::builder().provider_is_down().start().await;
    let stranger = app.stranger();
    stranger.get("/healthz").await.expect(200);
    stranger.get("/readyz").await.expect(200);
    stranger.get("/admin/").await.expect(302);
    let answer = stranger.get("/auth/login").await;
    assert_eq!(answer.status, 503, "{answer:?}");
    tells_nothing(&answer);
    assert!(!answer.text().contains(&app.issuer), "{answer:?}");
    assert!(!answer.header("retry-after").is_empty(), "{answer:?}");
    let page = answer.page();
    assert_eq!(page.reference().len(), 14);
    assert_eq!(page.attribute("main a.primary", "href"), "/auth/login");
    let answer = stranger.get_json("/auth/login").await.expect(503);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert!(!answer.header("retry-after").is_empty(), "{answer:?}");
    let ready = stranger.get("/readyz").await.expect(200).text();
    let words = format!(
        "ready; the identity provider {} has not answered yet, since 20",
        app.issuer
    );
    assert!(ready.starts_with(&words), "{ready}");
    assert!(ready.ends_with("(it refuses the connection)\n"), "{ready}");
    let metrics = stranger.get("/metrics").await.expect(200).text();
    let down = format!("bailiwick_provider_up{{issuer=\"{}\"}} 0\n", app.issuer);
    assert!(metrics.contains(&down), "{metrics}");
}

#[tokio::test]
async fn readiness_hangs_on_the_provider_only_where_that_is_wanted() {
    let app = TestApp::builder()
        .settings("[server]\nready_needs_provider = true")
        .provider_is_down()
        .start()
        .await;
    let stranger = app.stranger();
    let answer = stranger.get("/readyz").await.expect(503);
    assert!(
        answer.text().contains("has not been asked yet"),
        "{answer:?}"
    );
    stranger.get("/auth/login").await.expect(503);
    let answer = stranger.get("/readyz").await.expect(503);
    assert!(answer.text().contains("has not answered"), "{answer:?}");
    stranger.get("/healthz").await.expect(200);
    let app = TestApp::builder()
        .settings("[server]\nready_needs_provider = true")
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    assert_eq!(alice.get("/readyz").await.expect(200).text(), "ready\n");
    app.wait(2);
    let metrics = alice.get("/metrics").await.expect(200).text();
    for (name, least, most) in [
        ("bailiwick_provider_up", 1, 1),
        ("bailiwick_provider_metadata_age_seconds", 120, 180),
        ("bailiwick_provider_keys_age_seconds", 120, 180),
    ] {
        let start = format!("{name}{{issuer=\"{}\"}} ", app.issuer);
        let value = metrics.lines().find_map(|line| line.strip_prefix(&start));
        let value: i64 = value
            .unwrap_or_else(|| panic!("{metrics}"))
            .parse()
            .unwrap();
        assert!((least..=most).contains(&value), "{name} {value}");
    }
}

#[tokio::test]
async fn k11_without_its_sessions_the_panel_takes_nobody_for_a_stranger() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    // Only the table: if the whole server were down, each of these requests would wait for a
    // connection.
    app.db
        .execute("ALTER TABLE bailiwick_sessions RENAME TO gone_sessions");
    for method in ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"] {
        for path in [
            "/admin/",
            "/admin/data/orders",
            "/admin/data/orders/export.csv",
            "/admin/nothing",
            "/auth/login",
            "/auth/logout",
        ] {
            for accept in ["text/html", "application/json"] {
                let method: reqwest::Method = method.parse().unwrap();
                let request = alice.request(method.clone(), path).header("accept", accept);
                let answer = alice.send(request).await;
                assert_eq!(answer.status, 503, "{method} {path}: {answer:?}");
                assert!(!answer.header("retry-after").is_empty());
                assert!(answer.location().is_none());
                tells_nothing(&answer);
            }
        }
    }
}

#[tokio::test]
async fn an_answer_that_nobody_asked_for_is_refused() {
    let app = TestApp::shared().await;
    for query in [
        "code=x&state=y",
        "error=access_denied&state=y",
        "state=y",
        "code=x",
        "",
    ] {
        let stranger = app.stranger();
        let answer = stranger.get(&format!("/auth/callback?{query}")).await;
        assert!(matches!(answer.status, 400 | 403), "{query}: {answer:?}");
        tells_nothing(&answer);
        stranger.get_json("/admin/").await.expect(401);
    }
}

#[tokio::test]
async fn what_is_not_understood_is_a_400() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for path in [
        "/admin/data/orders?f.id=eq:%FF",
        "/admin/data/orders/row/%FF",
        "/admin/data/%FF",
        "/admin/data/orders/row/1/file/%FF",
        "/admin/data/orders/row/99999999999999999999",
        "/admin/data/orders?after=AAAA",
        "/admin/data/orders?q=%00",
        "/admin/data/orders?f.number=eq:%00",
        "/admin/data/settings/row/a%00b",
    ] {
        let answer = alice.get(path).await;
        assert!(
            matches!(answer.status, 200 | 400 | 404),
            "{path}: {answer:?}"
        );
        // A list stays if a filter is invalid. It contains words such as "select", but its error
        // does not.
        let is_list = answer.page().has("h1#title");
        if answer.status != 200 && !is_list {
            tells_nothing(&answer);
        }
    }
    let long = "x".repeat(20_000);
    let answer = alice.get(&format!("/admin/data/orders?q={long}")).await;
    assert!(matches!(answer.status, 200 | 400 | 414 | 431), "{answer:?}");
}
