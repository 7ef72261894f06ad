//! Sessions as people see them: never with what opens them.

use crate::access::{BREAK_GLASS, Person};
use crate::store::AnyConnection;
use crate::store::search::{ESCAPE, containing, lower};
use crate::store::tables::{bailiwick_people as people, bailiwick_sessions as sessions};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// The most sessions that are listed at a time.
pub const MAX_LISTED: i64 = 200;

/// Whose sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionOwner<'w> {
    /// Everybody's.
    Everybodys,
    /// Those of one person.
    Of {
        /// The provider that vouches for them.
        issuer: &'w str,
        /// Their identifier there.
        subject: &'w str,
    },
}

/// Sessions that have not ended began, and were last used, after these moments.
#[derive(Debug, Clone, Copy)]
pub struct Since {
    /// What time it is: those that are for a time only end after it.
    pub now: NaiveDateTime,
    /// Began.
    pub created: NaiveDateTime,
    /// Were last used.
    pub seen: NaiveDateTime,
}

/// A session that somebody is signed in with.
#[derive(Debug, Clone)]
pub struct ListedSession {
    /// What it is called.
    pub reference: String,
    /// Who is signed in; of their groups those that counted by `rules`.
    pub person: Person,
    /// By which rules their groups were sifted ([`crate::session::Signed::rules`]).
    pub rules: String,
    /// All groups that their provider told last.
    pub told: Vec<String>,
    /// When they signed in.
    pub created_at: NaiveDateTime,
    /// When it was last used, to within a minute.
    pub last_seen_at: NaiveDateTime,
    /// From where they signed in.
    pub address: Option<String>,
    /// With which browser, as it says of itself.
    pub user_agent: Option<String>,
}

#[derive(Queryable)]
struct SessionRow {
    reference: String,
    state: String,
    issuer: Option<String>,
    subject: Option<String>,
    created_at: NaiveDateTime,
    last_seen_at: NaiveDateTime,
    address: Option<String>,
    user_agent: Option<String>,
    name: Option<String>,
    groups: Option<String>,
}

/// What is looked for in sessions, case aside.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// A part of a name or of an e-mail address; of those who came in by a link made on the server
    /// also of its reason, or of the name of its role.
    pub text: String,
    /// Roles that such a link may have given to be found, by name.
    pub roles: Vec<String>,
}

impl Search {
    fn finds_link(&self, person: &Person) -> bool {
        let text = self.text.to_lowercase();
        let role = person.as_role.as_deref();
        let mut told = [
            Some(person.name.as_str()),
            person.break_glass_reason(),
            role,
        ]
        .into_iter()
        .flatten();
        told.any(|told| told.to_lowercase().contains(&text))
            || role.is_some_and(|role| self.roles.iter().any(|found| found == role))
    }
}

/// By what sessions are chosen.
#[derive(Clone, Copy)]
enum By<'b> {
    Nothing,
    /// A part of the name or of the e-mail address of someone known.
    Known(&'b str),
    /// That they were begun by links made on the server: nobody is known by these.
    Link,
}

/// The sessions of people, last used first, [`MAX_LISTED`] at most.
///
/// # Errors
/// When the database refuses.
pub fn list(
    conn: &mut AnyConnection,
    whose: SessionOwner<'_>,
    search: Option<&Search>,
    since: Since,
) -> QueryResult<Vec<ListedSession>> {
    let Some(search) = search else {
        return load(conn, whose, By::Nothing, since);
    };
    let mut seen = load(conn, whose, By::Link, since)?;
    seen.retain(|one| search.finds_link(&one.person));
    seen.extend(load(conn, whose, By::Known(&search.text), since)?);
    seen.sort_by(|one, other| {
        let used = other.last_seen_at.cmp(&one.last_seen_at);
        used.then_with(|| one.reference.cmp(&other.reference))
    });
    seen.truncate(usize::try_from(MAX_LISTED).unwrap_or(usize::MAX));
    Ok(seen)
}

fn load(
    conn: &mut AnyConnection,
    whose: SessionOwner<'_>,
    by: By<'_>,
    since: Since,
) -> QueryResult<Vec<ListedSession>> {
    let mut query = sessions::table
        .left_join(people::table.on(of_their_person!()))
        .filter(sessions::created_at.gt(since.created))
        .filter(sessions::last_seen_at.gt(since.seen))
        .filter(sessions::subject.is_not_null())
        .filter(
            sessions::ends_at
                .is_null()
                .or(sessions::ends_at.assume_not_null().gt(since.now)),
        )
        .order((sessions::last_seen_at.desc(), sessions::reference))
        .limit(MAX_LISTED)
        .select((
            sessions::reference,
            sessions::state,
            sessions::issuer,
            sessions::subject,
            sessions::created_at,
            sessions::last_seen_at,
            sessions::address,
            sessions::user_agent,
            people::name.nullable(),
            people::groups.nullable(),
        ))
        .into_boxed();
    if let SessionOwner::Of { issuer, subject } = whose {
        query = query
            .filter(sessions::issuer.eq(issuer))
            .filter(sessions::subject.eq(subject));
    }
    query = match by {
        By::Nothing => query,
        By::Known(text) => {
            let pattern = containing(text);
            let named = lower(people::name).like(pattern.clone()).escape(ESCAPE);
            let written = lower(people::email.assume_not_null())
                .like(pattern)
                .escape(ESCAPE);
            query.filter(named.nullable().or(written.nullable()))
        }
        By::Link => query.filter(sessions::issuer.eq(BREAK_GLASS)),
    };
    let found: Vec<SessionRow> = query.load(conn)?;
    Ok(found.into_iter().map(ListedSession::from).collect())
}

/// The providers of the people of that identifier who have sessions.
///
/// # Errors
/// When the database refuses.
pub fn issuers_of(conn: &mut AnyConnection, subject: &str) -> QueryResult<Vec<String>> {
    let issuers: Vec<Option<String>> = sessions::table
        .filter(sessions::subject.eq(subject))
        .select(sessions::issuer)
        .distinct()
        .load(conn)?;
    Ok(issuers.into_iter().flatten().collect())
}

impl From<SessionRow> for ListedSession {
    fn from(found: SessionRow) -> Self {
        let (person, rules) = person(&found);
        let told = found.groups.as_deref();
        let told = told.and_then(|groups| serde_json::from_str(groups).ok());
        Self {
            person,
            rules,
            told: told.unwrap_or_default(),
            reference: found.reference,
            created_at: found.created_at,
            last_seen_at: found.last_seen_at,
            address: found.address,
            user_agent: found.user_agent,
        }
    }
}

/// Who is signed in, as the session has it, and by which rules. What cannot be read of that has no
/// roles.
fn person(found: &SessionRow) -> (Person, String) {
    let signed = serde_json::from_str::<serde_json::Value>(&found.state).ok();
    let signed = signed
        .as_ref()
        .and_then(|state| state.get("signed")?.as_str());
    let read = signed.and_then(|text| {
        let signed: serde_json::Value = serde_json::from_str(text).ok()?;
        let person = serde_json::from_value(signed.get("person")?.clone()).ok()?;
        let rules = signed.get("rules").and_then(serde_json::Value::as_str);
        Some((person, rules.unwrap_or_default().to_owned()))
    });
    read.unwrap_or_else(|| {
        let nobody = Person {
            issuer: found.issuer.clone().unwrap_or_default(),
            subject: found.subject.clone().unwrap_or_default(),
            name: found.name.clone().unwrap_or_default(),
            ..Person::default()
        };
        (nobody, String::new())
    })
}
