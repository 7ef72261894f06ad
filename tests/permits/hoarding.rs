//! Resources that one person uses must remain available to others.

use crate::support::TestApp;
use std::io::Write;

#[tokio::test]
async fn exports_that_nobody_reads_leave_connections_for_everyone() {
    let app = TestApp::builder()
        .prepare(|db| {
            // Larger than the socket buffers.
            db.execute("CREATE TABLE large (id integer PRIMARY KEY, words text)");
            let words = "word ".repeat(4_000);
            db.execute(&format!(
                "INSERT INTO large SELECT id, '{words}' FROM orders ORDER BY id LIMIT 1000"
            ));
        })
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let cookies: Vec<String> = alice
        .cookies()
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let cookies = cookies.join("; ");
    let address = app.listen.trim_start_matches("http://").to_owned();
    let mut open = Vec::new();
    for _ in 0..12 {
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        let request = format!(
            "GET /admin/data/large/export.csv HTTP/1.1\r\nHost: x\r\nCookie: {cookies}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        open.push(stream);
    }
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let bob = app.sign_in("bob").await;
    bob.get("/admin/data/products").await.expect(200);
    alice.get("/admin/data/large/export.csv").await.expect(503);
}
