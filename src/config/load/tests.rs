#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod environment;
mod manual;

use super::*;

/// A valid configuration, which tests extend or cut.
const GOOD: &str = r#"
[database]
url = "postgres://panel:hunter2@db.example.com/shop"

[oidc]
issuer = "https://id.example.com"
client_id = "panel"
client_secret = "open-sesame"

[roles.admin]
groups = ["admins"]
[[roles.admin.grants]]
on = ["*"]
may = ["view", "edit"]
"#;

fn parse(text: &str) -> Result<Config, ConfigError> {
    with(text, &[])
}

fn with(text: &str, env: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let env = env
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()));
    Config::parse(text, "test.toml", env)
}

fn refused(text: &str) -> String {
    parse(text).expect_err("must be refused").to_string()
}

fn refused_with(text: &str, env: &[(&str, &str)]) -> String {
    with(text, env).expect_err("must be refused").to_string()
}

#[test]
fn a_good_file_is_read() {
    let config = parse(GOOD).unwrap();
    assert_eq!(config.server.mount, "/admin");
    assert_eq!(config.database.pool_size, 8);
    assert_eq!(config.oidc.unwrap().client_id, "panel");
    assert_eq!(config.roles["admin"].grants[0].may, ["view", "edit"]);
    assert_eq!(config.warnings, Vec::<String>::new());
}

#[test]
fn debug_shows_no_secret() {
    let text = format!("{:?}", parse(GOOD).unwrap());
    assert!(text.contains("admins"), "{text}");
    assert!(
        !text.contains("hunter2") && !text.contains("open-sesame"),
        "{text}"
    );
}

#[test]
fn a_misspelt_key_is_named_with_its_place_and_neighbour() {
    assert_eq!(
        refused(&GOOD.replace("issuer", "isuer")),
        "test.toml:6:1: oidc.isuer: there is no such key; did you mean “issuer”?"
    );
    assert_eq!(
        refused(&format!("{GOOD}hides = []")),
        "test.toml:15:1: roles.admin.grants[1].hides: there is no such key; did you mean “hide”?"
    );
    assert!(refused(&format!("[sever]\n{GOOD}")).contains("did you mean “server”?"));
    assert!(refused(&format!("[zebra]\n{GOOD}")).contains("known here: server, database"));
}

#[test]
fn a_value_of_another_type_is_told_with_what_to_write() {
    for (line, words) in [
        (
            "pool_size = 8.5",
            "from 0 to 4294967295, not a number: write 8 instead of 8.5",
        ),
        ("pool_size = \"8\"", "not text: write it without quotes"),
        ("schemas = \"public\"", "not text: put it in [ ]"),
    ] {
        let said = refused(&GOOD.replace("[oidc]", &format!("{line}\n[oidc]")));
        assert!(said.contains(words), "{said}");
    }
    for (line, words) in [
        (
            "session.idle = 60",
            "session.idle: must be a duration in quotes: write \"60s\"",
        ),
        (
            "server.ready_needs_provider = \"true\"",
            "not text: write it without quotes",
        ),
        ("server.mount = 5", "not a number: put it in quotes"),
    ] {
        let said = refused(&format!("{line}\n{GOOD}"));
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn a_file_that_is_not_utf8_is_told_with_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.toml");
    std::fs::write(&path, b"[database]\nurl = \"data.db\" # caf\xe9\n").unwrap();
    let said = Config::load(&path).unwrap_err().to_string();
    assert!(
        said.contains("b.toml:2:22: this is not UTF-8: save the file as UTF-8"),
        "{said}"
    );
}

#[test]
fn relative_paths_start_at_the_folder_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("secret"), "s3\n").unwrap();
    std::fs::write(path("url"), "data.db\n").unwrap();
    let oidc = "[oidc]\nissuer = \"https://id.example.com\"\nclient_id = \"p\"\nclient_secret_file = \"secret\"\n";
    for database in [
        "url = \"data.db\"",
        "url = \"sqlite:data.db\"",
        "url_file = \"url\"",
    ] {
        std::fs::write(path("b.toml"), format!("[database]\n{database}\n{oidc}")).unwrap();
        let config = Config::load(path("b.toml")).unwrap();
        assert_eq!(
            config.database.url.reveal(),
            path("data.db").to_str().unwrap()
        );
        assert_eq!(config.oidc.unwrap().secret().unwrap().reveal(), "s3");
    }
    for (database, words) in [
        (
            "url = \"data.db\"\nurl_file = \"url\"",
            "database.url: set either url or url_file",
        ),
        ("url_file = \"none\"", "cannot be read"),
        ("", "database.url: is missing"),
    ] {
        std::fs::write(path("b.toml"), format!("[database]\n{database}\n{oidc}")).unwrap();
        let said = Config::load(path("b.toml")).unwrap_err().to_string();
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn every_value_is_shown_with_its_origin_and_without_secrets() {
    let text = format!(
        "{GOOD}\n[providers.two]\nissuer = \"https://b.example\"\nclient_id = \"q\"\nclient_secret = \"hush-2\"\nproxy = \"http://u:hush-3@proxy:1\"\n"
    );
    let env = [
        ("BAILIWICK__DATABASE__URL", "postgres://ada:hush-1@db/shop"),
        ("BAILIWICK__SESSION__SECRET", "[\"hush-4\"]"),
        ("BAILIWICK__LIMITS__EXPORTS", "7"),
        ("BAILIWICK__SERVER__METRICS_TOKEN", "hush-5"),
    ];
    let env = env
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let shown = examine(&text, "test.toml", Path::new(""), env)
        .unwrap()
        .shown;
    let all: Vec<String> = shown
        .iter()
        .map(|one| format!("{} = {} # {}", one.key, one.value, one.origin))
        .collect();
    let all = all.join("\n");
    for line in [
        "database.url = \"postgres://ada:***@db/shop\" # environment variable BAILIWICK__DATABASE__URL",
        "limits.exports = 7 # environment variable BAILIWICK__LIMITS__EXPORTS",
        "limits.lookups = 600 # default",
        "oidc.client_secret = *** # test.toml:",
        "providers.two.client_secret = *** # test.toml:",
        "providers.two.proxy = *** # test.toml:",
        "session.secret = *** # environment variable BAILIWICK__SESSION__SECRET",
        "server.metrics_token = *** # environment variable BAILIWICK__SERVER__METRICS_TOKEN",
        "roles.admin.grants[1].may = [\"view\", \"edit\"] # test.toml:",
    ] {
        assert!(all.contains(line), "{line:?} is not in\n{all}");
    }
    assert!(!all.contains("hush"), "{all}");
}

#[test]
fn thousands_of_roles_are_read_in_one_pass() {
    // Places are looked up by index, so the last role must be right too.
    let role = |n: usize| {
        format!(
            "[roles.r{n}]\ngroups = [\"g{n}\"]\n[[roles.r{n}.grants]]\non = [\"x\"]\nmay = [\"view\"]\n"
        )
    };
    let roles: String = (0..3_000).map(role).collect();
    let text = format!("{GOOD}\n{roles}[roles.last]\ngroups = [\"\"]\n");
    let line = text.lines().count();
    let said = refused(&text);
    assert!(
        said.starts_with(&format!("test.toml:{line}:11: roles.last.groups[1]")),
        "{said}"
    );
}

#[test]
fn a_missing_key_is_named_with_its_table() {
    assert_eq!(
        refused(&GOOD.replace("issuer = \"https://id.example.com\"", "")),
        "test.toml:5:1: oidc.issuer: is missing: the address of the identity provider, such as \
         \"https://id.example.com\""
    );
    assert_eq!(
        refused(""),
        "test.toml: database: is missing: add a table [database] with url = \"...\""
    );
    assert!(refused("[database]").starts_with("test.toml:1:1: database.url: is missing"));
}

#[test]
fn a_value_of_the_wrong_type_says_what_is_expected() {
    let said = |old: &str, new: &str| refused(&GOOD.replace(old, new));
    assert_eq!(
        said("client_id = \"panel\"", "client_id = 7"),
        "test.toml:7:13: oidc.client_id: must be text in quotes, not a number: put it in quotes"
    );
    assert_eq!(
        said("groups = [\"admins\"]", "groups = \"admins\""),
        "test.toml:11:10: roles.admin.groups: must be a list, such as [\"one\", \"two\"], not text: put it in [ ]"
    );
    assert_eq!(
        said("groups = [\"admins\"]", "groups = [\"admins\", 5]"),
        "test.toml:11:21: roles.admin.groups[2]: must be the name of a group, or a table such as { glob = \"team-*\" } or { is = \"staff\", at = \"partner\" }, not a number"
    );
    assert_eq!(
        refused(&format!("database = 5\n[oidc]{}", "")),
        "test.toml:1:12: database: must be a table, not a number"
    );
    assert!(
        said("[oidc]", "pool_size = -1\n[oidc]")
            .ends_with("database.pool_size: must be a whole number from 0 to 4294967295")
    );
    assert!(
        said("[oidc]", "pool_size = 99999999999999999999\n[oidc]")
            .ends_with("the number is too large")
    );
    assert!(
        refused(&format!("{GOOD}\n[resources.orders]\nhidden = \"yes\""))
            .ends_with("resources.orders.hidden: must be true or false, not text")
    );
    assert!(
        refused(&format!("session.idle = 2026-01-01\n{GOOD}"))
            .ends_with("session.idle: must be a duration in quotes, such as \"30s\", \"5m\", \"12h\" or \"7d\", not a date")
    );
    assert!(
        refused(&format!("session.idle = \"30 minutes\"\n{GOOD}"))
            .ends_with("session.idle: “30 minutes” is not a duration; write 30s, 5m, 12h or 7d")
    );
    assert!(
        refused(&format!("server.listen = \"8080\"\n{GOOD}"))
            .starts_with("test.toml:1:17: server.listen: must be an address and a port")
    );
    assert!(
        refused(&format!("server.public_url = \"panel\"\n{GOOD}"))
            .contains("server.public_url: must be an address such as")
    );
    assert!(
        refused(&format!(
            "server.trusted_proxies = [\"proxy.example.com\"]\n{GOOD}"
        ))
        .contains("names are not understood")
    );
}

#[test]
fn text_that_is_not_toml_is_refused_with_its_place() {
    let said = refused(&GOOD.replace("[oidc]", "[oidc"));
    assert!(
        said.starts_with("test.toml:5:6: this is not TOML: "),
        "{said}"
    );
}

#[test]
fn no_error_shows_a_secret() {
    let secret_line = "client_secret = \"open-sesame\"";
    let url_line = "url = \"postgres://panel:hunter2@db.example.com/shop\"";
    let broken = [
        (secret_line, "client_secret = open-sesame"),
        (secret_line, "client_secret = \"open-sesame"),
        (secret_line, "client_secret = \"open-sesame\" x"),
        (secret_line, "client_secret = [\"open-sesame\"]"),
        (secret_line, "client_secret = { text = \"open-sesame\" }"),
        (secret_line, "client_sekret = \"open-sesame\""),
        (
            secret_line,
            "client_secret = \"open-sesame\"\nclient_secret = \"open-sesame\"",
        ),
        (
            secret_line,
            "client_secret = \"open-sesame\"\nclient_secret_file = \"x\"",
        ),
        (secret_line, "client_secret = 'open-sesame\\'x'"),
        (secret_line, "client_secret = \"open-sesame\\q\""),
        (secret_line, "client_secret = \"\"\"open-sesame"),
        (
            url_line,
            "url = postgres://panel:hunter2@db.example.com/shop",
        ),
        (
            url_line,
            "url = \"postgres://panel:hunter2@db.example.com/shop",
        ),
        (url_line, "url = \"mysql://panel:hunter2@db.example.com\""),
        (
            url_line,
            "url = \"oracle://panel:hunter2@db.example.com/shop\"",
        ),
        (url_line, "url = \"host=db user=panel password=hunter2\""),
        (
            url_line,
            "url = [\"postgres://panel:hunter2@db.example.com/shop\"]",
        ),
    ];
    for (line, wrong) in broken {
        let error = parse(&GOOD.replace(line, wrong)).expect_err(wrong);
        let said = format!("{error} {error:?}");
        assert!(
            !said.contains("sesame") && !said.contains("hunter2"),
            "{wrong}: {said}"
        );
        assert!(said.contains("test.toml:"), "{wrong}: {said}");
    }
    let said = refused(&GOOD.replace(secret_line, "client_secret = 8127364"));
    assert!(!said.contains("8127364"), "{said}");
    let said = refused_with(GOOD, &[("BAILIWICK__OIDC__SCOPES", "open-sesame")]);
    assert!(!said.contains("sesame"), "{said}");
}

#[test]
fn every_fault_of_the_values_is_told_at_once() {
    let text = GOOD
        .replace("https://id.example.com", "")
        .replace("open-sesame", "")
        .replace("admins", "");
    let said = refused(&text);
    let places: Vec<&str> = said
        .lines()
        .map(|line| line.split(": ").next().unwrap())
        .collect();
    assert_eq!(
        places,
        ["test.toml:6:10", "test.toml:8:17", "test.toml:11:11"],
        "{said}"
    );
}

#[test]
fn a_file_that_cannot_be_read_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let said = Config::load(folder.path().join("none.toml"))
        .unwrap_err()
        .to_string();
    assert!(
        said.contains("none.toml: cannot be read: ") && said.contains("bailiwick init"),
        "{said}"
    );
}

#[test]
fn a_file_is_loaded_from_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("panel.toml");
    std::fs::write(&path, GOOD).unwrap();
    assert!(Config::load(&path).unwrap().oidc.is_some());
}
