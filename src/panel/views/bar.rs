//! The bar of views above a list.

use super::Shelf;
use super::tabs;
use crate::access::{Permit, View};
use crate::config::Manage;
use crate::entry::query::ListQuery;
use crate::entry::{Entered, sizes};
use crate::store::views::{self, LONGEST_NAME};
use crate::texts::text;
use serde::Serialize;

/// The number of views side by side; the others are in a menu.
const BESIDE: usize = 6;

/// The bar.
#[derive(Debug, Serialize)]
pub struct Bar {
    tabs: Vec<Tab>,
    more: Vec<Tab>,
    /// A sentence about the parts of the view that are left out.
    left_out: Option<String>,
    save: Option<Save>,
    columns: Option<Columns>,
    /// The address from which a script gets missing tab counts.
    counts_href: Option<String>,
    /// The address of the page of all views, if there are any.
    views_href: Option<String>,
}

/// A view or tab to open.
#[derive(Debug, Serialize)]
struct Tab {
    label: String,
    href: String,
    current: bool,
    /// The number of its rows, in short form.
    count: Option<String>,
}

/// The forms that save the current list.
#[derive(Debug, Serialize)]
struct Save {
    action: String,
    query: String,
    /// The changed view, if it may be overwritten.
    over: Option<SaveOver>,
    /// The address of the view as it was saved.
    undo_href: Option<String>,
    roles: Vec<Role>,
    longest: usize,
    /// The label of the list, in the plural.
    label: String,
}

#[derive(Debug, Serialize)]
struct SaveOver {
    name: String,
    action: String,
    digest: String,
}

/// A role that a view can be shared with.
#[derive(Debug, Serialize)]
pub struct Role {
    /// Its name.
    pub name: String,
    label: String,
}

/// The form that saves the columns, or resets them.
#[derive(Debug, Serialize)]
struct Columns {
    action: String,
    /// The columns to save; none to reset them.
    kept: Option<String>,
    /// The current query of the list, to return to.
    back: String,
}

/// The roles that a person can share views with.
pub fn roles(entered: &Entered) -> Vec<Role> {
    let roles = entered.policy().roles(entered.person()).into_iter();
    let roles = roles.map(|role| Role {
        name: role.name.clone(),
        label: role.label.clone(),
    });
    roles.collect()
}

/// Whether a person may change a view: it is their own, or it is shared and they manage roles.
pub fn may_change(entered: &Entered, view: &views::View) -> bool {
    let person = entered.person();
    let manages = || entered.policy().manages(person, Manage::Roles);
    view.is_of(person) || (view.role.is_some() && manages())
}

impl Bar {
    /// The bar above a list; `None` if it would be empty.
    pub fn new(
        entered: &Entered,
        permit: &Permit<View>,
        shelf: &Shelf,
        query: &ListQuery,
        (left_out, configured): (usize, Vec<tabs::Tab>),
    ) -> Option<Self> {
        let resource = permit.resource();
        let list = entered.site().urls.list(&resource.name);
        let is_tab = configured.iter().any(|tab| query.shows_as(&tab.query));
        let mut save = Save::of(entered, shelf, query, (&list, &resource.label));
        // Otherwise the parts that are left out here would be lost.
        if left_out > 0
            && let Some(save) = &mut save
        {
            save.over = None;
        }
        let save = save.filter(|_| !is_tab);
        let columns = Columns::of(shelf, query, &list);
        let is_uncounted = configured.iter().any(|tab| tab.count.is_none());
        let views = shelf.views.iter().map(|view| Tab {
            label: view.name.clone(),
            href: format!("{list}?view={}", view.id),
            current: query.saved().is_some_and(|saved| saved.id == view.id),
            count: None,
        });
        let mut tabs: Vec<Tab> = configured
            .into_iter()
            .map(|tab| Tab {
                current: query.saved().is_none() && query.shows_as(&tab.query),
                href: tab.query.url(&list, &[]),
                label: tab.label,
                count: tab.count.map(sizes::short),
            })
            .chain(views)
            .collect();
        if tabs.is_empty() && save.is_none() && columns.is_none() {
            return None;
        }
        let has_start = shelf.start(entered).is_some();
        tabs.insert(
            0,
            Tab {
                label: text!("view-all"),
                href: if has_start {
                    format!("{list}?view=all")
                } else {
                    list.clone()
                },
                current: query.saved().is_none() && query.is_unchanged(),
                count: None,
            },
        );
        // The open view is always visible.
        if let Some(open) = tabs.iter().position(|tab| tab.current)
            && open > BESIDE
        {
            tabs.swap(open, BESIDE);
        }
        let more = tabs.split_off(tabs.len().min(BESIDE + 1));
        Some(Self {
            tabs,
            more,
            left_out: (left_out > 0).then(|| text!("view-left-out", count = left_out)),
            save,
            columns,
            counts_href: is_uncounted.then(|| format!("{list}/views")),
            views_href: (!shelf.views.is_empty()).then(|| format!("{list}/views")),
        })
    }
}

impl Save {
    fn of(
        entered: &Entered,
        shelf: &Shelf,
        query: &ListQuery,
        (list, label): (&str, &str),
    ) -> Option<Self> {
        if query.is_unchanged() {
            return None;
        }
        let open = query.saved().and_then(|saved| shelf.view(saved.id));
        let own = open.filter(|view| may_change(entered, view));
        Some(Self {
            action: format!("{list}/views"),
            query: written(query),
            over: own.map(|view| SaveOver {
                name: view.name.clone(),
                action: format!("{list}/views/{}", view.id),
                digest: view.digest(),
            }),
            undo_href: open.map(|view| format!("{list}?view={}", view.id)),
            roles: roles(entered),
            longest: LONGEST_NAME,
            label: label.to_owned(),
        })
    }
}

impl Columns {
    fn of(shelf: &Shelf, query: &ListQuery, list: &str) -> Option<Self> {
        let kept = shelf.own.columns.as_deref();
        let is_shown = query.columns.is_empty() || Some(query.columns.as_str()) == kept;
        let back = ListQuery {
            columns: String::new(),
            ..query.clone()
        };
        let form = |kept: Option<String>| Self {
            action: format!("{list}/views/columns"),
            kept,
            back: back.url("", &[]).trim_start_matches('?').to_owned(),
        };
        match (kept, query.saved()) {
            // The columns of a view are saved with the view.
            (_, Some(_)) => None,
            (Some(_), None) if is_shown => Some(form(None)),
            (None, None) if query.columns.is_empty() => None,
            (_, None) => Some(form(Some(query.columns.clone()))),
        }
    }
}

/// A query in the form stored in a view.
pub fn written(query: &ListQuery) -> String {
    let url = query.in_full().url("", &[]);
    url.trim_start_matches('?').to_owned()
}
