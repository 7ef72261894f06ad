//! Shared parts of the access page's views: navigation, and grouped resources.

use super::query::Query;
use crate::access::Policy;
use crate::catalog::Resource;
use crate::entry::Entered;
use crate::panel::frame::PANEL;
use crate::texts::text;
use serde::Serialize;
use std::sync::Arc;

/// The number of resources on a page.
pub(super) const RESOURCES: usize = 100;

#[derive(Debug, Serialize)]
pub(super) struct Tab {
    label: String,
    href: String,
    current: bool,
}

/// Links between pages.
#[derive(Debug, Serialize)]
pub(super) struct Pager {
    label: String,
    range: String,
    prev_label: String,
    next_label: String,
    prev_href: Option<String>,
    next_href: Option<String>,
}

impl Pager {
    /// The address of the next page.
    pub fn next(&self) -> Option<&str> {
        self.next_href.as_deref()
    }
}

/// A page number, counted from 1, and the number of items.
pub(super) struct Part {
    pub start: usize,
    pub end: usize,
    of: usize,
    page: usize,
}

pub(super) fn base(entered: &Entered) -> String {
    format!("{}/access", entered.site().urls.mount())
}

/// The tabs of the access page, one of which is open.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum AccessTab {
    Roles,
    People,
    Groups,
}

pub(super) fn tabs(entered: &Entered, current: AccessTab) -> Vec<Tab> {
    let base = base(entered);
    let tab = |way, label, query: &str| Tab {
        label,
        href: format!("{base}{query}"),
        current: way == current,
    };
    vec![
        tab(AccessTab::Roles, text!("roles"), ""),
        tab(AccessTab::People, text!("people"), "?show=people"),
        tab(AccessTab::Groups, text!("groups"), "?show=groups"),
    ]
}

impl Part {
    pub fn of(total: usize, page: usize, size: usize) -> Self {
        let start = page.saturating_sub(1).saturating_mul(size).min(total);
        Self {
            start,
            end: start.saturating_add(size).min(total),
            of: total,
            page,
        }
    }

    /// No links if everything fits on one page.
    pub fn pager(
        &self,
        entered: &Entered,
        query: &Query,
        (label, parameter): (String, &str),
    ) -> Option<Pager> {
        if self.start == 0 && self.end == self.of {
            return None;
        }
        let text = query.text();
        let href = |page: usize| query.with(&base(entered), &text, parameter, &page.to_string());
        Some(Pager {
            range: if self.end > self.start {
                text!(
                    "pager-range",
                    what = label,
                    first_count = self.start + 1,
                    last_count = self.end,
                    count = self.of
                )
            } else {
                text!("pager-all", what = label, count = self.of)
            },
            label,
            prev_label: text!("previous"),
            next_label: text!("next"),
            prev_href: (self.page > 1).then(|| href(self.page - 1)),
            next_href: (self.end < self.of).then(|| href(self.page + 1)),
        })
    }
}

/// Every resource whose name or label contains these words, in the order of the menu.
pub(super) fn resources(policy: &Policy, find: &str) -> Vec<Arc<Resource>> {
    let find = find.to_lowercase();
    let is_found = |resource: &&Arc<Resource>| {
        [&resource.name, &resource.label]
            .iter()
            .any(|text| text.to_lowercase().contains(&find))
    };
    let mut found: Vec<Arc<Resource>> = policy.catalog().iter().filter(is_found).cloned().collect();
    found.sort_by_cached_key(|resource| {
        let group = resource.group.clone();
        (group == PANEL, group, resource.label.clone())
    });
    found
}
