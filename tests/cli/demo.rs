//! The demo from outside: a fast start, its data found again, and a graceful shutdown.

use super::rig::free_address;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Demo {
    process: Child,
    listen: SocketAddr,
}

impl Demo {
    fn start(data: &Path, more: &[&str]) -> Self {
        let (listen, idp_listen) = (free_address(), free_address());
        let process = Command::new(env!("CARGO_BIN_EXE_bailiwick"))
            .args(["demo", "--listen", &listen.to_string()])
            .args(["--idp-listen", &idp_listen.to_string(), "--data"])
            .arg(data)
            .args(more)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let demo = Self { process, listen };
        let end = Instant::now() + Duration::from_secs(60);
        while !demo
            .get("/readyz")
            .is_some_and(|answer| answer.starts_with("HTTP/1.1 200"))
        {
            assert!(Instant::now() < end, "the demo did not get ready");
            std::thread::sleep(Duration::from_millis(20));
        }
        demo
    }

    fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(self.listen).ok()?;
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    fn terminate(&self) {
        let pid = self.process.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[actix_web::test]
async fn a_request_in_flight_is_answered_before_the_process_ends() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = Demo::start(folder.path(), &[]);
    let cookie = sign_in(&format!("http://{}", demo.listen)).await;
    let mut stream = TcpStream::connect(demo.listen).unwrap();
    let request = format!(
        "GET /admin/data/order_items/export.csv HTTP/1.1\r\nhost: localhost\r\n\
         cookie: {cookie}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    // The file does not fit into the buffers, so the server is still writing it.
    let mut answer = vec![0; 1_000];
    stream.read_exact(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{answer:?}");
    demo.terminate();
    std::thread::sleep(Duration::from_millis(500));
    assert!(
        demo.process.try_wait().unwrap().is_none(),
        "it did not wait"
    );
    assert!(TcpStream::connect(demo.listen).is_err() || demo.get("/healthz").is_none());
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.ends_with(b"\r\n0\r\n\r\n"), "the file was cut off");
    let code = demo.process.wait().unwrap();
    assert!(code.success(), "{code}");
}

#[actix_web::test]
async fn an_import_whose_process_is_killed_is_there_as_a_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("company.sqlite");
    let mut rows = String::from("name,colour\r\n");
    for number in 0..10_000 {
        rows += &format!("killed {number},#1\r\n");
    }
    for delay_ms in [100, 700, 2_500] {
        let mut demo = Demo::start(folder.path(), &[]);
        let root = format!("http://{}", demo.listen);
        let cookie = sign_in(&root).await;
        let link = format!("{root}/admin/data/tags/import");
        let client = reqwest::Client::new();
        let told = client.get(&link).header("cookie", &cookie);
        let told = told.header("accept", "application/json").send().await;
        let told = told.unwrap().bytes().await.unwrap();
        let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
        let request = client
            .post(format!("{link}?format=csv"))
            .header("cookie", &cookie)
            .header("x-csrf-token", told["csrf_token"].as_str().unwrap())
            .body(rows.clone());
        let sent = tokio::spawn(request.send());
        tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        demo.process.kill().unwrap();
        demo.process.wait().unwrap();
        let is_answered = sent.await.unwrap().is_ok();
        let made = count(
            &file,
            "SELECT count(*) AS n FROM tags WHERE name LIKE 'killed %'",
        );
        let traced = count(
            &file,
            "SELECT count(*) AS n FROM bailiwick_audit WHERE action = 'create' AND resource = 'tags'",
        );
        assert!(made == 0 || made == 10_000, "{delay_ms} ms: {made} rows");
        assert_eq!(traced, made, "{delay_ms} ms");
        if is_answered || made > 0 {
            assert_eq!(made, 10_000, "{delay_ms} ms");
            break;
        }
    }
}

fn count(file: &Path, sql: &str) -> i64 {
    use diesel::connection::Connection;
    use diesel::prelude::*;
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let mut conn = diesel::SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    let found: Found = diesel::sql_query(sql).get_result(&mut conn).unwrap();
    found.n
}

/// Alice's session cookie.
async fn sign_in(root: &str) -> String {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let cookies = |answer: &reqwest::Response| -> String {
        let set = answer.headers().get_all("set-cookie").iter();
        let pairs = set.filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
        pairs.collect::<Vec<_>>().join("; ")
    };
    let place = |answer: &reqwest::Response| -> String {
        let place = answer.headers().get("location").unwrap();
        place.to_str().unwrap().to_owned()
    };
    let begun = client
        .get(format!("{root}/auth/login"))
        .send()
        .await
        .unwrap();
    let chosen = client
        .post(place(&begun))
        .form(&[("person", "alice")])
        .send()
        .await
        .unwrap();
    let callback = client
        .get(place(&chosen))
        .header("cookie", cookies(&begun))
        .send()
        .await
        .unwrap();
    let all = cookies(&callback);
    let session = all.split("; ").find(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        name.starts_with("bailiwick-") && name.matches('-').count() == 1
    });
    session.unwrap().to_owned()
}

#[test]
fn its_data_is_found_again_and_can_be_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("company.sqlite");
    drop(Demo::start(folder.path(), &[]));
    change(&file);
    drop(Demo::start(folder.path(), &[]));
    assert_eq!(name(&file), "Changed");
    drop(Demo::start(folder.path(), &["--fresh"]));
    assert_ne!(name(&file), "Changed");
}

fn change(file: &Path) {
    use diesel::connection::{Connection, SimpleConnection};
    let mut conn = diesel::SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    conn.batch_execute("UPDATE departments SET name = 'Changed' WHERE id = 1")
        .unwrap();
}

fn name(file: &Path) -> String {
    use diesel::connection::Connection;
    use diesel::prelude::*;
    #[derive(QueryableByName)]
    struct Named {
        #[diesel(sql_type = diesel::sql_types::Text)]
        name: String,
    }
    let mut conn = diesel::SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    let found: Named = diesel::sql_query("SELECT name FROM departments WHERE id = 1")
        .get_result(&mut conn)
        .unwrap();
    found.name
}
