//! `bailiwick sessions`: lists sessions and ends them, for when the panel cannot be reached.

use super::{ConfigFile, Misuse, Outcome};
use crate::access::Person;
use crate::app;
use crate::app::end::give_tokens_back;
use crate::panel::sessions::browser;
use crate::session::Limits;
use crate::store::audit::Actor;
use crate::store::sessions::{
    self, Ended, ListedSession, MAX_LISTED, Search, SessionOwner, SessionSelection,
};
use crate::store::{AnyConnection, DatabaseError};
use anyhow::bail;
use std::fmt::Write;
use std::process::ExitCode;
use std::sync::mpsc::Sender;

/// List sessions, or end them
///
/// An ended session is signed out with its next request, while the panel runs. The audit log
/// records each end under the name of this system's user.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    file: ConfigFile,
    /// End the session with this reference
    #[arg(
        long,
        value_name = "REFERENCE",
        conflicts_with = "end_all_of",
        allow_hyphen_values = true
    )]
    end: Option<String>,
    /// End all sessions of the person with this identifier at the identity provider
    #[arg(long, value_name = "SUBJECT", allow_hyphen_values = true)]
    end_all_of: Option<String>,
    /// The identity provider of that person, if several know the identifier
    #[arg(long, value_name = "ISSUER", requires = "end_all_of")]
    issuer: Option<String>,
    /// List only people whose name or e-mail address contains this. For break-glass sessions, the
    /// reason or role may contain it too
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["end", "end_all_of"], allow_hyphen_values = true)]
    search: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// When the sessions cannot be read or ended.
pub fn run(args: Args) -> Outcome {
    let config = args.file.load()?;
    let runtime = actix_web::rt::System::new();
    let database = runtime.block_on(app::database(&config))?;
    let now = chrono::Utc::now().naive_utc();
    let since = Limits::from(&config.session).since(now);
    let (told, gone) = std::sync::mpsc::channel();
    let text = runtime.block_on(database.run(move |conn| {
        if let Some(reference) = &args.end {
            let whose = SessionOwner::Everybodys;
            return end(
                conn,
                &SessionSelection::Named { reference, whose },
                now,
                &told,
            );
        }
        if let Some(subject) = &args.end_all_of {
            let all = sessions::issuers_of(conn, subject)?;
            let issuer = chosen(&args, all)?;
            let issuer = issuer.as_str();
            let but = None;
            return end(
                conn,
                &SessionSelection::OfPerson {
                    issuer,
                    subject,
                    but,
                },
                now,
                &told,
            );
        }
        let whose = SessionOwner::Everybodys;
        let roles = Vec::new();
        let search = args.search.map(|text| Search { text, roles });
        let seen = sessions::list(conn, whose, search.as_ref(), since)?;
        Ok::<_, Failed>(listed(&seen))
    }));
    let text = text.map_err(|failed| match failed {
        Failed::Database(error) => error.into(),
        Failed::Other(error) => error,
    })?;
    let ended: Vec<Ended> = gone.try_iter().flatten().collect();
    if !ended.is_empty()
        && let Err(error) = runtime.block_on(give_tokens_back(&config, &database, &ended))
    {
        tracing::warn!(error = %error, "refresh tokens could not be given back to their provider");
    }
    super::print(format_args!("{text}"))?;
    Ok(ExitCode::SUCCESS)
}

/// Why nothing was listed or ended.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

impl From<diesel::result::Error> for Failed {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// The issuer, if it is unambiguous.
fn chosen(args: &Args, mut all: Vec<String>) -> anyhow::Result<String> {
    if let Some(issuer) = &args.issuer {
        return Ok(issuer.clone());
    }
    match (all.pop(), all.is_empty()) {
        (Some(issuer), true) => Ok(issuer),
        (Some(issuer), false) => bail!(Misuse(format!(
            "several providers know that identifier: choose one with --issuer ({}, {issuer})",
            all.join(", ")
        ))),
        (None, _) => {
            bail!(
                "nobody with that identifier is signed in: run this without --end-all-of to \
                   list who is"
            )
        }
    }
}

fn end(
    conn: &mut AnyConnection,
    which: &SessionSelection<'_>,
    now: chrono::NaiveDateTime,
    told: &Sender<Vec<Ended>>,
) -> Result<String, Failed> {
    let actor = actor();
    let ended = conn.change(|conn| sessions::end(conn, which, &actor, now))?;
    let count = ended.len();
    // The receiver still waits for it.
    let _ = told.send(ended);
    match count {
        0 => Err(anyhow::anyhow!("there is no such session: bailiwick sessions lists them").into()),
        1 => Ok("ended one session\n".to_owned()),
        count => Ok(format!("ended {count} sessions\n")),
    }
}

/// The user of this system, as the actor in the audit log.
pub(super) fn actor() -> Actor {
    let variables = ["USER", "LOGNAME", "USERNAME"];
    let user = variables
        .into_iter()
        .find_map(|name| std::env::var(name).ok());
    Actor {
        person: Person {
            subject: user.unwrap_or_else(|| "unknown".to_owned()),
            name: "Command line".to_owned(),
            ..Person::default()
        },
        roles: Vec::new(),
        request_id: "-".to_owned(),
        address: None,
        looking_as: None,
    }
}

fn listed(seen: &[ListedSession]) -> String {
    if seen.is_empty() {
        return "nobody is signed in\n".to_owned();
    }
    let mut text = String::new();
    for one in seen {
        let person = &one.person;
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}  {}  ({} at {})\n    since {}, last used {} UTC, from {}, {}",
            one.reference,
            shown(&person.name),
            shown(&person.subject),
            person.issuer,
            one.created_at.format("%Y-%m-%d %H:%M"),
            one.last_seen_at.format("%Y-%m-%d %H:%M"),
            one.address.as_deref().unwrap_or("an unknown address"),
            browser::in_words(one.user_agent.as_deref()),
        );
    }
    if i64::try_from(seen.len()).is_ok_and(|count| count >= MAX_LISTED) {
        let _ = writeln!(
            text,
            "Only the {MAX_LISTED} that were used last are listed; find others with --search."
        );
    }
    text
}

/// A provider's text without terminal control characters.
fn shown(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}
