//! What a query needs besides the leave to read its resource.

use crate::access::{Permit, Verb};
use crate::data::Path;
use crate::data::path::Others;
use chrono::{DateTime, Utc};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Who reads a list, and when.
pub struct Around<'e, V> {
    now: DateTime<Utc>,
    others: Box<Others<'e, V>>,
}

impl<'e, V: Verb> Around<'e, V> {
    /// At that time, with the leave that there is to read other resources.
    pub fn new(now: DateTime<Utc>, others: impl Fn(&str) -> Option<Permit<V>> + 'e) -> Self {
        let known: RefCell<BTreeMap<String, Option<Permit<V>>>> = RefCell::default();
        let others = move |name: &str| {
            let mut known = known.borrow_mut();
            let entry = known.entry(name.to_owned());
            entry.or_insert_with(|| others(name)).clone()
        };
        Self {
            now,
            others: Box::new(others),
        }
    }

    /// What time it is for the whole of a request.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The leave to read other resources.
    pub fn others(&self) -> &Others<'e, V> {
        self.others.as_ref()
    }

    /// A column of a row pointed at.
    pub fn path(&self, permit: &Permit<V>, name: &str) -> Option<Path> {
        Path::of(permit, name, self.others())
    }
}
