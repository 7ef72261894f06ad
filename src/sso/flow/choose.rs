//! Chooses among several providers. It is the one named in the request, the one that sent the
//! person, or one chosen on a page. The choice is not remembered.

use super::error::SignInError;
use super::malformed::Malformed;
use crate::sso::context::Context;
use crate::sso::pages::Choice;
use crate::sso::provider::Provider;
use actix_web::HttpRequest;
use std::sync::Arc;
use url::form_urlencoded;

/// The provider in a sign-in request.
#[derive(Debug, Default, Clone, Copy)]
pub(in crate::sso) struct ProviderChoice<'w> {
    /// Its name in configuration.
    pub provider: Option<&'w str>,
    /// Its issuer, as the provider itself wrote it when it sent the person here.
    pub iss: Option<&'w str>,
}

/// The selected provider; `None` if the person has to choose.
///
/// # Errors
/// When no provider has that name or issuer.
pub(in crate::sso) fn provider<'c>(
    context: &'c Context,
    wanted: ProviderChoice<'_>,
) -> Result<Option<&'c Arc<Provider>>, SignInError> {
    let providers = &context.providers;
    match wanted {
        ProviderChoice {
            iss: Some(issuer), ..
        } => {
            let found = providers.of_issuer(issuer);
            let unknown = SignInError::Issuer("of a provider that is not configured");
            found.map(Some).ok_or(unknown)
        }
        ProviderChoice {
            provider: Some(name),
            ..
        } => {
            let unknown = SignInError::Request(Malformed::NoProvider);
            providers.called(name).map(Some).ok_or(unknown)
        }
        _ if providers.are_several() => Ok(None),
        _ => Ok(Some(providers.main())),
    }
}

/// The links on the page of choices: the same sign-in, for each provider.
pub(in crate::sso) fn choices(context: &Context, query: &str) -> Vec<Choice> {
    let choices = context.providers.iter().map(|provider| {
        let mut link = form_urlencoded::Serializer::new(String::new());
        link.append_pair("provider", provider.name());
        let kept = form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| name == "return_to" || name == "prompt");
        link.extend_pairs(kept);
        Choice {
            name: provider.name().to_owned(),
            label: provider.label().to_owned(),
            href: format!("{}?{}", context.url("/auth/login"), link.finish()),
        }
    });
    choices.collect()
}

/// The name of the provider with the redirect URI of this request, for the log.
pub(in crate::sso) fn of_path(request: &HttpRequest) -> Option<&str> {
    request.match_info().get("provider")
}
