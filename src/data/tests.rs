//! Tests of the engine on real databases, with the same bodies for each. They always run on SQLite.
//! `BAILIWICK_TEST_POSTGRES` and `BAILIWICK_TEST_MARIADB` name further servers; MariaDB needs the
//! feature `mysql` (`scripts/services run --postgres --mariadb`). With `BAILIWICK_TEST_DEMAND=1` a
//! missing server is a failure.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions
)]

mod bench;
mod bounds;
mod changes;
mod constraints;
mod differences;
mod effects;
mod exact;
mod filters;
mod import;
mod log;
mod masking;
mod meaning;
#[cfg(feature = "mysql")]
mod mysql;
mod names;
mod paging;
mod paths;
mod pool;
mod postgres;
mod random;
mod sessions;
mod sqlite;
mod views;

use super::page::{self, PageQuery, Position};
use super::{Page, Row};
use crate::access::{Permit, Verb};
use crate::catalog::{Filter, Resource, Sort, Value};
use crate::store::AnyConnection;
use bench::{Bench, grant, on_every_database};
use std::sync::Arc;

/// A query for everything, in the default order.
fn query(size: u32) -> PageQuery {
    PageQuery {
        sort: Vec::new(),
        filter: Filter::everything(),
        search: String::new(),
        paths: Vec::new(),
        searched: Vec::new(),
        size,
        position: Position::First,
    }
}

/// An order such as `-total,id`.
fn sort(resource: &Resource, text: &str) -> Vec<Sort> {
    let columns = text.split(',').filter(|part| !part.is_empty());
    columns
        .map(|part| {
            let name = part.trim_start_matches('-');
            Sort {
                column: resource.index_of(name).expect(name),
                descending: part.starts_with('-'),
            }
        })
        .collect()
}

fn every_column(resource: &Resource) -> Vec<usize> {
    (0..resource.fields.len()).collect()
}

fn read<V: Verb>(conn: &mut AnyConnection, permit: &Permit<V>, query: &PageQuery) -> Page {
    let columns = every_column(permit.resource());
    page::read(conn, permit, query, &columns).unwrap()
}

/// The values of a column as texts.
fn texts(resource: &Resource, rows: &[Row], column: &str) -> Vec<String> {
    let column = resource.index_of(column).expect(column);
    let kind = resource.fields[column].kind;
    rows.iter()
        .map(|row| match row.get(column) {
            None => "(hidden)".to_owned(),
            Some(Value::Null) => "NULL".to_owned(),
            Some(value) => value.to_text(kind),
        })
        .collect()
}
