//! Columns of referenced rows: paths along foreign keys, such as `customer_id.region`.
//!
//! At every step, one grant must cover both row and column. In the referencing row, that column is
//! the foreign key. In each row on the way, it is the next foreign key. In the last row, it is the
//! column itself. A value that is not covered is treated as missing.

use super::predicate::{self, related};
use super::sql::{Piece, Sql};
use crate::access::{Cover, Permit, Verb};
use crate::catalog::filter::{Many, Related};
use crate::catalog::{Condition, Field, Filter, MAX_STEPS, Op, Relation, Resource};
use std::sync::Arc;

/// A column of a referenced row.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// The column, with the path as its name and a label that describes the path.
    pub field: Field,
    steps: Vec<Step>,
    /// The column's index in the last resource.
    column: usize,
}

#[derive(Debug, Clone, PartialEq)]
struct Step {
    columns: Vec<usize>,
    target: Arc<Resource>,
    target_columns: Vec<usize>,
    /// The visible rows in which the rest of the path is visible too.
    rows: Filter,
}

/// Returns the permit to read another resource, if there is one.
pub type OtherPermits<'o, V> = dyn Fn(&str) -> Option<Permit<V>> + 'o;

impl Path {
    /// The path with that name. A path over invisible columns counts as missing.
    pub fn of<V: Verb>(
        permit: &Permit<V>,
        name: &str,
        others: &OtherPermits<'_, V>,
    ) -> Option<Self> {
        let mut found = walk(permit, name, others, MAX_STEPS)?;
        found.steps.reverse();
        found.field.name = name.to_owned();
        Some(found)
    }

    /// The column's index in that resource.
    pub fn column(&self) -> usize {
        self.column
    }

    /// The columns of directly referenced rows, for people to choose from, grouped by the label of
    /// the foreign key. Each is named by its path.
    pub fn near<V: Verb>(
        permit: &Permit<V>,
        others: &OtherPermits<'_, V>,
    ) -> Vec<(String, Vec<Field>)> {
        let resource = permit.resource();
        let all = resource.relations.iter().filter_map(|relation| {
            let [column] = relation.columns.as_slice() else {
                return None;
            };
            predicate::covers(permit, &relation.columns).ok()?;
            let field = resource.fields.get(*column)?;
            let other = others(&relation.target)?;
            let target = other.resource();
            predicate::covers(&other, &relation.target_columns).ok()?;
            if !target.is_unique(&relation.target_columns) {
                return None;
            }
            let fields = target.fields.iter().enumerate();
            let fields = fields.filter(|(column, it)| {
                !it.kind.is_file() && other.tests(*column) != Cover::Nowhere
            });
            let fields: Vec<Field> = fields
                .map(|(_, it)| Field {
                    name: format!("{}.{}", field.name, it.name),
                    nullable: true,
                    ..it.clone()
                })
                .collect();
            (!fields.is_empty()).then(|| (field.label.clone(), fields))
        });
        all.collect()
    }

    /// The foreign key it starts with.
    pub(super) fn start(&self) -> &[usize] {
        self.steps.first().map_or(&[], |step| &step.columns)
    }

    /// The rows that reference a visible row whose column matches a test.
    pub fn passing(&self, test: Filter) -> Filter {
        self.wrapped(test, Many::ANY)
    }

    /// The rows for which the path leads to no value.
    pub(super) fn without_value(&self) -> Filter {
        let test = Condition {
            column: self.column,
            op: Op::NotNull,
            values: Vec::new(),
        };
        self.wrapped(Filter::Test(test), Many::NONE)
    }

    fn wrapped(&self, test: Filter, many: Many) -> Filter {
        let mut filter = test;
        for (index, step) in self.steps.iter().enumerate().rev() {
            filter = Filter::Related(Box::new(Related {
                columns: step.columns.clone(),
                target: Arc::clone(&step.target),
                target_columns: step.target_columns.clone(),
                rows: Filter::All(vec![step.rows.clone(), filter]),
                many: if index == 0 { many } else { Many::ANY },
            }));
        }
        filter
    }

    /// Writes the value; `leaf` writes its column.
    pub(super) fn value<'q>(
        &'q self,
        sql: &mut Sql<'q>,
        resource: &'q Resource,
        leaf: &dyn Fn(&'q Field) -> Piece<'q>,
    ) {
        value(sql, resource, &self.steps, &|sql, target| {
            if let Some(field) = target.fields.get(self.column) {
                sql.push(leaf(field));
            }
        });
    }

    /// Writes 1 if the value is visible, or if there is no row to read.
    pub(super) fn is_readable<'q>(&'q self, sql: &mut Sql<'q>, resource: &'q Resource) {
        is_readable(sql, resource, &self.steps);
    }

    /// The tables along the path.
    pub(super) fn tables(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.steps.iter().map(|step| &step.target)
    }
}

/// The rest of a path; its steps come last first.
fn walk<V: Verb>(
    permit: &Permit<V>,
    rest: &str,
    others: &OtherPermits<'_, V>,
    left: usize,
) -> Option<Path> {
    let dots = rest.match_indices('.').map(|(at, _)| at);
    dots.filter_map(|at| {
        let (name, rest) = (rest.get(..at)?, rest.get(at + 1..)?);
        let relation = permit.resource().relation_by(name)?;
        step(permit, relation, rest, others, left.checked_sub(1)?)
    })
    .next()
}

fn step<V: Verb>(
    permit: &Permit<V>,
    relation: &Relation,
    rest: &str,
    others: &OtherPermits<'_, V>,
    left: usize,
) -> Option<Path> {
    // The referencing columns must be visible in some row.
    predicate::covers(permit, &relation.columns).ok()?;
    let label = permit.resource().fields.get(*relation.columns.last()?)?;
    let label = label.label.as_str();
    let other = others(&relation.target)?;
    let target = other.resource();
    if !target.is_unique(&relation.target_columns) {
        return None;
    }
    let mut rows = vec![other.rows()];
    rows.extend(predicate::covers(&other, &relation.target_columns).ok()?);
    let known = target.index_of(rest);
    let (mut path, next) = match known {
        Some(column) => {
            let field = target.fields.get(column)?.clone();
            if field.kind.is_file() {
                return None;
            }
            let path = Path {
                field: Field {
                    nullable: true,
                    ..field
                },
                steps: Vec::new(),
                column,
            };
            (path, vec![column])
        }
        None => {
            let path = walk(&other, rest, others, left)?;
            let next = path.steps.last()?.columns.clone();
            (path, next)
        }
    };
    rows.extend(predicate::covers(&other, &next).ok()?);
    path.field.label = format!("{label}: {}", path.field.label);
    path.steps.push(Step {
        columns: relation.columns.clone(),
        target: Arc::clone(target),
        target_columns: relation.target_columns.clone(),
        rows: Filter::All(rows),
    });
    Some(path)
}

fn value<'q>(
    sql: &mut Sql<'q>,
    resource: &'q Resource,
    steps: &'q [Step],
    leaf: &dyn Fn(&mut Sql<'q>, &'q Resource),
) {
    let Some((step, rest)) = steps.split_first() else {
        return;
    };
    sql.text("(SELECT ");
    sql.within(|sql| {
        if rest.is_empty() {
            leaf(sql, &step.target)
        } else {
            value(sql, &step.target, rest, leaf)
        }
    });
    reached(sql, resource, step);
    sql.text(")");
}

fn is_readable<'q>(sql: &mut Sql<'q>, resource: &'q Resource, steps: &'q [Step]) {
    let Some((step, rest)) = steps.split_first() else {
        sql.text("1");
        return;
    };
    sql.text("CASE WHEN ");
    let fields = step
        .columns
        .iter()
        .filter_map(|it| resource.fields.get(*it));
    for (index, field) in fields.enumerate() {
        sql.text(if index > 0 { " OR " } else { "" });
        sql.here(&resource.table)
            .text(".")
            .name(&field.name)
            .text(" IS NULL");
    }
    sql.text(" THEN 1 ELSE (SELECT ");
    sql.within(|sql| is_readable(sql, &step.target, rest));
    reached(sql, resource, step);
    sql.text(") END");
}

fn reached<'q>(sql: &mut Sql<'q>, resource: &'q Resource, step: &'q Step) {
    let target = (step.target.as_ref(), step.target_columns.as_slice());
    related::from(sql, (resource, &step.columns), target, &step.rows);
}

/// The rows in which a path may be read, as far as its first foreign key decides.
pub(super) fn cover<V: Verb>(permit: &Permit<V>, path: &Path) -> Cover {
    match predicate::covers(permit, path.start()) {
        Err(_) => Cover::Nowhere,
        Ok(parts) if parts.is_empty() => Cover::Everywhere,
        Ok(parts) => Cover::Where(Filter::All(parts)),
    }
}

/// The field of a column index: one of the resource, or of the paths after them.
pub(super) fn field<'f>(
    resource: &'f Resource,
    paths: &'f [Path],
    column: usize,
) -> Option<&'f Field> {
    match behind(resource, paths, column) {
        Some(path) => Some(&path.field),
        None => resource.fields.get(column),
    }
}

/// The path of a column index: paths continue after the columns.
pub(super) fn behind<'p>(
    resource: &Resource,
    paths: &'p [Path],
    column: usize,
) -> Option<&'p Path> {
    paths.get(column.checked_sub(resource.fields.len())?)
}

/// The resource with the paths appended as columns, as pages and files show it.
pub fn widened(resource: &Arc<Resource>, paths: &[Path]) -> Arc<Resource> {
    if paths.is_empty() {
        return Arc::clone(resource);
    }
    let mut wide = Resource::clone(resource);
    wide.fields
        .extend(paths.iter().map(|path| path.field.clone()));
    Arc::new(wide)
}
