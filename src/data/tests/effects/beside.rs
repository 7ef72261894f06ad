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
fn keys_that_follow_each_other_are_found_again() {
    let sql = "
CREATE TABLE tops (id INTEGER PRIMARY KEY, code VARCHAR(9) NOT NULL UNIQUE);
CREATE TABLE mids (code VARCHAR(9) PRIMARY KEY REFERENCES tops (code) ON UPDATE CASCADE, n INTEGER);
CREATE TABLE lows (code VARCHAR(9) PRIMARY KEY REFERENCES mids (code) ON UPDATE CASCADE, n INTEGER);
INSERT INTO tops VALUES (1, 'a'); INSERT INTO mids VALUES ('a', 7); INSERT INTO lows VALUES ('a', 8);";
    on_every_database(sql, |bench| {
        let policy = bench.policy(&[everything()]);
        update(bench, &policy, ("tops", "1"), &[("code", "b")]).unwrap();
        assert_eq!(
            traced(bench),
            [
                r#"update tops 1 {"code":["a","b"]}"#,
                r#"update mids b {"code":["a","b"]}"#,
                r#"update lows b {"code":["a","b"]}"#,
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
