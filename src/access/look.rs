//! Viewing the panel as somebody else.
//!
//! Viewing as somebody else changes the rights, but not the identity. Issuer, subject and name stay
//! those of the person who views, so the audit log names them.

use super::{BREAK_GLASS_REASON, Person};
use crate::texts::{stored, text};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The role or groups that somebody views the panel as, with claims.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// The source of the rights.
    pub standing: Standing,
    /// The claims for row rules.
    #[serde(default)]
    pub claims: Map<String, Value>,
    /// The person who views, while the view is active. It is never stored: a session holds its real
    /// person.
    #[serde(skip)]
    pub own: Option<Box<Person>>,
}

/// The source of the rights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// A role, regardless of groups.
    Role(String),
    /// Groups, as they could come at a sign-in.
    Groups {
        /// Their provider; none for `[oidc]`.
        provider: Option<String>,
        /// Their names.
        groups: Vec<String>,
        /// The person with these groups, if there is one.
        of: Option<String>,
    },
}

/// The number of groups named in words.
const NAMED: usize = 3;

impl Look {
    /// Makes a value that is not active yet.
    pub fn new(standing: Standing, claims: Map<String, Value>) -> Self {
        Self {
            standing,
            claims,
            own: None,
        }
    }

    /// The person who views, with the rights of the look instead of their own.
    pub fn person(&self, own: &Person) -> Person {
        let (provider, groups, as_role) = match &self.standing {
            Standing::Role(role) => (own.provider.clone(), Vec::new(), Some(role.clone())),
            Standing::Groups {
                provider, groups, ..
            } => (provider.clone(), groups.clone(), None),
        };
        let mut claims = self.claims.clone();
        // The reason of a break-glass session stays on everything done in it.
        claims.remove(BREAK_GLASS_REASON);
        if let Some(reason) = own.break_glass_reason() {
            claims.insert(BREAK_GLASS_REASON.into(), reason.into());
        }
        Person {
            provider,
            groups,
            as_role,
            claims,
            ..own.clone()
        }
    }

    /// The role or groups, to follow "as": `viewer`, `someone in staff and sales`.
    pub fn in_words(&self) -> String {
        match &self.standing {
            Standing::Role(role) => role.clone(),
            Standing::Groups { of: Some(name), .. } => {
                text!("look-person", name = name)
            }
            Standing::Groups { groups, .. } if groups.is_empty() => {
                text!("look-no-groups")
            }
            Standing::Groups { groups, .. } => text!("look-groups", groups = named(groups)),
        }
    }

    /// The same for the audit log: `role viewer`.
    pub fn in_the_log(&self) -> String {
        match &self.standing {
            Standing::Role(role) => stored(|| text!("look-role", role = role)),
            Standing::Groups { .. } => stored(|| self.in_words()),
        }
    }
}

fn named(groups: &[String]) -> String {
    let first: Vec<&str> = groups.iter().take(NAMED).map(String::as_str).collect();
    match groups.len().saturating_sub(NAMED) {
        0 => first.join(", "),
        more => text!("look-more", names = first.join(", "), count = more),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::access::testing::person;
    use serde_json::json;

    fn groups(groups: &[&str], of: Option<&str>) -> Standing {
        Standing::Groups {
            provider: Some("partner".into()),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            of: of.map(str::to_owned),
        }
    }

    #[test]
    fn a_look_gives_its_rights_and_nothing_of_ones_own() {
        let own = Person {
            as_role: Some("admin".into()),
            ..person(&["admins"], json!({ "region": "emea" }))
        };
        let claims = json!({ "region": "apac" }).as_object().unwrap().clone();
        let role = Look::new(Standing::Role("viewer".into()), claims).person(&own);
        assert_eq!(role.as_role.as_deref(), Some("viewer"));
        assert!(role.groups.is_empty());
        assert_eq!(role.claims.get("region"), Some(&json!("apac")));
        let some = Look::new(groups(&["staff"], None), Map::new()).person(&own);
        assert_eq!(some.groups, ["staff"]);
        assert_eq!(
            (some.as_role, some.provider.as_deref()),
            (None, Some("partner"))
        );
        assert!(some.claims.is_empty());
        for seen in [role.subject, some.subject] {
            assert_eq!(seen, own.subject);
        }
    }

    #[test]
    fn a_look_is_told_in_words() {
        let words = |standing| Look::new(standing, Map::new()).in_words();
        assert_eq!(words(Standing::Role("viewer".into())), "viewer");
        assert_eq!(words(groups(&[], None)), "someone without groups");
        assert_eq!(words(groups(&["a", "b"], None)), "someone in a, b");
        assert_eq!(
            words(groups(&["a", "b", "c", "d", "e"], None)),
            "someone in a, b, c and 2 more"
        );
        assert_eq!(
            words(groups(&["a"], Some("Bob"))),
            "someone with the groups of Bob"
        );
    }

    #[test]
    fn who_looks_is_not_stored() {
        let mut look = Look::new(Standing::Role("viewer".into()), Map::new());
        look.own = Some(Box::new(person(&["admins"], json!({}))));
        let text = serde_json::to_string(&look).unwrap();
        assert!(!text.contains("admins"), "{text}");
        let read: Look = serde_json::from_str(&text).unwrap();
        assert_eq!((read.own, read.standing), (None, look.standing));
    }
}
