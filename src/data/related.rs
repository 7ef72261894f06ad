//! Rows that reference those of a resource, as far as a person may see them.

use super::path::OtherPermits;
use super::predicate;
use crate::access::{Permit, Verb};
use crate::catalog::filter::{Many, Related};
use crate::catalog::{Filter, FilterError};
use std::sync::Arc;

/// Rows of another resource that reference this one, as far as a person may see them.
pub struct Children {
    related: Related,
    label: String,
}

impl Children {
    /// The related rows with that name: `CHILD`, or `CHILD.COLUMN` if several foreign keys point
    /// here.
    ///
    /// # Errors
    /// When none has that name, the person may not see them, or the name is ambiguous.
    pub fn of<V: Verb>(
        permit: &Permit<V>,
        others: &OtherPermits<'_, V>,
        name: &str,
    ) -> Result<Self, FilterError> {
        let mut found: Vec<(String, Self)> = Self::all(permit, others);
        let is_one = |(known, it): &(String, Self)| {
            let target = &it.related.target;
            let column = it.related.target_columns.last();
            let column = column.and_then(|column| target.fields.get(*column));
            let is_full = column.is_some_and(|column| {
                name.strip_prefix(target.name.as_str())
                    .and_then(|rest| rest.strip_prefix('.'))
                    == Some(column.name.as_str())
            });
            known == name || target.name == name || is_full
        };
        found.retain(is_one);
        match found.len() {
            0 => Err(FilterError::Child(name.to_owned())),
            1 => found
                .pop()
                .map(|(_, it)| it)
                .ok_or_else(|| FilterError::Child(name.to_owned())),
            _ => {
                let names: Vec<String> = found.into_iter().map(|(known, _)| known).collect();
                Err(FilterError::Children(name.to_owned(), names.join(", ")))
            }
        }
    }

    /// All related rows, by unambiguous names.
    pub fn all<V: Verb>(permit: &Permit<V>, others: &OtherPermits<'_, V>) -> Vec<(String, Self)> {
        let children = &permit.resource().children;
        let all = children.iter().filter_map(|child| {
            // Which row they reference is visible only with the referenced columns.
            predicate::covers(permit, &child.parent_columns).ok()?;
            let other = others(&child.resource)?;
            let mut rows = vec![other.rows()];
            rows.extend(predicate::covers(&other, &child.columns).ok()?);
            let target = other.resource();
            let field = target.fields.get(*child.columns.last()?)?;
            let is_alone = children
                .iter()
                .filter(|it| it.resource == child.resource)
                .count()
                == 1;
            let (name, label) = if is_alone {
                (target.name.clone(), target.label.clone())
            } else {
                (
                    format!("{}.{}", target.name, field.name),
                    format!("{} ({})", target.label, field.label),
                )
            };
            let related = Related {
                columns: child.parent_columns.clone(),
                target: Arc::clone(target),
                target_columns: child.columns.clone(),
                rows: Filter::All(rows),
                many: Many::ANY,
            };
            Some((name, Self { related, label }))
        });
        all.collect()
    }

    /// Their label.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The filter for rows with this many related rows.
    pub fn filter(&self, many: Many) -> Filter {
        Filter::Related(Box::new(Related {
            many,
            ..self.related.clone()
        }))
    }
}
