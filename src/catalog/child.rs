//! Foreign keys that point at a table, and how far the rows that hold them belong to its rows.

use super::{Generated, ReferentialAction, Resource};
use std::collections::{BTreeMap, BTreeSet};

/// A foreign key of another table that points at this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// The name of the resource that holds the foreign key.
    pub resource: String,
    /// Its columns, as indexes into its `fields`.
    pub columns: Vec<usize>,
    /// The columns of this table pointed at, in the same order.
    pub parent_columns: Vec<usize>,
    /// What deleting a row here does to the rows there.
    pub on_delete: ReferentialAction,
    /// What configuration and forms call it: the resource, and behind a dot the columns where
    /// several foreign keys of it point here.
    pub name: String,
    /// Whether the rows are edited in the form of the row they point at.
    pub edited: Edited,
    /// What else the rows point at, if they tie rows of two tables together.
    pub tie: Option<Tie>,
}

/// Whether rows are edited in the form of the row they point at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edited {
    /// In forms of their own only.
    Apart,
    /// As lines of a table.
    Lines,
    /// As the names of the rows on the other side.
    Tokens,
}

/// The other side of rows that tie rows of two tables together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tie {
    /// The column that points there.
    pub column: usize,
    /// Whether there is nothing else to fill in.
    pub is_bare: bool,
}

impl Tie {
    /// How such rows are edited.
    pub fn edited(self) -> Edited {
        if self.is_bare {
            Edited::Tokens
        } else {
            Edited::Lines
        }
    }
}

/// Names the foreign keys, and decides which rows exist only as parts of others: those whose key
/// holds the foreign key.
pub(super) fn settle(resources: &mut [Resource]) {
    let settled: Vec<Vec<(String, Edited, Option<Tie>)>> = resources
        .iter()
        .map(|parent| {
            let children = parent.children.iter();
            let settled = children.map(|child| {
                let source = resources.iter().find(|it| it.name == child.resource);
                let name = name(parent, source, child);
                let tie = source.and_then(|source| tie(source, child));
                let edited = match source {
                    Some(source) if source.name != parent.name => edited(source, child, tie),
                    _ => Edited::Apart,
                };
                (name, edited, tie)
            });
            settled.collect()
        })
        .collect();
    for (resource, settled) in resources.iter_mut().zip(settled) {
        for (child, (name, edited, tie)) in resource.children.iter_mut().zip(settled) {
            (child.name, child.edited, child.tie) = (name, edited, tie);
        }
    }
}

fn name(parent: &Resource, source: Option<&Resource>, child: &Child) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for child in &parent.children {
        *counts.entry(&child.resource).or_default() += 1;
    }
    let is_alone = counts.get(child.resource.as_str()) == Some(&1);
    let columns = child.columns.iter().filter_map(|column| {
        let field = source?.fields.get(*column)?;
        Some(field.name.as_str())
    });
    if is_alone {
        child.resource.clone()
    } else {
        format!(
            "{}.{}",
            child.resource,
            columns.collect::<Vec<_>>().join("+")
        )
    }
}

/// The other side, if the rows point at one other table by one column, and have no key but the two
/// foreign keys or one that the database gives them.
fn tie(source: &Resource, child: &Child) -> Option<Tie> {
    let mut others = source
        .relations
        .iter()
        .filter(|relation| relation.columns != child.columns);
    let (other, more) = (others.next()?, others.next());
    let [column] = other.columns.as_slice() else {
        return None;
    };
    let both: BTreeSet<usize> = child.columns.iter().chain([column]).copied().collect();
    let is_free = more.is_none() && both.len() == child.columns.len() + 1;
    let is_given = |column: &usize| {
        let field = source.fields.get(*column);
        field.is_some_and(|field| field.generated != Generated::No)
    };
    let key_is_given = source
        .key
        .iter()
        .all(|column| both.contains(column) || is_given(column));
    let mut extra = source.fields.iter().enumerate().filter(|(column, field)| {
        !both.contains(column) && field.generated == Generated::No && field.default.is_none()
    });
    (is_free && key_is_given).then(|| Tie {
        column: *column,
        is_bare: extra.next().is_none(),
    })
}

fn edited(source: &Resource, child: &Child, tie: Option<Tie>) -> Edited {
    let key: BTreeSet<usize> = source.key.iter().copied().collect();
    let is_part = child.columns.iter().all(|column| key.contains(column));
    // A row with the very key of the other is a half of it, not one of its lines.
    let is_one = key.len() == child.columns.len();
    if !source.writable || !is_part || is_one {
        return Edited::Apart;
    }
    match tie {
        Some(tie) if key.contains(&tie.column) && key.len() == child.columns.len() + 1 => {
            tie.edited()
        }
        _ => Edited::Lines,
    }
}

#[cfg(test)]
#[path = "child_tests.rs"]
mod tests;
