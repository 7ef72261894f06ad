//! Side effects of a delete or change: known, authorised and logged, at any depth.

mod beside;

use super::*;
use crate::access::{Delete, Edit, Policy};
use crate::catalog::Key;
use crate::config::GrantConfig;
use crate::data::effects::{self, Consequence};
use crate::data::write::{self, Refusal};
use bench::{given, where_constraints_can_wait};
use std::sync::Arc;

const SHOP: &str = "
CREATE TABLE customers (id INTEGER PRIMARY KEY, code VARCHAR(9) UNIQUE, name VARCHAR(9));
CREATE TABLE orders (id INTEGER PRIMARY KEY, region VARCHAR(9),
    customer_id INTEGER REFERENCES customers (id) ON DELETE CASCADE,
    code VARCHAR(9) REFERENCES customers (code) ON DELETE SET NULL ON UPDATE CASCADE);
CREATE TABLE items (order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE, line INTEGER NOT NULL,
    what VARCHAR(9), PRIMARY KEY (order_id, line));
CREATE TABLE logs (order_id INTEGER, line INTEGER, said VARCHAR(9),
    FOREIGN KEY (order_id, line) REFERENCES items (order_id, line) ON DELETE CASCADE);
INSERT INTO customers VALUES (1, 'a', 'Ann'), (2, 'b', 'Bob'), (3, 'c', 'Cid');
INSERT INTO orders VALUES (10, 'emea', 1, 'a'), (11, 'apac', 1, 'a'), (12, 'emea', 2, 'a'), (13, 'emea', 2, 'b');
INSERT INTO items VALUES (10, 1, 'x'), (10, 2, 'y'), (12, 1, 'z');
INSERT INTO logs VALUES (10, 1, 'same'), (10, 1, 'same'), (12, 1, 'other');";

fn delete(bench: &mut Bench, policy: &Policy, resource: &str, key: &str) -> Result<(), Refusal> {
    let permit = policy.permit::<Delete>(&bench::person(), resource).unwrap();
    let key = bench.key(permit.resource(), key);
    bench.change(policy, |conn, context| {
        write::delete(conn, &permit, &key, None, context).map(drop)
    })
}

fn update(
    bench: &mut Bench,
    policy: &Policy,
    (resource, key): (&str, &str),
    values: &[(&str, &str)],
) -> Result<Key, Refusal> {
    let permit = policy.permit::<Edit>(&bench::person(), resource).unwrap();
    let seen = bench.find(&permit, key).digest();
    let changes = given(permit.resource(), values);
    let key = bench.key(permit.resource(), key);
    let done = bench.change(policy, |conn, context| {
        write::update(conn, &permit, &key, &seen, &changes, context)
    });
    done.map(|(key, _)| key)
}

fn everything() -> GrantConfig {
    grant("*", "view edit delete")
}

fn refused(outcome: Result<impl std::fmt::Debug, Refusal>) -> String {
    match outcome {
        Err(Refusal::Whole(text)) => text,
        other => panic!("{other:?}"),
    }
}

fn hide(bench: &mut Bench, tables: &[&str]) {
    let schema = bench::schema(&mut bench.conn);
    bench.catalog = Arc::new(bench::catalog_without(&schema, tables));
}

fn traced(bench: &mut Bench) -> Vec<String> {
    bench.column(
        "SELECT action || ' ' || resource || ' ' || COALESCE(row_key, '-') || ' ' ||
        COALESCE(changes, '-') AS t FROM bailiwick_audit ORDER BY id",
    )
}

fn rows(bench: &mut Bench, table: &str) -> i64 {
    bench.number(&format!("SELECT count(*) AS n FROM {table}"))
}

#[test]
fn every_row_that_goes_or_changes_leaves_its_old_values() {
    on_every_database(SHOP, |bench| {
        let policy = bench.policy(&[everything()]);
        delete(bench, &policy, "customers", "1").unwrap();
        let mut events = traced(bench);
        assert_eq!(
            events.remove(0),
            r#"delete customers 1 {"id":[1,null],"code":["a",null],"name":["Ann",null]}"#
        );
        events.sort();
        assert_eq!(
            events,
            [
                r#"delete items 10,1 {"order_id":[10,null],"line":[1,null],"what":["x",null]}"#,
                r#"delete items 10,2 {"order_id":[10,null],"line":[2,null],"what":["y",null]}"#,
                r#"delete logs - {"order_id":[10,null],"line":[1,null],"said":["same",null]}"#,
                r#"delete logs - {"order_id":[10,null],"line":[1,null],"said":["same",null]}"#,
                r#"delete orders 10 {"id":[10,null],"region":["emea",null],"customer_id":[1,null],"code":["a",null]}"#,
                r#"delete orders 11 {"id":[11,null],"region":["apac",null],"customer_id":[1,null],"code":["a",null]}"#,
                r#"update orders 12 {"code":["a",null]}"#,
            ]
        );
        let details = bench.column(
            "SELECT COALESCE(details, '-') AS t FROM bailiwick_audit WHERE resource IN ('customers', 'logs') ORDER BY id",
        );
        assert_eq!(
            details[0],
            r#"{"also_deleted":{"items":2,"logs":2,"orders":2},"also_changed":{"orders":1}}"#
        );
        assert!(details[1].contains("because_of"), "{details:?}");
    });
}

#[test]
fn rows_of_hidden_tables_go_only_with_the_right() {
    on_every_database(SHOP, |bench| {
        hide(bench, &["logs", "items"]);
        let named = bench.policy(&[grant("customers orders", "view edit delete")]);
        let said = refused(delete(bench, &named, "orders", "10"));
        assert!(
            said.contains("rows that your roles do not show you"),
            "{said}"
        );
        assert!(!said.contains("item"), "{said}");
        assert_eq!(rows(bench, "items"), 3);
        assert!(traced(bench).is_empty());
        // An order without any of them can be deleted.
        delete(bench, &named, "orders", "11").unwrap();
        let with_items = bench.policy(&[
            grant("customers orders", "view edit delete"),
            grant("items", "view delete"),
        ]);
        refused(delete(bench, &with_items, "orders", "10"));
        let with_all = bench.policy(&[
            grant("customers orders", "view edit delete"),
            grant("items logs", "view delete"),
        ]);
        delete(bench, &with_all, "orders", "10").unwrap();
        let everywhere = bench.policy(&[everything()]);
        delete(bench, &everywhere, "orders", "12").unwrap();
        assert_eq!(rows(bench, "items"), 0);
        assert_eq!(traced(bench).len(), 1 + 5 + 3);
    });
}

#[test]
fn a_rule_that_covers_the_rows_that_go_allows_it() {
    on_every_database(SHOP, |bench| {
        let policy = bench.policy(&[
            grant("customers items logs", "view edit delete"),
            grant("orders", "view edit delete").rows("region=eq:emea"),
        ]);
        // One of Ann's orders does not match the row rule.
        refused(delete(bench, &policy, "customers", "1"));
        assert_eq!(rows(bench, "orders"), 4);
        delete(bench, &policy, "customers", "2").unwrap();
        assert_eq!(rows(bench, "orders"), 2);
    });
}

#[test]
fn a_link_is_emptied_only_where_its_cell_may_be_written() {
    on_every_database(SHOP, |bench| {
        bench.run("DELETE FROM logs; DELETE FROM items; DELETE FROM orders WHERE customer_id = 1");
        for (grants, allowed) in [
            (
                vec![
                    grant("customers", "view delete"),
                    grant("orders", "view delete"),
                ],
                false,
            ),
            (
                vec![
                    grant("customers", "view delete"),
                    grant("orders", "view edit").fixing("code"),
                ],
                false,
            ),
            (
                vec![
                    grant("customers", "view delete"),
                    grant("orders", "view edit").rows("region=eq:apac"),
                ],
                false,
            ),
            // The cell may only be written in rows that it is empty in.
            (
                vec![
                    grant("customers", "view delete"),
                    grant("orders", "view edit")
                        .rows("region=eq:emea")
                        .fixing("code"),
                    grant("orders", "view edit").rows("code=null"),
                ],
                false,
            ),
            // It would no longer match the rule under which it may be changed.
            (
                vec![
                    grant("customers", "view delete"),
                    grant("orders", "view edit").rows("code=eq:a"),
                ],
                false,
            ),
            (
                vec![
                    grant("customers", "view delete"),
                    grant("orders", "view edit").rows("region=eq:emea"),
                ],
                true,
            ),
        ] {
            let policy = bench.policy(&grants);
            let outcome = delete(bench, &policy, "customers", "1");
            assert_eq!(outcome.is_ok(), allowed, "{grants:?}: {outcome:?}");
            let emptied = "SELECT count(*) AS n FROM orders WHERE code IS NULL";
            assert_eq!(bench.number(emptied) == 1, allowed);
        }
    });
}

#[test]
fn circles_and_rows_that_point_at_themselves_end() {
    let sql = "
CREATE TABLE staff (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES staff (id) ON DELETE CASCADE, firm INTEGER);
CREATE TABLE firms (id INTEGER PRIMARY KEY, head INTEGER REFERENCES staff (id) ON DELETE CASCADE);
INSERT INTO staff VALUES (1, 1, NULL), (2, 1, NULL), (3, 2, NULL), (4, NULL, NULL);
INSERT INTO firms VALUES (7, 3);";
    on_every_database(sql, |bench| {
        if !bench.is_sqlite() {
            bench.run(
                "ALTER TABLE staff ADD FOREIGN KEY (firm) REFERENCES firms (id) ON DELETE CASCADE",
            );
            bench.run("UPDATE staff SET firm = 7 WHERE id IN (1, 4)");
            hide(bench, &[]);
        }
        let policy = bench.policy(&[everything()]);
        delete(bench, &policy, "staff", "1").unwrap();
        let mut events = traced(bench);
        events.sort();
        let keys: Vec<String> = events
            .iter()
            .map(|event| event.split(' ').take(3).collect::<Vec<_>>().join(" "))
            .collect();
        let mut expected = vec![
            "delete firms 7",
            "delete staff 1",
            "delete staff 2",
            "delete staff 3",
        ];
        if !bench.is_sqlite() {
            expected.push("delete staff 4");
        }
        assert_eq!(keys, expected);
        assert_eq!(rows(bench, "staff"), i64::from(bench.is_sqlite()));
    });
}

#[test]
fn what_goes_itself_does_not_stand_in_the_way() {
    let sql = "
CREATE TABLE firms (id INTEGER PRIMARY KEY);
CREATE TABLE sites (id INTEGER PRIMARY KEY, firm INTEGER REFERENCES firms (id) ON DELETE CASCADE);
CREATE TABLE doors (id INTEGER PRIMARY KEY, firm INTEGER REFERENCES firms (id) DEFERRABLE INITIALLY DEFERRED,
    site INTEGER REFERENCES sites (id) ON DELETE CASCADE);
INSERT INTO firms VALUES (1), (2); INSERT INTO sites VALUES (5, 1), (6, 2);
INSERT INTO doors VALUES (8, 1, 5), (9, 2, 5);";
    where_constraints_can_wait(sql, |bench| {
        let policy = bench.policy(&[everything()]);
        let said = refused(delete(bench, &policy, "firms", "2"));
        assert_eq!(
            said,
            "It cannot be deleted while 1 door still points at it."
        );
        delete(bench, &policy, "firms", "1").unwrap();
        assert_eq!(rows(bench, "doors"), 0);
        delete(bench, &policy, "firms", "2").unwrap();
        assert_eq!(traced(bench).len(), 4 + 2);
    });
}

#[test]
fn what_stands_in_the_way_deeper_down_is_named() {
    let sql = format!(
        "{SHOP} CREATE TABLE holds (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (id));
        INSERT INTO holds VALUES (1, 10), (2, 11);"
    );
    on_every_database(&sql, |bench| {
        let policy = bench.policy(&[everything()]);
        let said = refused(delete(bench, &policy, "customers", "1"));
        assert_eq!(
            said,
            "It cannot be deleted while 2 holds still point at it."
        );
        let permit = policy
            .permit::<Delete>(&bench::person(), "customers")
            .unwrap();
        let row = bench.find(&permit, "1");
        let found = bench.change(&policy, |conn, context| {
            effects::of_delete(conn, context.rights, (permit.resource(), &row), false)
        });
        let found = found.unwrap();
        assert_eq!(found.groups()[0].consequence, Consequence::Prevents);
        let mut shown: Vec<_> = found
            .groups()
            .iter()
            .map(|group| {
                let name = &group.table.name;
                let (count, seen) = (group.count.value(), group.seen.value());
                format!("{name} {:?} {count} {seen}", group.consequence)
            })
            .collect();
        shown.sort();
        assert_eq!(
            shown,
            [
                "holds Prevents 2 2",
                "items Goes 2 2",
                "logs Goes 2 2",
                "orders Goes 2 2",
                "orders LosesLink 1 1",
            ]
        );
    });
}

#[test]
fn rows_are_matched_as_the_database_matches_them() {
    for (database, sql) in [
        (
            "sqlite",
            "CREATE TABLE codes (code VARCHAR(9) PRIMARY KEY COLLATE NOCASE);
             CREATE TABLE uses (id INTEGER PRIMARY KEY, code VARCHAR(9) REFERENCES codes ON DELETE CASCADE);",
        ),
        (
            "postgres",
            "CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
             CREATE TABLE codes (code VARCHAR(9) COLLATE folded PRIMARY KEY);
             CREATE TABLE uses (id INTEGER PRIMARY KEY, code VARCHAR(9) COLLATE folded REFERENCES codes ON DELETE CASCADE);",
        ),
    ] {
        let sql = format!("{sql} INSERT INTO codes VALUES ('abc'), ('x'); INSERT INTO uses VALUES (1, 'ABC'), (2, 'abc'), (3, 'x');");
        let bench = match database {
            "sqlite" => Some(Bench::sqlite(&sql)),
            _ => Bench::postgres(&sql),
        };
        let Some(mut bench) = bench else { continue };
        let view_only = bench.policy(&[grant("codes", "view delete"), grant("uses", "view")]);
        refused(delete(&mut bench, &view_only, "codes", "abc"));
        let policy = bench.policy(&[everything()]);
        delete(&mut bench, &policy, "codes", "abc").unwrap();
        assert_eq!(rows(&mut bench, "uses"), 1);
        assert_eq!(traced(&mut bench).len(), 3);
    }
}

#[test]
fn too_many_rows_at_once_are_refused_with_the_limit() {
    on_every_database(SHOP, |bench| {
        bench.run("INSERT INTO items SELECT 13, n, 'x' FROM (WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10001) SELECT n FROM n) AS many");
        let policy = bench.policy(&[everything()]);
        let said = refused(delete(bench, &policy, "orders", "13"));
        assert!(said.starts_with("More than 10,000 other rows"), "{said}");
        assert_eq!(
            bench.number("SELECT count(*) AS n FROM items WHERE order_id = 13"),
            10_001
        );
    });
}

#[test]
fn other_schemas_partitions_and_tables_that_cannot_be_read_are_known() {
    let sql = "
CREATE TABLE customers (id INTEGER, name TEXT, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE customers_low PARTITION OF customers FOR VALUES FROM (0) TO (100);
CREATE SCHEMA books;
CREATE TABLE books.bills (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers (id) ON DELETE CASCADE);
CREATE TABLE books.lines (bill INTEGER REFERENCES books.bills ON DELETE CASCADE, n INTEGER);
CREATE TABLE books.scans (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers_low ON DELETE SET NULL);
INSERT INTO customers VALUES (1, 'Ann'), (2, 'Bob');
INSERT INTO books.bills VALUES (5, 1); INSERT INTO books.lines VALUES (5, 1);
INSERT INTO books.scans VALUES (7, 1);";
    let Some(mut bench) = Bench::postgres(sql) else {
        return;
    };
    let names: Vec<&str> = bench
        .catalog
        .iter()
        .map(|resource| resource.name.as_str())
        .collect();
    assert_eq!(names, ["audit", "customers"]);
    let named = bench.policy(&[grant("customers", "view delete")]);
    refused(delete(&mut bench, &named, "customers", "1"));
    delete(&mut bench, &named, "customers", "2").unwrap();
    let policy = bench.policy(&[everything()]);
    delete(&mut bench, &policy, "customers", "1").unwrap();
    let mut events = traced(&mut bench);
    events.sort();
    assert_eq!(
        events[3..],
        [
            r#"delete customers 2 {"id":[2,null],"name":["Bob",null]}"#.to_owned(),
            r#"update books.scans 7 {"customer":[1,null]}"#.to_owned(),
        ]
        .map(|event| event)[..],
        "{events:?}"
    );
    assert_eq!(rows(&mut bench, "books.lines"), 0);
}

#[test]
fn a_table_that_cannot_be_read_stops_what_it_would_hide() {
    let sql = "
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);
CREATE SCHEMA books;
CREATE TABLE books.bills (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers (id) ON DELETE CASCADE);
INSERT INTO customers VALUES (1, 'Ann'); INSERT INTO books.bills VALUES (5, 1);";
    let Some(mut bench) = Bench::postgres(sql) else {
        return;
    };
    let role = format!("bailiwick_blind_{}", std::process::id());
    bench.run(&format!(
        "CREATE ROLE {role}; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role};
         GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}; SET ROLE {role}"
    ));
    hide(&mut bench, &[]);
    let policy = bench.policy(&[everything()]);
    let said = refused(delete(&mut bench, &policy, "customers", "1"));
    bench.run("RESET ROLE");
    assert!(said.contains("grant SELECT"), "{said}");
    assert_eq!(rows(&mut bench, "books.bills"), 1);
    bench.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn a_change_of_others_that_was_shown_otherwise_is_not_made() {
    on_every_database(SHOP, |bench| {
        let policy = bench.policy(&[everything()]);
        let permit = policy
            .permit::<Edit>(&bench::person(), "customers")
            .unwrap();
        let seen = bench.find(&permit, "2").digest();
        let key = bench.key(permit.resource(), "2");
        let changes = given(permit.resource(), &[("code", "new")]);
        let save = |bench: &mut Bench, confirmed: &str| {
            bench.change(&policy, |conn, context| {
                let shown = (seen.as_str(), Some(confirmed));
                write::update_as_shown(conn, &permit, &key, shown, &changes, context)
            })
        };
        assert!(refused(save(bench, "other")).contains("not what was shown"));
        assert_eq!(
            bench.number("SELECT count(*) AS n FROM orders WHERE code = 'b'"),
            1
        );
        let digest = bench.change(&policy, |conn, context| {
            let effects = write::effects_of_update(conn, &permit, &key, &changes, context.rights);
            Ok::<_, Refusal>(effects?.digest().unwrap())
        });
        save(bench, &digest.unwrap()).unwrap();
        assert_eq!(
            bench.number("SELECT count(*) AS n FROM orders WHERE code = 'new'"),
            1
        );
    });
}
