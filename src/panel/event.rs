//! Entries of the audit log on pages, reduced to what the reader may see.

use super::cell::{Cell, Moment};
use crate::access::{Action as Verb, BREAK_GLASS};
use crate::catalog::{Resource, Value};
use crate::data::history::RowEvent;
use crate::data::write::undo;
use crate::entry::Entered;
use crate::store::audit::{Action, Entry};
use crate::texts::text;
use serde::Serialize;

/// A change of a row.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    moment: Moment,
    who: String,
    action: String,
    /// The style of its badge.
    tone: &'static str,
    /// A note for the reader, besides the values.
    note: Option<String>,
    changes: Vec<Change>,
    /// Whether it was made in a break-glass session. Decided by the issuer, as a provider may send
    /// any name.
    emergency: bool,
    request_id: String,
    roles: String,
    /// The address to undo it, if the reader may.
    undo_href: Option<String>,
    #[serde(skip)]
    id: i64,
    /// The verb that undoes it.
    #[serde(skip)]
    back: Option<Verb>,
}

#[derive(Debug, Clone, Serialize)]
struct Change {
    label: String,
    old: Option<Cell>,
    new: Option<Cell>,
}

/// An action of the log, in words.
pub fn in_words(action: &str) -> String {
    let Some(action) = Action::named(action) else {
        return text!("event-done");
    };
    match action {
        Action::Create => text!("event-created"),
        Action::Update => text!("event-changed"),
        Action::Delete => text!("event-deleted"),
        Action::Bulk => text!("event-bulk"),
        Action::Export => text!("event-exported"),
        Action::ExportBegin => text!("event-export-begin"),
        Action::Denied => text!("event-denied"),
        Action::SignIn => text!("event-signed-in"),
        Action::Confirm => text!("event-confirmed"),
        Action::SignInRefused => text!("event-not-signed-in"),
        Action::SignOut => text!("event-signed-out"),
        Action::BreakGlass => text!("event-emergency"),
        Action::EndSession => text!("event-ended-session"),
        Action::Look => text!("event-looked"),
        Action::LookEnd => text!("event-ended-look"),
        Action::RoleCreate => text!("event-role-created"),
        Action::RoleChange => text!("event-role-changed"),
        Action::RoleDelete => text!("event-role-deleted"),
        Action::Recheck => text!("event-recheck"),
        Action::Lapse => text!("event-lapse"),
        Action::ViewCreate => text!("event-view-created"),
        Action::ViewChange => text!("event-view-changed"),
        Action::ViewDelete => text!("event-view-deleted"),
        Action::ListSetUp => text!("event-list-set-up"),
        Action::Prune => text!("event-prune"),
    }
}

/// The style of an action's badge.
pub fn tone(action: &str) -> &'static str {
    match Action::named(action) {
        Some(Action::Create) => "created",
        Some(Action::Delete) => "deleted",
        _ => "",
    }
}

/// The verb that undoes an action.
pub fn verb_back(action: &str) -> Option<Verb> {
    match Action::named(action)? {
        Action::Create => Some(Verb::Delete),
        Action::Update => Some(Verb::Edit),
        Action::Delete => Some(Verb::Create),
        _ => None,
    }
}

impl Event {
    /// Who did it.
    pub fn who(&self) -> &str {
        &self.who
    }

    /// When.
    pub fn moment(&self) -> &Moment {
        &self.moment
    }

    /// Adds the address to undo it, if the reader may.
    pub fn with_undo(mut self, entered: &Entered, resource: &Resource) -> Self {
        let back = self.back.filter(|verb| entered.may(&resource.name, *verb));
        let mount = entered.site().urls.mount();
        self.undo_href = back.map(|_| format!("{mount}/changes/{}/undo", self.id));
        self
    }

    /// Marks a row that became visible or invisible to the reader.
    pub fn going(mut self, way: RowEvent) -> Self {
        self.note = match way {
            RowEvent::Stayed => None,
            RowEvent::Came => Some(text!("event-came")),
            RowEvent::Left => Some(text!("event-left")),
        };
        self
    }

    /// An entry about a row; `sees` tells which columns are visible in that row.
    pub fn new(resource: &Resource, entry: &Entry, sees: &dyn Fn(usize) -> bool) -> Self {
        let came_with_another = undo::came_with_another(entry);
        Self {
            id: entry.id,
            undo_href: None,
            back: verb_back(&entry.action).filter(|_| !came_with_another),
            moment: Moment::utc(entry.at),
            who: entry.actor_name.clone(),
            action: in_words(&entry.action),
            tone: tone(&entry.action),
            note: None,
            changes: changes(resource, entry, sees),
            emergency: entry.actor_issuer == BREAK_GLASS,
            request_id: entry.request_id.clone(),
            roles: entry.roles.replace(',', ", "),
        }
    }
}

fn changes(resource: &Resource, entry: &Entry, sees: &dyn Fn(usize) -> bool) -> Vec<Change> {
    let text = entry.changes.as_deref().unwrap_or("{}");
    let Ok(serde_json::Value::Object(all)) = serde_json::from_str(text) else {
        return Vec::new();
    };
    let changes = resource
        .fields
        .iter()
        .enumerate()
        .filter_map(|(column, field)| {
            let change = all.get(&field.name).filter(|_| sees(column))?;
            let cell = |index: usize| {
                let value = read(change.get(index)?);
                match &value {
                    Value::Null => None,
                    value => Some(Cell::in_list(field, value)),
                }
            };
            Some(Change {
                label: field.label.clone(),
                old: cell(0),
                new: cell(1),
            })
        });
    changes.collect()
}

/// A value from the log, as far as it can be restored.
pub(super) fn read(value: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match value {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Int(number),
            None => Value::Float(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Value::Text(text.clone()),
        Json::Object(object) => match object.get("bytes").and_then(Json::as_u64) {
            Some(size) => Value::Size(size),
            None => Value::Text(value.to_string()),
        },
        Json::Array(_) => Value::Text(value.to_string()),
    }
}
