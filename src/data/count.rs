//! Cheap counts: exact up to a cap, otherwise an estimate or "more than".

use super::page::{self, PageQuery};
use super::sql::{Piece, Sql};
use super::{DataError, predicate, read};
use crate::access::{Permit, Verb};
use crate::catalog::{Filter, Resource, Value};
use crate::store::AnyConnection;
use crate::texts::{grouped, text};
use std::time::{Duration, Instant};

/// Rows are counted exactly up to this number.
pub const CAP: u64 = 10_000;

/// A number of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// An exact number.
    Exact(u64),
    /// An estimate from the database's statistics.
    Estimate(u64),
    /// More than this number.
    AtLeast(u64),
}

impl Count {
    /// The kind of count, as in JSON responses.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Exact(_) => "exact",
            Self::Estimate(_) => "estimate",
            Self::AtLeast(_) => "at_least",
        }
    }

    /// The count in words: "8,200", "more than 10,000", "about 1.2 million".
    pub fn in_words(self) -> String {
        match self {
            Self::Exact(number) => grouped(number),
            Self::AtLeast(number) => text!("count-at-least", count = number),
            Self::Estimate(number) => text!("count-about", number = rounded(number)),
        }
    }

    /// The number.
    pub fn value(self) -> u64 {
        match self {
            Self::Exact(value) | Self::Estimate(value) | Self::AtLeast(value) => value,
        }
    }
}

/// Counts the rows of a query, up to the cap.
///
/// # Errors
/// As [`page::read`].
pub fn of_query<V: Verb>(
    conn: &mut AnyConnection,
    permit: &Permit<V>,
    query: &PageQuery,
) -> Result<Count, DataError> {
    up_to(conn, permit, query, CAP)
}

/// Counts the rows of a query, up to another cap.
///
/// # Errors
/// As [`page::read`].
pub fn up_to<V: Verb>(
    conn: &mut AnyConnection,
    permit: &Permit<V>,
    query: &PageQuery,
    cap: u64,
) -> Result<Count, DataError> {
    let rows = page::rows(permit, query)?;
    capped(conn, permit.resource(), &rows, cap)
}

/// Counts the rows of several queries within a time limit. `None` for those that would take longer,
/// or that cannot be counted.
pub fn of_several<V: Verb>(
    conn: &mut AnyConnection,
    permit: &Permit<V>,
    queries: &[PageQuery],
    budget: Duration,
) -> Vec<Option<Count>> {
    let began = Instant::now();
    let counts = queries.iter().map(|query| {
        let left = budget.checked_sub(began.elapsed())?;
        let count = conn.within(left, |conn| of_query(conn, permit, query));
        count.ok()
    });
    counts.collect()
}

/// Counts the rows of a permit that match a filter, up to a cap.
pub(super) fn capped(
    conn: &mut AnyConnection,
    resource: &Resource,
    rows: &Filter,
    cap: u64,
) -> Result<Count, DataError> {
    let mut statement = Sql::new("SELECT count(*) FROM (SELECT 1 AS one FROM ");
    statement.table(&resource.table).text(" WHERE ");
    statement.push(Piece::Tick);
    predicate::write(&mut statement, resource, rows);
    statement
        .text(" LIMIT ")
        .push(Piece::Number(
            i64::try_from(cap).unwrap_or(i64::MAX).saturating_add(1),
        ))
        .text(") AS counted");
    let found = read::rows(conn, (resource, rows), statement)?;
    let number = match found.first().and_then(|row| row.first()) {
        Some(Value::Int(number)) => u64::try_from(*number).unwrap_or(0),
        _ => 0,
    };
    Ok(if number > cap {
        Count::AtLeast(cap)
    } else {
        Count::Exact(number)
    })
}

/// The size of a whole table: its estimate if beyond the cap, otherwise an exact count, which is
/// then cheap. A person with row rules may not know that number. So use it only for people who see
/// every row.
///
/// # Errors
/// When the database fails.
pub fn of_table(conn: &mut AnyConnection, resource: &Resource) -> Result<Count, DataError> {
    match resource.estimate {
        Some(estimate) if estimate > CAP => Ok(Count::Estimate(estimate)),
        _ => capped(conn, resource, &Filter::everything(), CAP),
    }
}

fn rounded(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        1_000..1_000_000 => grouped((number + 500) / 1_000 * 1_000),
        1_000_000..1_000_000_000 => {
            let tenths = (number + 50_000) / 100_000;
            let millions = format!("{}.{}", tenths / 10, tenths % 10);
            text!("count-millions", number = millions)
        }
        _ => text!("count-millions", number = grouped(number / 1_000_000)),
    }
}
