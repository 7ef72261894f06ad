//! Converts between the columns of a session and [`Signed`].

use super::{Sealed, Signed};
use crate::access::{GroupsNote, Look, Standing};
use crate::store::session_columns::{IdentityColumns, SessionColumns, from_json, to_json};
use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::Map;

/// The signed-in person, from the columns of their session.
pub(crate) fn signed(columns: SessionColumns) -> Signed {
    let moment = |at: Option<NaiveDateTime>| at.map(|at| at.and_utc());
    let person = columns.person();
    let identity = columns.identity;
    let note = from_json::<Option<GroupsNote>>(&identity.groups_note);
    Signed {
        person,
        groups_came: usize::try_from(identity.groups_came).unwrap_or_default(),
        rules: identity.rules,
        roles: from_json(&columns.roles),
        csrf_token: columns.csrf_token,
        reference: columns.reference,
        id_token: identity.id_token.map(Sealed::of_text),
        refresh_token: identity.refresh_token.map(Sealed::of_text),
        nonce: identity.nonce,
        authenticated_at: moment(identity.authenticated_at),
        acr: identity.acr,
        vouched_at: moment(identity.vouched_at),
        provider_session: identity.provider_session,
        signed_in_at: columns.created_at.and_utc(),
        ends_at: moment(columns.ends_at),
        groups_checked_at: moment(identity.groups_checked_at).unwrap_or(DateTime::UNIX_EPOCH),
        groups_note: note.unwrap_or(GroupsNote::Absent),
        look: columns.look.as_deref().map(look),
    }
}

/// The active view as somebody else. If it cannot be read, it is one without groups: the person must
/// not get their own rights while they believe to have those of somebody else.
fn look(text: &str) -> Look {
    let nobody = Standing::Groups {
        provider: None,
        groups: Vec::new(),
        of: None,
    };
    let read = from_json::<Option<Look>>(text);
    read.unwrap_or_else(|| Look::new(nobody, Map::new()))
}

/// The columns of a session. They describe the person who signed in, even while they view the panel
/// as somebody else.
pub(crate) fn of(signed: &Signed) -> SessionColumns {
    SessionColumns {
        reference: signed.reference.clone(),
        csrf_token: signed.csrf_token.clone(),
        as_role: signed.own().as_role.clone(),
        roles: to_json(&signed.roles),
        look: signed.look.as_ref().map(to_json),
        ends_at: naive(signed.ends_at),
        created_at: signed.signed_in_at.naive_utc(),
        identity: identity(signed),
    }
}

/// The columns that hold what the provider last sent.
pub(crate) fn identity(signed: &Signed) -> IdentityColumns {
    let sealed = |token: &Option<Sealed>| token.as_ref().map(|token| token.as_text().to_owned());
    IdentityColumns {
        groups_came: i64::try_from(signed.groups_came).unwrap_or(i64::MAX),
        rules: signed.rules.clone(),
        groups_note: to_json(&signed.groups_note),
        groups_checked_at: Some(signed.groups_checked_at.naive_utc()),
        id_token: sealed(&signed.id_token),
        refresh_token: sealed(&signed.refresh_token),
        nonce: signed.nonce.clone(),
        authenticated_at: naive(signed.authenticated_at),
        acr: signed.acr.clone(),
        vouched_at: naive(signed.vouched_at),
        provider_session: signed.provider_session.clone(),
        ..IdentityColumns::of(signed.own())
    }
}

fn naive(at: Option<DateTime<Utc>>) -> Option<NaiveDateTime> {
    at.map(|at| at.naive_utc())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::access::Person;

    #[test]
    fn who_is_signed_in_comes_back_from_the_columns() {
        let at = DateTime::from_timestamp(1_795_000_000, 123_456_000).unwrap();
        let person = Person {
            issuer: "https://id.example".into(),
            provider: Some("partner".into()),
            subject: "s".into(),
            name: "N\u{e9}".into(),
            email: Some("n@example.com".into()),
            groups: vec!["a".into(), "b,c".into()],
            claims: serde_json::Map::from_iter([("region".into(), "emea".into())]),
            as_role: Some("admin".into()),
        };
        let signed = Signed {
            rules: "r".into(),
            roles: vec!["editor".into()],
            id_token: Some(Sealed::of_text("i".into())),
            refresh_token: Some(Sealed::of_text("t".into())),
            nonce: Some("n".into()),
            authenticated_at: Some(at),
            acr: Some("mfa".into()),
            vouched_at: Some(at),
            provider_session: Some("sid".into()),
            ends_at: Some(at),
            look: Some(Look::new(
                Standing::Role("viewer".into()),
                serde_json::Map::new(),
            )),
            ..Signed::new(
                person,
                "ref".into(),
                GroupsNote::WrongShape("a number".into()),
                at,
            )
        };
        let json = |signed: &Signed| serde_json::to_value(signed).unwrap();
        assert_eq!(json(&super::signed(of(&signed))), json(&signed));
    }

    #[test]
    fn who_is_looked_as_is_never_written() {
        let own = Person {
            groups: vec!["admins".into()],
            ..Person::default()
        };
        let mut look = Look::new(Standing::Role("viewer".into()), serde_json::Map::new());
        let person = look.person(&own);
        look.own = Some(Box::new(own.clone()));
        let start = DateTime::UNIX_EPOCH;
        let signed = Signed {
            person,
            look: Some(look),
            ..Signed::new(Person::default(), String::new(), GroupsNote::Found, start)
        };
        let read = super::signed(of(&signed));
        assert_eq!(read.person, own);
        assert!(read.look.is_some_and(|look| look.own.is_none()));
    }

    #[test]
    fn a_look_that_cannot_be_read_gives_nothing() {
        let signed = Signed::new(
            Person::default(),
            String::new(),
            GroupsNote::Found,
            DateTime::UNIX_EPOCH,
        );
        for text in ["", "{", "null", r#"{"standing":{"planet":"Mars"}}"#] {
            let columns = SessionColumns {
                look: Some(text.to_owned()),
                ..of(&signed)
            };
            let own = Person {
                groups: vec!["admins".into()],
                ..Person::default()
            };
            let look = super::signed(columns).look.unwrap();
            assert!(look.person(&own).groups.is_empty(), "{text}");
        }
    }

    #[test]
    fn a_session_without_a_csrf_token_accepts_none() {
        let signed = Signed {
            csrf_token: String::new(),
            ..Signed::new(
                Person::default(),
                String::new(),
                GroupsNote::Found,
                DateTime::UNIX_EPOCH,
            )
        };
        assert!(!signed.accepts_csrf(""));
        assert!(!signed.accepts_csrf(&signed.csrf()));
    }
}
