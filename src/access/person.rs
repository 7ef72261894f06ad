//! A person, as the identity provider described them at sign-in.

use serde::{Deserialize, Serialize};

/// The issuer of people who signed in with a break-glass link. No provider can have it, because an
/// issuer is an `https` or `http` URL.
pub const BREAK_GLASS: &str = "bailiwick:break-glass";
/// The claim with the reason of a break-glass sign-in.
pub const BREAK_GLASS_REASON: &str = "break_glass_reason";

/// A signed-in person, identified by issuer and subject only (OpenID Connect Core, section 5.7).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// The issuer that identified them.
    pub issuer: String,
    /// The name of that provider in configuration (`[providers.NAME]`); none for `[oidc]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Their identifier there: unique, and never reassigned.
    pub subject: String,
    /// Their name for pages.
    pub name: String,
    /// Their e-mail address, for display only.
    pub email: Option<String>,
    /// The groups in the claims.
    pub groups: Vec<String>,
    /// Other claims, for row rules.
    pub claims: serde_json::Map<String, serde_json::Value>,
    /// A role that replaces those given by the groups, while viewing the panel as that role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_role: Option<String>,
}

impl Person {
    /// Whether they signed in with a break-glass link, so that no provider can re-check them.
    pub fn is_break_glass(&self) -> bool {
        self.issuer == BREAK_GLASS
    }

    /// The reason of their break-glass link.
    pub fn break_glass_reason(&self) -> Option<&str> {
        self.claims
            .get(BREAK_GLASS_REASON)
            .filter(|_| self.is_break_glass())?
            .as_str()
    }

    /// Up to two letters that represent the person.
    pub fn initials(&self) -> String {
        let mut words = self.name.split_whitespace();
        let first = words.next().and_then(|word| word.chars().next());
        let last = words.next_back().and_then(|word| word.chars().next());
        first
            .into_iter()
            .chain(last)
            .flat_map(char::to_uppercase)
            .collect()
    }
}
