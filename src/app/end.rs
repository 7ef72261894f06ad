//! Sessions that are ended where no panel runs: their refresh tokens are given back all the same.

use super::StartError;
use super::builder::providers;
use crate::clock::Clock;
use crate::config::Config;
use crate::session::Keyring;
use crate::sso::give_back;
use crate::store::Database;
use crate::store::sessions::Ended;

/// Has the providers forget the refresh tokens of sessions that have ended; what they do not take
/// back is in the log.
///
/// # Errors
/// When the configuration names no provider, or the keys cannot be had.
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
