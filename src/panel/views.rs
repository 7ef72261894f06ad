//! Saved views of lists: opened, saved, shared, and what a list begins with.
//!
//! A view gives nobody a right. Whoever opens it reads the list by their own permit, and what of it
//! they may not see is left out ([`Shelf::open`]).

mod bar;
mod change;
mod page;
mod shelf;
pub mod tabs;

pub use bar::Bar;
pub use change::{change, create, set_columns, start};
pub use page::show;
pub use shelf::{Opening, Shelf, query};

use crate::texts::text;
use serde_json::{Map, Value as Json};

/// What the details of an entry in the audit log say.
pub(super) fn trail(details: &Map<String, Json>) -> Vec<String> {
    let text = |name: &str| details.get(name).and_then(Json::as_str);
    let role = text("role").map(|role| text!("audit-view-role", role = role));
    let name = text("name").map(|name| text!("audit-view", name = name));
    let begins = details.get("starts_with").map(|id| match id.as_i64() {
        None => text!("audit-list-usual"),
        Some(0) => text!("audit-list-all"),
        Some(id) => text!("audit-list-view", view = id.to_string()),
    });
    let columns = text("columns").map(|columns| match columns {
        "own" => text!("audit-list-columns"),
        _ => text!("audit-list-usual-columns"),
    });
    let parts = [name, begins, columns, role];
    parts.into_iter().flatten().collect()
}
