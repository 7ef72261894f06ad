//! Causes of a failure, from SQLite's own catalog. Its messages are always in English.

use super::{FailureFacts, Question, for_people};
use diesel::QueryResult;
use diesel::prelude::*;
use diesel::result::DatabaseErrorInformation;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;

/// The beginnings of SQLite's own messages that a change can cause.
const OWN: [&str; 24] = [
    "ambiguous ",
    "attempt to write",
    "bad JSON",
    "cannot ",
    "constraint failed",
    "database ",
    "datatype mismatch",
    "disk I/O error",
    "Expression tree",
    "generated column",
    "hex literal",
    "incomplete input",
    "integer overflow",
    "interrupted",
    "JSON ",
    "LIKE or GLOB",
    "malformed ",
    "near ",
    "no such ",
    "out of memory",
    "string or blob",
    "table ",
    "too many ",
    "unable to ",
];

#[derive(QueryableByName)]
struct Definition {
    #[diesel(sql_type = Text)]
    sql: String,
}

pub(super) fn ask(
    conn: &mut SqliteConnection,
    question: &Question<'_>,
    info: &(dyn DatabaseErrorInformation + Send + Sync),
) -> QueryResult<FailureFacts> {
    let message = info.message();
    let resource = question.attempt.resource;
    let mut told = FailureFacts::default();
    if let Some(rule) = message.strip_prefix("CHECK constraint failed: ") {
        let tables = definitions(conn, "table", &resource.table.name)?;
        told.rule = tables
            .iter()
            .any(|sql| names_constraint(sql, rule))
            .then(|| rule.to_owned());
        return Ok(told);
    }
    // In a STRICT table: `cannot store TEXT value in INTEGER column orders.total`.
    if message.starts_with("cannot store ") {
        let column = message.rsplit_once('.').map(|(_, column)| column);
        told.unfit = column
            .and_then(|name| resource.index_of(name))
            .into_iter()
            .collect();
        return Ok(told);
    }
    if message.contains(" constraint failed: ") || message == "FOREIGN KEY constraint failed" {
        return Ok(told);
    }
    let triggers = definitions(conn, "trigger", "")?;
    let literal = format!("'{}'", message.replace('\'', "''"));
    let is_written = triggers.iter().any(|sql| sql.contains(&literal));
    let may_be_made = || {
        let raises = |sql: &String| sql.to_ascii_uppercase().contains("RAISE");
        triggers.iter().any(raises) && !OWN.iter().any(|own| message.starts_with(own))
    };
    if is_written || may_be_made() {
        told.raised = for_people(message);
    }
    Ok(told)
}

/// The SQL of the table with that name, or of all triggers.
fn definitions(conn: &mut SqliteConnection, kind: &str, name: &str) -> QueryResult<Vec<String>> {
    let found: Vec<Definition> = diesel::sql_query(
        "SELECT sql FROM sqlite_master WHERE type = ? AND (? IN ('', name)) AND sql IS NOT NULL",
    )
    .bind::<Text, _>(kind)
    .bind::<Text, _>(name)
    .load(conn)?;
    Ok(found.into_iter().map(|definition| definition.sql).collect())
}

/// Whether the table's SQL contains `CONSTRAINT name`, with any quotes.
fn names_constraint(sql: &str, name: &str) -> bool {
    let mut rest = sql;
    while let Some(at) = rest.to_ascii_uppercase().find("CONSTRAINT") {
        rest = rest.get(at + "CONSTRAINT".len()..).unwrap_or_default();
        let given = rest.trim_start();
        let quoted = ['"', '`', '[', '\'']
            .iter()
            .find(|q| given.starts_with(**q));
        let found = match quoted {
            Some(_) => given.get(1..).is_some_and(|given| given.starts_with(name)),
            None => given.strip_prefix(name).is_some_and(|after| {
                !after.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$')
            }),
        };
        if found {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::names_constraint;

    #[test]
    fn a_name_is_told_from_an_expression() {
        let sql = "CREATE TABLE t (a INT CONSTRAINT positive CHECK (a > 0), \
                   CONSTRAINT \"a before b\" CHECK (a < b), b INT CHECK (b))";
        assert!(names_constraint(sql, "positive"));
        assert!(names_constraint(sql, "a before b"));
        for expression in ["b", "a > 0", "posit", "CHECK"] {
            assert!(!names_constraint(sql, expression), "{expression}");
        }
    }
}
