//! Labels of tables, and groups made from the prefixes of their names.
//!
//! A prefix of three or more tables is an application (`auth_user`, `auth_group`). It is not one if
//! it names a thing itself. That is a parent (`order_items` beside `orders`), or what columns
//! reference (`task_instance`, as there are columns `task_id`). Labels leave it out only if they
//! stay unique.

use super::is_foreign;
use crate::catalog::naming;
use crate::catalog::schema::{Schema, Table, TableKind};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Prefixes that only mean "table".
const NOISE: [&str; 4] = ["tbl", "tb", "t", "tab"];
/// The number of tables with a prefix that makes a group.
const FAMILY: usize = 3;

/// The prefixes of a schema, and the words in its names.
pub(super) struct Prefixes {
    /// For each prefix, whether labels leave it out.
    shared: HashMap<String, bool>,
    words: HashSet<String>,
}

impl Prefixes {
    pub(super) fn of(schema: &Schema) -> Self {
        let tables = schema.tables.iter();
        let tables = tables.filter(|table| table.listed && !is_foreign(schema, &table.name));
        let names: Vec<&str> = tables.map(|table| table.name.name.as_str()).collect();
        let mut families: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (prefix, rest) in names.iter().filter_map(|name| split_prefix(name)) {
            families.entry(prefix).or_default().push(rest);
        }
        let things = things(schema, &names);
        let families: Vec<(&str, Vec<&str>)> = families
            .into_iter()
            .filter(|(prefix, rests)| is_group(prefix, rests, &things))
            .collect();
        let whole: HashSet<String> = names
            .iter()
            .filter(|name| !families.iter().any(|(prefix, _)| has_prefix(name, prefix)))
            .map(|name| said(name))
            .collect();
        let shared = families.into_iter().map(|(prefix, rests)| {
            let cut: HashSet<String> = rests.iter().map(|rest| said(rest)).collect();
            let is_unique = cut.len() == rests.len() && cut.is_disjoint(&whole);
            (prefix.to_owned(), is_unique)
        });
        Self {
            shared: shared.collect(),
            words: words(schema),
        }
    }

    /// The group of a table, and its label in that group.
    pub(super) fn grouped(&self, table: &Table) -> (String, String) {
        let Some((prefix, rest)) = split_prefix(&table.name.name) else {
            return (String::new(), self.label(table));
        };
        match self.shared.get(prefix) {
            None => (String::new(), self.label(table)),
            Some(is_left_out) => {
                let group = if is_noise(prefix) {
                    String::new()
                } else {
                    naming::label(prefix)
                };
                let label = if *is_left_out {
                    naming::label(rest)
                } else {
                    self.label(table)
                };
                (group, label)
            }
        }
    }

    /// The label from a table's whole name.
    pub(super) fn label(&self, table: &Table) -> String {
        let name = &table.name.name;
        let bare = match table.kind {
            TableKind::View => self.without_v(name),
            TableKind::Table => name,
        };
        match naming::words(bare).as_slice() {
            [only] => match naming::split(only, &self.words) {
                Some(words) if !self.words.contains(only) => naming::label_of(&words),
                _ => naming::label(bare),
            },
            _ => naming::label(bare),
        }
    }

    /// The name of a view without the `v` that marks views.
    fn without_v<'n>(&self, name: &'n str) -> &'n str {
        for mark in ["v_", "vw_", "view_"] {
            if let Some(rest) = name.strip_prefix(mark).filter(|rest| !rest.is_empty()) {
                return rest;
            }
        }
        let rest = name.strip_prefix(['v', 'V']).unwrap_or(name);
        let words = naming::words(rest);
        let is_known =
            |word: &String| self.words.contains(word) || naming::split(word, &self.words).is_some();
        if !words.is_empty() && words.iter().all(is_known) {
            rest
        } else {
            name
        }
    }
}

fn is_group(prefix: &str, rests: &[&str], things: &HashSet<String>) -> bool {
    let are_names = rests.iter().all(|rest| rest.contains(char::is_alphabetic));
    let most = if is_noise(prefix) { 2 } else { FAMILY };
    rests.len() >= most && are_names && !things.contains(&said(prefix))
}

fn is_noise(prefix: &str) -> bool {
    NOISE.contains(&prefix.to_lowercase().as_str())
}

/// The label of a name, in the singular.
fn said(name: &str) -> String {
    naming::singular(&naming::label(name)).to_lowercase()
}

fn has_prefix(name: &str, prefix: &str) -> bool {
    split_prefix(name).is_some_and(|(found, _)| found == prefix)
}

fn split_prefix(table: &str) -> Option<(&str, &str)> {
    table
        .split_once('_')
        .filter(|(prefix, rest)| !prefix.is_empty() && !rest.is_empty())
}

/// Names of tables, and of things that columns reference.
fn things(schema: &Schema, names: &[&str]) -> HashSet<String> {
    let columns = schema.tables.iter().flat_map(|table| &table.columns);
    let pointed = columns.filter_map(|column| {
        let snake = naming::snake(&column.name);
        snake.strip_suffix("_id").map(said)
    });
    names.iter().map(|name| said(name)).chain(pointed).collect()
}

/// Every word in the names of tables and columns, as far as names can be split.
fn words(schema: &Schema) -> HashSet<String> {
    let tables = schema.tables.iter().filter(|t| t.kind == TableKind::Table);
    let names = tables.map(|table| &table.name.name);
    let columns = schema.tables.iter().flat_map(|table| &table.columns);
    let names = names.chain(columns.map(|column| &column.name));
    names.flat_map(|name| naming::words(name)).collect()
}
