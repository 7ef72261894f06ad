//! Past states of rows, tested against a permit.
//!
//! Rights are tested on a row as it was at the time of an entry. Since then, the application may
//! have changed it. The test runs in the database on the old values, so that it works exactly as
//! for rows. An unknown value passes no test.

use super::run;
use super::sql::{Piece, Sql};
use super::{DataError, predicate};
use crate::access::{Cover, History, Permit};
use crate::catalog::{Filter, Kind, Resource, Value};
use crate::store::AnyConnection;
use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The number of states tested in one statement.
const AT_ONCE: usize = 20;

/// A past state of a row: a value for each column, if known.
#[derive(Debug, Clone, PartialEq)]
pub struct State(Vec<Option<Value>>);

/// What a permit covers of a past state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PastReach {
    columns: Vec<bool>,
}

impl State {
    /// A state with no known value.
    pub fn unknown(resource: &Resource) -> Self {
        Self(vec![None; resource.fields.len()])
    }

    /// A state with NULL in every column.
    pub fn empty(resource: &Resource) -> Self {
        Self(vec![Some(Value::Null); resource.fields.len()])
    }

    /// Adds values from the audit log; `pick` chooses the old or the new one.
    pub fn with(
        mut self,
        resource: &Resource,
        values: &Map<String, Json>,
        pick: impl Fn(&Json) -> Option<&Json>,
    ) -> Self {
        for (field, cell) in resource.fields.iter().zip(&mut self.0) {
            if let Some(value) = values.get(&field.name) {
                *cell = pick(value).and_then(|value| read(field.kind, value));
            }
        }
        self
    }

    /// The value of a column, if known.
    pub fn get(&self, column: usize) -> Option<&Value> {
        self.0.get(column).and_then(Option::as_ref)
    }
}

impl PastReach {
    /// Everything that the permit makes visible, in any row.
    pub fn all(permit: &Permit<History>) -> Self {
        let columns = 0..permit.resource().fields.len();
        let columns = columns.map(|column| permit.reads(column) != Cover::Nowhere);
        Self {
            columns: columns.collect(),
        }
    }

    /// Whether the row was covered at all.
    pub fn is_in_reach(&self) -> bool {
        self.columns.iter().any(|reads| *reads)
    }

    /// Whether a column of it was visible.
    pub fn reads(&self, column: usize) -> bool {
        self.columns.get(column).copied().unwrap_or(false)
    }
}

/// Whether visibility depends on the row.
pub fn depends_on_row(permit: &Permit<History>) -> bool {
    let columns = 0..permit.resource().fields.len();
    let mut covers = columns.map(|column| permit.reads(column));
    !permit.reaches_everything() || covers.any(|cover| matches!(cover, Cover::Where(_)))
}

/// What the permit covers of each state.
///
/// # Errors
/// When the database fails.
pub fn judge(
    conn: &mut AnyConnection,
    permit: &Permit<History>,
    states: &[State],
) -> Result<Vec<PastReach>, DataError> {
    let columns = 0..permit.resource().fields.len();
    let covers: Vec<Cover> = columns.map(|column| permit.reads(column)).collect();
    let mut tests = vec![permit.rows()];
    for cover in &covers {
        if let Cover::Where(rows) = cover
            && !tests.contains(rows)
        {
            tests.push(rows.clone());
        }
    }
    let mut judged = Vec::new();
    for some in states.chunks(AT_ONCE) {
        for passed in passes(conn, permit.resource(), &tests, some)? {
            let of = |rows: &Filter| {
                let at = tests.iter().position(|test| test == rows);
                at.and_then(|at| passed.get(at)).copied().unwrap_or(false)
            };
            let reached = of(&permit.rows());
            let columns = covers.iter().map(|cover| match cover {
                Cover::Everywhere => reached,
                Cover::Where(rows) => reached && of(rows),
                Cover::Nowhere => false,
            });
            judged.push(PastReach {
                columns: columns.collect(),
            });
        }
    }
    Ok(judged)
}

/// For each state, the tests that it passes.
fn passes(
    conn: &mut AnyConnection,
    resource: &Resource,
    tests: &[Filter],
    states: &[State],
) -> Result<Vec<Vec<bool>>, DataError> {
    let needs: Vec<BTreeSet<usize>> = tests
        .iter()
        .map(|test| test.columns().into_iter().collect())
        .collect();
    let used: BTreeSet<usize> = needs.iter().flatten().copied().collect();
    if used.is_empty() {
        let always: Vec<bool> = tests.iter().map(Filter::is_everything).collect();
        return Ok(vec![always; states.len()]);
    }
    let null = Value::Null;
    let mut statement = Sql::new("SELECT ");
    for (index, test) in tests.iter().enumerate() {
        statement.text(if index == 0 {
            "CASE WHEN "
        } else {
            ", CASE WHEN "
        });
        predicate::write(&mut statement, resource, test);
        statement.text(" THEN 1 ELSE 0 END");
    }
    statement.text(" FROM (").varies();
    for (number, state) in states.iter().enumerate() {
        statement.text(if number == 0 {
            "SELECT "
        } else {
            " UNION ALL SELECT "
        });
        statement.push(Piece::Number(i64::try_from(number).unwrap_or(i64::MAX)));
        statement.text(" AS bailiwick_number");
        for column in &used {
            let Some(field) = resource.fields.get(*column) else {
                continue;
            };
            let value = state.get(*column).unwrap_or(&null);
            statement.text(", ");
            statement.push(Piece::Typed(Cow::Borrowed(value), field));
            statement.text(" AS ").name(&field.name);
        }
    }
    statement.text(") AS bailiwick_past ORDER BY bailiwick_number");
    let answers = run::rows(conn, statement)?;
    let known = |state: &State, needs: &BTreeSet<usize>| {
        let mut needs = needs.iter();
        needs.all(|column| state.get(*column).is_some())
    };
    Ok(answers
        .into_iter()
        .zip(states)
        .map(|(answer, state)| {
            let answer = answer.into_iter().zip(&needs);
            answer
                .map(|(value, needs)| value == Value::Int(1) && known(state, needs))
                .collect()
        })
        .collect())
}

/// Converts a value of the audit log to one of its column; `None` if the log holds only a part.
pub(super) fn read(kind: Kind, value: &Json) -> Option<Value> {
    match value {
        Json::Null => Some(Value::Null),
        Json::Bool(value) => Some(Value::Bool(*value)),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Some(Value::Int(number)),
            None => number.as_f64().map(Value::Float),
        },
        Json::String(text) => match kind {
            // Long text is truncated in the log and marked.
            _ if text.ends_with('\u{2026}') => None,
            Kind::Text | Kind::Choice | Kind::Other => Some(Value::Text(text.clone())),
            kind => Value::parse(kind, text)
                .ok()
                .or_else(|| Some(Value::Text(text.clone()))),
        },
        Json::Array(_) | Json::Object(_) if kind == Kind::Json => {
            Some(Value::Text(value.to_string()))
        }
        Json::Array(_) | Json::Object(_) => None,
    }
}
