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
    for scheme in ["postgres", "mysql"] {
        let url = format!("{scheme}://ada:{SECRET}@127.0.0.1:{port}/x");
        let ran = rig.run(&format!("init --database {url}")).await;
        assert_eq!(ran.code, 1);
        assert!(
            ran.err.contains("refused") && ran.err.contains("ada:***@"),
            "{}",
            ran.err
        );
    }
}

#[actix_web::test]
async fn addresses_are_those_of_the_public_url_and_are_looked_at() {
    let rig = Rig::new();
    let line = "init --database data.db --issuer https://id.example.com --out b.toml";
    let ran = rig
        .run(&format!(
            "{line} --public-url https://panel.example.com/ops/"
        ))
        .await
        .well();
    for text in [
        "redirect URI              https://panel.example.com/ops/auth/callback\n",
        "back-channel logout URI   https://panel.example.com/ops/auth/backchannel-logout\n",
    ] {
        assert!(ran.err.contains(text), "{}", ran.err);
        let text = text.split_once("https://").unwrap().1;
        assert!(rig.read("b.toml").contains(text), "{text}");
    }
    assert!(
        rig.read("b.toml")
            .contains("public_url = \"https://panel.example.com/ops\"")
    );
    for (option, words) in [
        ("--issuer id.example.com", "must be an address such as"),
        ("--issuer http://id.example.com", "must be https"),
        (
            "--public-url panel.example.com",
            "must be an address such as",
        ),
        ("--public-url http://panel.example.com", "plain http"),
    ] {
        let ran = rig.run(&format!("init --database data.db {option}")).await;
        assert_eq!(ran.code, 2, "{option}");
        assert!(ran.err.contains(words), "{option}: {}", ran.err);
    }
}

#[actix_web::test]
async fn the_sample_role_fits_the_database_it_was_made_from() {
    let rig = Rig::new();
    let issuer = "https://id.example.com";
    let line = format!("init --database data.db --issuer {issuer} --out b.toml");
    rig.run(&line).await.well();
    let text = rig.read("b.toml");
    assert!(
        text.contains("# rows = [\"region=eq:{claim.region}\"]"),
        "{text}"
    );
    let (before, after) = text.split_at(text.find("# A role that may only look:").unwrap());
    let taken_in: Vec<&str> = after
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(code) if code.starts_with('[') || code.contains(" = ") => code,
            _ => line,
        })
        .collect();
    let filled = format!("{before}{}", taken_in.join("\n"))
        .replace("client_id = \"\"", "client_id = \"x\"")
        .replace("client_secret = \"\"", "client_secret = \"x\"")
        .replace("groups = [\"\"]", "groups = [\"admins\"]");
    rig.write("b.toml", &filled);
    let claims =
        "{\"sub\": \"1\", \"groups\": [\"staff\", \"staff-of-one-region\"], \"region\": \"emea\"}";
    let ran = rig
        .run_with("explain --config b.toml --claims -", &[], claims)
        .await
        .well();
    assert!(
        ran.out.contains("Role some_rows") && ran.out.contains("Role viewer"),
        "{}",
        ran.out
    );
}

#[actix_web::test]
async fn a_file_in_another_folder_names_the_database_so_that_it_is_found() {
    let rig = Rig::new();
    std::fs::create_dir(rig.path("etc")).unwrap();
    rig.run("init --database data.db --issuer https://id.example.com --out etc/b.toml")
        .await
        .well();
    let ran = rig.run("check --config etc/b.toml").await;
    assert!(ran.out.contains("data.db answers"), "{}", ran.out);
    // Relative paths start at the folder of the file.
    rig.write("etc/c.toml", &rig.config("https://id.example.com"));
    let ran = rig.run("check --config etc/c.toml").await;
    assert!(
        ran.out.contains("etc/data.db: there is no file")
            || ran.out.contains("there is no such file"),
        "{}",
        ran.out
    );
    std::fs::rename(rig.path("data.db"), rig.path("etc/data.db")).unwrap();
    let ran = rig.run("check --config etc/c.toml").await;
    assert!(ran.out.contains("etc/data.db answers"), "{}", ran.out);
}

/// As an account that may read the file, but not write to it or its folder.
#[cfg(target_os = "linux")]
#[actix_web::test]
async fn a_file_in_wal_mode_that_may_only_be_read_is_read() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    let rig = Rig::new();
    rig.execute("PRAGMA journal_mode = WAL");
    let mode = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(&rig.path("data.db"), 0o444);
    mode(&rig.path(""), 0o555);
    let mut command = rig.command("init --database data.db");
    if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
        // The account nobody, as root may write everywhere.
        command.uid(65_534);
    }
    let output = command.output().unwrap();
    mode(&rig.path(""), 0o755);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("# [resources.orders]"));
}
