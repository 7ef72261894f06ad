//! `children` and `many`: rows of other tables that are edited in a row's form.

use super::Overlay;
use crate::catalog::child::{Child, Edited};
use crate::config::ResourceConfig;
use crate::suggest::did_you_mean;

impl Overlay<'_> {
    /// Edits the named tables in the form, and no others of that sort.
    pub(super) fn children(&mut self, config: &ResourceConfig) {
        for child in &mut self.resource.children {
            let setting = match child.tie {
                Some(_) => &config.many,
                None => &config.children,
            };
            if setting.is_some() {
                child.edited = Edited::Apart;
            }
        }
        for name in config.children.iter().flatten() {
            if let Some(child) = self.child("children", name) {
                child.edited = Edited::Lines
            }
        }
        for name in config.many.iter().flatten() {
            let Some(child) = self.child("many", name) else {
                continue;
            };
            match child.tie {
                Some(tie) => child.edited = tie.edited(),
                None => self.error(
                    "many",
                    format!(
                        "\"{name}\" does not point at exactly one other table; list it under \
                         children"
                    ),
                ),
            }
        }
    }

    fn child(&mut self, setting: &str, name: &str) -> Option<&mut Child> {
        let children = &self.resource.children;
        let exact = children.iter().position(|child| child.name == name);
        let alike: Vec<String> = children
            .iter()
            .filter(|child| child.resource == name)
            .map(|child| format!("\"{}\"", child.name))
            .collect();
        let names: Vec<&str> = children.iter().map(|child| child.name.as_str()).collect();
        if exact.is_none() {
            let wrong = if alike.is_empty() {
                format!(
                    "no foreign key of a table \"{name}\" points here{}",
                    did_you_mean(name, names)
                )
            } else {
                format!(
                    "several foreign keys of \"{name}\" point here; name one of {}",
                    alike.join(", ")
                )
            };
            self.error(setting, wrong);
        }
        self.resource.children.get_mut(exact?)
    }
}
