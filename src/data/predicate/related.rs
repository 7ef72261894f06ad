//! Tests of rows that belong to a row, as SQL.
//!
//! Within the SELECT of another table, bare names are that table's own. Only what ties it to the row
//! outside names both tables.

use crate::catalog::filter::{Many, Related};
use crate::catalog::{Filter, Resource};
use crate::data::sql::{Piece, Sql};

/// Writes the test of rows of `resource`.
pub(super) fn write<'q>(sql: &mut Sql<'q>, resource: &'q Resource, related: &'q Related) {
    match related.many {
        Many::AtLeast(0) => {
            sql.text("1 = 1");
        }
        Many::AtLeast(1) if related.is_one() => exists(sql, resource, related),
        Many::AtLeast(least) => {
            sql.text("(");
            among(sql, resource, related, i64::from(least));
            sql.text(")");
        }
        Many::AtMost(0) if related.is_one() => {
            sql.text("NOT ");
            exists(sql, resource, related);
        }
        Many::AtMost(most) => {
            sql.either(
                |sql| few(sql, resource, related, most),
                |sql| {
                    sql.text("((");
                    among(sql, resource, related, i64::from(most) + 1);
                    // Also of a row to which none can belong.
                    sql.text(") IS NOT TRUE)");
                },
            );
        }
    }
}

fn few<'q>(sql: &mut Sql<'q>, resource: &'q Resource, related: &'q Related, most: u32) {
    if most == 0 {
        sql.text("NOT ");
        return exists(sql, resource, related);
    }
    sql.text("((SELECT count(*)");
    tied(sql, resource, related);
    sql.text(") <= ")
        .push(Piece::Number(i64::from(most)))
        .text(")");
}

fn exists<'q>(sql: &mut Sql<'q>, resource: &'q Resource, related: &'q Related) {
    sql.text("EXISTS (SELECT 1");
    tied(sql, resource, related);
    sql.text(")");
}

/// The rest of a SELECT of the rows that belong to the one outside.
fn tied<'q>(sql: &mut Sql<'q>, resource: &'q Resource, related: &'q Related) {
    let Related {
        columns,
        target,
        target_columns,
        rows,
        ..
    } = related;
    from(sql, (resource, columns), (target, target_columns), rows);
}

/// `FROM ... WHERE ...`: the rows of another table that belong to the row outside.
pub(in crate::data) fn from<'q>(
    sql: &mut Sql<'q>,
    (resource, columns): (&'q Resource, &'q [usize]),
    (target, target_columns): (&'q Resource, &'q [usize]),
    rows: &'q Filter,
) {
    let depth = sql.depth();
    sql.text(" FROM ").table(&target.table).text(" AS ");
    sql.push(Piece::Alias(depth + 1)).text(" WHERE ");
    sql.push(Piece::Tick);
    for (column, other) in columns.iter().zip(target_columns) {
        let (Some(field), Some(key)) = (resource.fields.get(*column), target.fields.get(*other))
        else {
            continue;
        };
        // Compared as the key is.
        sql.push(Piece::Alias(depth + 1)).text(".");
        sql.name(&key.name).text(" = ").here(&resource.table);
        sql.text(".").name(&field.name).text(" AND ");
    }
    sql.within(|sql| super::write(sql, target, rows));
}

/// That the row is one of those to which so many belong.
fn among<'q>(sql: &mut Sql<'q>, resource: &'q Resource, related: &'q Related, least: i64) {
    let target = related.target.as_ref();
    let list = |sql: &mut Sql<'q>, resource: &'q Resource, columns: &'q [usize]| {
        let fields = columns.iter().filter_map(|it| resource.fields.get(*it));
        for (index, field) in fields.enumerate() {
            sql.text(if index > 0 { ", " } else { "" })
                .name(&field.name);
        }
    };
    sql.text("(");
    list(sql, resource, &related.columns);
    sql.text(") IN (SELECT ");
    list(sql, target, &related.target_columns);
    sql.text(" FROM ").table(&target.table).text(" AS ");
    let depth = sql.depth();
    sql.push(Piece::Alias(depth + 1))
        .text(" WHERE ")
        .push(Piece::Tick);
    sql.within(|sql| {
        for column in &related.target_columns {
            if let Some(field) = target.fields.get(*column) {
                sql.name(&field.name).text(" IS NOT NULL AND ");
            }
        }
        super::write(sql, target, &related.rows);
    });
    if least > 1 {
        sql.text(" GROUP BY ");
        list(sql, target, &related.target_columns);
        sql.text(" HAVING count(*) >= ").push(Piece::Number(least));
    }
    sql.text(")");
}
