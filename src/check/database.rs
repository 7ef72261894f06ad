//! Checks the database: that it is up, and that its schema can be read. The panel's own tables must
//! exist or be creatable, and must hold sessions.

mod session;

use super::Report;
use crate::access::StoredRoles;
use crate::app;
use crate::catalog::schema::Schema;
use crate::config::DatabaseConfig;
use crate::data::schema;
use crate::store::migrations::{self, Rehearsal};
use crate::store::people::{self, KnownPerson};
use crate::store::{self, DatabaseError, Target, Tuning, grants, language, remedies, roles};

const LINK: &str = "database";
const OWN: &str = "own tables";
const POOLED: &str = "it is behind a pooler in transaction mode: statements have no names, and \
                      settings are sent with each transaction";

/// The maximum number of people whose groups are compared with the group rules.
const MAX_PEOPLE: i64 = 10_000;

/// What is known about the database.
#[derive(Default)]
pub(super) struct KnownDatabase {
    /// Its schema, if it could be read.
    pub schema: Option<Schema>,
    /// The people who have signed in.
    pub people: Vec<KnownPerson>,
    /// The stored roles and group rules.
    pub kept: StoredRoles,
    /// Other schemas that hold tables, with their number.
    pub elsewhere: Vec<(String, i64)>,
    /// Tables that exist, but are not resources.
    pub unseen: Vec<schema::UnlistedTable>,
    session: Option<Result<(), String>>,
}

/// The result of reading the database.
struct DatabaseFindings {
    /// Whether a pooler in transaction mode is in front of it.
    is_pooled: bool,
    schema: Result<Schema, String>,
    /// The language of its messages, if that may not be English.
    language: Option<String>,
    own: Result<(Rehearsal, OwnTables), String>,
    /// Missing privileges on the panel's own tables, as statements for their owner.
    lacking: Vec<String>,
    elsewhere: Vec<(String, i64)>,
    unseen: Vec<schema::UnlistedTable>,
    /// Configured schemas that do not exist.
    absent: Vec<String>,
    /// Whether the file is not in WAL mode yet.
    leaves_rollback: bool,
}

/// The content and abilities of the panel's own tables, from the rehearsal.
struct OwnTables {
    people: Vec<KnownPerson>,
    kept: StoredRoles,
    session: Result<(), String>,
}

/// Checks the database; returns what is known about it, or nothing if it is down.
pub(super) async fn check(config: &DatabaseConfig, report: &mut Report) -> KnownDatabase {
    let target = match app::target(config) {
        Ok(target) => target,
        Err(error) => {
            report.fail(LINK, error.to_string(), "correct database.url");
            return KnownDatabase::default();
        }
    };
    let (behind, schemas) = (target.clone(), config.schemas.clone());
    let tuning = Tuning::from(config);
    let look = tokio::task::spawn_blocking(move || look(&behind, &schemas, &tuning)).await;
    let shown = config.redacted_url();
    let look = match look {
        Ok(Ok(look)) => look,
        Ok(Err(error)) => {
            let reason = config.redact(&error.to_string());
            report.fail(
                LINK,
                format!("{shown}: {reason}"),
                remedies::for_connection(&target, &reason),
            );
            return KnownDatabase::default();
        }
        Err(_) => {
            report.fail(LINK, "the check of it was interrupted", "run check again");
            return KnownDatabase::default();
        }
    };
    report.ok(LINK, format!("{shown} answers"));
    if look.is_pooled {
        report.ok(LINK, POOLED);
    }
    for schema in &look.absent {
        let others = look.elsewhere.iter().map(|(name, _)| name.as_str());
        let hint = crate::suggest::did_you_mean(schema, others);
        report.fail(
            LINK,
            format!("database.schemas: there is no schema \"{schema}\"{hint}"),
            "correct database.schemas, or remove the name",
        );
    }
    if look.leaves_rollback {
        report.note(
            LINK,
            "serve switches this file to write-ahead logging (WAL) for good: the files NAME-wal \
             and NAME-shm beside it then belong to it",
        );
    }
    let own = if look.lacking.is_empty() {
        tell_own(config, look.own, report)
    } else {
        report.fail(
            OWN,
            "this user may not read and write all of them",
            format!("have their owner run: {}", look.lacking.join(" ")),
        );
        look.own.ok().map(|(_, own)| own)
    };
    tell_language(look.language.as_deref(), report);
    let schema = look.schema.map_err(|reason| {
        report.fail(
            LINK,
            format!("its schema cannot be read: {}", config.redact(&reason)),
            "let the database user read the system catalogs",
        );
    });
    let looked = KnownDatabase {
        schema: schema.ok(),
        elsewhere: look.elsewhere,
        unseen: look.unseen,
        ..KnownDatabase::default()
    };
    match own {
        None => looked,
        Some(own) => KnownDatabase {
            people: own.people,
            kept: own.kept,
            session: Some(own.session),
            ..looked
        },
    }
}

impl KnownDatabase {
    /// Reports whether sessions can be stored, if that was tested.
    pub fn tell_session(&self, config: &DatabaseConfig, report: &mut Report) {
        match &self.session {
            None => {}
            Some(Ok(())) => report.ok(
                "session",
                "a session can be started, read back and ended in the panel's own tables (this \
                 was tried and rolled back)",
            ),
            Some(Err(reason)) => report.fail(
                "session",
                format!(
                    "no session can be stored in the panel's own tables: {}",
                    config.redact(reason)
                ),
                remedies::for_session(reason),
            ),
        }
    }
}

fn look(
    target: &Target,
    schemas: &[String],
    tuning: &Tuning,
) -> Result<DatabaseFindings, DatabaseError> {
    store::look(target, tuning, |conn, is_pooled| {
        let own = migrations::rehearse(conn, |conn| OwnTables {
            people: people::latest(conn, MAX_PEOPLE).unwrap_or_default(),
            kept: roles::load(conn).unwrap_or_default(),
            session: session::rehearse(conn),
        });
        Ok(DatabaseFindings {
            is_pooled,
            lacking: grants::lacking(conn)?,
            elsewhere: schema::elsewhere(conn, schemas)?,
            unseen: schema::unseen(conn, schemas)?,
            absent: schema::absent(conn, schemas)?,
            leaves_rollback: conn.journal_is_rollback()?,
            schema: schema::read(conn, schemas).map_err(|error| error.to_string()),
            language: language::of_messages(conn).unwrap_or_default(),
            own: own.map_err(|error| error.to_string()),
        })
    })
}

/// Reports the language: most errors are recognised without their text, but a few are not.
fn tell_language(setting: Option<&str>, report: &mut Report) {
    if let Some(setting) = setting.filter(|setting| !language::is_english(setting)) {
        report.warn(
            LINK,
            format!("its messages are not in English (lc_messages = {setting})"),
            "set them to English for the panel's user, so that every error is recognised: ALTER \
             ROLE the_user SET lc_messages = 'C', run by a superuser",
        );
    }
}

fn tell_own(
    config: &DatabaseConfig,
    own: Result<(Rehearsal, OwnTables), String>,
    report: &mut Report,
) -> Option<OwnTables> {
    let (rehearsal, own) = match own {
        Ok(found) => found,
        Err(reason) => {
            report.fail(
                OWN,
                format!(
                    "they cannot be created or written to: {}",
                    config.redact(&reason)
                ),
                remedies::for_own_tables(&reason),
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
            "they do not exist yet; serve and migrate will create them, and have the right to \
             (this was tried and rolled back)"
                .to_owned()
        } else {
            format!(
                "serve and migrate will bring them up to date ({}), and have the right to (this \
                 was tried and rolled back)",
                pending.join(", ")
            )
        },
    );
    Some(own)
}
