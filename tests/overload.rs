//! Overload: one person causes load, a table is locked, or a pooler is in front of the database.
//! All others get their own responses.

use crate::support::{Client, TestApp, pooler};
use std::time::{Duration, Instant};

/// Roles that let everybody view everything.
const ALL: &str = r#"
    [roles.all]
    groups = ["admins", "editors", "viewers"]
    [[roles.all.grants]]
    on = ["*"]
    may = ["view", "edit", "export"]
"#;

/// A view whose rows take hours to count.
const ENDLESS: &str = "CREATE VIEW endless AS WITH RECURSIVE n(i) AS
    (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) SELECT i AS nap FROM n";

async fn panel() -> TestApp {
    let day = "[database]\nstatement_timeout_s = 86400";
    let builder = TestApp::builder().roles(ALL).settings(day);
    let builder = builder.prepare(|db| db.execute(ENDLESS));
    builder.start().await
}

/// The number of connections in use.
async fn in_use(app: &TestApp) -> u32 {
    let answer = app.stranger().get("/metrics").await.expect(200);
    let text = answer.text();
    let line = text.lines().find_map(|line| {
        let line = line.strip_prefix("bailiwick_database_connections_used ")?;
        line.parse().ok()
    });
    line.unwrap()
}

async fn until_in_use(app: &TestApp, wanted: u32) {
    let began = Instant::now();
    while in_use(app).await != wanted {
        assert!(began.elapsed() < Duration::from_secs(30), "never {wanted}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Sends a request eight times from one browser, until the returned tasks are aborted.
fn eight(client: &Client, link: &str) -> Vec<tokio::task::JoinHandle<()>> {
    (0..8)
        .map(|_| {
            let (client, link) = (client.copy(), link.to_owned());
            tokio::spawn(async move {
                client.get(&link).await;
            })
        })
        .collect()
}

/// Other people, sign-in and health get responses.
async fn others_are_answered(app: &TestApp, bob: &Client) {
    bob.get("/admin/data/customers").await.expect(200);
    bob.get_json("/admin/data/orders").await.expect(200);
    app.stranger().get("/readyz").await.expect(200);
    let carol = app.sign_in("carol").await;
    carol.get("/admin/data/customers").await.expect(200);
}

#[tokio::test]
async fn costly_lists_of_one_person_hold_up_nobody_else_and_end_with_their_client() {
    let app = panel().await;
    let (alice, bob) = (app.sign_in("alice").await, app.sign_in("bob").await);
    for link in [
        "/admin/data/endless?sort=-nap",
        "/admin/data/endless?f.nap=lt:0",
        "/admin/data/endless/export.csv?f.nap=lt:0",
    ] {
        let requests = eight(&alice, link);
        until_in_use(&app, 2).await;
        others_are_answered(&app, &bob).await;
        for request in &requests {
            request.abort();
        }
        until_in_use(&app, 0).await;
    }
}

#[tokio::test]
async fn a_locked_table_holds_up_nobody_who_asks_for_another() {
    let app = panel().await;
    let people = ["alice", "bob", "carol"];
    let mut clients = Vec::new();
    for person in people {
        clients.push(app.sign_in(person).await);
    }
    // The next request should record the use of each session.
    app.wait(2);
    let lock = if app.db.is_sqlite() {
        "UPDATE orders SET notes = notes"
    } else {
        "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE"
    };
    let held = app.db.hold(lock);
    let waiting: Vec<_> = clients
        .iter()
        .flat_map(|client| (0..4).map(|_| client.copy()))
        .map(|client| tokio::spawn(async move { client.get("/admin/data/orders").await }))
        .collect();
    for client in &clients {
        client.get("/admin/data/customers").await.expect(200);
    }
    app.stranger().get("/readyz").await.expect(200);
    if !app.db.is_sqlite() {
        app.sign_in("dave").await;
    }
    for answer in waiting {
        let answer = answer.await.unwrap();
        if app.db.is_sqlite() {
            // On PostgreSQL, readers do not wait for a writer.
            assert_eq!(answer.status, 200, "{answer:?}")
        } else {
            assert_eq!(answer.status, 503, "{answer:?}");
            assert!(!answer.header("retry-after").is_empty());
        }
    }
    drop(held);
    clients[0].get("/admin/data/orders").await.expect(200);
}

#[tokio::test]
async fn a_list_reads_the_beginning_of_long_cells_and_says_so() {
    let app = TestApp::builder()
        .roles(ALL)
        .prepare(|db| {
            let long = if db.is_sqlite() { "replace(hex(zeroblob(500000)), '0', 'x')" } else { "repeat('x', 1000000)" };
            db.execute(&format!(
                "CREATE TABLE papers (id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT, short TEXT);
                 INSERT INTO papers SELECT 1, {long}, {long}, 'short';
                 INSERT INTO papers SELECT 2, 'two', {long}, 'short'"
            ));
        })
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let list = alice.json("/admin/data/papers?sort=id").await;
    assert!(
        list.to_string().len() < 60_000,
        "{}",
        list.to_string().len()
    );
    assert_eq!(list["rows"][1]["title"], "two");
    assert_eq!(list["rows"][0]["short"], "short");
    let cut: Vec<_> = list["cut"].as_array().unwrap().iter().collect();
    assert_eq!(cut.len(), 3, "{cut:?}");
    for cell in &cut {
        let row = cell["row"].as_u64().unwrap() as usize;
        let column = cell["column"].as_str().unwrap();
        let begun = list["rows"][row][column].as_str().unwrap();
        let href = cell["href"].as_str().unwrap();
        let whole = alice.json(href).await;
        let whole = whole["row"][column].as_str().unwrap();
        assert!(whole.starts_with(begun) && begun.len() < 20_000);
        // The row's own page is limited too, and links to the whole.
        assert_eq!(whole.len(), 100_000);
        let file = alice
            .get(&format!("{href}/file/{column}"))
            .await
            .expect(200);
        assert_eq!(file.body.len(), 1_000_000);
    }
    for link in ["/admin/data/papers", "/admin/data/papers/lookup?q=xx"] {
        let page = alice.get(link).await.expect(200);
        assert!(page.body.len() < 60_000, "{link}: {}", page.body.len());
    }
    let detail = alice.get("/admin/data/papers/row/1").await.expect(200);
    // The cell in its own column and the other one, but not in every heading.
    assert!(detail.body.len() < 2_200_000, "{}", detail.body.len());
    // A list without long cells has no mark.
    let none = alice.json("/admin/data/customers").await;
    assert!(none.get("cut").is_none());
}

#[tokio::test]
async fn refusals_of_one_person_are_entries_within_bounds_and_all_are_counted() {
    let app = TestApp::builder().own_provider().start().await;
    let carol = app.sign_in("carol").await;
    let name = "n".repeat(3_000);
    for _ in 0..100 {
        carol.get(&format!("/admin/data/{name}")).await;
    }
    let noted = "SELECT count(*) FROM bailiwick_audit WHERE action = 'denied'";
    assert_eq!(app.db.number(noted), 60);
    let longest = "SELECT max(length(resource)) FROM bailiwick_audit WHERE action = 'denied'";
    assert!(app.db.number(longest) < 200);
    // Denials of somebody else are still recorded.
    let bob = app.sign_in("bob").await;
    bob.get("/admin/data/nothing-of-bobs").await;
    assert_eq!(app.db.number(noted), 61);
    app.wait(2);
    carol.get(&format!("/admin/data/{name}")).await;
    let counted = "SELECT count(*) FROM bailiwick_audit WHERE action = 'denied' \
                   AND details LIKE '%\"more_before\":40%'";
    assert_eq!(app.db.number(counted), 1);
}

#[tokio::test]
async fn numbers_about_the_panel_are_told_to_configured_networks_or_for_a_token() {
    let settings = "[server]\ntrusted_proxies = [\"127.0.0.0/8\"]\nmetrics_from = [\"10.9.0.0/16\"]\n\
                    metrics_token = \"let-me-see\"";
    let app = TestApp::builder()
        .settings(settings)
        .provider_is_down()
        .start()
        .await;
    let ask = async |path: &str, from: &str, token: &str| {
        let client = app.stranger();
        let request = client.request(reqwest::Method::GET, path);
        let request = request.header("x-forwarded-for", from);
        client.send(request.header("authorization", token)).await
    };
    for (from, token, status) in [
        ("10.9.255.1", "", 200),
        ("10.10.0.1", "", 403),
        ("10.10.0.1", "Bearer let-me-see", 200),
        ("10.10.0.1", "Bearer let-me-see-", 403),
        ("10.9.0.1", "Bearer wrong", 403),
    ] {
        let answer = ask("/metrics", from, token).await;
        assert_eq!(answer.status, status, "{from} {token}");
        let ready = ask("/readyz", from, token).await.expect(200).text();
        assert_eq!(ready == "ready\n", status == 403, "{from} {token}: {ready}");
    }
    // A proxy that is not configured is not trusted.
    let app = TestApp::start().await;
    let client = app.stranger();
    client.get("/metrics").await.expect(200);
    let request = client.request(reqwest::Method::GET, "/metrics");
    let answer = client
        .send(request.header("x-forwarded-for", "127.0.0.1"))
        .await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn whoever_is_signed_in_is_not_counted_with_their_address() {
    let settings = "[limits]\nsign_ins = 3";
    let app = TestApp::builder().settings(settings).start().await;
    let alice = app.sign_in("alice").await;
    for _ in 0..4 {
        app.stranger().get("/auth/login").await;
    }
    assert_eq!(app.stranger().get("/auth/login").await.status, 429);
    for _ in 0..3 {
        let confirmed = alice.get("/auth/login?prompt=none&return_to=/admin/").await;
        assert_eq!(confirmed.status, 303, "{confirmed:?}");
    }
    let again = alice.get("/auth/login?prompt=none&return_to=/admin/").await;
    assert_eq!(again.status, 429, "a person has a limit too");
}

#[tokio::test]
async fn as_many_people_as_there_are_can_sign_out_at_once() {
    let settings = "[limits]\nbackchannel = 1";
    let app = TestApp::builder()
        .own_provider()
        .settings(settings)
        .start()
        .await;
    let sessions = "SELECT count(*) FROM bailiwick_sessions";
    for person in ["alice", "bob", "carol"] {
        app.sign_in(person).await;
    }
    assert_eq!(app.db.number(sessions), 3);
    let client = app.stranger();
    let told = ["alice", "bob", "carol"].map(|person| {
        let url = format!("{}/people/{person}/sign-out", app.issuer);
        client.send(client.request(reqwest::Method::POST, &url))
    });
    for answer in futures_util::future::join_all(told).await {
        assert!(answer.status < 400, "{answer:?}");
    }
    assert_eq!(app.db.number(sessions), 0);
    // Refused ones count.
    let bad = async || {
        let request = client.request(reqwest::Method::POST, "/auth/backchannel-logout");
        client
            .send(request.form(&[("logout_token", "x")]))
            .await
            .status
    };
    assert_eq!((bad().await, bad().await), (400, 429));
}

#[tokio::test]
async fn one_address_holds_so_many_connections() {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    let app = TestApp::builder()
        .settings("[limits]\nconnections = 5")
        .start()
        .await;
    let address = app.listen.trim_start_matches("http://").to_owned();
    let tried = tokio::task::spawn_blocking(move || {
        let open = || {
            let mut stream = TcpStream::connect(&address).unwrap();
            stream
                .set_read_timeout(Some(Duration::from_secs(20)))
                .unwrap();
            let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
            let mut first = [0; 1];
            let answered = matches!(stream.read(&mut first), Ok(1));
            answered.then_some(stream)
        };
        let mut held: Vec<TcpStream> = (0..5).map(|_| open().unwrap()).collect();
        assert!(open().is_none(), "too many connections");
        held.pop();
        let began = Instant::now();
        while open().is_none() {
            assert!(began.elapsed() < Duration::from_secs(20), "one has gone");
        }
    });
    tried.await.unwrap();
}

#[tokio::test]
async fn nothing_is_read_of_a_form_that_nobody_is_signed_in_for() {
    let app = TestApp::shared().await;
    for path in ["/admin/data/tags/new", "/auth/logout", "/admin/look/end"] {
        // The body never arrives.
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nname"
        );
        let answer = app.raw(&request).await;
        let status: u16 = answer
            .split(' ')
            .nth(1)
            .unwrap_or_default()
            .parse()
            .unwrap_or(0);
        assert!(
            (300..500).contains(&status) && status != 408,
            "{path}: {answer}"
        );
    }
}

/// Tables of the same shape, so that rows of one could be mistaken for those of another.
fn shelves(db: &crate::support::Database) {
    for shelf in ["a", "b", "c", "d"] {
        db.execute(&format!(
            "CREATE TABLE shelf_{shelf} (id INTEGER PRIMARY KEY, name TEXT NOT NULL, at TIMESTAMPTZ);
             INSERT INTO shelf_{shelf}
                SELECT i, '{shelf}-' || i, '2024-01-02 03:04:05+00' FROM generate_series(1, 60) AS i"
        ));
    }
}

const SHELVES: &str = r#"
    [roles.left]
    groups = ["editors"]
    [[roles.left.grants]]
    on = ["shelf_a", "shelf_b"]
    may = ["view", "edit"]
    [roles.right]
    groups = ["viewers"]
    [[roles.right.grants]]
    on = ["shelf_c", "shelf_d"]
    may = ["view", "edit"]
"#;

#[tokio::test]
async fn behind_a_pooler_everybody_gets_their_own_rows() {
    let Some(pooler) = pooler() else {
        return;
    };
    for said in ["", "pooler = \"transaction\""] {
        let settings = format!("[database]\npool_size = 8\n{said}");
        let builder = TestApp::builder().roles(SHELVES).settings(&settings);
        let app = builder.prepare(shelves).through(&pooler).start().await;
        // Other clients' settings on the shared connections.
        let other = app.db.url_through(&pooler);
        let tasks = [("bob", "a"), ("bob", "b"), ("carol", "c"), ("carol", "d")];
        let mut running = Vec::new();
        for (person, shelf) in tasks {
            let client = app.sign_in(person).await;
            for task in 0..4 {
                let client = client.copy();
                running.push(tokio::spawn(async move {
                    for round in 0..15 {
                        check(&client, shelf, (task * 15 + round) % 60 + 1).await;
                    }
                }));
            }
        }
        let disturbing = tokio::task::spawn_blocking(move || disturb(&other));
        for task in running {
            task.await.unwrap();
        }
        disturbing.await.unwrap();
        save(&app).await;
    }
}

#[tokio::test]
async fn behind_a_pooler_the_time_limit_holds() {
    let Some(pooler) = pooler() else {
        return;
    };
    let settings = "[database]\nstatement_timeout_s = 1\npooler = \"transaction\"";
    let builder = TestApp::builder().settings(settings).prepare(|db| {
        db.execute("CREATE VIEW slow AS SELECT 1 AS id, pg_sleep(5)::text AS said");
    });
    let app = builder.through(&pooler).start().await;
    let alice = app.sign_in("alice").await;
    let answer = alice.get_json("/admin/data/slow").await.expect(503);
    assert!(answer.text().contains("took too long"), "{answer:?}");
}

/// Checks that the response is for that shelf, and that times are as stored.
async fn check(client: &Client, shelf: &str, row: usize) {
    let list = client
        .json(&format!("/admin/data/shelf_{shelf}?size=5&page=2"))
        .await;
    let rows = list["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 5, "{list}");
    for found in rows {
        let id = found["id"].as_i64().unwrap();
        assert_eq!(found["name"], format!("{shelf}-{id}"), "{list}");
    }
    let one = client
        .json(&format!("/admin/data/shelf_{shelf}/row/{row}"))
        .await;
    assert_eq!(one["row"]["name"], format!("{shelf}-{row}"), "{one}");
    let at = one["row"]["at"].as_str().unwrap();
    assert!(
        at.starts_with("2024-01-02T03:04:05") || at.starts_with("2024-01-02 03:04:05"),
        "{at}"
    );
}

/// A client that changes settings on shared server connections.
fn disturb(url: &str) {
    use diesel::prelude::*;
    let mut conn = diesel::PgConnection::establish(url).unwrap();
    for _ in 0..200 {
        let settings =
            "SET timezone = 'Asia/Tokyo'; SET datestyle = 'German'; SET bytea_output = 'escape'";
        diesel::connection::SimpleConnection::batch_execute(&mut conn, settings).unwrap();
    }
}

/// A change and its event are written together, and a refused change is not.
async fn save(app: &TestApp) {
    let bob = app.sign_in("bob").await;
    let form = bob.form("/admin/data/shelf_a/row/1/edit").await;
    let form = form.set("name", "a-1 too");
    let saved = bob.save(&form).await;
    assert!(saved.status < 400, "{saved:?}");
    assert_eq!(
        app.db
            .number("SELECT count(*) FROM shelf_a WHERE name = 'a-1 too'"),
        1
    );
    assert_eq!(app.audit("update").len(), 1);
    app.db
        .execute("ALTER TABLE shelf_a ADD CONSTRAINT short CHECK (length(name) < 9)");
    let form = bob.form("/admin/data/shelf_a/row/2/edit").await;
    let form = form.set("name", "much too long");
    let refused = bob.submit(&form).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    assert_eq!(app.audit("update").len(), 1);
}
