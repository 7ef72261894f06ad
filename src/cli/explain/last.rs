//! Explains somebody's last sign-in, from the panel's own tables, and what it would give today.

use super::{decision, decision_line, given};
use crate::access::GroupsNote;
use crate::access::{Person, Policy};
use crate::app::{self, StartError};
use crate::cli::decision::shown;
use crate::config::Config;
use crate::store::audit::{self, SignIn};
use crate::store::people::{self, KnownPerson};
use crate::store::{AnyConnection, DatabaseError, migrations};
use anyhow::bail;
use chrono::NaiveDateTime;

/// The maximum number of people searched by name or e-mail address.
const MAX_PEOPLE: i64 = 10_000;
/// The maximum number of people listed.
const MAX_LISTED: usize = 10;

/// Somebody's last sign-in.
pub struct Last {
    who: KnownPerson,
    sign_in: Option<SignIn>,
}

/// The result of a search.
enum PersonSearch {
    /// The panel's own tables are not those of this version.
    Outdated,
    /// Nobody; holds the known people.
    Nobody(Vec<KnownPerson>),
    /// Several people.
    Several(Vec<KnownPerson>),
    /// One person.
    One(Box<Last>),
}

/// The last sign-in of the person identified by the text.
///
/// # Errors
/// When nobody matches, or several people do.
pub async fn find(config: &Config, text: &str) -> anyhow::Result<Last> {
    let wanted = text.trim().to_owned();
    let found = app::look(&config.database, move |conn| look(conn, &wanted)).await?;
    match found {
        PersonSearch::One(last) => Ok(*last),
        PersonSearch::Outdated => bail!(
            "the panel's own tables do not exist or are not up to date: \u{201c}bailiwick \
             migrate\u{201d} creates them; nobody can have signed in before that"
        ),
        PersonSearch::Several(people) => bail!(
            "--last-login: several people are called {text:?}; name one of them by issuer and \
             subject:\n{}",
            listed(&people)
        ),
        PersonSearch::Nobody(people) if people.is_empty() => {
            bail!("--last-login: nobody has signed in yet")
        }
        PersonSearch::Nobody(people) => {
            let names = people.iter().flat_map(|known| {
                let person = &known.person;
                let names = [
                    Some(person.subject.as_str()),
                    Some(person.name.as_str()),
                    person.email.as_deref(),
                    known.user_name(),
                ];
                names.into_iter().flatten()
            });
            bail!(
                "--last-login: nobody called {text:?} has signed in{}. These have, the latest \
                 first:\n{}",
                crate::suggest::did_you_mean(text, names),
                listed(&people)
            )
        }
    }
}

fn look(conn: &mut AnyConnection, wanted: &str) -> Result<PersonSearch, StartError> {
    if !migrations::pending(conn)?.is_empty() {
        return Ok(PersonSearch::Outdated);
    }
    let known = people::latest(conn, MAX_PEOPLE).map_err(DatabaseError::from)?;
    let mut found = people::of_subject(conn, wanted).map_err(DatabaseError::from)?;
    for is_meant in [KnownPerson::is_exactly, KnownPerson::is_called] {
        if found.is_empty() {
            let those = known.iter().filter(|person| is_meant(person, wanted));
            found = those.cloned().collect();
        }
    }
    if found.len() > 1 {
        return Ok(PersonSearch::Several(found));
    }
    let Some(who) = found.pop() else {
        return Ok(PersonSearch::Nobody(known));
    };
    let sign_in = audit::last_sign_in(conn, &who.person.issuer, &who.person.subject)
        .map_err(DatabaseError::from)?;
    Ok(PersonSearch::One(Box::new(Last { who, sign_in })))
}

fn listed(people: &[KnownPerson]) -> String {
    let line = |known: &KnownPerson| {
        let person = &known.person;
        let email = person.email.as_deref().unwrap_or("no e-mail address");
        format!(
            "  {} {}  ({}, {email})",
            person.issuer, person.subject, person.name
        )
    };
    let mut lines: Vec<String> = people.iter().take(MAX_LISTED).map(line).collect();
    if people.len() > MAX_LISTED {
        lines.push(format!("  and {} more", people.len() - MAX_LISTED));
    }
    shown(&lines.join("\n"))
}

impl Last {
    /// What it gave, and what the same claims would give today.
    pub fn told(
        &self,
        config: &Config,
        policy: &Policy,
        resource: Option<&str>,
    ) -> anyhow::Result<String> {
        let person = &self.who.person;
        let mut decision = String::new();
        if self.who.is_told() {
            decision = decision_line(policy, person);
        }
        let mut lines = self.heading();
        lines.extend(self.note_of_groups(config, person));
        lines.extend(self.note_of_issuer(config));
        lines.extend(self.compared(policy, person));
        let mut text = format!("{decision}{}", shown(&lines.join("\n")));
        if !self.who.is_told() {
            text.push('\n');
            return Ok(text);
        }
        text.push_str("\n\nWith today's configuration:\n");
        text.push_str(&given(policy, person, resource)?);
        Ok(text)
    }

    /// Whether they would be admitted today. If their claims were never stored, nothing prevents
    /// it.
    pub fn is_let_in(&self, policy: &Policy) -> bool {
        !self.who.is_told() || policy.admits(&self.who.person)
    }

    /// Who signed in, when and from where, and the result.
    fn heading(&self) -> Vec<String> {
        let (known, who) = (&self.who, &self.who.person);
        let email = who.email.as_deref().map(|email| format!(" ({email})"));
        let mut lines = vec![
            format!("Person: {}{}", who.name, email.unwrap_or_default()),
            format!(
                "        subject {} of {}, known since {}",
                who.subject,
                who.issuer,
                moment(known.first_seen_at)
            ),
        ];
        let Some(sign_in) = &self.sign_in else {
            lines.push(format!(
                "Last:   {}; the audit log no longer has it",
                moment(known.last_seen_at)
            ));
            return lines;
        };
        lines.push(format!(
            "Last:   {}, from {}, reference {}",
            moment(sign_in.at),
            sign_in.address.as_deref().unwrap_or("an unknown address"),
            sign_in.request_id
        ));
        lines.push(if sign_in.roles.is_empty() {
            "Result: turned away, as nothing gave a role".to_owned()
        } else {
            format!("Result: let in, as {}", sign_in.roles.replace(',', ", "))
        });
        lines
    }

    fn note_of_groups(&self, config: &Config, person: &Person) -> Vec<String> {
        if !self.who.is_told() {
            return vec![
                "Claim:  the claims of that sign-in were not stored; those of the next one will be"
                    .to_owned(),
            ];
        }
        let oidc = decision::provider_of(config, Some(&self.who.person.issuer));
        let note = match self.who.groups_note.as_deref() {
            Some("empty") => GroupsNote::Empty,
            Some("absent") => GroupsNote::Absent,
            Some("overage") => GroupsNote::Overage,
            Some("unverified") => GroupsNote::Unverified,
            Some("wrong shape") => GroupsNote::WrongShape("something else than texts".to_owned()),
            _ => GroupsNote::Found,
        };
        let came = decision::came(&note, person.groups.len(), oidc, &[]);
        let claims: Vec<&str> = person.claims.keys().map(String::as_str).collect();
        let mut lines = vec![format!("Claim:  {came}")];
        if !claims.is_empty() {
            lines.push(format!("Others: {}", claims.join(", ")));
        }
        lines
    }

    fn note_of_issuer(&self, config: &Config) -> Option<String> {
        let mut all = config.identity_providers().peekable();
        all.peek()?;
        let is_other = all.all(|oidc| oidc.issuer != self.who.person.issuer);
        is_other.then(|| {
            format!(
                "Note:   {} now: to the panel, a person of another provider is another person",
                decision::configured(config)
            )
        })
    }

    /// The roles of that time and those of today.
    fn compared(&self, policy: &Policy, person: &Person) -> Vec<String> {
        let Some(sign_in) = self.sign_in.as_ref().filter(|_| self.who.is_told()) else {
            return Vec::new();
        };
        let then: Vec<&str> = sign_in.roles.split(',').filter(|r| !r.is_empty()).collect();
        let now = decision::roles(policy, person);
        let lost = then.iter().filter(|role| !now.iter().any(|n| n == *role));
        let gained = now.iter().filter(|role| !then.contains(&role.as_str()));
        let mut lines: Vec<String> = lost
            .map(|role| format!("Change: role {role} was given then, and is not now"))
            .collect();
        lines.extend(
            gained.map(|role| format!("Change: role {role} is given now, and was not then")),
        );
        if lines.is_empty() {
            lines.push("Change: none, the same roles would be given now".to_owned());
        }
        lines
    }
}

fn moment(at: NaiveDateTime) -> String {
    format!("{} UTC", at.format("%Y-%m-%d %H:%M:%S"))
}
