//! Saved views as an address names them: `view=ID`, with the parameters that differ from it beside.
//!
//! A view is kept as whoever saved it had it. What its reader may not see, and what is not there
//! any more, is taken out before anything is read by it.

use super::{Around, ListQuery, known, order};
use crate::access::{Cover, Permit, Verb};
use std::sync::Arc;

/// In place of a number: the list as it is.
pub const ALL: &str = "all";

/// What a list was opened with.
#[derive(Debug, Clone, PartialEq)]
pub enum Opened {
    /// Nothing, also where the list begins with a view.
    All,
    /// A saved view.
    Saved(Saved),
}

/// A saved view, cut to what its reader may see.
#[derive(Debug, Clone, PartialEq)]
pub struct Saved {
    /// Its number.
    pub id: i64,
    /// The parameters that it stands for.
    pub pairs: Arc<[(String, String)]>,
}

impl Saved {
    /// Reads a view, and tells how many parts of it were left out.
    pub fn cut<V: Verb>(
        permit: &Permit<V>,
        around: &Around<'_, V>,
        (id, text): (i64, &str),
    ) -> (Self, usize) {
        let (query, left_out) = match ListQuery::parse(text) {
            Ok(mut query) => {
                let left_out = query.without_unreadable(permit, around);
                (query, left_out)
            }
            // Nothing of it is understood any more.
            Err(_) => (ListQuery::default(), 1),
        };
        let pairs = query.own_pairs().into();
        (Self { id, pairs }, left_out)
    }

    fn values<'p>(pairs: &'p [(String, String)], name: &str) -> Vec<&'p str> {
        let of_name = pairs.iter().filter(|(known, _)| known == name);
        of_name.map(|(_, value)| value.as_str()).collect()
    }

    /// What stands in an address for these parameters: the view, what differs from it, and what it
    /// has and they have not, without a value.
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
    /// The number of the view that a query string names, if it names one.
    pub fn view_in(text: &str) -> Option<i64> {
        let mut pairs = url::form_urlencoded::parse(text.as_bytes());
        let (_, value) = pairs.find(|(name, _)| name == "view")?;
        value.parse().ok()
    }

    /// The view that it was opened with.
    pub fn saved(&self) -> Option<&Saved> {
        match &self.view {
            Some(Opened::Saved(saved)) => Some(saved),
            Some(Opened::All) | None => None,
        }
    }

    /// Whether it is as the view has it, or the plain list without one.
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

    /// Whether it asks for nothing at all: then a list begins with what its reader chose.
    pub fn is_bare(&self) -> bool {
        let asked = Self {
            done: None,
            ..self.clone()
        };
        asked == Self::default()
    }

    /// The same rows and columns without the name of a view: everything is said.
    pub fn in_full(&self) -> Self {
        Self {
            view: None,
            ..self.clone()
        }
    }

    /// What a list is opened with that shows everything.
    pub fn all(&self) -> Option<Opened> {
        self.view.as_ref().map(|_| Opened::All)
    }

    /// Takes out what its reader may not see and what is not there; tells how many parts that were.
    pub fn without_unreadable<V: Verb>(
        &mut self,
        permit: &Permit<V>,
        around: &Around<'_, V>,
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

    /// Whether its conditions are on columns that rows may be chosen by.
    fn is_usable<V: Verb>(&self, permit: &Permit<V>, around: &Around<'_, V>) -> bool {
        let Ok(query) = self.resolve(permit, around) else {
            return false;
        };
        let mut columns = query.filter.columns().into_iter();
        columns.all(|column| permit.tests(column) != Cover::Nowhere)
    }
}

/// The columns of a text that its reader may see, as an address has them, and how many are left
/// out; `sorts` for an order.
pub fn readable<V: Verb>(
    permit: &Permit<V>,
    around: &Around<'_, V>,
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
