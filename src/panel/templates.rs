//! The templates of the panel's pages, embedded.

use crate::web::pages::Pages;

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../templates/", $name)))),*]
    };
}

/// The pages of the panel.
///
/// # Errors
/// When a template is invalid: a fault of the build.
pub fn pages() -> Result<Pages, tera::Error> {
    Pages::new(&embedded!(
        "access-parts.html",
        "access-role.html",
        "access-who.html",
        "access.html",
        "base.html",
        "break-glass.html",
        "bulk.html",
        "center.html",
        "change.html",
        "choose.html",
        "controls.html",
        "conflict.html",
        "delete.html",
        "denied.html",
        "detail.html",
        "error.html",
        "forbidden.html",
        "form.html",
        "history.html",
        "home.html",
        "import.html",
        "leave.html",
        "lines.html",
        "list.html",
        "me.html",
        "parts.html",
        "session-parts.html",
        "sessions.html",
        "role-confirm.html",
        "role-group.html",
        "role.html",
        "roles.html",
        "search.html",
        "signed-out.html",
        "step-up.html",
        "undo.html",
        "view-parts.html",
        "views.html",
    ))
}
