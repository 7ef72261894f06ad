//! Time limits for request bodies: a slow sender holds a connection.

use super::Failure;
use std::future::Future;
use std::time::Duration;

/// For a form without a signed-in person; such forms are short.
pub const OF_A_STRANGER: Duration = Duration::from_secs(10);
/// For a form without files.
pub const OF_A_FORM: Duration = Duration::from_secs(60);
/// For a form with files.
pub const OF_FILES: Duration = Duration::from_secs(300);

/// Reads a body within a time limit.
///
/// # Errors
/// [`Failure::Slowly`], or any error of the reading.
pub async fn within<T, E: From<Failure>>(
    limit: Duration,
    reading: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    match tokio::time::timeout(limit, reading).await {
        Ok(read) => read,
        Err(_) => Err(Failure::Slowly.into()),
    }
}
