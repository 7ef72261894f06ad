//! `[break_glass]`: the way in for when the identity provider is gone.

/// `[break_glass]`; there is no password to set here, and none anywhere.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BreakGlassConfig {
    /// Whether `bailiwick break-glass` makes links that let somebody in once.
    pub enabled: bool,
}
