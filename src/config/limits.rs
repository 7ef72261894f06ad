//! `[limits]`: rate limits.

/// `[limits]`. A limit of 60 allows a burst of 60, then 60 a minute. `0` turns a limit off.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Sign-ins started, by address; by person within a live session.
    pub sign_ins: u32,
    /// Responses of the provider to the callback, by address.
    pub callbacks: u32,
    /// Logout tokens refused, by address.
    pub backchannel: u32,
    /// List requests, by person.
    pub lists: u32,
    /// Requests for pick lists and for the global search, by person.
    pub lookups: u32,
    /// Exports, by person.
    pub exports: u32,
    /// Open connections, by address: a maximum, not a rate.
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
