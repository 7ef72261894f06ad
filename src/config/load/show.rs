//! Lists every effective value and its source, without secrets.

use crate::config::tree::{Content, Node};
use crate::config::{DatabaseConfig, Place, toml_key};

/// One effective value.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ConfigValue {
    /// The key, such as `oidc.issuer`; lists are counted from 1.
    pub key: String,
    /// The value as TOML, or `***`.
    pub value: String,
    /// Its source: `bailiwick.toml:4:10`, an environment variable, or `default`.
    pub origin: String,
}

/// Default values. A test compares them with the structs.
pub(super) const DEFAULTS: [(&str, &str); 26] = [
    ("server.listen", "\"127.0.0.1:8080\""),
    ("server.mount", "\"/admin\""),
    ("server.trusted_proxies", "[]"),
    ("server.metrics_from", "[\"127.0.0.1\", \"::1\"]"),
    ("server.denied_shows_expected", "false"),
    ("server.ready_needs_provider", "false"),
    ("database.schemas", "[\"public\"]"),
    ("database.pool_size", "8"),
    ("database.statement_timeout_s", "30"),
    (
        "oidc.scopes",
        "[\"openid\", \"profile\", \"email\", \"groups\"]",
    ),
    ("oidc.groups_claim", "\"groups\""),
    ("oidc.strip_prefix", "\"\""),
    ("oidc.skew", "\"1m\""),
    ("oidc.response_mode", "\"query\""),
    ("session.idle", "\"30m\""),
    ("session.absolute", "\"12h\""),
    ("session.recheck", "\"5m\""),
    ("session.grace", "\"10m\""),
    ("limits.sign_ins", "120"),
    ("limits.callbacks", "240"),
    ("limits.backchannel", "120"),
    ("limits.lists", "6000"),
    ("limits.lookups", "600"),
    ("limits.exports", "120"),
    ("limits.connections", "256"),
    ("break_glass.enabled", "false"),
];

/// Keys whose whole value is secret.
const SECRET: [&str; 5] = [
    "client_secret",
    "secret",
    "metrics_token",
    "proxy",
    "params",
];

/// Lists the values of the file and the environment, and the defaults of all other keys, sorted by
/// key.
pub(super) fn lines(root: &Node) -> Vec<ConfigValue> {
    let mut all = Vec::new();
    walk(root, "", &mut all);
    let defaults = DEFAULTS.iter().filter(|(key, _)| {
        let below = format!("{key}[");
        let is_set = |shown: &ConfigValue| shown.key == *key || shown.key.starts_with(&below);
        !all.iter().any(is_set)
    });
    let defaults: Vec<ConfigValue> = defaults
        .map(|(key, value)| ConfigValue {
            key: (*key).to_owned(),
            value: (*value).to_owned(),
            origin: "default".to_owned(),
        })
        .collect();
    all.extend(defaults);
    all.sort_by(|one, other| one.key.cmp(&other.key));
    all
}

fn walk(node: &Node, path: &str, all: &mut Vec<ConfigValue>) {
    match &node.content {
        Content::Table(entries) => {
            for (key, entry) in entries {
                let key = toml_key(key);
                let path = if path.is_empty() {
                    key.into_owned()
                } else {
                    format!("{path}.{key}")
                };
                if SECRET.contains(&key_of(&path)) && is_provider_or_session(&path) {
                    all.push(shown(path, "***".to_owned(), &entry.node.place))
                } else {
                    walk(&entry.node, &path, all)
                }
            }
        }
        Content::List(nodes)
            if nodes
                .iter()
                .any(|node| matches!(node.content, Content::Table(_))) =>
        {
            for (number, node) in (1_usize..).zip(nodes) {
                walk(node, &format!("{path}[{number}]"), all);
            }
        }
        _ => all.push(shown(path.to_owned(), value(node, path), &node.place)),
    }
}

fn key_of(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// Whether values at this path may be secret. Roles and resources can have any name, and hold no
/// secrets.
fn is_provider_or_session(path: &str) -> bool {
    !path.starts_with("roles.") && !path.starts_with("resources.")
}

fn shown(key: String, value: String, place: &Place) -> ConfigValue {
    ConfigValue {
        key,
        value,
        origin: place.to_string(),
    }
}

fn value(node: &Node, path: &str) -> String {
    let text = |text: &str| match path {
        "database.url" => format!("{:?}", DatabaseConfig::new(text).redacted_url()),
        _ => format!("{text:?}"),
    };
    match &node.content {
        Content::Text(said) => text(said),
        // The type of a variable depends on the key, so it is shown as written.
        Content::Variable(said) if path == "database.url" => text(said),
        Content::Variable(said) => said.clone(),
        Content::Integer(number) => number.to_string(),
        Content::Float(number) => number.to_string(),
        Content::Bool(value) => value.to_string(),
        Content::Datetime => "a date".to_owned(),
        Content::List(nodes) => {
            let all: Vec<String> = nodes.iter().map(|node| value(node, path)).collect();
            format!("[{}]", all.join(", "))
        }
        Content::Table(_) => "a table".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::DEFAULTS;
    use crate::config::Config;

    const LEAST: &str = "[database]\nurl = \"data.db\"\n[oidc]\nissuer = \"https://id.example.com\"\n\
                         client_id = \"p\"\nclient_secret = \"s\"\n";

    fn parsed(text: &str) -> String {
        let mut config = Config::parse(text, "test.toml", std::iter::empty()).unwrap();
        config.places = Default::default();
        config.warnings.clear();
        // Whether the scopes were written is not a value to compare.
        format!("{config:?}").replace("is_default: true", "is_default: false")
    }

    #[test]
    fn the_defaults_that_are_shown_are_those_in_force() {
        let least = parsed(LEAST);
        for (key, value) in DEFAULTS {
            let (table, key) = key.split_once('.').unwrap();
            let line = format!("{key} = {value}\n");
            let header = format!("[{table}]\n");
            let text = if LEAST.contains(&header) {
                LEAST.replace(&header, &format!("{header}{line}"))
            } else {
                format!("{LEAST}{header}{line}")
            };
            assert_eq!(parsed(&text), least, "{table}.{key}");
        }
    }
}
