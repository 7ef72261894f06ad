//! Reads lists page by page, in both directions and every order.

use super::*;
use crate::access::View;
use crate::data::count::{self, Count};
use crate::data::{Cursor, DataError};

const ROWS: &str = "
CREATE TABLE things (
    id {serial}, name VARCHAR(40), rank INTEGER, price NUMERIC(10,2), ratio DOUBLE PRECISION,
    small REAL, day DATE, at TIMESTAMP, seen {moment}, tag CHAR(3) NOT NULL, good BOOLEAN);
INSERT INTO things (name, rank, price, ratio, small, day, at, seen, tag, good) VALUES
 ('b', 1, 10.50, 0.1, 0.1, '2026-01-01', '2026-01-01 10:00:00', '2026-01-01 10:00:00+00', 'a', true),
 ('a', 1, 10.50, 0.30000000000000004, 0.1, '2026-01-01', '2026-01-01 10:00:00', NULL, 'a', false),
 (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'b', NULL),
 ('b', 2, 9.90, 1e300, 0.3, '2025-12-31', '2026-01-01 10:00:00.25', '2026-01-01 09:00:00+00', 'b', true),
 ('', -5, -1.00, -0.0, -7, '1999-02-28', '1999-02-28 23:59:59', '2026-01-01 09:00:00.5+00', 'c', NULL),
 (NULL, 1, 10.50, 5e-324, NULL, NULL, '2030-01-01 00:00:00', '2026-01-01 10:00:00+00', 'c', false),
 ('B', 1, NULL, 0.1, 0.1, '2026-01-01', NULL, NULL, 'c', true),
 ('é', 2147483647, 99999999.99, 0.1, 16777216, '2026-01-02', '2026-01-01 10:00:00', NULL, 'a', true),
 ('100%', 1, 10.50, 0.2, 0.7, '2026-01-01', '2026-01-01 10:00:00', '2026-01-01 10:00:00+00', 'a', false);
";

const ORDERS: [&str; 16] = [
    "",
    "id",
    "-id",
    "name",
    "-name",
    "rank,name",
    "-rank,name",
    "rank,-name",
    "price,-day",
    "-price,-day,rank",
    "ratio",
    "-small,at",
    "seen,-ratio",
    "-tag,seen",
    "good,-name",
    "-at,small",
];

/// All rows, page by page, forwards, then backwards from the end.
fn walk(
    conn: &mut AnyConnection,
    permit: &Permit<View>,
    order: &[Sort],
    size: u32,
) -> (Vec<Row>, Vec<Row>) {
    let mut asked = PageQuery {
        sort: order.to_vec(),
        ..query(size)
    };
    let (mut forwards, mut backwards) = (Vec::new(), Vec::new());
    let mut page = read(conn, permit, &asked);
    assert!(page.previous.is_none());
    let mut last = page.clone();
    for _ in 0..100 {
        forwards.extend(page.rows.clone());
        last = page.clone();
        let Some(next) = page.next else { break };
        let next = Cursor::decode(&next.encode()).unwrap();
        asked.position = Position::After(next);
        page = read(conn, permit, &asked);
        assert!(page.previous.is_some());
    }
    for _ in 0..100 {
        backwards.splice(0..0, last.rows);
        let Some(previous) = last.previous else { break };
        let previous = Cursor::decode(&previous.encode()).unwrap();
        asked.position = Position::Before(previous);
        last = read(conn, permit, &asked);
        assert!(last.next.is_some());
    }
    (forwards, backwards)
}

#[test]
fn a_walk_visits_every_row_once_in_both_directions_and_in_order() {
    on_every_database(ROWS, |bench| {
        let permit = bench.full::<View>("things");
        let things = bench.resource("things");
        for text in ORDERS {
            let order = sort(&things, text);
            let whole = PageQuery {
                sort: order.clone(),
                ..query(100)
            };
            let expected = texts(&things, &read(&mut bench.conn, &permit, &whole).rows, "id");
            assert_eq!(expected.len(), 9);
            for size in [1, 2, 4, 9] {
                let (forwards, backwards) = walk(&mut bench.conn, &permit, &order, size);
                assert_eq!(
                    texts(&things, &forwards, "id"),
                    expected,
                    "{text} by {size}"
                );
                assert_eq!(
                    texts(&things, &backwards, "id"),
                    expected,
                    "back {text} by {size}"
                );
            }
        }
    });
}

#[test]
fn the_order_is_that_of_the_database() {
    on_every_database(ROWS, |bench| {
        let permit = bench.full::<View>("things");
        let things = bench.resource("things");
        for (text, sql) in [
            ("-rank,name", "rank DESC, name, id"),
            ("price,-day", "price, day DESC, id DESC"),
            ("-small", "small DESC, id DESC"),
        ] {
            let sql = format!("SELECT CAST(id AS TEXT) AS t FROM things ORDER BY {sql}");
            let expected = bench.column(&sql);
            let order = sort(&things, text);
            let (forwards, _) = walk(&mut bench.conn, &permit, &order, 2);
            assert_eq!(texts(&things, &forwards, "id"), expected, "{text}");
        }
    });
}

#[test]
fn keys_of_several_columns_and_of_other_types_are_walked() {
    let sql = "
        CREATE TABLE parts (maker VARCHAR(9), no INTEGER, day DATE, note TEXT,
            PRIMARY KEY (no, maker, day));
        INSERT INTO parts VALUES ('x', 1, '2026-01-01', 'n'), ('x', 1, '2026-01-02', 'n'),
            ('', 1, '2026-01-01', NULL), ('y', 0, '2020-05-05', 'm'), ('a,b', 1, '2026-01-01', 'm'),
            ('~', 1, '2026-01-01', 'n'), ('..', 2, '2026-01-01', 'n');
        CREATE TABLE blobs (id {blob} PRIMARY KEY, n INTEGER);";
    on_every_database(sql, |bench| {
        let permit = bench.full::<View>("parts");
        let parts = bench.resource("parts");
        for text in ["", "note", "-note", "maker,-day"] {
            let (forwards, backwards) = walk(&mut bench.conn, &permit, &sort(&parts, text), 2);
            assert_eq!(forwards.len(), 7, "{text}");
            assert_eq!(forwards, backwards);
            for row in &forwards {
                let key = row.key(&parts).unwrap().encode(&parts);
                assert_eq!(&bench.find(&permit, &key), row, "{key}");
            }
        }
        let bytes = bench.bytes("00ff");
        bench.run(&format!("INSERT INTO blobs VALUES ({bytes}, 1)"));
        let other = bench.bytes("00");
        bench.run(&format!("INSERT INTO blobs VALUES ({other}, 2)"));
        let blobs = bench.resource("blobs");
        let permit = bench.full::<View>("blobs");
        let (forwards, backwards) = walk(&mut bench.conn, &permit, &[], 1);
        assert_eq!(texts(&blobs, &forwards, "n"), ["2", "1"]);
        assert_eq!(forwards, backwards);
        let key = forwards[1].key(&blobs).unwrap().encode(&blobs);
        assert_eq!(key, "00ff");
        assert_eq!(texts(&blobs, &[bench.find(&permit, &key)], "n"), ["1"]);
    });
}

#[test]
fn pages_are_reached_by_number_but_not_in_the_deep() {
    on_every_database(ROWS, |bench| {
        let permit = bench.full::<View>("things");
        let things = bench.resource("things");
        let at = |number| PageQuery {
            position: Position::Number(number),
            ..query(4)
        };
        let second = read(&mut bench.conn, &permit, &at(2));
        let (all, _) = walk(&mut bench.conn, &permit, &[], 100);
        let expected = texts(&things, &all[4..8], "id");
        assert_eq!(texts(&things, &second.rows, "id"), expected);
        assert_eq!(second.skipped, Some(4));
        assert!(second.previous.is_some() && second.next.is_some());
        let beyond = read(&mut bench.conn, &permit, &at(40));
        assert!(beyond.rows.is_empty() && beyond.next.is_none());
        // 2,500 pages of 4 rows are 10,000.
        assert!(read(&mut bench.conn, &permit, &at(2_500)).rows.is_empty());
        for number in [2_501, u64::MAX] {
            let deep = page::read(&mut bench.conn, &permit, &at(number), &[]);
            assert!(matches!(deep, Err(DataError::TooDeep(_))), "{number}");
        }
        let straddling = PageQuery {
            position: Position::Number(34),
            ..query(300)
        };
        let deep = page::read(&mut bench.conn, &permit, &straddling, &[]);
        assert!(matches!(deep, Err(DataError::TooDeep(34))));
    });
}

#[test]
fn a_view_without_a_key_is_paged_by_counting() {
    let sql = format!("{ROWS} CREATE VIEW seen AS SELECT name, rank, tag, id AS no FROM things;");
    on_every_database(&sql, |bench| {
        let permit = bench.full::<View>("seen");
        let seen = bench.resource("seen");
        assert!(seen.key.is_empty() && !seen.writable);
        for text in ["", "rank", "-tag", "name,-rank"] {
            let (forwards, backwards) = walk(&mut bench.conn, &permit, &sort(&seen, text), 2);
            let mut numbers = texts(&seen, &forwards, "no");
            assert_eq!(numbers, texts(&seen, &backwards, "no"), "{text}");
            numbers.sort();
            assert_eq!(
                numbers,
                ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
                "{text}"
            );
        }
    });
}

#[test]
fn counts_are_exact_up_to_the_cap() {
    let sql = "CREATE TABLE many (id {serial}, n INTEGER);";
    on_every_database(sql, |bench| {
        let fill = "INSERT INTO many (n) WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL
            SELECT i + 1 FROM c WHERE i < 10001) SELECT i % 10 FROM c";
        bench.run(fill);
        let permit = bench.full::<View>("many");
        let many = bench.resource("many");
        let all = count::of_query(&mut bench.conn, &permit, &query(50)).unwrap();
        assert_eq!(all, Count::AtLeast(10_000));
        let some = PageQuery {
            filter: bench::filter(&many, "n=eq:3"),
            ..query(50)
        };
        let some = count::of_query(&mut bench.conn, &permit, &some).unwrap();
        assert_eq!(some, Count::Exact(1_000));
        let table = count::of_table(&mut bench.conn, &many).unwrap();
        assert_eq!(table, Count::AtLeast(10_000));
        let guessed = Resource {
            estimate: Some(1_200_000),
            ..Resource::clone(&many)
        };
        let table = count::of_table(&mut bench.conn, &guessed).unwrap();
        assert_eq!(table, Count::Estimate(1_200_000));
    });
}

#[test]
fn a_forged_cursor_is_refused_and_breaks_nothing() {
    on_every_database(ROWS, |bench| {
        let permit = bench.full::<View>("things");
        let things = bench.resource("things");
        let forged = [
            Cursor::Offset(5),
            Cursor::Row(Vec::new()),
            Cursor::Row(vec![Value::Text("x".into()), Value::Text("y".into())]),
            Cursor::Row(vec![Value::Bool(true), Value::Int(1)]),
            Cursor::Row(vec![Value::Int(i64::MAX), Value::Int(i64::MIN)]),
            Cursor::Row(vec![Value::Null, Value::Null]),
            Cursor::Row(vec![Value::Text("a\0b".into()), Value::Int(1)]),
        ];
        for cursor in forged {
            for text in ["rank", "-name", "price", "day", "ratio", "good"] {
                let asked = PageQuery {
                    sort: sort(&things, text),
                    position: Position::After(cursor.clone()),
                    ..query(3)
                };
                match page::read(&mut bench.conn, &permit, &asked, &[]) {
                    Ok(_) | Err(DataError::Cursor(_) | DataError::Value | DataError::Unfit(_)) => {}
                    Err(error) => panic!("{cursor:?} by {text}: {error:?}"),
                }
            }
        }
        for text in ["", "AAAA", "bnVsbA", "W1tdXQ", "eyJmbG9hdCI6MX0"] {
            assert!(Cursor::decode(text).is_err(), "{text}");
        }
    });
}
