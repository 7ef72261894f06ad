//! Parts of a starter configuration beyond the defaults: menu groups for many tables, and remarks
//! about unexpected properties.

use super::starter::shown;
use crate::catalog::defaults::is_secret;
use crate::catalog::{Catalog, Resource};
use std::collections::BTreeMap;

/// The number of resources from which the menu is divided into groups.
const MANY: usize = 60;
/// The minimum number of resources in a group.
const FEWEST: usize = 3;

/// Menu groups, by the prefix of resource names.
pub(super) struct Groups(BTreeMap<String, usize>);

impl Groups {
    /// Groups, if there are many resources; otherwise none.
    pub(super) fn of(catalog: &Catalog) -> Self {
        let mut sizes = BTreeMap::new();
        if shown(catalog).count() >= MANY {
            for resource in shown(catalog) {
                *sizes.entry(prefix(resource).to_owned()).or_insert(0) += 1;
            }
        }
        Self(sizes)
    }

    /// The group of a resource, if it has one.
    pub(super) fn of_resource(&self, resource: &Resource) -> Option<String> {
        let prefix = prefix(resource);
        let size = self.0.get(prefix).copied().unwrap_or(0);
        (size >= FEWEST).then(|| capitalised(prefix))
    }
}

/// The schema, or the first word of the name.
fn prefix(resource: &Resource) -> &str {
    let name = &resource.name;
    name.split(['.', '_'])
        .find(|part| !part.is_empty())
        .unwrap_or(name)
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// Remarks about a resource, one line each.
pub(super) fn remarks(resource: &Resource) -> Vec<String> {
    let mut remarks = Vec::new();
    if resource.key.is_empty() {
        remarks.push("A view, or a table without a primary key: it can only be read.".to_owned());
    } else if !resource.writable {
        remarks.push("It can only be read: a view, or this user may not write to it.".to_owned());
    }
    let secrets = resource.fields.iter().filter(|field| is_secret(field));
    let secrets: Vec<String> = secrets.map(|field| format!("{:?}", field.name)).collect();
    if !secrets.is_empty() {
        remarks.push(format!(
            "Sounds like a secret: {}. Name it under \u{201c}hide\u{201d} in the grants of this resource.",
            secrets.join(", ")
        ));
    }
    remarks
}
