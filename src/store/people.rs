//! The people who have signed in, by issuer and subject; never by e-mail or user name.

use super::AnyConnection;
use super::tables::bailiwick_people as people;
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// Notes that a person signed in.
///
/// # Errors
/// When the database refuses.
pub fn seen(
    conn: &mut AnyConnection,
    person: &crate::access::Person,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let known = people::table.find((&person.issuer, &person.subject));
    let updated = diesel::update(known)
        .set((
            people::name.eq(&person.name),
            people::email.eq(&person.email),
            people::last_seen_at.eq(now),
        ))
        .execute(conn)?;
    if updated > 0 {
        return Ok(());
    }
    diesel::insert_into(people::table)
        .values((
            people::issuer.eq(&person.issuer),
            people::subject.eq(&person.subject),
            people::name.eq(&person.name),
            people::email.eq(&person.email),
            people::first_seen_at.eq(now),
            people::last_seen_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}
