//! The configured tabs above a list, and the number of rows in each.

use crate::access::{Permit, View};
use crate::data::{Count, PageQuery, count};
use crate::entry::Entered;
use crate::entry::query::{ListQuery, QueryContext};
use crate::store::AnyConnection;
use std::time::Duration;

/// The time limits for counting all tabs, with the page and when requested by a script.
const WITH_THE_PAGE: Duration = Duration::from_millis(50);
const ASKED_FOR: Duration = Duration::from_millis(500);

/// A tab that its reader may see.
#[derive(Debug, Clone)]
pub struct Tab {
    /// Its label.
    pub label: String,
    /// The query of its list.
    pub query: ListQuery,
    /// The number of its rows, if counting was fast.
    pub count: Option<Count>,
}

/// Counts tabs on a blocking thread.
#[derive(Debug, Clone, Default)]
pub struct Counting {
    queries: Vec<PageQuery>,
    budget: Duration,
}

/// The tabs of a list. A tab that uses something invisible to its reader is left out.
pub fn of(permit: &Permit<View>, around: &QueryContext<'_, View>) -> Vec<Tab> {
    let tabs = permit.resource().tabs.iter().filter_map(|tab| {
        let mut query = ListQuery::parse(&tab.query).ok()?;
        let left_out = query.without_unreadable(permit, around);
        (left_out == 0).then(|| Tab {
            label: tab.label.clone(),
            query,
            count: None,
        })
    });
    tabs.collect()
}

impl Counting {
    /// Counts with the page, if the table is small: then every count is fast.
    pub fn with_page(entered: &Entered, permit: &Permit<View>, tabs: &[Tab]) -> Self {
        let size = entered.site().sizes.get(&permit.resource().name);
        match size {
            Some(Count::Exact(_)) => Self::new(permit, &entered.around(), tabs, WITH_THE_PAGE),
            _ => Self::default(),
        }
    }

    /// Counts for a script's request.
    pub fn asked_for(entered: &Entered, permit: &Permit<View>, tabs: &[Tab]) -> Self {
        Self::new(permit, &entered.around(), tabs, ASKED_FOR)
    }

    fn new(
        permit: &Permit<View>,
        around: &QueryContext<'_, View>,
        tabs: &[Tab],
        budget: Duration,
    ) -> Self {
        let queries = tabs.iter();
        let queries = queries.map(|tab| tab.query.resolve(permit, around).ok());
        // All or none: counts are assigned to tabs in order.
        let queries: Option<Vec<PageQuery>> = queries.collect();
        Self {
            queries: queries.unwrap_or_default(),
            budget,
        }
    }

    /// The counts, in the order of the tabs.
    pub fn run(&self, conn: &mut AnyConnection, permit: &Permit<View>) -> Vec<Option<Count>> {
        count::of_several(conn, permit, &self.queries, self.budget)
    }
}

/// The tabs with their counts.
pub fn counted(tabs: Vec<Tab>, counts: Vec<Option<Count>>) -> Vec<Tab> {
    let counts = counts.into_iter().chain(std::iter::repeat(None));
    let tabs = tabs.into_iter().zip(counts);
    tabs.map(|(tab, count)| Tab { count, ..tab }).collect()
}
