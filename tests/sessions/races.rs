//! Sessions that begin while their provider ends them: in any order, none remains. Also things
//! about sessions that can happen once, despite concurrent attempts.

use crate::support::TestApp;
use actix_session::storage::SessionStore;
use actix_web::cookie::time::Duration as CookieDuration;
use bailiwick::access::{GroupsNote, Person};
use bailiwick::clock::Clock;
use bailiwick::session::{DieselStore, Limits, Signed};
use bailiwick::store::logouts::{self, Notice, NoticeError};
use bailiwick::store::sessions::{
    self, IdentityColumns, RenewalOutcome, SessionChange, SessionColumns, SessionOwner,
    SessionSelection,
};
use bailiwick::store::{AnyConnection, Database, DatabaseError, rechecks, roles};
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_sessions_beginning_beside_a_sign_out_none_stays() {
    let app = TestApp::start().await;
    let database = beside(&app).await;
    // Token times are whole seconds.
    let now = DateTime::from_timestamp(Utc::now().timestamp(), 0).unwrap();
    let (clock, _) = Clock::at(now);
    let limits = Limits {
        idle: TimeDelta::minutes(30),
        absolute: TimeDelta::hours(12),
    };
    let store = DieselStore::new(database.clone(), clock, limits);
    for round in 0..24 {
        let sid = format!("sid-{round}");
        let subject = format!("s-{round}");
        let begun = (0..32).map(|number| {
            let person = Person {
                issuer: "i".into(),
                subject: subject.clone(),
                ..Person::default()
            };
            let reference = format!("r-{round}-{number}");
            let signed = Signed {
                provider_session: Some(sid.clone()),
                vouched_at: Some(now),
                ..Signed::new(person, reference, GroupsNote::Found, now)
            };
            let signed = serde_json::to_string(&signed).unwrap();
            let state = [("signed".to_owned(), signed)].into();
            let store = store.clone();
            tokio::spawn(async move { store.save(state, &CookieDuration::ZERO).await.unwrap() })
        });
        let begun: Vec<_> = begun.collect();
        // During the sign-ins, at another moment in each round.
        tokio::time::sleep(Duration::from_micros(round * 700)).await;
        let notice = Notice {
            issuer: "i".into(),
            token: format!("jti-{round}"),
            sid: (round % 2 == 0).then(|| sid.clone()),
            subject: (round % 3 != 0 || round % 2 == 1).then(|| subject.clone()),
            issued_at: now,
        };
        let actor = logouts::provider_as_actor("i");
        let ended =
            database.run(move |conn| logouts::carry_out(conn, &notice, &actor, now.naive_utc()));
        ended.await.unwrap();
        for begun in begun {
            begun.await.unwrap();
        }
        let left = "SELECT count(*) FROM bailiwick_sessions WHERE issuer = 'i'";
        assert_eq!(app.db.number(left), 0, "round {round}");
        // Each is recorded, as ended or as stopped.
        let traces = format!(
            "SELECT count(*) FROM bailiwick_audit WHERE action = 'end-session' AND row_key LIKE 'r-{round}-%'"
        );
        assert_eq!(app.db.number(&traces), 32, "round {round}");
    }
}

/// The panel's database, with separate open connections.
async fn beside(app: &TestApp) -> Database {
    let database = Database::new(app.db.target(), 8, Duration::from_secs(10));
    let look = |conn: &mut AnyConnection| {
        std::thread::sleep(Duration::from_millis(20));
        roles::version(conn).map_err(DatabaseError::from)
    };
    futures_util::future::join_all((0..32).map(|_| database.run(look))).await;
    database
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn j6_of_32_copies_of_a_logout_token_one_is_carried_out() {
    let app = TestApp::start().await;
    let database = beside(&app).await;
    let now = DateTime::from_timestamp(Utc::now().timestamp(), 0).unwrap();
    for round in 0..8 {
        let notice = Notice {
            issuer: "i".into(),
            token: format!("jti-{round}"),
            sid: (round % 2 == 0).then(|| "sid".into()),
            subject: (round % 2 == 1).then(|| "s".into()),
            issued_at: now,
        };
        let all = (0..32).map(|_| {
            let notice = notice.clone();
            database.run(move |conn| {
                let actor = logouts::provider_as_actor("i");
                logouts::carry_out(conn, &notice, &actor, now.naive_utc())
            })
        });
        let all = futures_util::future::join_all(all).await;
        let taken = all.iter().filter(|outcome| outcome.is_ok()).count();
        let replayed = all
            .iter()
            .filter(|outcome| matches!(outcome, Err(NoticeError::Replayed)))
            .count();
        assert_eq!((taken, replayed), (1, 31), "{all:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn h2_of_32_who_claim_a_session_one_reads_its_groups_again() {
    let app = TestApp::start().await;
    app.sign_in("carol").await;
    let reference = "SELECT reference FROM bailiwick_sessions WHERE subject IS NOT NULL";
    let reference = app.db.text(reference).unwrap();
    let database = beside(&app).await;
    for round in 0..8 {
        // The claim of the previous round has expired.
        let now = (Utc::now() + TimeDelta::minutes(round)).naive_utc();
        let all = (0..32).map(|_| {
            let reference = reference.clone();
            database.run(move |conn| {
                let until = now + TimeDelta::seconds(30);
                rechecks::claim(conn, &reference, now, until, now).map_err(DatabaseError::from)
            })
        });
        let all = futures_util::future::join_all(all).await;
        let won = all
            .iter()
            .filter(|claim| claim.as_ref().unwrap().as_ref().unwrap().is_won)
            .count();
        assert_eq!(won, 1, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_who_end_a_session_one_is_told_so_and_noted() {
    let app = TestApp::start().await;
    let database = beside(&app).await;
    let now = Utc::now().naive_utc();
    for round in 0..8 {
        app.sign_in("carol").await;
        let reference = "SELECT reference FROM bailiwick_sessions WHERE subject IS NOT NULL";
        let reference = app.db.text(reference).unwrap();
        let all = (0..32).map(|_| {
            let reference = reference.clone();
            database.run(move |conn| {
                let which = SessionSelection::Named {
                    reference: &reference,
                    whose: SessionOwner::Everybodys,
                };
                let actor = logouts::provider_as_actor("i");
                conn.change(|conn| sessions::end(conn, &which, &actor, now))
                    .map_err(DatabaseError::from)
            })
        });
        let all = futures_util::future::join_all(all).await;
        let told: usize = all.iter().map(|ended| ended.as_ref().unwrap().len()).sum();
        assert_eq!((told, app.audit("end-session").len()), (1, round + 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_what_many_write_to_a_session_nothing_is_lost() {
    let app = TestApp::start().await;
    app.sign_in("carol").await;
    let database = beside(&app).await;
    for round in 0..8 {
        let id = "SELECT id_hash FROM bailiwick_sessions WHERE subject IS NOT NULL";
        let id = app.db.text(id).unwrap();
        let before = columns_of(&database, &id).await;
        let all = (0..32).map(|number| {
            let (id, before) = (id.clone(), before.clone());
            database.run(move |conn| {
                let write = |conn: &mut _| write_a_part(conn, &id, &before, (round, number));
                conn.change(write).map_err(DatabaseError::from)
            })
        });
        let all = futures_util::future::join_all(all).await;
        let all: Vec<RenewalOutcome> = all.into_iter().map(Result::unwrap).collect();
        let renewed = all
            .iter()
            .filter(|one| **one == RenewalOutcome::Renewed)
            .count();
        assert_eq!((renewed, all.contains(&RenewalOutcome::Gone)), (1, false));
        let new_id = "SELECT id_hash FROM bailiwick_sessions WHERE subject IS NOT NULL";
        let now = columns_of(&database, &app.db.text(new_id).unwrap()).await;
        let is_of_now = |text: &str| text.starts_with(&format!("\"{round}-"));
        assert!(is_of_now(now.look.as_deref().unwrap()), "{now:?}");
        // The roles are those that its id was made for.
        let winner = all
            .iter()
            .position(|one| *one == RenewalOutcome::Renewed)
            .unwrap();
        match winner % 4 {
            1 => assert_eq!(now.roles, format!("\"{round}-{winner}\"")),
            _ => assert_eq!(now.roles, before.roles),
        }
        assert!(is_of_now(&now.identity.name), "{now:?}");
        assert!(is_of_now(&now.identity.rules), "{now:?}");
        assert_eq!(now.csrf_token, before.csrf_token);
        assert_eq!(now.reference, before.reference);
    }
}

/// The columns of the session of an id.
async fn columns_of(database: &Database, id: &str) -> SessionColumns {
    let id = id.to_owned();
    let found = database.run(move |conn| Ok::<_, DatabaseError>(sessions::find(conn, &id)?));
    found.await.unwrap().unwrap().columns
}

/// Writes one part of a session, each number another one.
fn write_a_part(
    conn: &mut AnyConnection,
    id: &str,
    before: &SessionColumns,
    (round, number): (i64, usize),
) -> diesel::QueryResult<RenewalOutcome> {
    let text = format!("\"{round}-{number}\"");
    let now = Utc::now().naive_utc();
    let mut change = SessionChange::default();
    match number % 4 {
        0 => change.look = Some(Some(text.clone())),
        1 => change.roles = Some(text.clone()),
        2 => {
            let identity = IdentityColumns {
                name: text.clone(),
                rules: text,
                ..before.identity.clone()
            };
            let nonce = before.identity.nonce.as_deref();
            let there = rechecks::write_identity(conn, &before.reference, nonce, &identity, None)?;
            return Ok(there.map_or(RenewalOutcome::Gone, |_| RenewalOutcome::RenewedElsewhere));
        }
        _ => {
            let identity = IdentityColumns {
                rules: text,
                ..before.identity.clone()
            };
            let seen = before.identity.groups_checked_at.unwrap();
            rechecks::write_groups(conn, &before.reference, seen, &identity)?;
            return Ok(RenewalOutcome::RenewedElsewhere);
        }
    }
    let new_id = format!("id-{round}-{number}");
    sessions::renew(conn, (id, &new_id), &before.reference, &change, now)
}
