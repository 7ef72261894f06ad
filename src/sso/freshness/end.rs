//! Ends sessions because of a provider's response, or because none came in time.

use crate::sso::context::Context;
use crate::sso::give_back;
use crate::store::audit::event::Lapse;
use crate::store::audit::{self, Actor};
use crate::store::sessions::{self, Ended};
use crate::store::{DatabaseError, Event, NewEntry};
use crate::texts::{stored, text};

/// Why a session ends.
#[derive(Debug, Clone)]
pub(in crate::sso) enum EndReason {
    /// The provider refuses the refresh token.
    Refused,
    /// The provider identified another person.
    OtherPerson,
    /// The provider's new ID token is refused.
    Token(String),
    /// The provider has been down for longer than the grace period.
    Away,
    /// The provider is not configured any more.
    NoProvider,
}

impl EndReason {
    /// The reason for the log and the audit log.
    fn words(&self) -> String {
        stored(|| match self {
            Self::Refused => text!("ended-refused"),
            Self::OtherPerson => text!("ended-other-person"),
            Self::Token(_) => text!("ended-token"),
            Self::Away => text!("ended-away"),
            Self::NoProvider => text!("ended-no-provider"),
        })
    }
}

/// Ends a session, with an audit event; does nothing if it is gone.
pub(in crate::sso) async fn now(
    context: &Context,
    reference: &str,
    actor: Actor,
    why: EndReason,
) -> Result<(), DatabaseError> {
    let cause = match &why {
        EndReason::Token(cause) => cause.as_str(),
        _ => "",
    };
    tracing::warn!(
        request.id = actor.request_id,
        session.reference = reference,
        cause,
        oidc.subject = actor.person.subject,
        "a session was ended: {}",
        why.words()
    );
    let entry = NewEntry::new(Event::Lapse(Lapse {
        why: why.words(),
        session: reference.to_owned(),
    }));
    let reference = reference.to_owned();
    let now = context.clock.now().naive_utc();
    let work = move |conn: &mut crate::store::AnyConnection| {
        conn.change(|conn| {
            let ended = sessions::end_named(conn, &reference)?;
            if ended.is_some() {
                audit::record(conn, &actor, &entry, now)?;
            }
            Ok(ended)
        })
        .map_err(|error: diesel::result::Error| DatabaseError::from(error))
    };
    let ended: Option<Ended> = context.database.run(work).await?;
    // A refused token need not be revoked.
    if !matches!(why, EndReason::Refused)
        && let Some(ended) = ended
    {
        give_back::of_ended(context, &[ended]);
    }
    Ok(())
}
