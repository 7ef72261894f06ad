//! What a delete or a change sets off in other rows: found before it is done, and authorised.
//!
//! ON DELETE and ON UPDATE reach into tables that a person may not see, and into tables that are no
//! resources at all. So the foreign keys come from [`Catalog::references_to`], and the rows are read
//! whole: what is shown of them goes through [`Effects::names`] and the counts of what is seen.

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

/// How many rows of each table, by its name.
pub type Counts = BTreeMap<String, u64>;

/// The most rows that may go or change with one row.
pub const MOST: usize = 10_000;

/// What becomes of rows that point at one that is deleted or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// They stand in the way.
    Prevents,
    /// They are deleted too.
    Goes,
    /// Their foreign key becomes NULL.
    LosesLink,
    /// Their foreign key takes its default.
    TakesDefault,
    /// Their foreign key follows to the new value.
    Follows,
}

/// What somebody may do beside the row that they delete or change.
pub trait Rights {
    /// Every table and foreign key that is known.
    fn catalog(&self) -> &Catalog;

    /// Leave to view a resource.
    fn view(&self, resource: &str) -> Option<Permit<View>>;

    /// Leave to let rows of a table go, which need not be a resource.
    ///
    /// # Errors
    /// [`Denied`] when no role gives it, or the person must prove first who they are.
    fn delete_beside(&self, table: &str) -> Result<Permit<Delete>, Denied>;

    /// Leave to make rows of a table again that went with another.
    ///
    /// # Errors
    /// As [`Rights::delete_beside`].
    fn create_beside(&self, table: &str) -> Result<Permit<Create>, Denied>;

    /// Leave to let rows of a table change.
    ///
    /// # Errors
    /// As [`Rights::delete_beside`].
    fn edit_beside(&self, table: &str) -> Result<Permit<Edit>, Denied>;
}

/// What a delete or a change of a row sets off.
#[derive(Default)]
pub struct Effects {
    groups: Vec<Group>,
    /// Whether rows may be concerned that the panel cannot read.
    is_unknown: bool,
    /// Whether more rows are concerned than [`MOST`].
    is_too_much: bool,
}

/// Rows of one table with the same consequence.
pub struct Group {
    /// The table.
    pub table: Arc<Resource>,
    /// Whether it is a resource.
    pub is_shown: bool,
    /// What becomes of the rows.
    pub consequence: Consequence,
    /// How many there are.
    pub count: Count,
    /// How many of them the person may see.
    pub seen: Count,
    /// What the person must prove first.
    pub unconfirmed: Option<Denied>,
    /// Whether a right is missing for some of them.
    pub is_refused: bool,
    rows: Vec<Affected>,
    /// The first rows in sight.
    seen_keys: Vec<Key>,
}

/// A row that goes or changes.
struct Affected {
    before: Row,
    cause: Cause,
}

/// The foreign key by which a row goes or changes, and the row it points at.
#[derive(Clone)]
struct Cause {
    reference: Reference,
    parent: Ident,
}

/// A row by its table and key, or its content where it has none.
type Ident = (String, String);

/// A row that goes or changes, with all that makes it change.
pub(super) struct Touched<'e> {
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
    /// The groups, those that stand in the way first.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// What the person must prove first.
    pub fn unconfirmed(&self) -> Option<&Denied> {
        let mut groups = self.groups.iter();
        groups.find_map(|group| group.unconfirmed.as_ref())
    }

    /// Why the row cannot be deleted or changed, in words; `None` if nothing stands in the way.
    pub fn obstacle(&self) -> Option<String> {
        words::obstacle(self)
    }

    /// A fingerprint of what goes and changes, to tell whether it is still what was confirmed;
    /// `None` if nothing does.
    pub fn digest(&self) -> Option<String> {
        use base64::Engine;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
        let touched = self.groups.iter().filter(|group| !group.rows.is_empty());
        let mut hash = Sha256::new();
        let mut some = false;
        for group in touched {
            some = true;
            hash.update(format!("{}:{:?}\n", group.table.name, group.consequence));
            // The database gives them in any order.
            let mut rows: Vec<String> = group.rows.iter().map(|row| row.before.digest()).collect();
            rows.sort();
            hash.update(rows.concat());
        }
        some.then(|| BASE64.encode(hash.finalize()))
    }

    /// How many rows of each table go, and how many change.
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

    /// Every row once, in the order in which they were found.
    pub(super) fn touched(&self) -> Vec<Touched<'_>> {
        let mut places: BTreeMap<Ident, usize> = BTreeMap::new();
        let mut all: Vec<Touched<'_>> = Vec::new();
        for group in &self.groups {
            for row in &group.rows {
                let goes = group.consequence == Consequence::Goes;
                let ident = find::ident(&group.table, &row.before);
                let is_named = !group.table.key.is_empty();
                let at = match places.get(&ident).filter(|_| is_named) {
                    Some(at) => *at,
                    None => {
                        places.insert(ident, all.len());
                        all.push(Touched {
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
    /// The row pointed at, among those that are known by now.
    pub(super) fn parent<'r>(&self, known: &'r BTreeMap<Ident, Row>) -> Option<&'r Row> {
        known.get(self.parent)
    }
}

impl Group {
    /// Whether some of the rows are not the person's to see: they are neither named nor counted.
    pub fn is_partly_hidden(&self) -> bool {
        !self.is_shown || self.seen.value() < self.count.value()
    }

    /// The first of its rows, as far as the person may see them.
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

/// What deleting a row sets off. `lock` keeps others from changing the rows until the transaction
/// ends.
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

/// What changing these columns of a row sets off. `lock` is as in [`of_delete`].
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
