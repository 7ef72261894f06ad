//! Whether a person's groups were found in the claims, and why not.

use crate::texts::text;
use serde::{Deserialize, Serialize};

/// Whether groups were found, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "shape")]
pub enum GroupsNote {
    /// Groups were found.
    Found,
    /// The claim was present but empty.
    Empty,
    /// The claim was missing.
    Absent,
    /// The claim had an unsupported shape, described in words.
    WrongShape(String),
    /// The provider had too many groups to send (`_claim_names`, as Entra ID does).
    Overage,
    /// The claim is the e-mail address, and the provider does not say that it is verified.
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

    /// Logs each reason for missing groups with its own message. `came` lists the names of the
    /// claims; their values are never logged.
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
                "the groups claim came in a form that cannot be read"
            ),
            Self::Overage => tracing::warn!(
                oidc.provider = provider,
                groups.claim = claim,
                "the provider left the groups out, as there are too many (overage)"
            ),
            Self::Unverified => tracing::warn!(
                oidc.provider = provider,
                groups.claim = claim,
                "the provider does not say that the e-mail address is verified (email_verified)"
            ),
        }
    }

    /// The reason in plain words; `claim` is the name of the groups claim.
    pub fn text(&self, claim: &str) -> String {
        match self {
            Self::Found => text!("groups-found", claim = claim),
            Self::Empty => text!("groups-empty", claim = claim),
            Self::Absent => text!("groups-absent", claim = claim),
            Self::WrongShape(shape) => text!("groups-wrong-shape", claim = claim, shape = shape),
            Self::Overage => text!("groups-overage", claim = claim),
            Self::Unverified => text!("groups-unverified", claim = claim),
        }
    }
}
