//! `serve` as a process: its log, its addresses, and the signals it handles.

use super::rig::Rig;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};

/// A running panel and its log.
struct Served {
    child: Child,
    log: BufReader<ChildStdout>,
}

impl Served {
    /// Starts it and waits until it serves; returns that log line.
    fn start(rig: &Rig) -> (Self, Value) {
        let mut child = rig
            .command("serve --log json")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stdout.take().unwrap());
        let mut served = Self { child, log };
        let line = served.line("the panel is served");
        (served, line)
    }

    /// The next log line with this message.
    fn line(&mut self, message: &str) -> Value {
        let mut all = String::new();
        loop {
            let mut line = String::new();
            let read = self.log.read_line(&mut line).unwrap();
            assert!(read > 0, "no line {message:?} in\n{all}");
            all.push_str(&line);
            let line: Value = serde_json::from_str(&line).unwrap();
            if line["message"].as_str().unwrap().contains(message) {
                return line;
            }
        }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = std::process::Command::new("kill")
            .args([name, &id])
            .status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn get(url: &str) -> reqwest::Response {
    let redirect = reqwest::redirect::Policy::none();
    let client = reqwest::Client::builder().no_proxy().redirect(redirect);
    client.build().unwrap().get(url).send().await.unwrap()
}

/// A rig whose provider does not exist: the panel serves anyway.
fn rig(path: &str) -> Rig {
    let rig = Rig::new();
    let root = rig.root();
    let config = rig.config("http://127.0.0.1:1").replace(
        &format!("public_url = \"{root}\""),
        &format!("public_url = \"{root}{path}\""),
    );
    rig.write("bailiwick.toml", &config);
    rig
}

#[actix_web::test]
async fn the_address_that_is_logged_answers_and_so_does_the_public_url() {
    for path in ["", "/tools/panel", "/tools/panel/"] {
        let rig = rig(path);
        let (_served, line) = Served::start(&rig);
        let address = line["server.address"].as_str().unwrap().to_owned();
        let base = path.trim_end_matches('/');
        assert_eq!(address, format!("{}{base}/admin/", rig.root()));
        // Without a session, it redirects to sign-in.
        assert_eq!(get(&address).await.status(), 302, "{address}");
        for end in ["", "/"] {
            let url = format!("{}{base}{end}", rig.root());
            let answer = get(&url).await;
            assert_eq!(answer.status(), 302, "{url}");
            let to = answer.headers()["location"].to_str().unwrap();
            assert_eq!(to, format!("{base}/admin/"), "{url}");
        }
    }
}

#[actix_web::test]
async fn the_log_has_numbers_as_numbers_and_says_from_where_and_who() {
    let rig = rig("");
    let (mut served, _) = Served::start(&rig);
    get(&format!("{}/admin/", rig.root())).await;
    let line = served.line("answered");
    assert!(line["duration_us"].is_u64(), "{line}");
    assert_eq!(line["http.status"], 302, "{line}");
    assert_eq!(line["client.address"], "127.0.0.1", "{line}");
    assert_eq!(line["person"], "", "{line}");
}

#[cfg(unix)]
#[actix_web::test]
async fn a_hangup_is_answered_with_no_and_ends_nothing() {
    let rig = rig("");
    let (mut served, _) = Served::start(&rig);
    // Before the handler is installed, the signal would end the process.
    get(&format!("{}/healthz", rig.root())).await;
    served.signal("-HUP");
    let line = served.line("SIGHUP does not reload the configuration");
    assert_eq!(line["level"], "WARN");
    assert_eq!(get(&format!("{}/healthz", rig.root())).await.status(), 200);
    served.signal("-TERM");
    served.line("the panel has stopped");
}

#[cfg(target_os = "linux")]
#[actix_web::test]
async fn the_service_manager_is_told_when_it_is_ready_and_when_it_stops() {
    use std::os::unix::net::UnixDatagram;
    let rig = rig("");
    let socket = UnixDatagram::bind(rig.path("notify")).unwrap();
    let mut child = rig
        .command("serve")
        .env("NOTIFY_SOCKET", rig.path("notify"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let told = || {
        let mut text = [0; 64];
        let length = socket.recv(&mut text).unwrap();
        String::from_utf8(text[..length].to_vec()).unwrap()
    };
    assert_eq!(told().trim(), "READY=1");
    assert_eq!(get(&format!("{}/healthz", rig.root())).await.status(), 200);
    let id = child.id().to_string();
    std::process::Command::new("kill").arg(id).status().unwrap();
    assert_eq!(told().trim(), "STOPPING=1");
    assert!(child.wait().unwrap().success());
}

#[actix_web::test]
async fn a_file_is_switched_to_wal_with_a_word_about_it_and_once() {
    let rig = rig("");
    let mut child = rig
        .command("serve --log json")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let log = BufReader::new(child.stdout.take().unwrap());
    let mut served = Served { child, log };
    served.line("now uses write-ahead logging (WAL)");
    served.line("the panel is served");
    drop(served);
    let checked = rig.run("check --config bailiwick.toml").await;
    assert!(!checked.out.contains("WAL"), "{}", checked.out);
    let fresh = self::rig("");
    let checked = fresh.run("check --config bailiwick.toml").await;
    checked.note("serve switches this file to write-ahead logging (WAL)");
}

#[actix_web::test]
async fn an_address_that_cannot_be_listened_on_is_told_with_what_is_wrong() {
    let rig = rig("");
    let config = rig.read("bailiwick.toml");
    let taken = std::net::TcpListener::bind(rig.listen).unwrap();
    let listen = format!("listen = \"{}\"", rig.listen);
    let cases = [
        (
            listen.clone(),
            "another program listens there already \u{2014} stop that program, or choose another port as server.listen",
        ),
        // An address reserved for documentation (RFC 5737): no machine has it.
        (
            "listen = \"192.0.2.1:8080\"".into(),
            "this machine has no address 192.0.2.1 \u{2014} write an address of this machine as server.listen",
        ),
    ];
    for (by, words) in cases {
        rig.write("bailiwick.toml", &config.replace(&listen, &by));
        let ran = rig.run("serve").await;
        assert_eq!(ran.code, 1, "{}", ran.all());
        assert!(ran.err.contains(words), "{}", ran.err);
    }
    let ran = rig.run(&format!("demo --listen {}", rig.listen)).await;
    assert!(
        ran.err.contains("another program listens there already"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("as --listen"), "{}", ran.err);
    drop(taken);
}

#[actix_web::test]
async fn a_database_that_does_not_answer_is_told_once_with_what_to_do() {
    let rig = rig("");
    let port = super::rig::free_address().port();
    let url = format!("postgres://ada:hush@127.0.0.1:{port}/shop");
    let config = rig.read("bailiwick.toml").replace("data.db", &url);
    rig.write("bailiwick.toml", &config);
    for command in ["serve", "migrate", "sessions", "explain --claims -"] {
        let ran = rig.run_with(command, &[], "{}").await;
        assert_eq!(ran.code, 1, "{command}: {}", ran.all());
        for text in [
            "ada:***@",
            "start the database, or correct host and port in database.url",
        ] {
            assert!(ran.err.contains(text), "{command}: {}", ran.err);
        }
        assert_eq!(
            ran.err.matches("refused").count(),
            1,
            "{command}: {}",
            ran.err
        );
        assert!(
            !ran.all().contains("hush") && !ran.err.contains("timed out"),
            "{}",
            ran.err
        );
    }
}

#[actix_web::test]
async fn a_variable_that_does_nothing_is_warned_of() {
    let rig = rig("");
    let variables = [("BAILIWICK_OIDC__CLIENT_SECRET", "x")];
    let ran = rig.run_with("check --offline", &variables, "").await;
    ran.warning(&["environment variable BAILIWICK_OIDC__CLIENT_SECRET: does nothing"]);
}
