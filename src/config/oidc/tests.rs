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
        *with("[\"email\"]").unwrap().oidc.unwrap().scopes,
        ["openid", "email"]
    );
    assert!(
        with("[\"openid email\"]")
            .unwrap_err()
            .contains("oidc.scopes[1]: must be one word")
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

/// Parses a complete `[oidc]` with these lines added.
fn with(lines: &str) -> Result<OidcConfig, String> {
    oidc(&format!(
        "issuer = \"https://i.example\"\nclient_id = \"p\"\nclient_secret = \"s\"\n{lines}"
    ))
    .map(|config| config.oidc.unwrap())
}

fn is_refused(lines: &str, said: &str) {
    let told = with(lines).expect_err(lines);
    assert!(told.contains(said), "{lines}: {told}");
}

#[test]
fn what_is_left_out_has_its_defaults() {
    let oidc = with("").unwrap();
    assert_eq!(&*oidc.groups_claim, "groups");
    assert_eq!(oidc.skew.as_secs(), 60);
    assert_eq!(oidc.response_mode, ResponseMode::Query);
    assert_eq!((oidc.auth_method, oidc.algorithms.clone()), (None, None));
    assert_eq!(oidc.label(), "i.example");
    assert_eq!(with("label = \"Staff\"").unwrap().label(), "Staff");
}

#[test]
fn the_groups_claim_is_a_text_or_its_steps() {
    let claim = |text: &str| with(&format!("groups_claim = {text}")).map(|oidc| oidc.groups_claim);
    let steps = claim("[\"resource_access\", \"my.client\", \"roles\"]").unwrap();
    assert_eq!(&*steps, "resource_access.my.client.roles");
    assert_eq!(steps.as_steps().unwrap()[1], "my.client");
    assert!(claim("\"a.b\"").unwrap().as_steps().is_none());
    for (text, said) in [
        ("\"\"", "groups_claim: is empty"),
        ("[]", "has no step"),
        ("[\"a\", \"\"]", "or an empty one"),
        ("\"[1]\"", "looks like a list"),
        ("7", "groups_claim: must be the name of a claim"),
        ("[1]", "groups_claim[1]: must be text"),
    ] {
        let told = claim(text).expect_err(text);
        assert!(told.contains(said), "{text}: {told}");
    }
}

#[test]
fn texts_that_say_nothing_are_refused() {
    for key in ["label", "groups_separator", "groups_object_field"] {
        is_refused(
            &format!("{key} = \"\""),
            &format!("test.toml:9:{}: oidc.{key}: is empty", key.len() + 4),
        );
    }
    is_refused(
        "trusted_audiences = [\"a\", \"*\"]",
        "oidc.trusted_audiences[2]: must be an audience",
    );
}

#[test]
fn clocks_may_be_five_minutes_apart_at_most() {
    assert_eq!(with("skew = \"300s\"").unwrap().skew.as_secs(), 300);
    assert_eq!(with("skew = \"0s\"").unwrap().skew.as_secs(), 0);
    is_refused(
        "skew = \"301s\"",
        "test.toml:9:8: oidc.skew: must be at most 300s",
    );
    is_refused(
        "skew = 60",
        "oidc.skew: must be a duration in quotes: write \"60s\"",
    );
}

#[test]
fn only_algorithms_of_ours_can_be_chosen() {
    let taken = with("algorithms = [\"ES256\", \"RS256\"]").unwrap();
    assert_eq!(taken.algorithms.unwrap(), ["ES256", "RS256"]);
    for (list, said) in [
        ("[]", "is empty: list RS256"),
        (
            "[\"RS256\", \"none\"]",
            "algorithms[2]: cannot be used, as it is no signature",
        ),
        (
            "[\"HS256\"]",
            "algorithms[1]: cannot be used, as whoever can check",
        ),
        (
            "[\"RS512\"]",
            "it is not known here; use RS256, PS256, ES256, ES384, EdDSA",
        ),
    ] {
        is_refused(&format!("algorithms = {list}"), said);
    }
    let settings = crate::sso::Settings::new(
        &with("algorithms = [\"ES256\"]").unwrap(),
        None,
        "https://p.example",
    );
    assert_eq!(settings.algorithms.len(), 1);
}

#[test]
fn parameters_of_our_own_cannot_be_set() {
    let oidc = with("params = { acr_values = \"gold\", max_age = \"600\" }").unwrap();
    assert_eq!(oidc.params["acr_values"], "gold");
    let settings = crate::sso::Settings::new(&oidc, None, "https://p.example");
    assert_eq!(settings.max_age().unwrap().num_seconds(), 600);
    for name in [
        "state",
        "nonce",
        "redirect_uri",
        "client_id",
        "response_type",
        "response_mode",
        "scope",
        "code_challenge",
        "code_challenge_method",
        "request",
        "request_uri",
    ] {
        is_refused(
            &format!("params = {{ {name} = \"x\" }}"),
            &format!("oidc.params.{name}: is the panel's own parameter"),
        );
    }
    is_refused(
        "params = { prompt = \"none\" }",
        "oidc.params.prompt: must not be",
    );
    is_refused(
        "params = { max_age = \"x\" }",
        "oidc.params.max_age: must be a number",
    );
    is_refused(
        "params = { max_age = 600 }",
        "oidc.params.max_age: must be text",
    );
    is_refused("params = { hd = \"\" }", "oidc.params.hd: is empty");
}

#[test]
fn the_ways_of_the_answer_and_of_the_secret_are_words() {
    assert_eq!(
        with("auth_method = \"client_secret_post\"")
            .unwrap()
            .auth_method,
        Some(AuthMethod::ClientSecretPost)
    );
    is_refused(
        "auth_method = \"private_key_jwt\"",
        "oidc.auth_method: must be one of client_secret_basic, client_secret_post",
    );
    is_refused(
        "response_mode = \"fragment\"",
        "oidc.response_mode: must be one of query, form_post",
    );
}

#[test]
fn answers_in_forms_need_https() {
    is_refused(
        "response_mode = \"form_post\"",
        "test.toml:9:17: oidc.response_mode: \"form_post\" needs an https server.public_url",
    );
    let secure =
        with("response_mode = \"form_post\"\n[server]\npublic_url = \"https://p.example\"");
    assert_eq!(secure.unwrap().response_mode, ResponseMode::FormPost);
}

#[test]
fn the_way_to_the_provider_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let ca = format!("ca_file = {path:?}");
    is_refused(&ca, "cannot be read");
    std::fs::write(&path, "no certificate").unwrap();
    is_refused(&ca, "there is no certificate in PEM form");
    std::fs::write(&path, include_str!("../../sso/tests/tls/authority.pem")).unwrap();
    assert_eq!(with(&ca).unwrap().ca_file, Some(path));

    let proxy = with("proxy = \"http://me:canary@proxy.example:3128\"").unwrap();
    assert!(!format!("{proxy:?}").contains("canary"));
    for bad in [
        "proxy.example:canary",
        "socks5://canary.example",
        "http://",
        "",
    ] {
        let told = with(&format!("proxy = {bad:?}")).expect_err(bad);
        assert!(
            told.contains("oidc.proxy: must be the address of an HTTP proxy"),
            "{told}"
        );
        assert!(!told.contains("canary"), "{told}");
    }

    let internal = |url: &str| {
        oidc(&format!(
            "issuer = \"https://i.example\"\nclient_id = \"p\"\nclient_secret = \"s\"\ninternal_url = {url:?}"
        ))
    };
    let warned = |url: &str| {
        let warnings = internal(url).unwrap().warnings;
        warnings
            .iter()
            .any(|text| text.contains("internal_url: is plain http"))
    };
    assert!(warned("http://keycloak:8080"));
    assert!(!warned("https://keycloak:8443") && !warned("http://127.0.0.1:8080/"));
    for (bad, said) in [
        ("keycloak", "must be an address"),
        ("https://keycloak/realms/a", "scheme, host and port only"),
        ("https://u:p@keycloak", "user name"),
        ("ftp://keycloak", "https://"),
    ] {
        let told = internal(bad).map(|_| ()).expect_err(bad);
        assert!(
            told.contains("oidc.internal_url: ") && told.contains(said),
            "{told}"
        );
    }
}
