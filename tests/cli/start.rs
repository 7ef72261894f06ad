//! An invalid configuration prevents the start, and the message names the line.

use super::rig::{Rig, SECRET};

/// The position of a text, as `line:column`.
fn place(config: &str, text: &str) -> String {
    let at = config.find(text).unwrap_or_else(|| panic!("no {text}"));
    let before = &config[..at];
    let line = before.matches('\n').count() + 1;
    let column = at - before.rfind('\n').map_or(0, |newline| newline + 1) + 1;
    format!("{line}:{column}")
}

#[tokio::test]
async fn a_wrong_configuration_stops_the_start_with_the_line_to_change() {
    let rig = Rig::new();
    let right = rig.config("http://127.0.0.1:1");
    let secret = format!("client_secret = \"{SECRET}\"\n");
    let public = format!("public_url = \"{}\"", rig.root());
    // What is replaced, the replacement, the place of the fault, and its message.
    let faults: [(&str, String, &str, &str); 8] = [
        (
            "issuer = \"http://127.0.0.1:1\"",
            "issuer = \"id.example.com\"".into(),
            "\"id.example.com\"",
            "oidc.issuer: must be an address",
        ),
        (
            "issuer = \"http://127.0.0.1:1\"",
            "issuer = \"http://id.example.com\"".into(),
            "\"http://id.example.com\"",
            "oidc.issuer: must be https",
        ),
        (
            &secret,
            String::new(),
            "[oidc]",
            "oidc.client_secret: is missing: set it, or client_secret_file",
        ),
        (
            &secret,
            format!("{secret}client_secret_file = \"secret\"\n"),
            &format!("\"{SECRET}\""),
            "oidc.client_secret: set either client_secret or client_secret_file, not both",
        ),
        (
            &public,
            "public_url = \"http://panel.example.com\"".into(),
            "\"http://panel.example.com\"",
            "server.public_url: plain http",
        ),
        (
            "rows = [\"region=eq:{claim.region}\"]",
            "rows = [\"region=like:x\"]".into(),
            "[\"region=like:x\"]",
            "roles.editor.grants[1].rows: ",
        ),
        (
            "hide = [\"margin\"]",
            "hide = [\"margni\"]".into(),
            "[\"margni\"]",
            "roles.editor.grants[2].hide: there is no column",
        ),
        (
            "[roles.admin]",
            "[resources.orders]\nlist = [\"nmuber\"]\n[roles.admin]".into(),
            "[\"nmuber\"]",
            "resources.orders.list: ",
        ),
    ];
    for (text, by, at, words) in faults {
        assert!(right.contains(text), "{text}");
        let wrong = right.replace(text, &by);
        rig.write("bailiwick.toml", &wrong);
        let command = "serve --config bailiwick.toml".to_owned();
        let ran = rig.run(&command).await;
        assert_eq!(ran.code, 1, "{}", ran.all());
        let wanted = format!("bailiwick.toml:{}: {words}", place(&wrong, at));
        assert!(ran.err.contains(&wanted), "wanted {wanted} in {}", ran.err);
    }
}

#[tokio::test]
async fn without_a_provider_the_panel_does_not_start() {
    let rig = Rig::new();
    let right = rig.config("http://127.0.0.1:1");
    let start = right.find("[oidc]").unwrap();
    let end = right.find("[roles.admin]").unwrap();
    rig.write(
        "bailiwick.toml",
        &format!("{}{}", &right[..start], &right[end..]),
    );
    let ran = rig.run("serve --config bailiwick.toml").await;
    assert_eq!(ran.code, 1, "{}", ran.all());
    assert!(ran.err.contains("no [oidc] section"), "{}", ran.err);
}
