//! Permits: the only door to managed tables.
//!
//! A cell can be read only if one grant covers both its row and its column; so a permit keeps the
//! scopes of its grants apart, and never adds the columns of one to the rows of another.

pub use super::cover::Cover;
use super::cut::AuditCut;
use super::verb::{Action, Verb};
use crate::catalog::{Filter, Resource};
use std::marker::PhantomData;
use std::sync::Arc;

/// What one grant gives on one resource, with the person's claims put in.
#[derive(Debug, Clone, PartialEq)]
pub struct Scope {
    pub(super) rows: Filter,
    pub(super) readable: Vec<bool>,
    pub(super) writable: Vec<bool>,
}

impl Scope {
    /// Whether it covers the column for reading.
    pub fn reads(&self, column: usize) -> bool {
        self.readable.get(column).copied().unwrap_or(false)
    }

    /// What both cover.
    fn and(&self, other: &Self) -> Self {
        let each = |one: &[bool], other: &[bool]| {
            let pairs = one.iter().zip(other);
            pairs.map(|(one, other)| *one && *other).collect()
        };
        Self {
            rows: match (&self.rows, &other.rows) {
                (rows, all) | (all, rows) if all.is_everything() || rows == all => rows.clone(),
                (one, other) => Filter::All(vec![one.clone(), other.clone()]),
            },
            readable: each(&self.readable, &other.readable),
            writable: each(&self.writable, &other.writable),
        }
    }

    /// Whether it covers the column for writing.
    pub fn writes(&self, column: usize) -> bool {
        self.writable.get(column).copied().unwrap_or(false)
    }
}

/// Leave to do `V` to rows of one resource.
///
/// Every verb but `view` and `create` is only given on rows that may be viewed too.
#[derive(Debug)]
pub struct Permit<V> {
    resource: Arc<Resource>,
    view: Vec<Scope>,
    act: Vec<Scope>,
    cut: Option<Arc<AuditCut>>,
    verb: PhantomData<V>,
}

impl<V> Clone for Permit<V> {
    fn clone(&self) -> Self {
        Self {
            resource: Arc::clone(&self.resource),
            view: self.view.clone(),
            act: self.act.clone(),
            cut: self.cut.clone(),
            verb: PhantomData,
        }
    }
}

impl<V: Verb> Permit<V> {
    /// Made by the policy alone.
    pub(super) fn new(resource: Arc<Resource>, view: Vec<Scope>, act: Vec<Scope>) -> Self {
        Self {
            resource,
            view,
            act,
            cut: None,
            verb: PhantomData,
        }
    }

    /// With what may be seen of the audit log.
    pub(super) fn with_cut(self, cut: AuditCut) -> Self {
        Self {
            cut: Some(Arc::new(cut)),
            ..self
        }
    }

    /// Only as far as one of these scopes covers it too, row and column.
    pub(super) fn within(self, others: &[Scope]) -> Self {
        let act = self.act.iter().flat_map(|scope| {
            if others.contains(scope) {
                // The same grant gives both.
                vec![scope.clone()]
            } else {
                others.iter().map(|other| scope.and(other)).collect()
            }
        });
        Self {
            act: act.collect(),
            ..self
        }
    }

    /// What may be seen of the audit log, if the permit is for it. Rows are cut as they are read.
    pub(crate) fn cut(&self) -> Option<&Arc<AuditCut>> {
        self.cut.as_ref()
    }

    /// The resource it is for.
    pub fn resource(&self) -> &Arc<Resource> {
        &self.resource
    }

    /// The rows it reaches.
    pub fn rows(&self) -> Filter {
        match V::ACTION {
            Action::View | Action::Create => union(&self.act),
            _ => Filter::All(vec![union(&self.view), union(&self.act)]),
        }
    }

    /// Where a column may be read, among the rows the permit reaches.
    ///
    /// For an export the column must be covered by a grant of `export` as well as one of `view`.
    pub fn reads(&self, column: usize) -> Cover {
        let seen = cover(&self.view, |scope| scope.reads(column));
        let seen = match &self.cut {
            Some(cut) => both(seen, cut.reads(column)),
            None => seen,
        };
        match V::ACTION {
            Action::Export | Action::History => {
                both(seen, cover(&self.act, |scope| scope.reads(column)))
            }
            _ => seen,
        }
    }

    /// Where rows may be chosen and ordered by a column, among the rows the permit reaches.
    pub fn tests(&self, column: usize) -> Cover {
        match &self.cut {
            Some(cut) if !cut.is_tested(column) => Cover::Nowhere,
            _ => self.reads(column),
        }
    }

    /// Where a column may be written, among the rows the permit reaches.
    ///
    /// What cannot be read cannot be written either, except in a row that is being made.
    pub fn writes(&self, column: usize) -> Cover {
        if !V::ACTION.is_open(&self.resource, column) {
            return Cover::Nowhere;
        }
        let written = cover(&self.act, |scope| scope.writes(column));
        match V::ACTION {
            Action::Create => written,
            Action::Edit => both(self.reads(column), written),
            _ => Cover::Nowhere,
        }
    }

    /// The columns that may be read in some row.
    pub fn readable(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.resource.fields.len()).filter(|column| self.reads(*column) != Cover::Nowhere)
    }

    /// Whether every row can be reached, so that a count needs no test of rows.
    pub fn reaches_everything(&self) -> bool {
        self.rows().is_everything()
    }
}

fn union(scopes: &[Scope]) -> Filter {
    if scopes.iter().any(|scope| scope.rows.is_everything()) {
        return Filter::everything();
    }
    let mut parts: Vec<Filter> = Vec::new();
    for scope in scopes {
        if !scope.rows.is_nothing() && !parts.contains(&scope.rows) {
            parts.push(scope.rows.clone());
        }
    }
    match parts.len() {
        1 => parts.pop().unwrap_or_else(Filter::nothing),
        _ => Filter::Any(parts),
    }
}

fn cover(scopes: &[Scope], covers: impl Fn(&Scope) -> bool) -> Cover {
    let live: Vec<&Scope> = scopes
        .iter()
        .filter(|scope| !scope.rows.is_nothing())
        .collect();
    let covering: Vec<Scope> = live
        .iter()
        .filter(|scope| covers(scope))
        .map(|scope| (*scope).clone())
        .collect();
    if covering.is_empty() {
        return Cover::Nowhere;
    }
    let rows = union(&covering);
    // The same rows with and without the other scopes: no test is needed cell by cell.
    if covering.len() == live.len() || rows.is_everything() || rows == union(scopes) {
        return Cover::Everywhere;
    }
    Cover::Where(rows)
}

fn both(one: Cover, other: Cover) -> Cover {
    match (one, other) {
        (Cover::Nowhere, _) | (_, Cover::Nowhere) => Cover::Nowhere,
        (Cover::Everywhere, cover) | (cover, Cover::Everywhere) => cover,
        (Cover::Where(one), Cover::Where(other)) => Cover::Where(Filter::All(vec![one, other])),
    }
}
