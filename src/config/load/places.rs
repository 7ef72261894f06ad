//! Where in the file roles and resources stand: what is wrong with them often shows only beside
//! the database, when the file has long been read.

use crate::config::tree::{Content, Node};
use crate::config::{Place, toml_key};
use std::collections::BTreeMap;

/// Places by path, as the faults of roles and resources write it: grants are counted from 1.
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

    /// Whether none is known, as of a configuration that was made in code.
    pub(crate) fn are_unknown(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether something was written there.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    /// A fault with the place of what it is about in front: `file:line:column: `, if it is known.
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
