//! A person's rights on each resource, with the rule behind each. Shared by "My access" and the
//! access page.

use crate::access::Action;
use crate::access::explain::{self, Access, Explanation, RoleAccess, RoleMatch, Rule};
use crate::texts::{all_of, text};
use crate::web::Urls;
use serde::Serialize;

/// A person's rights on one resource.
#[derive(Debug, Serialize)]
pub struct Line {
    #[serde(skip)]
    pub(super) name: String,
    pub(super) label: String,
    href: Option<String>,
    verbs: Vec<Verb>,
    columns_hidden: Vec<String>,
    columns_partly: Vec<String>,
    columns_read_only: Vec<String>,
    rows: Vec<String>,
    /// Step-up demands.
    asks: Vec<String>,
    rules: Vec<Rule>,
    /// Why a verb named in a grant is not given.
    withheld: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Verb {
    name: &'static str,
    allowed: bool,
    because: String,
}

/// A role of a person, and why they have it.
#[derive(Debug, Serialize)]
pub struct HeldRole {
    name: String,
    label: String,
    /// "group editors", "group team-1 (by glob team-*)".
    because: String,
}

impl Line {
    /// Adds a link to the list, if the reader may open it.
    pub fn new(access: Access, urls: Option<&Urls>) -> Self {
        let is_open = |verb: &str| {
            access
                .verbs
                .iter()
                .any(|v| v.allowed && v.action.name() == verb)
        };
        let href = urls
            .filter(|_| is_open("view"))
            .map(|urls| urls.list(&access.name));
        let withheld = access.verbs.iter().filter(|verdict| !verdict.allowed);
        let withheld = withheld.filter_map(|verdict| {
            let why = verdict.because.last()?;
            Some((verdict.action.name(), why.clone()))
        });
        let withheld = explain::by_reason(withheld);
        Self {
            href,
            withheld,
            verbs: access
                .verbs
                .iter()
                .map(|verdict| Verb {
                    name: verdict.action.name(),
                    allowed: verdict.allowed,
                    because: verdict.because.join("; "),
                })
                .collect(),
            name: access.name,
            label: access.label,
            columns_hidden: access.hidden,
            columns_partly: access.partly,
            columns_read_only: access.read_only,
            rows: access.rows,
            asks: access.asks,
            rules: access.rules,
        }
    }

    /// The rights of anyone with the role.
    pub fn of_role(access: RoleAccess) -> Self {
        let sources = |verb: &str| {
            let giving = access.rules.iter().filter(|rule| rule.may.contains(&verb));
            let sources: Vec<&str> = giving.map(|rule| rule.source.as_str()).collect();
            sources.join("; ")
        };
        let verbs = Action::ALL.map(|action| Verb {
            name: action.name(),
            allowed: access.may.contains(&action.name()),
            because: sources(action.name()),
        });
        let views = access
            .rules
            .iter()
            .filter(|rule| rule.may.contains(&"view"));
        let mut rows: Vec<String> = if access.is_limited {
            views.map(|rule| all_of(&rule.rows)).collect()
        } else {
            Vec::new()
        };
        rows.dedup();
        Self {
            href: None,
            verbs: verbs.into(),
            name: access.name,
            label: access.label,
            columns_hidden: access.hidden,
            columns_partly: access.partly,
            columns_read_only: access.read_only,
            rows,
            asks: access.asks,
            rules: access.rules,
            withheld: access.withheld,
        }
    }

    /// The granted verbs.
    fn may(&self) -> Vec<&'static str> {
        let given = self.verbs.iter().filter(|verb| verb.allowed);
        given.map(|verb| verb.name).collect()
    }

    /// The same in JSON.
    pub fn as_json(&self) -> serde_json::Value {
        let sources: Vec<&str> = self.rules.iter().map(|rule| rule.source.as_str()).collect();
        serde_json::json!({
            "may": self.may(),
            "hidden": self.columns_hidden,
            "partly": self.columns_partly,
            "read_only": self.columns_read_only,
            "rows": self.rows,
            "asks": self.asks,
            "because": sources,
            "rules": self.rules,
            "withheld": self.withheld,
        })
    }
}

impl HeldRole {
    /// A role and the groups that give it.
    pub fn new(role: &RoleMatch) -> Self {
        let taken = role.because.iter().map(|taken| {
            if taken.rule == taken.group {
                taken.group.clone()
            } else {
                text!("taken-by", group = taken.group, rule = taken.rule)
            }
        });
        let mut taken: Vec<String> = taken.collect();
        taken.dedup();
        let because = match taken.len() {
            0 => text!("held-chosen"),
            count => text!("held-groups", count = count, groups = taken.join(", ")),
        };
        Self {
            name: role.name.clone(),
            label: role.label.clone(),
            because,
        }
    }

    /// Every role of an explanation.
    pub fn all(told: &Explanation) -> Vec<Self> {
        told.roles.iter().map(Self::new).collect()
    }
}
