//! Sessions: each part is written by its own statement, which changes no other part.

use super::*;
use crate::access::Person;
use crate::store::sessions::{
    self, IdentityColumns, NewSession, Origin, RenewalOutcome, SessionChange, SessionColumns,
};
use crate::store::{logouts, rechecks};
use chrono::{DateTime, NaiveDateTime, TimeDelta};

const TABLE: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY)";
const NAME: &str = "r-1";

fn start() -> NaiveDateTime {
    DateTime::from_timestamp(1_795_000_000, 0)
        .unwrap()
        .naive_utc()
}

/// Begins a session under the id `one`, whose person has the role `editor`.
fn begun(bench: &mut Bench) -> SessionColumns {
    let person = Person {
        issuer: "i".into(),
        subject: "s".into(),
        name: "n".into(),
        groups: vec!["old".into()],
        ..Person::default()
    };
    let columns = SessionColumns {
        reference: NAME.into(),
        csrf_token: "mine".into(),
        roles: r#"["editor"]"#.into(),
        created_at: start(),
        identity: IdentityColumns {
            refresh_token: Some("used".into()),
            groups_checked_at: Some(start()),
            nonce: Some("n".into()),
            vouched_at: Some(start()),
            groups_note: r#"{"kind":"found"}"#.into(),
            ..IdentityColumns::of(&person)
        },
        ..SessionColumns::default()
    };
    let begun = NewSession {
        id_hash: "one".into(),
        columns: columns.clone(),
        origin: Origin::default(),
    };
    let begin = |conn: &mut _| sessions::begin(conn, &begun, start());
    assert!(bench.conn.change(begin).unwrap());
    columns
}

fn renew(bench: &mut Bench, ids: (&str, &str), change: &SessionChange) -> RenewalOutcome {
    let change = |conn: &mut _| sessions::renew(conn, ids, NAME, change, start());
    bench.conn.change(change).unwrap()
}

/// The session under an id. The text for the previous version must hold the same.
fn found(bench: &mut Bench, id: &str) -> SessionColumns {
    let columns = sessions::find(&mut bench.conn, id)
        .unwrap()
        .unwrap()
        .columns;
    bench.run("UPDATE bailiwick_sessions SET state = TRIM(state)");
    let copied = sessions::find(&mut bench.conn, id)
        .unwrap()
        .unwrap()
        .columns;
    assert_eq!(copied, columns);
    columns
}

fn roles(role: &str) -> SessionChange {
    SessionChange {
        roles: Some(format!("[\"{role}\"]")),
        ..SessionChange::default()
    }
}

fn look(look: Option<&str>) -> SessionChange {
    SessionChange {
        look: Some(look.map(str::to_owned)),
        ..SessionChange::default()
    }
}

const VIEWER: &str = r#"{"claims":{},"standing":{"role":"viewer"}}"#;

#[test]
fn only_what_gives_another_id_gives_other_roles() {
    on_every_database(TABLE, |bench| {
        begun(bench);
        let outcome = renew(bench, ("one", "two"), &roles("viewer"));
        assert_eq!(outcome, RenewalOutcome::Renewed);
        assert_eq!(found(bench, "two").roles, r#"["viewer"]"#);
        assert!(sessions::find(&mut bench.conn, "one").unwrap().is_none());
        // A request with the old id is too late to change the roles, but not the look.
        let outcome = renew(bench, ("one", "three"), &roles("admin"));
        assert_eq!(outcome, RenewalOutcome::RenewedElsewhere);
        let both = SessionChange {
            look: look(Some(VIEWER)).look,
            ..roles("admin")
        };
        let outcome = renew(bench, ("one", "three"), &both);
        assert_eq!(outcome, RenewalOutcome::RenewedElsewhere);
        let now = found(bench, "two");
        assert_eq!(now.roles, r#"["viewer"]"#);
        assert_eq!(now.look.as_deref(), Some(VIEWER));
    });
}

#[test]
fn a_look_begun_meanwhile_goes_on_under_other_roles() {
    on_every_database(TABLE, |bench| {
        begun(bench);
        for (number, there) in [Some(VIEWER), None].into_iter().enumerate() {
            let id = format!("look-{number}");
            let before = if number == 0 { "one" } else { "roles-0" };
            renew(bench, (before, &id), &look(there));
            let with_roles = format!("roles-{number}");
            renew(bench, (&id, &with_roles), &roles("admin"));
            let now = found(bench, &with_roles);
            assert_eq!(now.look.as_deref(), there);
            assert_eq!(now.roles, r#"["admin"]"#);
        }
    });
}

#[test]
fn a_late_write_keeps_what_a_re_check_learnt_meanwhile() {
    on_every_database(TABLE, |bench| {
        let before = begun(bench);
        let learnt = IdentityColumns {
            refresh_token: Some("rotated".into()),
            groups: r#"["new"]"#.into(),
            groups_checked_at: Some(start() + TimeDelta::minutes(5)),
            ..before.identity.clone()
        };
        let nonce = before.identity.nonce.as_deref();
        let written = rechecks::write_identity(&mut bench.conn, NAME, nonce, &learnt, None);
        assert_eq!(written.unwrap().unwrap().identity, learnt);
        for (ids, change) in [
            (("one", "two"), roles("admin")),
            (("two", "three"), look(Some(VIEWER))),
            (("one", "four"), look(None)),
        ] {
            renew(bench, ids, &change);
        }
        // Groups selected by other rules, from a session read before the re-check.
        let sifted = IdentityColumns {
            rules: "other".into(),
            ..before.identity.clone()
        };
        rechecks::write_groups(&mut bench.conn, NAME, start(), &sifted).unwrap();
        let now = found(bench, "three");
        assert_eq!(now.identity, learnt);
        assert_eq!(now.csrf_token, "mine");
        // Step-up is newer than any re-check that began before it.
        let proven = IdentityColumns {
            refresh_token: None,
            nonce: Some("proof".into()),
            acr: Some("mfa".into()),
            ..before.identity.clone()
        };
        let change = SessionChange {
            identity: Some(proven.clone()),
            ..SessionChange::default()
        };
        renew(bench, ("three", "five"), &change);
        rechecks::write_identity(&mut bench.conn, NAME, nonce, &learnt, None).unwrap();
        assert_eq!(found(bench, "five").identity, proven);
    });
}

#[test]
fn what_the_version_before_wrote_meanwhile_stays() {
    on_every_database(TABLE, |bench| {
        let before = begun(bench);
        renew(bench, ("one", "two"), &look(Some(VIEWER)));
        // The view as somebody else began on an instance of the previous version: only its text
        // has it.
        let only_text = "UPDATE bailiwick_sessions SET state = TRIM(state), look = NULL";
        let learnt = IdentityColumns {
            refresh_token: Some("rotated".into()),
            groups_checked_at: Some(start() + TimeDelta::minutes(5)),
            ..before.identity.clone()
        };
        bench.run(only_text);
        let nonce = before.identity.nonce.as_deref();
        rechecks::write_identity(&mut bench.conn, NAME, nonce, &learnt, None).unwrap();
        let now = found(bench, "two");
        assert_eq!(
            (now.look.as_deref(), &now.identity),
            (Some(VIEWER), &learnt)
        );
        let sifted = IdentityColumns {
            rules: "other".into(),
            ..learnt.clone()
        };
        bench.run(only_text);
        let seen = start() + TimeDelta::minutes(5);
        rechecks::write_groups(&mut bench.conn, NAME, seen, &sifted).unwrap();
        let now = found(bench, "two");
        assert_eq!(
            (now.look.as_deref(), &now.identity),
            (Some(VIEWER), &sifted)
        );
        bench.run(only_text);
        renew(bench, ("two", "three"), &roles("admin"));
        let now = found(bench, "three");
        assert_eq!(
            (now.look.as_deref(), &now.identity),
            (Some(VIEWER), &sifted)
        );
        assert_eq!(now.roles, r#"["admin"]"#);
    });
}

#[test]
fn a_session_that_is_deleted_is_never_written_back() {
    on_every_database(TABLE, |bench| {
        let before = begun(bench);
        sessions::delete(&mut bench.conn, "one").unwrap();
        let proof = SessionChange {
            identity: Some(before.identity.clone()),
            ..roles("admin")
        };
        for (change, expected) in [
            (roles("admin"), RenewalOutcome::RenewedElsewhere),
            (look(Some(VIEWER)), RenewalOutcome::Gone),
            (proof, RenewalOutcome::Gone),
        ] {
            assert_eq!(renew(bench, ("one", "two"), &change), expected);
        }
        let nonce = before.identity.nonce.as_deref();
        let written =
            rechecks::write_identity(&mut bench.conn, NAME, nonce, &before.identity, None);
        assert_eq!(written.unwrap(), None);
        rechecks::write_groups(&mut bench.conn, NAME, start(), &before.identity).unwrap();
        let left = "SELECT count(*) AS n FROM bailiwick_sessions";
        assert_eq!(bench.number(left), 0);
    });
}

#[test]
fn a_proof_of_what_the_provider_has_ended_ends_the_session() {
    on_every_database(TABLE, |bench| {
        let before = begun(bench);
        let notice = logouts::Notice {
            issuer: "i".into(),
            token: "jti".into(),
            sid: Some("sid-2".into()),
            subject: None,
            issued_at: start().and_utc(),
        };
        let actor = logouts::provider_as_actor("i");
        logouts::carry_out(&mut bench.conn, &notice, &actor, start()).unwrap();
        let identity = IdentityColumns {
            provider_session: Some("sid-2".into()),
            ..before.identity
        };
        let change = SessionChange {
            identity: Some(identity),
            ..SessionChange::default()
        };
        let outcome = renew(bench, ("one", "two"), &change);
        assert_eq!(outcome, RenewalOutcome::Gone);
        let left = "SELECT count(*) AS n FROM bailiwick_sessions";
        assert_eq!(bench.number(left), 0);
    });
}

#[test]
fn the_version_before_can_begin_sessions() {
    on_every_database(TABLE, |bench| {
        bench.run(
            "INSERT INTO bailiwick_sessions (id_hash, state, issuer, subject, created_at,
             last_seen_at, reference) VALUES ('one', '{}', 'i', 's', '2026-01-01 00:00:00',
             '2026-01-01 00:00:00', 'r-1')",
        );
        // Its text cannot be read, so there is no session.
        assert!(sessions::find(&mut bench.conn, "one").unwrap().is_none());
    });
}
