//! What a change of roles does to somebody, in words.

use crate::access::Policy;
use crate::access::preview::{Effect, Moved, Right};
use crate::config::Manage;
use serde::Serialize;

/// A thing that happens to somebody.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Line {
    /// `gained` or `lost`.
    pub(super) sign: &'static str,
    /// What: "gains edit, delete on Orders".
    pub(super) text: String,
}

/// Everything that happens to somebody. `old` and `new` know the labels.
pub(super) fn of_effect(effect: &Effect, old: &Policy, new: &Policy) -> Vec<Line> {
    let gained = |text| Line {
        sign: "gained",
        text,
    };
    let lost = |text| Line { sign: "lost", text };
    let mut lines = Vec::new();
    match effect.enters {
        Some(true) => lines.push(gained("may enter the panel from now on".into())),
        Some(false) => lines.push(lost("can no longer enter the panel".into())),
        None => {}
    }
    lines.extend(roles(&effect.roles.gained, new).map(|text| gained(format!("gains {text}"))));
    lines.extend(roles(&effect.roles.lost, old).map(|text| lost(format!("loses {text}"))));
    let Moved {
        gained: more,
        lost: less,
    } = &effect.manage;
    lines.extend(
        more.iter()
            .map(|what| gained(format!("may manage {}", managed(*what)))),
    );
    let less = less
        .iter()
        .map(|what| format!("may no longer manage {}", managed(*what)));
    lines.extend(less.map(lost));
    let rights = &effect.rights;
    lines.extend(told(&rights.gained, new).map(|text| gained(format!("gains {text}"))));
    lines.extend(
        told_lost(&rights.lost, old)
            .into_iter()
            .map(|text| lost(format!("loses {text}"))),
    );
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

fn told<'r>(rights: &'r [Right], policy: &'r Policy) -> impl Iterator<Item = String> + 'r {
    together(rights)
        .into_iter()
        .map(move |told| told.in_words(policy))
}

/// As [`told`], with the rows in which it is left.
fn told_lost(rights: &[Right], policy: &Policy) -> Vec<String> {
    let lines = together(rights).into_iter().map(|told| {
        let words = told.in_words(policy);
        match told.right.beside.is_empty() {
            true => words,
            false => format!("{words}; keeps it {}", rows(&told.right.beside)),
        }
    });
    lines.collect()
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
        let mut text = format!("{} on ", self.verbs.join(", "));
        let columns: Vec<String> = self.right.columns.iter().map(column).collect();
        if !columns.is_empty() {
            text.push_str(&format!("{} of ", listed(&columns)));
        }
        text.push_str(&listed(&labels.collect::<Vec<_>>()));
        let is_every_row = self.right.rows.iter().any(Vec::is_empty);
        if !is_every_row || !self.right.beside.is_empty() {
            text.push_str(&format!(" {}", rows(&self.right.rows)));
        }
        let without: Vec<String> = self.right.without.iter().map(column).collect();
        if !without.is_empty() {
            text.push_str(&format!(", without {}", listed(&without)));
        }
        text
    }
}

/// "in every row", "in rows where region=eq:emea".
fn rows(scopes: &[Vec<String>]) -> String {
    if scopes.iter().any(Vec::is_empty) {
        return "in every row".into();
    }
    let scopes: Vec<String> = scopes.iter().map(|scope| scope.join(" and ")).collect();
    format!("in rows where {}", scopes.join(" or "))
}

/// "a", "a and b", "a, b and c".
fn listed(words: &[String]) -> String {
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::access::Action;
    use crate::catalog::Catalog;
    use std::collections::BTreeMap;
    use std::sync::Arc;

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
        let policy = Policy::new(Arc::new(Catalog::default()), &BTreeMap::new()).unwrap();
        let effect = Effect {
            rights,
            ..Effect::default()
        };
        let lines = of_effect(&effect, &policy, &policy).into_iter();
        lines.map(|line| line.text).collect()
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
            ["gains view, edit on a and b", "gains view on c"]
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
                "loses view on c in every row; keeps it in rows where region=eq:emea",
            ]
        );
    }
}
