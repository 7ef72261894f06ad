//! MySQL and MariaDB: the connection has already added names to errors; the database is asked for
//! the rest.

use super::{FailureFacts, Question, for_people};
use crate::catalog::Resource;
use crate::store::mysql::{MysqlConnection, ServerFamily};
use diesel::QueryResult;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind as Kind};
use diesel::sql_types::{BigInt, Nullable, Text};

/// The error that a trigger raises with SIGNAL.
const SIGNAL: i64 = 1644;
/// No privilege on the table, and none on a column.
const DENIED: [i64; 2] = [1142, 1143];

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = Nullable<BigInt>)]
    number: Option<i64>,
}

#[derive(QueryableByName)]
struct Clause {
    #[diesel(sql_type = Text)]
    clause: String,
}

/// Must be called directly after the failed statement.
pub(super) fn ask(
    conn: &mut MysqlConnection,
    question: &Question<'_>,
    kind: &Kind,
    info: &(dyn DatabaseErrorInformation + Send + Sync),
) -> QueryResult<FailureFacts> {
    let resource = question.attempt.resource;
    let mut told = FailureFacts::default();
    match kind {
        Kind::UniqueViolation => told.columns = key_named(resource, info.constraint_name()),
        Kind::ForeignKeyViolation => {
            let names = key_detail(info.details());
            told.columns = names.filter_map(|name| resource.index_of(name)).collect();
        }
        Kind::CheckViolation => {
            let Some(name) = info.constraint_name() else {
                return Ok(told);
            };
            told.rule = given_name(resource, name);
            told.columns = checked(conn, resource, name)?;
        }
        Kind::Unknown => {
            let number = number(conn)?;
            if number == Some(SIGNAL) {
                told.raised = for_people(info.message());
            }
            told.is_denied = number.is_some_and(|number| DENIED.contains(&number));
            let column = info.column_name().filter(|_| told.is_denied);
            told.locked = column
                .and_then(|name| resource.index_of(name))
                .into_iter()
                .collect();
        }
        _ => {}
    }
    Ok(told)
}

/// The error number, which the client does not pass on.
fn number(conn: &mut MysqlConnection) -> QueryResult<Option<i64>> {
    conn.batch_execute("GET DIAGNOSTICS CONDITION 1 @bailiwick_error = MYSQL_ERRNO")?;
    let asked = diesel::sql_query("SELECT CAST(@bailiwick_error AS SIGNED) AS number");
    Ok(asked.get_result::<Number>(conn)?.number)
}

/// The name of a check, if somebody chose it.
fn given_name(resource: &Resource, name: &str) -> Option<String> {
    let table = &resource.table.name;
    // MariaDB names a column's check after the column; other checks are numbered.
    let counted = [format!("{table}_chk_"), "CONSTRAINT_".to_owned()];
    let is_made = |start: &String| {
        let rest = name.strip_prefix(start.as_str());
        rest.is_some_and(|rest| rest.parse::<u32>().is_ok())
    };
    let is_of_column = name.starts_with(&format!("{table}."));
    (!is_of_column && !counted.iter().any(is_made)).then(|| name.to_owned())
}

/// The columns that a check uses.
fn checked(conn: &mut MysqlConnection, resource: &Resource, name: &str) -> QueryResult<Vec<usize>> {
    let table = &resource.table;
    if let Some(column) = name.strip_prefix(&format!("{}.", table.name)) {
        return Ok(resource.index_of(column).into_iter().collect());
    }
    // On MySQL, names are unique within a database.
    let of_table = match conn.family() {
        ServerFamily::MariaDb => "table_name = ?",
        ServerFamily::Mysql => "? IS NOT NULL",
    };
    let found: Vec<Clause> = diesel::sql_query(format!(
        "SELECT CAST(check_clause AS CHAR) AS clause FROM information_schema.check_constraints \
         WHERE constraint_schema = COALESCE(?, DATABASE()) AND {of_table} AND constraint_name = ?"
    ))
    .bind::<Nullable<Text>, _>(&table.schema)
    .bind::<Text, _>(&table.name)
    .bind::<Text, _>(name)
    .load(conn)?;
    let clause = found.into_iter().next().map(|found| found.clause);
    let clause = clause.unwrap_or_default();
    let is_named = |name: &str| clause.contains(&format!("`{}`", name.replace('`', "``")));
    let columns = resource.fields.iter().enumerate();
    Ok(columns
        .filter(|(_, field)| is_named(&field.name))
        .map(|(column, _)| column)
        .collect())
}

/// The columns of a unique key: `PRIMARY`, or named after its first column, unless somebody chose a
/// name.
fn key_named(resource: &Resource, name: Option<&str>) -> Vec<usize> {
    let Some(name) = name else {
        return Vec::new();
    };
    if name == "PRIMARY" {
        return resource.key.clone();
    }
    let first = resource.index_of(name);
    let mut keys = resource
        .unique
        .iter()
        .filter(|columns| first.is_some() && columns.first().copied() == first);
    match (keys.next(), keys.next()) {
        (Some(only), None) => only.clone(),
        _ => Vec::new(),
    }
}

/// The columns in `Key (a, b)=`.
fn key_detail(details: Option<&str>) -> impl Iterator<Item = &str> {
    let columns = details
        .and_then(|text| text.strip_prefix("Key ("))
        .and_then(|text| text.split_once(")="))
        .map_or("", |(columns, _)| columns);
    columns.split(", ").filter(|name| !name.is_empty())
}
