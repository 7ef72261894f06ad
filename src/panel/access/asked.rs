//! Whose access to show: that of a role, of a known person, or of a set of groups. The access
//! page's address and the form that starts viewing as somebody else have the same fields.

use crate::access::{Person, Policy};
use crate::sso::Providers;
use crate::texts::text;
use crate::web::Failure;
use serde_json::{Map, Value};

/// The maximum number of groups in a request.
const MAX_GROUPS: usize = 200;
/// The maximum length of a group's name, in characters.
const MAX_GROUP: usize = 300;
/// The maximum length of a claim's value, in bytes.
const MAX_CLAIM: usize = 1_000;

/// Whose access to show.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AccessQuery {
    /// A role.
    pub role: Option<String>,
    /// A known person, by issuer and subject.
    pub person: Option<(String, String)>,
    /// Groups; an empty list differs from `None`.
    pub groups: Option<Vec<String>>,
    /// The provider of the groups; none for `[oidc]`.
    pub provider: Option<String>,
    /// The given claims, without empty ones; none if there were no fields for them.
    pub claims: Option<Map<String, Value>>,
}

impl AccessQuery {
    /// Reads a field, if it is one of these.
    ///
    /// # Errors
    /// [`Failure::Invalid`] with the name of the field.
    pub fn take(&mut self, name: &str, value: &str) -> Result<bool, Failure> {
        match name {
            "role" => self.role = filled(value),
            "person" => self.person = filled(value).map(|key| person(&key)).transpose()?,
            "groups" => self.groups = Some(groups(value)?),
            "provider" => self.provider = filled(value),
            _ => match name.strip_prefix("claim.") {
                Some(claim) => self.take_claim(claim, value)?,
                None => return Ok(false),
            },
        }
        Ok(true)
    }

    fn take_claim(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        let claims = self.claims.get_or_insert_default();
        if value.len() > MAX_CLAIM {
            let text = text!("asked-claim-length", name = name, count = MAX_CLAIM);
            return Err(Failure::Invalid(text));
        }
        if let Some(value) = filled(value) {
            claims.insert(name.to_owned(), claim(name, &value)?);
        }
        Ok(())
    }

    /// Checks the role, the provider and the claims, which needs the policy and providers.
    ///
    /// # Errors
    /// [`Failure::Invalid`] with the name of the field.
    pub fn check(&self, policy: &Policy, providers: &Providers) -> Result<(), Failure> {
        let invalid = |text: String| Err(Failure::Invalid(text));
        if let Some(role) = self
            .role
            .as_ref()
            .filter(|role| policy.role(role).is_none())
        {
            return invalid(text!("asked-no-role", role = role));
        }
        if let Some(name) = &self.provider
            && providers.named(Some(name)).is_none()
        {
            return invalid(text!("asked-no-provider", name = name));
        }
        let needed = policy.claims();
        let given = self.claims.iter().flat_map(Map::keys);
        for name in given {
            if !needed.contains(name) {
                return invalid(text!("asked-no-claim", name = name));
            }
        }
        Ok(())
    }

    /// A fictional person with these groups and claims.
    pub fn anyone(&self, own: &Person) -> Person {
        Person {
            provider: self.provider.clone(),
            groups: self.groups.clone().unwrap_or_default(),
            claims: self.claims.clone().unwrap_or_else(|| own.claims.clone()),
            ..Person::default()
        }
    }
}

/// The form of a person in an address: no issuer contains a space.
pub fn key_of(person: &Person) -> String {
    format!("{} {}", person.issuer, person.subject)
}

/// A claim in the form of a field.
pub fn field_of(value: Option<&Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn filled(value: &str) -> Option<String> {
    Some(value.trim().to_owned()).filter(|value| !value.is_empty())
}

fn person(key: &str) -> Result<(String, String), Failure> {
    let (issuer, subject) = key
        .split_once(' ')
        .ok_or_else(|| Failure::Invalid(text!("asked-person")))?;
    Ok((issuer.to_owned(), subject.to_owned()))
}

/// One group a line, as typed: surrounding spaces may be the mistake that somebody is looking for.
fn groups(text: &str) -> Result<Vec<String>, Failure> {
    let mut groups: Vec<String> = Vec::new();
    for line in text.lines() {
        if line.trim().is_empty() || groups.iter().any(|group| group == line) {
            continue;
        }
        if line.chars().count() > MAX_GROUP {
            let text = text!("asked-group-length", count = MAX_GROUP);
            return Err(Failure::Invalid(text));
        }
        groups.push(line.to_owned());
    }
    if groups.len() > MAX_GROUPS {
        let text = text!("asked-group-number", count = MAX_GROUPS);
        return Err(Failure::Invalid(text));
    }
    Ok(groups)
}

/// A text, or a JSON value: a number, a boolean, or a list of those.
fn claim(name: &str, value: &str) -> Result<Value, Failure> {
    let is_simple =
        |value: &Value| !matches!(value, Value::Array(_) | Value::Object(_) | Value::Null);
    match serde_json::from_str::<Value>(value) {
        Ok(Value::Array(items)) if items.iter().all(is_simple) => Ok(Value::Array(items)),
        Ok(Value::Object(_) | Value::Array(_)) => {
            Err(Failure::Invalid(text!("asked-claim-shape", name = name)))
        }
        Ok(value) if is_simple(&value) => Ok(value),
        _ => Ok(Value::String(value.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use serde_json::json;

    fn asked(fields: &[(&str, &str)]) -> Result<AccessQuery, Failure> {
        let mut asked = AccessQuery::default();
        for (name, value) in fields {
            assert!(asked.take(name, value)?, "{name}");
        }
        Ok(asked)
    }

    #[test]
    fn groups_are_lines_as_they_were_typed() {
        let asked = asked(&[("groups", "a\r\n b \r\n\r\na\r\nc,d")]).unwrap();
        assert_eq!(asked.groups.unwrap(), ["a", " b ", "c,d"]);
        let none = super::tests::asked(&[("groups", " \n")]).unwrap();
        assert_eq!(none.groups, Some(Vec::new()));
    }

    #[test]
    fn a_claim_is_a_text_or_simple_json() {
        for (text, value) in [
            ("emea", json!("emea")),
            (" emea ", json!("emea")),
            ("\"7\"", json!("7")),
            ("7", json!(7)),
            ("true", json!(true)),
            ("[\"a\", 1]", json!(["a", 1])),
            ("[broken", json!("[broken")),
            ("null", json!("null")),
        ] {
            let asked = asked(&[("claim.region", text)]).unwrap();
            assert_eq!(asked.claims.unwrap()["region"], value, "{text}");
        }
        assert!(asked(&[("claim.region", "{\"a\": 1}")]).is_err());
        assert!(asked(&[("claim.region", "[[1]]")]).is_err());
        let empty = asked(&[("claim.region", " ")]).unwrap();
        assert_eq!(empty.claims, Some(Map::new()));
    }

    #[test]
    fn what_is_asked_is_bounded() {
        let many: Vec<String> = (0..201).map(|number| format!("g{number}")).collect();
        assert!(asked(&[("groups", &many.join("\n"))]).is_err());
        assert!(asked(&[("groups", &many[1..].join("\n"))]).is_ok());
        assert!(asked(&[("groups", &"g".repeat(301))]).is_err());
        assert!(asked(&[("claim.x", &"g".repeat(1_001))]).is_err());
        assert!(asked(&[("person", "nobody")]).is_err());
        assert!(!AccessQuery::default().take("other", "x").unwrap());
    }
}
