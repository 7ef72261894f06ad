#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;
use crate::catalog::build;
use diesel::connection::SimpleConnection;

/// A temporary database for one test, dropped with this value.
struct Scratch {
    conn: Option<PgConnection>,
    admin: String,
    name: String,
}

impl Scratch {
    /// `None` if no server is configured and none is demanded.
    fn new(name: &str, sql: &str) -> Option<Self> {
        let Ok(admin) = std::env::var("BAILIWICK_TEST_POSTGRES") else {
            assert!(
                std::env::var("BAILIWICK_TEST_DEMAND").as_deref() != Ok("1"),
                "BAILIWICK_TEST_POSTGRES is not set"
            );
            return None;
        };
        let name = format!("bailiwick_schema_{name}_{}", std::process::id());
        let mut maintenance = PgConnection::establish(&admin).unwrap();
        maintenance
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .unwrap();
        let mut url = url::Url::parse(&admin).unwrap();
        url.set_path(&name);
        let mut conn = PgConnection::establish(url.as_str()).unwrap();
        conn.batch_execute(sql).unwrap();
        Some(Self {
            conn: Some(conn),
            admin,
            name,
        })
    }

    fn conn(&mut self) -> &mut PgConnection {
        self.conn.as_mut().unwrap()
    }

    fn read(&mut self, schemas: &[&str]) -> Schema {
        read_postgres(self.conn(), &strings(schemas)).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.conn = None;
        if let Ok(mut maintenance) = PgConnection::establish(&self.admin) {
            let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
            maintenance.batch_execute(&drop).ok();
        }
    }
}

fn names(schema: &Schema) -> Vec<&str> {
    schema
        .tables
        .iter()
        .map(|table| table.name.name.as_str())
        .collect()
}

fn table<'a>(schema: &'a Schema, name: &str) -> &'a Table {
    schema
        .tables
        .iter()
        .find(|table| table.name.name == name)
        .expect(name)
}

fn column<'a>(table: &'a Table, name: &str) -> &'a Column {
    table
        .columns
        .iter()
        .find(|column| column.name == name)
        .expect(name)
}

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn types_are_understood() {
    let Some(mut scratch) = Scratch::new(
        "types",
        r#"CREATE EXTENSION citext; CREATE EXTENSION hstore;
           CREATE SCHEMA "Other one"; CREATE TYPE "Other one"."Mood, 'x'" AS ENUM ('b', 'a');
           CREATE TYPE pair AS (x int, y int);
           CREATE DOMAIN email AS varchar(80) CHECK (VALUE LIKE '%@%');
           CREATE DOMAIN work_email AS email NOT NULL DEFAULT 'x@y';
           CREATE DOMAIN amount AS numeric(12,3);
           CREATE TABLE t (
             a_bool bool, an_int2 int2, an_int8 int8, an_oid oid, a_real real, a_double float8,
             a_numeric numeric, a_money_like numeric(12,2), a_round numeric(5,-2), a_money money,
             a_text text, a_varchar varchar(10), a_varchar_any varchar, a_char char(3), a_name name,
             a_quoted_char "char", a_citext citext, a_date date, a_time time(3), a_timetz timetz,
             a_stamp timestamp(0), a_moment timestamptz, an_interval interval, a_uuid uuid,
             a_json json, a_jsonb jsonb, a_bytea bytea, an_inet inet, a_range int4range,
             an_array text[], a_moods "Other one"."Mood, 'x'"[], a_vector tsvector, a_hstore hstore,
             an_xml xml, a_bit bit(3), a_mood "Other one"."Mood, 'x'", an_email email,
             a_work_email work_email, an_amount amount, a_pair pair, a_point point)"#,
    ) else {
        return;
    };
    let schema = scratch.read(&["public"]);
    let t = table(&schema, "t");
    let decimal = |scale| Kind::Decimal { scale };
    let expected = [
        ("a_bool", Kind::Bool, "boolean"),
        ("an_int2", Kind::Int, "smallint"),
        ("an_int8", Kind::Int, "bigint"),
        ("an_oid", Kind::Int, "oid"),
        ("a_real", Kind::Float, "real"),
        ("a_double", Kind::Float, "double precision"),
        ("a_numeric", decimal(None), "numeric"),
        ("a_money_like", decimal(Some(2)), "numeric"),
        ("a_round", decimal(Some(0)), "numeric"),
        ("a_money", Kind::Other, "money"),
        ("a_text", Kind::Text, "text"),
        ("a_varchar", Kind::Text, "character varying"),
        ("a_varchar_any", Kind::Text, "character varying"),
        ("a_char", Kind::Text, "bpchar"),
        ("a_name", Kind::Text, "name"),
        ("a_quoted_char", Kind::Text, "\"char\""),
        ("a_citext", Kind::Text, "public.citext"),
        ("a_date", Kind::Date, "date"),
        ("a_time", Kind::Time, "time without time zone"),
        ("a_timetz", Kind::Other, "time with time zone"),
        ("a_stamp", Kind::DateTime, "timestamp without time zone"),
        ("a_moment", Kind::Instant, "timestamp with time zone"),
        ("an_interval", Kind::Other, "interval"),
        ("a_uuid", Kind::Uuid, "uuid"),
        ("a_json", Kind::Json, "json"),
        ("a_jsonb", Kind::Json, "jsonb"),
        ("a_bytea", Kind::Bytes, "bytea"),
        ("an_inet", Kind::Other, "inet"),
        ("a_range", Kind::Other, "int4range"),
        ("an_array", Kind::Other, "text[]"),
        ("a_moods", Kind::Other, "\"Other one\".\"Mood, 'x'\"[]"),
        ("a_vector", Kind::Other, "tsvector"),
        ("a_hstore", Kind::Other, "public.hstore"),
        ("an_xml", Kind::Other, "xml"),
        ("a_bit", Kind::Other, "\"bit\""),
        ("a_mood", Kind::Choice, "\"Other one\".\"Mood, 'x'\""),
        ("an_email", Kind::Text, "character varying"),
        ("a_work_email", Kind::Text, "character varying"),
        ("an_amount", decimal(Some(3)), "numeric"),
        ("a_pair", Kind::Other, "public.pair"),
        ("a_point", Kind::Other, "point"),
    ];
    let found: Vec<_> = t
        .columns
        .iter()
        .map(|c| (c.name.as_str(), c.kind, c.sql_type.as_str()))
        .collect();
    assert_eq!(found, expected);
    let length = |name| column(t, name).max_length;
    assert_eq!(
        (length("a_varchar"), length("a_char"), length("a_text")),
        (Some(10), Some(3), None)
    );
    assert_eq!(
        (length("an_email"), length("a_work_email")),
        (Some(80), Some(80))
    );
    assert_eq!(column(t, "a_mood").choices, ["b", "a"]);
    let work = column(t, "a_work_email");
    assert!(!work.nullable && work.default.is_some() && column(t, "an_email").nullable);
    // Type names must be valid to the server, whatever its search path.
    for path in ["public", "pg_catalog", "\"Other one\", public"] {
        let casts: Vec<_> = t
            .columns
            .iter()
            .map(|c| format!("CAST(NULL AS {})", c.sql_type))
            .collect();
        let sql = format!("SET search_path = {path}; SELECT {}", casts.join(", "));
        scratch.conn().batch_execute(&sql).unwrap();
        assert_eq!(scratch.read(&["public"]), schema, "{path}");
    }
}

#[test]
fn who_fills_a_column_is_known() {
    let Some(mut scratch) = Scratch::new(
        "generated",
        "CREATE TABLE t (a serial PRIMARY KEY, b int GENERATED ALWAYS AS IDENTITY,
            c int GENERATED BY DEFAULT AS IDENTITY, d int GENERATED ALWAYS AS (a * 2) STORED,
            e int DEFAULT 7, f text NOT NULL DEFAULT 'it''s', g timestamptz DEFAULT now());
         COMMENT ON TABLE t IS 'All of it'; COMMENT ON COLUMN t.e IS 'Lucky';",
    ) else {
        return;
    };
    let schema = scratch.read(&["public"]);
    let t = table(&schema, "t");
    use Generated::{Always, ByDefault, No};
    let found: Vec<_> = t.columns.iter().map(|c| c.generated).collect();
    assert_eq!(found, [ByDefault, Always, ByDefault, Always, No, No, No]);
    assert_eq!(column(t, "d").default, None);
    assert_eq!(column(t, "e").default.as_deref(), Some("7"));
    assert_eq!(column(t, "f").default.as_deref(), Some("'it''s'::text"));
    assert_eq!(column(t, "g").default.as_deref(), Some("now()"));
    assert_eq!(
        (t.comment.as_str(), column(t, "e").comment.as_str()),
        ("All of it", "Lucky")
    );
    assert!(!column(t, "a").nullable && column(t, "e").nullable);
}

#[test]
fn keys_and_relations_are_read_in_their_order() {
    let Some(mut scratch) = Scratch::new(
        "keys",
        r#"CREATE SCHEMA sales;
           CREATE TABLE people (id int PRIMARY KEY, boss int REFERENCES people ON DELETE SET NULL,
             email text UNIQUE, a int, b int, UNIQUE (b, a) INCLUDE (email));
           CREATE UNIQUE INDEX ON people (a) WHERE b > 1; CREATE UNIQUE INDEX ON people (lower(email));
           CREATE UNIQUE INDEX ON people (boss, id);
           CREATE TABLE sales."select" ("from" int, "a ""b""" int, "line no" int,
             PRIMARY KEY ("line no", "from"), person int REFERENCES people ON DELETE CASCADE,
             FOREIGN KEY ("a ""b""", "from") REFERENCES people (b, a) ON DELETE SET DEFAULT);
           ALTER TABLE sales."select" DROP COLUMN person, ADD person int REFERENCES people;
           CREATE TABLE keyless (a int);"#,
    ) else {
        return;
    };
    let schema = scratch.read(&["public", "sales"]);
    assert_eq!(names(&schema), ["keyless", "people", "select"]);
    let people = table(&schema, "people");
    assert_eq!(people.primary_key, ["id"]);
    let mut unique = people.unique.clone();
    unique.sort();
    assert_eq!(
        unique,
        [
            strings(&["b", "a"]),
            strings(&["boss", "id"]),
            strings(&["email"])
        ]
    );
    assert_eq!(people.foreign_keys[0].on_delete, ReferentialAction::SetNull);
    assert_eq!(people.foreign_keys[0].target, people.name);
    let select = table(&schema, "select");
    assert_eq!(select.primary_key, ["line no", "from"]);
    let keys: Vec<_> = select
        .foreign_keys
        .iter()
        .map(|key| {
            (
                key.columns.clone(),
                key.target_columns.clone(),
                key.on_delete,
            )
        })
        .collect();
    assert_eq!(
        keys,
        [
            (
                strings(&["person"]),
                strings(&["id"]),
                ReferentialAction::Refuse
            ),
            (
                strings(&["a \"b\"", "from"]),
                strings(&["b", "a"]),
                ReferentialAction::SetDefault
            ),
        ]
        .into_iter()
        .rev()
        .collect::<Vec<_>>()
    );
    let resources = build::resources(&schema);
    let listed: Vec<_> = resources
        .iter()
        .map(|r| (r.name.as_str(), r.writable))
        .collect();
    assert_eq!(
        listed,
        [("keyless", false), ("people", true), ("sales.select", true)]
    );
    assert_eq!(resources[1].children.len(), 3);
}

#[test]
fn choices_come_from_checks_and_domains() {
    let Some(mut scratch) = Scratch::new(
        "checks",
        "CREATE DOMAIN size AS text CHECK (VALUE IN ('S', 'M'));
         CREATE TABLE t (a text CHECK (a IN ('x', 'y''z')), b varchar(5) CHECK (b IN ('p', 'q')),
            c varchar(9) NOT NULL CHECK (c = 'only'), d text CHECK (d IS NULL OR d IN ('k', 'l')),
            e size, f char(2) CHECK (f IN ('no', 'ok')), n int CHECK (n IN (1, 2)),
            o text CHECK (o NOT IN ('x', 'y')), two text CHECK (two IN ('a', 'b')),
            CHECK (two IN ('b', 'c')), mixed text, CHECK (mixed IN ('a') OR n = 1));",
    ) else {
        return;
    };
    let schema = scratch.read(&["public"]);
    let t = table(&schema, "t");
    let choices = |name| {
        column(t, name)
            .choices
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
    };
    assert_eq!(choices("a"), ["x", "y'z"]);
    assert_eq!(choices("b"), ["p", "q"]);
    assert_eq!(choices("c"), ["only"]);
    assert_eq!(choices("d"), ["k", "l"]);
    assert_eq!(choices("e"), ["S", "M"]);
    assert_eq!(choices("f"), ["no", "ok"]);
    assert_eq!(column(t, "a").kind, Kind::Choice);
    for none in ["n", "o", "two", "mixed"] {
        assert_eq!(choices(none), Vec::<&str>::new(), "{none}");
        assert_ne!(column(t, none).kind, Kind::Choice, "{none}");
    }
}

#[test]
fn every_sort_of_relation_is_listed_once() {
    let Some(mut scratch) = Scratch::new(
        "relations",
        "CREATE TABLE parted (id int PRIMARY KEY, n int) PARTITION BY RANGE (id);
         CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (100);
         CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (100) TO (200);
         CREATE TABLE child (id serial PRIMARY KEY, parted int REFERENCES parted);
         CREATE VIEW seen AS SELECT id, n::numeric(7,1) AS n FROM parted;
         CREATE MATERIALIZED VIEW kept AS SELECT * FROM parted;
         CREATE TABLE bailiwick_audit (id serial PRIMARY KEY); CREATE TABLE never (a int);
         CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
         CREATE FOREIGN TABLE far (line text) SERVER files OPTIONS (filename '/dev/null');
         CREATE EXTENSION pg_stat_statements;
         INSERT INTO parted SELECT i, i FROM generate_series(1, 150) AS i; ANALYZE parted;",
    ) else {
        return;
    };
    let schema = scratch.read(&["public"]);
    assert_eq!(
        names(&schema),
        ["child", "far", "kept", "never", "parted", "seen"]
    );
    for view in ["far", "kept", "seen"] {
        let view = table(&schema, view);
        assert_eq!((view.kind, view.writable), (TableKind::View, false));
    }
    let parted = table(&schema, "parted");
    assert_eq!(
        (parted.estimate, &parted.primary_key),
        (Some(150), &strings(&["id"]))
    );
    assert_eq!(table(&schema, "never").estimate, None);
    assert_eq!(table(&schema, "seen").estimate, None);
    assert_eq!(
        column(table(&schema, "seen"), "n").kind,
        Kind::Decimal { scale: Some(1) }
    );
    assert_eq!(table(&schema, "child").foreign_keys.len(), 1);
}

#[test]
fn what_the_login_may_not_read_is_not_there() {
    let role = format!("bailiwick_reader_{}", std::process::id());
    let Some(mut scratch) = Scratch::new(
        "rights",
        &format!(
            "CREATE TABLE open (id int PRIMARY KEY, a text, b text); CREATE TABLE shut (id int);
             CREATE TABLE half (id int PRIMARY KEY, a text, secret text);
             CREATE ROLE {role}; GRANT SELECT, INSERT ON open TO {role};
             GRANT SELECT (id, a) ON half TO {role};"
        ),
    ) else {
        return;
    };
    scratch
        .conn()
        .batch_execute(&format!("SET ROLE {role}"))
        .unwrap();
    let schema = scratch.read(&["public"]);
    let clean = format!("RESET ROLE; DROP OWNED BY {role}; DROP ROLE {role}");
    scratch.conn().batch_execute(&clean).unwrap();
    assert_eq!(names(&schema), ["half", "open"]);
    let (half, open) = (table(&schema, "half"), table(&schema, "open"));
    assert_eq!(half.columns.len(), 2);
    assert!(open.writable && !half.writable);
}

#[test]
fn counts_of_rows_are_whole() {
    assert_eq!(
        (whole(-1.0), whole(0.0), whole(1_234_567.0)),
        (None, Some(0), Some(1_234_567))
    );
    assert_eq!(whole(f64::NAN), None);
}
