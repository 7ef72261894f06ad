//! The query of the access page.

use super::asked::AccessQuery;
use crate::texts::text;
use crate::web::Failure;
use url::form_urlencoded::{Serializer, parse};

/// The maximum length of a query, in bytes.
const MAX_QUERY: usize = 16 * 1024;
/// The maximum length of a search text, in characters.
const MAX_WORDS: usize = 200;

/// The query of the page.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Query {
    /// Whose access to show.
    pub asked: AccessQuery,
    /// A search text for resources.
    pub find: String,
    /// A search text for people.
    pub who: String,
    /// The page of resources, counted from 1.
    pub page: usize,
    /// The page of roles, counted from 1.
    pub roles: usize,
    show: Option<String>,
}

/// What the page shows.
pub(super) enum Show<'q> {
    /// Every role.
    Matrix,
    /// One role.
    Role(&'q str),
    /// People, and one person's rights.
    People,
    /// The rights that a set of groups would give.
    Groups,
}

impl Query {
    pub fn parse(text: &str) -> Result<Self, Failure> {
        if text.len() > MAX_QUERY {
            return Err(Failure::Invalid(text!("asked-address")));
        }
        let mut query = Self {
            page: 1,
            roles: 1,
            ..Self::default()
        };
        for (name, value) in parse(text.as_bytes()) {
            match name.as_ref() {
                "find" => query.find = words(&name, &value)?,
                "who" => query.who = words(&name, &value)?,
                "page" => query.page = number(&name, &value)?,
                "roles" => query.roles = number(&name, &value)?,
                "show" if matches!(value.as_ref(), "people" | "groups") => {
                    query.show = Some(value.into_owned());
                }
                name if query.asked.take(name, &value)? => {}
                name => {
                    let text = text!("asked-parameter", name = name);
                    return Err(Failure::Invalid(text));
                }
            }
        }
        Ok(query)
    }

    pub fn show(&self) -> Show<'_> {
        let asked = &self.asked;
        match (&asked.role, self.show.as_deref()) {
            (Some(role), _) => Show::Role(role),
            _ if asked.person.is_some() => Show::People,
            _ if asked.groups.is_some() => Show::Groups,
            (None, Some("people")) => Show::People,
            (None, Some(_)) => Show::Groups,
            (None, None) => Show::Matrix,
        }
    }

    /// The address of the same page with a changed parameter; an empty value removes it.
    pub fn with(&self, base: &str, text: &str, name: &str, value: &str) -> String {
        let mut query = Serializer::new(String::new());
        let kept = parse(text.as_bytes()).filter(|(known, _)| known != name);
        for (known, value) in kept {
            query.append_pair(&known, &value);
        }
        if !value.is_empty() {
            query.append_pair(name, value);
        }
        format!("{base}?{}", query.finish())
    }

    /// As a query string.
    pub fn text(&self) -> String {
        let mut query = Serializer::new(String::new());
        let asked = &self.asked;
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        };
        add("show", self.show.as_deref().unwrap_or_default());
        add("role", asked.role.as_deref().unwrap_or_default());
        if let Some((issuer, subject)) = &asked.person {
            add("person", &format!("{issuer} {subject}"));
        }
        if let Some(groups) = &asked.groups {
            // For an empty list, the parameter stays, but empty.
            add("groups", &format!("{}\n", groups.join("\n")));
        }
        add("provider", asked.provider.as_deref().unwrap_or_default());
        for (name, value) in asked.claims.iter().flatten() {
            add(
                &format!("claim.{name}"),
                &super::asked::field_of(Some(value)),
            );
        }
        add("find", &self.find);
        add("who", &self.who);
        add("page", &page(self.page));
        add("roles", &page(self.roles));
        query.finish()
    }
}

fn page(number: usize) -> String {
    match number {
        1 => String::new(),
        number => number.to_string(),
    }
}

fn words(name: &str, value: &str) -> Result<String, Failure> {
    if value.chars().count() > MAX_WORDS {
        Err(Failure::Invalid(text!(
            "asked-length",
            name = name,
            count = MAX_WORDS
        )))
    } else {
        Ok(value.trim().to_owned())
    }
}

fn number(name: &str, value: &str) -> Result<usize, Failure> {
    let number = value
        .parse()
        .ok()
        .filter(|number| (1..=10_000).contains(number));
    number.ok_or_else(|| Failure::Invalid(text!("asked-number", name = name)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn a_query_is_written_as_it_is_read() {
        for text in [
            "",
            "show=people&who=bob",
            "role=editor&find=orders",
            "person=https%3A%2F%2Fid.example+7&page=2",
            "groups=a%0Ab%0A&provider=partner&claim.region=emea&roles=3",
        ] {
            let query = Query::parse(text).unwrap();
            assert_eq!(Query::parse(&query.text()).unwrap(), query, "{text}");
        }
        assert!(matches!(
            Query::parse("groups=").unwrap().show(),
            Show::Groups
        ));
    }

    #[test]
    fn what_is_not_of_this_page_is_refused() {
        for text in [
            "x=1",
            "page=0",
            "page=a",
            "roles=99999",
            "show=other",
            "person=x",
        ] {
            assert!(Query::parse(text).is_err(), "{text}");
        }
        assert!(Query::parse(&format!("who={}", "x".repeat(201))).is_err());
        // The number and length of groups are within limits, but not the total.
        let groups: Vec<String> = (0..190).map(|n| format!("{n}{}", "x".repeat(90))).collect();
        assert!(Query::parse(&format!("groups={}", groups.join("%0A"))).is_err());
        assert!(Query::parse(&format!("groups={}", groups[1..90].join("%0A"))).is_ok());
    }
}
