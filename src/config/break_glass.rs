//! `[break_glass]`: sign-in while the identity provider is down.

/// `[break_glass]`. There is no password to set: the panel has none.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BreakGlassConfig {
    /// Whether `bailiwick break-glass` can make single-use sign-in links.
    pub enabled: bool,
}
