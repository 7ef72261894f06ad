//! Sessions that begin while their provider ends them: in any order, none remains. Also things
//! about sessions that can happen once, despite concurrent attempts.

use crate::support::TestApp;
use actix_session::storage::SessionStore;
use actix_web::cookie::time::Duration as CookieDuration;
use bailiwick::clock::Clock;
use bailiwick::session::{DieselStore, Limits};
use bailiwick::store::logouts::{self, Notice, NoticeError};
use bailiwick::store::sessions::{self, SessionOwner, SessionSelection};
use bailiwick::store::{AnyConnection, Database, DatabaseError, rechecks, roles};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
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
            let signed = json!({
                "person": {"issuer": "i", "subject": subject}, "provider_session": sid,
                "reference": format!("r-{round}-{number}"), "vouched_at": now,
            });
            let state = [("signed".to_owned(), signed.to_string())].into();
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
    let reference = "SELECT reference FROM bailiwick_sessions WHERE subject IS NOT NULL";
    let reference = app.db.text(reference).unwrap();
    let database = beside(&app).await;
    app.db
        .execute("UPDATE bailiwick_sessions SET state = '' WHERE subject IS NOT NULL");
    let all = (0..32).map(|_| {
        let reference = reference.clone();
        database.run(move |conn| {
            let add = |there: &str| Some((format!("{there}x"), ()));
            rechecks::rewrite(conn, &reference, None, add).map_err(DatabaseError::from)
        })
    });
    let all = futures_util::future::join_all(all).await;
    // Those that fail get an error.
    let written = all.iter().filter(|outcome| outcome.is_ok()).count();
    let kept = "SELECT length(state) FROM bailiwick_sessions WHERE subject IS NOT NULL";
    assert!(written > 1);
    assert_eq!(app.db.number(kept), i64::try_from(written).unwrap());
}
