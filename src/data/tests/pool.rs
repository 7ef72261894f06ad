//! The pool: a request waits only so long for a connection.

use super::*;
use crate::data::DataError;
use crate::store::{Database, DatabaseError};
use diesel::connection::SimpleConnection;
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(200);

#[tokio::test(flavor = "multi_thread")]
async fn a_full_pool_is_told_and_does_not_hang() {
    let bench = Bench::sqlite("CREATE TABLE t (id INTEGER PRIMARY KEY);");
    let limit = Duration::from_secs(5);
    let database = Database::with_patience(bench.target.clone(), 1, limit, SHORT);
    let held = database.clone();
    let (taken, is_taken) = tokio::sync::oneshot::channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let holder = tokio::spawn(async move {
        held.run(move |_| {
            taken.send(()).unwrap();
            released.recv().ok();
            Ok::<_, DatabaseError>(())
        })
        .await
    });
    is_taken.await.unwrap();
    assert_eq!(database.load(), (1, 1));
    let start = Instant::now();
    let refused = database.run(|_| Ok::<_, DatabaseError>(())).await;
    assert!(matches!(refused, Err(DatabaseError::Busy)), "{refused:?}");
    assert!(start.elapsed() < Duration::from_secs(3));
    release.send(()).unwrap();
    holder.await.unwrap().unwrap();
    database.run(|_| Ok::<_, DatabaseError>(())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_dies_gives_its_place_back() {
    let bench = Bench::sqlite("CREATE TABLE t (id INTEGER PRIMARY KEY);");
    let limit = Duration::from_secs(5);
    let database = Database::with_patience(bench.target.clone(), 1, limit, SHORT);
    for _ in 0..3 {
        let died = database
            .run(|conn| -> Result<(), DatabaseError> {
                conn.change(|conn| {
                    conn.batch_execute("INSERT INTO t VALUES (1)")?;
                    panic!("in the middle")
                })
            })
            .await;
        assert!(matches!(died, Err(DatabaseError::Cut)), "{died:?}");
    }
    let rows = database
        .run(|conn| {
            conn.batch_execute("INSERT INTO t VALUES (1)")?;
            Ok::<_, DatabaseError>(1)
        })
        .await;
    assert_eq!(rows.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = crate::store::Target::Sqlite(folder.path().join("no/such/folder.db"));
    let database = Database::with_patience(nowhere, 1, SHORT, SHORT);
    let refused = database.run(|_| Ok::<_, DatabaseError>(())).await;
    assert!(
        matches!(refused, Err(DatabaseError::Unreachable(_))),
        "{refused:?}"
    );
}

#[test]
fn a_statement_that_takes_too_long_is_cut_off() {
    let Some(bench) = Bench::postgres("CREATE VIEW slow AS SELECT pg_sleep(30)::text AS nap;")
    else {
        return;
    };
    let mut conn = AnyConnection::open(&bench.target, SHORT).unwrap();
    let permit = bench.full::<crate::access::View>("slow");
    let cut = page::read(&mut conn, &permit, &query(1), &[0]);
    assert!(matches!(cut, Err(DataError::Slow)), "{cut:?}");
}
