//! Permits: the only access to managed tables.
//!
//! A cell is readable only if one grant covers both its row and its column. So a permit keeps the
//! scopes of its grants apart. It never combines the columns of one grant with the rows of another.

pub use super::cover::Cover;
use super::cut::AuditCut;
use super::verb::{Action, Verb};
use crate::catalog::{Filter, Resource};
use std::marker::PhantomData;
use std::sync::Arc;

/// One grant's rights on one resource, with the person's claims filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Scope {
    pub(super) rows: Filter,
    pub(super) readable: Vec<bool>,
    pub(super) writable: Vec<bool>,
}

impl Scope {
    /// Whether it makes the column visible.
    pub fn reads(&self, column: usize) -> bool {
        self.readable.get(column).copied().unwrap_or(false)
    }

    /// The intersection of both.
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

    /// Whether it makes the column editable.
    pub fn writes(&self, column: usize) -> bool {
        self.writable.get(column).copied().unwrap_or(false)
    }
}

/// Permission to do `V` on rows of one resource.
///
/// Every verb except `view` and `create` applies only to rows that are visible too.
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
    /// Makes a permit; only the policy calls this.
    pub(super) fn new(resource: Arc<Resource>, view: Vec<Scope>, act: Vec<Scope>) -> Self {
        Self {
            resource,
            view,
            act,
            cut: None,
            verb: PhantomData,
        }
    }

    /// Adds the reader's limits on the audit log.
    pub(super) fn with_cut(self, cut: AuditCut) -> Self {
        Self {
            cut: Some(Arc::new(cut)),
            ..self
        }
    }

    /// Limits the permit to rows and columns that these scopes cover too.
    pub(super) fn within(self, others: &[Scope]) -> Self {
        let act = self.act.iter().flat_map(|scope| {
            if others.contains(scope) {
                // The same grant gives both verbs.
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

    /// The reader's limits on the audit log, if the permit is for it. They are applied to rows
    /// after reading.
    pub(crate) fn cut(&self) -> Option<&Arc<AuditCut>> {
        self.cut.as_ref()
    }

    /// The resource it is for.
    pub fn resource(&self) -> &Arc<Resource> {
        &self.resource
    }

    /// The rows it covers.
    pub fn rows(&self) -> Filter {
        match V::ACTION {
            Action::View | Action::Create => union(&self.act),
            _ => Filter::All(vec![union(&self.view), union(&self.act)]),
        }
    }

    /// The rows of the permit in which a column may be read.
    ///
    /// For an export, both a grant of `export` and one of `view` must cover the column.
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

    /// The rows of the permit that may be filtered and sorted by a column.
    pub fn tests(&self, column: usize) -> Cover {
        match &self.cut {
            Some(cut) if !cut.is_tested(column) => Cover::Nowhere,
            _ => self.reads(column),
        }
    }

    /// The rows of the permit in which a column may be written.
    ///
    /// An invisible column cannot be written either, except in a new row.
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

    /// The columns that are visible in some row.
    pub fn readable(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.resource.fields.len()).filter(|column| self.reads(*column) != Cover::Nowhere)
    }

    /// Whether it covers every row, so that a count needs no condition.
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
    // The other scopes add no rows, so cells need no test of their own.
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
