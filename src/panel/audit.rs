//! The audit log as people read it: resources by label, rows as links, details in words.
//!
//! Entries were already reduced to what the reader may see when they were read.

use super::cell::Cell;
use super::event;
use super::in_sentence;
use crate::access::{Action as Verb, BREAK_GLASS};
use crate::catalog::{Resource, Value};
use crate::data::Row;
use crate::entry::Entered;
use crate::store::audit::event::{DenialReason, EmergencyLink, Refused, object};
use crate::store::audit::{Action, Bulk, Event, EventContext};
use crate::texts::text;
use serde_json::{Map, Value as Json};

/// The maximum length of text in lists.
const MAX_WORDS: usize = 160;

/// The columns that [`cell`] needs besides its own.
pub fn needed(log: &Resource) -> impl Iterator<Item = usize> + '_ {
    let names = [
        "actor_issuer",
        "action",
        "resource",
        "row_key",
        "details",
        "changes",
    ];
    names.into_iter().filter_map(|name| log.index_of(name))
}

/// A cell of the log whose display differs from its plain value.
pub fn cell(entered: &Entered, log: &Resource, row: &Row, column: usize) -> Option<Cell> {
    let text = |name: &str| match row.get(log.index_of(name)?)? {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    };
    let named = text("resource");
    let catalog = entered.policy().catalog();
    let of = named.and_then(|name| catalog.get(name));
    match log.fields.get(column)?.name.as_str() {
        // Decided by the issuer, which no provider can have. A person's name can be any text.
        "actor_name" if text("actor_issuer") == Some(BREAK_GLASS) => Some(Cell {
            tone: Some("bad"),
            ..Cell::text(text("actor_name")?)
        }),
        "resource" => Some(Cell::text(of?.label.clone())),
        "row_label" => {
            let name = named?;
            let action = Action::named(text("action")?)?;
            entered.view(name)?;
            let here = entered.site().urls.row(name, text("row_key")?);
            let href = match action {
                Action::Create | Action::Update => here,
                // A deleted row still has a history.
                Action::Delete if entered.may(name, Verb::History) => format!("{here}/history"),
                _ => return None,
            };
            Some(Cell {
                href: Some(href),
                ..Cell::text(text("row_label")?)
            })
        }
        "details" => {
            let (action, details) = (text("action")?, text("details"));
            let event = Event::read(action, details);
            // Comes first, because long text is truncated.
            let mut words = beside(&EventContext::read(details));
            words.extend(in_words(&event, &|name| {
                catalog.get(name).map(|resource| resource.label.clone())
            }));
            if let Some(resource) = of.filter(|_| event.action() == Some(Action::Update)) {
                words.push(changed(resource, &object(text("changes"))));
            }
            words.retain(|part| !part.is_empty());
            Some(if words.is_empty() {
                Cell::none()
            } else {
                cut(words.join("; "))
            })
        }
        _ => None,
    }
}

fn cut(text: String) -> Cell {
    match text.char_indices().nth(MAX_WORDS) {
        Some((end, _)) => Cell {
            more: true,
            ..Cell::text(text.get(..end).unwrap_or_default())
        },
        None => Cell::text(text),
    }
}

/// Details besides the event: the reason of a break-glass session, and whom they viewed the panel
/// as.
fn beside(beside: &EventContext) -> Vec<String> {
    let reason = beside.break_glass.as_deref();
    let reason = reason.map(|reason| text!("audit-emergency", reason = reason));
    let seen = beside.looking_as.as_deref();
    let seen = seen.map(|seen| text!("audit-looking-as", seen = seen));
    reason.into_iter().chain(seen).collect()
}

/// The details of an event, in words.
fn in_words(event: &Event, label: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    match event {
        Event::SignIn(sign_in) => {
            let silent = sign_in.silent.then(|| text!("audit-silent"));
            silent.into_iter().chain(groups(sign_in.groups)).collect()
        }
        Event::Recheck(recheck) => {
            let roles = |names: &[String]| {
                if names.is_empty() {
                    text!("no-role")
                } else {
                    names.join(", ")
                }
            };
            vec![format!(
                "{} \u{2192} {}",
                roles(&recheck.from),
                roles(&recheck.to)
            )]
        }
        Event::Look(look) => vec![text!("audit-looking-as", seen = look.seen.as_str())],
        Event::Lapse(lapse) => vec![lapse.why.clone()],
        Event::EndSession(end) if end.under_way => vec![text!("audit-under-way")],
        Event::EndSession(end) => {
            let subject = end.subject.as_deref();
            let whose = subject.map(|subject| text!("audit-subject", subject = subject));
            whose.into_iter().collect()
        }
        Event::Confirm(proof) => vec![proof.what.clone()],
        Event::Denied(denied) => denied.why.as_ref().map(why).unwrap_or_default(),
        Event::Bulk(bulk) => vec![match (bulk.deed.as_str(), bulk.undoes) {
            (Bulk::UNDO, Some(id)) => {
                text!("audit-bulk-undo", count = bulk.rows, entry = id.to_string())
            }
            (Bulk::DELETE, _) => text!("audit-bulk-delete", count = bulk.rows),
            (deed, _) => text!("audit-bulk", count = bulk.rows, action = deed),
        }],
        Event::ExportBegin(asked) => {
            vec![text!("audit-as", format = asked.format.to_uppercase())]
        }
        Event::Export(export) => {
            let format = export.asked.format.to_uppercase();
            vec![if export.complete {
                text!("audit-export", count = export.rows, format = format)
            } else {
                text!("audit-export-cut", count = export.rows, format = format)
            }]
        }
        Event::Delete(change) => {
            let also = change.also_deleted.iter().map(|(name, count)| {
                let label = label(name).unwrap_or_else(|| name.clone());
                format!("{count} \u{d7} {}", in_sentence(&label))
            });
            let also: Vec<String> = also.collect();
            if also.is_empty() {
                Vec::new()
            } else {
                vec![text!("audit-also-deleted", rows = also.join(", "))]
            }
        }
        Event::RoleCreate(change) | Event::RoleChange(change) | Event::RoleDelete(change) => {
            super::roles::trail::in_words(change)
        }
        Event::ViewCreate(view) | Event::ViewChange(view) | Event::ViewDelete(view) => {
            super::views::of_view(view)
        }
        Event::ListSetUp(set_up) => super::views::of_list(set_up),
        Event::Prune(prune) => vec![text!(
            "audit-prune",
            count = prune.entries,
            until = prune.until.as_str()
        )],
        Event::SignInRefused(refused) => Refused::from(refused.clone()).cause.into_iter().collect(),
        Event::BreakGlass(link) => vec![match link {
            EmergencyLink::Made { role, minutes } => {
                text!("audit-link-made", count = *minutes, role = role.as_str())
            }
            EmergencyLink::Used { role, minutes, .. } => {
                text!("audit-link-used", count = *minutes, role = role.as_str())
            }
            EmergencyLink::Refused(refused) => {
                let cause = refused.cause.clone();
                cause.unwrap_or_else(|| text!("audit-link-refused"))
            }
        }],
        Event::SignOut(_)
        | Event::Create(_)
        | Event::Update(_)
        | Event::LookEnd(_)
        | Event::Unknown { .. } => Vec::new(),
    }
}

fn groups(count: Option<usize>) -> Option<String> {
    Some(match count? {
        0 => text!("audit-no-group"),
        count => text!("audit-groups", count = count),
    })
}

fn why(why: &DenialReason) -> Vec<String> {
    match why {
        DenialReason::Missing {
            missing,
            groups: came,
        } => {
            let lacks = if missing.starts_with("a ") {
                text!("audit-lacks", missing = missing.as_str())
            } else {
                text!("audit-lacks-right", missing = missing.as_str())
            };
            let came = groups(came.as_ref().map(|groups| groups.groups_received));
            std::iter::once(lacks).chain(came).collect()
        }
        DenialReason::Unconfirmed { unconfirmed } => {
            vec![text!("audit-unconfirmed", what = unconfirmed.as_str())]
        }
        DenialReason::Proof(proof) => {
            let outcome = proof.outcome.iter();
            let words = outcome.map(|outcome| format!("{}: {outcome}", proof.what));
            words.collect()
        }
    }
}

/// Old and new values: "Status: draft → paid".
fn changed(resource: &Resource, changes: &Map<String, Json>) -> String {
    let changed = resource.fields.iter().filter_map(|field| {
        let change = changes.get(&field.name)?;
        let side = |index: usize| {
            let cell = Cell::in_list(field, &event::read(change.get(index)?));
            let more = if cell.more { "\u{2026}" } else { "" };
            (!cell.none).then(|| format!("{}{more}", cell.text))
        };
        let shown = |index| side(index).unwrap_or_else(|| "\u{2014}".into());
        Some(format!(
            "{}: {} \u{2192} {}",
            field.label,
            shown(0),
            shown(1)
        ))
    });
    changed.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn words(action: &str, details: Json) -> String {
        let details = details.to_string();
        let label = |name: &str| (name == "order_items").then(|| "Order items".to_owned());
        let mut words = beside(&EventContext::read(Some(&details)));
        words.extend(in_words(&Event::read(action, Some(&details)), &label));
        words.retain(|part| !part.is_empty());
        words.join("; ")
    }

    #[test]
    fn details_are_told_in_words() {
        assert_eq!(words("sign-in", json!({"groups": 1})), "one group came");
        assert_eq!(
            words(
                "denied",
                json!({"missing": "a role", "groups_received": 0, "groups_note": "empty"})
            ),
            "lacks a role; no group came"
        );
        assert_eq!(
            words(
                "export",
                json!({"format": "csv", "rows": 8200, "complete": false})
            ),
            "8,200 rows as CSV, broken off"
        );
        assert_eq!(
            words(
                "delete",
                json!({"also_deleted": {"order_items": 3, "x": 1}})
            ),
            "also deleted: 3 \u{d7} order items, 1 \u{d7} x"
        );
        assert_eq!(words("sign-out", json!({})), "");
        assert_eq!(
            words(
                "denied",
                json!({"missing": "edit", "looking_as": "role viewer"})
            ),
            "looking as role viewer; lacks the right to edit"
        );
        assert_eq!(
            words("denied", json!({"unconfirmed": "delete"})),
            "had to confirm who they are: delete"
        );
        assert_eq!(
            words(
                "denied",
                json!({"for": "delete on orders", "outcome": "another person"})
            ),
            "delete on orders: another person"
        );
        assert_eq!(
            words("confirm", json!({"for": "delete on orders"})),
            "delete on orders"
        );
        assert_eq!(
            words("sign-in-refused", json!({"cause": "another browser"})),
            "another browser"
        );
        assert_eq!(
            words(
                "break-glass",
                json!({"step": "used", "minutes": 15, "role": "admin"})
            ),
            "came in for 15 minutes as admin"
        );
        assert_eq!(
            words("sign-in", json!({"groups": 2, "silent": true})),
            "confirmed unseen; 2 groups came"
        );
        assert_eq!(
            words("recheck", json!({"from": ["a", "b"], "to": []})),
            "a, b \u{2192} no role"
        );
    }
}
