//! Changes of roles: previewed against known people, then made in one transaction with an audit
//! event. The change runs the same check as the preview.

use super::difference::Difference;
use super::{Picture, described, trail};
use crate::access::kept::{Change, Fault, InvalidPart, Misfit};
use crate::access::policy::label_of;
use crate::access::preview::{Preview, owners};
use crate::access::{Person, Policy, StoredRoles};
use crate::config::Manage;
use crate::entry::Entered;
use crate::store::audit::{self, Action, Actor};
use crate::store::people::KnownPerson;
use crate::store::{AnyConnection, DatabaseError, roles};
use crate::texts::text;
use crate::web::Failure;
use chrono::NaiveDateTime;
use std::sync::Arc;

/// The result of a change.
pub(super) enum Outcome {
    /// The roles have changed since the form was opened.
    Stale(Stale),
    /// It cannot be made to the current roles.
    Misfit(Misfit),
    /// Its result would be invalid.
    Faulty(Vec<Fault>),
    /// It was not made, or cannot be: these are its effects.
    Weighed(Box<ChangeEffects>),
    /// It was made; this is the new version.
    Saved(i64),
}

/// The change that came first.
pub(super) struct Stale {
    /// Who made it, and when.
    pub(super) last: Option<(String, NaiveDateTime)>,
}

/// The effects of a change.
pub(super) struct ChangeEffects {
    pub(super) preview: Preview,
    pub(super) known: Vec<KnownPerson>,
    /// The index of the person who asks among known people.
    pub(super) asking: Option<usize>,
    pub(super) old: Policy,
    pub(super) new: Policy,
    /// The changes in the role itself, in words.
    pub(super) described: Vec<String>,
    /// Why it is refused, if so.
    pub(super) refused: Option<String>,
    /// Whether the person who asks would lose the right to manage roles.
    pub(super) loses_own: bool,
    /// The version it is based on.
    pub(super) version: i64,
}

/// Leaves the transaction with an error, so that it is rolled back.
enum Stop {
    At(Outcome),
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Returns the effects of a change without making it. `version` is the one it is based on; none for
/// the current one.
///
/// # Errors
/// When the database fails.
pub(super) async fn weigh(
    entered: &Entered,
    change: Change,
    version: Option<i64>,
) -> Result<Outcome, Failure> {
    let scales = Scales::of(entered).await?;
    entered
        .site()
        .database
        .run(move |conn| {
            conn.snapshot(|conn| {
                let now = roles::version(conn)?;
                if version.is_some_and(|version| version != now) {
                    return Ok(Outcome::Stale(stale(conn)?));
                }
                Ok::<_, Failure>(match scales.weigh(conn, &change)? {
                    Ok((weighed, _)) => Outcome::Weighed(Box::new(weighed)),
                    Err(outcome) => outcome,
                })
            })
        })
        .await
}

/// Makes a change if nothing prevents it. `accepts_own_loss` means that the person has accepted to
/// lose their own right.
///
/// # Errors
/// When the right is missing now, or the database fails.
pub(super) async fn save(
    entered: &Entered,
    change: Change,
    version: i64,
    accepts_own_loss: bool,
) -> Result<Outcome, Failure> {
    let scales = Scales::of(entered).await?;
    let actor = Arc::clone(entered.actor());
    let now = entered.site().clock.now().naive_utc();
    let site = entered.site();
    let outcome = site
        .database
        .run(move |conn| {
            let done = conn.change(|conn| {
                scales.make(conn, &change, version, accepts_own_loss, (&actor, now))
            });
            match done {
                Ok(version) => Ok(Outcome::Saved(version)),
                Err(Stop::At(outcome)) => Ok(outcome),
                Err(Stop::Failed(failure)) => Err(failure),
            }
        })
        .await?;
    if let Outcome::Saved(_) = outcome {
        in_force(entered).await;
    }
    Ok(outcome)
}

/// Applies a change here at once; other processes check for it.
async fn in_force(entered: &Entered) {
    let site = entered.site();
    if let Err(error) = site.keeper.reload(&site.database, &site.policies).await {
        tracing::error!(
            error = %error,
            "a change of roles is saved, but has no effect here until roles can be read again"
        );
    }
}

/// The context for checking a change.
struct Scales {
    configured: Arc<Policy>,
    names: Vec<String>,
    asking: Person,
}

impl Scales {
    async fn of(entered: &Entered) -> Result<Self, Failure> {
        let keeper = &entered.site().keeper;
        Ok(Self {
            configured: keeper.configured(),
            names: keeper.roles().keys().cloned().collect(),
            asking: entered.in_full().await?,
        })
    }

    fn make(
        &self,
        conn: &mut AnyConnection,
        change: &Change,
        version: i64,
        accepts_own_loss: bool,
        (actor, now): (&Actor, NaiveDateTime),
    ) -> Result<i64, Stop> {
        // The lock: of two changes based on the same version, the second stops here.
        if !roles::advance(conn, version)? {
            return Err(Stop::At(Outcome::Stale(stale(conn)?)));
        }
        let (weighed, before) = self.weigh(conn, change)?.map_err(Stop::At)?;
        if !weighed.old.manages(&self.asking, Manage::Roles) {
            return Err(Stop::Failed(Failure::Unmanaged(Manage::Roles)));
        }
        if weighed.refused.is_some() || (weighed.loses_own && !accepts_own_loss) {
            return Err(Stop::At(Outcome::Weighed(Box::new(ChangeEffects {
                version,
                ..weighed
            }))));
        }
        let name = change.role(&before).unwrap_or_default();
        let entry = trail::entry(change, &before, &self.label(name, change, &before));
        roles::apply(conn, change)?;
        audit::record(conn, actor, &entry, now)?;
        Ok(version.saturating_add(1))
    }

    /// The effects of the change on the current state, and that state.
    fn weigh(
        &self,
        conn: &mut AnyConnection,
        change: &Change,
    ) -> Result<Result<(ChangeEffects, StoredRoles), Outcome>, DatabaseError> {
        let picture = Picture::read(conn, &self.configured, &self.asking)?;
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let after = match picture.kept.with(change, &names) {
            Ok(after) => after,
            Err(misfit) => return Ok(Err(Outcome::Misfit(misfit))),
        };
        let new = Policy::clone(&self.configured).with_kept(&after);
        let faults = new_faults(change, &picture.policy, &new);
        if !faults.is_empty() {
            return Ok(Err(Outcome::Faulty(faults)));
        }
        let people = picture.people();
        let had_owner = owners(&picture.policy, &people).next().is_some();
        let is_locked = had_owner && owners(&new, &people).next().is_none();
        let asking = picture.known.iter().position(|known| {
            known.person.issuer == self.asking.issuer && known.person.subject == self.asking.subject
        });
        let manages = |policy: &Policy| policy.manages(&self.asking, Manage::Roles);
        let weighed = ChangeEffects {
            preview: Preview::of(&picture.policy, &new, &people),
            asking,
            described: described::of_change(change, &picture.kept, (&picture.policy, &new))
                .iter()
                .flat_map(Difference::sentences)
                .collect(),
            refused: is_locked.then(|| text!("roles-lock-out")),
            loses_own: manages(&picture.policy) && !manages(&new),
            version: picture.kept.version,
            old: picture.policy,
            known: picture.known,
            new,
        };
        Ok(Ok((weighed, picture.kept)))
    }

    /// The label of the role, before or after the change.
    fn label(&self, name: &str, change: &Change, before: &StoredRoles) -> String {
        if let Some(role) = self.configured.role(name) {
            return role.label.clone();
        }
        let kept = before.role(name).and_then(|kept| kept.role.as_ref().ok());
        match change {
            Change::Create { role, .. } | Change::Edit { role, .. } => label_of(name, role),
            _ => kept.map_or_else(|| name.to_owned(), |role| label_of(name, role)),
        }
    }
}

/// The invalid parts of a change. A role must be completely valid; other changes must only not add
/// faults.
fn new_faults(change: &Change, old: &Policy, new: &Policy) -> Vec<Fault> {
    let is_new = |fault: &&Fault| match change {
        Change::Create { name, .. } | Change::Edit { name, .. } => {
            fault.role == *name && !matches!(fault.part, InvalidPart::Rule(_))
        }
        _ => !old.faults().contains(fault),
    };
    new.faults().iter().filter(is_new).cloned().collect()
}

fn stale(conn: &mut AnyConnection) -> Result<Stale, DatabaseError> {
    Ok(Stale {
        last: audit::latest(conn, &Action::OF_ROLES)?,
    })
}
