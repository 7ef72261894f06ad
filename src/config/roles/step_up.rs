//! `step_up` of a grant and of a role: what a verb demands besides the right.

use super::{GrantConfig, Manage, RoleConfig};
use crate::config::duration;
use crate::suggest::nearest;
use crate::texts::text;
use std::collections::BTreeMap;
use std::time::Duration;

/// What can have a demand, besides `action:NAME`.
const OCCASIONS: [&str; 7] = [
    "create", "edit", "delete", "export", "import", "history", "bulk",
];
/// The shortest age that can be demanded: after sign-in, people need time to read a page and press
/// a button.
const SHORTEST: Duration = Duration::from_secs(30);

/// `{ max_age = "5m", acr = ["urn:mfa"] }`
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepUpConfig {
    /// The longest time since the person signed in at the provider.
    #[serde(
        default,
        deserialize_with = "duration::optional",
        serialize_with = "duration::write_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub max_age: Option<Duration>,
    /// Accepted values of the claim `acr`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acr: Vec<String>,
}

impl StepUpConfig {
    /// Describes what is wrong with this demand alone, if anything.
    fn wrong(&self) -> Option<String> {
        let is_word = |way: &String| !way.is_empty() && !way.contains(char::is_whitespace);
        if self.max_age.is_none() && self.acr.is_empty() {
            return Some(text!(
                "demand-nothing",
                example = "{ max_age = \"5m\" }, { acr = [\"...\"] }"
            ));
        }
        if self.max_age.is_some_and(|age| age < SHORTEST) {
            let seconds = SHORTEST.as_secs().to_string();
            return Some(text!("demand-short", seconds = seconds));
        }
        if !self.acr.iter().all(is_word) {
            return Some(text!("demand-acr"));
        }
        None
    }
}

/// Faults in the demands of a grant: the verb, and the reason.
pub(crate) fn wrong_in_grant(grant: &GrantConfig) -> Vec<(String, String)> {
    wrong(&grant.step_up, |verb| {
        if verb == "view" {
            return Some(text!("demand-view"));
        }
        let is_action = |verb: &str| verb.starts_with("action:") && verb.len() > 7;
        if !OCCASIONS.contains(&verb) && !is_action(verb) {
            return Some(match nearest(verb, OCCASIONS) {
                Some(near) => text!("policy-no-verb-near", verb = verb, near = near),
                None => text!("policy-no-verb", verb = verb, verbs = OCCASIONS.join(", ")),
            });
        }
        let mut may = grant.may.iter().map(String::as_str);
        let is_given = match verb {
            "bulk" => may.any(|verb| matches!(verb, "edit" | "delete") || is_action(verb)),
            verb => may.any(|given| given == verb),
        };
        (!is_given).then(|| match verb {
            "bulk" => text!("demand-bulk"),
            verb => text!("demand-not-given", verb = verb),
        })
    })
}

/// Faults in the demands of a role on what it manages.
pub(crate) fn wrong_in_role(role: &RoleConfig) -> Vec<(String, String)> {
    wrong(&role.step_up, |name| {
        let Some(what) = Manage::ALL.into_iter().find(|what| what.name() == name) else {
            return Some(text!("demand-no-manage"));
        };
        (!role.manage.contains(&what)).then(|| text!("demand-not-managed", what = name))
    })
}

fn wrong(
    demands: &BTreeMap<String, StepUpConfig>,
    wrong_name: impl Fn(&str) -> Option<String>,
) -> Vec<(String, String)> {
    let found = demands.iter().filter_map(|(name, demand)| {
        let reason = wrong_name(name).or_else(|| demand.wrong())?;
        Some((name.clone(), reason))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::config::Config;

    fn role(step_up: &str, managing: &str) -> Result<Config, String> {
        let text = format!(
            "[database]\nurl = \"data.db\"\n[roles.r]\ngroups = [\"a\"]\nmanage = [\"roles\"]\n\
             step_up = {managing}\n[[roles.r.grants]]\non = [\"x\"]\n\
             may = [\"view\", \"delete\", \"export\"]\nstep_up = {step_up}"
        );
        Config::parse(&text, "test.toml", std::iter::empty()).map_err(|error| error.to_string())
    }

    #[test]
    fn demands_are_read() {
        let config = role(
            r#"{ delete = { max_age = "5m", acr = ["urn:mfa"] }, export = { max_age = "30s" }, bulk = { acr = ["x"] } }"#,
            r#"{ roles = { max_age = "10m" } }"#,
        )
        .unwrap();
        let role = config.roles.get("r").unwrap();
        let grant = role.grants.first().unwrap();
        let delete = grant.step_up.get("delete").unwrap();
        assert_eq!(delete.max_age, Some(Duration::from_secs(300)));
        assert_eq!(delete.acr, ["urn:mfa"]);
        assert_eq!(grant.step_up.len(), 3);
        let roles = role.step_up.get("roles").unwrap();
        assert_eq!(roles.max_age, Some(Duration::from_secs(600)));
    }

    #[test]
    fn a_demand_comes_back_as_it_was_written() {
        for text in [
            r#"{"max_age":"5m","acr":["urn:mfa"]}"#,
            r#"{"max_age":"90s"}"#,
            r#"{"acr":["a","b"]}"#,
        ] {
            let demand: StepUpConfig = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&demand).unwrap(), text);
        }
    }

    #[test]
    fn a_demand_that_cannot_be_met_or_kept_stops_the_start() {
        let at = "test.toml:10:";
        for (step_up, managing, place, words) in [
            (
                "{ delte = { max_age = \"5m\" } }",
                "{}",
                at,
                "did you mean \u{201c}delete\u{201d}",
            ),
            (
                "{ view = { max_age = \"5m\" } }",
                "{}",
                at,
                "demands no more than a session",
            ),
            (
                "{ edit = { max_age = \"5m\" } }",
                "{}",
                at,
                "does not give \u{201c}edit\u{201d}",
            ),
            (
                "{ \"action:x\" = { max_age = \"5m\" } }",
                "{}",
                at,
                "does not give",
            ),
            (
                "{ \"action:\" = { max_age = \"5m\" } }",
                "{}",
                at,
                "is not a verb",
            ),
            (
                "{ delete = {} }",
                "{}",
                at,
                "roles.r.grants[1].step_up.delete: demands nothing",
            ),
            ("{ delete = { acr = [] } }", "{}", at, "demands nothing"),
            (
                "{ delete = { max_age = \"29s\" } }",
                "{}",
                at,
                "at least 30s",
            ),
            (
                "{ delete = { acr = [\"a b\"] } }",
                "{}",
                at,
                "without blanks",
            ),
            ("{ delete = { acr = [\"\"] } }", "{}", at, "without blanks"),
            (
                "{ delete = { max_age = \"soon\" } }",
                "{}",
                at,
                "is not a duration",
            ),
            ("{ delete = { age = \"5m\" } }", "{}", at, "max_age"),
            (
                "{}",
                "{ sessions = { max_age = \"5m\" } }",
                "test.toml:6:",
                "add it to manage",
            ),
            (
                "{}",
                "{ delete = { max_age = \"5m\" } }",
                "test.toml:6:",
                "nothing that can be managed",
            ),
            ("{}", "{ roles = {} }", "test.toml:6:", "demands nothing"),
        ] {
            let said = role(step_up, managing).unwrap_err();
            assert!(
                said.starts_with(place) && said.contains(words),
                "{step_up} {managing}: {said}"
            );
        }
    }

    #[test]
    fn bulk_needs_something_that_is_done_in_bulk() {
        let grant = GrantConfig {
            may: vec!["view".into(), "export".into()],
            step_up: BTreeMap::from([(
                "bulk".into(),
                StepUpConfig {
                    max_age: Some(Duration::from_secs(60)),
                    ..StepUpConfig::default()
                },
            )]),
            ..GrantConfig::default()
        };
        assert!(wrong_in_grant(&grant).first().unwrap().1.contains("bulk"));
    }
}
