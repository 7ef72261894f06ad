//! PostgreSQL's types: each is read, filtered, sorted, paged and written, or refused with a
//! message. None causes a database error.

use super::*;
use crate::access::{Create, Edit, View};
use crate::catalog::Op;
use crate::data::{Changes, Cursor, DataError, Refusal, write};

/// Column types, each with a valid value, another value, and the kind it is read as.
const TYPES: [(&str, &str, &str); 44] = [
    ("smallint", "-32768", "7"),
    ("integer", "2147483647", "7"),
    ("bigint", "9223372036854775807", "-9223372036854775808"),
    ("oid", "4294967295", "1"),
    ("real", "0.1", "3.4028235e38"),
    ("double precision", "0.30000000000000004", "5e-324"),
    ("numeric", "123456789012345678901234567890.123", "-0.5"),
    ("numeric(6,2)", "1234.50", "9.99"),
    ("money", "$1,234.50", "-$2.00"),
    ("text", "a", "é'\"\\"),
    ("varchar(5)", "abcde", ""),
    ("char(5)", "ab", "abcde"),
    ("name", "abc", "d"),
    ("\"char\"", "x", "y"),
    ("citext", "AbC", "b"),
    ("boolean", "true", "false"),
    ("date", "2026-02-28", "0001-01-01"),
    ("time", "10:00:00", "23:59:59.999999"),
    ("time with time zone", "10:00:00+02", "10:00:00+00"),
    ("timestamp", "2026-01-01 10:00:00.25", "1999-12-31 23:59:59"),
    (
        "timestamptz",
        "2026-01-01 10:00:00.25",
        "1999-12-31 23:59:59",
    ),
    ("timestamp(0)", "2026-01-01 10:00:00", "1999-12-31 23:59:59"),
    ("interval", "1 day 02:00:00", "2 mons"),
    (
        "uuid",
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "00000000-0000-0000-0000-000000000000",
    ),
    ("json", "{\"a\": [1, 2]}", "null"),
    ("jsonb", "{\"a\": [1, 2]}", "\"x\""),
    ("xml", "<a>1</a>", "<b/>"),
    ("inet", "10.0.0.1", "9.0.0.1/8"),
    ("cidr", "10.0.0.0/8", "192.168.0.0/16"),
    ("macaddr", "08:00:2b:01:02:03", "00:00:00:00:00:01"),
    ("int[]", "{1,2}", "{}"),
    ("text[]", "{a,\"b,c\"}", "{NULL}"),
    ("varchar(3)[]", "{abc}", "{}"),
    ("int4range", "[1,5)", "empty"),
    ("tstzrange", "[\"2026-01-01 00:00:00+00\",)", "empty"),
    ("point", "(1,2)", "(0.5,-1)"),
    ("polygon", "((0,0),(1,1))", "((0,0))"),
    ("bit(3)", "101", "000"),
    ("bit varying(5)", "10101", "1"),
    ("tsvector", "'a' 'b'", "'x':1"),
    ("mood", "sad", "ok"),
    ("mood[]", "{sad,ok}", "{}"),
    ("positive", "5", "1"),
    ("short", "abc", "d"),
];

const BEFORE: &str = "CREATE EXTENSION citext; CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
    CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
    CREATE DOMAIN short AS varchar(3);
    CREATE TYPE pair AS (a int, b text);";

fn schema() -> String {
    let columns = TYPES.iter().enumerate();
    let columns: Vec<String> = columns
        .map(|(n, (name, _, _))| format!("c{n} {name}"))
        .collect();
    format!(
        "{BEFORE} CREATE TABLE kinds (id serial PRIMARY KEY, {}, both_ pair, file bytea);",
        columns.join(", ")
    )
}

fn filled() -> Option<Bench> {
    let mut bench = Bench::postgres(&schema())?;
    for pick in [0, 1] {
        let literals: Vec<String> = TYPES
            .iter()
            .map(|(_, one, other)| format!("'{}'", [one, other][pick].replace('\'', "''")))
            .collect();
        let columns: Vec<String> = (0..TYPES.len()).map(|n| format!("c{n}")).collect();
        bench.run(&format!(
            "INSERT INTO kinds ({}, both_, file) VALUES ({}, ROW(1, 'x'), '\\x00ff')",
            columns.join(", "),
            literals.join(", ")
        ));
    }
    bench.run("INSERT INTO kinds DEFAULT VALUES; INSERT INTO kinds (c0, c4, c5, c6, c16, c20)
        VALUES (0, 'NaN', 'Infinity', 'NaN', 'infinity', '-infinity'), (0, '-Infinity', 'NaN', 'NaN',
        '0044-03-15 BC', '0044-03-15 00:00:00+00 BC');");
    Some(bench)
}

#[test]
fn every_type_is_read_as_it_is_written() {
    let Some(mut bench) = filled() else { return };
    let permit = bench.full::<View>("kinds");
    let kinds = bench.resource("kinds");
    let rows = read(&mut bench.conn, &permit, &query(9)).rows;
    for (n, (name, one, other)) in TYPES.iter().enumerate() {
        let found = texts(&kinds, &rows[..2], &format!("c{n}"));
        let plain =
            |text: &str| text.replace("3.4028235e38", "340282350000000000000000000000000000000");
        let expected = [plain(one), plain(other)];
        let same = found == expected || *other == "5e-324";
        assert!(same, "{name}: {found:?} {expected:?}");
        assert_eq!(
            texts(&kinds, &rows[2..3], &format!("c{n}")),
            ["NULL"],
            "{name}"
        );
    }
    for row in &rows {
        for (column, value) in row.cells() {
            value.to_json(kinds.fields[column].kind).to_string();
        }
        let key = row.key(&kinds).unwrap().encode(&kinds);
        assert_eq!(bench.find(&permit, &key).digest(), row.digest());
    }
}

#[test]
fn every_type_is_walked_in_order() {
    let Some(mut bench) = filled() else { return };
    let permit = bench.full::<View>("kinds");
    let kinds = bench.resource("kinds");
    for field in kinds.fields.iter().filter(|field| field.kind.is_sortable()) {
        for direction in ["", "-"] {
            let text = format!("{direction}{}", field.name);
            let mut asked = PageQuery {
                sort: sort(&kinds, &text),
                ..query(9)
            };
            let expected = read(&mut bench.conn, &permit, &asked).rows;
            let expected = texts(&kinds, &expected, "id");
            asked.size = 1;
            let mut found = Vec::new();
            for _ in 0..9 {
                let page = read(&mut bench.conn, &permit, &asked);
                found.extend(texts(&kinds, &page.rows, "id"));
                let Some(next) = page.next else { break };
                asked.position = Position::After(Cursor::decode(&next.encode()).unwrap());
            }
            assert_eq!(found, expected, "{text} {}", field.sql_type);
        }
    }
}

#[test]
fn every_type_is_filtered_or_refuses_in_words() {
    let Some(mut bench) = filled() else { return };
    let permit = bench.full::<View>("kinds");
    let kinds = bench.resource("kinds");
    let ids = |bench: &mut Bench, filter: Filter| {
        let asked = PageQuery { filter, ..query(9) };
        let page = page::read(&mut bench.conn, &permit, &asked, &[0])?;
        Ok::<_, DataError>(texts(&kinds, &page.rows, "id").join(""))
    };
    for (n, (name, one, other)) in TYPES.iter().enumerate() {
        let column = format!("c{n}");
        for op in Op::ALL {
            for sample in [
                one,
                other,
                "x",
                "1",
                "(",
                "{",
                "<",
                "\\",
                "",
                "2026-01-01",
                "99999999999999999999",
            ] {
                let values = match op {
                    Op::Between | Op::Nbetween => vec![sample.to_owned(), sample.to_owned()],
                    Op::In | Op::Nin => vec![sample.to_owned()],
                    Op::Null | Op::NotNull => Vec::new(),
                    _ => vec![sample.to_owned()],
                };
                let index = kinds.index_of(&column).unwrap();
                let field = &kinds.fields[index];
                if !op.fits(field.kind) {
                    continue;
                }
                let Ok(filter) = Filter::build(index, field, op, &values) else {
                    continue;
                };
                match ids(&mut bench, filter) {
                    Ok(_) | Err(DataError::Value | DataError::Unfit(_) | DataError::Filter(_)) => {}
                    Err(error) => panic!("{name} {op:?} {sample}: {error:?}"),
                }
            }
        }
        let null = bench::filter(&kinds, &format!("{column}=null"));
        assert!(ids(&mut bench, null).unwrap().contains('3'), "{name}");
        let index = kinds.index_of(&column).unwrap();
        let field = &kinds.fields[index];
        if Op::Eq.fits(field.kind) {
            let equal = Filter::build(index, field, Op::Eq, &[(*one).to_owned()]).unwrap();
            assert_eq!(ids(&mut bench, equal).unwrap(), "1", "{name}");
        }
    }
}

#[test]
fn every_type_is_written_or_refuses_in_words() {
    let Some(mut bench) = filled() else { return };
    let kinds = bench.resource("kinds");
    let policy = bench.policy(&[grant("*", "view create edit")]);
    let make = policy.permit::<Create>(&bench::person(), "kinds").unwrap();
    let edit = policy.permit::<Edit>(&bench::person(), "kinds").unwrap();
    let key = bench.key(&kinds, "3");
    for (n, (name, one, other)) in TYPES.iter().enumerate() {
        let column = kinds.index_of(&format!("c{n}")).unwrap();
        let kind = kinds.fields[column].kind;
        for (sample, good) in [
            (*one, true),
            (*other, true),
            ("x", false),
            ("99999999999999999999", false),
            ("{\"a\":\"\\u0000\"}", false),
            ("abcdefgh", false),
            ("1e400", false),
            ("", false),
        ] {
            let value = match Value::parse(kind, sample) {
                Ok(value) => value,
                Err(_) if good => panic!("{name} {sample}"),
                Err(_) => continue,
            };
            let changes = Changes::from([(column, value)]);
            let made = bench.change(&policy, |conn, context| {
                write::create(conn, &make, &changes, context)
            });
            let seen = bench.find(&edit, "3").digest();
            let changed = bench.change(&policy, |conn, context| {
                write::update(conn, &edit, &key, &seen, &changes, context)
            });
            let made = made.map(|_| ());
            for outcome in [made, changed.map(|_| ())] {
                match outcome {
                    Ok(()) => {}
                    Err(Refusal::Fields(_)) if !good => {}
                    Err(error) => panic!("{name} {sample}: {error:?}"),
                }
            }
            if good {
                let row = bench.find(&edit, "3");
                let kept = row.get(column).unwrap();
                assert!(
                    kept.is_same(&changes[&column], kind),
                    "{name} {sample} {kept:?}"
                );
                let seen = row.digest();
                let again = bench.change(&policy, |conn, context| {
                    write::update(conn, &edit, &key, &seen, &changes, context)
                });
                assert!(!again.unwrap().1, "{name} {sample}: written again");
            }
        }
    }
}

#[test]
fn text_too_long_is_never_cut_short_in_silence() {
    let Some(mut bench) = filled() else { return };
    let kinds = bench.resource("kinds");
    let policy = bench.policy(&[grant("*", "view create edit")]);
    let make = policy.permit::<Create>(&bench::person(), "kinds").unwrap();
    for (name, long) in [
        ("varchar(5)", "abcdefg"),
        ("char(5)", "abcdefg"),
        ("short", "abcd"),
        ("varchar(3)[]", "{abcd}"),
        ("bit(3)", "1010"),
        ("bit varying(5)", "101010"),
    ] {
        let n = TYPES
            .iter()
            .position(|(known, _, _)| *known == name)
            .unwrap();
        let column = kinds.index_of(&format!("c{n}")).unwrap();
        let changes = Changes::from([(column, Value::Text(long.into()))]);
        let made = bench.change(&policy, |conn, context| {
            write::create(conn, &make, &changes, context)
        });
        assert!(matches!(made, Err(Refusal::Fields(_))), "{name}: {made:?}");
    }
}

#[test]
fn keys_that_the_database_rounds_or_folds_are_found_again() {
    let sql = "CREATE EXTENSION citext;
        CREATE TABLE folded (code citext PRIMARY KEY, at timestamp(0), n integer);
        CREATE TABLE rounded (at timestamp(0) PRIMARY KEY, n integer);
        CREATE TABLE computed (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n integer,
            twice integer GENERATED ALWAYS AS (n * 2) STORED);
        INSERT INTO folded VALUES ('Ab', NULL, 1), ('b', NULL, 2);
        INSERT INTO rounded VALUES ('2026-01-01 00:00:00', 1);
        INSERT INTO computed (n) VALUES (4);";
    let Some(mut bench) = Bench::postgres(sql) else {
        return;
    };
    let policy = bench.policy(&[grant("*", "view create edit")]);
    let edit = policy.permit::<Edit>(&bench::person(), "rounded").unwrap();
    let key = bench.key(edit.resource(), "2026-01-01%2000%3A00%3A00");
    let seen = crate::data::find::by_key(&mut bench.conn, &edit, &key, &[]).unwrap();
    let changes = bench::given(edit.resource(), &[("at", "2026-01-01 10:00:00.7")]);
    let (key, _) = bench
        .change(&policy, |conn, context| {
            write::update(conn, &edit, &key, &seen.digest(), &changes, context)
        })
        .unwrap();
    assert_eq!(key.0, [Value::Text("2026-01-01 10:00:01".into())]);
    let view = bench.full::<View>("folded");
    assert_eq!(
        texts(view.resource(), &[bench.find(&view, "aB")], "n"),
        ["1"]
    );
    let make = policy
        .permit::<Create>(&bench::person(), "computed")
        .unwrap();
    for column in ["id", "twice"] {
        let changes = bench::given(make.resource(), &[(column, "9")]);
        let made = bench.change(&policy, |conn, context| {
            write::create(conn, &make, &changes, context)
        });
        assert!(matches!(made, Err(Refusal::Column(_))), "{made:?}");
    }
}
