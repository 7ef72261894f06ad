//! Remedies for database errors, chosen by the driver's message; shared by `check` and the start.

use super::Target;

/// The remedy if other own tables can be written, but this one cannot.
pub(crate) fn for_session(reason: &str) -> &'static str {
    if reason.contains("permission denied") {
        "let the database user SELECT, INSERT, UPDATE and DELETE on bailiwick_sessions"
    } else {
        "remove what was added to the table bailiwick_sessions, such as triggers and policies"
    }
}

pub(crate) fn for_own_tables(reason: &str) -> &'static str {
    if reason.contains("readonly") || reason.contains("read-only") {
        "let the user that runs the panel write to the database, and on SQLite to the file and its \
         folder"
    } else if reason.contains("locked") {
        "another program is writing to the database: try again, or stop it"
    } else if reason.contains("already exists") {
        "something with that name exists that the panel did not create: rename it, as the panel's \
         tables start with bailiwick_"
    } else {
        "run \u{201c}bailiwick migrate\u{201d} as the owner of the database; it prints what to \
         GRANT to this user, who then needs no right to create tables (or let this user create \
         them: GRANT CREATE, USAGE ON SCHEMA public)"
    }
}

/// The remedy for a database that does not answer.
pub(crate) fn for_connection(target: &Target, reason: &str) -> String {
    match target {
        #[cfg(feature = "sqlite")]
        Target::Sqlite(path) => for_file(path, reason),
        #[cfg(feature = "postgres")]
        Target::Postgres(_) => for_server(reason).to_owned(),
        #[cfg(feature = "mysql")]
        Target::Mysql(_) => for_server(reason).to_owned(),
    }
}

fn for_file(path: &std::path::Path, reason: &str) -> String {
    if !path.exists() {
        let here = std::env::current_dir().unwrap_or_default();
        format!(
            "there is no such file: correct database.url (a relative path starts at the folder of \
             the configuration file; the current directory is {})",
            here.display()
        )
    } else if path.is_dir() {
        "this is a folder: name the file in it as database.url".to_owned()
    } else if reason.contains("not a database") {
        "this is no SQLite file, or an encrypted one: correct database.url".to_owned()
    } else if reason.contains("locked") {
        "another program holds the database: try again, or stop it".to_owned()
    } else {
        "let the user that runs the panel read and write the file and its folder".to_owned()
    }
}

fn for_server(reason: &str) -> &'static str {
    let reason = reason.to_lowercase();
    let remedies = [
        (
            "password authentication failed",
            "correct the user and the password in database.url (special characters \
             percent-encoded), or set BAILIWICK__DATABASE__URL",
        ),
        (
            "access denied",
            "correct the user and the password in database.url (special characters \
             percent-encoded), or GRANT the user its rights on the database",
        ),
        (
            "unknown database",
            "create the database, or correct its name in database.url",
        ),
        (
            "name or service not known",
            "correct the host name in database.url: it is not known to DNS",
        ),
        (
            "percent-encoded token",
            "percent-encode special characters of the password in database.url: a % is %25",
        ),
        (
            "no password supplied",
            "write the password into database.url, or set BAILIWICK__DATABASE__URL",
        ),
        (
            "could not translate host name",
            "correct the host name in database.url: it is not known to DNS",
        ),
        (
            "connection refused",
            "start the database, or correct host and port in database.url",
        ),
        (
            "no such file or directory",
            "start the database, or name its host in database.url",
        ),
        (
            "timeout",
            "correct the host in database.url, or let the firewall pass the connection",
        ),
        (
            "no pg_hba.conf entry",
            "let pg_hba.conf on the server admit this user from this machine",
        ),
        (
            "sslmode",
            "this build knows no TLS for PostgreSQL: build it with --features postgres-tls",
        ),
        (
            "server does not support ssl",
            "turn on TLS at the server, or leave sslmode out of database.url",
        ),
        (
            "does not exist",
            "create what is missing, or correct the name in database.url",
        ),
        (
            "too many",
            "raise max_connections at the server, or lower database.pool_size",
        ),
    ];
    remedies
        .iter()
        .find(|(said, _)| reason.contains(said))
        .map_or(
            "correct database.url; the database's own client should connect with the same address",
            |(_, remedy)| remedy,
        )
}
