//! Revokes the refresh token of an ended session (RFC 7009).

use crate::session::{Keyring, Signed, state};
use crate::sso::context::Context;
use crate::sso::provider::providers::Providers;
use crate::store::sessions::Ended;

/// Revokes the refresh tokens of ended sessions in the background.
pub fn of_ended(context: &Context, ended: &[Ended]) {
    of_states(
        context,
        ended.iter().map(|ended| ended.state.clone()).collect(),
    );
}

/// The same for the stored states of sessions.
pub(in crate::sso) fn of_states(context: &Context, states: Vec<String>) {
    let (providers, keys) = (context.providers.clone(), context.keys.clone());
    actix_web::rt::spawn(async move {
        for signed in states.iter().filter_map(|text| state::signed(text)) {
            give_back(&providers, &keys, &signed).await;
        }
    });
}

/// The same for one session.
pub(in crate::sso) fn of_signed(context: &Context, signed: &Signed) {
    let (providers, keys) = (context.providers.clone(), context.keys.clone());
    let signed = signed.clone();
    actix_web::rt::spawn(async move { give_back(&providers, &keys, &signed).await });
}

/// The same, but waits for the providers.
pub async fn and_wait(providers: &Providers, keys: &Keyring, ended: &[Ended]) {
    for signed in ended.iter().filter_map(|ended| state::signed(&ended.state)) {
        give_back(providers, keys, &signed).await;
    }
}

async fn give_back(providers: &Providers, keys: &Keyring, signed: &Signed) {
    let provider = providers.of_issuer(&signed.person.issuer);
    let (Some(provider), Some(token)) = (provider.cloned(), signed.refresh_token(keys)) else {
        return;
    };
    if let Err(error) = provider.revoke(&token).await {
        tracing::warn!(session.reference = signed.reference, error = %error,
            "the provider did not take the refresh token of a session back");
    }
}
