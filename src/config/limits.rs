//! `[limits]`: how often things may be asked for.

/// `[limits]`; each is so many at once and then so many a minute, `0` for no limit.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Starts of a sign-in, by address.
    pub sign_ins: u32,
    /// Answers of the provider, by address.
    pub callbacks: u32,
    /// Sign-outs that a provider tells of, by address.
    pub backchannel: u32,
    /// Pick lists, by person.
    pub lookups: u32,
    /// Exports, by person.
    pub exports: u32,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            sign_ins: 60,
            callbacks: 120,
            backchannel: 120,
            lookups: 600,
            exports: 120,
        }
    }
}
