//! The controls of a role's form.

use super::{FieldFault, MAX_LABEL, MAX_NAME, Typed, TypedGrant};
use crate::catalog::Catalog;
use crate::config::{Manage, VERBS};
use crate::texts::text;
use serde::Serialize;

/// A control, for the templates.
#[derive(Debug, Default, Serialize)]
pub(in crate::panel::roles) struct Control {
    pub(in crate::panel::roles) name: String,
    pub(in crate::panel::roles) id: String,
    pub(in crate::panel::roles) label: String,
    pub(in crate::panel::roles) hint: Option<String>,
    pub(in crate::panel::roles) help: Option<String>,
    pub(in crate::panel::roles) error: Option<String>,
    pub(in crate::panel::roles) control: &'static str,
    pub(in crate::panel::roles) value: String,
    pub(in crate::panel::roles) options: Vec<Choice>,
    pub(in crate::panel::roles) required: bool,
    pub(in crate::panel::roles) max_length: Option<usize>,
}

/// An option, or a check box.
#[derive(Debug, Serialize)]
pub(in crate::panel::roles) struct Choice {
    pub(in crate::panel::roles) value: String,
    pub(in crate::panel::roles) label: String,
    pub(in crate::panel::roles) selected: bool,
    pub(in crate::panel::roles) help: Option<String>,
}

/// The controls of a role.
#[derive(Serialize)]
pub(in crate::panel::roles) struct RoleForm {
    name: Option<Control>,
    label: Control,
    manage: Vec<Choice>,
    grants: Vec<GrantForm>,
}

#[derive(Serialize)]
struct GrantForm {
    index: usize,
    number: usize,
    everywhere: bool,
    on: Vec<Choice>,
    on_error: Option<String>,
    may: Vec<Choice>,
    may_error: Option<String>,
    hide: Control,
    read_only: Control,
    rows: Control,
}

impl Typed {
    /// The controls, with errors.
    pub(in crate::panel::roles) fn form(
        &self,
        catalog: &Catalog,
        is_new: bool,
        wrong: &[FieldFault],
    ) -> RoleForm {
        let grants = self.grants.iter().enumerate();
        RoleForm {
            name: is_new.then(|| Control {
                label: text!("role-field-name"),
                help: Some(text!("role-name-help")),
                required: true,
                max_length: Some(MAX_NAME),
                ..text("name", "field-name", &self.name, wrong)
            }),
            label: Control {
                label: text!("role-field-label"),
                hint: Some(text!("optional")),
                help: Some(text!("role-label-help")),
                max_length: Some(MAX_LABEL),
                ..text("label", "field-label", &self.label, wrong)
            },
            manage: Manage::ALL
                .into_iter()
                .map(|what| Choice {
                    value: what.name().into(),
                    label: match what {
                        Manage::Roles => text!("roles"),
                        Manage::Sessions => text!("sessions"),
                    },
                    selected: self.manage.iter().any(|name| name == what.name()),
                    help: Some(match what {
                        Manage::Roles => {
                            text!("role-manage-roles-help")
                        }
                        Manage::Sessions => text!("role-manage-sessions-help"),
                    }),
                })
                .collect(),
            grants: grants
                .map(|(index, grant)| grant.form(index, catalog, wrong))
                .collect(),
        }
    }
}

impl TypedGrant {
    fn form(&self, index: usize, catalog: &Catalog, wrong: &[FieldFault]) -> GrantForm {
        let id = |end: &str| format!("grant-{index}-{end}");
        let control =
            |end: &str, value: &str| text(&format!("grant.{index}.{end}"), &id(end), value, wrong);
        let known = catalog
            .iter()
            .map(|resource| (&resource.name, &resource.label));
        // A resource that no longer exists is still shown. Otherwise, it would be dropped
        // unnoticed.
        let gone = self.on.iter().filter(|name| catalog.get(name).is_none());
        let on = known.chain(gone.map(|name| (name, name)));
        let others = self.may.iter().map(String::as_str);
        let others = others.filter(|verb| !VERBS.contains(verb));
        GrantForm {
            index,
            number: index + 1,
            everywhere: self.is_everywhere,
            on: on
                .map(|(name, label)| Choice {
                    selected: self.on.contains(name),
                    value: name.clone(),
                    label: label.clone(),
                    help: None,
                })
                .collect(),
            on_error: error(&id("on"), wrong),
            may: VERBS
                .into_iter()
                .chain(others)
                .map(|verb| Choice {
                    value: verb.into(),
                    label: verb.into(),
                    selected: self.may.iter().any(|chosen| chosen == verb),
                    help: None,
                })
                .collect(),
            may_error: error(&id("may"), wrong),
            hide: Control {
                label: text!("grant-hide"),
                hint: Some(text!("grant-columns-hint")),
                ..control("hide", &self.hide)
            },
            read_only: Control {
                label: text!("grant-read-only"),
                hint: Some(text!("grant-columns-hint")),
                ..control("read_only", &self.read_only)
            },
            rows: Control {
                label: text!("rows-label"),
                hint: Some(text!("grant-rows-hint")),
                help: Some(text!("grant-rows-help")),
                control: "textarea",
                ..control("rows", &self.rows)
            },
        }
    }
}

/// A text field.
pub(in crate::panel::roles) fn text(
    name: &str,
    id: &str,
    value: &str,
    wrong: &[FieldFault],
) -> Control {
    Control {
        name: name.to_owned(),
        id: id.to_owned(),
        value: value.to_owned(),
        error: error(id, wrong),
        control: "text",
        ..Control::default()
    }
}

fn error(id: &str, wrong: &[FieldFault]) -> Option<String> {
    let messages = wrong.iter().filter(|wrong| wrong.id == id);
    let messages: Vec<&str> = messages.map(|wrong| wrong.message.as_str()).collect();
    (!messages.is_empty()).then(|| messages.join("; "))
}
