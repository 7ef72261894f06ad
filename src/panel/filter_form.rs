//! The form that adds a filter to a list. A plain form cannot produce the filter grammar. So
//! [`add_filter`](super::add_filter) reads it, and redirects to the list with the new address.

use super::lookup;
use crate::access::{Cover, Permit, View};
use crate::catalog::field::Input;
use crate::catalog::{Field, Kind, Op, Resource};
use crate::data::related::Children;
use crate::entry::Entered;
use crate::entry::query::{ListQuery, UnusableCondition};
use crate::texts::text;
use serde::Serialize;
use std::collections::HashMap;

/// The form.
#[derive(Serialize)]
pub struct FilterForm {
    action: String,
    kept: Vec<KeptParameter>,
    columns: Vec<Column>,
    /// Columns of referenced rows, and related rows.
    groups: Vec<Group>,
    /// Every operator, for pages without scripts.
    ops: Vec<PlainOp>,
    /// The address of a column's most frequent values.
    facets: String,
    /// An invalid condition, to be corrected.
    mending: Option<FaultyCondition>,
    /// The time zone for moments and for today's date, if there are times.
    zone: Option<&'static str>,
    /// Whether existing conditions already use it.
    zone_is_kept: bool,
}

#[derive(Serialize)]
struct Group {
    label: String,
    columns: Vec<Column>,
}

/// An operator in a plain form.
#[derive(Serialize)]
struct PlainOp {
    name: &'static str,
    label: String,
}

#[derive(Serialize)]
struct FaultyCondition {
    column: String,
    op: String,
    value: String,
    reason: String,
}

#[derive(Serialize)]
struct KeptParameter {
    name: String,
    value: String,
}

#[derive(Serialize)]
struct Column {
    name: String,
    label: String,
    control: &'static str,
    choices: Vec<String>,
    lookup: Option<String>,
    /// `value=takes=label|` for each operator, in the form that the script reads.
    ops: String,
}

impl FilterForm {
    /// The form for the columns that this person may read.
    pub fn new(
        entered: &Entered,
        permit: &Permit<View>,
        query: &ListQuery,
        list: &str,
        shown: &[usize],
    ) -> Self {
        let resource = permit.resource();
        // People filter most often by the columns that the list shows.
        let others = permit.readable().filter(|column| !shown.contains(column));
        let columns = shown.iter().copied().chain(others);
        let tested = columns.filter(|column| permit.tests(*column) != Cover::Nowhere);
        let mut offers = OperatorLists::default();
        let columns = tested.filter_map(|index| {
            let field = resource.fields.get(index)?;
            Some(Column {
                lookup: pick_list(entered, resource, index),
                ..column(&mut offers, field, resource.relation_at(index).is_some())
            })
        });
        let kept = query.pairs().into_iter().filter(|(name, _)| name != "tz");
        let has_times = permit
            .readable()
            .filter_map(|column| resource.fields.get(column))
            .any(|field| field.kind.takes(Op::This));
        Self {
            action: format!("{list}/filter"),
            kept: kept
                .map(|(name, value)| KeptParameter { name, value })
                .collect(),
            columns: columns.collect(),
            groups: Vec::new(),
            ops: plain_ops(),
            facets: query.in_full().url(&format!("{list}/facets"), &[]),
            mending: None,
            zone: has_times.then(|| query.zone.name()),
            zone_is_kept: !query.conditions.is_empty(),
        }
    }

    /// Adds columns of referenced rows, and related rows.
    pub fn beside(
        mut self,
        near: &[(String, Vec<Field>)],
        children: &[(String, Children)],
    ) -> Self {
        let mut offers = OperatorLists::default();
        self.groups = near
            .iter()
            .map(|(label, fields)| Group {
                label: label.clone(),
                columns: fields
                    .iter()
                    .map(|field| column(&mut offers, field, false))
                    .collect(),
            })
            .collect();
        if !children.is_empty() {
            let columns = children.iter().map(|(name, children)| Column {
                name: format!("has.{name}"),
                label: children.label().to_owned(),
                control: Input::Number.name(),
                choices: Vec::new(),
                lookup: None,
                ops: ops_of_rows(),
            });
            self.groups.push(Group {
                label: text!("list-related-rows"),
                columns: columns.collect(),
            });
        }
        self
    }

    /// Fills in the first of the invalid conditions.
    pub fn mending(mut self, wrong: &[UnusableCondition]) -> Self {
        let beside = self.groups.iter().flat_map(|group| &group.columns);
        let columns: Vec<&Column> = self.columns.iter().chain(beside).collect();
        let known = |column: &str| columns.iter().any(|known| known.name == column);
        self.mending = wrong.iter().find_map(|wrong| {
            let column = wrong.column().filter(|column| known(column))?;
            let (op, value) = wrong.value.split_once(':').unwrap_or((&wrong.value, ""));
            Some(FaultyCondition {
                column: column.to_owned(),
                op: op.to_owned(),
                value: value.to_owned(),
                reason: wrong.reason.clone(),
            })
        });
        self
    }
}

/// Every operator that an address can express.
fn plain_ops() -> Vec<PlainOp> {
    let ops = Op::ALL.into_iter().map(|op| PlainOp {
        name: op.name(),
        label: op.plain_label(),
    });
    let of_rows = [
        ("any", text!("op-rows-some-plain")),
        ("none", text!("op-rows-none-plain")),
    ];
    let of_rows = of_rows.map(|(name, label)| PlainOp { name, label });
    ops.chain(of_rows).collect()
}

/// The operators for the number of related rows, in the form that the script reads.
fn ops_of_rows() -> String {
    let ops = [
        ("any", "none", text!("op-rows-some")),
        ("none", "none", text!("op-rows-none")),
        ("ge", "one", text!("op-rows-least")),
        ("le", "one", text!("op-rows-most")),
    ];
    let mut out = String::new();
    for (name, takes, label) in ops {
        add_op(&mut out, name, takes, &label);
    }
    out
}

/// The address of a foreign key's pick list.
fn pick_list(entered: &Entered, resource: &Resource, column: usize) -> Option<String> {
    let relation = resource.relation_at(column)?;
    let permit = entered.view(&relation.target)?;
    let [target] = relation.target_columns.as_slice() else {
        return None;
    };
    (permit.reads(*target) != Cover::Nowhere)
        .then(|| lookup::href(&entered.site().urls, permit.resource(), *target))
}

/// Operator lists, cached by what decides them: many columns have the same, and formatting messages
/// takes time.
#[derive(Default)]
struct OperatorLists(HashMap<(Kind, bool, bool), String>);

impl OperatorLists {
    /// The operators for a column, in the form that the script reads.
    fn of(&mut self, field: &Field, is_key: bool) -> String {
        let kind = field.kind;
        let known = self.0.entry((kind, field.nullable, is_key));
        let ops = known.or_insert_with(|| {
            let mut ops = String::with_capacity(320);
            let offered = kind.operators().filter(|op| is_offered(*op, field, is_key));
            for op in offered {
                add_op(&mut ops, op.name(), op.takes().name(), &op.label(kind));
            }
            ops
        });
        ops.clone()
    }
}

fn column(offers: &mut OperatorLists, field: &Field, is_key: bool) -> Column {
    Column {
        name: field.name.clone(),
        label: field.label.clone(),
        control: match field.kind.input() {
            Input::Choice if field.choices.is_empty() => Input::Text,
            input => input,
        }
        .name(),
        choices: field.choices.clone(),
        lookup: None,
        ops: offers.of(field, is_key),
    }
}

/// Whether the form offers an operator. For a foreign key, people choose a row by its label. A
/// column that is never NULL need not be tested for NULL.
fn is_offered(op: Op, field: &Field, is_key: bool) -> bool {
    op.fits(field.kind)
        && match op {
            Op::Null | Op::NotNull => field.nullable,
            Op::Eq | Op::Ne => true,
            _ => !is_key,
        }
}

/// Appends an operator in the form that the script reads.
fn add_op(ops: &mut String, name: &str, takes: &str, label: &str) {
    for part in [name, "=", takes, "=", label, "|"] {
        ops.push_str(part);
    }
}
