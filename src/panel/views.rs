//! Saved views of lists: opening, saving, sharing, and the view that a list starts with.
//!
//! A view gives nobody a right. Its reader uses their own permit, and anything they may not see is
//! left out ([`Shelf::open`]).

mod bar;
mod change;
mod page;
mod shelf;
pub mod tabs;

pub use bar::Bar;
pub use change::{change, create, set_columns, start};
pub use page::show;
pub use shelf::{Opening, Shelf, query};

use crate::store::audit::event::{ListSetUp, SavedView};
use crate::texts::text;

/// The details of an audit log entry about a view.
pub(super) fn of_view(view: &SavedView) -> Vec<String> {
    let name = text!("audit-view", name = view.name.as_str());
    std::iter::once(name).chain(of_role(&view.role)).collect()
}

/// The details of an audit log entry about a list's settings.
pub(super) fn of_list(set_up: &ListSetUp) -> Vec<String> {
    match set_up {
        ListSetUp::Columns { columns } if columns == ListSetUp::OWN => {
            vec![text!("audit-list-columns")]
        }
        ListSetUp::Columns { .. } => vec![text!("audit-list-usual-columns")],
        ListSetUp::Start { starts_with, role } => {
            let begins = match starts_with {
                None => text!("audit-list-usual"),
                Some(0) => text!("audit-list-all"),
                Some(id) => text!("audit-list-view", view = id.to_string()),
            };
            std::iter::once(begins).chain(of_role(role)).collect()
        }
    }
}

fn of_role(role: &Option<String>) -> Option<String> {
    let role = role.as_deref();
    role.map(|role| text!("audit-view-role", role = role))
}
