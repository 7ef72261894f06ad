//! The layout of controls in a form: in sections, and side by side.

use crate::catalog::Resource;
use crate::panel::control::Control;
use crate::panel::names;
use serde::Serialize;

/// A part of a form.
#[derive(Debug, Default, Serialize)]
pub struct Section {
    heading: Option<String>,
    rows: Vec<Vec<Control>>,
}

/// Controls below each other.
pub fn plain(controls: Vec<Control>) -> Vec<Section> {
    let rows: Vec<Vec<Control>> = controls.into_iter().map(|control| vec![control]).collect();
    vec![Section {
        heading: None,
        rows,
    }]
}

/// The controls in their configured layout, followed by the others.
pub fn arranged(resource: &Resource, mut controls: Vec<Control>) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for section in &resource.form {
        let rows = section.rows.iter().map(|columns| {
            let columns = columns
                .iter()
                .filter_map(|column| resource.fields.get(*column));
            let taken = columns.flat_map(|field| take(&mut controls, &field.name));
            taken.collect::<Vec<_>>()
        });
        let rows: Vec<Vec<Control>> = rows.filter(|row| !row.is_empty()).collect();
        if !rows.is_empty() {
            sections.push(Section {
                heading: section.heading.clone(),
                rows,
            });
        }
    }
    if !controls.is_empty() {
        sections.extend(plain(controls));
    }
    sections
}

/// Removes the control of a column, together with the list that sets it with others.
fn take(controls: &mut Vec<Control>, column: &str) -> Vec<Control> {
    let names = [
        names::of_pair(column),
        names::of_column(column).into_owned(),
    ];
    let found = names.iter().filter_map(|name| {
        let at = controls.iter().position(|control| control.is_named(name))?;
        Some(controls.remove(at))
    });
    found.collect()
}
