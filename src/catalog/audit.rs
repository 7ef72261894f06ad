//! The audit log as a resource: read-only, and granted like any other.

use super::{
    AUDIT, Display, DisplayPart, Field, Generated, Kind, Locked, Resource, Sort, TableName, naming,
};
use crate::texts::text;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Someone signed in.
    SignIn,
    /// Someone signed out.
    SignOut,
    /// A session was ended from elsewhere: by its person, somebody who may, or its provider.
    EndSession,
    /// Someone who is signed in proved again who they are.
    Confirm,
    /// A re-check found that someone has other roles.
    Recheck,
    /// A session was ended because its person could not be re-checked.
    Lapse,
    /// Someone asked for what they may not have.
    Denied,
    /// A row was created.
    Create,
    /// A row was changed.
    Update,
    /// A row was deleted.
    Delete,
    /// Many rows are changed or deleted at once; each has an event of its own.
    Bulk,
    /// An export is about to begin.
    ExportBegin,
    /// Rows were exported, all that were asked for or not.
    Export,
    /// Someone began to look at the panel as somebody else would see it.
    Look,
    /// They ended that.
    LookEnd,
    /// A role was made.
    RoleCreate,
    /// A role was changed, or the groups that have it.
    RoleChange,
    /// A role was deleted.
    RoleDelete,
    /// A sign-in came to nothing.
    SignInRefused,
    /// A link for when the provider is gone was made, used or refused.
    BreakGlass,
    /// A view of a list was saved.
    ViewCreate,
    /// A saved view was changed.
    ViewChange,
    /// A saved view was deleted.
    ViewDelete,
    /// Someone chose what a list shows them, or begins with.
    ListSetUp,
    /// Entries that were too old were removed from the log.
    Prune,
}

impl Action {
    /// Every action, in the order in which they are offered.
    pub const ALL: [Self; 25] = [
        Self::SignIn,
        Self::SignInRefused,
        Self::SignOut,
        Self::Confirm,
        Self::EndSession,
        Self::Recheck,
        Self::Lapse,
        Self::Denied,
        Self::BreakGlass,
        Self::Create,
        Self::Update,
        Self::Delete,
        Self::Bulk,
        Self::ExportBegin,
        Self::Export,
        Self::Look,
        Self::LookEnd,
        Self::RoleCreate,
        Self::RoleChange,
        Self::RoleDelete,
        Self::ViewCreate,
        Self::ViewChange,
        Self::ViewDelete,
        Self::ListSetUp,
        Self::Prune,
    ];

    /// What people do with rows.
    pub const OF_ROWS: [Self; 4] = [Self::Create, Self::Update, Self::Delete, Self::Export];

    /// The action of that name in the log.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }

    /// The action's name in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::SignOut => "sign-out",
            Self::EndSession => "end-session",
            Self::Confirm => "confirm",
            Self::Recheck => "recheck",
            Self::Lapse => "lapse",
            Self::Denied => "denied",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Bulk => "bulk",
            Self::Export => "export",
            Self::ExportBegin => "export-begin",
            Self::Look => "look",
            Self::LookEnd => "look-end",
            Self::RoleCreate => "role-create",
            Self::RoleChange => "role-change",
            Self::RoleDelete => "role-delete",
            Self::SignInRefused => "sign-in-refused",
            Self::BreakGlass => "break-glass",
            Self::ViewCreate => "view-create",
            Self::ViewChange => "view-change",
            Self::ViewDelete => "view-delete",
            Self::ListSetUp => "list-set-up",
            Self::Prune => "prune",
        }
    }
}

/// The key in details under which an update keeps the values that stayed, so that rights can be
/// tested on the row as it was.
pub const ROW: &str = "row";

/// The resource that shows the panel's own table of audit entries.
pub fn resource() -> Resource {
    let fields = fields();
    let at = |names: &[&str]| -> Vec<usize> {
        let index = |name: &&str| fields.iter().position(|field| field.name == *name);
        names.iter().filter_map(index).collect()
    };
    let key = at(&["id"]);
    let parts = |name: &str| at(&[name]).into_iter().map(DisplayPart::Column);
    let display = parts("actor_name")
        .chain([DisplayPart::Text(": ".into())])
        .chain(parts("action"))
        .chain([DisplayPart::Text(" ".into())])
        .chain(parts("row_label"))
        .collect();
    Resource {
        name: AUDIT.into(),
        table: TableName {
            schema: None,
            name: "bailiwick_audit".into(),
        },
        writable: false,
        locked: Locked::default(),
        label: text!("audit-log"),
        label_one: text!("audit-entry"),
        group: text!("audit-menu"),
        help: text!("audit-log-help"),
        list: at(&[
            "at",
            "actor_name",
            "action",
            "resource",
            "row_label",
            "details",
        ]),
        search_paths: Vec::new(),
        search: at(&["actor_name", "row_label", "row_key"]),
        sort: key
            .iter()
            .map(|column| Sort {
                column: *column,
                descending: true,
            })
            .collect(),
        display: Display(display),
        key,
        unique: Vec::new(),
        relations: Vec::new(),
        children: Vec::new(),
        estimate: None,
        actions: Vec::new(),
        tabs: Vec::new(),
        form: Vec::new(),
        fields,
    }
}

fn fields() -> Vec<Field> {
    let mut id = field("id", "", Kind::Int, "bigint", "");
    id.generated = Generated::ByDefault;
    let mut action = field(
        "action",
        &text!("audit-column-action"),
        Kind::Choice,
        "text",
        "",
    );
    action.choices = Action::ALL.map(|action| action.name().to_owned()).into();
    vec![
        id,
        // Kept as naive UTC, so that every database stores it alike; shown as a moment.
        field(
            "at",
            &text!("audit-column-when"),
            Kind::Instant,
            "timestamp",
            "",
        ),
        field(
            "actor_issuer",
            &text!("audit-column-issuer"),
            Kind::Text,
            "text",
            &text!("audit-column-issuer-help"),
        ),
        field(
            "actor_subject",
            &text!("audit-column-subject"),
            Kind::Text,
            "text",
            &text!("audit-column-subject-help"),
        ),
        field(
            "actor_name",
            &text!("audit-column-who"),
            Kind::Text,
            "text",
            "",
        ),
        field(
            "roles",
            &text!("audit-column-roles"),
            Kind::Text,
            "text",
            &text!("audit-column-roles-help"),
        ),
        action,
        nullable(field(
            "resource",
            &text!("audit-column-resource"),
            Kind::Text,
            "text",
            "",
        )),
        nullable(field(
            "row_key",
            &text!("audit-column-row-key"),
            Kind::Text,
            "text",
            "",
        )),
        nullable(field(
            "row_label",
            &text!("audit-column-row"),
            Kind::Text,
            "text",
            "",
        )),
        field(
            "request_id",
            &text!("audit-column-request"),
            Kind::Text,
            "text",
            &text!("audit-column-request-help"),
        ),
        nullable(field(
            "address",
            &text!("audit-column-address"),
            Kind::Text,
            "text",
            &text!("audit-column-address-help"),
        )),
        nullable(field(
            "details",
            &text!("audit-column-details"),
            Kind::Json,
            "text",
            &text!("audit-column-details-help"),
        )),
        nullable(field(
            "changes",
            &text!("audit-column-changes"),
            Kind::Json,
            "text",
            &text!("audit-column-changes-help"),
        )),
    ]
}

fn field(name: &str, label: &str, kind: Kind, sql_type: &str, help: &str) -> Field {
    Field {
        name: name.into(),
        label: match label {
            "" => naming::label(name),
            label => label.into(),
        },
        help: help.into(),
        kind,
        sql_type: sql_type.into(),
        nullable: false,
        default: None,
        generated: Generated::No,
        max_length: None,
        choices: Vec::new(),
        long: false,
    }
}

fn nullable(field: Field) -> Field {
    Field {
        nullable: true,
        ..field
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_named_column_is_there() {
        let audit = resource();
        assert!(audit.is_audit() && !audit.writable);
        assert_eq!(audit.list.len(), 6);
        assert_eq!(audit.search.len(), 3);
        assert_eq!(audit.display.columns().count(), 3);
        assert_eq!(
            audit.sort,
            [Sort {
                column: 0,
                descending: true
            }]
        );
        assert_eq!(audit.field("at").unwrap().kind, Kind::Instant);
        assert_eq!(audit.field("id").unwrap().label, "ID");
    }
}
