//! Limits that the engine enforces itself, although forms and lists check some of them first.

use super::*;
use crate::access::{Create, Edit, Export, View};
use crate::data::count::{self, Count};
use crate::data::cursor::Cursor;
use crate::data::row::Row;
use crate::data::write::{self, Refusal};
use crate::data::{DataError, export};
use bench::given;

const TABLE: &str = "
CREATE TABLE things (id {serial}, code VARCHAR(4), said VARCHAR(40), price NUMERIC(20,2), picture {blob},
    state VARCHAR(9) CHECK (state IN ('new', 'old')));
INSERT INTO things (code) VALUES ('a'), ('b'), ('c');";

#[test]
fn values_that_do_not_fit_are_neither_made_nor_written() {
    on_every_database(TABLE, |bench| {
        let policy = bench.policy(&[grant("*", "view create edit")]);
        let things = bench.resource("things");
        let make = policy.permit::<Create>(&bench::person(), "things").unwrap();
        let edit = policy.permit::<Edit>(&bench::person(), "things").unwrap();
        let mut both = |column: &str, text: &str| {
            let column = things.index_of(column).unwrap();
            let kind = things.fields[column].kind;
            let value = Value::parse(kind, text).unwrap_or_else(|_| Value::Text(text.to_owned()));
            let changes = [(column, value)].into();
            let made = bench.change(&policy, |conn, context| {
                write::create(conn, &make, &changes, context).map(drop)
            });
            let (seen, key) = (bench.find(&edit, "1").digest(), bench.key(&things, "1"));
            let written = bench.change(&policy, |conn, context| {
                write::update(conn, &edit, &key, &seen, &changes, context).map(drop)
            });
            let fits = |outcome: Result<(), Refusal>| match outcome {
                Ok(()) => true,
                Err(Refusal::Fields(faults)) if faults.len() == 1 && faults[0].0 == column => false,
                Err(other) => panic!("{text}: {other:?}"),
            };
            let fits = (fits(made), fits(written));
            assert_eq!(fits.0, fits.1, "{text}");
            fits.0
        };
        for (column, text) in [
            ("code", "four"),
            ("state", "old"),
            ("said", "12345678901234567890.5"),
            ("price", "123456789012345678"),
        ] {
            assert!(both(column, text), "{text}");
        }
        for (column, text) in [("code", "fives"), ("state", "odd"), ("said", "a\0b")] {
            assert!(!both(column, text), "{text}");
        }
        // SQLite would store another number, so the value is refused there.
        let is_kept = both("price", "1234567890123456.78");
        assert_ne!(is_kept, bench.is_sqlite());
    });
}

#[test]
fn rows_that_differ_have_another_fingerprint() {
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let rows = [
        [text("ab"), text("c")],
        [text("a"), text("bc")],
        [text(""), text("abc")],
        [Some(Value::Null), text("abc")],
        [None, text("abc")],
        [text("abc"), text("")],
        [text("abc"), Some(Value::Null)],
        [Some(Value::Bytes(b"abc".to_vec())), text("")],
        [Some(Value::Size(3)), text("")],
    ];
    let digests = rows.map(|cells| Row::new(cells.into(), Vec::new(), Vec::new()).digest());
    let all: std::collections::BTreeSet<&String> = digests.iter().collect();
    assert_eq!(all.len(), digests.len(), "{digests:?}");
}

#[test]
fn as_many_rows_as_are_counted_are_counted_exactly() {
    on_every_database(TABLE, |bench| {
        let permit = bench.full::<View>("things");
        for (most, told) in [
            (2, Count::AtLeast(2)),
            (3, Count::Exact(3)),
            (4, Count::Exact(3)),
        ] {
            let counted = count::up_to(&mut bench.conn, &permit, &query(9), most).unwrap();
            assert_eq!(counted, told, "{most}");
        }
    });
}

#[test]
fn a_place_of_another_order_is_refused_and_files_are_not_exported() {
    on_every_database(TABLE, |bench| {
        let permit = bench.full::<View>("things");
        for values in [Vec::new(), vec![Value::Int(1), Value::Int(1)]] {
            let asked = PageQuery {
                position: Position::After(Cursor::Row(values)),
                ..query(2)
            };
            let page = page::read(&mut bench.conn, &permit, &asked, &[]);
            assert!(matches!(page, Err(DataError::Cursor(_))), "{page:?}");
        }
        let things = bench.resource("things");
        let columns = export::columns(&bench.full::<Export>("things"));
        assert!(!columns.contains(&things.index_of("picture").unwrap()));
        assert_eq!(columns.len() + 1, things.fields.len());
    });
}

#[test]
fn a_long_text_is_cut_in_the_log_with_a_mark() {
    on_every_database(
        "CREATE TABLE notes (id {serial}, said VARCHAR(10000));",
        |bench| {
            let policy = bench.policy(&[grant("*", "view create edit")]);
            let notes = bench.resource("notes");
            let make = policy.permit::<Create>(&bench::person(), "notes").unwrap();
            let long = "x".repeat(9_000);
            let changes = given(&notes, &[("said", long.as_str())]);
            bench
                .change(&policy, |conn, context| {
                    write::create(conn, &make, &changes, context)
                })
                .unwrap();
            let told = bench.column("SELECT changes AS t FROM bailiwick_audit");
            assert!(told[0].len() < 4_100, "{}", told[0].len());
            assert!(told[0].contains("x\u{2026}\""), "{}", told[0]);
        },
    );
}
