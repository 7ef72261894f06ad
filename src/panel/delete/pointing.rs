//! What points at a row that is to be deleted: what would go with it, and what stands in the way.

use crate::access::{Delete, Denied, Permit, View};
use crate::catalog::{Child, Key, OnDelete, Resource};
use crate::data::{Count, DataError, Row, dependents};
use crate::entry::{Entered, sizes};
use crate::panel::in_sentence;
use crate::store::AnyConnection;
use std::collections::HashSet;
use std::sync::Arc;

/// What is out of the person's reach.
pub(super) const HIDDEN: &str = "rows that your roles do not show you";

/// A resource that points at the row.
pub(super) struct Pointing {
    pub(super) resource: Arc<Resource>,
    pub(super) child: Child,
    /// Leave to name its rows.
    pub(super) view: Option<Permit<View>>,
    /// Whether the person may delete all of its rows, and what goes with them: a cascade would.
    pub(super) may_delete: bool,
    /// What they must prove first before they may.
    pub(super) unconfirmed: Option<Denied>,
    pub(super) count: Count,
    /// How many of them the person may see.
    pub(super) seen: Count,
    pub(super) rows: Vec<Row>,
}

/// The resources that point at rows of this one.
pub(super) fn pointing(entered: &Entered, resource: &Resource) -> Vec<Pointing> {
    let catalog = entered.policy().catalog();
    let children = resource.children.iter().filter_map(|child| {
        let of = Arc::clone(catalog.get(&child.resource)?);
        let mut asked = HashSet::new();
        let may_delete = may_delete(entered, &of, &mut asked);
        Some(Pointing {
            view: entered.view(&child.resource),
            child: child.clone(),
            may_delete,
            unconfirmed: unconfirmed(entered, &asked).filter(|_| may_delete),
            resource: of,
            count: Count::Exact(0),
            seen: Count::Exact(0),
            rows: Vec::new(),
        })
    });
    children.collect()
}

/// Whether the person may delete every row of a resource, and of those that the database deletes
/// with them.
fn may_delete(entered: &Entered, resource: &Resource, asked: &mut HashSet<String>) -> bool {
    if !asked.insert(resource.name.clone()) {
        return true;
    }
    let all = entered
        .reach::<Delete>(&resource.name)
        .is_some_and(|reach| reach.is_everything());
    let catalog = entered.policy().catalog();
    let mut cascades = resource
        .children
        .iter()
        .filter(|child| child.on_delete == OnDelete::Cascade);
    all && cascades.all(|child| {
        let of = catalog.get(&child.resource);
        of.is_some_and(|of| may_delete(entered, of, asked))
    })
}

/// What the person must prove first to delete rows of these resources, which they may.
fn unconfirmed(entered: &Entered, resources: &HashSet<String>) -> Option<Denied> {
    let mut resources: Vec<&String> = resources.iter().collect();
    resources.sort();
    let mut denied = resources
        .into_iter()
        .filter_map(|name| entered.permit::<Delete>(name).err());
    denied.find(|denied| denied.demand.is_some())
}

/// What the database would delete with the row, and the person must prove something first for.
pub(super) fn unconfirmed_cascade(pointing: &[Pointing]) -> Option<&Denied> {
    let mut cascades = pointing.iter().filter(|pointing| {
        pointing.child.on_delete == OnDelete::Cascade && pointing.count.value() > 0
    });
    cascades.find_map(|pointing| pointing.unconfirmed.as_ref())
}

impl Pointing {
    /// Whether some of the rows are not the person's to see: they are neither named nor counted.
    pub(super) fn is_partly_hidden(&self) -> bool {
        self.seen.value() < self.count.value()
    }
}

/// Counts the rows that point at the row.
pub(super) fn count(
    conn: &mut AnyConnection,
    permit: &Permit<Delete>,
    (key, row): (&Key, &Row),
    pointing: &mut [Pointing],
) -> Result<(), DataError> {
    for pointing in pointing {
        let (of, child) = (&pointing.resource, &pointing.child);
        pointing.count = dependents::count(conn, permit, (key, row), of, child)?;
        if let Some(view) = pointing
            .view
            .as_ref()
            .filter(|_| pointing.count.value() > 0)
        {
            pointing.seen = dependents::count_visible(conn, view, &pointing.child, row)?;
        }
    }
    Ok(())
}

/// Why the row cannot be deleted now.
pub(super) fn blocked(pointing: &[Pointing]) -> Option<String> {
    let found = pointing.iter().find(|pointing| {
        pointing.count.value() > 0
            && match pointing.child.on_delete {
                OnDelete::Refuse => true,
                OnDelete::Cascade => !pointing.may_delete,
                OnDelete::SetNull | OnDelete::SetDefault => false,
            }
    })?;
    // What the person may not view is not named, nor counted.
    let what = match found.is_partly_hidden() {
        true => HIDDEN.to_owned(),
        false => format!(
            "{} {}",
            sizes::in_words(found.count),
            match found.count {
                Count::Exact(1) => in_sentence(&found.resource.label_one),
                _ => in_sentence(&found.resource.label),
            }
        ),
    };
    Some(match found.child.on_delete {
        OnDelete::Refuse => format!(
            "It cannot be deleted while {what} still {} at it.",
            if found.count == Count::Exact(1) && !found.is_partly_hidden() {
                "points"
            } else {
                "point"
            }
        ),
        _ => format!("It would take {what} with it, which your roles do not let you delete."),
    })
}
