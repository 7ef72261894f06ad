//! Parses a bulk request: which rows, and which operation.

use crate::access::{Permit, View};
use crate::catalog::{Key, Resource};
use crate::data::{DataError, PageQuery, Position, page};
use crate::entry::query::ListQuery;
use crate::entry::{Entered, Submission};
use crate::store::AnyConnection;
use crate::texts::text;
use crate::web::Failure;

/// The maximum number of rows that one request can change.
pub const MAX_ROWS: u32 = 10_000;

/// The operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkAction {
    /// Sets chosen fields.
    Edit,
    /// Deletes the rows.
    Delete,
    /// Exports the rows as a file.
    Export,
    /// Runs a configured action.
    Named(String),
}

impl BulkAction {
    /// # Errors
    /// The field `action`, if it is missing or unknown.
    pub fn of(form: &Submission, resource: &Resource) -> Result<Self, Failure> {
        let all = || {
            let named = resource.actions.iter().map(|action| action.name.as_str());
            let all = ["edit", "delete", "export"].into_iter().chain(named);
            all.collect::<Vec<_>>().join(", ")
        };
        match form.get("action") {
            Some("edit") => Ok(Self::Edit),
            Some("delete") => Ok(Self::Delete),
            Some("export") => Ok(Self::Export),
            Some(name) if resource.action(name).is_some() => Ok(Self::Named(name.into())),
            Some(other) => Err(Failure::Invalid(text!(
                "bulk-no-action",
                action = other,
                actions = all()
            ))),
            None => Err(Failure::Invalid(text!(
                "bulk-action-missing",
                actions = all()
            ))),
        }
    }
}

/// The selected rows.
#[derive(Debug, Clone)]
pub enum ChosenRows {
    /// Rows with these keys.
    Keys(Vec<Key>),
    /// All rows that match a list's query.
    Matching(String, PageQuery),
}

impl ChosenRows {
    /// # Errors
    /// No row is selected, a key does not belong to this resource, or the query is invalid.
    pub fn of(
        entered: &Entered,
        form: &Submission,
        permit: &Permit<View>,
    ) -> Result<Self, Failure> {
        let resource = permit.resource();
        if let Some(text) = form.get("matching") {
            let query = ListQuery::parse(text)?.resolve(permit, &entered.around())?;
            let query = PageQuery {
                size: MAX_ROWS,
                position: Position::First,
                ..query
            };
            return Ok(Self::Matching(text.to_owned(), query));
        }
        let given = form.fields().iter().filter(|(name, _)| name == "key");
        let mut keys: Vec<Key> = Vec::new();
        for (_, text) in given {
            let key = Key::decode(resource, text).map_err(|_| {
                Failure::Invalid(text!("bulk-no-key", key = text, resource = resource.label))
            })?;
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        if keys.is_empty() {
            Err(Failure::Invalid(text!("bulk-no-row-chosen")))
        } else {
            Ok(Self::Keys(keys))
        }
    }

    /// The fields that carry the selection to the next page.
    pub fn carried(&self, resource: &Resource) -> Vec<(&'static str, String)> {
        match self {
            Self::Keys(keys) => keys
                .iter()
                .map(|key| ("key", key.encode(resource)))
                .collect(),
            Self::Matching(text, _) => vec![("matching", text.clone())],
        }
    }

    /// The keys of the rows, in the order of the list.
    ///
    /// # Errors
    /// [`TooMany`], or a database failure.
    pub fn keys(
        &self,
        conn: &mut AnyConnection,
        permit: &Permit<View>,
    ) -> Result<Result<Vec<Key>, TooMany>, DataError> {
        let query = match self {
            Self::Keys(keys) => return Ok(Ok(keys.clone())),
            Self::Matching(_, query) => query,
        };
        let found = page::read(conn, permit, query, &[])?;
        if found.next.is_some() {
            return Ok(Err(TooMany));
        }
        let keys = found
            .rows
            .iter()
            .filter_map(|row| row.key(permit.resource()));
        Ok(Ok(keys.collect()))
    }
}

/// More rows match than one request can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany;

impl From<TooMany> for Failure {
    fn from(_: TooMany) -> Self {
        Self::Invalid(text!("bulk-too-many", count = MAX_ROWS))
    }
}
