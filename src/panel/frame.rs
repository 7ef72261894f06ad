//! The frame of every page: menu, breadcrumbs, and the signed-in person.

use super::script;
use crate::config::Manage;
use crate::entry::access::Access;
use crate::entry::{Entered, Site, sizes};
use crate::session::Signed;
use crate::texts::text;
use crate::web::{RequestId, assets};
use actix_web::{HttpMessage, HttpRequest};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::sync::Arc;

/// The menu heading for pages about the panel itself.
pub(super) const PANEL: &str = "Panel";

/// The frame of a page.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Frame {
    /// The page's title.
    pub title: String,
    root: String,
    mount: String,
    css: String,
    js: String,
    icon: String,
    /// The texts for the script.
    words: &'static str,
    csrf: String,
    request_id: String,
    menu: Vec<MenuGroup>,
    home_current: bool,
    crumbs: Vec<Crumb>,
    person: Option<SignedInPerson>,
    notice: Option<Notice>,
    looking: Option<ViewedAs>,
    emergency: Option<Emergency>,
}

/// The notice on every page of a break-glass session.
#[derive(Debug, Clone, Serialize)]
struct Emergency {
    role: String,
    left: String,
    until: String,
    reason: String,
}

/// The role or person that the panel is viewed as.
#[derive(Debug, Clone, Serialize)]
struct ViewedAs {
    text: String,
    end_href: String,
}

/// The name of the access page in the menu, for [`Frame::panel`].
pub const ACCESS: &str = "access";

/// A menu heading with its items.
#[derive(Debug, Clone, Serialize)]
pub struct MenuGroup {
    /// The heading; empty for resources without a group.
    pub heading: String,
    /// The resources.
    pub items: Vec<MenuItem>,
}

/// A resource in the menu.
#[derive(Debug, Clone, Serialize)]
pub struct MenuItem {
    /// The resource's name, or the name of a page about the panel.
    #[serde(skip)]
    pub name: String,
    /// Whether it is a page about the panel: a resource may have the same name.
    #[serde(skip)]
    is_own: bool,
    /// Its label.
    pub label: String,
    /// The address of its list.
    pub href: String,
    /// The number of its rows, in short form.
    pub count: Option<String>,
    current: bool,
}

#[derive(Debug, Clone, Serialize)]
struct Crumb {
    label: String,
    href: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct SignedInPerson {
    name: String,
    initials: String,
    roles: String,
    email: Option<String>,
}

/// A line above the page.
#[derive(Debug, Clone, Serialize)]
pub struct Notice {
    tone: &'static str,
    text: String,
    /// The address to undo what was done.
    undo_href: Option<String>,
}

impl Frame {
    /// The frame of a page without the panel's menu.
    pub fn bare(request: &HttpRequest, site: &Site, title: &str) -> Self {
        let (root, mount) = (site.urls.root(), site.urls.mount());
        let access = request.extensions().get::<Access>().cloned();
        let signed = access.map(|access| Arc::clone(&access.caller().signed));
        Self {
            title: title.to_owned(),
            root: root.to_owned(),
            mount: mount.to_owned(),
            css: assets::path(mount, "panel.css"),
            js: assets::path(mount, "panel.js"),
            icon: assets::path(mount, "icon.svg"),
            words: script::words(),
            looking: signed
                .as_ref()
                .and_then(|signed| signed.look.as_ref())
                .map(|look| ViewedAs::of(look, site)),
            emergency: signed
                .as_ref()
                .and_then(|signed| Emergency::of(signed, site.clock.now())),
            csrf: signed.map(|signed| signed.csrf()).unwrap_or_default(),
            request_id: RequestId::of(request),
            ..Self::default()
        }
    }

    /// The frame of a page with the menu.
    pub fn of(request: &HttpRequest, entered: &Entered, title: &str) -> Self {
        Self::inside(request, entered, None, title)
    }

    /// The frame of a page about a resource.
    pub fn about(request: &HttpRequest, entered: &Entered, resource: &str, title: &str) -> Self {
        Self::inside(request, entered, Some(resource), title)
    }

    fn inside(
        request: &HttpRequest,
        entered: &Entered,
        current: Option<&str>,
        title: &str,
    ) -> Self {
        let site = entered.site();
        Self {
            menu: menu(entered, current),
            person: Some(SignedInPerson::of(entered)),
            notice: unsaved(request),
            ..Self::bare(request, site, title)
        }
    }

    /// The frame of a page about the panel itself, which has that name in the menu.
    pub fn panel(request: &HttpRequest, entered: &Entered, name: &str, title: &str) -> Self {
        let mut frame = Self::inside(request, entered, None, title);
        for item in frame.menu.iter_mut().flat_map(|group| &mut group.items) {
            item.current = item.is_own && item.name == name;
        }
        frame
    }

    /// Marks it as the home page.
    pub fn home(mut self) -> Self {
        self.home_current = true;
        self
    }

    /// Adds a breadcrumb.
    pub fn crumb(mut self, label: impl Into<String>, href: Option<String>) -> Self {
        self.crumbs.push(Crumb {
            label: label.into(),
            href,
        });
        self
    }

    /// Adds a notice about what was done.
    pub fn done(mut self, done: Option<&str>) -> Self {
        if let Some(notice) = done.and_then(Notice::of_bulk) {
            self.notice = Some(notice);
            return self;
        }
        let text = match done {
            Some("created") => text!("done-created"),
            Some("saved") => text!("done-saved"),
            Some("unchanged") => text!("done-unchanged"),
            Some("deleted") => text!("done-deleted"),
            Some("undone") => text!("done-undone"),
            Some("ended") => text!("done-ended"),
            Some("view-saved") => text!("done-view-saved"),
            Some("view-deleted") => text!("done-view-deleted"),
            Some("list-set-up") => text!("done-list-set-up"),
            Some("none-ended") => text!("done-none-ended"),
            Some("confirmed") => {
                text!("done-confirmed")
            }
            _ => return self,
        };
        self.notice = Some(Notice {
            tone: if matches!(done, Some("unchanged" | "none-ended")) {
                "info"
            } else {
                "good"
            },
            text,
            undo_href: None,
        });
        self
    }

    /// Adds a link to undo the change with that number.
    pub fn undo(mut self, change: Option<i64>) -> Self {
        let href = change.map(|id| format!("{}/changes/{id}/undo", self.mount));
        if let Some(notice) = &mut self.notice {
            notice.undo_href = href;
        }
        self
    }

    /// The resources in the menu, by heading.
    pub fn resources(&self) -> impl Iterator<Item = (&str, Vec<&MenuItem>)> {
        self.menu.iter().filter_map(|group| {
            let items: Vec<&MenuItem> = group.items.iter().filter(|item| !item.is_own).collect();
            (!items.is_empty()).then_some((group.heading.as_str(), items))
        })
    }
}

/// Whether the notice with that name is about a change that can be undone.
pub fn was_changed(done: Option<&str>) -> bool {
    done.is_some_and(|done| {
        matches!(done, "created" | "saved" | "deleted" | "undone") || done.starts_with("bulk-")
    })
}

/// A completed operation on many rows.
enum ManyRowsAction {
    Changed,
    Deleted,
    Imported,
}

impl Notice {
    /// Parses `bulk-edited.CHANGED.LEFT`; `bulk-deleted` and `bulk-imported` have the same form.
    fn of_bulk(done: &str) -> Option<Self> {
        let mut parts = done.split('.');
        let what = match parts.next()? {
            "bulk-edited" => ManyRowsAction::Changed,
            "bulk-deleted" => ManyRowsAction::Deleted,
            "bulk-imported" => ManyRowsAction::Imported,
            _ => return None,
        };
        let mut number = || parts.next()?.parse::<u64>().ok();
        let (changed, left) = (number()?, number()?);
        Some(Self {
            tone: if left == 0 { "good" } else { "info" },
            text: match (what, left) {
                (ManyRowsAction::Changed, 0) => text!("done-bulk-changed", count = changed),
                (ManyRowsAction::Deleted, 0) => text!("done-bulk-deleted", count = changed),
                (ManyRowsAction::Imported, 0) => text!("done-bulk-imported", count = changed),
                (ManyRowsAction::Changed, left) => {
                    text!("done-bulk-changed-some", count = changed, left_count = left)
                }
                (ManyRowsAction::Deleted, left) => {
                    text!("done-bulk-deleted-some", count = changed, left_count = left)
                }
                (ManyRowsAction::Imported, left) => {
                    text!(
                        "done-bulk-imported-some",
                        count = changed,
                        left_count = left
                    )
                }
            },
            undo_href: None,
        })
    }
}

impl ViewedAs {
    fn of(look: &crate::access::Look, site: &Site) -> Self {
        Self {
            text: text!("looking", seen = look.in_words()),
            end_href: format!("{}/look/end", site.urls.mount()),
        }
    }
}

/// A parameter in the address of a form that was sent after its session had ended.
pub(super) const UNSAVED: &str = "unsaved";

fn unsaved(request: &HttpRequest) -> Option<Notice> {
    let mut query = url::form_urlencoded::parse(request.query_string().as_bytes());
    query.any(|(name, _)| name == UNSAVED).then(|| Notice {
        tone: "bad",
        text: text!("unsaved"),
        undo_href: None,
    })
}

impl Emergency {
    fn of(signed: &Signed, now: DateTime<Utc>) -> Option<Self> {
        let reason = signed.person.break_glass_reason()?.to_owned();
        let ends_at = signed.ends_at?;
        // Rounded up, so that "0 minutes" is not shown too early.
        let seconds = ends_at.signed_duration_since(now).num_seconds().max(0);
        let left = text!("minutes-left", count = seconds.saturating_add(59) / 60);
        Some(Self {
            role: signed.person.as_role.clone().unwrap_or_default(),
            left,
            until: ends_at.format("%H:%M UTC").to_string(),
            reason,
        })
    }
}

impl SignedInPerson {
    fn of(entered: &Entered) -> Self {
        let person = entered.person();
        let roles = entered.policy().roles(person);
        let roles: Vec<&str> = roles.iter().map(|role| role.label.as_str()).collect();
        Self {
            name: person.name.clone(),
            initials: person.initials(),
            roles: roles.join(", "),
            email: person.email.clone(),
        }
    }
}

fn menu(entered: &Entered, current: Option<&str>) -> Vec<MenuGroup> {
    let site = entered.site();
    let mut groups: Vec<MenuGroup> = Vec::new();
    for resource in entered.policy().catalog().iter() {
        // People with row rules must not learn the total number of rows.
        let Some(all) = entered.policy().views(entered.person(), resource) else {
            continue;
        };
        let item = MenuItem {
            name: resource.name.clone(),
            is_own: false,
            label: resource.label.clone(),
            href: site.urls.list(&resource.name),
            count: site
                .sizes
                .get(&resource.name)
                // The log grows with each sign-in, so an older count would be wrong.
                .filter(|_| all && !resource.is_audit())
                .map(sizes::short),
            current: current == Some(resource.name.as_str()),
        };
        match groups
            .iter_mut()
            .find(|group| group.heading == resource.group)
        {
            Some(group) => group.items.push(item),
            None => groups.push(MenuGroup {
                heading: resource.group.clone(),
                items: vec![item],
            }),
        }
    }
    // Resources without a heading come first, the panel's own pages last.
    groups.sort_by_key(|group| (group.heading == PANEL, group.heading.clone()));
    for group in &mut groups {
        group
            .items
            .sort_by(|one, other| one.label.cmp(&other.label));
    }
    let own = of_the_panel(entered);
    match groups.iter_mut().find(|group| group.heading == PANEL) {
        Some(group) => group.items.extend(own),
        None if own.is_empty() => (),
        None => groups.push(MenuGroup {
            heading: PANEL.to_owned(),
            items: own,
        }),
    }
    groups
}

/// Parts of the panel itself that a person may manage.
fn of_the_panel(entered: &Entered) -> Vec<MenuItem> {
    let mount = entered.site().urls.mount();
    let item = |name: &str, label: String| MenuItem {
        name: name.to_owned(),
        is_own: true,
        label: label.to_owned(),
        href: format!("{mount}/{name}"),
        count: None,
        current: false,
    };
    let manages = |what| entered.policy().manages(entered.person(), what);
    let items = [
        manages(Manage::Roles).then(|| item("roles", text!("roles"))),
        manages(Manage::Roles).then(|| item(ACCESS, text!("access"))),
        manages(Manage::Sessions).then(|| item("sessions", text!("sessions"))),
    ];
    items.into_iter().flatten().collect()
}
