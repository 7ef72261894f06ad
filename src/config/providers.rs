//! `[providers.NAME]`: further identity providers.

use super::{Config, KeyPath, OidcConfig, report::Report};

/// The name that selects `[oidc]` in sign-in addresses.
pub const MAIN: &str = "oidc";

impl Config {
    /// Every provider, that of `[oidc]` first.
    pub(crate) fn identity_providers(&self) -> impl Iterator<Item = &OidcConfig> {
        self.oidc.iter().chain(self.providers.values())
    }

    pub(super) fn settle_providers(&mut self, report: &mut Report<'_>) {
        let server = &self.server;
        if let Some(main) = &mut self.oidc {
            main.name = None;
        }
        for (name, provider) in &mut self.providers {
            provider.name = Some(name.clone());
            if let Some(wrong) = wrong_name(name) {
                report.fault(KeyPath::of("providers").key(name), wrong);
            }
        }
        for provider in self.oidc.iter_mut().chain(self.providers.values_mut()) {
            provider.settle(server, report);
        }
        if self.oidc.is_none() && !self.providers.is_empty() {
            report.fault(
                KeyPath::of("providers"),
                "need [oidc], which is missing: make one of them [oidc]",
            );
        }
        self.check_issuers(report);
        self.check_places(report);
    }

    /// Refuses an issuer that is used twice. The issuer identifies people, so it must belong to one
    /// provider.
    fn check_issuers(&self, report: &mut Report<'_>) {
        for (index, provider) in self.identity_providers().enumerate() {
            let mut before = self.identity_providers().take(index);
            if let Some(twin) = before.find(|other| other.issuer == provider.issuer) {
                let place = twin.key("issuer");
                report.fault(
                    provider.key("issuer"),
                    format!("is that of {place} too: each provider is configured once"),
                );
            }
        }
    }

    /// Checks that `at` in a role's groups names a provider.
    fn check_places(&self, report: &mut Report<'_>) {
        for (name, role) in &self.roles {
            let groups = KeyPath::of("roles").key(name).key("groups");
            for (index, rule) in role.groups.iter().enumerate() {
                if let Some(at) = &rule.at
                    && !self.providers.contains_key(at)
                {
                    let known: Vec<&str> = self.providers.keys().map(String::as_str).collect();
                    let known = if known.is_empty() {
                        "there is none".to_owned()
                    } else {
                        format!("there are {}", known.join(", "))
                    };
                    let message = format!(
                        "at = {at:?} names no provider: {known}; groups of [oidc] need no \u{201c}at\u{201d}"
                    );
                    report.fault(groups.index(index), message);
                }
            }
        }
    }
}

/// Describes what is wrong with a provider's name, which is used in addresses and rules.
fn wrong_name(name: &str) -> Option<&'static str> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if name == MAIN {
        Some("is the name of [oidc] itself: choose another")
    } else if name.is_empty() || name.len() > 40 || !name.chars().all(is_plain) {
        Some("a provider's name is part of its redirect URI: use a-z, 0-9, - and _, at most 40")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use crate::config::Config;

    const ONE: &str = "issuer = \"https://a.example\"\nclient_id = \"p\"\nclient_secret = \"s\"\n";
    const TWO: &str = "issuer = \"https://b.example\"\nclient_id = \"q\"\nclient_secret = \"t\"\n";

    fn parse(text: &str) -> Result<Config, String> {
        let text = format!("[database]\nurl = \"data.db\"\n{text}");
        Config::parse(&text, "test.toml", std::iter::empty()).map_err(|error| error.to_string())
    }

    #[test]
    fn each_provider_has_a_redirect_uri_of_its_own() {
        let config = parse(&format!(
            "[oidc]\n{ONE}[providers.partner]\n{TWO}label = \"P\""
        ))
        .unwrap();
        let all: Vec<_> = config
            .identity_providers()
            .map(|one| (one.name.as_deref(), one.callback_path(), one.label()))
            .collect();
        let main = (None, "/auth/callback".to_owned(), "a.example".to_owned());
        let other = (
            Some("partner"),
            "/auth/callback/partner".to_owned(),
            "P".to_owned(),
        );
        assert_eq!(all, [main, other]);
    }

    #[test]
    fn two_with_one_issuer_are_refused() {
        let said = parse(&format!("[oidc]\n{ONE}[providers.partner]\n{ONE}")).unwrap_err();
        assert_eq!(
            said,
            "test.toml:8:10: providers.partner.issuer: is that of oidc.issuer too: each provider is \
             configured once"
        );
    }

    #[test]
    fn a_fault_is_told_with_the_providers_name() {
        let text = format!(
            "[oidc]\n{ONE}[providers.partner]\nissuer = \"http://b.example\"\nclient_id = \"\""
        );
        let said = parse(&text).unwrap_err();
        for part in [
            "test.toml:8:10: providers.partner.issuer: must be https",
            "providers.partner.client_id: is empty",
            "providers.partner.client_secret: is missing",
        ] {
            assert!(said.contains(part), "{said}");
        }
    }

    #[test]
    fn names_can_stand_in_an_address() {
        for name in ["oidc", "\"A\"", "\"a/b\"", "\"\"", "\"a b\""] {
            let text = format!("[oidc]\n{ONE}[providers.{name}]\n{TWO}");
            assert!(parse(&text).unwrap_err().contains("providers."), "{name}");
        }
        for name in ["partner", "partner-2", "p_1"] {
            let text = format!("[oidc]\n{ONE}[providers.{name}]\n{TWO}");
            assert!(parse(&text).is_ok(), "{name}");
        }
    }

    #[test]
    fn without_oidc_there_is_nothing_to_stand_beside() {
        let said = parse(&format!("[providers.partner]\n{TWO}")).unwrap_err();
        assert!(said.contains("providers: need [oidc]"), "{said}");
    }

    #[test]
    fn a_rule_is_for_groups_of_a_provider_that_is_there() {
        let with = |at: &str| {
            parse(&format!(
                "[oidc]\n{ONE}[providers.partner]\n{TWO}[roles.a]\ngroups = [\"x\", {{ is = \"a\", at = {at:?} }}]"
            ))
        };
        assert!(with("partner").is_ok());
        let said = with("partners").unwrap_err();
        assert!(
            said.starts_with("test.toml:12:16: roles.a.groups[2]: at = \"partners\" names no provider: there are partner"),
            "{said}"
        );
    }
}
