//! The connection pool: a request waits only a limited time.

use super::*;
use crate::data::DataError;
use crate::store::party::{self, OnBehalfOf};
use crate::store::{Database, DatabaseError, hop};
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

/// A view whose rows take hours to count.
const ENDLESS: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY);
    CREATE VIEW slow AS {endless};";

/// Its last page.
fn sorted() -> PageQuery {
    let sort = vec![crate::catalog::Sort {
        column: 0,
        descending: true,
    }];
    PageQuery { sort, ..query(1) }
}

#[test]
fn a_statement_that_takes_too_long_is_cut_off() {
    on_every_database(ENDLESS, |bench| {
        let mut conn = AnyConnection::open(&bench.target, SHORT).unwrap();
        let permit = bench.full::<crate::access::View>("slow");
        let cut = page::read(&mut conn, &permit, &sorted(), &[0]);
        assert!(matches!(cut, Err(DataError::Slow)), "{cut:?}");
        let cut = crate::data::count::up_to(&mut conn, &permit, &query(1), u64::MAX);
        assert!(matches!(cut, Err(DataError::Slow)), "{cut:?}");
        conn.batch_execute("INSERT INTO t VALUES (1)").unwrap();
    });
}

/// Reads the endless view for somebody; the returned task ends with the query.
fn reading(
    bench: &Bench,
    database: &Database,
    who: OnBehalfOf,
) -> tokio::task::JoinHandle<Result<(), DataError>> {
    let permit = bench.full::<crate::access::View>("slow");
    let database = database.clone();
    tokio::spawn(party::on_behalf_of(who, async move {
        let read = database.run(move |conn| page::read(conn, &permit, &sorted(), &[0]));
        read.await.map(|_| ())
    }))
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn benches() -> Vec<Bench> {
    let benches = [
        Some(Bench::sqlite(ENDLESS)),
        Bench::postgres(ENDLESS),
        #[cfg(feature = "mysql")]
        Bench::mariadb(ENDLESS),
    ];
    benches.into_iter().flatten().collect()
}

/// Runs a test on each database, in a runtime of its own, because connections must be opened
/// outside of one.
fn on_each(body: impl AsyncFn(&Bench)) {
    for bench in benches() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(body(&bench));
    }
}

#[test]
fn nobody_has_more_than_a_share_and_who_has_gone_has_none() {
    on_each(async |bench| {
        let day = Duration::from_secs(86_400);
        let database = Database::with_patience(bench.target.clone(), 4, day, day);
        let all: Vec<_> = (0..8)
            .map(|_| reading(bench, &database, OnBehalfOf::Person(1)))
            .collect();
        until("a share is in use", || database.load().0 == 2).await;
        // Another person, a stranger and the panel itself can continue.
        let others = [
            OnBehalfOf::Person(2),
            OnBehalfOf::Stranger(None),
            OnBehalfOf::Panel,
            OnBehalfOf::Chores,
        ];
        for who in others {
            let work = database.run(|_| Ok::<_, DatabaseError>(()));
            party::on_behalf_of(who, work).await.unwrap();
        }
        assert_eq!(database.load().0, 2);
        for task in &all {
            task.abort();
        }
        until("nobody waits, and nothing runs", || database.load().0 == 0).await;
        for task in all {
            assert!(task.await.unwrap_err().is_cancelled());
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_locked_holds_up_those_who_ask_for_it() {
    let bench = Bench::sqlite(ENDLESS);
    let day = Duration::from_secs(86_400);
    let database = Database::with_patience(bench.target.clone(), 4, day, day);
    let (release, released) = std::sync::mpsc::channel::<()>();
    let released = std::sync::Arc::new(std::sync::Mutex::new(released));
    let all: Vec<_> = (0..8)
        .map(|person| {
            let (database, released) = (database.clone(), std::sync::Arc::clone(&released));
            tokio::spawn(party::on_behalf_of(
                OnBehalfOf::Person(person),
                async move {
                    party::about("orders");
                    let work = database.run(move |_| {
                        released.lock().unwrap().recv().ok();
                        Ok::<_, DatabaseError>(())
                    });
                    work.await
                },
            ))
        })
        .collect();
    until("two wait for it", || database.load().0 == 2).await;
    let other = async {
        party::about("customers");
        database.run(|_| Ok::<_, DatabaseError>(())).await
    };
    party::on_behalf_of(OnBehalfOf::Person(9), other)
        .await
        .unwrap();
    assert_eq!(database.load().0, 2);
    drop(release);
    for task in all {
        task.await.unwrap().unwrap();
    }
}

#[test]
fn a_cancel_hits_nobody_else() {
    on_each(async |bench| {
        let day = Duration::from_secs(86_400);
        let database = Database::with_patience(bench.target.clone(), 2, day, day);
        for round in 0..60_u64 {
            let task = reading(bench, &database, OnBehalfOf::Person(1));
            // Cancels at the start, before it, and in the middle.
            if round % 3 > 0 {
                until("it runs", || database.load().0 == 1).await;
                tokio::time::sleep(Duration::from_millis(round % 7)).await;
            }
            task.abort();
            for _ in 0..3 {
                let work = database.run(|conn| {
                    conn.batch_execute("DELETE FROM t WHERE id < 0; SELECT count(*) FROM t")?;
                    Ok::<_, DatabaseError>(())
                });
                party::on_behalf_of(OnBehalfOf::Person(2), work)
                    .await
                    .unwrap();
            }
        }
    });
}

#[test]
fn what_is_settled_is_done_to_its_end() {
    on_each(async |bench| {
        let day = Duration::from_secs(86_400);
        let database = Database::with_patience(bench.target.clone(), 1, day, day);
        let permit = bench.full::<crate::access::View>("slow");
        let (is_done, done) = std::sync::mpsc::channel();
        let (begin, has_begun) = tokio::sync::oneshot::channel();
        let on_it = database.clone();
        let task = tokio::spawn(party::on_behalf_of(OnBehalfOf::Person(1), async move {
            let work = on_it.run(move |conn| {
                begin.send(()).ok();
                let read = page::read(conn, &permit, &sorted(), &[0]);
                hop::settle();
                let noted = conn.batch_execute("INSERT INTO t VALUES (1)");
                is_done.send((read.is_err(), noted)).ok();
                read.map(|_| ())
            });
            work.await
        }));
        // The connection is acquired before the work begins, and work that nobody waits for does
        // not begin.
        has_begun.await.unwrap();
        task.abort();
        let done = tokio::task::spawn_blocking(move || done.recv_timeout(Duration::from_secs(20)));
        let (was_cut, noted) = done.await.unwrap().unwrap();
        assert!(was_cut);
        noted.unwrap();
    });
}
