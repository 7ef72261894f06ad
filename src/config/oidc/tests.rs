#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;
use crate::config::Config;

fn oidc(lines: &str) -> Result<Config, String> {
    let text =
        format!("[database]\nurl = \"data.db\"\n[roles.a]\ngroups = [\"a\"]\n[oidc]\n{lines}");
    Config::parse(&text, "test.toml", std::iter::empty()).map_err(|error| error.to_string())
}

fn issuer(issuer: &str) -> Result<Config, String> {
    oidc(&format!(
        "issuer = \"{issuer}\"\nclient_id = \"p\"\nclient_secret = \"s\""
    ))
}

#[test]
fn an_issuer_is_kept_byte_for_byte() {
    for text in [
        "https://id.example.com",
        "https://ID.example.com:443/realms/staff/",
        "http://127.0.0.1:9400",
        "http://localhost:9400/x",
    ] {
        assert_eq!(issuer(text).unwrap().oidc.unwrap().issuer, text);
    }
}

#[test]
fn an_issuer_is_a_plain_https_address() {
    for (text, word) in [
        ("", "is empty"),
        ("id.example.com", "must be an address"),
        (" https://id.example.com", "blank"),
        ("http://id.example.com", "must be https"),
        ("https://id.example.com?x=1", "query"),
        ("https://id.example.com#x", "fragment"),
        ("https://me@id.example.com", "user name"),
        ("ldap://id.example.com", "https://"),
    ] {
        let said = issuer(text).expect_err(text);
        assert!(
            said.contains("oidc.issuer: ") && said.contains(word),
            "{text}: {said}"
        );
    }
}

#[test]
fn a_pasted_discovery_address_is_cut_with_a_warning() {
    let config =
        issuer("https://id.example.com/realms/a/.well-known/openid-configuration").unwrap();
    assert_eq!(
        config.oidc.unwrap().issuer,
        "https://id.example.com/realms/a"
    );
    assert!(
        config
            .warnings
            .iter()
            .any(|text| text.contains("was cut off")),
        "{:?}",
        config.warnings
    );
}

#[test]
fn exactly_one_secret_is_needed() {
    let with = |lines: &str| {
        oidc(&format!(
            "issuer = \"https://i.example\"\nclient_id = \"p\"\n{lines}"
        ))
    };
    let said = with("").unwrap_err();
    assert!(said.contains("oidc.client_secret: is missing"), "{said}");
    let said = with("client_secret = \"s\"\nclient_secret_file = \"/x\"").unwrap_err();
    assert!(said.contains("not both"), "{said}");
    let said = with("client_secret = \"\"").unwrap_err();
    assert!(said.contains("is empty"), "{said}");
}

#[test]
fn a_secret_is_read_from_its_file_without_the_last_newline() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    let read = || {
        oidc(&format!(
            "issuer = \"https://i.example\"\nclient_id = \"p\"\nclient_secret_file = {path:?}"
        ))
        .map(|config| config.oidc.unwrap().secret().unwrap())
    };
    let said = read().unwrap_err();
    assert!(
        said.contains("test.toml:8:22: oidc.client_secret_file: ")
            && said.contains("cannot be read"),
        "{said}"
    );
    for (text, secret) in [
        ("s3", "s3"),
        ("s3\n", "s3"),
        ("s3\r\n", "s3"),
        (" s 3 \n", " s 3 "),
    ] {
        std::fs::write(&path, text).unwrap();
        assert_eq!(read().unwrap().reveal(), secret);
    }
    std::fs::write(&path, "\n").unwrap();
    assert!(read().unwrap_err().contains("is empty"));
}

#[test]
fn openid_is_always_among_the_scopes() {
    let with = |scopes: &str| {
        oidc(&format!(
            "issuer = \"https://i.example\"\nclient_id = \"p\"\nclient_secret = \"s\"\nscopes = {scopes}"
        ))
    };
    assert_eq!(
        with("[\"email\"]").unwrap().oidc.unwrap().scopes,
        ["openid", "email"]
    );
    assert!(
        with("[\"openid email\"]")
            .unwrap_err()
            .contains("oidc.scopes[0]: must be one word")
    );
}

#[test]
fn addresses_to_register_lie_below_the_public_url() {
    for (base, redirect) in [
        ("https://a.example", "https://a.example/auth/callback"),
        (
            "https://a.example/ops/",
            "https://a.example/ops/auth/callback",
        ),
        (
            "http://127.0.0.1:8080",
            "http://127.0.0.1:8080/auth/callback",
        ),
    ] {
        let base = Url::parse(base).unwrap();
        assert_eq!(OidcConfig::redirect_uri(&base).as_str(), redirect);
    }
    let base = Url::parse("https://a.example/ops").unwrap();
    assert_eq!(
        OidcConfig::post_logout_uri(&base).as_str(),
        "https://a.example/ops/auth/signed-out"
    );
}
