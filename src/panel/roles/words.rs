//! What a change of roles does to somebody, in words.

use crate::access::Policy;
use crate::access::explain::words::of_rule_for_anyone;
use crate::access::preview::{Effect, Moved, Right};
use crate::config::{GroupMatch, GroupRule, Manage};
use serde::Serialize;

/// A thing that happens to somebody.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Line {
    /// `gained` or `lost`.
    pub(super) sign: &'static str,
    /// What: "gains edit and delete on Orders".
    pub(super) text: String,
}

/// Of whom it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// Somebody who is named before it.
    One,
    /// Several who are.
    Many,
    /// The one who asks.
    You,
}

impl Subject {
    /// Those that it happens to, so many.
    pub(super) fn of(count: usize) -> Self {
        match count {
            1 => Self::One,
            _ => Self::Many,
        }
    }

    /// "gains", or "gain".
    fn does(self, verb: &str) -> String {
        match self {
            Self::One => format!("{verb}s"),
            Self::Many | Self::You => verb.to_owned(),
        }
    }

    fn says(self, sign: &'static str, text: &str) -> Line {
        let text = match self {
            Self::You => format!("You {text}."),
            Self::One | Self::Many => text.to_owned(),
        };
        Line { sign, text }
    }
}

/// Everything that happens to somebody. `old` and `new` know the labels.
pub(super) fn of_effect(
    effect: &Effect,
    (old, new): (&Policy, &Policy),
    subject: Subject,
) -> Vec<Line> {
    let gained = |text: String| subject.says("gained", &text);
    let lost = |text: String| subject.says("lost", &text);
    let (gains, loses) = (subject.does("gain"), subject.does("lose"));
    let mut lines = Vec::new();
    match effect.enters {
        Some(true) => lines.push(gained("may enter the panel from now on".into())),
        Some(false) => lines.push(lost("can no longer enter the panel".into())),
        None => {}
    }
    lines.extend(roles(&effect.roles.gained, new).map(|role| gained(format!("{gains} {role}"))));
    lines.extend(roles(&effect.roles.lost, old).map(|role| lost(format!("{loses} {role}"))));
    let Moved {
        gained: more,
        lost: less,
    } = &effect.manage;
    let more = more.iter().map(|what| managed(*what));
    lines.extend(more.map(|what| gained(format!("may manage {what}"))));
    let less = less.iter().map(|what| managed(*what));
    lines.extend(less.map(|what| lost(format!("may no longer manage {what}"))));
    let Moved {
        gained: more,
        lost: less,
    } = &effect.rights;
    for told in together(more) {
        lines.push(gained(format!("{gains} {}", told.in_words(new))));
    }
    for told in together(less) {
        let kept = told.kept_in_words(old, subject);
        lines.push(lost(format!("{loses} {}{kept}", told.in_words(old))));
    }
    lines
}

/// What may be managed, as people call it.
pub(super) fn managed(what: Manage) -> &'static str {
    match what {
        Manage::Roles => "roles",
        Manage::Sessions => "everybody\u{2019}s sessions",
    }
}

fn roles<'r>(names: &'r [String], policy: &'r Policy) -> impl Iterator<Item = String> + 'r {
    names.iter().map(|name| {
        let label = policy.role(name).map_or(name.as_str(), |role| &role.label);
        format!("the role {label}")
    })
}

/// Rights of the same kind, told in one line: verbs on resources.
struct Together<'r> {
    verbs: Vec<&'static str>,
    resources: Vec<&'r str>,
    right: &'r Right,
}

/// First the verbs of one resource, then resources with the same verbs.
fn together<'r>(rights: &'r [Right]) -> Vec<Together<'r>> {
    let is_alike = |one: &Right, other: &Right| {
        (&one.columns, &one.without, &one.rows, &one.beside)
            == (&other.columns, &other.without, &other.rows, &other.beside)
    };
    let mut by_resource: Vec<Together<'r>> = Vec::new();
    for right in rights {
        let mut same = by_resource.iter_mut();
        let found = same
            .find(|other| other.right.resource == right.resource && is_alike(other.right, right));
        match found {
            Some(other) => other.verbs.push(right.verb.name()),
            None => by_resource.push(Together {
                verbs: vec![right.verb.name()],
                resources: vec![&right.resource],
                right,
            }),
        }
    }
    let mut by_verbs: Vec<Together<'r>> = Vec::new();
    for told in by_resource {
        let mut same = by_verbs.iter_mut();
        match same.find(|other| other.verbs == told.verbs && is_alike(other.right, told.right)) {
            Some(other) => other.resources.extend(told.resources),
            None => by_verbs.push(told),
        }
    }
    by_verbs
}

impl Together<'_> {
    fn in_words(&self, policy: &Policy) -> String {
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
        let mut text = format!("{} on ", listed(&self.verbs));
        let columns: Vec<String> = self.right.columns.iter().map(column).collect();
        if !columns.is_empty() {
            text.push_str(&format!("{} of ", listed(&columns)));
        }
        text.push_str(&listed(&labels.collect::<Vec<_>>()));
        let is_every_row = self.right.rows.iter().any(Vec::is_empty);
        if !is_every_row || !self.right.beside.is_empty() {
            text.push_str(&format!(" {}", self.rows(&self.right.rows, policy)));
        }
        let without: Vec<String> = self.right.without.iter().map(column).collect();
        if !without.is_empty() {
            text.push_str(&format!(", without {}", listed(&without)));
        }
        text
    }

    /// The rows in which what is lost is left: ", and keeps it in rows where Region is emea".
    fn kept_in_words(&self, policy: &Policy, subject: Subject) -> String {
        let beside = &self.right.beside;
        if beside.is_empty() {
            return String::new();
        }
        let what = if self.verbs.len() == 1 { "it" } else { "them" };
        let keeps = subject.does("keep");
        format!(", but {keeps} {what} {}", self.rows(beside, policy))
    }

    /// "in every row", "in rows where Region is emea".
    fn rows(&self, scopes: &[Vec<String>], policy: &Policy) -> String {
        if scopes.iter().any(Vec::is_empty) {
            return "in every row".into();
        }
        let told = |text: &String| {
            condition(policy, &self.right.resource, text).unwrap_or_else(|| text.clone())
        };
        let scopes = scopes.iter().map(|scope| {
            let scope: Vec<String> = scope.iter().map(told).collect();
            scope.join(" and ")
        });
        format!("in rows where {}", scopes.collect::<Vec<_>>().join(" or "))
    }
}

/// A condition of a row rule by labels, if any role has it: "Region is the claim region".
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

/// Groups as a sentence names them: "the group staff", "groups like team-*".
pub(super) fn group(rule: &GroupRule) -> String {
    let which = match rule.how {
        GroupMatch::Is => "the group",
        GroupMatch::Glob => "groups like",
        GroupMatch::Regex => "groups that match",
    };
    match &rule.at {
        Some(provider) => format!("{which} {} at {provider}", rule.text),
        None => format!("{which} {}", rule.text),
    }
}

/// "a", "a and b", "a, b and c".
pub(super) fn listed(words: &[impl AsRef<str>]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::access::Action;
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

    fn words(rights: Moved<Right>) -> Vec<String> {
        said(rights, Subject::One)
    }

    fn said(rights: Moved<Right>, subject: Subject) -> Vec<String> {
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
            words(Moved { gained, lost }),
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
            words(Moved { gained, lost }),
            [
                "gains view on a in rows where region=eq:emea, without margin",
                "gains edit on x and y of b in every row",
                "loses view on c in every row, but keeps it in rows where region=eq:emea",
            ]
        );
    }
    #[test]
    fn people_resources_columns_and_rows_are_named_and_numbers_fit() {
        let moved = || Moved {
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
