//! `[database]`: the managed database, in which the panel's own tables live too.

/// `[database]`
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `postgres://...`, or the path of a SQLite file (with or without `sqlite://`).
    pub url: crate::secret::Secret,
    /// The schemas to show on PostgreSQL; the first is the one whose tables have no prefix.
    #[serde(default = "default_schemas")]
    pub schemas: Vec<String>,
    /// The most connections held open.
    #[serde(default = "default_pool_size")]
    pub pool_size: u32,
    /// How long a statement may run, in seconds (PostgreSQL).
    #[serde(default = "default_statement_timeout")]
    pub statement_timeout_s: u32,
}

fn default_schemas() -> Vec<String> {
    vec!["public".into()]
}

fn default_pool_size() -> u32 {
    8
}

fn default_statement_timeout() -> u32 {
    30
}
