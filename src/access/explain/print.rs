//! An explanation as plain text.

use super::{Access, Explanation};
use std::fmt::{self, Display, Formatter};

impl Display for Explanation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "Groups: {}", listed(&self.groups))?;
        if self.roles.is_empty() {
            writeln!(f, "Roles:  none, so the panel stays closed")?;
        }
        for role in &self.roles {
            writeln!(f, "Role {}: from group {}", role.name, listed(&role.groups))?;
        }
        for group in &self.unmapped_groups {
            writeln!(f, "Group {group:?} gives no role")?;
        }
        for miss in &self.near_misses {
            writeln!(
                f,
                "Group {:?} is nearly {:?}, which would give role {}: they differ in {}",
                miss.group, miss.configured, miss.role, miss.difference
            )?;
        }
        for missing in &self.missing_claims {
            let what = if missing.is_unusable {
                "cannot be used as it came"
            } else {
                "did not come"
            };
            writeln!(
                f,
                "Claim {} {what}: {} ({}) covers no rows",
                missing.claim, missing.rule, missing.at
            )?;
        }
        if let Some(unknown) = &self.unknown_resource {
            writeln!(f, "{unknown}")?;
        }
        for access in &self.resources {
            write!(f, "\n{access}")?;
        }
        Ok(())
    }
}

impl Display for Access {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ({})", self.name, self.label)?;
        let mut quiet = true;
        for verdict in self.verbs.iter().filter(|v| !v.because.is_empty()) {
            quiet = false;
            let answer = if verdict.allowed { "yes" } else { "no" };
            let verb = verdict.action.name();
            writeln!(f, "  {verb:<8} {answer:<4} {}", verdict.because.join("; "))?;
        }
        if quiet {
            return writeln!(f, "  nothing");
        }
        if self.rows.is_empty() {
            writeln!(f, "  rows: all")?
        } else {
            writeln!(f, "  rows: {}", self.rows.join("; or "))?
        }
        for (title, columns) in [
            ("hidden", &self.hidden),
            ("partly hidden", &self.partly),
            ("read-only", &self.read_only),
            ("asks for", &self.asks),
        ] {
            if !columns.is_empty() {
                writeln!(f, "  {title}: {}", columns.join("; "))?;
            }
        }
        Ok(())
    }
}

fn listed(texts: &[String]) -> String {
    if texts.is_empty() {
        "none".to_owned()
    } else {
        texts.join(", ")
    }
}
