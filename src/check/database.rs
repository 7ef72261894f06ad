//! The database: that it answers, that its schema can be read, and that the panel's own tables are
//! there or can be made, and hold sessions.

mod session;

use super::Report;
use crate::access::Kept;
use crate::app;
use crate::catalog::schema::Schema;
use crate::config::DatabaseConfig;
use crate::data::schema;
use crate::store::migrations::{self, Rehearsal};
use crate::store::people::{self, Known};
use crate::store::{AnyConnection, DatabaseError, Target, roles};
use std::time::Duration;

const LINK: &str = "database";
const OWN: &str = "own tables";

/// The most people whose groups are compared with the mapping.
const MAX_PEOPLE: i64 = 10_000;

/// What is known after a look at the database.
#[derive(Default)]
pub(super) struct Looked {
    /// Its schema, if it could be read.
    pub schema: Option<Schema>,
    /// The people who have signed in.
    pub people: Vec<Known>,
    /// The roles and group rules that the panel keeps.
    pub kept: Kept,
    session: Option<Result<(), String>>,
}

/// What came of one look at the database.
struct Look {
    schema: Result<Schema, String>,
    own: Result<(Rehearsal, Own), String>,
}

/// What the panel's own tables hold and can do, found out in the rehearsal.
struct Own {
    people: Vec<Known>,
    kept: Kept,
    session: Result<(), String>,
}

/// What can be found out; none of it if the database does not answer.
pub(super) async fn check(config: &DatabaseConfig, report: &mut Report) -> Looked {
    let target = match app::target(config) {
        Ok(target) => target,
        Err(error) => {
            report.fail(LINK, error.to_string(), "correct database.url");
            return Looked::default();
        }
    };
    let timeout = Duration::from_secs(config.statement_timeout_s.into());
    let (behind, schemas) = (target.clone(), config.schemas.clone());
    let look = tokio::task::spawn_blocking(move || look(&behind, &schemas, timeout)).await;
    let shown = config.redacted_url();
    let look = match look {
        Ok(Ok(look)) => look,
        Ok(Err(error)) => {
            let reason = config.redact(&error.to_string());
            report.fail(LINK, format!("{shown}: {reason}"), remedy(&target, &reason));
            return Looked::default();
        }
        Err(_) => {
            report.fail(LINK, "looking at it was cut short", "run check again");
            return Looked::default();
        }
    };
    report.ok(LINK, format!("{shown} answers"));
    let own = tell_own(config, look.own, report);
    let schema = look.schema.map_err(|reason| {
        report.fail(
            LINK,
            format!("its schema cannot be read: {}", config.redact(&reason)),
            "let the database user read the system catalogs",
        );
    });
    let looked = Looked {
        schema: schema.ok(),
        ..Looked::default()
    };
    match own {
        None => looked,
        Some(own) => Looked {
            people: own.people,
            kept: own.kept,
            session: Some(own.session),
            ..looked
        },
    }
}

impl Looked {
    /// Whether sessions can be kept, if that was found out.
    pub fn tell_session(&self, config: &DatabaseConfig, report: &mut Report) {
        match &self.session {
            None => {}
            Some(Ok(())) => report.ok(
                "session",
                "one can be begun, read back and ended in the panel's own tables (this was \
                 rehearsed and rolled back)",
            ),
            Some(Err(reason)) => report.fail(
                "session",
                format!(
                    "none can be kept in the panel's own tables: {}",
                    config.redact(reason)
                ),
                remedy_for_session(reason),
            ),
        }
    }
}

fn look(target: &Target, schemas: &[String], timeout: Duration) -> Result<Look, DatabaseError> {
    let mut conn = AnyConnection::inspect(target, timeout)?;
    let own = migrations::rehearse(&mut conn, |conn| Own {
        people: people::latest(conn, MAX_PEOPLE).unwrap_or_default(),
        kept: roles::load(conn).unwrap_or_default(),
        session: session::rehearse(conn),
    });
    Ok(Look {
        schema: schema::read(&mut conn, schemas).map_err(|error| error.to_string()),
        own: own.map_err(|error| error.to_string()),
    })
}

fn tell_own(
    config: &DatabaseConfig,
    own: Result<(Rehearsal, Own), String>,
    report: &mut Report,
) -> Option<Own> {
    let (rehearsal, own) = match own {
        Ok(found) => found,
        Err(reason) => {
            report.fail(
                OWN,
                format!(
                    "they cannot be made or written to: {}",
                    config.redact(&reason)
                ),
                remedy_for_own(&reason),
            );
            return None;
        }
    };
    let Rehearsal { is_new, pending } = rehearsal;
    report.ok(
        OWN,
        if pending.is_empty() {
            "they are up to date and can be written to".to_owned()
        } else if is_new {
            "they are not there yet; serve and migrate will make them, and may (this was rehearsed \
             and rolled back)"
                .to_owned()
        } else {
            format!(
                "serve and migrate will bring them up to date ({}), and may (this was rehearsed \
                 and rolled back)",
                pending.join(", ")
            )
        },
    );
    Some(own)
}

/// The tables are there and one of them could be written to: what is wrong is about this one.
fn remedy_for_session(reason: &str) -> &'static str {
    if reason.contains("permission denied") {
        "let the database user SELECT, INSERT, UPDATE and DELETE on bailiwick_sessions"
    } else {
        "take out what was added to the table bailiwick_sessions beside what the panel made, such \
         as triggers and policies"
    }
}

fn remedy_for_own(reason: &str) -> &'static str {
    if reason.contains("readonly") || reason.contains("read-only") {
        "let the user that runs the panel write to the database, and on SQLite to the file and its \
         folder"
    } else if reason.contains("locked") {
        "another program is writing to the database: try again, or stop it"
    } else if reason.contains("already exists") {
        "something of that name is there that the panel did not make: rename it, as the panel's \
         tables start with bailiwick_"
    } else {
        "let the database user create tables: on PostgreSQL, GRANT CREATE, USAGE ON SCHEMA public \
         TO the user"
    }
}

/// What to do about a database that does not answer, by what the driver said.
fn remedy(target: &Target, reason: &str) -> String {
    match target {
        Target::Sqlite(path) => remedy_for_file(path, reason),
        Target::Postgres(_) => remedy_for_server(reason).to_owned(),
        #[cfg(feature = "mysql")]
        Target::Mysql(_) => remedy_for_server(reason).to_owned(),
    }
}

fn remedy_for_file(path: &std::path::Path, reason: &str) -> String {
    if !path.exists() {
        let here = std::env::current_dir().unwrap_or_default();
        format!(
            "there is no such file: correct database.url (a relative path starts at the current \
             directory, {})",
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

fn remedy_for_server(reason: &str) -> &'static str {
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
