//! One person misbehaves, a table is locked, a pooler stands before the database: everybody else is
//! answered, and each with their own rows.

use crate::support::{Client, TestApp, pooler};
use std::time::{Duration, Instant};

/// Roles of a panel in which everybody views everything.
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

/// How many connections are in use.
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

/// Eight times the same request of one browser, until what is given back is aborted.
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

/// Others, sign-in and health are answered.
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
    // The use of each session is to be noted at the next request.
    app.wait(2);
    let lock = match app.db.is_sqlite() {
        true => "UPDATE orders SET notes = notes",
        false => "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE",
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
        match app.db.is_sqlite() {
            // Readers do not wait for a writer there.
            true => assert_eq!(answer.status, 200, "{answer:?}"),
            false => {
                assert_eq!(answer.status, 503, "{answer:?}");
                assert!(!answer.header("retry-after").is_empty());
            }
        }
    }
    drop(held);
    clients[0].get("/admin/data/orders").await.expect(200);
}

/// Tables of one shape, so that rows of one look like those of another.
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
        // Somebody else's settings on the connections that are shared.
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

/// Every answer is of that shelf, and every time is as it is stored.
async fn check(client: &Client, shelf: &str, row: usize) {
    let list = client.json(&format!("/admin/data/shelf_{shelf}?size=5&page=2")).await;
    let rows = list["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 5, "{list}");
    for found in rows {
        let id = found["id"].as_i64().unwrap();
        assert_eq!(found["name"], format!("{shelf}-{id}"), "{list}");
    }
    let one = client.json(&format!("/admin/data/shelf_{shelf}/row/{row}")).await;
    assert_eq!(one["row"]["name"], format!("{shelf}-{row}"), "{one}");
    let at = one["row"]["at"].as_str().unwrap();
    assert!(at.starts_with("2024-01-02T03:04:05") || at.starts_with("2024-01-02 03:04:05"), "{at}");
}

/// Somebody who keeps settings on the connections that all share.
fn disturb(url: &str) {
    use diesel::prelude::*;
    let mut conn = diesel::PgConnection::establish(url).unwrap();
    for _ in 0..200 {
        let settings = "SET timezone = 'Asia/Tokyo'; SET datestyle = 'German'; SET bytea_output = 'escape'";
        diesel::connection::SimpleConnection::batch_execute(&mut conn, settings).unwrap();
    }
}

/// A change and its event are written, and a change that is refused is not.
async fn save(app: &TestApp) {
    let bob = app.sign_in("bob").await;
    let form = bob.form("/admin/data/shelf_a/row/1/edit").await;
    let form = form.set("name", "a-1 too");
    let saved = bob.save(&form).await;
    assert!(saved.status < 400, "{saved:?}");
    assert_eq!(app.db.number("SELECT count(*) FROM shelf_a WHERE name = 'a-1 too'"), 1);
    assert_eq!(app.audit("update").len(), 1);
    app.db.execute("ALTER TABLE shelf_a ADD CONSTRAINT short CHECK (length(name) < 9)");
    let form = bob.form("/admin/data/shelf_a/row/2/edit").await;
    let form = form.set("name", "much too long");
    let refused = bob.submit(&form).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    assert_eq!(app.audit("update").len(), 1);
}
