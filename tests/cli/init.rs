//! `init`: from a database to a panel that serves it.

use super::rig::{CLIENT, Rig, SECRET, contents};
use std::process::Stdio;
use std::time::{Duration, Instant};

#[actix_web::test]
async fn the_file_it_writes_serves_once_it_is_filled_in() {
    let rig = Rig::new();
    let provider = rig.provider().await;
    let before = contents(&rig.path(""));
    let line = format!(
        "init --database data.db --issuer {} --out b.toml",
        provider.issuer()
    );
    let ran = rig.run(&line).await.well();
    assert!(ran.out.is_empty(), "{}", ran.out);
    for text in [
        "Wrote b.toml, for 3 tables and views",
        "redirect URI              http://127.0.0.1:8080/auth/callback",
        "client_id and client_secret under [oidc]",
        "bailiwick check --config b.toml",
    ] {
        assert!(ran.err.contains(text), "{text:?} is not in\n{}", ran.err);
    }
    let mut after = contents(&rig.path(""));
    after.retain(|(path, _)| *path != rig.path("b.toml"));
    assert_eq!(before, after, "the database was written to");

    let unfilled = rig.run("check --config b.toml").await;
    assert_eq!(unfilled.code, 1);
    for key in [
        "oidc.client_id",
        "oidc.client_secret",
        "roles.admin.groups[1]",
    ] {
        assert!(unfilled.out.contains(key), "{key}: {}", unfilled.out);
    }

    let filled = rig
        .read("b.toml")
        .replace("127.0.0.1:8080", &rig.listen.to_string())
        .replace("client_id = \"\"", &format!("client_id = \"{CLIENT}\""))
        .replace(
            "client_secret = \"\"",
            &format!("client_secret = \"{SECRET}\""),
        )
        .replace("groups = [\"\"]", "groups = [\"admins\"]");
    rig.write("b.toml", &filled);
    rig.run("check --config b.toml").await.well();

    let mut server = rig
        .command("serve --config b.toml")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let ready = ready(&format!("{}/readyz", rig.root())).await;
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(ready, "serve did not become ready");
    provider.stop().await;
}

async fn ready(url: &str) -> bool {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        if let Ok(answer) = client.get(url).send().await
            && answer.status() == 200
        {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

#[cfg(unix)]
#[actix_web::test]
async fn the_file_is_for_its_owner_and_never_written_over() {
    use std::os::unix::fs::PermissionsExt;
    let rig = Rig::new();
    rig.run("init --database data.db --out b.toml").await.well();
    let mode = std::fs::metadata(rig.path("b.toml"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let before = rig.read("b.toml");
    let ran = rig
        .run("init --database data.db --issuer https://x.example --out b.toml")
        .await;
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("b.toml is there already"), "{}", ran.err);
    assert_eq!(rig.read("b.toml"), before);
}

#[actix_web::test]
async fn without_out_the_file_goes_to_standard_output() {
    let rig = Rig::new();
    let ran = rig.run("init --database data.db").await.well();
    assert!(ran.out.contains("url = \"data.db\"") && ran.out.contains("# [resources.orders]"));
    assert!(ran.err.contains("Save this as bailiwick.toml"));
    assert!(ran.err.contains("issuer, client_id and client_secret"));
}

#[actix_web::test]
async fn a_database_that_cannot_be_read_is_told_without_its_password() {
    let rig = Rig::new();
    let ran = rig.run("init --database date.db --out b.toml").await;
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("there is no file date.db"), "{}", ran.err);
    assert!(!rig.path("date.db").exists() && !rig.path("b.toml").exists());
    let port = super::rig::free_address().port();
    let url = format!("postgres://ada:{SECRET}@127.0.0.1:{port}/x");
    let ran = rig.run(&format!("init --database {url}")).await;
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("refused") && ran.err.contains("ada:***@"),
        "{}",
        ran.err
    );
    let ran = rig.run("init --database mysql://x/y").await;
    assert!(ran.err.contains("MySQL"), "{}", ran.err);
}
