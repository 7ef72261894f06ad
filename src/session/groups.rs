//! The groups of who is signed in. A session keeps those that count by the policy that was in force;
//! here they are brought up to the policy of today, and read in full where a page shows them.

use super::{Signed, columns, renewal};
use crate::access::{Person, Policy};
use crate::store::{AnyConnection, Database, DatabaseError, people, rechecks};
use actix_web::HttpRequest;
use std::sync::Arc;

/// Who is signed in by the policy of a request. If that gives other roles than the session's id was
/// made for, the answer brings another id, and the old one is dead (ASVS 7.2.4).
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

/// Group rules have changed: what counts is found among all that the provider told last.
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

/// Who is signed in, with all groups that came. Of somebody who is looked as, what the look has.
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

/// A person with the groups that their provider told last.
///
/// # Errors
/// When the database fails.
pub async fn told_of(database: &Database, person: &Person) -> Result<Person, DatabaseError> {
    let person = person.clone();
    database.run(move |conn| Ok(told(conn, &person)?)).await
}

/// The person with the groups that their provider told last.
fn told(conn: &mut AnyConnection, person: &Person) -> diesel::QueryResult<Person> {
    let known = people::find(conn, &person.issuer, &person.subject)?;
    Ok(Person {
        groups: known.map(|known| known.person.groups).unwrap_or_default(),
        ..person.clone()
    })
}
