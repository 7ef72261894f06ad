//! How long the body of a request may take to arrive: whoever sends slowly holds a connection.

use super::Failure;
use std::future::Future;
use std::time::Duration;

/// For a form that nobody is signed in for, which is short.
pub const OF_A_STRANGER: Duration = Duration::from_secs(10);
/// For a form without files.
pub const OF_A_FORM: Duration = Duration::from_secs(60);
/// For a form with files.
pub const OF_FILES: Duration = Duration::from_secs(300);

/// Reads a body within a time.
///
/// # Errors
/// [`Failure::Slowly`], or whatever the reading returns.
pub async fn within<T, E: From<Failure>>(
    limit: Duration,
    reading: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    match tokio::time::timeout(limit, reading).await {
        Ok(read) => read,
        Err(_) => Err(Failure::Slowly.into()),
    }
}
