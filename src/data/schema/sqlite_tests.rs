#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;
use diesel::connection::SimpleConnection;

fn read(sql: &str) -> Schema {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    conn.batch_execute(sql).unwrap();
    read_sqlite(&mut conn).unwrap()
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
fn columns_are_understood() {
    let schema = read(
        "CREATE TABLE things (
            id INTEGER PRIMARY KEY,
            name VARCHAR(20) NOT NULL DEFAULT 'x''y',
            price DECIMAL(12,2),
            state TEXT NOT NULL CHECK (state IN ('new', 'old')),
            day DATE, at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, raw,
            double REAL AS (price * 2) VIRTUAL, stored TEXT AS (name || '!') STORED)",
    );
    let things = table(&schema, "things");
    assert_eq!((things.kind, things.writable), (TableKind::Table, true));
    assert_eq!(things.primary_key, ["id"]);
    let id = column(things, "id");
    assert_eq!(
        (id.generated, id.nullable, id.kind),
        (Generated::ByDefault, false, Kind::Int)
    );
    let name = column(things, "name");
    assert_eq!((name.max_length, name.nullable), (Some(20), false));
    assert_eq!(name.default.as_deref(), Some("'x''y'"));
    assert_eq!(
        column(things, "price").kind,
        Kind::Decimal { scale: Some(2) }
    );
    assert!(column(things, "price").nullable);
    let state = column(things, "state");
    assert_eq!(
        (state.kind, &state.choices),
        (Kind::Choice, &strings(&["new", "old"]))
    );
    assert_eq!(column(things, "at").kind, Kind::DateTime);
    assert_eq!(
        column(things, "at").default.as_deref(),
        Some("CURRENT_TIMESTAMP")
    );
    assert_eq!(
        (
            column(things, "raw").kind,
            column(things, "raw").sql_type.as_str()
        ),
        (Kind::Other, "")
    );
    for computed in ["double", "stored"] {
        let computed = column(things, computed);
        assert_eq!(
            (computed.generated, &computed.default),
            (Generated::Always, &None)
        );
    }
}

#[test]
fn keys_of_every_sort() {
    let schema = read(
        "CREATE TABLE lines (line INT, note TEXT, \"order\" INT, PRIMARY KEY (\"order\", line));
         CREATE TABLE codes (code TEXT PRIMARY KEY, label TEXT) WITHOUT ROWID;
         CREATE TABLE counted (id INTEGER PRIMARY KEY, n INT) WITHOUT ROWID;
         CREATE TABLE small (id INT PRIMARY KEY);
         CREATE TABLE auto (id INTEGER PRIMARY KEY AUTOINCREMENT);
         CREATE TABLE strange (id INTEGER PRIMARY KEY DESC);
         CREATE TABLE keyless (a TEXT, b TEXT);",
    );
    assert_eq!(
        names(&schema),
        [
            "auto", "codes", "counted", "keyless", "lines", "small", "strange"
        ]
    );
    assert_eq!(table(&schema, "lines").primary_key, ["order", "line"]);
    assert_eq!(table(&schema, "keyless").primary_key, strings(&[]));
    assert!(!column(table(&schema, "codes"), "code").nullable);
    let generated = |name| column(table(&schema, name), "id").generated;
    assert_eq!(generated("auto"), Generated::ByDefault);
    for not_rowid in ["counted", "small", "strange"] {
        assert_eq!(generated(not_rowid), Generated::No, "{not_rowid}");
    }
}

#[test]
fn unique_constraints_are_whole_and_unconditional() {
    let schema = read(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b INT, c INT, UNIQUE (c, b));
         CREATE UNIQUE INDEX one ON t (b);
         CREATE UNIQUE INDEX partial ON t (c) WHERE b > 1;
         CREATE UNIQUE INDEX expression ON t (a, lower(a));
         CREATE INDEX plain ON t (a, b);",
    );
    let mut unique = table(&schema, "t").unique.clone();
    unique.sort();
    assert_eq!(
        unique,
        [strings(&["a"]), strings(&["b"]), strings(&["c", "b"])]
    );
}

#[test]
fn foreign_keys_are_resolved_to_what_they_point_at() {
    let schema = read(
        "CREATE TABLE People (Id INTEGER PRIMARY KEY, boss REFERENCES people(id) ON DELETE SET NULL);
         CREATE TABLE pairs (a INT, b INT, PRIMARY KEY (a, b));
         CREATE TABLE child (
            id INTEGER PRIMARY KEY, person INT REFERENCES people ON DELETE CASCADE,
            x INT, y INT, lost INT REFERENCES nowhere(id),
            FOREIGN KEY (x, y) REFERENCES pairs, FOREIGN KEY (y, x) REFERENCES pairs (b, a));
         CREATE TABLE odd (id INT REFERENCES pairs);",
    );
    let key = |columns: &[&str], target: &str, target_columns: &[&str], on_delete| ForeignKey {
        columns: strings(columns),
        target: TableName {
            schema: None,
            name: target.into(),
        },
        target_columns: strings(target_columns),
        on_delete,
        on_update: ReferentialAction::Refuse,
        matching: crate::catalog::Matching::default(),
    };
    assert_eq!(
        table(&schema, "People").foreign_keys,
        [key(
            &["boss"],
            "People",
            &["Id"],
            ReferentialAction::SetNull
        )]
    );
    assert_eq!(
        table(&schema, "child").foreign_keys,
        [
            key(&["person"], "People", &["Id"], ReferentialAction::Cascade),
            key(&["x", "y"], "pairs", &["a", "b"], ReferentialAction::Refuse),
            key(&["y", "x"], "pairs", &["b", "a"], ReferentialAction::Refuse),
        ]
    );
    assert_eq!(table(&schema, "odd").foreign_keys, []);
}

#[test]
fn any_name_will_do() {
    let schema = read(
        r#"CREATE TABLE "select" ("from" INTEGER PRIMARY KEY, "a ""b"" c" TEXT, [x;y] TEXT, `d'e` TEXT);
           CREATE TABLE "two words; -- '" ("key" TEXT PRIMARY KEY, ref INT REFERENCES "select");
           CREATE TABLE "größe" ("naïve" TEXT CHECK ("naïve" IN ('é')));"#,
    );
    assert_eq!(names(&schema), ["größe", "select", "two words; -- '"]);
    let columns: Vec<_> = table(&schema, "select")
        .columns
        .iter()
        .map(|c| c.name.as_str())
        .collect();
    assert_eq!(columns, ["from", "a \"b\" c", "x;y", "d'e"]);
    assert_eq!(
        table(&schema, "two words; -- '").foreign_keys[0].target_columns,
        ["from"]
    );
    assert_eq!(column(table(&schema, "größe"), "naïve").choices, ["é"]);
}

#[test]
fn views_and_virtual_tables_are_read_only() {
    let schema = read(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, price DECIMAL(5,1));
         CREATE VIEW v AS SELECT id, price, price * 2 AS twice FROM t;
         CREATE VIRTUAL TABLE words USING fts5(body);",
    );
    assert_eq!(names(&schema), ["t", "v", "words"]);
    for name in ["v", "words"] {
        let view = table(&schema, name);
        assert_eq!((view.kind, view.writable), (TableKind::View, false));
        assert_eq!(view.primary_key, strings(&[]));
    }
    assert_eq!(
        column(table(&schema, "v"), "price").kind,
        Kind::Decimal { scale: Some(1) }
    );
    assert_eq!(column(table(&schema, "v"), "twice").kind, Kind::Other);
    assert_eq!(table(&schema, "words").columns.len(), 1);
}

#[test]
fn what_is_broken_does_not_take_the_rest_with_it() {
    let schema = read(
        "CREATE TABLE gone (id INTEGER PRIMARY KEY); CREATE TABLE t (id INTEGER PRIMARY KEY);
         CREATE VIEW broken AS SELECT * FROM gone; CREATE VIEW works AS SELECT * FROM t;
         CREATE TABLE c (id INT REFERENCES t);
         DROP TABLE gone;",
    );
    assert_eq!(names(&schema), ["c", "t", "works"]);
    assert_eq!(table(&schema, "c").foreign_keys.len(), 1);
}

#[test]
fn the_panels_own_tables_are_not_shown() {
    let schema = read(
        "CREATE TABLE bailiwick_audit (id INTEGER PRIMARY KEY AUTOINCREMENT);
         CREATE TABLE __diesel_schema_migrations (version TEXT PRIMARY KEY);
         CREATE TABLE bailiwicks (id INTEGER PRIMARY KEY);",
    );
    assert_eq!(names(&schema), ["bailiwicks"]);
}

#[test]
fn estimates_come_from_analyze() {
    let before = read("CREATE TABLE t (id INTEGER PRIMARY KEY)");
    assert_eq!(table(&before, "t").estimate, None);
    let after = read(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INT); CREATE TABLE other (id INTEGER PRIMARY KEY);
         CREATE INDEX some ON t (n) WHERE n > 2;
         INSERT INTO t (n) VALUES (1), (2), (3);
         ANALYZE;",
    );
    assert_eq!(table(&after, "other").estimate, None);
    assert!(table(&after, "t").estimate.is_some());
}

#[test]
fn an_empty_database_is_an_empty_schema() {
    assert_eq!(read("").tables, []);
}

#[test]
fn attached_databases_are_not_mixed_in() {
    let schema = read(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
         ATTACH ':memory:' AS other; CREATE TABLE other.t (b TEXT); CREATE TABLE other.u (b TEXT);
         CREATE TEMP TABLE t (c TEXT UNIQUE);",
    );
    assert_eq!(names(&schema), ["t"]);
    assert_eq!(table(&schema, "t").columns.len(), 2);
    assert_eq!(table(&schema, "t").unique, Vec::<Vec<String>>::new());
}
