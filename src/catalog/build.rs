//! Turns a schema into resources: names, labels, groups, keys, and relations in both directions.
//!
//! Pure functions, so that the defaults for an unknown database are tested without one.

mod prefixes;

use super::schema::{Column, ForeignKey, Schema, Table, TableKind};
use super::{
    AUDIT, Child, Display, Edited, Field, Generated, Reference, Relation, Resource, TableName,
    child, defaults, naming,
};
use prefixes::Prefixes;
use std::collections::{HashMap, HashSet};

/// The result of reading a schema.
#[derive(Debug, Clone, PartialEq)]
pub struct BuiltCatalog {
    /// The resources.
    pub resources: Vec<Resource>,
    /// Tables kept only for their foreign keys.
    pub unlisted: Vec<Resource>,
    /// Every foreign key, with the name of its target table.
    pub references: Vec<(String, Reference)>,
}

/// Builds the resources of a schema, with all defaults that configuration may later overlay.
#[cfg(any(test, feature = "testing"))]
pub fn resources(schema: &Schema) -> Vec<Resource> {
    all(schema).resources
}

/// Builds the resources of a schema, the other tables and every foreign key.
pub fn all(schema: &Schema) -> BuiltCatalog {
    let prefixes = Prefixes::of(schema);
    let mut taken = HashSet::from([AUDIT.to_owned()]);
    let (listed, unlisted): (Vec<&Table>, Vec<&Table>) =
        schema.tables.iter().partition(|table| table.listed);
    // Listed tables get their names first; the others get names that are still free.
    let tables: Vec<&Table> = listed.iter().chain(&unlisted).copied().collect();
    let mut resources: Vec<Resource> = tables
        .iter()
        .map(|table| resource(schema, table, &prefixes, &mut taken))
        .collect();
    let references = link(&tables, &mut resources);
    for resource in &mut resources {
        choose_inherited_keys(resource);
        label_relations(resource);
        defaults::fill(resource);
    }
    child::settle(&mut resources);
    let unlisted = resources.split_off(listed.len());
    BuiltCatalog {
        resources,
        unlisted,
        references,
    }
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
        search_paths: Vec::new(),
        display: Display::default(),
        sort: Vec::new(),
        estimate: table.estimate,
        actions: Vec::new(),
        tabs: Vec::new(),
        form: Vec::new(),
    }
}

/// Whether a table is outside the default schema.
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

/// The key and the other unique constraints. Without a primary key, the key is the shortest unique
/// constraint over columns that are never NULL.
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

/// The columns as indexes; `None` if the list is empty, or a column does not exist.
fn indexes(fields: &[Field], columns: &[String]) -> Option<Vec<usize>> {
    let index = |column: &String| fields.iter().position(|field| field.name == *column);
    columns
        .iter()
        .map(index)
        .collect::<Option<Vec<_>>>()
        .filter(|found| !found.is_empty())
}

/// Links foreign keys on both sides, and returns each with its target. Pages follow only links
/// between listed tables. A foreign key without a known target table is left out.
fn link(tables: &[&Table], resources: &mut [Resource]) -> Vec<(String, Reference)> {
    let positions: HashMap<&TableName, usize> = tables
        .iter()
        .enumerate()
        .map(|(index, table)| (&table.name, index))
        .collect();
    let mut references = Vec::new();
    for (from, table) in tables.iter().enumerate() {
        for key in &table.foreign_keys {
            let Some(to) = positions.get(&key.target).copied() else {
                continue;
            };
            let (Some(source), Some(target)) = (resources.get(from), resources.get(to)) else {
                continue;
            };
            let reference = reference(key, source, target);
            references.push((target.name.clone(), reference.clone()));
            let is_shown = table.listed && tables.get(to).is_some_and(|to| to.listed);
            if is_shown && reference.is_readable() {
                relate(resources, (from, to), &reference);
            }
        }
    }
    references
}

fn reference(key: &ForeignKey, source: &Resource, target: &Resource) -> Reference {
    Reference {
        source: source.name.clone(),
        columns: indexes(&source.fields, &key.columns).unwrap_or_default(),
        target_columns: indexes(&target.fields, &key.target_columns).unwrap_or_default(),
        on_delete: key.on_delete,
        on_update: key.on_update,
        matching: key.matching.clone(),
    }
}

/// Adds a foreign key to both resources, once.
fn relate(resources: &mut [Resource], (from, to): (usize, usize), key: &Reference) {
    let Some(target) = resources.get(to).map(|target| target.name.clone()) else {
        return;
    };
    let relation = Relation {
        columns: key.columns.clone(),
        target,
        target_columns: key.target_columns.clone(),
    };
    let child = Child {
        resource: key.source.clone(),
        columns: key.columns.clone(),
        parent_columns: key.target_columns.clone(),
        on_delete: key.on_delete,
        name: String::new(),
        edited: Edited::Apart,
        tie: None,
    };
    match resources.get_mut(from) {
        Some(source) if !source.relations.contains(&relation) => source.relations.push(relation),
        _ => return,
    }
    if let Some(target) = resources.get_mut(to) {
        target.children.push(child);
    }
}

/// Handles a rowid that is also a foreign key: it is the key of the referenced row. A person
/// chooses it, though the database could generate one.
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

/// Labels a column that references a customer "Customer", not "Customer ID", unless that label is
/// taken.
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
