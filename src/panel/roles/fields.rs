//! The form of a role: what was typed, and the errors in it.
//!
//! Fields of grant N are named `grant.N.…`, counted from 0; `grant.N.is` marks that it exists.

mod controls;

pub(super) use controls::{Choice, Control, RoleForm, text};

use crate::access::kept::{Fault, InvalidPart};
use crate::config::{GrantConfig, Manage, RoleConfig};
use crate::entry::Submission;
use crate::texts::text;
use crate::web::Failure;
use serde::Serialize;

/// The maximum number of grants in a role.
const MAX_GRANTS: usize = 50;
/// The maximum length of a name.
const MAX_NAME: usize = 40;
/// The maximum length of a label.
const MAX_LABEL: usize = 80;
/// The maximum length of a list of columns or conditions, in bytes.
const MAX_TEXT: usize = 4_000;

/// What was typed into the form of a role.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Typed {
    pub(super) name: String,
    label: String,
    manage: Vec<String>,
    grants: Vec<TypedGrant>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct TypedGrant {
    is_everywhere: bool,
    on: Vec<String>,
    may: Vec<String>,
    hide: String,
    read_only: String,
    rows: String,
}

/// An error of a field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct FieldFault {
    /// The field's id.
    pub(super) id: String,
    /// The field's label.
    pub(super) label: String,
    /// The message.
    pub(super) message: String,
}

impl Typed {
    /// The form of an existing role.
    pub(super) fn of(name: &str, role: &RoleConfig) -> Self {
        let grants = role.grants.iter().map(|grant| TypedGrant {
            is_everywhere: grant.on.iter().any(|name| name == "*"),
            on: grant
                .on
                .iter()
                .filter(|name| *name != "*")
                .cloned()
                .collect(),
            may: grant.may.clone(),
            hide: grant.hide.join(", "),
            read_only: grant.read_only.join(", "),
            rows: grant.rows.join("\n"),
        });
        Self {
            name: name.to_owned(),
            label: role.label.clone().unwrap_or_default(),
            manage: role.manage.iter().map(|what| what.name().into()).collect(),
            grants: grants.collect(),
        }
    }

    /// The form of a new role.
    pub(super) fn empty() -> Self {
        Self {
            grants: vec![TypedGrant::default()],
            ..Self::default()
        }
    }

    /// Reads a submitted form.
    ///
    /// # Errors
    /// When there are too many grants.
    pub(super) fn read(submission: &Submission) -> Result<Self, Failure> {
        let one = |name: &str| submission.get(name).unwrap_or_default().to_owned();
        let mut typed = Self {
            name: one("name").trim().to_owned(),
            label: one("label").trim().to_owned(),
            manage: every(submission, "manage"),
            grants: Vec::new(),
        };
        while submission
            .get(&format!("grant.{}.is", typed.grants.len()))
            .is_some()
        {
            if typed.grants.len() == MAX_GRANTS {
                return Err(Failure::TooLarge);
            }
            let prefix = format!("grant.{}", typed.grants.len());
            typed.grants.push(TypedGrant {
                is_everywhere: one(&format!("{prefix}.every")) == "yes",
                on: every(submission, &format!("{prefix}.on")),
                may: every(submission, &format!("{prefix}.may")),
                hide: one(&format!("{prefix}.hide")),
                read_only: one(&format!("{prefix}.read_only")),
                rows: one(&format!("{prefix}.rows")).replace("\r\n", "\n"),
            });
        }
        Ok(typed)
    }

    /// Adds or removes a grant, if that button was pressed.
    pub(super) fn rearrange(&mut self, button: &str) -> bool {
        if button == "add" {
            if self.grants.len() < MAX_GRANTS {
                self.grants.push(TypedGrant::default());
            }
            return true;
        }
        let index = button.strip_prefix("remove.");
        let Some(index) = index.and_then(|index| index.parse().ok()) else {
            return false;
        };
        if self.grants.get::<usize>(index).is_some() {
            self.grants.remove(index);
        }
        true
    }

    /// The fields as hidden ones, for the confirmation page.
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        let mut fields = vec![
            ("name".to_owned(), self.name.clone()),
            ("label".to_owned(), self.label.clone()),
        ];
        let list = |name: String, values: &[String]| -> Vec<(String, String)> {
            let values = values.iter();
            values.map(|value| (name.clone(), value.clone())).collect()
        };
        fields.extend(list("manage".into(), &self.manage));
        for (index, grant) in self.grants.iter().enumerate() {
            let named = |end: &str| format!("grant.{index}.{end}");
            fields.push((named("is"), "yes".into()));
            if grant.is_everywhere {
                fields.push((named("every"), "yes".into()));
            }
            fields.extend(list(named("on"), &grant.on));
            fields.extend(list(named("may"), &grant.may));
            fields.push((named("hide"), grant.hide.clone()));
            fields.push((named("read_only"), grant.read_only.clone()));
            fields.push((named("rows"), grant.rows.clone()));
        }
        fields
    }

    /// The errors that can be found without trying the role.
    pub(super) fn check(&self, is_new: bool) -> Vec<FieldFault> {
        let mut wrong = Vec::new();
        let mut say = |id: &str, label: String, message: String| {
            wrong.push(FieldFault {
                id: id.into(),
                label,
                message,
            });
        };
        if is_new && !is_name(&self.name) {
            say(
                "field-name",
                text!("role-field-name"),
                text!("role-name-shape"),
            );
        }
        if self.name == "new" {
            say(
                "field-name",
                text!("role-field-name"),
                text!("role-name-taken"),
            );
        }
        let is_strange = |c: char| c.is_control();
        if self.label.chars().count() > MAX_LABEL || self.label.contains(is_strange) {
            say(
                "field-label",
                text!("role-field-label"),
                text!("role-label-shape"),
            );
        }
        if self.manage.iter().any(|name| Manage::named(name).is_none()) {
            say(
                "field-manage",
                text!("role-field-manage"),
                text!("role-manage-unknown"),
            );
        }
        for (index, grant) in self.grants.iter().enumerate() {
            let long = [&grant.hide, &grant.read_only, &grant.rows];
            if long.iter().any(|text| text.len() > MAX_TEXT) {
                let label = text!("grant-number", count = index + 1);
                say(
                    &format!("grant-{index}-rows"),
                    label,
                    text!("grant-too-long"),
                );
            }
        }
        wrong
    }

    /// The typed role, replacing the previous one.
    pub(super) fn role(&self, before: Option<&RoleConfig>) -> RoleConfig {
        let before = before.cloned().unwrap_or_default();
        let grants = self.grants.iter().enumerate().map(|(index, typed)| {
            let before = before.grants.get(index).cloned().unwrap_or_default();
            typed.grant(before)
        });
        RoleConfig {
            label: Some(self.label.clone()).filter(|label| !label.is_empty()),
            grants: grants.collect(),
            manage: self
                .manage
                .iter()
                .filter_map(|name| Manage::named(name))
                .collect(),
            ..before
        }
    }
}

impl TypedGrant {
    fn grant(&self, mut before: GrantConfig) -> GrantConfig {
        let words = |text: &str| -> Vec<String> {
            let words = text.split([',', '\n', ' ', '\t']).map(str::trim);
            words
                .filter(|word| !word.is_empty())
                .map(String::from)
                .collect()
        };
        before.on = if self.is_everywhere {
            vec!["*".into()]
        } else {
            self.on.clone()
        };
        before.may = self.may.clone();
        before.hide = words(&self.hide);
        before.read_only = words(&self.read_only);
        let lines = self.rows.lines().map(str::trim);
        before.rows = lines
            .filter(|line| !line.is_empty())
            .map(String::from)
            .collect();
        before
    }
}

/// Faults of the role, assigned to fields.
pub(super) fn wrong_of(faults: &[Fault]) -> Vec<FieldFault> {
    let wrong = faults.iter().filter_map(|fault| match &fault.part {
        InvalidPart::Grant(number, setting) => Some(FieldFault {
            id: format!("grant-{}-{setting}", number.saturating_sub(1)),
            label: text!("grant-number", count = *number),
            message: fault.reason.clone(),
        }),
        InvalidPart::Role | InvalidPart::Rule(_) => None,
    });
    wrong.collect()
}

/// Every value with that name, without duplicates.
fn every(submission: &Submission, name: &str) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for (known, value) in submission.fields() {
        if known == name && !value.is_empty() && !values.contains(value) {
            values.push(value.clone());
        }
    }
    values
}

fn is_name(name: &str) -> bool {
    let is_usual = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    name.len() <= MAX_NAME
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(is_usual)
}
