//! Groups of a signed-in person.
//!
//! A session stores only the groups that matter under the group rules. This module selects them
//! again when the rules have changed, and reads all groups for pages that show them.

use super::{Signed, columns, renewal};
use crate::access::{Person, Policy};
use crate::store::{AnyConnection, Database, DatabaseError, people, rechecks};
use actix_web::HttpRequest;
use std::sync::Arc;

/// Updates a session for the current policy. If its roles have changed, the response sets a new id.
/// The old id is then no longer valid (ASVS 7.2.4).
///
/// # Errors
/// When the database fails.
pub(crate) async fn brought_up(
    request: &HttpRequest,
    database: &Database,
    policy: &Arc<Policy>,
    signed: Arc<Signed>,
) -> Result<Arc<Signed>, DatabaseError> {
    let signed = if signed.rules == policy.rules() {
        signed
    } else {
        Arc::new(sifted_anew(database, Arc::clone(policy), &signed).await?)
    };
    let roles = policy.role_names(&signed.person);
    if roles == signed.roles {
        return Ok(signed);
    }
    tracing::info!(
        session.reference = signed.reference,
        oidc.subject = signed.person.subject,
        roles.before = signed.roles.len(),
        roles.now = roles.len(),
        "a session is given another id: its person has other roles"
    );
    renewal::for_roles(request, &signed.reference, &roles);
    Ok(Arc::new(Signed {
        roles,
        ..Signed::clone(&signed)
    }))
}

/// Selects the groups that matter again, after a change of group rules, from all that the provider
/// last sent.
pub(crate) async fn sifted_anew(
    database: &Database,
    policy: Arc<Policy>,
    signed: &Signed,
) -> Result<Signed, DatabaseError> {
    let mut signed = signed.clone();
    let work = move |conn: &mut _| {
        signed.person = told(conn, &signed.person)?;
        signed.sift(&policy);
        let seen = signed.groups_checked_at.naive_utc();
        let identity = columns::identity(&signed);
        let write = |conn: &mut _| rechecks::write_groups(conn, &signed.reference, seen, &identity);
        AnyConnection::change(conn, write)?;
        Ok(signed)
    };
    database.run(work).await
}

/// The signed-in person with all their groups. While they view the panel as somebody else, the
/// groups are those of the look.
///
/// # Errors
/// When the database fails.
pub async fn in_full(database: &Database, signed: &Signed) -> Result<Person, DatabaseError> {
    let person = signed.person.clone();
    if signed.look.is_some() || signed.groups_came == person.groups.len() {
        return Ok(person);
    }
    told_of(database, &person).await
}

/// The person with the groups that their provider last sent; without stored groups they have none.
///
/// # Errors
/// When the database fails.
pub async fn told_of(database: &Database, person: &Person) -> Result<Person, DatabaseError> {
    let person = person.clone();
    database.run(move |conn| Ok(told(conn, &person)?)).await
}

/// As [`told_of`], on a connection.
fn told(conn: &mut AnyConnection, person: &Person) -> diesel::QueryResult<Person> {
    let known = people::find(conn, &person.issuer, &person.subject)?;
    Ok(Person {
        groups: known.map(|known| known.person.groups).unwrap_or_default(),
        ..person.clone()
    })
}
