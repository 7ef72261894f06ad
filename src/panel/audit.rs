//! The audit log as people read it: resources by their labels, rows as links, details in words.
//!
//! What an entry holds was already cut to what the reader may see when it was read.

use super::cell::Cell;
use super::event;
use super::in_sentence;
use crate::access::{Action as Verb, BREAK_GLASS};
use crate::catalog::{Resource, Value};
use crate::data::Row;
use crate::entry::Entered;
use crate::store::Action;
use crate::texts::text;
use serde_json::{Map, Value as Json};

/// Longer words are cut in lists.
const MAX_WORDS: usize = 160;

/// The columns that [`cell`] needs besides the one it shows.
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

/// A cell of the log where it says more than its value does.
pub fn cell(entered: &Entered, log: &Resource, row: &Row, column: usize) -> Option<Cell> {
    let text = |name: &str| match row.get(log.index_of(name)?)? {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    };
    let named = text("resource");
    let catalog = entered.policy().catalog();
    let of = named.and_then(|name| catalog.get(name));
    match log.fields.get(column)?.name.as_str() {
        // By the issuer, which no provider can have: any name can be a person's.
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
                // Of a row that is gone there is the history.
                Action::Delete if entered.may(name, Verb::History) => format!("{here}/history"),
                _ => return None,
            };
            Some(Cell {
                href: Some(href),
                ..Cell::text(text("row_label")?)
            })
        }
        "details" => {
            let parse = |name| serde_json::from_str(text(name)?).ok();
            let details: Map<String, Json> = parse("details").unwrap_or_default();
            let changes: Map<String, Json> = parse("changes").unwrap_or_default();
            // First, as long words are cut.
            let mut words: Vec<String> = emergency(&details).into_iter().collect();
            let action = Action::named(text("action")?);
            words.extend(in_words(action, &details, &|name| {
                catalog.get(name).map(|resource| resource.label.clone())
            }));
            if let Some(resource) = of.filter(|_| action == Some(Action::Update)) {
                words.push(changed(resource, &changes));
            }
            words.retain(|part| !part.is_empty());
            Some(match words.is_empty() {
                true => Cell::none(),
                false => cut(words.join("; ")),
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

/// What the details of an entry say.
fn in_words(
    action: Option<Action>,
    details: &Map<String, Json>,
    label: &dyn Fn(&str) -> Option<String>,
) -> Vec<String> {
    let number = |name: &str| details.get(name).and_then(Json::as_u64);
    let text = |name: &str| details.get(name).and_then(Json::as_str);
    let groups = |count: Option<u64>| match count {
        None => String::new(),
        Some(0) => text!("audit-no-group"),
        Some(count) => text!("audit-groups", count = count),
    };
    let looking_as = text("looking_as").map(|seen| text!("audit-looking-as", seen = seen));
    let mut words: Vec<String> = looking_as.into_iter().collect();
    let Some(action) = action else {
        return words;
    };
    words.extend(match action {
        Action::SignIn => {
            let groups = groups(number("groups"));
            match details.get("silent") == Some(&Json::Bool(true)) {
                true => vec![text!("audit-silent"), groups],
                false => vec![groups],
            }
        }
        Action::Recheck => {
            let roles = |name: &str| {
                let names = details.get(name).and_then(Json::as_array);
                let names: Vec<&str> = names
                    .into_iter()
                    .flatten()
                    .filter_map(Json::as_str)
                    .collect();
                match names.is_empty() {
                    true => text!("no-role"),
                    false => names.join(", "),
                }
            };
            vec![format!("{} \u{2192} {}", roles("from"), roles("to"))]
        }
        Action::Look => vec![text!(
            "audit-looking-as",
            seen = text("as").unwrap_or_default()
        )],
        Action::Lapse => vec![text("why").unwrap_or_default().to_owned()],
        Action::EndSession if details.contains_key("under_way") => {
            vec![text!("audit-under-way")]
        }
        Action::EndSession => {
            let whose = text("subject").map(|subject| text!("audit-subject", subject = subject));
            vec![whose.unwrap_or_default()]
        }
        Action::Confirm => vec![text("for").unwrap_or_default().to_owned()],
        Action::Denied => {
            let missing = text("missing").map(|missing| match missing.starts_with("a ") {
                true => text!("audit-lacks", missing = missing),
                false => text!("audit-lacks-right", missing = missing),
            });
            let unconfirmed = text("unconfirmed");
            let unconfirmed = unconfirmed.map(|what| text!("audit-unconfirmed", what = what));
            let outcome = text("outcome").zip(text("for"));
            let outcome = outcome.map(|(outcome, what)| format!("{what}: {outcome}"));
            vec![
                missing.or(unconfirmed).or(outcome).unwrap_or_default(),
                groups(number("groups_received")),
            ]
        }
        Action::Bulk => {
            let rows = number("rows").unwrap_or(0);
            vec![match (text("deed"), number("undoes")) {
                (Some("undo"), Some(id)) => {
                    text!("audit-bulk-undo", count = rows, entry = id.to_string())
                }
                (Some("delete"), _) => text!("audit-bulk-delete", count = rows),
                (deed, _) => {
                    text!("audit-bulk", count = rows, action = deed.unwrap_or("edit"))
                }
            }]
        }
        Action::ExportBegin => {
            vec![text!(
                "audit-as",
                format = text("format").unwrap_or_default().to_uppercase()
            )]
        }
        Action::Export => {
            let rows = number("rows").unwrap_or(0);
            let format = text("format").unwrap_or_default().to_uppercase();
            vec![match details.get("complete") == Some(&Json::Bool(false)) {
                true => text!("audit-export-cut", count = rows, format = format),
                false => text!("audit-export", count = rows, format = format),
            }]
        }
        Action::Delete => {
            let also = details.get("also_deleted").and_then(Json::as_object);
            let also = also.into_iter().flatten().map(|(name, count)| {
                let label = label(name).unwrap_or_else(|| name.clone());
                format!("{count} \u{d7} {}", in_sentence(&label))
            });
            let also: Vec<String> = also.collect();
            match also.is_empty() {
                true => Vec::new(),
                false => vec![text!("audit-also-deleted", rows = also.join(", "))],
            }
        }
        Action::RoleCreate | Action::RoleChange | Action::RoleDelete => {
            super::roles::trail::in_words(details)
        }
        Action::ViewCreate | Action::ViewChange | Action::ViewDelete | Action::ListSetUp => {
            super::views::trail(details)
        }
        Action::Prune => {
            let until = text("until").unwrap_or_default();
            let count = number("entries").unwrap_or(0);
            vec![text!("audit-prune", count = count, until = until)]
        }
        Action::SignInRefused => vec![text("cause").unwrap_or_default().to_owned()],
        Action::BreakGlass => {
            let minutes = number("minutes").unwrap_or_default();
            let role = text("role").unwrap_or_default();
            vec![match text("step") {
                Some("made") => text!("audit-link-made", count = minutes, role = role),
                Some("used") => text!("audit-link-used", count = minutes, role = role),
                _ => text("cause").map_or_else(|| text!("audit-link-refused"), str::to_owned),
            }]
        }
        Action::SignOut | Action::Create | Action::Update | Action::LookEnd => Vec::new(),
    });
    words
}

/// Why the one who acted had come in past the provider.
fn emergency(details: &Map<String, Json>) -> Option<String> {
    let reason = details.get("break_glass")?.as_str()?;
    Some(text!("audit-emergency", reason = reason))
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
        let details = details.as_object().unwrap().clone();
        let label = |name: &str| (name == "order_items").then(|| "Order items".to_owned());
        let mut words = in_words(Action::named(action), &details, &label);
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
