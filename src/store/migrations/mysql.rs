//! Migrations on MySQL and MariaDB, where every DDL statement commits implicitly.
//!
//! Each statement can be repeated, and a migration is recorded after all its statements. So an
//! interrupted start continues where it stopped. Only one process at a time runs them.

use super::super::mysql::{MysqlConnection, ServerFamily};
use super::super::tables::bailiwick_migrations;
use super::{AnyConnection, MigrationError};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};

/// The migrations by version, oldest first.
const ALL: [(&str, &str); 4] = [
    (
        "20261123000001",
        include_str!("../../../migrations/mysql/2026-11-23-000001_panel/up.sql"),
    ),
    (
        "20261123000002",
        include_str!("../../../migrations/mysql/2026-11-23-000002_access/up.sql"),
    ),
    (
        "20261128000002",
        include_str!("../../../migrations/mysql/2026-11-28-000002_views/up.sql"),
    ),
    (
        "20261128000003",
        include_str!("../../../migrations/mysql/2026-11-28-000003_sessions/up.sql"),
    ),
];

/// Creates the table of applied versions.
pub(super) const NOTES: &str = "CREATE TABLE IF NOT EXISTS bailiwick_migrations \
    (version VARCHAR(64) NOT NULL PRIMARY KEY, run_at DATETIME(6) NOT NULL) \
    ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

/// How long a start waits for another process that runs migrations, in seconds.
const PATIENCE_S: u32 = 60;

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = Nullable<BigInt>)]
    got: Option<i64>,
}

pub(super) fn versions() -> Vec<String> {
    ALL.iter()
        .map(|(version, _)| (*version).to_owned())
        .collect()
}

/// Applies pending migrations.
pub(super) fn run(conn: &mut MysqlConnection) -> Result<Vec<String>, MigrationError> {
    // Lock names belong to the server, not to the database.
    let lock = "MD5(CONCAT('bailiwick_migrations ', DATABASE()))";
    let query = format!("SELECT CAST(GET_LOCK({lock}, {PATIENCE_S}) AS SIGNED) AS got");
    let locked: Locked = diesel::sql_query(query).get_result(conn)?;
    if locked.got != Some(1) {
        let reason = "another process has been migrating for a minute";
        return Err(MigrationError::Failed(reason.into()));
    }
    let outcome = run_locked(conn);
    conn.batch_execute(&format!("DO RELEASE_LOCK({lock})"))?;
    outcome
}

fn run_locked(conn: &mut MysqlConnection) -> Result<Vec<String>, MigrationError> {
    let done: Vec<String> = bailiwick_migrations::table
        .select(bailiwick_migrations::version)
        .load(conn)?;
    let mut run = Vec::new();
    for (version, sql) in ALL {
        if done.iter().any(|known| known == version) {
            continue;
        }
        for statement in statements(sql, conn.family()) {
            execute(conn, &statement)?;
        }
        diesel::insert_into(bailiwick_migrations::table)
            .values((
                bailiwick_migrations::version.eq(version),
                bailiwick_migrations::run_at.eq(chrono::Utc::now().naive_utc()),
            ))
            .execute(conn)?;
        run.push(version.to_owned());
    }
    Ok(run)
}

/// Creates temporary tables, for this connection only, in place of the tables that pending
/// migrations would create. DDL cannot be rolled back here.
pub(super) fn shadow(conn: &mut AnyConnection, done: &[String]) -> Result<(), MigrationError> {
    let family = match conn {
        AnyConnection::Mysql(conn) => conn.family(),
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => return Ok(()),
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(_) => return Ok(()),
    };
    let pending = ALL
        .iter()
        .filter(|(version, _)| !done.iter().any(|known| known == version));
    let mut made: Vec<String> = Vec::new();
    for (_, sql) in pending {
        for statement in statements(sql, family) {
            if let Some(table) = altered(&statement)
                && !made.iter().any(|name| name == table)
            {
                conn.batch_execute(&format!("CREATE TEMPORARY TABLE {SHADOW} LIKE {table}"))?;
                conn.batch_execute(&format!("ALTER TABLE {SHADOW} RENAME TO {table}"))?;
                made.push(table.to_owned());
            }
            made.extend(created(&statement).map(str::to_owned));
            execute(
                conn,
                &statement.replace("CREATE TABLE", "CREATE TEMPORARY TABLE"),
            )?;
        }
    }
    Ok(())
}

/// The name of a temporary table until it is given the name of the table that it stands for.
const SHADOW: &str = "bailiwick_shadow";

/// Runs a statement; one that adds columns may have run before.
fn execute<C: SimpleConnection>(conn: &mut C, statement: &str) -> QueryResult<()> {
    match conn.batch_execute(statement) {
        Err(error) if altered(statement).is_some() && is_duplicate(&error) => Ok(()),
        outcome => outcome,
    }
}

/// The table that a statement adds columns to.
fn altered(statement: &str) -> Option<&str> {
    named(statement, "ALTER TABLE ")
}

/// The table that a statement makes.
fn created(statement: &str) -> Option<&str> {
    named(statement, "CREATE TABLE IF NOT EXISTS ")
}

fn named<'s>(statement: &'s str, start: &str) -> Option<&'s str> {
    let mut lines = statement.lines();
    let rest = lines.find_map(|line| line.strip_prefix(start))?;
    rest.split_whitespace().next()
}

/// Whether columns could not be added because they are there.
fn is_duplicate(error: &diesel::result::Error) -> bool {
    error.to_string().contains("Duplicate column name")
}

fn statements(sql: &str, family: ServerFamily) -> impl Iterator<Item = String> + '_ {
    // Neither collation ignores case, accents or trailing spaces.
    let exact = match family {
        ServerFamily::MariaDb => "utf8mb4_nopad_bin",
        ServerFamily::Mysql => "utf8mb4_0900_bin",
    };
    let statements = sql
        .split(";\n")
        .map(str::trim)
        .filter(|text| !text.is_empty());
    statements.map(move |text| text.replace("{exact}", exact))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_can_be_repeated() {
        for (version, sql) in ALL {
            for statement in statements(sql, ServerFamily::MariaDb) {
                let code: Vec<&str> = statement
                    .lines()
                    .filter(|line| !line.starts_with("--"))
                    .collect();
                let code = code.join("\n");
                assert!(
                    code.starts_with("CREATE TABLE IF NOT EXISTS ")
                        || code.starts_with("INSERT IGNORE ")
                        // All columns in one statement: if one is there, all are.
                        || code.starts_with("ALTER TABLE ")
                            && code.matches("ALTER TABLE").count() == 1
                            && code.lines().skip(1).all(|line| line.contains("ADD COLUMN ")),
                    "{version}: {code}"
                );
            }
        }
    }
}
