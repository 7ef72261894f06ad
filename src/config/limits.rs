//! `[limits]`: how often things may be asked for.

/// `[limits]`; each is so many at once and then so many a minute, `0` for no limit.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Starts of a sign-in, by address; those of a live session by person.
    pub sign_ins: u32,
    /// Answers of the provider, by address.
    pub callbacks: u32,
    /// Logout tokens that are refused, by address.
    pub backchannel: u32,
    /// Lists, by person.
    pub lists: u32,
    /// Pick lists and the search over everything, by person.
    pub lookups: u32,
    /// Exports, by person.
    pub exports: u32,
    /// Open connections, by address; not a number a minute.
    pub connections: u32,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            sign_ins: 120,
            callbacks: 240,
            backchannel: 120,
            lists: 6000,
            lookups: 600,
            exports: 120,
            connections: 256,
        }
    }
}
