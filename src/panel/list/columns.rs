//! The columns of a list.

use crate::access::{Cover, Permit, View};
use crate::panel::audit;

/// The default columns that this person may read; if there are none, all that they may read.
pub fn usual(permit: &Permit<View>) -> Vec<usize> {
    let resource = permit.resource();
    let readable = |column: &usize| permit.reads(*column) != Cover::Nowhere;
    let mut columns: Vec<usize> = resource.list.iter().copied().filter(readable).collect();
    if columns.is_empty() {
        columns = permit.readable().take(8).collect();
    }
    columns
}

/// The columns that must be read to show these.
pub fn read(permit: &Permit<View>, shown: &[usize]) -> Vec<usize> {
    let mut columns = shown.to_vec();
    if permit.resource().is_audit() {
        let needed = audit::needed(permit.resource());
        columns.extend(needed.filter(|column| permit.reads(*column) != Cover::Nowhere));
        columns.sort_unstable();
        columns.dedup();
    }
    // A foreign key of several columns needs all of them.
    let pairs = permit.resource().relations.iter().filter(|relation| {
        relation.columns.len() > 1 && relation.columns.iter().any(|it| columns.contains(it))
    });
    let beside: Vec<usize> = pairs.flat_map(|pair| &pair.columns).copied().collect();
    for column in beside {
        if !columns.contains(&column) && permit.reads(column) != Cover::Nowhere {
            columns.push(column);
        }
    }
    columns
}

/// The columns whose labels a list needs: those shown, and those that filters may use.
pub fn related(permit: &Permit<View>, shown: &[usize]) -> Vec<usize> {
    let relations = permit.resource().relations.iter();
    let single = relations.filter_map(|relation| match relation.columns.as_slice() {
        [column] => Some(*column),
        _ => None,
    });
    let mut columns = shown.to_vec();
    columns.extend(single);
    columns.sort_unstable();
    columns.dedup();
    columns
}
