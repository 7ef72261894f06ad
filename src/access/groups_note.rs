//! How a person's groups came, or why none did.

use serde::{Deserialize, Serialize};

/// How the groups came, or why none did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "shape")]
pub enum GroupsNote {
    /// There are some.
    Found,
    /// The claim came, with nothing in it.
    Empty,
    /// The claim did not come.
    Absent,
    /// The claim came in a shape that is not taken, said in words.
    WrongShape(String),
    /// The provider says that there are too many to send (`_claim_names`, as Entra ID does).
    Overage,
    /// The claim is the mail address, and the provider does not say that it has checked it.
    Unverified,
}

impl GroupsNote {
    /// A name for logs and the audit.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Empty => "empty",
            Self::Absent => "absent",
            Self::WrongShape(_) => "wrong shape",
            Self::Overage => "overage",
            Self::Unverified => "unverified",
        }
    }

    /// Tells the log of one of the reasons for which nobody gets a role, each in its own words.
    /// `came` names the claims that came; what is in them is never told.
    pub fn log(&self, provider: &str, claim: &str, came: &str) {
        match self {
            Self::Found => {}
            Self::Empty => tracing::info!(
                oidc.provider = provider,
                groups.claim = claim,
                "the groups claim came with no groups in it"
            ),
            Self::Absent => tracing::warn!(
                oidc.provider = provider,
                groups.claim = claim,
                claims.came = came,
                "no groups claim came, neither in the ID token nor from userinfo"
            ),
            Self::WrongShape(shape) => tracing::warn!(
                oidc.provider = provider,
                groups.claim = claim,
                groups.shape = shape,
                "the groups claim came in a shape that is not taken"
            ),
            Self::Overage => tracing::warn!(
                oidc.provider = provider,
                groups.claim = claim,
                "the provider left the groups out, as there are too many (overage)"
            ),
            Self::Unverified => tracing::warn!(
                oidc.provider = provider,
                groups.claim = claim,
                "the provider does not say that it has checked the mail address (email_verified)"
            ),
        }
    }

    /// What happened, in plain words; `claim` is the name of the claim looked for.
    pub fn text(&self, claim: &str) -> String {
        match self {
            Self::Found => format!("Your groups came in the claim \u{201c}{claim}\u{201d}."),
            Self::Empty => format!(
                "The claim \u{201c}{claim}\u{201d} came with no groups in it: at the identity \
                 provider you are in no group that it tells this application of."
            ),
            Self::Absent => format!(
                "The identity provider sent no claim \u{201c}{claim}\u{201d}: not in the ID \
                 token, and not from userinfo. It may have to be told to send groups to this \
                 application."
            ),
            Self::WrongShape(shape) => format!(
                "The claim \u{201c}{claim}\u{201d} came as {shape}. A list of texts, one text or \
                 an object with the groups as its keys can be read. Further shapes can be read if \
                 the configuration says so: a list of objects (groups_object_field), numbers \
                 (groups_numbers), and JSON inside a text (groups_json)."
            ),
            Self::Overage => format!(
                "You are in so many groups that the identity provider did not send them: in \
                 place of \u{201c}{claim}\u{201d} it sent a reference. It can be told to send \
                 only the groups assigned to this application, or application roles."
            ),
            Self::Unverified => format!(
                "Access is given by the mail address (the claim \u{201c}{claim}\u{201d}), and the \
                 identity provider does not say that it has checked yours (email_verified). \
                 Confirm the address there, and sign in again."
            ),
        }
    }
}
