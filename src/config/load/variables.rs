//! Finds environment variables that look like configuration but have no effect.

use super::ENVIRONMENT_PREFIX;
use crate::suggest::nearest;

/// The prefix of all environment variables of the panel.
const OURS: &str = "BAILIWICK_";
/// Variables that are not configuration. Those of the tests are handled apart.
const OTHERS: [&str; 1] = ["BAILIWICK_LOG"];
const OF_TESTS: &str = "BAILIWICK_TEST_";

/// One warning for each variable without effect.
pub(super) fn strange() -> Vec<String> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let mut strange: Vec<String> = names.filter_map(|name| warning(&name)).collect();
    strange.sort();
    strange
}

fn warning(name: &str) -> Option<String> {
    let upper = name.to_uppercase();
    let is_known = upper.starts_with(ENVIRONMENT_PREFIX)
        || OTHERS.contains(&name)
        || upper.starts_with(OF_TESTS);
    if is_known || !(upper.starts_with(OURS) || upper == "BAILIWICK") {
        return None;
    }
    let hint = match (OTHERS.contains(&upper.as_str()), near(&upper)) {
        (true, _) => format!("write {upper}"),
        (false, Some(near)) => format!("did you mean {near}?"),
        (false, None) => format!(
            "variables that set a key start with {ENVIRONMENT_PREFIX} and have two underscores \
             before each step, such as BAILIWICK__OIDC__CLIENT_SECRET"
        ),
    };
    Some(format!("environment variable {name}: does nothing; {hint}"))
}

/// The variable that was probably meant, compared without the common prefix.
fn near(name: &str) -> Option<&'static str> {
    let written = name.strip_prefix(OURS)?;
    let is_near = |other: &&'static str| nearest(written, other.strip_prefix(OURS)).is_some();
    OTHERS.into_iter().find(is_near)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::warning;

    #[test]
    fn a_variable_that_does_nothing_is_told_with_what_was_meant() {
        for (name, hint) in [
            ("BAILIWICK_OIDC__CLIENT_SECRET", "start with BAILIWICK__"),
            ("BAILIWICK_CONFIG", "start with BAILIWICK__"),
            ("BAILIWICK_LGO", "did you mean BAILIWICK_LOG?"),
            ("bailiwick_log", "write BAILIWICK_LOG"),
        ] {
            let said = warning(name).unwrap();
            assert!(said.contains(hint) && said.contains(name), "{said}");
        }
        for name in [
            "BAILIWICK_LOG",
            "BAILIWICK__OIDC__ISSUER",
            "bailiwick__oidc__issuer",
            "BAILIWICK_TEST_POSTGRES",
            "BAILIWICKS",
            "PATH",
        ] {
            assert_eq!(warning(name), None, "{name}");
        }
    }
}
