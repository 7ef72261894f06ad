//! The people who have signed in, by issuer and subject; never by e-mail or user name.

use super::AnyConnection;
use super::tables::bailiwick_people as people;
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// What the provider told of a person.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = people)]
#[diesel(treat_none_as_null = true)]
struct Told<'t> {
    provider: Option<&'t str>,
    groups: String,
    groups_note: &'t str,
    claims: String,
}

/// Notes that a person signed in, and what the provider told of them.
///
/// # Errors
/// When the database refuses.
pub fn seen(
    conn: &mut AnyConnection,
    person: &crate::access::Person,
    groups_note: &str,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let told = Told {
        provider: person.provider.as_deref(),
        groups: serde_json::json!(person.groups).to_string(),
        groups_note,
        claims: serde_json::json!(person.claims).to_string(),
    };
    let known = people::table.find((&person.issuer, &person.subject));
    let updated = diesel::update(known)
        .set((
            people::name.eq(&person.name),
            people::email.eq(&person.email),
            people::last_seen_at.eq(now),
            &told,
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
            &told,
        ))
        .execute(conn)?;
    Ok(())
}
