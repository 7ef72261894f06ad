//! Revokes the refresh token of an ended session (RFC 7009).

use crate::session::signed::refresh_token;
use crate::session::{Keyring, Sealed, Signed};
use crate::sso::context::Context;
use crate::sso::provider::providers::Providers;
use crate::store::sessions::Ended;

/// Revokes the refresh tokens of ended sessions in the background.
pub fn of_ended(context: &Context, ended: &[Ended]) {
    let (providers, keys, ended) = (
        context.providers.clone(),
        context.keys.clone(),
        ended.to_vec(),
    );
    actix_web::rt::spawn(async move { and_wait(&providers, &keys, &ended).await });
}

/// The same for one session.
pub(in crate::sso) fn of_signed(context: &Context, signed: &Signed) {
    let (providers, keys) = (context.providers.clone(), context.keys.clone());
    let signed = signed.clone();
    actix_web::rt::spawn(async move {
        let token = signed.refresh_token(&keys);
        give_back(&providers, &signed.person.issuer, &signed.reference, token).await;
    });
}

/// The same, but waits for the providers.
pub async fn and_wait(providers: &Providers, keys: &Keyring, ended: &[Ended]) {
    for one in ended {
        let sealed = one.refresh_token.clone().map(Sealed::of_text);
        let token = sealed.and_then(|sealed| refresh_token(keys, &one.reference, &sealed));
        let issuer = one.issuer.as_deref().unwrap_or_default();
        give_back(providers, issuer, &one.reference, token).await;
    }
}

async fn give_back(providers: &Providers, issuer: &str, reference: &str, token: Option<String>) {
    let provider = providers.of_issuer(issuer);
    let (Some(provider), Some(token)) = (provider.cloned(), token) else {
        return;
    };
    if let Err(error) = provider.revoke(&token).await {
        tracing::warn!(session.reference = reference, error = %error,
            "the provider did not revoke the refresh token of a session");
    }
}
