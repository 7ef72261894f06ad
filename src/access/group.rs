//! Matches a person's groups against the group rules of roles.

use super::Person;
use crate::config::GroupRule;
use crate::texts::text;
use regex_lite::Regex;

/// A compiled group rule of a role.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// The rule as configured.
    pub rule: GroupRule,
    pattern: Option<Regex>,
}

impl Mapping {
    /// Compiles a rule.
    ///
    /// # Errors
    /// As [`GroupRule::pattern`].
    pub fn new(rule: &GroupRule) -> Result<Self, String> {
        Ok(Self {
            rule: rule.clone(),
            pattern: rule.pattern()?,
        })
    }

    /// Compiles a rule of the panel's own tables.
    ///
    /// # Errors
    /// As [`Mapping::new`]. Also an empty name, or a name that seems to mean everyone, which the
    /// configuration refuses too.
    pub fn kept(rule: &GroupRule) -> Result<Self, String> {
        if rule.text.trim().is_empty() {
            return Err(text!("policy-group-empty"));
        }
        if rule.text.trim() == "*" {
            return Err(text!("policy-group-everyone"));
        }
        Self::new(rule)
    }

    /// Whether it matches a group of the provider with that name.
    pub fn takes(&self, provider: Option<&str>, group: &str) -> bool {
        self.rule.at.as_deref() == provider
            && match &self.pattern {
                None => self.rule.text == group,
                Some(pattern) => pattern.is_match(group),
            }
    }

    /// The first of a person's groups that it matches.
    pub fn taken<'p>(&self, person: &'p Person) -> Option<&'p str> {
        let provider = person.provider.as_deref();
        let mut groups = person.groups.iter().map(String::as_str);
        groups.find(|group| self.takes(provider, group))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::config::GroupMatch;

    fn mapping(how: GroupMatch, text: &str) -> Result<Mapping, String> {
        Mapping::new(&GroupRule {
            how,
            ..GroupRule::is(text)
        })
    }

    #[test]
    fn a_name_is_exact_case_and_all() {
        let admins = mapping(GroupMatch::Is, "admins").unwrap();
        assert!(admins.takes(None, "admins"));
        // The fourth starts with a Cyrillic letter.
        for other in [
            "Admins",
            "admins ",
            "/admins",
            "\u{430}dmins",
            "admin",
            "admins2",
            "",
        ] {
            assert!(!admins.takes(None, other), "{other}");
        }
        let star = mapping(GroupMatch::Is, "team-*").unwrap();
        assert!(star.takes(None, "team-*") && !star.takes(None, "team-1"));
    }

    #[test]
    fn a_glob_takes_the_whole_group() {
        let team = mapping(GroupMatch::Glob, "team-?.*").unwrap();
        assert!(team.takes(None, "team-1.west") && team.takes(None, "team-x."));
        for other in ["team-1", "team-12.x", "xteam-1.a", "Team-1.a", "team-1xa"] {
            assert!(!team.takes(None, other), "{other}");
        }
    }

    #[test]
    fn an_expression_is_anchored() {
        let team = mapping(GroupMatch::Regex, "a|team-[0-9]+").unwrap();
        assert!(team.takes(None, "a") && team.takes(None, "team-12"));
        for other in ["xa", "ab", "team-1x", "my team-1", "team-1\n"] {
            assert!(!team.takes(None, other), "{other}");
        }
    }

    #[test]
    fn an_expression_does_not_end_what_anchors_it() {
        for text in ["a)|(?:b", "a)|(b", "staff)|(?:admins"] {
            assert!(mapping(GroupMatch::Regex, text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_takes_everyone_or_nothing_readable_is_refused() {
        for (how, text) in [
            (GroupMatch::Glob, "*"),
            (GroupMatch::Glob, "?*"),
            (GroupMatch::Regex, ".*"),
            (GroupMatch::Regex, "(?s).+"),
            (GroupMatch::Regex, "("),
        ] {
            assert!(mapping(how, text).is_err(), "{text}");
        }
    }

    #[test]
    fn groups_of_one_provider_are_not_those_of_another() {
        let staff = Mapping::new(&GroupRule {
            at: Some("partner".into()),
            ..GroupRule::is("staff")
        })
        .unwrap();
        assert!(staff.takes(Some("partner"), "staff"));
        assert!(!staff.takes(None, "staff") && !staff.takes(Some("other"), "staff"));
    }
}
