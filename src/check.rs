//! The checks of `bailiwick check`: the whole chain from the file to the session cookie.
//!
//! A failure does not prevent the other checks. Each problem is reported with a remedy. Messages of
//! drivers are included, since this is for the owner, but never passwords.

mod database;
pub mod doctor;
mod file;
mod hints;
mod provider;
mod roles;
mod server;

use crate::config::Fault;
use std::borrow::Cow;
use std::fmt;
use std::path::Path;

/// How the text of a finding starts that could not be checked, as the file has errors there.
const NOT_CHECKED: &str = "not checked";

/// The findings, in the order of the chain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// One for each check.
    pub findings: Vec<Finding>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// The part of the chain, in one or two words.
    pub link: Cow<'static, str>,
    /// The result.
    pub outcome: Outcome,
    /// The description.
    pub text: String,
    /// The remedy; a failure always has one.
    pub remedy: Option<String>,
}

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// In order.
    Ok,
    /// Information; nothing needs to be done.
    Note,
    /// It works, but is probably a mistake.
    Warn,
    /// The panel does not work with it.
    Fail,
}

/// Checks everything in the configuration file.
///
/// Changes nothing permanently: the panel's own tables are created in a rehearsal that is rolled
/// back.
pub async fn run(path: &Path) -> Report {
    walk(path, false).await
}

/// Checks only the file, without the database and identity providers, for machines that cannot
/// reach them.
pub async fn run_offline(path: &Path) -> Report {
    walk(path, true).await
}

async fn walk(path: &Path, is_offline: bool) -> Report {
    let mut report = Report::default();
    let Some(examined) = file::check(path, &mut report) else {
        return report;
    };
    let (config, faults) = (&examined.config, examined.faults.as_slice());
    let server_is_clear = report.is_clear(faults, "server", None);
    if server_is_clear {
        server::check(&config.server, &mut report);
    }
    let database_is_clear = report.is_clear(faults, "database", None);
    let looked = if database_is_clear && !is_offline {
        database::check(&config.database, &mut report).await
    } else {
        database::KnownDatabase::default()
    };
    if is_offline {
        report.note(
            "offline",
            "the database and the identity provider were not asked",
        );
    } else if server_is_clear {
        provider::check(config, &looked, faults, &mut report).await;
    }
    roles::check(config, &looked, &mut report);
    looked.tell_session(&config.database, &mut report);
    if server_is_clear {
        server::check_cookie(&config.server, &mut report);
    }
    report
}

impl Report {
    /// Whether any check failed.
    pub fn has_failed(&self) -> bool {
        self.count(Outcome::Fail) > 0
    }

    /// The number of findings with this result.
    pub fn count(&self, outcome: Outcome) -> usize {
        let findings = self.findings.iter();
        findings.filter(|found| found.outcome == outcome).count()
    }

    fn ok(&mut self, link: impl Into<Cow<'static, str>>, text: impl Into<String>) {
        self.add(link.into(), Outcome::Ok, text.into(), None);
    }

    fn note(&mut self, link: impl Into<Cow<'static, str>>, text: impl Into<String>) {
        self.add(link.into(), Outcome::Note, text.into(), None);
    }

    fn warn(
        &mut self,
        link: impl Into<Cow<'static, str>>,
        text: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.add(link.into(), Outcome::Warn, text.into(), Some(remedy.into()));
    }

    fn fail(
        &mut self,
        link: impl Into<Cow<'static, str>>,
        text: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.add(link.into(), Outcome::Fail, text.into(), Some(remedy.into()));
    }

    fn add(
        &mut self,
        link: Cow<'static, str>,
        outcome: Outcome,
        text: String,
        remedy: Option<String>,
    ) {
        self.findings.push(Finding {
            link,
            outcome,
            text,
            remedy,
        });
    }

    /// Whether something can be checked despite the file's faults; if not, says so.
    fn is_clear(&mut self, faults: &[Fault], table: &'static str, key: Option<&str>) -> bool {
        let is_clear = !faults.iter().any(|fault| is_below(fault, table, key));
        if !is_clear {
            self.not_checked(table, table);
        }
        is_clear
    }

    fn not_checked(&mut self, link: impl Into<Cow<'static, str>>, table: &str) {
        self.warn(
            link,
            format!("{NOT_CHECKED}: [{table}] in the file has errors"),
            "correct the file first, and run check again",
        );
    }
}

/// Whether a fault concerns this table of the file (`oidc`, `providers.NAME`), or this key in it.
fn is_below(fault: &Fault, table: &str, key: Option<&str>) -> bool {
    let path = fault.key.to_string();
    let mut steps = path.split(['.', '[']);
    let is_in_it = table.split('.').all(|step| steps.next() == Some(step));
    is_in_it && key.is_none_or(|key| steps.next() == Some(key))
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Fail => "fail",
        })
    }
}

impl fmt::Display for Finding {
    /// Always one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<4}  {}: {}",
            self.outcome,
            self.link,
            one_line(&self.text)
        )?;
        match &self.remedy {
            Some(remedy) => write!(f, "  \u{2014} {}", one_line(remedy)),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.findings
            .iter()
            .try_for_each(|finding| writeln!(f, "{finding}"))
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
