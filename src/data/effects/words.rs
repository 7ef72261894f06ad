//! Explains why a row cannot be deleted or changed.

use super::{Consequence, Effects, Group, MOST};
use crate::catalog::naming::in_sentence;
use crate::data::count::Count;
use crate::texts::text;

pub(super) fn obstacle(effects: &Effects) -> Option<String> {
    if effects.is_too_much {
        return Some(text!("obstacle-too-much", count = MOST));
    }
    if effects.is_unknown {
        return Some(text!("obstacle-unknown"));
    }
    let untraceable = effects.groups.iter().any(|group| {
        let mut rows = group.rows.iter();
        rows.any(|row| is_untraceable(group, &row.cause.reference.columns))
    });
    if untraceable {
        return Some(text!("obstacle-untraceable"));
    }
    effects.groups.iter().find_map(of_group)
}

/// Whether the row could not be found again. Its key takes a default that only the database knows,
/// or it has no key.
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
    // Rows that the person may not view are neither named nor counted.
    let what = if group.is_partly_hidden() {
        text!("hidden-rows")
    } else {
        let label = if is_one {
            &group.table.label_one
        } else {
            &group.table.label
        };
        text!(
            "count-of",
            number = group.count.in_words(),
            resource = in_sentence(label)
        )
    };
    match group.consequence {
        Consequence::Prevents => Some(if is_one {
            text!("obstacle-points-one", what = what)
        } else {
            text!("obstacle-points", what = what)
        }),
        _ if !group.is_refused => None,
        Consequence::Goes => Some(text!("obstacle-takes", what = what)),
        _ => Some(text!("obstacle-changes", what = what)),
    }
}
