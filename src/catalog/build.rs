//! From a schema to resources: names, labels, groups, keys, and relations both ways.
//!
//! Pure, so that what is chosen for an unknown database can be tested without one.

mod prefixes;

use super::schema::{Column, Schema, Table, TableKind};
use super::{
    AUDIT, Child, Display, Field, Generated, Relation, Resource, TableName, defaults, naming,
};
use prefixes::Prefixes;
use std::collections::{HashMap, HashSet};

/// The resources of a schema, with everything chosen that configuration may later overlay.
pub fn resources(schema: &Schema) -> Vec<Resource> {
    let prefixes = Prefixes::of(schema);
    let mut taken = HashSet::from([AUDIT.to_owned()]);
    let mut resources: Vec<Resource> = schema
        .tables
        .iter()
        .map(|table| resource(schema, table, &prefixes, &mut taken))
        .collect();
    link(schema, &mut resources);
    for resource in &mut resources {
        choose_inherited_keys(resource);
        label_relations(resource);
        defaults::fill(resource);
    }
    resources
}

fn resource(
    schema: &Schema,
    table: &Table,
    prefixes: &Prefixes,
    taken: &mut HashSet<String>,
) -> Resource {
    let foreign = is_foreign(schema, &table.name);
    let (group, label) = match &table.name.schema {
        Some(name) if foreign => (naming::label(name), prefixes.label(table)),
        _ => prefixes.grouped(table),
    };
    let fields: Vec<Field> = table.columns.iter().map(field).collect();
    let (key, unique) = keys(table, &fields);
    let index_of = |name: &str| fields.iter().position(|field| field.name == name);
    let locked = table.locked.indexed(index_of);
    Resource {
        name: resource_name(table, foreign, taken),
        table: table.name.clone(),
        writable: table.kind == TableKind::Table && table.writable && !key.is_empty(),
        locked,
        label_one: naming::singular(&label),
        label,
        group,
        help: table.comment.clone(),
        fields,
        key,
        unique,
        relations: Vec::new(),
        children: Vec::new(),
        list: Vec::new(),
        search: Vec::new(),
        display: Display::default(),
        sort: Vec::new(),
        estimate: table.estimate,
    }
}

/// Whether a table is in another schema than the default one.
fn is_foreign(schema: &Schema, table: &TableName) -> bool {
    table.schema.is_some() && table.schema != schema.default_schema
}

fn resource_name(table: &Table, foreign: bool, taken: &mut HashSet<String>) -> String {
    let mut name = match &table.name.schema {
        Some(schema) if foreign => format!("{schema}.{}", table.name.name),
        _ => table.name.name.clone(),
    };
    while !taken.insert(name.clone()) {
        name = format!("table_{name}");
    }
    name
}

fn field(column: &Column) -> Field {
    Field {
        name: column.name.clone(),
        label: naming::label(&column.name),
        help: column.comment.clone(),
        kind: column.kind,
        sql_type: column.sql_type.clone(),
        nullable: column.nullable,
        default: column.default.clone(),
        generated: column.generated,
        max_length: column.max_length,
        choices: column.choices.clone(),
        long: false,
    }
}

/// The key and the other unique constraints. A table without a primary key is keyed by its
/// shortest unique constraint over columns that are never NULL.
fn keys(table: &Table, fields: &[Field]) -> (Vec<usize>, Vec<Vec<usize>>) {
    let mut unique: Vec<Vec<usize>> = table
        .unique
        .iter()
        .filter_map(|columns| indexes(fields, columns))
        .collect();
    let mut key = indexes(fields, &table.primary_key).unwrap_or_default();
    if key.is_empty() && table.kind == TableKind::Table {
        let never_null = |columns: &&Vec<usize>| {
            columns
                .iter()
                .all(|index| fields.get(*index).is_some_and(|field| !field.nullable))
        };
        key = unique
            .iter()
            .filter(never_null)
            .min_by_key(|c| c.len())
            .cloned()
            .unwrap_or_default();
    }
    let of_key: HashSet<usize> = key.iter().copied().collect();
    unique.retain(|columns| columns.iter().copied().collect::<HashSet<_>>() != of_key);
    unique.sort();
    unique.dedup();
    (key, unique)
}

/// The columns as indexes; `None` if there are none, or one of them is not there.
fn indexes(fields: &[Field], columns: &[String]) -> Option<Vec<usize>> {
    let index = |column: &String| fields.iter().position(|field| field.name == *column);
    columns
        .iter()
        .map(index)
        .collect::<Option<Vec<_>>>()
        .filter(|found| !found.is_empty())
}

/// Foreign keys, on both sides. One whose target is not in the catalog is left out.
fn link(schema: &Schema, resources: &mut [Resource]) {
    let positions: HashMap<&TableName, usize> = schema
        .tables
        .iter()
        .enumerate()
        .map(|(index, table)| (&table.name, index))
        .collect();
    for (from, table) in schema.tables.iter().enumerate() {
        for key in &table.foreign_keys {
            let Some(to) = positions.get(&key.target).copied() else {
                continue;
            };
            let (Some(source), Some(target)) = (resources.get(from), resources.get(to)) else {
                continue;
            };
            let columns = indexes(&source.fields, &key.columns);
            let target_columns = indexes(&target.fields, &key.target_columns);
            let (Some(columns), Some(target_columns)) = (columns, target_columns) else {
                continue;
            };
            if columns.len() != target_columns.len() {
                continue;
            }
            let relation = Relation {
                columns: columns.clone(),
                target: target.name.clone(),
                target_columns: target_columns.clone(),
            };
            if source.relations.contains(&relation) {
                continue;
            }
            let child = Child {
                resource: source.name.clone(),
                columns,
                parent_columns: target_columns,
                on_delete: key.on_delete,
            };
            if let Some(source) = resources.get_mut(from) {
                source.relations.push(relation);
            }
            if let Some(target) = resources.get_mut(to) {
                target.children.push(child);
            }
        }
    }
}

/// A rowid that points at another table's row is that row's key: a person chooses it, though
/// the database would make one up.
fn choose_inherited_keys(resource: &mut Resource) {
    for column in resource
        .relations
        .iter()
        .flat_map(|relation| &relation.columns)
    {
        if let Some(field) = resource.fields.get_mut(*column)
            && field.generated == Generated::ByDefault
            && field.default.is_none()
        {
            field.generated = Generated::No;
        }
    }
}

/// A column that points at a customer is called "Customer", not "Customer ID", unless another
/// column is called that already.
fn label_relations(resource: &mut Resource) {
    let labels: Vec<String> = resource
        .fields
        .iter()
        .map(|field| field.label.clone())
        .collect();
    let targets: Vec<usize> = resource
        .relations
        .iter()
        .filter_map(|relation| match relation.columns.as_slice() {
            [column] => Some(*column),
            _ => None,
        })
        .collect();
    for field in targets.into_iter().collect::<HashSet<_>>() {
        let Some(field) = resource.fields.get_mut(field) else {
            continue;
        };
        let mut words = naming::words(&field.name);
        let suffix = words
            .last()
            .is_some_and(|word| ["id", "uuid", "fk"].contains(&word.as_str()));
        if !suffix || words.len() < 2 {
            continue;
        }
        words.pop();
        let label = naming::label_of(&words);
        if !labels.contains(&label) {
            field.label = label;
        }
    }
}

#[cfg(test)]
#[path = "build_tests.rs"]
mod tests;
