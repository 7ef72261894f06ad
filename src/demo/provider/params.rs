//! Request parameters by the rules of RFC 6749 (section 3.1): no duplicates, and empty ones count
//! as absent.

use std::collections::BTreeMap;

use url::form_urlencoded;

/// A repeated parameter; holds its name.
#[derive(Debug, thiserror::Error)]
#[error("the parameter {0} is there more than once")]
pub(super) struct Repeated(pub String);

/// The parameters of a query string or a form.
#[derive(Debug, Default)]
pub(super) struct Params(BTreeMap<String, String>);

impl Params {
    pub(super) fn parse(encoded: &[u8]) -> Result<Self, Repeated> {
        let mut params = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(encoded) {
            if value.is_empty() {
                continue;
            }
            if params
                .insert(name.clone().into_owned(), value.into_owned())
                .is_some()
            {
                return Err(Repeated(name.into_owned()));
            }
        }
        Ok(Self(params))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::Params;

    #[test]
    fn empty_is_absent_and_twice_is_refused() {
        let params = Params::parse(b"a=1&b=&c=x%26y").unwrap();
        assert_eq!(
            (params.get("a"), params.get("b"), params.get("c")),
            (Some("1"), None, Some("x&y"))
        );
        assert_eq!(Params::parse(b"a=1&a=1").unwrap_err().0, "a");
    }
}
