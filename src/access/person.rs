//! A person as their identity provider told of them at sign-in.

use serde::{Deserialize, Serialize};

/// The issuer of those who came in by a link made on the server, in place of a provider's. No
/// provider can have it: an issuer is a URL of `https` or `http`.
pub const BREAK_GLASS: &str = "bailiwick:break-glass";
/// The claim that holds why they did.
pub const BREAK_GLASS_REASON: &str = "break_glass_reason";

/// Someone who has signed in. They are who they are by issuer and subject, and by nothing else
/// (OpenID Connect Core, section 5.7).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// The provider that vouches for them.
    pub issuer: String,
    /// The name of that provider in configuration (`[providers.NAME]`); none for `[oidc]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Their identifier there: unique, and never reassigned.
    pub subject: String,
    /// What to call them.
    pub name: String,
    /// Their e-mail address, for show only.
    pub email: Option<String>,
    /// The groups that came.
    pub groups: Vec<String>,
    /// Other claims, for row rules.
    pub claims: serde_json::Map<String, serde_json::Value>,
    /// The one role to be gone by in place of those that the groups give: for who looks at the
    /// panel as a role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_role: Option<String>,
}

impl Person {
    /// Whether they came in by a link made on the server, so that no provider can be asked about
    /// them.
    pub fn is_break_glass(&self) -> bool {
        self.issuer == BREAK_GLASS
    }

    /// Why they did.
    pub fn break_glass_reason(&self) -> Option<&str> {
        self.claims
            .get(BREAK_GLASS_REASON)
            .filter(|_| self.is_break_glass())?
            .as_str()
    }

    /// Up to two letters to stand for the person.
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
