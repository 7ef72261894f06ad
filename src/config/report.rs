//! Collects all faults, so that one run reports everything.

use super::tree::Node;
use crate::config::{Fault, KeyPath, Place};

/// Faults and warnings, each with the place of its value.
pub(in crate::config) struct Report<'t> {
    root: &'t Node,
    faults: Vec<Fault>,
    warnings: Vec<String>,
}

impl<'t> Report<'t> {
    pub(in crate::config) fn new(root: &'t Node) -> Self {
        Self {
            root,
            faults: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Whether the file or the environment sets this key.
    pub(in crate::config) fn has(&self, key: &KeyPath) -> bool {
        self.root.has(key)
    }

    /// Adds a fault, which prevents the start.
    pub(in crate::config) fn fault(&mut self, key: KeyPath, message: impl Into<String>) {
        self.push(Fault::new(key, message));
    }

    /// Adds a fault whose place may not be known yet.
    pub(in crate::config) fn push(&mut self, mut fault: Fault) {
        if fault.place == Place::Unknown {
            fault.place = self.root.place_of(&fault.key);
        }
        self.faults.push(fault);
    }

    /// Adds a warning: allowed, but probably a mistake.
    pub(in crate::config) fn warn(&mut self, key: KeyPath, message: impl Into<String>) {
        let place = self.root.place_of(&key);
        self.warnings.push(
            Fault {
                place,
                key,
                message: message.into(),
            }
            .to_string(),
        );
    }

    /// Returns the faults and the warnings.
    pub(in crate::config) fn finish(self) -> (Vec<Fault>, Vec<String>) {
        (self.faults, self.warnings)
    }
}
