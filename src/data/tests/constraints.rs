//! Constraint errors are shown on the field, in the panel's own words.

use super::changes::{SHOP, update};
use super::*;
use crate::access::{Create, Delete, Edit, Policy};
use crate::data::write::{self, Refusal};
use bench::given;

/// The columns that a refusal names, or its message for the whole row.
fn culprits(resource: &Resource, refusal: Refusal) -> String {
    match refusal {
        Refusal::Fields(fields) => {
            let names = fields.iter().map(|(column, text)| {
                assert!(!text.is_empty());
                resource.fields[*column].name.clone()
            });
            names.collect::<Vec<_>>().join(",")
        }
        Refusal::Whole(text) => format!("whole: {text}"),
        other => format!("{other:?}"),
    }
}

fn create(bench: &mut Bench, policy: &Policy, name: &str, values: &[(&str, &str)]) -> String {
    let resource = bench.resource(name);
    let permit = policy.permit::<Create>(&bench::person(), name).unwrap();
    let values = given(&resource, values);
    let outcome = bench.change(policy, |conn, context| {
        write::create(conn, &permit, &values, context)
    });
    match outcome {
        Ok(_) => "made".to_owned(),
        Err(refusal) => culprits(&resource, refusal),
    }
}

#[test]
fn a_broken_constraint_is_told_at_its_field() {
    on_every_database(SHOP, |bench| {
        let policy = bench.policy(&[grant("*", "view create edit delete")]);
        for (values, expected) in [
            (vec![("name", "Cid"), ("email", "ann@x")], "email"),
            (vec![("email", "c@x")], "name"),
            (vec![("name", "NULL")], "name"),
            (vec![("name", "Cid"), ("credit", "-1")], "credit"),
            (vec![("name", "Cid"), ("region_id", "9")], "region_id"),
            (vec![("name", "Cid"), ("mood", "odd")], "mood"),
            (vec![("name", "a name much longer than twenty")], "name"),
            (vec![("name", "Cid"), ("id", "1")], "id"),
            (vec![], "name"),
            (vec![("name", "Cid"), ("email", "c@x")], "made"),
        ] {
            assert_eq!(
                create(bench, &policy, "people", &values),
                expected,
                "{values:?}"
            );
        }
        let people = bench.resource("people");
        for (values, expected) in [
            (vec![("email", "bob@x"), ("notes", "x")], "email"),
            (vec![("name", "NULL")], "name"),
            (vec![("credit", "-0.01"), ("notes", "x")], "credit"),
        ] {
            let refusal = update(bench, &policy, "1", &values).unwrap_err();
            assert_eq!(culprits(&people, refusal), expected);
        }
        assert_eq!(bench.number("SELECT count(*) AS n FROM bailiwick_audit"), 1);
    });
}

#[test]
fn a_row_that_others_point_at_stays() {
    on_every_database(SHOP, |bench| {
        let policy = bench.policy(&[grant("*", "view create edit delete")]);
        let regions = bench.resource("regions");
        let key = bench.key(&regions, "1");
        let permit = policy
            .permit::<Delete>(&bench::person(), "regions")
            .unwrap();
        let refused = bench.change(&policy, |conn, context| {
            write::delete(conn, &permit, &key, None, context)
        });
        let words = culprits(&regions, refused.unwrap_err());
        let said = "whole: It cannot be deleted while 1 person still points at it.";
        assert_eq!(words, said);
        // The key cannot be changed while other rows reference it.
        let permit = policy.permit::<Edit>(&bench::person(), "regions").unwrap();
        let seen = bench.find(&permit, "1").digest();
        let moved = given(&regions, &[("id", "7")]);
        let refused = bench.change(&policy, |conn, context| {
            write::update(conn, &permit, &key, &seen, &moved, context)
        });
        let words = culprits(&regions, refused.unwrap_err());
        assert!(
            words == "id" || words.starts_with("whole: Other rows"),
            "{words}"
        );
        assert_eq!(bench.number("SELECT count(*) AS n FROM bailiwick_audit"), 0);
    });
}

#[test]
fn rules_over_several_columns_are_told_of_the_whole_or_of_what_was_changed() {
    let sql = "CREATE TABLE spans (id {serial}, low INTEGER, high INTEGER, kind VARCHAR(5),
        CONSTRAINT ordered CHECK (low < high), UNIQUE (low, kind));
        INSERT INTO spans (low, high, kind) VALUES (1, 5, 'a');";
    on_every_database(sql, |bench| {
        let policy = bench.policy(&[grant("*", "view create edit")]);
        let values = [("low", "5"), ("high", "2"), ("kind", "b")];
        let words = create(bench, &policy, "spans", &values);
        let told =
            "whole: The values together break the rule \u{201c}ordered\u{201d} of the database.";
        assert_eq!(words, told);
        let values = [("low", "1"), ("high", "9"), ("kind", "a")];
        assert_eq!(create(bench, &policy, "spans", &values), "low,kind");
        let big = [("low", "1"), ("high", "99999999999")];
        let words = create(bench, &policy, "spans", &big);
        assert_eq!(words, if bench.is_sqlite() { "made" } else { "high" });
    });
}

#[test]
fn a_foreign_key_of_several_columns_is_tested_as_one() {
    let sql = "CREATE TABLE spots (aisle INTEGER, shelf INTEGER, zone VARCHAR(5), PRIMARY KEY (aisle, shelf));
        CREATE TABLE goods (id {serial}, aisle INTEGER DEFAULT 1, shelf INTEGER, name VARCHAR(9),
            FOREIGN KEY (aisle, shelf) REFERENCES spots (aisle, shelf));
        INSERT INTO spots VALUES (1, 1, 'a'), (1, 2, 'b'), (2, 1, 'b'), (2, 2, 'a');
        INSERT INTO goods (aisle, shelf, name) VALUES (1, 1, 'x');";
    on_every_database(sql, |bench| {
        let policy = bench.policy(&[
            grant("goods", "view create edit"),
            grant("spots", "view").rows("zone=eq:a"),
        ]);
        let goods = bench.resource("goods");
        for (values, expected) in [
            (vec![("aisle", "2"), ("shelf", "2")], "made"),
            (vec![("aisle", "2"), ("shelf", "1")], "aisle"),
            (vec![("aisle", "9"), ("shelf", "9")], "aisle"),
            (vec![("aisle", "9"), ("shelf", "NULL")], "made"),
            (vec![("shelf", "1")], "made"),
            (vec![("shelf", "2")], "shelf"),
        ] {
            assert_eq!(
                create(bench, &policy, "goods", &values),
                expected,
                "{values:?}"
            );
        }
        let permit = policy.permit::<Edit>(&bench::person(), "goods").unwrap();
        let key = bench.key(&goods, "1");
        for (values, is_made) in [
            (vec![("shelf", "2")], false),
            (vec![("aisle", "2")], false),
            (vec![("aisle", "2"), ("shelf", "2")], true),
            (vec![("name", "y")], true),
        ] {
            let seen = bench.find(&permit, "1").digest();
            let changes = given(&goods, &values);
            let outcome = bench.change(&policy, |conn, context| {
                write::update(conn, &permit, &key, &seen, &changes, context)
            });
            assert_eq!(outcome.is_ok(), is_made, "{values:?} {outcome:?}");
        }
    });
}
