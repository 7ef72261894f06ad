//! MariaDB only: its types, its collations, and conversions it would make silently.

use super::*;
use crate::access::{Create, Edit, Export, View};
use crate::catalog::{Generated, Key, Kind, ReferentialAction};
use crate::data::write::{self, Refusal};
use crate::data::{Changes, DataError, export, find};
use crate::store::mysql::{MysqlConnection, ServerFamily};
use crate::store::{DatabaseError, Tuning, look, migrations};
use bench::given;
use diesel::connection::SimpleConnection;
use std::ops::ControlFlow;
use std::time::Duration;

fn on_mariadb(sql: &str, body: impl Fn(&mut Bench)) {
    if let Some(mut bench) = Bench::mariadb_as_written(sql) {
        body(&mut bench);
    }
}

/// The raw connection of a bench.
fn raw(conn: &mut AnyConnection) -> &mut MysqlConnection {
    match conn {
        AnyConnection::Mysql(conn) => conn,
        AnyConnection::Sqlite(_) | AnyConnection::Postgres(_) => panic!("not MariaDB"),
    }
}

fn update_with(
    bench: &mut Bench,
    table: &str,
    key: &str,
    changes: &Changes,
) -> Result<(Key, bool), Refusal> {
    let policy = bench.policy(&[grant("*", "view create edit delete")]);
    let permit = policy.permit::<Edit>(&bench::person(), table).unwrap();
    let digest = bench.find(&permit, key).digest();
    let key = bench.key(permit.resource(), key);
    bench.change(&policy, |conn, context| {
        write::update(conn, &permit, &key, &digest, changes, context)
    })
}

fn update(
    bench: &mut Bench,
    table: &str,
    key: &str,
    values: &[(&str, &str)],
) -> Result<(Key, bool), Refusal> {
    let changes = given(&bench.resource(table), values);
    update_with(bench, table, key, &changes)
}

fn create(bench: &mut Bench, table: &str, values: &[(&str, &str)]) -> Result<Option<Key>, Refusal> {
    let policy = bench.policy(&[grant("*", "view create edit delete")]);
    let permit = policy.permit::<Create>(&bench::person(), table).unwrap();
    let changes = given(permit.resource(), values);
    bench.change(&policy, |conn, context| {
        write::create(conn, &permit, &changes, context)
    })
}

/// The ids of the rows that match a filter.
fn passing(bench: &mut Bench, table: &str, text: &str) -> Result<String, DataError> {
    let permit = bench.full::<View>(table);
    let resource = bench.resource(table);
    let asked = PageQuery {
        filter: bench::filter(&resource, text),
        ..query(50)
    };
    let page = page::read(&mut bench.conn, &permit, &asked, &every_column(&resource))?;
    Ok(texts(&resource, &page.rows, "id").join(" "))
}

const TYPES: &str = r#"CREATE TABLE types (
    id INT AUTO_INCREMENT PRIMARY KEY COMMENT 'the number', flag TINYINT(1), tiny TINYINT UNSIGNED,
    large BIGINT UNSIGNED, small MEDIUMINT, money DECIMAL(10,2), single FLOAT, wide DOUBLE,
    one BIT(1), bits BIT(10), made YEAR, day DATE, clock TIME(3), moment DATETIME(6),
    stamp TIMESTAMP(6) NULL, word CHAR(5), body LONGTEXT, doc JSON, ident UUID,
    size ENUM('s','m','x''l') DEFAULT 'm', marks SET('a','b','c'), bytes VARBINARY(9), place POINT,
    number INT DEFAULT 4, twice INT AS (number * 2) STORED,
    kind VARCHAR(9) CHECK (kind IN ('new','old')),
    touched TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP);
    INSERT INTO types (flag, tiny, large, small, money, single, wide, one, bits, made, day, clock,
    moment, stamp, word, body, doc, ident, size, marks, bytes, place, kind) VALUES
    (1, 255, 18446744073709551615, -8388608, 12.50, 0.1, 0.1, 1, 341, 2026, '2024-02-29',
    '-838:59:59', '2024-02-29 12:34:56.789012', '2024-02-29 12:34:56', 'ab', 'long', '{"a":1}',
    '123e4567-e89b-12d3-a456-426614174000', 'x''l', 'a,c', x'00ff', POINT(1, 2), 'new');"#;

#[test]
fn every_type_is_read_as_what_it_means() {
    on_mariadb(TYPES, |bench| {
        let types = bench.resource("types");
        let permit = bench.full::<View>("types");
        let rows = [bench.find(&permit, "1")];
        let decimal = |scale| Kind::Decimal { scale: Some(scale) };
        for (column, kind, text) in [
            ("flag", Kind::Bool, "true"),
            ("tiny", Kind::Int, "255"),
            ("large", decimal(0), "18446744073709551615"),
            ("small", Kind::Int, "-8388608"),
            ("money", decimal(2), "12.50"),
            ("single", Kind::Float, "0.1"),
            ("wide", Kind::Float, "0.1"),
            ("one", Kind::Bool, "true"),
            ("bits", Kind::Int, "341"),
            ("made", Kind::Int, "2026"),
            ("day", Kind::Date, "2024-02-29"),
            ("clock", Kind::Time, "-838:59:59"),
            ("moment", Kind::DateTime, "2024-02-29 12:34:56.789012"),
            ("stamp", Kind::Instant, "2024-02-29 12:34:56"),
            ("word", Kind::Text, "ab"),
            ("body", Kind::Text, "long"),
            ("doc", Kind::Json, r#"{"a":1}"#),
            ("ident", Kind::Uuid, "123e4567-e89b-12d3-a456-426614174000"),
            ("size", Kind::Choice, "x'l"),
            ("marks", Kind::Other, "a,c"),
            ("bytes", Kind::Bytes, "2 bytes"),
            ("place", Kind::Other, "POINT(1 2)"),
            ("twice", Kind::Int, "8"),
            ("kind", Kind::Choice, "new"),
        ] {
            let field = types.field(column).unwrap();
            assert_eq!(field.kind, kind, "{column}");
            assert_eq!(texts(&types, &rows, column), [text], "{column}");
        }
        assert_eq!(types.field("id").unwrap().generated, Generated::ByDefault);
        assert_eq!(types.field("twice").unwrap().generated, Generated::Always);
        assert_eq!(types.field("size").unwrap().choices, ["s", "m", "x'l"]);
        assert_eq!(types.field("kind").unwrap().choices, ["new", "old"]);
        assert_eq!(types.field("word").unwrap().max_length, Some(5));
        assert_eq!(types.field("size").unwrap().default.as_deref(), Some("'m'"));
        assert_eq!(types.field("kind").unwrap().default, None);
    });
}

#[test]
fn every_type_is_written_filtered_and_sorted() {
    on_mariadb(TYPES, |bench| {
        let values = [
            ("flag", "false"),
            ("tiny", "7"),
            ("large", "18446744073709551614"),
            ("small", "5"),
            ("money", "99.10"),
            ("single", "0.3"),
            ("wide", "0.3"),
            ("one", "false"),
            ("bits", "53"),
            ("made", "1999"),
            ("day", "2025-01-31"),
            ("clock", "10:00:00"),
            ("moment", "2025-01-31 10:00:00"),
            ("stamp", "2025-01-31 10:00:00"),
            ("word", "xy"),
            ("body", "text"),
            ("ident", "123e4567-e89b-12d3-a456-426614174001"),
            ("size", "s"),
            ("marks", "b"),
            ("kind", "old"),
        ];
        create(bench, "types", &values).unwrap();
        let types = bench.resource("types");
        let permit = bench.full::<View>("types");
        for (column, value) in values {
            // A date stands for the whole day; other values are compared as they are.
            for op in ["eq", "in"] {
                let found = passing(bench, "types", &format!("{column}={op}:{value}")).unwrap();
                assert_eq!(found, "2", "{column} {op}");
            }
            for direction in ["", "-"] {
                let mut asked = query(1);
                asked.sort = sort(&types, &format!("{direction}{column}"));
                let first = read(&mut bench.conn, &permit, &asked);
                asked.position = Position::After(first.next.expect(column));
                let second = read(&mut bench.conn, &permit, &asked);
                let ids = [first.rows, second.rows].concat();
                let mut ids = texts(&types, &ids, "id");
                ids.sort();
                assert_eq!(ids, ["1", "2"], "{direction}{column}");
            }
        }
        update(bench, "types", "2", &[("bits", "341"), ("doc", "[2]")]).unwrap();
        assert_eq!(passing(bench, "types", "bits=eq:341").unwrap(), "1 2");
        assert_eq!(passing(bench, "types", "doc=contains:[2").unwrap(), "2");
    });
}

#[test]
fn nothing_is_cut_or_replaced_in_silence() {
    on_mariadb(TYPES, |bench| {
        for (column, value) in [
            ("tiny", "300"),
            ("tiny", "-1"),
            ("small", "8388608"),
            ("made", "5"),
            ("bits", "1024"),
            ("large", "18446744073709551616"),
            ("money", "123456789.00"),
            ("word", "longer"),
            ("marks", "z"),
            ("stamp", "2500-01-01 00:00:00"),
        ] {
            let at = bench.resource("types").index_of(column).unwrap();
            match update(bench, "types", "1", &[(column, value)]) {
                Err(Refusal::Fields(fields)) => {
                    assert_eq!(fields[0].0, at, "{column} {value}: {fields:?}");
                }
                other => panic!("{column} {value}: {other:?}"),
            }
        }
    });
}

#[test]
fn dates_that_are_none_are_kept_while_the_rest_of_the_row_is_changed() {
    let sql = "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES,ALLOW_INVALID_DATES';
        CREATE TABLE old (id INT PRIMARY KEY, day DATE NOT NULL, at DATETIME NOT NULL, note VARCHAR(9));
        INSERT INTO old VALUES (1, '0000-00-00', '0000-00-00 00:00:00', 'a'),
            (2, '2024-02-31', '2024-00-00 00:00:00', 'b'), (3, '2024-02-01', '2024-02-01 01:02:03', 'c');";
    on_mariadb(sql, |bench| {
        let old = bench.resource("old");
        let permit = bench.full::<View>("old");
        let asked = PageQuery {
            sort: sort(&old, "day"),
            ..query(9)
        };
        let rows = read(&mut bench.conn, &permit, &asked).rows;
        let days = ["0000-00-00", "2024-02-01", "2024-02-31"];
        assert_eq!(texts(&old, &rows, "day"), days);
        let times = [
            "0000-00-00 00:00:00",
            "2024-02-01 01:02:03",
            "2024-00-00 00:00:00",
        ];
        assert_eq!(texts(&old, &rows, "at"), times);
        for id in ["1", "2"] {
            update(bench, "old", id, &[("note", "new")]).unwrap();
        }
        assert_eq!(passing(bench, "old", "note=eq:new").unwrap(), "1 2");
        let at = old.index_of("day").unwrap();
        let changes = Changes::from([(at, Value::Text("2024-02-31".into()))]);
        let refused = update_with(bench, "old", "3", &changes);
        assert!(matches!(refused, Err(Refusal::Fields(_))), "{refused:?}");
    });
}

const FOLDED: &str = "CREATE TABLE words (id VARCHAR(9) PRIMARY KEY, word VARCHAR(9), n INT)
    CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
    INSERT INTO words VALUES ('a', 'Abc', 1), ('b', 'aBC', 2), ('c', 'abc ', 3), ('d', 'äbc', 4),
    ('e', 'abd', 5), ('f', NULL, 6);";

#[test]
fn equality_is_exact_whatever_the_collation_folds() {
    on_mariadb(FOLDED, |bench| {
        for (text, ids) in [
            ("word=eq:Abc", "a"),
            ("word=eq:ABC", ""),
            ("word=eq:abc", ""),
            ("word=in:aBC,abd", "b e"),
            ("word=ne:Abc", "b c d e f"),
            ("word=nin:Abc,aBC", "c d e f"),
            ("word=contains:ABC", "a b c"),
            ("word=contains:ÄB", "d"),
        ] {
            assert_eq!(passing(bench, "words", text).unwrap(), ids, "{text}");
        }
        let words = bench.resource("words");
        let permit = bench.full::<View>("words");
        for key in ["A", "a "] {
            let key = Key(vec![Value::Text(key.into())]);
            let found = find::by_key(&mut bench.conn, &permit, &key, &[]);
            assert!(matches!(found, Err(DataError::Missing)), "{found:?}");
        }
        for (rule, ids) in [("word=eq:abc", vec![]), ("word=eq:aBC", vec!["b"])] {
            let permit = bench.permit::<View>(&[grant("words", "view").rows(rule)], "words");
            let rows = read(&mut bench.conn, &permit, &query(9)).rows;
            assert_eq!(texts(&words, &rows, "id"), ids, "{rule}");
        }
    });
}

#[test]
fn pages_sorted_by_what_a_collation_folds_miss_no_row() {
    on_mariadb(FOLDED, |bench| {
        let words = bench.resource("words");
        let permit = bench.full::<View>("words");
        for text in ["word", "-word", "word,-n"] {
            let mut asked = query(2);
            asked.sort = sort(&words, text);
            let mut seen = Vec::new();
            loop {
                let page = read(&mut bench.conn, &permit, &asked);
                seen.extend(texts(&words, &page.rows, "id"));
                match page.next {
                    Some(next) => asked.position = Position::After(next),
                    None => break,
                }
            }
            seen.sort();
            assert_eq!(seen, ["a", "b", "c", "d", "e", "f"], "{text}");
        }
    });
}

#[test]
fn a_key_that_the_collation_takes_for_another_is_told_as_taken() {
    on_mariadb(FOLDED, |bench| {
        for key in ["A", "a "] {
            match create(bench, "words", &[("id", key), ("n", "7")]) {
                Err(Refusal::Fields(fields)) => {
                    assert_eq!(fields[0].1, "This value is already taken.");
                }
                Err(Refusal::Whole(text)) => assert!(text.contains("exists already"), "{text}"),
                other => panic!("{other:?}"),
            }
        }
        // A key may be changed to another spelling of it.
        let (key, changed) = update(bench, "words", "a", &[("id", "A ")]).unwrap();
        assert_eq!((key.0, changed), (vec![Value::Text("A ".into())], true));
    });
}

#[test]
fn columns_of_other_character_sets_take_what_they_can_hold() {
    let sql = "CREATE TABLE l (id INT PRIMARY KEY, word VARCHAR(9)) CHARACTER SET latin1;
        INSERT INTO l VALUES (1, 'é'), (2, 'e');";
    on_mariadb(sql, |bench| {
        assert_eq!(passing(bench, "l", "word=eq:é").unwrap(), "1");
        assert_eq!(passing(bench, "l", "word=eq:e").unwrap(), "2");
        assert_eq!(passing(bench, "l", "word=contains:😀").unwrap(), "");
        let refused = passing(bench, "l", "word=eq:😀");
        assert!(matches!(refused, Err(DataError::Value)), "{refused:?}");
        let refused = update(bench, "l", "1", &[("word", "😀")]);
        assert!(matches!(refused, Err(Refusal::Fields(_))), "{refused:?}");
        update(bench, "l", "1", &[("word", "ü")]).unwrap();
        assert_eq!(passing(bench, "l", "word=eq:ü").unwrap(), "1");
    });
}

#[test]
fn backslashes_mean_themselves_in_texts_and_patterns() {
    let sql =
        "CREATE TABLE b (id INT PRIMARY KEY, word VARCHAR(9)); INSERT INTO b VALUES (1, 'a');";
    on_mariadb(sql, |bench| {
        for word in [r"a\", r"\'", "%_!", r"'\\"] {
            update(bench, "b", "1", &[("word", word)]).unwrap();
            for op in ["eq", "contains", "starts", "ends"] {
                let found = passing(bench, "b", &format!("word={op}:{word}")).unwrap();
                assert_eq!(found, "1", "{op} {word}");
            }
        }
        // The session mode does not depend on the server's own.
        for (mode, is_on) in [("STRICT_ALL_TABLES", 1), ("NO_BACKSLASH_ESCAPES", 0)] {
            let sql = format!("SELECT CAST(@@sql_mode LIKE '%{mode}%' AS SIGNED) AS n");
            assert_eq!(bench.number(&sql), is_on, "{mode}");
        }
    });
}

#[test]
fn relations_and_views_are_read() {
    let sql = "CREATE TABLE p (id INT PRIMARY KEY, a INT, b INT, UNIQUE (a, b));
        CREATE TABLE c (id INT PRIMARY KEY, p_id INT, a INT, b INT, name VARCHAR(99),
            FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE SET NULL,
            FOREIGN KEY (a, b) REFERENCES p (a, b) ON DELETE CASCADE, UNIQUE KEY (name(5)));
        CREATE VIEW v AS SELECT id FROM c;";
    on_mariadb(sql, |bench| {
        let c = bench.resource("c");
        let mut relations: Vec<(Vec<usize>, Vec<usize>)> = c
            .relations
            .iter()
            .map(|relation| (relation.columns.clone(), relation.target_columns.clone()))
            .collect();
        relations.sort();
        assert_eq!(relations, [(vec![1], vec![0]), (vec![2, 3], vec![1, 2])]);
        let p = bench.resource("p");
        let rules: Vec<ReferentialAction> =
            p.children.iter().map(|child| child.on_delete).collect();
        assert!(rules.contains(&ReferentialAction::SetNull), "{rules:?}");
        assert!(rules.contains(&ReferentialAction::Cascade), "{rules:?}");
        let view = bench.resource("v");
        assert!(!view.writable && view.key.is_empty());
    });
}

#[test]
fn rows_that_are_made_are_told_with_and_without_returning() {
    let sql = "CREATE TABLE n (id INT AUTO_INCREMENT PRIMARY KEY, word VARCHAR(9) DEFAULT 'x');
        CREATE TABLE k (id CHAR(5) PRIMARY KEY, n INT);";
    on_mariadb(sql, |bench| {
        for family in [ServerFamily::MariaDb, ServerFamily::Mysql] {
            raw(&mut bench.conn).pretend(family);
            let made = create(bench, "n", &[]).unwrap().unwrap();
            let permit = bench.full::<View>("n");
            let row = find::by_key(&mut bench.conn, &permit, &made, &[]).unwrap();
            let n = bench.resource("n");
            assert_eq!(texts(&n, &[row], "word"), ["x"], "{family:?}");
            // The server removes trailing spaces.
            let made = create(bench, "k", &[("id", "a "), ("n", "1")]).unwrap();
            assert_eq!(made.unwrap().0, [Value::Text("a".into())], "{family:?}");
            let (key, _) = update(bench, "k", "a", &[("id", "b ")]).unwrap();
            assert_eq!(key.0, [Value::Text("b".into())], "{family:?}");
            bench.run("DELETE FROM k");
        }
    });
}

#[test]
fn an_export_that_is_broken_off_leaves_the_connection_as_it_was() {
    let sql = "CREATE TABLE many (id INT AUTO_INCREMENT PRIMARY KEY, n INT);
        INSERT INTO many (n) SELECT seq FROM seq_1_to_200000;";
    on_mariadb(sql, |bench| {
        let permit = bench.full::<Export>("many");
        let limit = "SELECT CAST(@@max_statement_time AS CHAR) AS t";
        let before = bench.column(limit);
        let (few, all) = (3, 200_000);
        for most in [few, all] {
            let mut count = 0;
            let mut take = |_| {
                count += 1;
                if count < most {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            };
            let everything = query(1);
            export::each(
                &mut bench.conn,
                &permit,
                &everything,
                &[0, 1],
                1 << 40,
                &mut take,
            )
            .unwrap();
            assert_eq!(count, most);
            assert_eq!(bench.number("SELECT count(*) AS n FROM many"), all);
            assert_eq!(bench.column(limit), before);
        }
    });
}

#[test]
fn statements_and_waits_for_locks_end_in_words() {
    let sql = "CREATE TABLE t (id INT PRIMARY KEY, n INT); INSERT INTO t VALUES (1, 1);
        CREATE VIEW slow AS SELECT SLEEP(30) AS nap;";
    on_mariadb(sql, |bench| {
        let mut conn = AnyConnection::open(&bench.target, Duration::from_millis(200)).unwrap();
        let permit = bench.full::<View>("slow");
        let cut = page::read(&mut conn, &permit, &query(1), &[0]);
        assert!(matches!(cut, Err(DataError::Slow)), "{cut:?}");
        let permit = bench.full::<View>("t");
        assert_eq!(read(&mut conn, &permit, &query(1)).rows.len(), 1);
        conn.batch_execute("BEGIN; UPDATE t SET n = 2").unwrap();
        bench.run("SET SESSION innodb_lock_wait_timeout = 1");
        let permit = bench.full::<Edit>("t");
        let key = bench.key(permit.resource(), "1");
        let changes = given(permit.resource(), &[("n", "3")]);
        let policy = bench.policy(&[grant("*", "view create edit delete")]);
        let waited = bench.change(&policy, |conn, context| {
            write::update(conn, &permit, &key, "", &changes, context)
        });
        let Err(Refusal::Data(DataError::Locked)) = waited else {
            panic!("{waited:?}");
        };
    });
}

#[test]
fn the_panels_own_keys_compare_exactly() {
    on_mariadb("DO 1", |bench| {
        let subjects = ["anna", "Anna", "anna ", "ännä"];
        for subject in subjects {
            bench.run(&format!(
                "INSERT INTO bailiwick_people (issuer, subject, name, first_seen_at, last_seen_at)
                 VALUES ('i', '{subject}', 'n', '2026-01-01', '2026-01-01')"
            ));
        }
        for subject in subjects {
            let sql = "SELECT count(*) AS n FROM bailiwick_people WHERE issuer = 'i' AND subject =";
            assert_eq!(
                bench.number(&format!("{sql} '{subject}'")),
                1,
                "{subject:?}"
            );
        }
    });
}

#[test]
fn migrations_go_on_where_they_stopped_and_run_once() {
    on_mariadb("DO 1", |bench| {
        bench.run(
            "DELETE FROM bailiwick_migrations WHERE version > '20261123000001';
            DROP TABLE bailiwick_locks, bailiwick_break_glass;
            UPDATE bailiwick_access SET version = 7",
        );
        let target = bench.target.clone();
        let run = |_| {
            let target = target.clone();
            std::thread::spawn(move || {
                let mut conn = AnyConnection::open(&target, Duration::from_secs(20)).unwrap();
                migrations::run(&mut conn).unwrap().len()
            })
        };
        let threads: Vec<_> = (0..3).map(run).collect();
        let ran: usize = threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum();
        assert!(ran >= 1);
        assert_eq!(bench.number("SELECT count(*) AS n FROM bailiwick_locks"), 1);
        let version = "SELECT CAST(version AS SIGNED) AS n FROM bailiwick_access";
        assert_eq!(bench.number(version), 7);
        assert_eq!(
            migrations::pending(&mut bench.conn).unwrap(),
            Vec::<String>::new()
        );
    });
}

fn rehearsed(bench: &Bench) -> migrations::Rehearsal {
    let tuning = Tuning {
        size: 1,
        statement_timeout: Duration::from_secs(20),
        patience: Duration::from_secs(5),
        pooler: None,
    };
    let looked = look(&bench.target, &tuning, |conn, _| {
        let (rehearsal, ()) = migrations::rehearse(conn, |_| ()).unwrap();
        Ok::<_, DatabaseError>(rehearsal)
    });
    looked.unwrap()
}

#[test]
fn a_rehearsal_leaves_nothing_behind() {
    on_mariadb("DO 1", |bench| {
        let own = "SELECT CAST(table_name AS CHAR) AS t FROM information_schema.tables
            WHERE table_schema = DATABASE()";
        for table in bench.column(own) {
            bench.run(&format!("DROP TABLE {table}"));
        }
        let rehearsal = rehearsed(bench);
        assert!(rehearsal.is_new && !rehearsal.pending.is_empty());
        assert_eq!(bench.column(own), Vec::<String>::new());
        migrations::run(&mut bench.conn).unwrap();
        let rehearsal = rehearsed(bench);
        assert!(!rehearsal.is_new && rehearsal.pending.is_empty());
        assert_eq!(
            bench.number("SELECT count(*) AS n FROM bailiwick_secrets"),
            0
        );
        // Columns are added to a table that stands in for the one that is there.
        bench.run("DELETE FROM bailiwick_migrations WHERE version = '20261128000003'");
        let columns = "SELECT count(*) AS n FROM information_schema.columns
            WHERE table_schema = DATABASE() AND table_name = 'bailiwick_sessions'";
        let added = "provider name email groups claims as_role groups_came groups_note
            groups_checked_at rules roles csrf_token id_token refresh_token nonce authenticated_at
            acr vouched_at look";
        for column in added.split_whitespace() {
            bench.run(&format!(
                "ALTER TABLE bailiwick_sessions DROP COLUMN `{column}`"
            ));
        }
        let there = bench.number(columns);
        assert_eq!(rehearsed(bench).pending, ["20261128000003"]);
        assert_eq!(bench.number(columns), there);
        migrations::run(&mut bench.conn).unwrap();
        assert_eq!(bench.number(columns), there + 19);
    });
}
