//! The function that a SQLite statement calls to check whether it should continue.
//!
//! Interrupting SQLite from outside needs unsafe code. A function that unwinds ends the statement
//! too: Diesel catches the panic, and the statement fails with the function's name.

use std::cell::Cell;
#[cfg(feature = "sqlite")]
use std::time::Duration;
use std::time::Instant;

/// The name of the function, which is also the error text.
pub const NAME: &str = "bailiwick_tick";

/// The number of rows between two checks of the clock.
#[cfg(feature = "sqlite")]
const LOOK_EVERY: u32 = 256;

#[cfg(feature = "sqlite")]
#[diesel::declare_sql_function]
extern "SQL" {
    /// Returns true, or ends the statement if it is too late or nobody waits.
    fn bailiwick_tick() -> diesel::sql_types::Bool;
}

thread_local! {
    static BEGAN: Cell<Option<Instant>> = const { Cell::new(None) };
    static ROWS: Cell<u32> = const { Cell::new(0) };
    /// A temporary limit for a statement, if lower than that of its connection.
    #[cfg(feature = "sqlite")]
    static LIMIT: Cell<Option<Duration>> = const { Cell::new(None) };
}

/// Registers the function on a connection; `limit` is the statement timeout.
///
/// # Errors
/// When SQLite refuses.
#[cfg(feature = "sqlite")]
pub fn register(conn: &mut diesel::SqliteConnection, limit: Duration) -> diesel::QueryResult<()> {
    bailiwick_tick_utils::register_nondeterministic_impl(conn, move || {
        let rows = ROWS.get().wrapping_add(1);
        ROWS.set(rows);
        if rows % LOOK_EVERY == 1 && is_over(limit) {
            // Skips the panic hook: this is not a bug.
            std::panic::resume_unwind(Box::new("a statement was ended"));
        }
        true
    })
}

#[cfg(feature = "sqlite")]
fn is_over(limit: Duration) -> bool {
    let limit = LIMIT.get().map_or(limit, |less| limit.min(less));
    super::is_cut() || BEGAN.get().is_some_and(|began| began.elapsed() > limit)
}

/// Marks the start of a statement on this thread.
pub fn begin() {
    BEGAN.set(Some(Instant::now()));
    ROWS.set(0);
}

/// Restores the limit of a connection, even on a panic.
#[cfg(feature = "sqlite")]
struct RestoreLimit;

#[cfg(feature = "sqlite")]
impl Drop for RestoreLimit {
    fn drop(&mut self) {
        LIMIT.set(None);
    }
}

/// Limits each statement of this thread to this time while `work` runs.
#[cfg(feature = "sqlite")]
pub fn within<T>(limit: Duration, work: impl FnOnce() -> T) -> T {
    LIMIT.set(Some(limit));
    let _back = RestoreLimit;
    work()
}
