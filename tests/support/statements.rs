//! The statements sent to a database, for tests that count them.

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use std::collections::HashMap;
use std::sync::{Mutex, Once, PoisonError};

static SEEN: Mutex<Option<HashMap<String, Vec<String>>>> = Mutex::new(None);

#[derive(Default)]
struct Recorder {
    url: String,
}

impl Instrumentation for Recorder {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => {
                // A suffix that the panel adds for MariaDB.
                self.url = url.trim_end_matches("?prefer_socket=false").to_owned();
            }
            InstrumentationEvent::StartQuery { query, .. } => {
                let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(log) = seen.as_mut().and_then(|seen| seen.get_mut(&self.url)) {
                    log.push(query.to_string());
                }
            }
            _ => {}
        }
    }
}

/// Makes every connection of the process report its statements; must be called before the first
/// connection.
pub fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        set_default_instrumentation(|| Some(Box::new(Recorder::default()))).unwrap();
    });
}

/// Starts to record the statements on the database with that URL.
pub fn begin(url: &str) {
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    seen.get_or_insert_default()
        .insert(url.to_owned(), Vec::new());
}

/// The statements since then, without those on sessions and transaction control.
pub fn end(url: &str) -> Vec<String> {
    let mut all = end_with_sessions(url);
    all.retain(|sql| !sql.contains("bailiwick_sessions"));
    all
}

/// The statements since then, without transaction control.
pub fn end_with_sessions(url: &str) -> Vec<String> {
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let log = seen.as_mut().and_then(|seen| seen.remove(url));
    let begins = [
        "BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SET", "SELECT 1", "DO 1", "START",
    ];
    let is_work = |sql: &String| !begins.iter().any(|word| sql.starts_with(word));
    log.unwrap_or_default()
        .into_iter()
        .filter(is_work)
        .collect()
}
