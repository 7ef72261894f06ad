//! Remedies for failed sign-ins, in the log for whoever runs the panel.

use super::error::SignInError;
use crate::config::MAIN_PROVIDER;
use crate::sso::exchange::ExchangeError;
use crate::sso::provider::Provider;
use crate::sso::token::verify::TokenError;

impl SignInError {
    /// The setting to write, or what to change at the provider; none if unknown.
    pub(in crate::sso) fn remedy(&self, provider: &Provider) -> Option<String> {
        let table = match provider.name() {
            MAIN_PROVIDER => MAIN_PROVIDER.to_owned(),
            name => format!("providers.{name}"),
        };
        let text = match self {
            Self::Exchange(ExchangeError::Refused(code)) => of_token_endpoint(code, &table)?,
            Self::Exchange(ExchangeError::Token(TokenError::OtherAudiences(audiences))) => {
                format!("if that is right, write in [{table}]: trusted_audiences = {audiences:?}")
            }
            Self::Refused { code, .. } if code == "invalid_scope" => scopes(provider, &table),
            Self::Refused { code, .. } if code == "unauthorized_client" => {
                "allow this client the authorization code flow at the provider".to_owned()
            }
            _ => return None,
        };
        Some(text)
    }
}

fn of_token_endpoint(code: &str, table: &str) -> Option<String> {
    match code {
        "invalid_client" => Some(format!(
            "the provider does not know the panel: correct client_id and client_secret (or \
             client_secret_file) in [{table}]; the secret may have expired there; if both are \
             right, set auth_method"
        )),
        "unauthorized_client" => {
            Some("allow this client the authorization code flow at the provider".to_owned())
        }
        _ => None,
    }
}

/// The scopes that cause the refusal, as far as the provider lists the ones it knows.
fn scopes(provider: &Provider, table: &str) -> String {
    let (listed, others) = provider.scopes_by_listing(None);
    if others.is_empty() {
        format!(
            "the provider does not know one of the scopes {listed:?}: remove it from scopes in \
             [{table}]"
        )
    } else {
        format!(
            "the provider does not list {}: write in [{table}]: scopes = {listed:?}",
            others.join(", ")
        )
    }
}
