//! Limits what a reader sees of the audit log.
//!
//! The log holds old and new values of every resource. A value is shown only if the reader may read
//! that column in every row of its resource. The row itself cannot be tested: it may have changed
//! since, or be deleted.

use super::cover::Cover;
use crate::catalog::{Condition, Filter, Op, Resource, Value, audit};
use serde_json::{Map, Value as Json};
use std::collections::{HashMap, HashSet};

/// What one reader may see of the audit log.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AuditCut {
    /// For each resource, the columns that may be read in every row.
    columns: HashMap<String, HashSet<String>>,
    /// The resources whose row labels may be shown.
    named: Vec<String>,
    at: Places,
}

/// The columns of the audit log whose content is limited.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Places {
    resource: Option<usize>,
    label: Option<usize>,
    details: Option<usize>,
    changes: Option<usize>,
}

impl AuditCut {
    /// The limits for someone who may not read any resource.
    pub(super) fn of_nothing(audit: &Resource) -> Self {
        Self {
            at: Places {
                resource: audit.index_of("resource"),
                label: audit.index_of("row_label"),
                details: audit.index_of("details"),
                changes: audit.index_of("changes"),
            },
            ..Self::default()
        }
    }

    /// Allows the columns of a resource that may be read in every row.
    pub(super) fn show(&mut self, resource: &Resource, is_read: impl Fn(usize) -> bool) {
        let fields = resource.fields.iter().enumerate();
        let columns = fields
            .filter(|(column, _)| is_read(*column))
            .map(|(_, field)| field.name.clone());
        let name = resource.name.clone();
        self.columns.insert(name, columns.collect());
        if resource.display.columns().all(is_read) {
            self.named.push(resource.name.clone());
        }
    }

    /// The visible part of an entry's changes, for that resource.
    pub fn changes(&self, resource: Option<&str>, changes: Map<String, Json>) -> Map<String, Json> {
        let columns = resource.and_then(|name| self.columns.get(name));
        let seen = |name: &str| columns.is_some_and(|columns| columns.contains(name));
        let kept = changes.into_iter().filter(|(name, _)| seen(name));
        kept.collect()
    }

    /// The visible part of an entry's details, for that resource. An export's query holds values,
    /// so only its conditions on readable columns are kept.
    pub fn details(
        &self,
        resource: Option<&str>,
        mut details: Map<String, Json>,
    ) -> Map<String, Json> {
        let columns = resource.and_then(|name| self.columns.get(name));
        if let Some(Json::Object(row)) = details.get_mut(audit::event::ROW) {
            let seen = |name: &str| columns.is_some_and(|columns| columns.contains(name));
            row.retain(|name, _| seen(name));
        }
        if let Some(Json::Array(query)) = details.get_mut(audit::event::QUERY) {
            query.retain(|pair| {
                let name = pair.get(0).and_then(Json::as_str).unwrap_or_default();
                let column = match name.strip_prefix("or.") {
                    Some(rest) => rest.split_once('.').map(|(_, column)| column),
                    None => name.strip_prefix("f."),
                };
                columns.is_some_and(|columns| column.is_none_or(|name| columns.contains(name)))
            });
        }
        details
    }

    /// The column that holds details.
    pub(crate) fn details_at(&self) -> Option<usize> {
        self.at.details
    }

    /// The column with the changes, and the column with their resource.
    pub(crate) fn places(&self) -> Option<(usize, usize)> {
        self.at.changes.zip(self.at.resource)
    }

    /// The rows of the log in which a column may be read.
    pub(super) fn reads(&self, column: usize) -> Cover {
        if Some(column) != self.at.label {
            return Cover::Everywhere;
        }
        let Some(resource) = self.at.resource else {
            return Cover::Nowhere;
        };
        let test = |op, values| {
            Filter::Test(Condition {
                column: resource,
                op,
                values,
            })
        };
        let named = self.named.iter().cloned().map(Value::Text).collect();
        Cover::Where(Filter::Any(vec![
            test(Op::Null, Vec::new()),
            test(Op::In, named),
        ]))
    }

    /// Whether the log may be filtered, searched and sorted by a column. Content is cut after
    /// reading, so a filter on such a column would reveal what was cut.
    pub(super) fn is_tested(&self, column: usize) -> bool {
        Some(column) != self.at.changes && Some(column) != self.at.details
    }
}

#[cfg(test)]
mod tests;
