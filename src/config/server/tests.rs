#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;
use crate::config::Config;

fn server(lines: &str) -> Result<ServerConfig, String> {
    let text = format!("[database]\nurl = \"data.db\"\n[server]\n{lines}");
    Config::parse(&text, "test.toml", std::iter::empty())
        .map(|config| config.server)
        .map_err(|error| error.to_string())
}

fn at(public_url: &str) -> Result<ServerConfig, String> {
    server(&format!("public_url = \"{public_url}\""))
}

#[test]
fn without_a_public_url_it_is_where_the_panel_listens() {
    let server = ServerConfig::default();
    assert_eq!(server.public_url().as_str(), "http://127.0.0.1:8080/");
    assert_eq!(server.base_path(), "");
    assert_eq!(server.origin(), "http://127.0.0.1:8080");
    assert!(!server.secure());
    let six = ServerConfig {
        listen: "[::1]:81".parse().unwrap(),
        ..ServerConfig::default()
    };
    assert_eq!(six.origin(), "http://[::1]:81");
}

#[test]
fn a_prefix_is_kept_without_its_last_slash() {
    for text in [
        "https://a.example/ops/panel",
        "https://a.example/ops/panel/",
    ] {
        let server = at(text).unwrap();
        assert_eq!(server.public_url().as_str(), "https://a.example/ops/panel");
        assert_eq!(server.base_path(), "/ops/panel");
        assert_eq!(server.origin(), "https://a.example");
        assert!(server.secure());
    }
    assert_eq!(
        at("https://a.example:8443/").unwrap().origin(),
        "https://a.example:8443"
    );
}

#[test]
fn plain_http_is_for_this_machine_only() {
    for text in [
        "http://localhost:8080",
        "http://panel.localhost",
        "http://127.9.9.9",
        "http://[::1]:1",
    ] {
        at(text).unwrap();
    }
    for text in [
        "http://panel.example.com",
        "http://10.0.0.1",
        "http://localhost.example.com",
    ] {
        let said = at(text).unwrap_err();
        assert!(
            said.starts_with("test.toml:4:14: server.public_url: plain http"),
            "{said}"
        );
        assert!(said.contains("write its https:// address here"), "{said}");
    }
    let said = server("listen = \"0.0.0.0:8080\"").unwrap_err();
    assert!(said.contains("server.public_url: is missing"), "{said}");
    server("listen = \"0.0.0.0:8080\"\npublic_url = \"https://panel.example.com\"").unwrap();
}

#[test]
fn a_public_url_is_plain() {
    for (text, word) in [
        ("ftp://a.example", "https://"),
        ("mailto:a@b.example", "https://"),
        ("https://me@a.example", "user name"),
        ("https://me:pw@a.example", "user name"),
        ("https://a.example?x", "query"),
        ("https://a.example?", "query"),
        ("https://a.example#x", "fragment"),
        ("https://a.example//x", "//"),
    ] {
        let said = at(text).unwrap_err();
        assert!(
            said.contains(word) && !said.contains("pw"),
            "{text}: {said}"
        );
    }
}

#[test]
fn a_mount_is_a_path_of_its_own() {
    for mount in ["/admin", "/ops/admin", "/a-b_c.d~e"] {
        assert_eq!(
            server(&format!("mount = \"{mount}\"")).unwrap().mount,
            mount
        );
    }
    for mount in [
        "", "admin", "/", "//", "/admin/", "/a//b", "/a/./b", "/a/../b", "/..", "/a b", "/{x}",
        "/a?b", "/%2e", "/auth", "/auth/x", "/healthz",
    ] {
        let said = server(&format!("mount = \"{mount}\"")).expect_err(mount);
        assert!(
            said.starts_with("test.toml:4:9: server.mount: "),
            "{mount}: {said}"
        );
    }
}
