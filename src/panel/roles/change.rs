//! A change of roles: weighed against the people known, and made in one transaction with its
//! trace. What is weighed before is weighed again when it is made.

use super::difference::Difference;
use super::{Picture, described, trail};
use crate::access::kept::{Change, Fault, Misfit, Part};
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

/// What becomes of a change.
pub(super) enum Outcome {
    /// The roles are not those any more that it was made from.
    Stale(Stale),
    /// It does not fit what is there.
    Misfit(Misfit),
    /// What it would make cannot be used.
    Faulty(Vec<Fault>),
    /// It is not made yet, or not at all: this is what it would do.
    Weighed(Box<ChangeEffects>),
    /// It is made, and this is the version since.
    Saved(i64),
}

/// What came before, where a change came too late.
pub(super) struct Stale {
    /// Who made the latest change, and when.
    pub(super) last: Option<(String, NaiveDateTime)>,
}

/// What a change would do.
pub(super) struct ChangeEffects {
    pub(super) preview: Preview,
    pub(super) known: Vec<KnownPerson>,
    /// The place of the one who asks among those known.
    pub(super) asking: Option<usize>,
    pub(super) old: Policy,
    pub(super) new: Policy,
    /// What changes in the role itself, in words.
    pub(super) described: Vec<String>,
    /// Why it will not be made.
    pub(super) refused: Option<String>,
    /// Whether the one who asks could not manage roles any more.
    pub(super) loses_own: bool,
    /// The version it is made from.
    pub(super) version: i64,
}

/// What leaves the transaction that would have made a change, so that it is rolled back.
enum Stop {
    At(Outcome),
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Says what a change would do, without making it. `version` is the one it was made from; none for
/// the one there is.
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

/// Makes a change, if nothing speaks against it. `accepts_own_loss`: the one who asks has said that
/// they know what they lose.
///
/// # Errors
/// When the right is missing by now, or the database fails.
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

/// Puts a change in force here at once; other processes look for it.
async fn in_force(entered: &Entered) {
    let site = entered.site();
    if let Err(error) = site.keeper.reload(&site.database, &site.policies).await {
        tracing::error!(
            error = %error,
            "a change of roles is saved, but not in force here until roles can be read again"
        );
    }
}

/// What a change is weighed with.
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
        // The lock: of two changes made from the same state, one ends here.
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

    /// What the change would do to what is there now, and what that is.
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

    /// What the role is called, before the change or by it.
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

/// What of a change cannot be used. A role is taken only if all of it can; other changes only must
/// not make it worse.
fn new_faults(change: &Change, old: &Policy, new: &Policy) -> Vec<Fault> {
    let is_new = |fault: &&Fault| match change {
        Change::Create { name, .. } | Change::Edit { name, .. } => {
            fault.role == *name && !matches!(fault.part, Part::Rule(_))
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
