//! `[roles.NAME]`: who has a role, and what it gives.

/// `[roles.NAME]`
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleConfig {
    /// What the role is called on pages; its name if left out.
    pub label: Option<String>,
    /// The groups that have it: exact matches, case and all.
    #[serde(default)]
    pub groups: Vec<String>,
    /// What it gives.
    #[serde(default)]
    pub grants: Vec<GrantConfig>,
}

/// `[[roles.NAME.grants]]`
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantConfig {
    /// Names of resources; `*` for every one.
    pub on: Vec<String>,
    /// Verbs: view create edit delete export import history, action:NAME.
    pub may: Vec<String>,
    /// Columns this grant does not cover.
    #[serde(default)]
    pub hide: Vec<String>,
    /// Columns this grant lets be read but not written.
    #[serde(default)]
    pub read_only: Vec<String>,
    /// Rows this grant covers: conditions of the filter grammar that all must hold, in which
    /// `{claim.NAME}` stands for a claim of the person.
    #[serde(default)]
    pub rows: Vec<String>,
}
