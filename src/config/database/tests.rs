#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;
use crate::config::Config;

fn database(url: &str) -> DatabaseConfig {
    DatabaseConfig {
        url: Secret::new(url),
        url_file: None,
        schemas: default_schemas(),
        pool_size: default_pool_size(),
        statement_timeout_s: default_statement_timeout(),
        pooler: None,
    }
}

fn target(url: &str) -> Result<DatabaseTarget, String> {
    database(url).target().map_err(|error| error.to_string())
}

#[test]
fn sqlite_is_a_path_with_or_without_its_scheme() {
    for (url, path) in [
        ("data.db", "data.db"),
        ("/srv/data.db", "/srv/data.db"),
        ("sqlite:data.db", "data.db"),
        ("sqlite://data.db", "data.db"),
        ("sqlite:///srv/data.db", "/srv/data.db"),
        ("C:\\data.db", "C:\\data.db"),
        ("//share/data.db", "//share/data.db"),
    ] {
        assert_eq!(
            target(url),
            Ok(DatabaseTarget::Sqlite(path.into())),
            "{url}"
        );
    }
}

#[test]
fn postgres_keeps_its_url() {
    for url in [
        "postgres://u:p@h/db",
        "postgresql:///db?host=/var/run/postgresql",
        "postgres://a,b:5433/db",
    ] {
        assert_eq!(target(url), Ok(DatabaseTarget::Postgres(Secret::new(url))));
    }
}

#[test]
fn other_databases_are_refused_with_what_is_supported() {
    for url in [
        "oracle://h/db",
        "file:data.db",
        "https://h/db",
        "",
        "sqlite://",
        "host=h dbname=d",
    ] {
        let said = target(url).expect_err(url);
        assert!(
            said.starts_with("database.url: ") && said.contains("postgres://"),
            "{said}"
        );
    }
    for url in [":memory:", "sqlite::memory:", "sqlite://:memory:"] {
        assert!(target(url).unwrap_err().contains("in memory"), "{url}");
    }
}

#[test]
fn messages_show_no_password() {
    for (url, shown) in [
        ("postgres://u:p@h:5432/db", "postgres://u:***@h:5432/db"),
        ("postgres://u@h/db", "postgres://u@h/db"),
        ("postgres://h:5432/db", "postgres://h:5432/db"),
        ("postgres://u:p/a?s@s#w@h/db", "postgres://u:***@h/db"),
        (
            "postgres://h/db?user=u&password=p&sslpassword=q",
            "postgres://h/db?user=u&password=***&sslpassword=***",
        ),
        ("postgres:u:p@h/db", "postgres:***@h/db"),
        ("host=h password=p", "***"),
        ("data.db", "data.db"),
    ] {
        assert_eq!(database(url).redacted_url(), shown);
    }
}

#[test]
fn counts_and_schemas_must_be_given() {
    let text =
        "[database]\nurl = \"data.db\"\npool_size = 0\nstatement_timeout_s = 0\nschemas = []";
    let said = Config::parse(text, "test.toml", std::iter::empty())
        .unwrap_err()
        .to_string();
    assert_eq!(said.lines().count(), 3, "{said}");
    assert!(
        said.contains("test.toml:3:13: database.pool_size: must be at least 1"),
        "{said}"
    );
}

#[test]
fn no_part_of_a_password_is_told_where_the_driver_takes_it_for_something_else() {
    for (url, said) in [
        (
            "postgres://u:be@hind@host/db",
            "could not translate host name \"hind@host\"",
        ),
        (
            "postgres://u:be/hind@host/db",
            "invalid integer value \"be\" for \"port\"",
        ),
        (
            "postgres://u:be?hind@host/db",
            "invalid URI query parameter: \"hind@host/db\"",
        ),
        (
            "postgres://u:be%hind@host/db",
            "invalid percent-encoded token: \"be%hind\"",
        ),
        (
            "postgres://h/db?user=u&password=be&hind",
            "missing separator: \"hind\"",
        ),
        (
            "postgres://h/db?user=u&password=be&hi-nd=1",
            "invalid parameter: \"hi-nd\"",
        ),
        ("host=h password=behind", "password behind"),
    ] {
        let told = database(url).redact(said);
        assert!(
            !told.contains("be") || told.starts_with("the database URL"),
            "{told}"
        );
        for part in ["hind", "hi-nd", "\"be\""] {
            assert!(!told.contains(part), "{url}: {told}");
        }
        assert!(told.contains("%40"), "{told}");
    }
    // A driver's message is shown if the URL is parsed as intended.
    for url in [
        "postgres://u:p%40s:s#w@host/db?sslmode=require",
        "postgres://h/db?user=u&password=p%26q&connect_timeout=5",
        "data.db",
    ] {
        assert_eq!(database(url).redact("refused"), "refused", "{url}");
    }
}

#[test]
fn what_drivers_say_is_told_without_the_password() {
    let url = "postgres://ada:p%40ss@host/db?sslpassword=q1";
    let said = format!("cannot read {url}: p%40ss or p@ss or q1");
    assert_eq!(
        database(url).redact(&said),
        "cannot read postgres://ada:***@host/db?sslpassword=***: *** or *** or ***"
    );
    assert_eq!(database("data.db").redact("data.db: no"), "data.db: no");
}

#[test]
fn a_build_without_mysql_says_how_to_make_one_with_it() {
    let said = left_out("MySQL and MariaDB", "mysql").to_string();
    assert!(said.contains("--features mysql"), "{said}");
    #[cfg(not(feature = "mysql"))]
    for url in ["mysql://h/db", "mariadb://h/db"] {
        assert!(target(url).unwrap_err().contains("--features mysql"));
    }
}

#[cfg(feature = "mysql")]
#[test]
fn mysql_is_told_by_its_url_and_names_a_database() {
    for url in ["mysql://u:p@h:3307/db?a=b", "mariadb://u:p@h:3307/db?a=b"] {
        let meant = Secret::new("mysql://u:p@h:3307/db?a=b");
        assert_eq!(target(url), Ok(DatabaseTarget::Mysql(meant)));
    }
    for url in ["mysql://h", "mysql://h/", "mysql://h/?a=b"] {
        let said = target(url).unwrap_err();
        assert!(said.contains("names no database"), "{said}");
    }
}
