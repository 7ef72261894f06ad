//! Saved views on every database, and statements with a lower timeout.

use super::*;
use crate::access::{Person, View};
use crate::data::{Count, DataError, count};
use crate::store::audit::Actor;
use crate::store::views::{self, Content, Start, ViewRefusal};
use chrono::NaiveDateTime;
use std::time::Duration;

const LIST: &str = "CREATE TABLE things (id INTEGER PRIMARY KEY, name VARCHAR(20))";

fn actor(subject: &str) -> Actor {
    Actor {
        person: Person {
            subject: subject.to_owned(),
            ..bench::person()
        },
        ..bench::actor()
    }
}

fn content(name: &str, role: Option<&str>) -> Content {
    Content {
        name: name.to_owned(),
        query: "f.name=eq:%C3%A4&sort=-id".to_owned(),
        role: role.map(str::to_owned),
    }
}

fn now() -> NaiveDateTime {
    chrono::DateTime::UNIX_EPOCH.naive_utc()
}

/// Runs a change as the panel does.
fn done<T>(
    bench: &mut Bench,
    work: impl FnOnce(&mut AnyConnection) -> diesel::QueryResult<T>,
) -> T {
    bench.conn.change(work).unwrap()
}

#[test]
fn views_are_kept_changed_shared_and_deleted() {
    on_every_database(LIST, |bench| {
        let (ann, ben) = (actor("ann"), actor("ben"));
        let staff = ["staff".to_owned()];
        let names = |bench: &mut Bench, actor: &Actor, roles: &[String]| -> Vec<String> {
            let found = views::readable(&mut bench.conn, &actor.person, roles, "things").unwrap();
            found.into_iter().map(|view| view.name).collect()
        };
        let mut make = |actor: &Actor, content: Content| {
            done(bench, |conn| {
                views::create(conn, actor, "things", &content, now())
            })
        };
        let own = make(&ann, content("Mine", None)).unwrap();
        let shared = make(&ann, content("Ours \u{1f980}", Some("staff"))).unwrap();
        assert_eq!(make(&ann, content("Mine", None)), Err(ViewRefusal::Taken));
        // Names are case-sensitive, and separate for each person.
        make(&ann, content("mine", None)).unwrap();
        make(&ben, content("Mine", None)).unwrap();
        assert_eq!(names(bench, &ann, &[]).len(), 3);
        assert_eq!(names(bench, &ben, &[]), ["Mine"]);
        assert_eq!(names(bench, &ben, &staff), ["Mine", "Ours \u{1f980}"]);
        let read = |bench: &mut Bench| -> views::View {
            let found = views::readable(&mut bench.conn, &ann.person, &[], "things").unwrap();
            found.into_iter().find(|view| view.id == shared).unwrap()
        };
        let view = read(bench);
        assert_eq!(view.query, "f.name=eq:%C3%A4&sort=-id");
        // A list starts with it for a person, and for a role.
        done(bench, |conn| {
            // Setting it twice is not an error.
            views::start_with(conn, &ben, "things", Some(Start::View(shared)), now())?;
            views::start_with(conn, &ben, "things", Some(Start::View(shared)), now())?;
            views::keep_columns(conn, &ben, "things", Some("name,id"), now())?;
            views::start_role_with(conn, &ann, ("things", "staff"), Some(shared), now())
        });
        let kept = views::own(&mut bench.conn, &ben.person, "things").unwrap();
        assert_eq!(kept.start, Some(Start::View(shared)));
        assert_eq!(kept.columns.as_deref(), Some("name,id"));
        let all = views::shared(&mut bench.conn, "things").unwrap();
        assert!(all.len() == 1 && all[0].starts);
        // If it is no longer shared, no list starts with it for the role.
        let same = content("Ours \u{1f980}", Some("staff"));
        let change = |bench: &mut Bench, view: &views::View, content: &Content| {
            done(bench, |conn| {
                views::change(conn, &ann, view, content, now())
            })
        };
        // The view as read did not start the list for a role.
        assert_eq!(change(bench, &view, &same), Err(ViewRefusal::Stale));
        let view = read(bench);
        // Setting it twice is not an error here either.
        change(bench, &view, &same).unwrap();
        change(bench, &view, &same).unwrap();
        let renamed = content("Mine again", None);
        change(bench, &view, &renamed).unwrap();
        assert_eq!(change(bench, &view, &same), Err(ViewRefusal::Stale));
        let view = read(bench);
        let taken = content("Mine", None);
        assert_eq!(change(bench, &view, &taken), Err(ViewRefusal::Taken));
        assert_eq!(names(bench, &ben, &staff), ["Mine"]);
        let found = views::readable(&mut bench.conn, &ann.person, &[], "things").unwrap();
        assert!(found.iter().all(|view| !view.starts));
        for view in found {
            assert!(done(bench, |conn| views::delete(conn, &ann, &view, now())));
            assert!(!done(bench, |conn| views::delete(conn, &ann, &view, now())));
        }
        assert_eq!(change(bench, &view, &same), Err(ViewRefusal::Stale));
        assert_eq!(names(bench, &ann, &staff), Vec::<String>::new());
        let kept = views::own(&mut bench.conn, &ben.person, "things").unwrap();
        assert_eq!((kept.start, kept.columns.is_some()), (None, true));
        assert!(own > 0);
    });
}

#[test]
fn a_limit_for_now_ends_a_statement_and_is_gone_behind_it() {
    let sql = "CREATE TABLE things (id INTEGER PRIMARY KEY, name VARCHAR(20));
        INSERT INTO things (id, name) VALUES (1, 'a'), (2, 'b');
        CREATE VIEW slow AS {endless}";
    on_every_database(sql, |bench| {
        let (things, slow) = (bench.full::<View>("things"), bench.full::<View>("slow"));
        let resource = bench.resource("slow");
        let last = PageQuery {
            sort: sort(&resource, "-nap"),
            ..query(1)
        };
        let limit = Duration::from_millis(100);
        let ended = bench
            .conn
            .within(limit, |conn| page::read(conn, &slow, &last, &[0]));
        assert!(matches!(ended, Err(DataError::Slow)), "{ended:?}");
        // Other queries are counted, whatever happens to earlier ones.
        let counts = count::of_several(&mut bench.conn, &things, &[query(1)], limit);
        assert_eq!(counts, [Some(Count::Exact(2))]);
        let counts = count::of_several(&mut bench.conn, &things, &[query(1)], Duration::ZERO);
        assert!(counts[0].is_none() || counts[0] == Some(Count::Exact(2)));
        // The connection is as before.
        let all = count::of_query(&mut bench.conn, &things, &query(1)).unwrap();
        assert_eq!(all, Count::Exact(2));
        bench.run("INSERT INTO things (id, name) VALUES (3, 'c')");
    });
}
