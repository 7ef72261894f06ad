//! Causes of a failure, from PostgreSQL's system catalogs.

use super::{FailureFacts, Question, for_people};
use crate::access::Action;
use crate::catalog::{Field, Resource, Value};
use crate::data::run;
use crate::data::sql::{Piece, Sql};
use crate::store::{AnyConnection, language};
use diesel::QueryResult;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as QueryError};
use diesel::sql_types::{Array, BigInt, Bool, Text};
use std::borrow::Cow;

/// `$1` schema, `$2` table, `$3` privilege, `$4` written columns, `$5` constraint.
///
/// Triggers are also looked up on every table that references this one by foreign keys: a cascade
/// fires them too.
const QUESTION: &str = "\
    WITH RECURSIVE own AS (SELECT c.oid FROM pg_class AS c \
    JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2), \
    reached (oid) AS (SELECT oid FROM own \
    UNION SELECT w.child FROM reached AS r JOIN ( \
    SELECT inhrelid AS child, inhparent AS parent FROM pg_inherits \
    UNION ALL SELECT conrelid, confrelid FROM pg_constraint WHERE contype = 'f' \
    ) AS w ON w.parent = r.oid), \
    parts (oid) AS (SELECT oid FROM own \
    UNION SELECT i.inhrelid FROM pg_inherits AS i JOIN own ON i.inhparent = own.oid) \
    SELECT CASE $3 WHEN 'DELETE' THEN has_table_privilege(own.oid, 'DELETE') \
    ELSE has_any_column_privilege(own.oid, $3) END AS may, \
    ARRAY(SELECT a.attname::text FROM pg_attribute AS a WHERE a.attrelid = own.oid \
    AND a.attname = ANY($4) AND NOT CASE $3 WHEN 'DELETE' THEN true \
    ELSE has_column_privilege(own.oid, a.attnum, $3) END) AS locked, \
    row_security_active(own.oid) AS secured, current_setting('lc_messages') AS language, \
    (SELECT COALESCE(min(s.setting::int8), 0) FROM pg_settings AS s \
    WHERE s.name IN ('statement_timeout', 'lock_timeout') AND s.setting <> '0') AS limit_ms, \
    EXISTS (SELECT 1 FROM pg_trigger AS t JOIN reached AS r ON t.tgrelid = r.oid \
    WHERE NOT t.tgisinternal AND t.tgenabled <> 'D') \
    OR EXISTS (SELECT 1 FROM pg_constraint AS k JOIN reached AS r ON k.conrelid = r.oid \
    JOIN pg_depend AS d ON d.classid = 'pg_constraint'::regclass AND d.objid = k.oid \
    AND d.refclassid = 'pg_proc'::regclass) AS has_code, \
    ARRAY(SELECT a.attname::text FROM pg_constraint AS k JOIN parts AS p ON p.oid = k.conrelid \
    JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = ANY(k.conkey) \
    WHERE k.conname = $5 \
    UNION SELECT a.attname::text FROM pg_constraint AS k \
    JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = ANY(k.confkey) \
    WHERE k.confrelid = own.oid AND k.conname = $5 \
    UNION SELECT a.attname::text FROM pg_class AS x JOIN pg_index AS i ON i.indexrelid = x.oid \
    JOIN parts AS p ON p.oid = i.indrelid \
    JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = x.oid \
    AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid \
    JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
    AND a.attnum > 0 WHERE x.relname = $5) AS ruled, \
    ARRAY(SELECT format_type(a.atttypid, a.atttypmod) \
    FROM unnest($4::text[]) WITH ORDINALITY AS w (name, place) \
    JOIN pg_attribute AS a ON a.attrelid = own.oid AND a.attname = w.name \
    ORDER BY w.place) AS types FROM own";

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    may: bool,
    #[diesel(sql_type = Array<Text>)]
    locked: Vec<String>,
    #[diesel(sql_type = Bool)]
    secured: bool,
    #[diesel(sql_type = Text)]
    language: String,
    #[diesel(sql_type = BigInt)]
    limit_ms: i64,
    #[diesel(sql_type = Bool)]
    has_code: bool,
    #[diesel(sql_type = Array<Text>)]
    ruled: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    types: Vec<String>,
}

pub(super) fn ask(
    conn: &mut AnyConnection,
    question: &Question<'_>,
    kind: &DatabaseErrorKind,
    info: &(dyn DatabaseErrorInformation + Send + Sync),
) -> QueryResult<FailureFacts> {
    if is_lost(kind) {
        return Ok(FailureFacts::default());
    }
    let resource = question.attempt.resource;
    let changed: Vec<(usize, &Field, &Value)> = question
        .attempt
        .changes
        .iter()
        .filter_map(|(column, value)| Some((*column, resource.fields.get(*column)?, value)))
        .collect();
    let answer = answer(conn, question, &changed, info.constraint_name())?;
    let indexes = |names: &[String]| names.iter().filter_map(|n| resource.index_of(n)).collect();
    let limit = u128::try_from(answer.limit_ms).unwrap_or(0);
    let mut told = FailureFacts {
        is_denied: !answer.may || !answer.locked.is_empty(),
        locked: indexes(&answer.locked),
        is_prompt: question.took.as_millis() < limit || limit == 0,
        is_late: is_unknown(kind) && limit > 0 && question.took.as_millis() >= limit,
        columns: indexes(&answer.ruled),
        rule: info
            .constraint_name()
            .filter(|name| !answer.ruled.is_empty() && !is_generated(name, resource))
            .map(str::to_owned),
        ..FailureFacts::default()
    };
    // A domain's rule does not belong to the table: the value that violates it is found by trying.
    let by_value = is_unknown(kind) || matches!(kind, DatabaseErrorKind::CheckViolation);
    if by_value && answer.ruled.is_empty() && !told.is_denied && !told.is_late {
        told.unfit = unfit(conn, &changed, &answer.types);
    }
    let is_open = told.unfit.is_empty() && !told.is_denied && !told.is_late;
    let says_so = info.message().contains("row-level security");
    let is_english = language::is_english(&answer.language);
    told.is_secured = is_open
        && answer.secured
        && is_unknown(kind)
        && (says_so || !answer.has_code || !is_english);
    if is_open && !told.is_secured && answer.has_code && is_raised(kind, info) {
        told.raised = raised(info);
        if let Some(column) = info.column_name().and_then(|name| resource.index_of(name)) {
            told.columns = vec![column];
        }
    }
    Ok(told)
}

fn answer(
    conn: &mut AnyConnection,
    question: &Question<'_>,
    changed: &[(usize, &Field, &Value)],
    constraint: Option<&str>,
) -> QueryResult<Answer> {
    let table = &question.attempt.resource.table;
    let names: Vec<&str> = changed
        .iter()
        .map(|(_, field, _)| field.name.as_str())
        .collect();
    let privilege = match question.attempt.action {
        Action::Create => "INSERT",
        Action::Delete => "DELETE",
        _ => "UPDATE",
    };
    let conn = match conn {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => conn,
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => return Err(QueryError::NotFound),
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(_) => return Err(QueryError::NotFound),
    };
    diesel::sql_query(QUESTION)
        .bind::<Text, _>(table.schema.as_deref().unwrap_or("public"))
        .bind::<Text, _>(&table.name)
        .bind::<Text, _>(privilege)
        .bind::<Array<Text>, _>(names)
        .bind::<Text, _>(constraint.unwrap_or_default())
        .get_result(conn)
}

/// The columns whose type refuses the new value.
fn unfit(
    conn: &mut AnyConnection,
    changed: &[(usize, &Field, &Value)],
    types: &[String],
) -> Vec<usize> {
    let tried = changed.iter().zip(types);
    let failing = tried.filter(|((_, field, value), full)| {
        let text = match value {
            Value::Null | Value::Bytes(_) | Value::Size(_) => return false,
            value => Value::Text(value.to_text(field.kind)),
        };
        // With length and precision, which the catalog leaves out.
        let field = Field {
            sql_type: (*full).clone(),
            ..(*field).clone()
        };
        let mut statement = Sql::new("SELECT 1 WHERE ");
        statement
            .push(Piece::Bind(Cow::Owned(text), &field))
            .text(" IS NOT NULL")
            .varies();
        let fits = conn.transaction(|conn| run::rows(conn, statement));
        matches!(fits, Err(QueryError::DatabaseError(kind, _)) if !is_lost(&kind))
    });
    failing.map(|((column, _, _), _)| *column).collect()
}

fn is_unknown(kind: &DatabaseErrorKind) -> bool {
    matches!(kind, DatabaseErrorKind::Unknown)
}

fn is_lost(kind: &DatabaseErrorKind) -> bool {
    use DatabaseErrorKind::{ClosedConnection, SerializationFailure, UnableToSendCommand};
    matches!(
        kind,
        ClosedConnection | SerializationFailure | UnableToSendCommand
    )
}

/// Names that PostgreSQL generates (`orders_total_check1`) mean nothing to people.
fn is_generated(name: &str, resource: &Resource) -> bool {
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let ends = ["_check", "_key", "_excl", "_fkey", "_pkey", "_not_null"];
    name.starts_with(&resource.table.name) && ends.iter().any(|end| bare.ends_with(end))
}

/// The beginnings of PostgreSQL's own messages that a statement in a trigger can cause.
const OWN: [&str; 46] = [
    "array subscript",
    "bigint out of range",
    "canceling statement",
    "cannot execute ",
    "column \"",
    "column reference",
    "control reached",
    "could not determine",
    "could not find",
    "could not obtain lock",
    "could not open",
    "could not read",
    "could not serialize",
    "could not write",
    "current transaction is",
    "deadlock detected",
    "division by zero",
    "duplicate key value",
    "infinite recursion",
    "insert or update on table",
    "integer out of range",
    "invalid byte sequence",
    "invalid input",
    "invalid regular expression",
    "missing FROM-clause",
    "must be owner of",
    "new row for relation",
    "new row violates",
    "no partition of relation",
    "null value in column",
    "numeric field overflow",
    "out of shared memory",
    "permission denied",
    "query has no",
    "query returned",
    "query string",
    "record \"",
    "relation \"",
    "schema \"",
    "smallint out of range",
    "stack depth",
    "syntax error at",
    "terminating connection",
    "type \"",
    "update or delete on table",
    "value too long",
];

fn is_own(message: &str) -> bool {
    let starts = |starts: &[&str]| starts.iter().any(|start| message.starts_with(start));
    starts(&OWN)
        || (starts(&["function ", "operator ", "column "]) && message.contains(" does not exist"))
}

/// Whether a trigger or function raised the error itself. A violated constraint always has a name,
/// and a faulty statement of the panel has a position.
fn is_raised(
    kind: &DatabaseErrorKind,
    info: &(dyn DatabaseErrorInformation + Send + Sync),
) -> bool {
    use DatabaseErrorKind as Kind;
    let is_broken = matches!(
        kind,
        Kind::UniqueViolation
            | Kind::ForeignKeyViolation
            | Kind::RestrictViolation
            | Kind::CheckViolation
            | Kind::ExclusionViolation
    ) && info.constraint_name().is_none();
    let is_missing = matches!(kind, Kind::NotNullViolation) && info.column_name().is_none();
    (is_unknown(kind) || is_broken || is_missing)
        && info.statement_position().is_none()
        && !is_own(info.message())
}

fn raised(info: &(dyn DatabaseErrorInformation + Send + Sync)) -> Option<String> {
    let text = match info.hint() {
        Some(hint) => format!("{} {hint}", info.message()),
        None => info.message().to_owned(),
    };
    for_people(&text)
}
