//! Side effects of a delete or a change on other rows: found and authorised before it happens.
//!
//! ON DELETE and ON UPDATE reach into tables that a person may not see, or that are not resources.
//! So the foreign keys come from [`Catalog::references_to`], and the rows are read completely. Only
//! [`Effects::names`] and the counts of visible rows are shown to people.

mod find;
mod pointing;
mod words;

use super::DataError;
use super::count::Count;
use super::find::key_filter;
use super::page::{self, PageQuery, Position};
use super::row::Row;
use crate::access::{Create, Delete, Denied, Edit, Permit, View};
use crate::catalog::{Catalog, Filter, Key, Reference, Resource};
use crate::store::AnyConnection;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The number of rows of each table, by its name.
pub type Counts = BTreeMap<String, u64>;

/// The maximum number of rows that one change may delete or change with it.
pub const MOST: usize = 10_000;

/// What happens to rows that reference a deleted or changed row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// They prevent the change.
    Prevents,
    /// They are deleted too.
    Goes,
    /// Their foreign key is set to NULL.
    LosesLink,
    /// Their foreign key is set to its default.
    TakesDefault,
    /// Their foreign key is updated to the new value.
    Follows,
}

/// The rights that a person needs for side effects.
pub trait Rights {
    /// Every known table and foreign key.
    fn catalog(&self) -> &Catalog;

    /// Permits viewing a resource.
    fn view(&self, resource: &str) -> Option<Permit<View>>;

    /// Permits deleting rows of a table, which need not be a resource.
    ///
    /// # Errors
    /// [`Denied`] when no role gives it, or step-up is required first.
    fn delete_beside(&self, table: &str) -> Result<Permit<Delete>, Denied>;

    /// Permits creating rows of a table again that were deleted with another.
    ///
    /// # Errors
    /// As [`Rights::delete_beside`].
    fn create_beside(&self, table: &str) -> Result<Permit<Create>, Denied>;

    /// Permits changing rows of a table.
    ///
    /// # Errors
    /// As [`Rights::delete_beside`].
    fn edit_beside(&self, table: &str) -> Result<Permit<Edit>, Denied>;
}

/// The side effects of deleting or changing a row.
#[derive(Default)]
pub struct Effects {
    groups: Vec<Group>,
    /// Whether rows that the panel cannot read may be affected.
    is_unknown: bool,
    /// Whether more than [`MOST`] rows are affected.
    is_too_much: bool,
}

/// Rows of one table with the same consequence.
pub struct Group {
    /// The table.
    pub table: Arc<Resource>,
    /// Whether it is a resource.
    pub is_shown: bool,
    /// What happens to the rows.
    pub consequence: Consequence,
    /// How many there are.
    pub count: Count,
    /// How many of them the person may see.
    pub seen: Count,
    /// The step-up that is required first.
    pub unconfirmed: Option<Denied>,
    /// Whether a right is missing for some of them.
    pub is_refused: bool,
    rows: Vec<Affected>,
    /// The keys of the first visible rows.
    seen_keys: Vec<Key>,
}

/// An affected row.
struct Affected {
    before: Row,
    cause: Cause,
}

/// The foreign key by which a row is affected, and the row it references.
#[derive(Clone)]
struct Cause {
    reference: Reference,
    parent: Ident,
}

/// Identifies a row by table and key, or by its content if it has no key.
type Ident = (String, String);

/// An affected row, with everything that changes it.
pub(super) struct AffectedRow<'e> {
    pub(super) table: &'e Resource,
    pub(super) before: &'e Row,
    pub(super) goes: bool,
    pub(super) changes: Vec<Change<'e>>,
}

/// How a foreign key changes.
pub(super) struct Change<'e> {
    pub(super) reference: &'e Reference,
    pub(super) consequence: Consequence,
    parent: &'e Ident,
}

impl Effects {
    /// The groups; those that prevent the change come first.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The step-up that is required first.
    pub fn unconfirmed(&self) -> Option<&Denied> {
        let mut groups = self.groups.iter();
        groups.find_map(|group| group.unconfirmed.as_ref())
    }

    /// Why the row cannot be deleted or changed, in words; `None` if it can.
    pub fn obstacle(&self) -> Option<String> {
        words::obstacle(self)
    }

    /// A digest of all affected rows, to detect changes since the confirmation; `None` if no row is
    /// affected.
    pub fn digest(&self) -> Option<String> {
        use base64::Engine;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
        let touched = self.groups.iter().filter(|group| !group.rows.is_empty());
        let mut hash = Sha256::new();
        let mut some = false;
        for group in touched {
            some = true;
            hash.update(format!("{}:{:?}\n", group.table.name, group.consequence));
            // The database returns them in any order.
            let mut rows: Vec<String> = group.rows.iter().map(|row| row.before.digest()).collect();
            rows.sort();
            hash.update(rows.concat());
        }
        some.then(|| BASE64.encode(hash.finalize()))
    }

    /// For each table, how many rows are deleted, and how many change.
    pub fn tally(&self) -> (Counts, Counts) {
        let (mut gone, mut changed) = (BTreeMap::new(), BTreeMap::new());
        for touched in self.touched() {
            let side = if touched.goes {
                &mut gone
            } else {
                &mut changed
            };
            *side.entry(touched.table.name.clone()).or_default() += 1;
        }
        (gone, changed)
    }

    /// Every affected row once, in the order in which they were found.
    pub(super) fn touched(&self) -> Vec<AffectedRow<'_>> {
        let mut places: BTreeMap<Ident, usize> = BTreeMap::new();
        let mut all: Vec<AffectedRow<'_>> = Vec::new();
        for group in &self.groups {
            for row in &group.rows {
                let goes = group.consequence == Consequence::Goes;
                let ident = find::ident(&group.table, &row.before);
                let is_named = !group.table.key.is_empty();
                let at = match places.get(&ident).filter(|_| is_named) {
                    Some(at) => *at,
                    None => {
                        places.insert(ident, all.len());
                        all.push(AffectedRow {
                            table: &group.table,
                            before: &row.before,
                            goes: false,
                            changes: Vec::new(),
                        });
                        all.len() - 1
                    }
                };
                let Some(touched) = all.get_mut(at) else {
                    continue;
                };
                touched.goes |= goes;
                if !goes {
                    touched.changes.push(Change {
                        reference: &row.cause.reference,
                        consequence: group.consequence,
                        parent: &row.cause.parent,
                    });
                }
            }
        }
        all
    }
}

impl Change<'_> {
    /// The referenced row, if it is among the known ones.
    pub(super) fn parent<'r>(&self, known: &'r BTreeMap<Ident, Row>) -> Option<&'r Row> {
        known.get(self.parent)
    }
}

impl Group {
    /// Whether some of the rows are invisible to the person. Those are neither named nor counted.
    pub fn is_partly_hidden(&self) -> bool {
        !self.is_shown || self.seen.value() < self.count.value()
    }

    /// The labels of its first rows that the person may see.
    ///
    /// # Errors
    /// When the database fails.
    pub fn names(
        &self,
        conn: &mut AnyConnection,
        permit: &Permit<View>,
    ) -> Result<Vec<Row>, DataError> {
        if self.seen_keys.is_empty() {
            return Ok(Vec::new());
        }
        let keys = self.seen_keys.iter();
        let keys = keys.map(|key| key_filter(permit.resource(), key));
        let query = PageQuery {
            sort: Vec::new(),
            filter: Filter::Any(keys.collect()),
            search: String::new(),
            paths: Vec::new(),
            searched: Vec::new(),
            size: u32::try_from(self.seen_keys.len()).unwrap_or(u32::MAX),
            position: Position::First,
        };
        let columns: Vec<usize> = permit.resource().display.columns().collect();
        Ok(page::read(conn, permit, &query, &columns)?.rows)
    }
}

/// The side effects of deleting a row. `lock` locks the rows until the transaction ends.
///
/// # Errors
/// When the database fails.
pub fn of_delete(
    conn: &mut AnyConnection,
    rights: &dyn Rights,
    (table, row): (&Arc<Resource>, &Row),
    lock: bool,
) -> Result<Effects, DataError> {
    find::run(conn, rights, (table, row), None, lock)
}

/// The side effects of changing these columns of a row. `lock` is as in [`of_delete`].
///
/// # Errors
/// When the database fails.
pub(super) fn of_update(
    conn: &mut AnyConnection,
    rights: &dyn Rights,
    (table, row): (&Arc<Resource>, &Row),
    columns: Vec<usize>,
    lock: bool,
) -> Result<Effects, DataError> {
    find::run(conn, rights, (table, row), Some(columns), lock)
}

pub(super) use find::{covered, ident};
