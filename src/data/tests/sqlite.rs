//! Only on SQLite: values of any type in any column, and text that is not valid.

use super::*;
use crate::access::{Edit, View};
use crate::data::{Cursor, write};
use bench::given;

const ROWS: &str = "
CREATE TABLE odd (id INTEGER PRIMARY KEY, n INTEGER, price DECIMAL(8,2), day DATE, name TEXT,
    good BOOLEAN, ratio REAL, doc JSON, code UUID, at TIMESTAMP);
INSERT INTO odd VALUES
 (1, 'many', 'abc', 20260101, x'6869ff', 'maybe', 'NaN', 'not json', 'no uuid', 1767225600),
 (2, 2.5, 12, 'soon', 17, 2, 3, '{\"a\":1}', x'00ff', 1.5),
 (3, x'00', x'ff', x'01', CAST(x'6869ff' AS TEXT), x'02', x'03', x'04', 5, x'05'),
 (4, 9223372036854775807, '12.345', '2026-01-01', 'a', 1, 1e999, 'null', NULL, '2026-01-01T10:00:00Z'),
 (5, -9223372036854775808, 1e20, NULL, '', 0, -1e999, '[1]', '', '2026-01-01 10:00:00'),
 (6, NULL, NULL, '2026-01-01', 'a' || char(0) || 'b', NULL, NULL, NULL, 'x', NULL);";

#[test]
fn values_of_the_wrong_type_are_read_sorted_and_walked() {
    let mut bench = Bench::sqlite(ROWS);
    let permit = bench.full::<View>("odd");
    let odd = bench.resource("odd");
    for field in &odd.fields {
        if !field.kind.is_sortable() {
            continue;
        }
        for direction in ["", "-"] {
            let order = sort(&odd, &format!("{direction}{}", field.name));
            let mut asked = PageQuery {
                sort: order,
                ..query(50)
            };
            let all = read(&mut bench.conn, &permit, &asked).rows;
            let expected = texts(&odd, &all, "id");
            asked.size = 1;
            let mut found = Vec::new();
            for _ in 0..10 {
                let page = read(&mut bench.conn, &permit, &asked);
                found.extend(texts(&odd, &page.rows, "id"));
                let Some(next) = page.next else { break };
                asked.position = Position::After(Cursor::decode(&next.encode()).unwrap());
            }
            // Text that is not UTF-8 cannot be written exactly into a cursor.
            if field.name != "name" {
                assert_eq!(found, expected, "{direction}{}", field.name);
            }
        }
    }
    for row in read(&mut bench.conn, &permit, &query(50)).rows {
        for (column, value) in row.cells() {
            let kind = odd.fields[column].kind;
            value.to_text(kind);
            value.to_json(kind).to_string();
        }
        // A list may hold only the beginning of a cell, so only a single row has a digest.
        let key = row.key(&odd).unwrap().encode(&odd);
        let digest = bench.find(&permit, &key).digest();
        assert_eq!(bench.find(&permit, &key).digest(), digest);
    }
    let row = bench.find(&permit, "3");
    assert_eq!(texts(&odd, &[row], "name"), ["hi\u{fffd}"]);
    let row = bench.find(&permit, "1");
    assert_eq!(texts(&odd, &[row], "name"), ["hi\u{fffd}"]);
}

#[test]
fn a_row_of_odd_values_can_be_mended() {
    let mut bench = Bench::sqlite(ROWS);
    let policy = bench.policy(&[grant("*", "view edit")]);
    let permit = policy.permit::<Edit>(&bench::person(), "odd").unwrap();
    let odd = bench.resource("odd");
    for key in ["1", "2", "3", "4", "5"] {
        let seen = bench.find(&permit, key).digest();
        let values = [
            ("n", "7"),
            ("price", "1.5"),
            ("day", "2026-02-03"),
            ("name", "plain"),
            ("good", "true"),
            ("ratio", "0.5"),
            ("doc", "{}"),
            ("at", "2026-02-03 04:05"),
        ];
        let changes = given(&odd, &values);
        let key = bench.key(&odd, key);
        let (_, changed) = bench
            .change(&policy, |conn, context| {
                write::update(conn, &permit, &key, &seen, &changes, context)
            })
            .unwrap();
        assert!(changed);
    }
    let mended = "SELECT count(*) AS n FROM odd WHERE n = 7 AND price = 1.5 AND day = '2026-02-03'
        AND typeof(price) = 'real' AND good = 1 AND at = '2026-02-03 04:05:00'";
    assert_eq!(bench.number(mended), 5);
}

#[test]
fn many_writers_wait_for_each_other() {
    let bench = Bench::sqlite(
        "CREATE TABLE tally (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);
        INSERT INTO tally VALUES (1, 0);",
    );
    let policy = bench.policy(&[grant("*", "view edit")]);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let (policy, target) = (&policy, &bench.target);
            let key = bench.key(&bench.resource("tally"), "1");
            scope.spawn(move || {
                let limit = std::time::Duration::from_secs(5);
                let mut conn = AnyConnection::open(target, limit).unwrap();
                let permit = policy.permit::<Edit>(&bench::person(), "tally").unwrap();
                let actor = bench::actor();
                for _ in 0..20 {
                    conn.change(|conn| {
                        let row = crate::data::find::by_key(conn, &permit, &key, &[])?;
                        let Some(Value::Int(n)) = row.get(1) else {
                            panic!()
                        };
                        let changes = crate::data::Changes::from([(1, Value::Int(n + 1))]);
                        let context = write::Context {
                            actor: &actor,
                            now: chrono::NaiveDateTime::default(),
                            rights: &bench::Whole(policy),
                            parent: None,
                        };
                        write::update(conn, &permit, &key, &row.digest(), &changes, &context)
                    })
                    .unwrap();
                }
            });
        }
    });
    let mut bench = bench;
    assert_eq!(bench.number("SELECT n FROM tally"), 160);
    assert_eq!(
        bench.number("SELECT count(*) AS n FROM bailiwick_audit"),
        160
    );
}

#[test]
fn strict_tables_and_triggers_refuse_in_words() {
    let mut bench = Bench::sqlite(
        "
        CREATE TABLE firm (id INTEGER PRIMARY KEY, n INTEGER) STRICT;
        CREATE TRIGGER never BEFORE UPDATE ON firm WHEN NEW.n = 13
            BEGIN SELECT RAISE(ABORT, 'unlucky'); END;
        CREATE TRIGGER quiet BEFORE UPDATE ON firm WHEN NEW.n = 14
            BEGIN SELECT RAISE(IGNORE); END;
        INSERT INTO firm VALUES (1, 1);",
    );
    let policy = bench.policy(&[grant("*", "view edit")]);
    let permit = policy.permit::<Edit>(&bench::person(), "firm").unwrap();
    let firm = bench.resource("firm");
    let key = bench.key(&firm, "1");
    for value in [Value::Text("x".into()), Value::Int(13), Value::Int(14)] {
        let seen = bench.find(&permit, "1").digest();
        let changes = crate::data::Changes::from([(1, value)]);
        let refused = bench.change(&policy, |conn, context| {
            write::update(conn, &permit, &key, &seen, &changes, context)
        });
        assert!(
            matches!(
                refused,
                Err(crate::data::Refusal::Fields(_) | crate::data::Refusal::Whole(_))
            ),
            "{refused:?}"
        );
    }
    assert_eq!(bench.number("SELECT count(*) AS n FROM bailiwick_audit"), 0);
}

#[test]
fn whole_numbers_of_any_declared_type_have_64_bits() {
    let mut bench = Bench::sqlite(
        "CREATE TABLE t (id integer PRIMARY KEY, a int, b smallint, c \"int unsigned\");
        INSERT INTO t (id) VALUES (1);",
    );
    let policy = bench.policy(&[grant("*", "view edit")]);
    let permit = policy.permit::<Edit>(&bench::person(), "t").unwrap();
    let t = bench.resource("t");
    for column in ["a", "b", "c"] {
        let digest = bench.find(&permit, "1").digest();
        let key = bench.key(&t, "1");
        let changes = given(&t, &[(column, "99999999999")]);
        let saved = bench.change(&policy, |conn, context| {
            write::update(conn, &permit, &key, &digest, &changes, context)
        });
        assert!(saved.is_ok(), "{column}: {saved:?}");
    }
}

/// SQLite stores a number with a point as a double. A whole number keeps every digit. A number that
/// would lose digits is refused, not rounded silently.
#[test]
fn a_number_keeps_its_digits_or_is_refused() {
    let mut bench = Bench::sqlite(
        "CREATE TABLE t (id integer PRIMARY KEY, price NUMERIC(20,2));
        INSERT INTO t VALUES (1, '11234567890123456.78');",
    );
    let policy = bench.policy(&[grant("*", "view create edit")]);
    let permit = policy.permit::<Edit>(&bench::person(), "t").unwrap();
    let t = bench.resource("t");
    let mut typed = |number: &str| {
        let digest = bench.find(&permit, "1").digest();
        let key = bench.key(&t, "1");
        let changes = given(&t, &[("price", number)]);
        let saved = bench.change(&policy, |conn, context| {
            write::update(conn, &permit, &key, &digest, &changes, context)
        });
        let row = bench.find(&permit, "1");
        (saved, texts(&t, &[row], "price").remove(0))
    };
    for kept in [
        "11234567890123457",
        "-9223372036854775807",
        "9999999999999.99",
        "0.1",
    ] {
        let (saved, now) = typed(kept);
        assert!(saved.is_ok(), "{kept}: {saved:?}");
        assert_eq!(now.trim_end_matches('0').trim_end_matches('.'), kept);
    }
    for lost in [
        "11234567890123456.78",
        "9223372036854775808",
        "1234567890123456.5",
    ] {
        let (saved, now) = typed(lost);
        let Err(write::Refusal::Fields(faults)) = saved else {
            panic!("{lost}: {saved:?}");
        };
        assert_eq!(faults.len(), 1);
        assert!(faults[0].1.contains("at most 15 digits"), "{}", faults[0].1);
        assert_eq!(now, "0.10", "{lost}");
    }
}
