//! Commands for scripts and packagers: `config show`, `completions`, `man`, `--version`, and
//! `check` with JSON.

use super::rig::Rig;
use serde_json::Value;

fn rig() -> Rig {
    let rig = Rig::new();
    rig.write("bailiwick.toml", &rig.config("https://id.example.com"));
    rig
}

#[actix_web::test]
async fn the_configuration_is_shown_with_origins_and_without_secrets() {
    let rig = rig();
    let variables = [("BAILIWICK__LIMITS__EXPORTS", "7")];
    let ran = rig.run_with("config show", &variables, "").await.well();
    for line in [
        "oidc.client_secret = ***  # bailiwick.toml:",
        "oidc.issuer = \"https://id.example.com\"  # bailiwick.toml:",
        "limits.exports = 7  # environment variable BAILIWICK__LIMITS__EXPORTS\n",
        "session.idle = \"30m\"  # default\n",
        "roles.editor.grants[2].hide = [\"margin\"]  # bailiwick.toml:",
    ] {
        assert!(ran.out.contains(line), "{line:?} is not in\n{}", ran.out);
    }
    let ran = rig.run("config show --json").await.well();
    let all: Value = serde_json::from_str(&ran.out).unwrap();
    let mut all = all.as_array().unwrap().iter();
    let mount = all.find(|one| one["key"] == "server.mount").unwrap();
    assert_eq!(mount["value"], "\"/admin\"");
    assert_eq!(mount["origin"], "default");
    let wrong = rig
        .read("bailiwick.toml")
        .replace("client_id = \"panel\"", "client_id = \"\"");
    rig.write("bailiwick.toml", &wrong);
    let ran = rig.run("config show").await;
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("oidc.client_id: is empty"), "{}", ran.err);
}

#[actix_web::test]
async fn check_is_for_machines_too() {
    let rig = rig();
    let ran = rig.run("check --offline --json").await.well();
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["fail"], 0, "{report}");
    let findings = report["findings"].as_array().unwrap();
    let links: Vec<&str> = findings
        .iter()
        .map(|one| one["link"].as_str().unwrap())
        .collect();
    for link in ["file", "server", "offline", "roles", "session"] {
        assert!(links.contains(&link), "{report}");
    }
    assert!(
        !links.contains(&"database") && !links.contains(&"provider"),
        "{report}"
    );
    let wrong = rig.read("bailiwick.toml").replace("[\"admins\"]", "[\"\"]");
    rig.write("bailiwick.toml", &wrong);
    let ran = rig.run("check --offline --json").await;
    assert_eq!(ran.code, 1);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let mut findings = report["findings"].as_array().unwrap().iter();
    let failed = findings.find(|one| one["outcome"] == "fail").unwrap();
    assert!(
        failed["text"]
            .as_str()
            .unwrap()
            .contains("roles.admin.groups[1]"),
        "{report}"
    );
    assert!(failed["remedy"].is_string(), "{report}");
}

#[actix_web::test]
async fn the_sum_is_the_last_line_of_the_same_stream() {
    let rig = rig();
    let ran = rig.run("check --offline").await.well();
    let last = ran.out.lines().last().unwrap();
    assert!(
        last.ends_with(" failed") && last.contains(" ok, "),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains('\u{1b}'), "colours are for terminals");
}

#[actix_web::test]
async fn shells_and_readers_are_served() {
    let rig = Rig::new();
    for (shell, text) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef bailiwick"),
        ("fish", "complete -c bailiwick"),
    ] {
        let ran = rig.run(&format!("completions {shell}")).await.well();
        assert!(ran.out.contains(text), "{}", ran.out);
        assert!(ran.out.contains("break-glass"), "{shell}");
    }
    let ran = rig.run("man").await.well();
    assert!(ran.out.contains(".TH bailiwick 1"), "{}", ran.out);
    for text in [
        ".SH CHECK",
        ".SH EXPLAIN",
        "\\-\\-last\\-login",
        "BAILIWICK_LOG",
    ] {
        assert!(ran.out.contains(text), "{text} is not in\n{}", ran.out);
    }
    let ran = rig.run("--version").await.well();
    let wanted = format!("bailiwick {}", env!("CARGO_PKG_VERSION"));
    let rest = ran.out.trim().strip_prefix(&wanted).unwrap();
    let is_commit = |text: &str| {
        let hex = text
            .strip_prefix(" (")
            .and_then(|text| text.strip_suffix(')'));
        hex.is_some_and(|hex| !hex.is_empty())
    };
    assert!(rest.is_empty() || is_commit(rest), "{}", ran.out);
}
