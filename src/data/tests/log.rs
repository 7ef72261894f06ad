//! The audit log, limited to what its reader may see.

use super::changes::{SHOP, update};
use super::*;
use crate::access::{Export, Policy, View};
use crate::catalog::FilterError;
use crate::config::GrantConfig;
use crate::data::{DataError, export};
use crate::store::audit::{self, Event, NewEntry, event};
use std::ops::ControlFlow;

/// One change of every column of a person, made by someone with all rights.
fn changed(bench: &mut Bench) {
    let all = bench.policy(&[grant("*", "view create edit delete")]);
    let values = [("name", "Xyz"), ("secret", "t"), ("credit", "3")];
    update(bench, &all, "1", &values).unwrap();
    bench.run(
        "INSERT INTO bailiwick_audit (at, actor_issuer, actor_subject, actor_name, roles, action,
        resource, row_label, request_id, changes) VALUES
        ('2026-01-01', 'i', 's', 'Zed', '', 'update', 'gone', 'Old', 'r', '{\"a\":[1,2]}'),
        ('2026-01-01', 'i', 's', 'Zed', '', 'sign-in', NULL, NULL, 'r', NULL),
        ('2026-01-01', 'i', 's', 'Zed', '', 'update', 'people', 'Odd', 'r', 'not json'),
        ('2026-01-01', 'i', 's', 'Zed', '', 'update', NULL, 'Lost', 'r', '{\"name\":[1,2]}');",
    );
}

/// The visible changes and labels, oldest entry first.
fn seen(bench: &mut Bench, policy: &Policy) -> (Vec<String>, Vec<String>) {
    let permit = policy.permit::<View>(&bench::person(), "audit").unwrap();
    let audit = bench.resource("audit");
    let asked = PageQuery {
        sort: sort(&audit, "id"),
        ..query(9)
    };
    // Changes are limited by their resource, whether or not that column is requested.
    let only = [
        audit.index_of("changes").unwrap(),
        audit.index_of("row_label").unwrap(),
    ];
    let page = page::read(&mut bench.conn, &permit, &asked, &only).unwrap();
    let found = (
        texts(&audit, &page.rows, "changes"),
        texts(&audit, &page.rows, "row_label"),
    );
    for row in &page.rows {
        let key = row.key(&audit).unwrap().encode(&audit);
        let one = [bench.find(&permit, &key)];
        assert_eq!(
            texts(&audit, &one, "changes"),
            texts(&audit, std::slice::from_ref(row), "changes")
        );
        assert_eq!(
            texts(&audit, &one, "row_label"),
            texts(&audit, std::slice::from_ref(row), "row_label")
        );
    }
    found
}

#[test]
fn every_kind_of_event_is_written_and_read_back() {
    on_every_database(SHOP, |bench| {
        let (actor, now) = (bench::actor(), chrono::NaiveDateTime::default());
        let events: Vec<Event> = event::tests::all().into_iter().map(|(e, _)| e).collect();
        for event in &events {
            let entry = NewEntry::new(event.clone());
            audit::record(&mut bench.conn, &actor, &entry, now).unwrap();
        }
        let read = audit::of_request(&mut bench.conn, &actor.request_id).unwrap();
        let read: Vec<Event> = read.iter().map(|entry| entry.event()).collect();
        assert_eq!(read, events);
    });
}

#[test]
fn changes_are_cut_to_the_columns_that_the_reader_may_read_in_every_row() {
    on_every_database(SHOP, |bench| {
        changed(bench);
        let log = || grant("audit", "view");
        let whole = r#"{"name":["Ann","Xyz"],"credit":["12.50","3.00"],"secret":["s","t"]}"#;
        let less = r#"{"name":["Ann","Xyz"],"credit":["12.50","3.00"]}"#;
        let people = || grant("people", "view");
        let cases: [(Vec<GrantConfig>, &str, &str); 6] = [
            (vec![log(), people()], whole, "Xyz"),
            (vec![log(), people().hiding("secret")], less, "Xyz"),
            (vec![log()], "{}", "(hidden)"),
            (
                vec![log(), people().rows("region=eq:emea")],
                "{}",
                "(hidden)",
            ),
            (
                vec![
                    log(),
                    people().hiding("secret"),
                    people().rows("region=eq:emea"),
                ],
                less,
                "Xyz",
            ),
            (
                vec![
                    log(),
                    people().hiding("name").hiding("secret").hiding("credit"),
                ],
                "{}",
                "(hidden)",
            ),
        ];
        for (grants, changes, label) in cases {
            let policy = bench.policy(&grants);
            let (all, labels) = seen(bench, &policy);
            assert_eq!(all, [changes, "{}", "NULL", "{}", "{}"], "{grants:?}");
            let odd = if label == "(hidden)" {
                "(hidden)"
            } else {
                "Odd"
            };
            assert_eq!(
                labels,
                [label, "(hidden)", "NULL", odd, "Lost"],
                "{grants:?}"
            );
        }
    });
}

#[test]
fn the_log_cannot_be_asked_about_what_is_cut() {
    on_every_database(SHOP, |bench| {
        changed(bench);
        let audit = bench.resource("audit");
        for grants in [
            vec![grant("*", "view export")],
            vec![grant("audit", "view export")],
        ] {
            let permit = bench.permit::<View>(&grants, "audit");
            for column in ["changes", "details"] {
                for test in ["notnull", "contains:Ann"] {
                    let asked = PageQuery {
                        filter: bench::filter(&audit, &format!("{column}={test}")),
                        ..query(9)
                    };
                    let refused = page::read(&mut bench.conn, &permit, &asked, &[]);
                    assert!(
                        matches!(&refused, Err(DataError::Filter(FilterError::Column(c))) if c == column),
                        "{refused:?}"
                    );
                }
                let asked = PageQuery {
                    sort: sort(&audit, column),
                    ..query(9)
                };
                let refused = page::read(&mut bench.conn, &permit, &asked, &[]);
                assert!(matches!(refused, Err(DataError::Filter(_))), "{refused:?}");
            }
        }
        // A hidden label cannot be searched for.
        let blind = bench.permit::<View>(&[grant("audit", "view")], "audit");
        for (search, filter, rows) in [
            ("Xyz", "", 0),
            ("", "row_label=eq:Xyz", 0),
            ("", "row_label=contains:y", 0),
            ("Lost", "", 1),
            ("Zed", "", 4),
        ] {
            let asked = PageQuery {
                search: search.into(),
                filter: match filter {
                    "" => Filter::everything(),
                    text => bench::filter(&audit, text),
                },
                ..query(9)
            };
            let found = read(&mut bench.conn, &blind, &asked).rows;
            assert_eq!(found.len(), rows, "{search} {filter}");
        }
    });
}

#[test]
fn an_export_of_the_log_is_cut_too() {
    on_every_database(SHOP, |bench| {
        changed(bench);
        let audit = bench.resource("audit");
        let permit = bench.permit::<Export>(&[grant("audit", "view export")], "audit");
        let columns = export::columns(&permit);
        let mut rows = Vec::new();
        export::each(
            &mut bench.conn,
            &permit,
            &query(1),
            &columns,
            9,
            &mut |row| {
                rows.push(row);
                ControlFlow::Continue(())
            },
        )
        .unwrap();
        assert_eq!(rows.len(), 5);
        let changes = texts(&audit, &rows, "changes");
        assert!(
            changes.iter().all(|text| text == "{}" || text == "NULL"),
            "{changes:?}"
        );
    });
}
