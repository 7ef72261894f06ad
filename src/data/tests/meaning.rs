//! Filters compare by meaning: times as times and numbers as numbers, however the database stores
//! them.

use super::*;
use crate::access::View;

/// The ids of the matching rows of a table.
fn passing(bench: &mut Bench, table: &str, text: &str) -> String {
    let permit = bench.full::<View>(table);
    let resource = bench.resource(table);
    let asked = PageQuery {
        filter: bench::filter(&resource, text),
        ..query(50)
    };
    let rows = read(&mut bench.conn, &permit, &asked).rows;
    texts(&resource, &rows, "id").join("")
}

#[test]
fn times_are_compared_as_times_however_they_are_written() {
    let mut bench = Bench::sqlite(
        "CREATE TABLE logs (id INTEGER PRIMARY KEY, at DATETIME, seen TIMESTAMPTZ, day DATE, clock TIME);
         CREATE INDEX logs_at ON logs (at);
         INSERT INTO logs VALUES
         (1, '2026-01-01 10:00:00', '2026-01-01 10:00:00+00:00', '2026-01-01', '10:00:00'),
         (2, '2026-01-01T09:00', '2026-01-01T12:00:00+03:00', '2026-01-01 00:00:00', '09:00'),
         (3, '2026-01-01T11:00:00.250Z', '2026-01-01T11:00:00Z', '2026-01-02', '11:00:00.5'),
         (4, 1767261600, 1767261600, 1767261600, NULL),
         (5, 'soon', '', 'some day', 'late'), (6, NULL, NULL, NULL, NULL);",
    );
    for (text, ids) in [
        ("at=gt:2026-01-01 10:00", "3"),
        ("at=ge:2026-01-01 10:00", "134"),
        ("at=lt:2026-01-01 10:00", "2"),
        ("at=le:2026-01-01 10:00:00", "124"),
        ("at=eq:2026-01-01 10:00", "14"),
        ("at=ne:2026-01-01 10:00", "2356"),
        ("at=between:2026-01-01 08:30,2026-01-01 10:30", "124"),
        ("at=in:2026-01-01 10:00,2026-01-01 09:00", "124"),
        ("at=nin:2026-01-01 10:00,2026-01-01 09:00", "356"),
        ("at=eq:2026-01-01", "1234"),
        ("at=in:2026-01-01", "1234"),
        ("seen=eq:2026-01-01 09:00", "2"),
        ("seen=gt:2026-01-01 09:30", "134"),
        ("day=eq:2026-01-01", "124"),
        ("day=in:2026-01-01,2026-01-02", "1234"),
        ("day=gt:2026-01-01", "3"),
        ("clock=lt:10:00", "2"),
        ("clock=ge:10:00", "13"),
    ] {
        assert_eq!(passing(&mut bench, "logs", text), ids, "{text}");
    }
}

#[test]
fn numbers_of_columns_without_a_type_are_compared_as_numbers() {
    let mut bench = Bench::sqlite(
        "CREATE TABLE parts (id INTEGER PRIMARY KEY, n INTEGER, t TEXT);
         INSERT INTO parts VALUES (1, 50, '9'), (2, 100, '10.50'), (3, 793, '0793'), (4, 5, 'many'),
         (5, NULL, NULL);
         CREATE VIEW sums AS SELECT id, n + 0 AS worth, t || '' AS said FROM parts;",
    );
    for (text, ids) in [
        ("worth=gt:99", "23"),
        ("worth=gt:99.5", "23"),
        ("worth=le:50", "14"),
        ("worth=eq:100", "2"),
        ("worth=eq:100.0", "2"),
        ("worth=in:5,793", "34"),
        ("worth=between:50,100", "12"),
        ("worth=ne:50", "2345"),
        ("worth=nin:50,100", "345"),
        ("worth=null", "5"),
        ("worth=contains:9", "3"),
        ("said=lt:10", "1"),
        ("said=gt:9", "2"),
        ("said=eq:0793", "3"),
        ("said=in:many,9", "14"),
        ("said=eq:10.5", "2"),
        ("said=gt:a", "4"),
    ] {
        assert_eq!(passing(&mut bench, "sums", text), ids, "{text}");
    }
}

#[test]
fn a_day_means_the_same_to_every_operator() {
    let sql = "CREATE TABLE visits (id {serial}, at TIMESTAMP, seen {moment});
        INSERT INTO visits (at, seen) VALUES ('2026-01-01 00:00:00', '2026-01-01 23:59:59'),
        ('2026-01-01 23:59:59', '2026-01-02 00:00:00'), ('2026-01-02 00:00:00', NULL), (NULL, NULL)";
    on_every_database(sql, |bench| {
        for (text, ids) in [
            ("at=eq:2026-01-01", "12"),
            ("at=in:2026-01-01", "12"),
            ("at=in:2026-01-01,2026-01-02 00:00", "123"),
            ("at=nin:2026-01-01", "34"),
            ("at=ne:2026-01-01", "34"),
            ("at=nin:2026-01-01,2026-01-02", "4"),
            ("seen=in:2026-01-01", "1"),
            ("seen=nin:2026-01-01", "234"),
        ] {
            assert_eq!(passing(bench, "visits", text), ids, "{text}");
        }
        let days: Vec<String> = (0..1000).map(|n| format!("{}-01-01", 1500 + n)).collect();
        let many = format!("at=in:{}", days.join(","));
        assert_eq!(passing(bench, "visits", &many), "12");
        let none = format!("at=nin:{}", days.join(","));
        assert_eq!(passing(bench, "visits", &none), "34");
    });
}

#[test]
fn the_padding_of_a_char_is_no_part_of_it() {
    let sql = "CREATE TABLE codes (id {serial}, code CHAR(5));
        INSERT INTO codes (code) VALUES ('ab'), ('abcde'), (NULL)";
    on_every_database(sql, |bench| {
        for (text, ids) in [
            ("code=ends:b", "1"),
            ("code=ends:ab", "1"),
            ("code=starts:ab", "12"),
            ("code=contains:b", "12"),
            ("code=eq:ab", "1"),
            ("code=in:ab,abcde", "12"),
            ("code=ncontains:c", "13"),
        ] {
            assert_eq!(passing(bench, "codes", text), ids, "{text}");
        }
    });
}
