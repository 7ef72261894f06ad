//! What MySQL and MariaDB say by themselves: the connection has put names into their errors.

use super::Told;
use crate::catalog::Resource;
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind as Kind};

pub(super) fn read(
    resource: &Resource,
    kind: &Kind,
    info: &(dyn DatabaseErrorInformation + Send + Sync),
) -> Told {
    let columns = match kind {
        Kind::UniqueViolation => key_named(resource, info.constraint_name()),
        Kind::ForeignKeyViolation => key_detail(info.details())
            .filter_map(|name| resource.index_of(name))
            .collect(),
        _ => Vec::new(),
    };
    Told {
        columns,
        ..Told::default()
    }
}

/// The columns of a unique key: `PRIMARY`, or named after its first column, unless somebody gave it
/// a name.
fn key_named(resource: &Resource, name: Option<&str>) -> Vec<usize> {
    let Some(name) = name else {
        return Vec::new();
    };
    if name == "PRIMARY" {
        return resource.key.clone();
    }
    let first = resource.index_of(name);
    let mut keys = resource
        .unique
        .iter()
        .filter(|columns| first.is_some() && columns.first().copied() == first);
    match (keys.next(), keys.next()) {
        (Some(only), None) => only.clone(),
        _ => Vec::new(),
    }
}

/// The columns in `Key (a, b)=`.
fn key_detail(details: Option<&str>) -> impl Iterator<Item = &str> {
    let columns = details
        .and_then(|text| text.strip_prefix("Key ("))
        .and_then(|text| text.split_once(")="))
        .map_or("", |(columns, _)| columns);
    columns.split(", ").filter(|name| !name.is_empty())
}
