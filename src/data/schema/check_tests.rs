use super::*;

fn all(sql: &str) -> Vec<(String, Vec<String>)> {
    in_create_table(sql)
        .into_iter()
        .map(|rule| match rule.allowed {
            Allowed::Values(values) => (rule.column, values),
            Allowed::Json => (rule.column, vec!["{json}".into()]),
        })
        .collect()
}

fn one(column: &str, values: &[&str]) -> Vec<(String, Vec<String>)> {
    vec![(
        column.into(),
        values.iter().map(|value| (*value).into()).collect(),
    )]
}

#[test]
fn lists_are_read_from_create_table() {
    for sql in [
        "CREATE TABLE t (s TEXT NOT NULL CHECK (s IN ('a', 'b''c')))",
        "create table t(s text, constraint ok check(s in('a','b''c')))",
        "CREATE TABLE t (\"s\" TEXT CHECK (((\"s\") IN ('a','b''c'))))",
        "CREATE TABLE t ([s] TEXT, `x y` INT DEFAULT (1), CHECK (s IS NULL OR s IN ('a', 'b''c')))",
        "CREATE TABLE t (s TEXT /* CHECK (s IN ('z')) */ CHECK -- ')\n (s = 'a' OR s = 'b''c'))",
    ] {
        assert_eq!(all(sql), one("s", &["a", "b'c"]), "{sql}");
    }
}

#[test]
fn what_is_not_a_plain_list_gives_nothing() {
    for sql in [
        "CREATE TABLE t (s TEXT CHECK (s NOT IN ('a', 'b')))",
        "CREATE TABLE t (s TEXT CHECK (NOT (s IN ('a', 'b'))))",
        "CREATE TABLE t (s TEXT CHECK (s IN ('a', 'b') AND n > 1))",
        "CREATE TABLE t (s TEXT CHECK (s IN ('a', 'b') OR n > 1))",
        "CREATE TABLE t (s TEXT CHECK (s IN ('a') OR r IN ('b')))",
        "CREATE TABLE t (s TEXT CHECK (s IN ('a', upper('b'))))",
        "CREATE TABLE t (s TEXT CHECK (s IN (\"a\", \"b\")))",
        "CREATE TABLE t (s TEXT CHECK (s IN (SELECT x FROM y)))",
        "CREATE TABLE t (s TEXT CHECK (lower(s) IN ('a', 'b')))",
        "CREATE TABLE t (s TEXT CHECK (s COLLATE NOCASE IN ('a', 'b')))",
        "CREATE TABLE t (s INT CHECK (s IN (1, 2)))",
        "CREATE TABLE t (s TEXT CHECK (s IN (x'61', 'b')))",
        "CREATE TABLE t (s TEXT CHECK (s IN ()))",
        "CREATE TABLE t (s TEXT CHECK (s IS NULL))",
        "CREATE TABLE t (s TEXT DEFAULT 'CHECK (s IN (''a''))')",
        "CREATE TABLE t (\"check\" TEXT, s TEXT)",
        "CREATE TABLE t (s TEXT CHECK (s IN ('a')",
        "CREATE TABLE t (s TEXT CHECK (s IN ('a",
        "",
    ] {
        assert_eq!(all(sql), [], "{sql}");
    }
}

#[test]
fn json_is_recognised() {
    for sql in [
        "CREATE TABLE t (d text NOT NULL CHECK ((JSON_VALID(\"d\") OR \"d\" IS NULL)))",
        "CREATE TABLE t (d text CHECK (json_valid(d)))",
    ] {
        assert_eq!(all(sql), one("d", &["{json}"]), "{sql}");
    }
    for sql in [
        "CREATE TABLE t (d text CHECK (json_valid(d) OR d = 'x'))",
        "CREATE TABLE t (d text CHECK (json_valid(d, 2)))",
        "CREATE TABLE t (d text CHECK (json_valid(d) = 0))",
        "CREATE TABLE t (d text CHECK (NOT json_valid(d)))",
    ] {
        assert_eq!(all(sql), [], "{sql}");
    }
}

#[test]
fn lists_are_read_as_postgres_writes_them() {
    for sql in [
        "CHECK ((s = ANY (ARRAY['a'::text, 'b c'::text])))",
        "CHECK (((s)::text = ANY ((ARRAY['a'::character varying, 'b c'::character varying])::text[])))",
        "CHECK (((s)::text = ANY (ARRAY[('a'::character varying)::text, ('b c'::character varying)::text])))",
        "CHECK (((s IS NULL) OR (s = ANY (ARRAY['a'::text, 'b c'::text]))))",
        "CHECK (((s = 'a'::text) OR (s = 'b c'::text))) NOT VALID",
    ] {
        assert_eq!(all(sql), one("s", &["a", "b c"]), "{sql}");
    }
    assert_eq!(all("CHECK ((VALUE = 'x'::text))"), one("VALUE", &["x"]));
    for sql in [
        "CHECK ((s <> ALL (ARRAY['a'::text, 'b'::text])))",
        "CHECK ((s = ANY (ARRAY['a'::text, E'\\\\b'::text])))",
        "CHECK ((lower(s) = ANY (ARRAY['a'::text])))",
        "CHECK (((s)::integer = ANY (ARRAY['1'::integer])))",
        "CHECK (((s = 'a'::text) AND (n > 1)))",
        "CHECK ((s ~ '^a'::text))",
    ] {
        assert_eq!(in_definition(sql), None, "{sql}");
    }
}
