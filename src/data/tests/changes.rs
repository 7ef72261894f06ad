//! Inserts, updates and deletes, each with its audit event in the same transaction.

use super::*;
use crate::access::{Create, Delete, Edit, Policy};
use crate::catalog::Key;
use crate::data::write::{self, Refusal};
use crate::data::{Changes, DataError};
use bench::given;

pub(super) const SHOP: &str = "
CREATE TABLE regions (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL, area VARCHAR(9));
CREATE TABLE people (
    id {serial}, email VARCHAR(20) UNIQUE, name VARCHAR(20) NOT NULL, region VARCHAR(9) DEFAULT 'emea',
    region_id INTEGER REFERENCES regions (id), credit NUMERIC(8,2) CHECK (credit >= 0), born DATE,
    wakes TIME, secret VARCHAR(9), picture {blob}, notes TEXT,
    mood VARCHAR(9) CHECK (mood IN ('good', 'bad')));
INSERT INTO regions VALUES (1, 'North', 'emea'), (2, 'South', 'apac');
INSERT INTO people (email, name, region, region_id, credit, born, wakes, secret, notes, mood) VALUES
    ('ann@x', 'Ann', 'emea', 1, 12.50, '2000-01-01', '07:00:00', 's', 'one
two', 'good'),
    ('bob@x', 'Bob', 'apac', 2, NULL, NULL, NULL, 's', NULL, NULL);";

fn everything() -> crate::config::GrantConfig {
    grant("people regions", "view create edit delete")
}

fn create(bench: &mut Bench, policy: &Policy, changes: &Changes) -> Result<Option<Key>, Refusal> {
    let permit = policy.permit::<Create>(&bench::person(), "people").unwrap();
    bench.change(policy, |conn, context| {
        write::create(conn, &permit, changes, context)
    })
}

fn digest(bench: &mut Bench, policy: &Policy, key: &str) -> String {
    let permit = policy.permit::<Edit>(&bench::person(), "people").unwrap();
    bench.find(&permit, key).digest()
}

pub(super) fn update(
    bench: &mut Bench,
    policy: &Policy,
    key: &str,
    values: &[(&str, &str)],
) -> Result<(Key, bool), Refusal> {
    let seen = digest(bench, policy, key);
    let changes = given(&bench.resource("people"), values);
    update_with(bench, policy, key, &seen, &changes)
}

fn update_with(
    bench: &mut Bench,
    policy: &Policy,
    key: &str,
    seen: &str,
    changes: &Changes,
) -> Result<(Key, bool), Refusal> {
    let permit = policy.permit::<Edit>(&bench::person(), "people").unwrap();
    let key = bench.key(permit.resource(), key);
    bench.change(policy, |conn, context| {
        write::update(conn, &permit, &key, seen, changes, context)
    })
}

fn delete(bench: &mut Bench, policy: &Policy, resource: &str, key: &str) -> Result<(), Refusal> {
    let permit = policy.permit::<Delete>(&bench::person(), resource).unwrap();
    let key = bench.key(permit.resource(), key);
    bench.change(policy, |conn, context| {
        write::delete(conn, &permit, &key, None, context).map(drop)
    })
}

fn trace(bench: &mut Bench) -> Vec<String> {
    let sql = "SELECT action || ' ' || COALESCE(row_key, '?') || ' ' || COALESCE(row_label, '?') ||
        ' ' || COALESCE(changes, '?') AS t FROM bailiwick_audit ORDER BY id";
    bench.column(sql)
}

#[test]
fn each_change_is_made_and_traced() {
    on_every_database(SHOP, |bench| {
        let policy = bench.policy(&[everything()]);
        let people = bench.resource("people");
        let values = given(
            &people,
            &[
                ("email", "cid@x"),
                ("name", "Cid"),
                ("credit", "7"),
                ("region_id", "2"),
            ],
        );
        let key = create(bench, &policy, &values).unwrap().unwrap();
        assert_eq!(key.encode(&people), "3");
        let (key, changed) = update(
            bench,
            &policy,
            "3",
            &[
                ("name", "Cyd"),
                ("credit", "7.00"),
                ("email", "cid@x"),
                ("region", "NULL"),
            ],
        )
        .unwrap();
        assert!(changed);
        assert_eq!(key.encode(&people), "3");
        delete(bench, &policy, "people", "3").unwrap();
        let expected = [
            r#"create 3 Cid {"id":[null,3],"email":[null,"cid@x"],"name":[null,"Cid"],"region":[null,"emea"],"region_id":[null,2],"credit":[null,"7.00"]}"#,
            r#"update 3 Cyd {"name":["Cid","Cyd"],"region":["emea",null]}"#,
            r#"delete 3 Cyd {"id":[3,null],"email":["cid@x",null],"name":["Cyd",null],"region_id":[2,null],"credit":["7.00",null]}"#,
        ];
        assert_eq!(trace(bench), expected);
    });
}

#[test]
fn what_is_written_differently_but_means_the_same_is_no_change() {
    on_every_database(SHOP, |bench| {
        let policy = bench.policy(&[everything()]);
        let same = [
            ("credit", "12.5"),
            ("born", "2000-01-01"),
            ("wakes", "07:00"),
            ("notes", "one\r\ntwo"),
            ("name", "Ann"),
        ];
        let (_, changed) = update(bench, &policy, "1", &same).unwrap();
        assert!(!changed);
        assert!(trace(bench).is_empty());
    });
}

#[test]
fn a_change_without_its_trace_is_not_made() {
    on_every_database(SHOP, |bench| {
        let policy = bench.policy(&[everything()]);
        bench.run("ALTER TABLE bailiwick_audit RENAME TO elsewhere");
        let people = bench.resource("people");
        let values = given(&people, &[("name", "Cid")]);
        assert!(create(bench, &policy, &values).is_err());
        assert!(update(bench, &policy, "1", &[("name", "Xyz")]).is_err());
        assert!(delete(bench, &policy, "people", "2").is_err());
        assert_eq!(bench.number("SELECT count(*) AS n FROM people"), 2);
        assert_eq!(
            bench.number("SELECT count(*) AS n FROM people WHERE name = 'Ann'"),
            1
        );
        bench.run("ALTER TABLE elsewhere RENAME TO bailiwick_audit");
        update(bench, &policy, "1", &[("name", "Xyz")]).unwrap();
    });
}

#[test]
fn a_row_that_has_moved_on_is_not_overwritten() {
    on_every_database(SHOP, |bench| {
        let policy = bench.policy(&[everything()]);
        let seen = digest(bench, &policy, "1");
        bench.run("UPDATE people SET born = '2001-01-01' WHERE id = 1");
        let people = bench.resource("people");
        let changes = given(&people, &[("name", "Xyz")]);
        let refusal = update_with(bench, &policy, "1", &seen, &changes).unwrap_err();
        let Refusal::Stale(now) = refusal else {
            panic!("{refusal:?}")
        };
        assert_eq!(texts(&people, &[*now], "born"), ["2001-01-01"]);
        let permit = policy.permit::<Delete>(&bench::person(), "people").unwrap();
        let key = bench.key(&people, "1");
        let outcome = bench.change(&policy, |conn, context| {
            write::delete(conn, &permit, &key, Some(&seen), context)
        });
        assert!(matches!(outcome, Err(Refusal::Stale(_))));
        assert!(trace(bench).is_empty());
        bench.run("DELETE FROM people WHERE id = 1");
        let gone = update_with(bench, &policy, "1", &seen, &changes);
        assert!(matches!(gone, Err(Refusal::Data(DataError::Missing))));
    });
}

#[test]
fn a_row_cannot_be_moved_made_or_found_out_of_reach() {
    on_every_database(SHOP, |bench| {
        let policy = bench.policy(&[
            grant("people", "view create edit delete").rows("region=eq:emea"),
            grant("regions", "view"),
        ]);
        let people = bench.resource("people");
        let moved = update(bench, &policy, "1", &[("region", "apac")]);
        assert!(matches!(moved, Err(Refusal::OutOfReach)), "{moved:?}");
        let values = given(&people, &[("name", "Cid"), ("region", "apac")]);
        assert!(matches!(
            create(bench, &policy, &values),
            Err(Refusal::OutOfReach)
        ));
        let values = given(&people, &[("name", "Cid")]);
        create(bench, &policy, &values).unwrap();
        for missing in ["2", "999"] {
            let changes = given(&people, &[("name", "Xyz")]);
            let outcome = update_with(bench, &policy, missing, "", &changes);
            assert!(matches!(outcome, Err(Refusal::Data(DataError::Missing))));
            let outcome = delete(bench, &policy, "people", missing);
            assert!(matches!(outcome, Err(Refusal::Data(DataError::Missing))));
        }
        assert_eq!(
            bench.number("SELECT count(*) AS n FROM people WHERE region = 'apac'"),
            1
        );
        assert_eq!(trace(bench).len(), 1);
    });
}

#[test]
fn columns_are_written_only_where_a_grant_covers_them() {
    on_every_database(SHOP, |bench| {
        let policy = bench.policy(&[
            everything().hiding("secret").fixing("credit"),
            grant("people", "view edit create").rows("region=eq:apac"),
        ]);
        let people = bench.resource("people");
        for column in ["secret", "credit"] {
            let refused = update(bench, &policy, "1", &[(column, "1")]);
            assert!(matches!(refused, Err(Refusal::Column(_))), "{refused:?}");
            update(bench, &policy, "2", &[(column, "1")]).unwrap();
        }
        // The column may be written only in rows where this row would no longer be.
        let refused = update(bench, &policy, "2", &[("credit", "2"), ("region", "emea")]);
        assert!(matches!(refused, Err(Refusal::OutOfReach)), "{refused:?}");
        let values = given(
            &people,
            &[("name", "Cid"), ("secret", "x"), ("region", "emea")],
        );
        assert!(matches!(
            create(bench, &policy, &values),
            Err(Refusal::OutOfReach)
        ));
        let closed = bench.policy(&[everything().hiding("secret")]);
        let refused = create(bench, &closed, &values);
        assert!(matches!(refused, Err(Refusal::Column(_))), "{refused:?}");
        // Columns that were not covered are logged too, for people who may see them.
        delete(bench, &policy, "people", "1").unwrap();
        assert!(
            trace(bench)
                .last()
                .unwrap()
                .contains("\"secret\":[\"s\",null]")
        );
    });
}

#[test]
fn foreign_keys_point_only_at_rows_in_reach_and_missing_ones_look_the_same() {
    on_every_database(SHOP, |bench| {
        let people = bench.resource("people");
        let column = people.index_of("region_id").unwrap();
        let policy = bench.policy(&[
            grant("people", "view create edit"),
            grant("regions", "view").rows("area=eq:emea"),
        ]);
        let mut words = Vec::new();
        for target in ["2", "99"] {
            let refused = update(bench, &policy, "1", &[("region_id", target)]).unwrap_err();
            let Refusal::Fields(fields) = refused else {
                panic!("{refused:?}")
            };
            assert_eq!(fields[0].0, column);
            words.push(fields[0].1.clone());
            let values = given(&people, &[("name", "Cid"), ("region_id", target)]);
            assert!(matches!(
                create(bench, &policy, &values),
                Err(Refusal::Fields(_))
            ));
        }
        assert_eq!(words[0], words[1]);
        // Bob's region is not visible, and may stay. It may be removed, but not set again.
        update(bench, &policy, "2", &[("name", "Rob"), ("region_id", "2")]).unwrap();
        update(bench, &policy, "2", &[("region_id", "NULL")]).unwrap();
        assert!(update(bench, &policy, "2", &[("region_id", "2")]).is_err());
        update(bench, &policy, "2", &[("region_id", "1")]).unwrap();
        let blind = bench.policy(&[grant("people", "view create edit")]);
        assert!(update(bench, &blind, "1", &[("region_id", "2")]).is_err());
    });
}

#[test]
fn bytes_are_counted_and_a_change_of_them_is_traced() {
    on_every_database(SHOP, |bench| {
        let policy = bench.policy(&[everything()]);
        let people = bench.resource("people");
        let picture = people.index_of("picture").unwrap();
        for bytes in [vec![1, 2, 0], vec![3, 4, 0]] {
            let seen = digest(bench, &policy, "1");
            let changes = Changes::from([(picture, Value::Bytes(bytes.clone()))]);
            update_with(bench, &policy, "1", &seen, &changes).unwrap();
            let permit = bench.full::<crate::access::View>("people");
            assert_eq!(bench.find(&permit, "1").get(picture), Some(&Value::Size(3)));
            let key = bench.key(&people, "1");
            let read = crate::data::find::bytes(&mut bench.conn, &permit, &key, picture);
            assert_eq!(read.unwrap(), bytes);
        }
        let last = trace(bench).pop().unwrap();
        assert!(
            last.contains("\"picture\":[{\"bytes\":3},{\"bytes\":3}]"),
            "{last}"
        );
    });
}
