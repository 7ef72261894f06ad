//! Sessions that begin while their provider says that they have ended: whichever comes first, none
//! stays.

use crate::support::TestApp;
use actix_session::storage::SessionStore;
use actix_web::cookie::time::Duration as CookieDuration;
use bailiwick::clock::Clock;
use bailiwick::session::{DieselStore, Limits};
use bailiwick::store::logouts::{self, Notice};
use bailiwick::store::{Database, Target};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_sessions_beginning_beside_a_sign_out_none_stays() {
    let app = TestApp::start().await;
    let target = match app.db.is_sqlite() {
        true => Target::Sqlite(app.db.url().into()),
        false => Target::Postgres(bailiwick::secret::Secret::new(app.db.url())),
    };
    let database = Database::new(target, 8, Duration::from_secs(10));
    // Tokens tell the time in whole seconds.
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
        // In the midst of them, at another moment each time.
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
        // Each has left its trace, ended or stopped.
        let traces = format!(
            "SELECT count(*) FROM bailiwick_audit WHERE action = 'end-session' AND row_key LIKE 'r-{round}-%'"
        );
        assert_eq!(app.db.number(&traces), 32, "round {round}");
    }
}
