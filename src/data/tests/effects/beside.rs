//! The events of rows that are changed or deleted with another.

use super::*;

#[test]
fn a_row_that_points_at_itself_is_told_once() {
    let sql = "
CREATE TABLE staff (id INTEGER PRIMARY KEY, code VARCHAR(9) NOT NULL UNIQUE,
    boss VARCHAR(9) REFERENCES staff (code) ON UPDATE CASCADE);
INSERT INTO staff VALUES (1, 'a', 'a'), (2, 'b', 'a'), (3, 'c', 'b');";
    on_every_database(sql, |bench| {
        let policy = bench.policy(&[everything()]);
        let renamed = update(bench, &policy, ("staff", "1"), &[("code", "z")]);
        // MySQL and MariaDB do not let a key follow within its own table.
        if !has_set_default(bench) {
            renamed.unwrap_err();
            return;
        }
        renamed.unwrap();
        assert_eq!(
            bench.column("SELECT boss AS t FROM staff ORDER BY id"),
            ["z", "z", "b"]
        );
        assert_eq!(
            traced(bench),
            [
                r#"update staff 1 {"code":["a","z"],"boss":["a","z"]}"#,
                r#"update staff 2 {"boss":["a","z"]}"#,
            ]
        );
    });
}

#[test]
fn a_row_that_cannot_be_found_again_stops_the_change() {
    on_every_database(SHOP, |bench| {
        let trigger = match bench.conn {
            AnyConnection::Sqlite(_) => {
                "CREATE TRIGGER away AFTER UPDATE ON orders
                 BEGIN DELETE FROM orders WHERE id = OLD.id; END"
            }
            AnyConnection::Postgres(_) => {
                "CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS
                 'BEGIN DELETE FROM orders WHERE id = OLD.id; RETURN NULL; END';
                 CREATE TRIGGER away AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION away()"
            }
            // The actions of foreign keys start no triggers there.
            #[cfg(feature = "mysql")]
            AnyConnection::Mysql(_) => return,
        };
        bench.run(trigger);
        let policy = bench.policy(&[everything()]);
        // The trigger deletes order 12, which only loses a link.
        let said = refused(delete(bench, &policy, "customers", "1"));
        assert!(said.contains("cannot trace"), "{said}");
        assert_eq!(rows(bench, "orders"), 4);
        assert_eq!(rows(bench, "customers"), 3);
    });
}

#[test]
fn rows_that_follow_to_a_new_key_need_the_right_and_leave_a_trace() {
    on_every_database(SHOP, |bench| {
        for grants in [
            vec![grant("customers", "view edit")],
            vec![
                grant("customers", "view edit"),
                grant("orders", "view edit").rows("region=eq:emea"),
            ],
            vec![
                grant("customers", "view edit"),
                grant("orders", "view edit").rows("code=in:a,b"),
            ],
        ] {
            let policy = bench.policy(&grants);
            refused(update(bench, &policy, ("customers", "1"), &[("code", "z")]));
            // A row without references can be changed.
            update(bench, &policy, ("customers", "3"), &[("code", "n")]).unwrap();
            update(bench, &policy, ("customers", "3"), &[("code", "c")]).unwrap();
        }
        assert_eq!(
            bench.number("SELECT count(*) AS n FROM orders WHERE code = 'a'"),
            3
        );
        bench.run("DELETE FROM bailiwick_audit");
        let policy = bench.policy(&[grant("customers orders", "view edit")]);
        update(bench, &policy, ("customers", "1"), &[("code", "z")]).unwrap();
        let mut events = traced(bench);
        assert_eq!(events.remove(0), r#"update customers 1 {"code":["a","z"]}"#);
        events.sort();
        assert_eq!(
            events,
            [
                r#"update orders 10 {"code":["a","z"]}"#,
                r#"update orders 11 {"code":["a","z"]}"#,
                r#"update orders 12 {"code":["a","z"]}"#,
            ]
        );
    });
}

#[test]
fn a_key_that_follows_is_found_again_under_its_new_name() {
    let sql = "
CREATE TABLE tops (id INTEGER PRIMARY KEY, code VARCHAR(9) NOT NULL UNIQUE);
CREATE TABLE mids (code VARCHAR(9) PRIMARY KEY REFERENCES tops (code) ON UPDATE CASCADE, n INTEGER);
CREATE TABLE lows (id INTEGER PRIMARY KEY, code VARCHAR(9) REFERENCES mids (code) ON UPDATE CASCADE);
CREATE TABLE ends (code VARCHAR(9) PRIMARY KEY REFERENCES mids (code) ON UPDATE CASCADE, n INTEGER);
INSERT INTO tops VALUES (1, 'a'); INSERT INTO mids VALUES ('a', 7); INSERT INTO lows VALUES (5, 'a');
INSERT INTO ends VALUES ('a', 8);";
    on_every_database(sql, |bench| {
        let policy = bench.policy(&[everything()]);
        update(bench, &policy, ("tops", "1"), &[("code", "b")]).unwrap();
        let mut events = traced(bench);
        // The tables that point at the same key come in any order.
        events[2..].sort();
        assert_eq!(
            events,
            [
                r#"update tops 1 {"code":["a","b"]}"#,
                r#"update mids b {"code":["a","b"]}"#,
                r#"update ends b {"code":["a","b"]}"#,
                r#"update lows 5 {"code":["a","b"]}"#,
            ]
        );
        let partly = bench.policy(&[grant("tops mids", "view edit")]);
        refused(update(bench, &partly, ("tops", "1"), &[("code", "c")]));
    });
}

fn has_set_default(bench: &Bench) -> bool {
    match bench.conn {
        AnyConnection::Sqlite(_) | AnyConnection::Postgres(_) => true,
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(_) => false,
    }
}

#[test]
fn defaults_are_traced_as_the_database_set_them() {
    let sql = "
CREATE TABLE groups_ (id INTEGER PRIMARY KEY, name VARCHAR(9));
CREATE TABLE members (id INTEGER PRIMARY KEY, g INTEGER DEFAULT 1 REFERENCES groups_ (id) ON DELETE SET DEFAULT);
CREATE TABLE guests (g INTEGER DEFAULT 1 REFERENCES groups_ (id) ON DELETE SET DEFAULT, name VARCHAR(9));
INSERT INTO groups_ VALUES (1, 'all'), (2, 'some'), (3, 'few');
INSERT INTO members VALUES (5, 2); INSERT INTO guests VALUES (3, 'Ann');";
    on_every_database(sql, |bench| {
        // MySQL and MariaDB accept the clause, but refuse the delete.
        if !has_set_default(bench) {
            let policy = bench.policy(&[everything()]);
            delete(bench, &policy, "groups_", "2").unwrap_err();
            return;
        }
        let policy = bench.policy(&[everything()]);
        delete(bench, &policy, "groups_", "2").unwrap();
        assert_eq!(traced(bench)[1], r#"update members 5 {"g":[2,1]}"#);
        // A guest has no key, so the panel could not log what happens to it.
        let said = refused(delete(bench, &policy, "groups_", "3"));
        assert!(said.contains("leave no trace"), "{said}");
        assert_eq!(rows(bench, "groups_"), 2);
    });
}

#[test]
fn a_trigger_that_keeps_a_row_is_not_told_as_its_end() {
    let Some(mut bench) = Bench::postgres(&format!(
        "{SHOP} CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS
         'BEGIN UPDATE items SET what = ''kept'' WHERE order_id = OLD.order_id AND line = OLD.line; RETURN NULL; END';
         ALTER TABLE items DROP CONSTRAINT items_order_id_fkey;
         ALTER TABLE items ADD FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE;
         DELETE FROM logs;
         CREATE TRIGGER keep BEFORE DELETE ON items FOR EACH ROW EXECUTE FUNCTION keep();"
    )) else {
        return;
    };
    let policy = bench.policy(&[everything()]);
    delete(&mut bench, &policy, "orders", "10").unwrap();
    let events = traced(&mut bench);
    assert_eq!(events[1], r#"update items 10,1 {"what":["x","kept"]}"#);
    assert_eq!(events.len(), 3);
}
