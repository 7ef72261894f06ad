//! `form`: the layout of a form.

use super::Overlay;
use crate::catalog::Section;
use crate::config::{FormPart, FormRow};
use std::collections::BTreeSet;

impl Overlay<'_> {
    /// Lays out the form. Columns that are not named come last, so that none is lost.
    pub(super) fn form(&mut self, parts: &[FormPart]) {
        let mut sections = vec![Section::default()];
        let mut taken = BTreeSet::new();
        for part in parts {
            match part {
                FormPart::Column(name) => self.row(&mut sections, &mut taken, &[name]),
                FormPart::Row(names) => {
                    let names: Vec<&String> = names.iter().collect();
                    self.row(&mut sections, &mut taken, &names);
                }
                FormPart::Section(section) => {
                    sections.push(Section {
                        heading: Some(section.section.clone()),
                        rows: Vec::new(),
                    });
                    for row in &section.fields {
                        let names: Vec<&String> = match row {
                            FormRow::Column(name) => vec![name],
                            FormRow::Row(names) => names.iter().collect(),
                        };
                        self.row(&mut sections, &mut taken, &names);
                    }
                    // Fields after a section are outside of it.
                    sections.push(Section::default());
                }
            }
        }
        sections.retain(|section| !section.rows.is_empty());
        self.resource.form = sections;
    }

    fn row(&mut self, sections: &mut [Section], taken: &mut BTreeSet<usize>, names: &[&String]) {
        let mut columns = Vec::new();
        for name in names {
            let Some(column) = self.find("form", name) else {
                continue;
            };
            if taken.insert(column) {
                columns.push(column)
            } else {
                self.error("form", format!("it lists \"{name}\" twice"))
            }
        }
        if let (Some(section), false) = (sections.last_mut(), columns.is_empty()) {
            section.rows.push(columns);
        }
    }
}
