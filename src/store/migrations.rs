//! Migrations of the panel's own tables, embedded in the binary.
//!
//! Applied versions are recorded in `bailiwick_migrations`. Diesel's own table may belong to the
//! application that owns this database.

use super::AnyConnection;
use super::tables::{bailiwick_migrations, bailiwick_secrets};
use diesel::backend::Backend;
use diesel::connection::{BoxableConnection, SimpleConnection};
use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

#[cfg(feature = "mysql")]
mod mysql;

#[cfg(feature = "sqlite")]
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
#[cfg(feature = "postgres")]
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Why the panel's own tables could not be migrated.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The embedded files are unreadable, or a migration failed.
    #[error("a migration of the panel's own tables failed: {0}")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A statement failed.
    #[error("the panel's own tables could not be read or created: {0}")]
    Database(#[from] diesel::result::Error),
}

/// The versions that have not been applied, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn pending(conn: &mut AnyConnection) -> Result<Vec<String>, MigrationError> {
    let done = done(conn)?;
    let all = match conn {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => versions::<diesel::sqlite::Sqlite>(&SQLITE)?,
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(_) => versions::<diesel::pg::Pg>(&POSTGRES)?,
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(_) => mysql::versions(),
    };
    Ok(all
        .into_iter()
        .filter(|version| !done.contains(version))
        .collect())
}

/// The result of a rehearsal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsal {
    /// Whether none of the panel's own tables exists yet.
    pub is_new: bool,
    /// The versions that have not been applied.
    pub pending: Vec<String>,
}

/// Applies pending migrations, writes to one of the tables, runs `more`, and rolls everything back.
/// It shows beforehand whether the migrations work.
///
/// # Errors
/// As [`run`], and when the tables cannot be written.
pub fn rehearse<T>(
    conn: &mut AnyConnection,
    more: impl FnOnce(&mut AnyConnection) -> T,
) -> Result<(Rehearsal, T), MigrationError> {
    let is_new = !is_noted(conn)?;
    let mut pending = Vec::new();
    let mut came = None;
    make_ready(conn)?;
    let outcome = conn.transaction::<(), Rehearsed, _>(|conn| {
        pending = rehearsed(conn)?;
        diesel::insert_into(bailiwick_secrets::table)
            .values((
                bailiwick_secrets::name.eq("rehearsal"),
                bailiwick_secrets::value.eq(""),
            ))
            .execute(conn)?;
        came = Some(more(conn));
        Err(Rehearsed::Over)
    });
    match (outcome, came) {
        (Err(Rehearsed::Failed(error)), _) => Err(error),
        (Ok(()) | Err(Rehearsed::Over), Some(came)) => Ok((Rehearsal { is_new, pending }, came)),
        (Ok(()) | Err(Rehearsed::Over), None) => {
            Err(diesel::result::Error::NotInTransaction.into())
        }
    }
}

/// Creates what the transaction of a rehearsal cannot.
fn make_ready(conn: &mut AnyConnection) -> Result<(), MigrationError> {
    match conn {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => Ok(()),
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(_) => Ok(()),
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(_) => {
            let done = done(conn)?;
            mysql::shadow(conn, &done)
        }
    }
}

/// Applies the migrations in a way that a rollback can undo.
fn rehearsed(conn: &mut AnyConnection) -> Result<Vec<String>, MigrationError> {
    match conn {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => run(conn),
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(_) => run(conn),
        // Temporary tables of this connection stand in for them.
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(_) => pending(conn),
    }
}

/// How a rehearsal ends: always with a rollback.
enum Rehearsed {
    Over,
    Failed(MigrationError),
}

impl From<MigrationError> for Rehearsed {
    fn from(error: MigrationError) -> Self {
        Self::Failed(error)
    }
}

impl From<diesel::result::Error> for Rehearsed {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Applies pending migrations, each in its own transaction; returns the versions applied here.
/// Several processes may call this at the same time: each migration is applied once.
///
/// # Errors
/// When a migration fails; earlier ones remain applied.
pub fn run(conn: &mut AnyConnection) -> Result<Vec<String>, MigrationError> {
    // PostgreSQL demands the right to create tables even if the table exists.
    if !is_noted(conn)? {
        let table = match conn {
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(_) => {
                "CREATE TABLE IF NOT EXISTS bailiwick_migrations \
                 (version TEXT NOT NULL PRIMARY KEY, run_at TIMESTAMP NOT NULL)"
            }
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(_) => {
                "CREATE TABLE IF NOT EXISTS bailiwick_migrations \
                 (version TEXT NOT NULL PRIMARY KEY, run_at TIMESTAMP NOT NULL)"
            }
            #[cfg(feature = "mysql")]
            AnyConnection::Mysql(_) => mysql::NOTES,
        };
        let made = conn.batch_execute(table);
        // Another process created it at the same time. PostgreSQL reports that with several error
        // codes.
        if let Err(error) = made
            && !matches!(is_noted(conn), Ok(true))
        {
            return Err(error.into());
        }
    }
    let done = done(conn)?;
    match conn {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(conn) => {
            apply::<diesel::sqlite::Sqlite, _>(conn, &SQLITE, &done, note_sqlite)
        }
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => {
            apply::<diesel::pg::Pg, _>(conn, &POSTGRES, &done, note_postgres)
        }
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(conn) => mysql::run(conn),
    }
}

fn done(conn: &mut AnyConnection) -> Result<Vec<String>, MigrationError> {
    if !is_noted(conn)? {
        return Ok(Vec::new());
    }
    Ok(bailiwick_migrations::table
        .select(bailiwick_migrations::version)
        .load(conn)?)
}

/// Whether the table of applied versions exists. It reads the database's catalog, because a failed
/// SELECT would abort a PostgreSQL transaction.
fn is_noted(conn: &mut AnyConnection) -> Result<bool, MigrationError> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        count: i64,
    }
    let found: Found = match conn {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(conn) => diesel::sql_query(
            "SELECT count(*) AS count FROM sqlite_master WHERE name = 'bailiwick_migrations'",
        )
        .get_result(conn)?,
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => {
            diesel::sql_query("SELECT count(to_regclass('bailiwick_migrations')) AS count")
                .get_result(conn)?
        }
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(conn) => diesel::sql_query(
            "SELECT count(*) AS count FROM information_schema.tables \
             WHERE table_schema = DATABASE() AND table_name = 'bailiwick_migrations'",
        )
        .get_result(conn)?,
    };
    Ok(found.count > 0)
}

fn sorted<DB: Backend>(
    source: &EmbeddedMigrations,
) -> Result<Vec<Box<dyn Migration<DB>>>, MigrationError> {
    let mut all = MigrationSource::<DB>::migrations(source).map_err(MigrationError::Failed)?;
    all.sort_by_key(|migration| migration.name().version().as_owned());
    Ok(all)
}

fn versions<DB: Backend>(source: &EmbeddedMigrations) -> Result<Vec<String>, MigrationError> {
    Ok(sorted::<DB>(source)?
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect())
}

fn apply<DB: Backend, C>(
    conn: &mut C,
    source: &EmbeddedMigrations,
    done: &[String],
    note: fn(&mut C, &str) -> QueryResult<usize>,
) -> Result<Vec<String>, MigrationError>
where
    C: diesel::Connection<Backend = DB> + BoxableConnection<DB> + 'static,
{
    let mut run = Vec::new();
    for migration in sorted::<DB>(source)? {
        let version = migration.name().version().to_string();
        if done.contains(&version) {
            continue;
        }
        // The version is recorded first. Of several processes that start together, one succeeds,
        // and the others wait until it is done.
        let outcome = conn.transaction::<_, MigrationError, _>(|conn| {
            note(conn, &version)?;
            migration.run(conn).map_err(MigrationError::Failed)
        });
        match outcome {
            Err(MigrationError::Database(Error::DatabaseError(
                DatabaseErrorKind::UniqueViolation,
                _,
            ))) => {}
            outcome => {
                outcome?;
                run.push(version);
            }
        }
    }
    Ok(run)
}

#[cfg(feature = "sqlite")]
fn note_sqlite(conn: &mut SqliteConnection, version: &str) -> QueryResult<usize> {
    diesel::insert_into(bailiwick_migrations::table)
        .values((
            bailiwick_migrations::version.eq(version),
            bailiwick_migrations::run_at.eq(chrono::Utc::now().naive_utc()),
        ))
        .execute(conn)
}

#[cfg(feature = "postgres")]
fn note_postgres(conn: &mut PgConnection, version: &str) -> QueryResult<usize> {
    diesel::insert_into(bailiwick_migrations::table)
        .values((
            bailiwick_migrations::version.eq(version),
            bailiwick_migrations::run_at.eq(chrono::Utc::now().naive_utc()),
        ))
        .execute(conn)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn every_database_has_the_same_migrations() {
        let of = |database: &str| -> BTreeSet<String> {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("migrations")
                .join(database);
            let entries = std::fs::read_dir(folder).unwrap();
            entries
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect()
        };
        assert_eq!(of("postgres"), of("sqlite"));
        assert_eq!(of("mysql"), of("sqlite"));
        #[cfg(feature = "mysql")]
        assert_eq!(super::mysql::versions().len(), of("mysql").len());
    }
}
