//! The effects of a role change on people, in words.

use super::difference::{Rights, Rows};
use crate::access::Policy;
use crate::access::explain::words::of_rule_for_anyone;
use crate::access::preview::{Effect, Right};
use crate::config::{GroupMatch, GroupRule, Manage};
use crate::texts::{all_of, any_of, text};
use serde::Serialize;

/// One effect.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Line {
    /// `gained` or `lost`.
    pub(super) sign: &'static str,
    /// The text: "gains edit and delete on Orders".
    pub(super) text: String,
}

/// The grammatical subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// One person, named before it.
    One,
    /// Several people.
    Many,
    /// The person who asks.
    You,
}

impl Subject {
    /// The subject for this many people.
    pub(super) fn of(count: usize) -> Self {
        match count {
            1 => Self::One,
            _ => Self::Many,
        }
    }
}

/// An effect; rights and rows are in words.
enum PersonChange {
    Enters,
    EntersNoMore,
    GainsRole(String),
    LosesRole(String),
    Manages(String),
    ManagesNoMore(String),
    Gains(String),
    Loses(String),
    /// They keep this many verbs in some rows.
    LosesSome {
        lost: String,
        count: usize,
        rows: String,
    },
}

fn told(sign: &'static str, subject: Subject, told: &PersonChange) -> Line {
    let text = match subject {
        Subject::One => match told {
            PersonChange::Enters => text!("one-enters"),
            PersonChange::EntersNoMore => text!("one-enters-no-more"),
            PersonChange::GainsRole(role) => text!("one-gains-role", role = role),
            PersonChange::LosesRole(role) => text!("one-loses-role", role = role),
            PersonChange::Manages(what) => text!("one-manages", what = what),
            PersonChange::ManagesNoMore(what) => text!("one-manages-no-more", what = what),
            PersonChange::Gains(rights) => text!("one-gains", rights = rights),
            PersonChange::Loses(rights) => text!("one-loses", rights = rights),
            PersonChange::LosesSome { lost, count, rows } => {
                text!("one-loses-some", rights = lost, count = *count, rows = rows)
            }
        },
        Subject::Many => match told {
            PersonChange::Enters => text!("many-enters"),
            PersonChange::EntersNoMore => text!("many-enters-no-more"),
            PersonChange::GainsRole(role) => text!("many-gains-role", role = role),
            PersonChange::LosesRole(role) => text!("many-loses-role", role = role),
            PersonChange::Manages(what) => text!("many-manages", what = what),
            PersonChange::ManagesNoMore(what) => text!("many-manages-no-more", what = what),
            PersonChange::Gains(rights) => text!("many-gains", rights = rights),
            PersonChange::Loses(rights) => text!("many-loses", rights = rights),
            PersonChange::LosesSome { lost, count, rows } => text!(
                "many-loses-some",
                rights = lost,
                count = *count,
                rows = rows
            ),
        },
        Subject::You => match told {
            PersonChange::Enters => text!("you-enters"),
            PersonChange::EntersNoMore => text!("you-enters-no-more"),
            PersonChange::GainsRole(role) => text!("you-gains-role", role = role),
            PersonChange::LosesRole(role) => text!("you-loses-role", role = role),
            PersonChange::Manages(what) => text!("you-manages", what = what),
            PersonChange::ManagesNoMore(what) => text!("you-manages-no-more", what = what),
            PersonChange::Gains(rights) => text!("you-gains", rights = rights),
            PersonChange::Loses(rights) => text!("you-loses", rights = rights),
            PersonChange::LosesSome { lost, count, rows } => {
                text!("you-loses-some", rights = lost, count = *count, rows = rows)
            }
        },
    };
    Line { sign, text }
}

/// All effects on a person. `old` and `new` provide the labels.
pub(super) fn of_effect(
    effect: &Effect,
    (old, new): (&Policy, &Policy),
    subject: Subject,
) -> Vec<Line> {
    let mut lines = Vec::new();
    match effect.enters {
        Some(true) => lines.push(told("gained", subject, &PersonChange::Enters)),
        Some(false) => lines.push(told("lost", subject, &PersonChange::EntersNoMore)),
        None => {}
    }
    lines.extend(
        roles(&effect.roles.gained, new)
            .map(|label| told("gained", subject, &PersonChange::GainsRole(label))),
    );
    lines.extend(
        roles(&effect.roles.lost, old)
            .map(|label| told("lost", subject, &PersonChange::LosesRole(label))),
    );
    let managed = |what: &Manage| managed(*what);
    let more = effect.manage.gained.iter().map(managed);
    lines.extend(more.map(|what| told("gained", subject, &PersonChange::Manages(what))));
    let less = effect.manage.lost.iter().map(managed);
    lines.extend(less.map(|what| told("lost", subject, &PersonChange::ManagesNoMore(what))));
    for rights in together(&effect.rights.gained) {
        lines.push(told(
            "gained",
            subject,
            &PersonChange::Gains(rights.rights(new).in_words()),
        ));
    }
    for rights in together(&effect.rights.lost) {
        let lost = rights.rights(old).in_words();
        lines.push(told(
            "lost",
            subject,
            &match rights.kept(old) {
                None => PersonChange::Loses(lost),
                Some(rows) => PersonChange::LosesSome {
                    lost,
                    count: rights.verbs.len(),
                    rows,
                },
            },
        ));
    }
    lines
}

/// The parts that may be managed, in words.
pub(super) fn managed(what: Manage) -> String {
    match what {
        Manage::Roles => text!("managed-roles"),
        Manage::Sessions => text!("managed-sessions"),
    }
}

/// Roles by their labels.
fn roles<'r>(names: &'r [String], policy: &'r Policy) -> impl Iterator<Item = String> + 'r {
    names.iter().map(|name| {
        let label = policy.role(name).map_or(name.as_str(), |role| &role.label);
        label.to_owned()
    })
}

/// Similar rights in one line: verbs on resources.
struct GroupedRights<'r> {
    verbs: Vec<&'static str>,
    resources: Vec<&'r str>,
    right: &'r Right,
}

/// Groups the verbs of each resource, then resources with the same verbs.
fn together<'r>(rights: &'r [Right]) -> Vec<GroupedRights<'r>> {
    let is_alike = |one: &Right, other: &Right| {
        (&one.columns, &one.without, &one.rows, &one.beside)
            == (&other.columns, &other.without, &other.rows, &other.beside)
    };
    let mut by_resource: Vec<GroupedRights<'r>> = Vec::new();
    for right in rights {
        let mut same = by_resource.iter_mut();
        let found = same
            .find(|other| other.right.resource == right.resource && is_alike(other.right, right));
        match found {
            Some(other) => other.verbs.push(right.verb.name()),
            None => by_resource.push(GroupedRights {
                verbs: vec![right.verb.name()],
                resources: vec![&right.resource],
                right,
            }),
        }
    }
    let mut by_verbs: Vec<GroupedRights<'r>> = Vec::new();
    for told in by_resource {
        let mut same = by_verbs.iter_mut();
        match same.find(|other| other.verbs == told.verbs && is_alike(other.right, told.right)) {
            Some(other) => other.resources.extend(told.resources),
            None => by_verbs.push(told),
        }
    }
    by_verbs
}

impl GroupedRights<'_> {
    fn rights(&self, policy: &Policy) -> Rights {
        let catalog = policy.catalog();
        let column = |name: &String| {
            let resource = catalog.get(&self.right.resource);
            let field = resource.and_then(|resource| {
                resource
                    .index_of(name)
                    .and_then(|index| resource.fields.get(index))
            });
            field.map_or_else(|| name.clone(), |field| field.label.clone())
        };
        let labels = self.resources.iter().map(|name| match catalog.get(name) {
            Some(resource) => resource.label.clone(),
            None => (*name).to_owned(),
        });
        let is_every_row = self.right.rows.iter().any(Vec::is_empty);
        Rights {
            verbs: self.verbs.iter().map(|verb| (*verb).to_owned()).collect(),
            resources: labels.collect(),
            columns: self.right.columns.iter().map(column).collect(),
            rows: match (is_every_row, self.right.beside.is_empty()) {
                (true, true) => Rows::All,
                (true, false) => Rows::Every,
                (false, _) => Rows::Where(self.conditions(&self.right.rows, policy)),
            },
            without: self.right.without.iter().map(column).collect(),
            read_only: Vec::new(),
        }
    }

    /// The rows in which a lost right remains: "in rows where Region is emea".
    fn kept(&self, policy: &Policy) -> Option<String> {
        let beside = &self.right.beside;
        if beside.is_empty() {
            return None;
        }
        if beside.iter().any(Vec::is_empty) {
            return Some(text!("in-every-row"));
        }
        let rows = self.conditions(beside, policy);
        Some(text!("in-rows-where", rows = rows))
    }

    /// Alternatives, each with conditions that must all hold: "Region is emea and Total is 1 or
    /// ...".
    fn conditions(&self, scopes: &[Vec<String>], policy: &Policy) -> String {
        let told = |text: &String| {
            condition(policy, &self.right.resource, text).unwrap_or_else(|| text.clone())
        };
        let scopes = scopes.iter().map(|scope| {
            let scope: Vec<String> = scope.iter().map(told).collect();
            all_of(&scope)
        });
        any_of(&scopes.collect::<Vec<_>>())
    }
}

/// A condition of a row rule with labels, if any role has it: "Region is the claim region".
pub(super) fn condition(policy: &Policy, resource: &str, text: &str) -> Option<String> {
    let mut rules = policy
        .all_roles()
        .iter()
        .flat_map(|role| role.grants_on(resource))
        .flat_map(|grant| &grant.rows);
    let rule = rules.find(|rule| rule.text() == text)?;
    let resource = policy.catalog().get(resource)?;
    Some(of_rule_for_anyone(rule, resource))
}

/// Groups as part of a sentence: "the group staff", "groups like team-*".
pub(super) fn group(rule: &GroupRule) -> String {
    let (name, provider) = (&rule.text, &rule.at);
    match (rule.how, provider) {
        (GroupMatch::Is, None) => text!("group-is", name = name),
        (GroupMatch::Glob, None) => text!("group-like", name = name),
        (GroupMatch::Regex, None) => text!("group-matching", name = name),
        (GroupMatch::Is, Some(at)) => text!("group-is-at", name = name, provider = at),
        (GroupMatch::Glob, Some(at)) => text!("group-like-at", name = name, provider = at),
        (GroupMatch::Regex, Some(at)) => text!("group-matching-at", name = name, provider = at),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::access::Action;
    use crate::access::preview::GainsAndLosses;
    use crate::access::testing::{catalog, grant, roles};

    fn right(verb: Action, resource: &str) -> Right {
        Right {
            resource: resource.into(),
            verb,
            columns: Vec::new(),
            without: Vec::new(),
            rows: vec![Vec::new()],
            beside: Vec::new(),
        }
    }

    fn words(rights: GainsAndLosses<Right>) -> Vec<String> {
        said(rights, Subject::One)
    }

    fn said(rights: GainsAndLosses<Right>, subject: Subject) -> Vec<String> {
        let scoped = grant("customers", "view").rows("region=eq:{claim.region}");
        let scoped = roles(&[("scoped", "scoped", vec![scoped])]);
        let policy = Policy::new(catalog(), &scoped).unwrap();
        let effect = Effect {
            enters: Some(true),
            rights,
            ..Effect::default()
        };
        let lines = of_effect(&effect, (&policy, &policy), subject).into_iter();
        lines.map(|line| line.text).skip(1).collect()
    }

    #[test]
    fn verbs_and_resources_are_told_together() {
        let gained = vec![
            right(Action::View, "a"),
            right(Action::Edit, "a"),
            right(Action::View, "b"),
            right(Action::Edit, "b"),
            right(Action::View, "c"),
        ];
        let lost = Vec::new();
        assert_eq!(
            words(GainsAndLosses { gained, lost }),
            ["gains view and edit on a and b", "gains view on c"]
        );
    }

    #[test]
    fn rows_and_columns_are_told() {
        let emea = || vec![vec!["region=eq:emea".to_owned()]];
        let gained = vec![
            Right {
                rows: emea(),
                without: vec!["margin".into()],
                ..right(Action::View, "a")
            },
            Right {
                columns: vec!["x".into(), "y".into()],
                beside: emea(),
                ..right(Action::Edit, "b")
            },
        ];
        let lost = vec![Right {
            beside: emea(),
            ..right(Action::View, "c")
        }];
        assert_eq!(
            words(GainsAndLosses { gained, lost }),
            [
                "gains view on a in rows where region=eq:emea, without margin",
                "gains edit on x and y of b in every row",
                "loses view on c in every row, but keeps it in rows where region=eq:emea",
            ]
        );
    }
    #[test]
    fn people_resources_columns_and_rows_are_named_and_numbers_fit() {
        let moved = || GainsAndLosses {
            gained: Vec::new(),
            lost: vec![Right {
                columns: vec!["margin".into()],
                beside: vec![vec!["region=eq:{claim.region}".to_owned()]],
                ..right(Action::View, "customers")
            }],
        };
        let rest = "view on Margin of Customers in every row, but";
        let rows = "it in rows where Region is the claim region";
        let said = |subject| said(moved(), subject);
        assert_eq!(said(Subject::of(1)), [format!("loses {rest} keeps {rows}")]);
        assert_eq!(said(Subject::of(2)), [format!("lose {rest} keep {rows}")]);
        assert_eq!(
            said(Subject::You),
            [format!("You lose {rest} keep {rows}.")]
        );
    }
}
