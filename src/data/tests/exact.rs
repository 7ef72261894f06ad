//! A change of one row touches only that row; otherwise it is rolled back.

use super::*;
use crate::access::{Delete, Edit, Policy};
use crate::catalog::Key;
use crate::data::write::{self, Refusal};
use bench::given;

/// A column that treats `a` and `A` as equal, with an index that does not.
const FOLDED: [(&str, &str); 2] = [
    (
        "sqlite",
        "CREATE TABLE codes (code VARCHAR(9) COLLATE NOCASE NOT NULL, name VARCHAR(9));
         CREATE UNIQUE INDEX exactly ON codes (code COLLATE BINARY);",
    ),
    (
        "postgres",
        "CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
         CREATE TABLE codes (code VARCHAR(9) COLLATE folded NOT NULL, name VARCHAR(9));
         CREATE UNIQUE INDEX exactly ON codes (code COLLATE \"C\");",
    ),
];

fn change(bench: &mut Bench, policy: &Policy, key: &str, name: &str) -> Result<Key, Refusal> {
    let edit = policy.permit::<Edit>(&bench::person(), "codes").unwrap();
    let seen = bench.find(&edit, key).digest();
    let values = given(&bench.resource("codes"), &[("name", name)]);
    let key = bench.key(edit.resource(), key);
    bench
        .change(policy, |conn, context| {
            write::update(conn, &edit, &key, &seen, &values, context)
        })
        .map(|(key, _)| key)
}

fn delete(bench: &mut Bench, policy: &Policy, key: &str) -> Result<(), Refusal> {
    let delete = policy.permit::<Delete>(&bench::person(), "codes").unwrap();
    let key = bench.key(delete.resource(), key);
    bench.change(policy, |conn, context| {
        write::delete(conn, &delete, &key, None, context).map(drop)
    })
}

fn names(bench: &mut Bench) -> Vec<String> {
    bench.column("SELECT code || ' ' || name AS t FROM codes ORDER BY name, id")
}

fn traced(bench: &mut Bench) -> Vec<String> {
    bench.column("SELECT action || ' ' || row_key AS t FROM bailiwick_audit ORDER BY id")
}

#[test]
fn a_key_names_the_row_that_spells_it_so_whatever_its_collation_folds() {
    for (database, sql) in FOLDED {
        let rows = "ALTER TABLE codes ADD COLUMN id INTEGER;
            INSERT INTO codes VALUES ('a', 'one', 1), ('A', 'two', 2), ('b', 'three', 3);";
        let sql = format!("{sql}{rows}");
        let bench = match database {
            "sqlite" => Some(Bench::sqlite(&sql)),
            _ => Bench::postgres(&sql),
        };
        let Some(mut bench) = bench else { continue };
        let policy = bench.policy(&[grant("codes", "view edit delete")]);
        assert_eq!(bench.resource("codes").key.len(), 1, "{database}");
        change(&mut bench, &policy, "A", "changed").unwrap();
        assert_eq!(names(&mut bench), ["A changed", "a one", "b three"]);
        // With another spelling, a key still finds the only row it can mean, and no other.
        change(&mut bench, &policy, "B", "by B").unwrap();
        delete(&mut bench, &policy, "a").unwrap();
        assert_eq!(names(&mut bench), ["b by B", "A changed"]);
        assert_eq!(traced(&mut bench), ["update A", "update b", "delete a"]);
    }
}

#[test]
fn a_key_that_stands_for_two_rows_by_inheritance_changes_none() {
    let sql = "CREATE TABLE codes (id INTEGER PRIMARY KEY, code VARCHAR(9), name VARCHAR(9));
        CREATE TABLE more_codes () INHERITS (codes);
        INSERT INTO codes VALUES (1, 'a', 'one'), (2, 'b', 'two');
        INSERT INTO more_codes VALUES (1, 'x', 'other'), (3, 'c', 'three');";
    let Some(mut bench) = Bench::postgres(sql) else {
        return;
    };
    let policy = bench.policy(&[grant("codes", "view edit delete")]);
    for refused in [
        change(&mut bench, &policy, "1", "changed").err(),
        delete(&mut bench, &policy, "1").err(),
    ] {
        let Some(Refusal::Whole(text)) = refused else {
            panic!("{refused:?}")
        };
        assert!(text.starts_with("More than one row has this key"), "{text}");
    }
    assert_eq!(names(&mut bench), ["a one", "x other", "c three", "b two"]);
    assert!(traced(&mut bench).is_empty());
    // A row of the inheriting table alone is one row.
    change(&mut bench, &policy, "3", "changed").unwrap();
    delete(&mut bench, &policy, "3").unwrap();
    assert_eq!(traced(&mut bench), ["update 3", "delete 3"]);
}

#[test]
fn a_change_that_a_trigger_keeps_from_the_row_is_not_traced() {
    for (database, trigger) in [
        (
            "sqlite",
            "CREATE TRIGGER keep BEFORE UPDATE ON codes BEGIN SELECT RAISE(IGNORE); END;
             CREATE TRIGGER stay BEFORE DELETE ON codes BEGIN SELECT RAISE(IGNORE); END;",
        ),
        (
            "postgres",
            "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
             CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON codes
             FOR EACH ROW EXECUTE FUNCTION nothing();",
        ),
    ] {
        let sql = format!(
            "CREATE TABLE codes (id INTEGER PRIMARY KEY, code VARCHAR(9), name VARCHAR(9));
             INSERT INTO codes VALUES (1, 'a', 'one'); {trigger}"
        );
        let bench = match database {
            "sqlite" => Some(Bench::sqlite(&sql)),
            _ => Bench::postgres(&sql),
        };
        let Some(mut bench) = bench else { continue };
        let policy = bench.policy(&[grant("codes", "view edit delete")]);
        let refused = change(&mut bench, &policy, "1", "changed");
        assert!(matches!(refused, Err(Refusal::Whole(_))), "{refused:?}");
        let refused = delete(&mut bench, &policy, "1");
        assert!(matches!(refused, Err(Refusal::Whole(_))), "{refused:?}");
        assert!(traced(&mut bench).is_empty());
    }
}

#[test]
fn a_trace_that_a_trigger_drops_takes_the_change_back() {
    for (database, trigger) in [
        (
            "sqlite",
            "CREATE TRIGGER lose BEFORE INSERT ON bailiwick_audit BEGIN SELECT RAISE(IGNORE); END;",
        ),
        (
            "postgres",
            "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
             CREATE TRIGGER lose BEFORE INSERT ON bailiwick_audit
             FOR EACH ROW EXECUTE FUNCTION nothing();",
        ),
    ] {
        let sql = format!(
            "CREATE TABLE codes (id INTEGER PRIMARY KEY, code VARCHAR(9), name VARCHAR(9));
             INSERT INTO codes VALUES (1, 'a', 'one'); {trigger}"
        );
        let bench = match database {
            "sqlite" => Some(Bench::sqlite(&sql)),
            _ => Bench::postgres(&sql),
        };
        let Some(mut bench) = bench else { continue };
        let policy = bench.policy(&[grant("codes", "view edit delete")]);
        assert!(change(&mut bench, &policy, "1", "changed").is_err());
        assert!(delete(&mut bench, &policy, "1").is_err());
        assert_eq!(names(&mut bench), ["a one"]);
    }
}
