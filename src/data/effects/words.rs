//! Why a row cannot be deleted or changed, in words.

use super::{Consequence, Effects, Group, MOST};
use crate::catalog::naming::in_sentence;
use crate::data::count::Count;
use crate::texts::grouped;

/// What is out of the person's reach.
pub const HIDDEN: &str = "rows that your roles do not show you";

pub(super) fn obstacle(effects: &Effects) -> Option<String> {
    if effects.is_too_much {
        return Some(format!(
            "More than {} other rows would go or change with it, which is the most at a time. \
             Delete or change some of those rows first.",
            grouped(u64::try_from(MOST).unwrap_or(u64::MAX))
        ));
    }
    if effects.is_unknown {
        return Some(
            "The database would delete or change rows in a table that the panel may not read, if \
             there are any that point here. Whoever runs the panel has to grant SELECT on that \
             table first."
                .to_owned(),
        );
    }
    let untraceable = effects.groups.iter().any(|group| {
        let mut rows = group.rows.iter();
        rows.any(|row| is_untraceable(group, &row.cause.reference.columns))
    });
    if untraceable {
        return Some(
            "The database would put a default into rows that the panel could not find again \
             after it, so that the change would leave no trace."
                .to_owned(),
        );
    }
    effects.groups.iter().find_map(of_group)
}

/// Whether the row cannot be found again: its key takes a default that only the database knows, or
/// it has no key at all.
fn is_untraceable(group: &Group, columns: &[usize]) -> bool {
    let table = &group.table;
    let has_default = |column: &usize| {
        let field = table.fields.get(*column);
        field.is_some_and(|field| field.default.is_some())
    };
    group.consequence == Consequence::TakesDefault
        && columns.iter().any(has_default)
        && (table.key.is_empty() || columns.iter().any(|column| table.key.contains(column)))
}

fn of_group(group: &Group) -> Option<String> {
    let is_one = group.count == Count::Exact(1) && !group.is_partly_hidden();
    // What the person may not view is not named, nor counted.
    let what = match group.is_partly_hidden() {
        true => HIDDEN.to_owned(),
        false => {
            let label = if is_one {
                &group.table.label_one
            } else {
                &group.table.label
            };
            format!("{} {}", group.count.in_words(), in_sentence(label))
        }
    };
    match group.consequence {
        Consequence::Prevents => Some(format!(
            "It cannot be deleted while {what} still {} at it.",
            if is_one { "points" } else { "point" }
        )),
        _ if !group.is_refused => None,
        Consequence::Goes => Some(format!(
            "It would take {what} with it, which your roles do not let you delete."
        )),
        _ => Some(format!(
            "It would change {what}, which your roles do not let you change."
        )),
    }
}
