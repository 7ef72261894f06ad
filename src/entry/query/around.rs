//! What a query needs besides the leave to read its resource.

use chrono::{DateTime, Utc};
use std::marker::PhantomData;

/// Who reads a list, and when.
pub struct Around<'e, V> {
    now: DateTime<Utc>,
    verb: PhantomData<&'e V>,
}

impl<V> Around<'_, V> {
    /// At that time.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self {
            now,
            verb: PhantomData,
        }
    }

    /// What time it is for the whole of a request.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }
}
