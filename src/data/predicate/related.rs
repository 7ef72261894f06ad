//! Writes conditions on related rows as SQL.
//!
//! In a subquery on another table, bare names belong to that table. Only the condition that links
//! it to the outer row names both tables.

use crate::catalog::filter::{Many, Related};
use crate::catalog::{Filter, Resource};
use crate::data::sql::{Piece, Sql};

/// Writes the condition for rows of `resource`.
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
                    // Also true for a row that cannot have related rows.
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

/// The rest of a subquery for the related rows of the outer row.
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

/// `FROM ... WHERE ...`: the rows of another table that are related to the outer row.
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
        // Compared in the form of the key.
        sql.push(Piece::Alias(depth + 1)).text(".");
        sql.name(&key.name).text(" = ").here(&resource.table);
        sql.text(".").name(&field.name).text(" AND ");
    }
    sql.within(|sql| super::write(sql, target, rows));
}

/// Writes that the row is one of those with this many related rows.
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
