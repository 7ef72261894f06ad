//! The additional checks of `bailiwick doctor`: refused sign-ins, and the most likely reasons why
//! somebody cannot sign in.

use super::{Finding, NOT_CHECKED, Outcome, Report};
use crate::app::{self, StartError};
use crate::config::Config;
use crate::store::audit::event::Refused;
use crate::store::audit::{self, Entry, Event};
use crate::store::{DatabaseError, migrations};
use chrono::{NaiveDateTime, TimeDelta};
use std::collections::BTreeMap;
use std::path::Path;

/// The number of past days whose sign-ins are read.
const DAYS: i64 = 7;
/// The maximum number of causes named.
const MOST: usize = 3;

const SIGN_INS: &str = "sign-ins";

/// Parts of the chain that can keep people out even though the panel runs.
const AT_THE_DOOR: [&str; 7] = [
    "provider", "client", "clock", "roles", "session", "server", "database",
];

/// All findings, and the most likely causes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// Every finding, those about sign-ins last.
    pub report: Report,
    /// The findings that most likely keep somebody out, the most likely first.
    pub causes: Vec<Finding>,
}

/// Runs all checks, and reads the sign-ins of the last days.
pub async fn diagnose(path: &Path, now: NaiveDateTime) -> Diagnosis {
    let mut report = super::run(path).await;
    if let Ok(config) = Config::load(path) {
        look_at_sign_ins(&config, now, &mut report).await;
    }
    let causes = causes(&report);
    Diagnosis { report, causes }
}

async fn look_at_sign_ins(config: &Config, now: NaiveDateTime, report: &mut Report) {
    let since = now - TimeDelta::days(DAYS);
    let entries = app::look(&config.database, move |conn| {
        if !migrations::pending(conn)?.is_empty() {
            return Ok(Vec::new());
        }
        Ok::<_, StartError>(audit::turned_away(conn, since).map_err(DatabaseError::from)?)
    });
    // A database that is down was reported before.
    let entries = entries.await.unwrap_or_default();
    if entries.is_empty() {
        return report.note(
            SIGN_INS,
            format!("none failed in the last {DAYS} days, according to the audit log"),
        );
    }
    let mut by_cause: BTreeMap<(String, String), Vec<&Entry>> = BTreeMap::new();
    for entry in &entries {
        by_cause.entry(cause_of(entry)).or_default().push(entry);
    }
    let mut all: Vec<_> = by_cause.into_iter().collect();
    all.sort_by_key(|(_, entries)| std::cmp::Reverse(entries.len()));
    for ((kind, cause), entries) in all {
        tell(&kind, &cause, &entries, report);
    }
}

/// The kind of a refusal, and its text; a sign-in without roles has the kind `roles`.
fn cause_of(entry: &Entry) -> (String, String) {
    let refused = match entry.event() {
        Event::SignIn(_) => return ("roles".to_owned(), String::new()),
        Event::SignInRefused(refused) => refused.into(),
        _ => Refused::default(),
    };
    let unknown = || "a cause that was not recorded".to_owned();
    (
        refused.kind.unwrap_or_default(),
        refused.cause.unwrap_or_else(unknown),
    )
}

fn tell(kind: &str, cause: &str, entries: &[&Entry], report: &mut Report) {
    let Some(last) = entries.first() else {
        return;
    };
    let when = format!(
        "the last at {} UTC, reference {}",
        last.at.format("%Y-%m-%d %H:%M"),
        last.request_id
    );
    let text = match kind {
        "roles" => format!(
            "{}, as nothing gave them a role: {}; {when}",
            counted(
                entries.len(),
                "sign-in was turned away",
                "sign-ins were turned away"
            ),
            names(entries)
        ),
        _ => format!(
            "{}: {cause}; {when}",
            counted(
                entries.len(),
                "sign-in was refused",
                "sign-ins were refused"
            )
        ),
    };
    report.warn(SIGN_INS, text, remedy(kind, &last.request_id));
}

fn counted(count: usize, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}

/// The first few people, without duplicates.
fn names(entries: &[&Entry]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for entry in entries {
        if !names.contains(&entry.actor_name.as_str()) {
            names.push(&entry.actor_name);
        }
    }
    let more = names.len().saturating_sub(MOST);
    let shown: Vec<&str> = names.into_iter().take(MOST).collect();
    match more {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn remedy(kind: &str, reference: &str) -> String {
    let explain = format!("bailiwick explain --reference {reference}");
    match kind {
        "roles" => format!(
            "compare the groups that came with roles.NAME.groups: {explain}, or bailiwick explain \
             --last-login WHO"
        ),
        "no cookie" | "foreign" => "tell people to start at server.public_url and to finish in \
                                    the same browser; the proxy must pass Set-Cookie and Cookie \
                                    unchanged"
            .to_owned(),
        "issuer" => "write the issuer as the provider writes it, as oidc.issuer".to_owned(),
        "code" => "correct oidc.client_id and oidc.client_secret: the provider does not accept \
                   them"
            .to_owned(),
        "away" => {
            "let this machine reach the provider: see the provider's findings above".to_owned()
        }
        "provider" => format!(
            "look at the provider's log for that time: the provider itself refused ({explain})"
        ),
        "break-glass" => "create a new link: bailiwick break-glass".to_owned(),
        _ => format!("{explain} shows what happened; bailiwick check --login tries it again"),
    }
}

/// Failures come first, then what has kept people out, then what may do so.
fn causes(report: &Report) -> Vec<Finding> {
    let rank = |finding: &Finding| match (finding.outcome, finding.link.as_ref()) {
        (Outcome::Fail, _) => Some(0),
        (Outcome::Warn, SIGN_INS) => Some(1),
        (Outcome::Warn, link) => {
            let is_at_the_door = AT_THE_DOOR.iter().any(|known| link.starts_with(known));
            let is_looked_at = !finding.text.starts_with(NOT_CHECKED);
            (is_at_the_door && is_looked_at).then_some(2)
        }
        _ => None,
    };
    let ranked = report.findings.iter();
    let mut ranked: Vec<(i32, &Finding)> = ranked
        .filter_map(|finding| Some((rank(finding)?, finding)))
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    let likeliest = ranked.into_iter().take(MOST);
    likeliest.map(|(_, finding)| finding.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_likelier_than_what_was_seen_and_that_than_what_may_be() {
        let mut report = Report::default();
        report.warn("roles", "odd", "mend it");
        report.warn("own tables", "not of the door", "mend it");
        report.warn("provider", "not checked: the file", "mend the file");
        report.warn(SIGN_INS, "3 sign-ins were refused", "explain");
        report.fail("client", "secret", "write it");
        report.note("file", "fine");
        let texts: Vec<String> = causes(&report).into_iter().map(|one| one.text).collect();
        assert_eq!(texts, ["secret", "3 sign-ins were refused", "odd"]);
    }
}
