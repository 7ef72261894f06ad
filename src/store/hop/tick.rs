//! The function by which a statement of SQLite asks whether it is to go on.
//!
//! SQLite can be interrupted from outside by unsafe code only. A function that unwinds ends the
//! statement just as well: Diesel catches it, and the statement fails with the function's name.

use std::cell::Cell;
#[cfg(feature = "sqlite")]
use std::time::Duration;
use std::time::Instant;

/// The name of the function, which is the text of the error too.
pub const NAME: &str = "bailiwick_tick";

/// The clock is read once in so many rows.
#[cfg(feature = "sqlite")]
const LOOK_EVERY: u32 = 256;

#[cfg(feature = "sqlite")]
#[diesel::declare_sql_function]
extern "SQL" {
    /// True; ends the statement that asks too late, or for nobody.
    fn bailiwick_tick() -> diesel::sql_types::Bool;
}

thread_local! {
    static BEGAN: Cell<Option<Instant>> = const { Cell::new(None) };
    static ROWS: Cell<u32> = const { Cell::new(0) };
    /// How long a statement may take for now, if that is less than its connection lets it.
    #[cfg(feature = "sqlite")]
    static LIMIT: Cell<Option<Duration>> = const { Cell::new(None) };
}

/// Makes the function known to a connection; `limit` is how long a statement may take.
///
/// # Errors
/// When SQLite refuses.
#[cfg(feature = "sqlite")]
pub fn register(conn: &mut diesel::SqliteConnection, limit: Duration) -> diesel::QueryResult<()> {
    bailiwick_tick_utils::register_nondeterministic_impl(conn, move || {
        let rows = ROWS.get().wrapping_add(1);
        ROWS.set(rows);
        if rows % LOOK_EVERY == 1 && is_over(limit) {
            // Without the panic hook: nothing is wrong.
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

/// A statement begins on this thread.
pub fn begin() {
    BEGAN.set(Some(Instant::now()));
    ROWS.set(0);
}

/// Puts the limit of a connection back in force, by a panic too.
#[cfg(feature = "sqlite")]
struct Back;

#[cfg(feature = "sqlite")]
impl Drop for Back {
    fn drop(&mut self) {
        LIMIT.set(None);
    }
}

/// Lets each statement of this thread take so long while `work` runs.
#[cfg(feature = "sqlite")]
pub fn within<T>(limit: Duration, work: impl FnOnce() -> T) -> T {
    LIMIT.set(Some(limit));
    let _back = Back;
    work()
}
