//! Hints for well-known providers on how to send groups, since most failed sign-ins lack them.

use serde_json::{Map, Value};
use url::Url;

/// How to make a provider send groups, if it is recognised by its issuer or metadata.
pub(super) fn for_groups(issuer: &str, document: &Map<String, Value>) -> Option<&'static str> {
    let url = Url::parse(issuer).ok()?;
    let host = url.host_str()?;
    let below = |domain: &str| host == domain || host.ends_with(&format!(".{domain}"));
    let path = url.path();
    if host == "accounts.google.com" {
        Some(
            "Google sends no groups: put a provider that has groups in between, such as Keycloak \
             or Dex",
        )
    } else if below("microsoftonline.com") || below("microsoftonline.us") {
        Some(
            "in Entra ID, define app roles, assign people to them and write groups_claim = \
             \"roles\"; or add the groups claim to the token configuration, which sends ids",
        )
    } else if path.contains("/realms/") {
        Some(
            "in Keycloak, for groups, add a mapper of the type Group Membership with the claim name \
             groups to this client, for the ID token or userinfo (its full paths start with \"/\": \
             see strip_prefix); for roles, add one of the type User Realm Role (or User Client \
             Role) to the ID token, and write groups_claim = \"realm_access.roles\" (or the claim \
             name of that mapper)",
        )
    } else if below("okta.com") || below("oktapreview.com") {
        Some("in Okta, add a groups claim filter to this application, and ask for the scope groups")
    } else if below("auth0.com") {
        Some(
            "in Auth0, set the claim in an Action, under a name of your own such as \
             \"https://example.com/roles\", and write that name as groups_claim",
        )
    } else if path.contains("/application/o/") {
        Some("in authentik, groups come with the scope profile, which must be asked for")
    } else if below("zitadel.cloud") {
        Some(
            "in Zitadel, turn on role assertion and write groups_claim = \
             \"urn:zitadel:iam:org:project:roles\"",
        )
    } else if document
        .get("claims_supported")
        .is_some_and(|claims| claims.to_string().contains("cognito:"))
        || host.starts_with("cognito-idp.")
    {
        Some("in Cognito, write groups_claim = \"cognito:groups\"")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_known_by_their_issuer() {
        let hint = |issuer| for_groups(issuer, &Map::new()).unwrap_or_default();
        assert!(hint("https://accounts.google.com").contains("Google"));
        assert!(hint("https://login.microsoftonline.com/x/v2.0").contains("app roles"));
        assert!(hint("https://id.example.com/realms/staff").contains("Keycloak"));
        assert!(hint("https://evil-okta.com").is_empty());
        assert!(hint("https://id.example.com").is_empty());
    }
}
