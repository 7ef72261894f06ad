//! A configuration that is made in code instead of read from a file.

use super::{
    AuditConfig, BreakGlassConfig, Config, DatabaseConfig, GrantConfig, LimitsConfig, OidcConfig,
    ResourceConfig, RoleConfig, ServerConfig, SessionConfig, load::Places,
};
use crate::secret::Secret;
use std::collections::BTreeMap;

impl Config {
    /// Returns a configuration for this database, with defaults for everything else. The fields are
    /// public. [`PanelBuilder::start`](crate::prelude::PanelBuilder::start) checks them like those
    /// of a file.
    ///
    /// ```
    /// use bailiwick::prelude::*;
    ///
    /// let mut config = Config::new("postgres://panel@localhost/shop")
    ///     .oidc(OidcConfig::new("https://id.example.com", "panel", "the client's secret"))
    ///     .role(
    ///         "editor",
    ///         RoleConfig::of(["editors"])
    ///             .grant(GrantConfig::on(["orders", "customers"]).may(["view", "edit"])),
    ///     );
    /// config.database.pool_size = 4;
    /// ```
    pub fn new(database_url: impl Into<String>) -> Self {
        Self {
            server: ServerConfig::default(),
            database: DatabaseConfig::new(database_url),
            oidc: None,
            providers: BTreeMap::new(),
            session: SessionConfig::default(),
            limits: LimitsConfig::default(),
            audit: AuditConfig::default(),
            break_glass: BreakGlassConfig::default(),
            roles: BTreeMap::new(),
            resources: BTreeMap::new(),
            warnings: Vec::new(),
            places: Places::default(),
        }
    }

    /// Sets `[server]`.
    #[must_use]
    pub fn server(mut self, server: ServerConfig) -> Self {
        self.server = server;
        self
    }

    /// Sets `[oidc]`, the identity provider.
    #[must_use]
    pub fn oidc(mut self, oidc: OidcConfig) -> Self {
        self.oidc = Some(oidc);
        self
    }

    /// Adds `[providers.NAME]`, a further identity provider.
    #[must_use]
    pub fn provider(mut self, name: impl Into<String>, provider: OidcConfig) -> Self {
        self.providers.insert(name.into(), provider);
        self
    }

    /// Adds `[roles.NAME]`.
    #[must_use]
    pub fn role(mut self, name: impl Into<String>, role: RoleConfig) -> Self {
        self.roles.insert(name.into(), role);
        self
    }

    /// Adds `[resources.NAME]`.
    #[must_use]
    pub fn resource(mut self, name: impl Into<String>, resource: ResourceConfig) -> Self {
        self.resources.insert(name.into(), resource);
        self
    }
}

impl OidcConfig {
    /// Returns this client at this provider, with defaults for everything else.
    pub fn new(
        issuer: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
    ) -> Self {
        Self {
            name: None,
            label: None,
            issuer: issuer.into(),
            client_id: client_id.into(),
            client_secret: Some(Secret::new(client_secret)),
            client_secret_file: None,
            auth_method: None,
            scopes: Default::default(),
            params: BTreeMap::new(),
            response_mode: Default::default(),
            groups_claim: Default::default(),
            groups_separator: None,
            groups_split_items: false,
            groups_json: false,
            groups_numbers: false,
            groups_object_field: None,
            strip_prefix: String::new(),
            trusted_audiences: Vec::new(),
            algorithms: None,
            skew: super::oidc::default_skew(),
            ca_file: None,
            proxy: None,
            internal_url: None,
            sign_out_url: None,
            strict_logout_typ: false,
        }
    }
}

impl RoleConfig {
    /// Returns a role for the members of these groups, with no grants yet.
    pub fn of<T: Into<String>>(groups: impl IntoIterator<Item = T>) -> Self {
        Self {
            groups: groups.into_iter().map(super::GroupRule::is).collect(),
            ..Self::default()
        }
    }

    /// Adds a grant.
    #[must_use]
    pub fn grant(mut self, grant: GrantConfig) -> Self {
        self.grants.push(grant);
        self
    }
}

impl GrantConfig {
    /// Returns a grant on these resources (`*` for all), with no verbs yet.
    pub fn on<T: Into<String>>(resources: impl IntoIterator<Item = T>) -> Self {
        Self {
            on: texts(resources),
            ..Self::default()
        }
    }

    /// Adds verbs: view create edit delete export import history.
    #[must_use]
    pub fn may<T: Into<String>>(mut self, verbs: impl IntoIterator<Item = T>) -> Self {
        self.may = texts(verbs);
        self
    }
}

fn texts<T: Into<String>>(all: impl IntoIterator<Item = T>) -> Vec<String> {
    all.into_iter().map(Into::into).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn config() -> Config {
        Config::new("data.db")
            .oidc(OidcConfig::new("https://id.example.com", "panel", "secret"))
            .role(
                "editor",
                RoleConfig::of(["editors"]).grant(GrantConfig::on(["*"]).may(["view", "edit"])),
            )
    }

    #[test]
    fn what_code_makes_is_what_a_file_says() {
        let text = "[database]\nurl = \"data.db\"\n[oidc]\nissuer = \"https://id.example.com\"\n\
             client_id = \"panel\"\nclient_secret = \"secret\"\n[roles.editor]\n\
             groups = [\"editors\"]\n[[roles.editor.grants]]\non = [\"*\"]\nmay = [\"view\", \"edit\"]";
        let read = Config::parse(text, "test.toml", std::iter::empty()).unwrap();
        let made = config().checked().unwrap();
        let without_places = |mut config: Config| {
            config.places = Places::default();
            format!("{config:?}")
        };
        assert_eq!(without_places(made), without_places(read));
    }

    #[test]
    fn what_code_makes_is_checked_as_a_file_is() {
        let mut config = config().role(
            "admin",
            RoleConfig::of(["*"]).grant(GrantConfig::on(["orders"]).may(["veiw"])),
        );
        config.database.pool_size = 0;
        config.server.mount = "admin".into();
        let said = config.checked().unwrap_err().to_string();
        for line in [
            "server.mount: must start with",
            "database.pool_size: must be at least 1",
            "roles.admin.groups[1]: groups are matched exactly",
            "roles.admin.grants[1].may[1]: \u{201c}veiw\u{201d} is not a verb; did you mean",
        ] {
            assert!(said.lines().any(|told| told.starts_with(line)), "{said}");
        }
        let said = Config::new("").checked().unwrap_err().to_string();
        assert!(said.starts_with("database.url: is missing"), "{said}");
    }

    #[test]
    fn a_configuration_that_was_checked_can_be_checked_again() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("url");
        std::fs::write(&file, "data.db").unwrap();
        let mut config = config();
        config.database.url = Secret::new("");
        config.database.url_file = Some(file);
        let config = config.checked().unwrap().checked().unwrap();
        assert!(config.database.url.reveal().ends_with("data.db"));
    }
}
