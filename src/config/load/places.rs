//! Positions of roles and resources in the file. Many of their faults are found only with the
//! database, long after the file was read.

use crate::config::tree::{Content, Node};
use crate::config::{Place, toml_key};
use std::collections::BTreeMap;

/// Positions by path, written as in the faults of roles and resources: grants are counted from 1.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places(BTreeMap<String, Place>);

impl Places {
    pub(super) fn of(root: &Node) -> Self {
        let mut places = Self::default();
        for table in ["roles", "resources", "session", "server"] {
            if let Content::Table(entries) = &root.content
                && let Some(entry) = entries.get(table)
            {
                places.add(table.to_owned(), &entry.node);
            }
        }
        places
    }

    fn add(&mut self, path: String, node: &Node) {
        match &node.content {
            Content::Table(entries) => {
                for (key, entry) in entries {
                    self.add(format!("{path}.{}", toml_key(key)), &entry.node);
                }
            }
            Content::List(nodes) => {
                for (number, node) in (1_usize..).zip(nodes) {
                    self.add(format!("{path}[{number}]"), node);
                }
            }
            _ => {}
        }
        self.0.insert(path, node.place.clone());
    }

    /// Whether no position is known, as for a configuration made in code.
    pub(crate) fn are_unknown(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the file or environment sets this path.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    /// The path with its position before it, as `file:line:column: PATH`; only the path if no
    /// position is known.
    pub(crate) fn put_before(&self, path: &str) -> String {
        let mut known = path;
        loop {
            if let Some(place) = self.0.get(known) {
                return format!("{place}: {path}");
            }
            match known.rfind(['.', '[']) {
                Some(end) => known = known.get(..end).unwrap_or_default(),
                None => return path.to_owned(),
            }
        }
    }
}
