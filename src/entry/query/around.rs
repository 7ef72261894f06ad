//! The context of a query besides the permit on its resource.

use crate::access::{Permit, Verb};
use crate::data::Path;
use crate::data::path::OtherPermits;
use chrono::{DateTime, Utc};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The reader of a list, and the time.
pub struct QueryContext<'e, V> {
    now: DateTime<Utc>,
    others: Box<OtherPermits<'e, V>>,
}

impl<'e, V: Verb> QueryContext<'e, V> {
    /// Uses that time, and these permits to read other resources.
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

    /// The current time, the same for the whole request.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The permits to read other resources.
    pub fn others(&self) -> &OtherPermits<'e, V> {
        self.others.as_ref()
    }

    /// A column of a referenced row.
    pub fn path(&self, permit: &Permit<V>, name: &str) -> Option<Path> {
        Path::of(permit, name, self.others())
    }
}
