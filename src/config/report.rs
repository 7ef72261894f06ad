//! Collects what the rules find, so that one run tells everything.

use super::tree::Node;
use crate::config::{Fault, KeyPath, Place};

/// Faults and warnings, each with the place of the value it is about.
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

    /// Whether something stands at this key, in the file or the environment.
    pub(in crate::config) fn has(&self, key: &KeyPath) -> bool {
        self.root.has(key)
    }

    /// Something that must be mended.
    pub(in crate::config) fn fault(&mut self, key: KeyPath, message: impl Into<String>) {
        self.push(Fault::new(key, message));
    }

    /// A fault whose place may not be known yet.
    pub(in crate::config) fn push(&mut self, mut fault: Fault) {
        if fault.place == Place::Unknown {
            fault.place = self.root.place_of(&fault.key);
        }
        self.faults.push(fault);
    }

    /// Something that is allowed but probably not meant.
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

    /// The faults and the warnings.
    pub(in crate::config) fn finish(self) -> (Vec<Fault>, Vec<String>) {
        (self.faults, self.warnings)
    }
}
