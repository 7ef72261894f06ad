//! Revokes the refresh tokens of sessions that are ended without a running panel.

use super::StartError;
use super::builder::providers;
use crate::clock::Clock;
use crate::config::Config;
use crate::session::Keyring;
use crate::sso::give_back;
use crate::store::Database;
use crate::store::sessions::Ended;

/// Revokes the refresh tokens of ended sessions at their providers; failures are logged.
///
/// # Errors
/// When no provider is configured, or the keys cannot be read.
pub async fn give_tokens_back(
    config: &Config,
    database: &Database,
    ended: &[Ended],
) -> Result<(), StartError> {
    let providers = providers(config, &Clock::system())?;
    let keys = Keyring::open(database, &config.session.secrets()?).await?;
    give_back::and_wait(&providers, &keys, ended).await;
    Ok(())
}
