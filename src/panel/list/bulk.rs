//! Bulk operations on a list.

use crate::access::Action;
use crate::catalog::Resource;
use crate::entry::Entered;
use crate::entry::query::ListQuery;
use crate::texts::text;
use serde::Serialize;

/// The operations on selected rows, or on all matching ones.
#[derive(Serialize)]
pub(super) struct Bulk {
    action: String,
    /// The query of the list without its position: the rows that "all matching" means.
    matching: String,
    /// "all 8,200 matching".
    all_text: String,
    may_edit: bool,
    may_delete: bool,
    may_export: bool,
    /// The file formats for exporting selected rows.
    formats: Vec<Format>,
    /// The configured actions that the person may run.
    actions: Vec<ActionButton>,
    /// The hint on a button that requires step-up first.
    edit_hint: Option<String>,
    delete_hint: Option<String>,
}

/// A file format.
#[derive(Serialize)]
pub(super) struct Format {
    pub(super) name: &'static str,
    pub(super) label: String,
}

/// The export formats of a list.
pub(super) fn formats() -> [Format; 4] {
    [
        ("csv", "CSV".to_owned()),
        ("xlsx", "Excel".to_owned()),
        ("json", "JSON".to_owned()),
        ("jsonl", text!("json-lines")),
    ]
    .map(|(name, label)| Format { name, label })
}

/// A button of a configured action.
#[derive(Serialize)]
struct ActionButton {
    name: String,
    label: String,
}

impl Bulk {
    /// The operations that the person may do; `None` if there are none, or rows without a key
    /// cannot be selected.
    pub(super) fn of(
        entered: &Entered,
        resource: &Resource,
        query: &ListQuery,
        action: &str,
        count: &str,
    ) -> Option<Self> {
        let may = |deed| !resource.key.is_empty() && entered.may(&resource.name, deed);
        let (may_edit, may_delete) = (may(Action::Edit), may(Action::Delete));
        let keyed = (!resource.key.is_empty()).then(|| entered.actions(resource));
        let acts = keyed.unwrap_or_default().into_iter();
        let actions: Vec<ActionButton> = acts
            .map(|action| ActionButton {
                name: action.name.clone(),
                label: action.label.clone(),
            })
            .collect();
        let is_one = resource.key.len() == 1 && !resource.is_audit();
        let may_export = may(Action::Export) && is_one;
        let whole = ListQuery {
            columns: String::new(),
            is_uncounted: false,
            size: None,
            position: None,
            ..query.in_full()
        };
        (may_edit || may_delete || may_export || !actions.is_empty()).then(|| Self {
            action: format!("{action}/bulk"),
            matching: whole.url("", &[]).trim_start_matches('?').to_owned(),
            all_text: if count.is_empty() {
                text!("list-all-that-match")
            } else {
                text!("list-all-matching", rows = count)
            },
            may_edit,
            may_delete,
            may_export,
            formats: formats().into(),
            actions,
            edit_hint: entered.hint(&resource.name, Action::Edit),
            delete_hint: entered.hint(&resource.name, Action::Delete),
        })
    }
}
