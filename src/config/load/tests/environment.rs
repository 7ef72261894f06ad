//! Tests of overrides by environment variables.

use super::*;

#[test]
fn the_environment_overrides_the_file() {
    let config = with(
        GOOD,
        &[
            ("BAILIWICK__DATABASE__URL", "data.db"),
            ("BAILIWICK__DATABASE__POOL_SIZE", "16"),
            ("BAILIWICK__SERVER__TRUSTED_PROXIES", "[\"10.0.0.1\"]"),
            ("BAILIWICK__SERVER__LISTEN", "127.0.0.1:9000"),
            ("BAILIWICK__SESSION__IDLE", "10m"),
            ("bailiwick__oidc__Scopes", "['openid', 'roles']"),
            ("BAILIWICK__RESOURCES__ORDERS__HIDDEN", "true"),
            ("BAILIWICK__ROLES__ADMIN__GROUPS", "[\"root\"]"),
            (
                "BAILIWICK__ROLES__EDITOR__GRANTS",
                "[{ on = [\"tags\"], may = [\"view\"] }]",
            ),
            ("BAILIWICK_LOG", "debug"),
            ("OTHER__OIDC__ISSUER", "x"),
        ],
    )
    .unwrap();
    assert_eq!(config.database.url.reveal(), "data.db");
    assert_eq!(config.database.pool_size, 16);
    assert_eq!(config.server.trusted_proxies.texts(), ["10.0.0.1"]);
    assert_eq!(config.server.listen.port(), 9000);
    assert_eq!(config.session.idle.as_secs(), 600);
    assert_eq!(*config.oidc.unwrap().scopes, ["openid", "roles"]);
    assert!(config.resources["orders"].hidden);
    assert_eq!(config.roles["admin"].groups[0].exact(), Some("root"));
    assert_eq!(config.roles["editor"].grants[0].on, ["tags"]);
}

#[test]
fn the_environment_alone_is_enough() {
    let config = with("", &[("BAILIWICK__DATABASE__URL", "data.db")]).unwrap();
    assert_eq!(config.database.url.reveal(), "data.db");
}

#[test]
fn a_secret_from_the_environment_is_text_whatever_it_looks_like() {
    for secret in [
        "12345",
        "true",
        "1.5",
        "[1]",
        "\"quoted\"",
        "2026-01-01",
        "a = b",
        " x ",
    ] {
        let config = with(GOOD, &[("BAILIWICK__OIDC__CLIENT_SECRET", secret)]).unwrap();
        assert_eq!(config.oidc.unwrap().client_secret.unwrap().reveal(), secret);
    }
}

#[test]
fn keys_of_the_file_are_found_in_any_case() {
    let text = GOOD.replace("roles.admin", "roles.Admin");
    let config = with(&text, &[("BAILIWICK__ROLES__ADMIN__LABEL", "Root")]).unwrap();
    assert_eq!(config.roles["Admin"].label.as_deref(), Some("Root"));
    assert_eq!(config.roles.len(), 1);
}

#[test]
fn a_variable_that_names_no_key_is_refused() {
    assert_eq!(
        refused_with(GOOD, &[("BAILIWICK__OIDC__CLIENTSECRET", "x")]),
        "environment variable BAILIWICK__OIDC__CLIENTSECRET: oidc.clientsecret: there is no such \
         key; did you mean “client_secret”?"
    );
    assert!(
        refused_with(GOOD, &[("BAILIWICK__OICD__ISSUER", "x")]).starts_with(
            "environment variable BAILIWICK__OICD__ISSUER: oicd: there is no such key"
        )
    );
    assert!(
        refused_with(GOOD, &[("BAILIWICK__OIDC__ISSUER__HOST", "x")]).starts_with(
            "environment variable BAILIWICK__OIDC__ISSUER__HOST: oidc.issuer: names no known key"
        )
    );
    assert!(
        refused_with(GOOD, &[("BAILIWICK__ROLES__ADMIN__GRANTS__0__MAY", "[]")])
            .contains("a list is set as a whole")
    );
    for name in ["BAILIWICK__", "BAILIWICK__OIDC__", "BAILIWICK____ISSUER"] {
        let said = refused_with(GOOD, &[(name, "x")]);
        assert!(
            said.starts_with(&format!("environment variable {name}: ")),
            "{said}"
        );
    }
}

#[test]
fn a_variable_of_the_wrong_type_is_named() {
    assert_eq!(
        refused_with(GOOD, &[("BAILIWICK__DATABASE__POOL_SIZE", "many")]),
        "environment variable BAILIWICK__DATABASE__POOL_SIZE: database.pool_size: must be a whole \
         number from 0 to 4294967295, not text"
    );
    assert_eq!(
        refused_with(GOOD, &[("BAILIWICK__OIDC__SCOPES", "openid email")]),
        "environment variable BAILIWICK__OIDC__SCOPES: oidc.scopes: must be a list, such as \
         [\"one\", \"two\"]"
    );
    assert!(
        refused_with(GOOD, &[("BAILIWICK__OIDC", "x")])
            .ends_with("BAILIWICK__OIDC: oidc: must be a table, not text")
    );
    assert!(
        refused_with(GOOD, &[("BAILIWICK__SERVER__MOUNT", "admin")])
            .starts_with("environment variable BAILIWICK__SERVER__MOUNT: server.mount: must start")
    );
}

#[test]
fn a_key_set_by_two_variables_is_refused() {
    let said = refused_with(
        GOOD,
        &[
            ("BAILIWICK__OIDC__ISSUER", "https://a"),
            ("bailiwick__oidc__issuer", "https://b"),
        ],
    );
    assert!(
        said.contains("is set by two environment variables"),
        "{said}"
    );
}
