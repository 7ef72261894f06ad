//! Multi-column foreign keys in forms: a pick list of rows beside the columns themselves.
//!
//! Choosing another row sets all its columns. If the list is unchanged, the columns count as typed.

use super::{MAX_FOUND, MAX_OPTIONS, RelationPlan};
use crate::catalog::{Field, Resource, Value};
use crate::data::{DataError, Row, labels};
use crate::entry::Submission;
use crate::panel::control::{Builder, Control, FormState, OfferedRows};
use crate::panel::names;
use crate::panel::relations::Relations;
use crate::panel::relations::pairs::{self, Pair};
use crate::store::AnyConnection;
use std::borrow::Cow;

/// The fields of a submission, with the columns of every chosen row.
pub fn settled<'s>(
    resource: &Resource,
    relations: &Relations,
    submission: &'s Submission,
    row: Option<&Row>,
) -> Cow<'s, Submission> {
    let mut settled = Cow::Borrowed(submission);
    for pair in relations.pairs() {
        let Some(lead) = resource.fields.get(pair.lead) else {
            continue;
        };
        let chosen = submission
            .get(&names::of_pair(&lead.name))
            .unwrap_or_default();
        let before = row.and_then(|row| pair.values(&|column| row.get(column)));
        let before = before.map(|values| pair.write(resource, &values));
        if chosen.is_empty() || before.as_deref() == Some(chosen) {
            continue;
        }
        let Some(parts) = pairs::parts(chosen, pair.columns.len()) else {
            continue;
        };
        for (column, part) in pair.columns.iter().zip(parts) {
            if let Some(field) = resource.fields.get(*column) {
                settled.to_mut().set(&names::of_column(&field.name), part);
            }
        }
    }
    settled
}

/// The chosen or stored row, as the list's value.
fn current(
    pair: &Pair,
    resource: &Resource,
    shown: &FormState,
    row: Option<&Row>,
) -> Option<(Vec<Value>, String)> {
    let values = pair.columns.iter().map(|column| {
        let field = resource.fields.get(*column)?;
        let value = match shown.typed.get(column) {
            Some(text) => Value::parse(field.kind, text).ok()?,
            None => row?.get(*column)?.clone(),
        };
        (!value.is_null()).then_some(value)
    });
    let values: Vec<Value> = values.collect::<Option<_>>()?;
    let written = pair.write(resource, &values);
    Some((values, written))
}

/// Fetches the rows that the lists offer.
///
/// # Errors
/// When the database fails.
pub fn fetch(
    conn: &mut AnyConnection,
    resource: &Resource,
    relations: &mut Relations,
    row: Option<&Row>,
    shown: &mut FormState,
    plan: &RelationPlan,
) -> Result<(), DataError> {
    for pair in relations.pairs_mut() {
        let now = current(pair, resource, shown, row);
        let sets: Vec<Vec<Value>> = now.into_iter().map(|(values, _)| values).collect();
        let rows: Vec<Row> = row.cloned().into_iter().collect();
        pair.fetch(conn, resource, &rows, &sets)?;
        let columns = pair.target_columns.clone();
        let picked = plan.picked_pair(pair.lead);
        let text = picked.unwrap_or_default();
        let limit = match picked {
            Some(_) => MAX_FOUND,
            None if plan.is_small(pair.lead) => MAX_OPTIONS + 1,
            None => continue,
        };
        let found = labels::lookup_sets(conn, &pair.permit, &columns, text, limit)?;
        let offered = found
            .iter()
            .map(|found| (pair.write_target(&found.values), found.label.text.clone()));
        shown.picked.insert(
            pair.lead,
            OfferedRows {
                text: picked.map(str::to_owned),
                rows: offered.collect(),
            },
        );
    }
    Ok(())
}

/// The lists of a form, with their columns.
pub fn controls(builder: &Builder<'_>, row: Option<&Row>) -> Vec<(Vec<usize>, Control)> {
    let resource = builder.resource;
    let pairs = builder.relations.pairs().iter().filter_map(|pair| {
        let lead = resource.fields.get(pair.lead)?;
        let now = current(pair, resource, builder.shown, row).map(|(_, written)| written);
        let value = now.unwrap_or_default();
        let label = pair.label(&value).map(|(label, _)| label.text.clone());
        let names = pair
            .columns
            .iter()
            .filter_map(|it| resource.fields.get(*it));
        let names: Vec<&str> = names.map(|field: &Field| field.label.as_str()).collect();
        let hint = format!("sets {}", names.join(" and "));
        let control = builder.pair(pair, lead, (value, label.unwrap_or_default()), hint);
        Some((pair.columns.clone(), control))
    });
    pairs.collect()
}
