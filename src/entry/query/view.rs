//! Saved views in addresses: `view=ID`, and parameters that differ from the view.
//!
//! A view is stored as its owner saved it. Before it is used, everything that its reader may not
//! see, or that no longer exists, is removed.

use super::{ListQuery, QueryContext, known, order};
use crate::access::{Cover, Permit, Verb};
use std::sync::Arc;

/// Stands for the list without a view.
pub const ALL: &str = "all";

/// The view that a list was opened with.
#[derive(Debug, Clone, PartialEq)]
pub enum CurrentView {
    /// No view, even if the list has a starting view.
    All,
    /// A saved view.
    Saved(Saved),
}

/// A saved view, reduced to what its reader may see.
#[derive(Debug, Clone, PartialEq)]
pub struct Saved {
    /// Its number.
    pub id: i64,
    /// Its parameters.
    pub pairs: Arc<[(String, String)]>,
}

impl Saved {
    /// Reads a view, and returns how many parts were left out.
    pub fn cut<V: Verb>(
        permit: &Permit<V>,
        around: &QueryContext<'_, V>,
        (id, text): (i64, &str),
    ) -> (Self, usize) {
        let (query, left_out) = match ListQuery::parse(text) {
            Ok(mut query) => {
                let left_out = query.without_unreadable(permit, around);
                (query, left_out)
            }
            // It cannot be parsed any more.
            Err(_) => (ListQuery::default(), 1),
        };
        let pairs = query.own_pairs().into();
        (Self { id, pairs }, left_out)
    }

    fn values<'p>(pairs: &'p [(String, String)], name: &str) -> Vec<&'p str> {
        let of_name = pairs.iter().filter(|(known, _)| known == name);
        of_name.map(|(_, value)| value.as_str()).collect()
    }

    /// The address parameters for these: the view, and the differences from it. A parameter that
    /// only the view has is written without a value.
    pub(super) fn written(&self, pairs: &[(String, String)]) -> Vec<(String, String)> {
        let mut written = vec![("view".to_owned(), self.id.to_string())];
        for (name, _) in self.pairs.iter() {
            let is_gone = Self::values(pairs, name).is_empty();
            if is_gone && !written.iter().any(|(known, _)| known == name) {
                written.push((name.clone(), String::new()));
            }
        }
        let differs = |name: &str| Self::values(pairs, name) != Self::values(&self.pairs, name);
        written.extend(pairs.iter().filter(|(name, _)| differs(name)).cloned());
        written
    }
}

impl ListQuery {
    /// The number of the view in a query string, if any.
    pub fn view_in(text: &str) -> Option<i64> {
        let mut pairs = url::form_urlencoded::parse(text.as_bytes());
        let (_, value) = pairs.find(|(name, _)| name == "view")?;
        value.parse().ok()
    }

    /// The view it was opened with.
    pub fn saved(&self) -> Option<&Saved> {
        match &self.view {
            Some(CurrentView::Saved(saved)) => Some(saved),
            Some(CurrentView::All) | None => None,
        }
    }

    /// Whether it is unchanged from its view, or from the plain list without one.
    pub fn is_unchanged(&self) -> bool {
        let pairs = self.own_pairs();
        match self.saved() {
            Some(saved) => pairs == *saved.pairs,
            None => pairs.is_empty(),
        }
    }

    /// Whether it shows the same rows and columns in the same order.
    pub fn shows_as(&self, other: &Self) -> bool {
        self.own_pairs() == other.own_pairs()
    }

    /// Whether it has no parameters: then a list uses its reader's starting view.
    pub fn is_bare(&self) -> bool {
        let asked = Self {
            done: None,
            ..self.clone()
        };
        asked == Self::default()
    }

    /// The same rows and columns without a view: all parameters are written out.
    pub fn in_full(&self) -> Self {
        Self {
            view: None,
            ..self.clone()
        }
    }

    /// The value for opening a list without a view.
    pub fn all(&self) -> Option<CurrentView> {
        self.view.as_ref().map(|_| CurrentView::All)
    }

    /// Removes what its reader may not see and what does not exist; returns how many parts were
    /// removed.
    pub fn without_unreadable<V: Verb>(
        &mut self,
        permit: &Permit<V>,
        around: &QueryContext<'_, V>,
    ) -> usize {
        let mut left_out = self.without_wrong(permit, around).len();
        let before = self.conditions.len();
        self.conditions.retain(|(name, value)| {
            let one = Self {
                conditions: vec![(name.clone(), value.clone())],
                zone: self.zone,
                ..Self::default()
            };
            one.is_usable(permit, around)
        });
        left_out += before - self.conditions.len();
        let (columns, gone) = readable(permit, around, &self.columns, false);
        left_out += gone;
        self.columns = columns;
        let (sort, gone) = readable(permit, around, &self.sort, true);
        left_out += gone;
        self.sort = sort;
        self.position = None;
        self.done = None;
        left_out
    }

    /// Whether its conditions are on columns that the reader may filter by.
    fn is_usable<V: Verb>(&self, permit: &Permit<V>, around: &QueryContext<'_, V>) -> bool {
        let Ok(query) = self.resolve(permit, around) else {
            return false;
        };
        let mut columns = query.filter.columns().into_iter();
        columns.all(|column| permit.tests(column) != Cover::Nowhere)
    }
}

/// The columns in a text that its reader may see, written for an address. Also returns how many
/// were left out. `sorts` means that the text is an order.
pub fn readable<V: Verb>(
    permit: &Permit<V>,
    around: &QueryContext<'_, V>,
    text: &str,
    sorts: bool,
) -> (String, usize) {
    let all = order::read(text);
    let count = all.len();
    let there = all
        .into_iter()
        .filter(|(name, descending)| match known(permit, name) {
            Some(column) if sorts => {
                let field = permit.resource().fields.get(column);
                field.is_some_and(|field| field.kind.is_sortable())
                    && permit.tests(column) != Cover::Nowhere
            }
            Some(_) => !descending,
            None => around.path(permit, name).is_some_and(|path| {
                if sorts {
                    path.field.kind.is_sortable()
                } else {
                    !descending
                }
            }),
        });
    let there: Vec<String> = there
        .map(|(name, descending)| order::write(&name, descending))
        .collect();
    let gone = count - there.len();
    (there.join(","), gone)
}
