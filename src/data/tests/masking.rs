//! Cells that only some grants cover, and what filters may reveal about them.

use super::*;
use crate::access::{Export, View};
use crate::catalog::FilterError;
use crate::catalog::Kind;
use crate::data::{DataError, export, labels};
use std::ops::ControlFlow;

const ROWS: &str = "
CREATE TABLE teams (id INTEGER PRIMARY KEY, title VARCHAR(20), region VARCHAR(9));
CREATE TABLE staff (id INTEGER PRIMARY KEY, name VARCHAR(20), region VARCHAR(9), pay INTEGER,
    code VARCHAR(9) UNIQUE, team_id INTEGER REFERENCES teams (id));
INSERT INTO teams VALUES (1, 'Red', 'emea'), (2, 'Blue', 'apac');
INSERT INTO staff VALUES (1, 'Ann', 'emea', 100, 'c1', 1), (2, 'Bob', 'emea', 200, 'c2', 2),
    (3, 'Cid', 'apac', 300, 'c3', 1), (4, 'Dan', 'apac', NULL, 'c4', NULL),
    (5, 'Eve', 'us', 500, 'c5', 2);";

/// Pay in emea, everything else except pay in emea and apac, nothing in us.
fn split() -> [crate::config::GrantConfig; 2] {
    [
        grant("staff", "view export").rows("region=eq:emea"),
        grant("staff", "view export")
            .hiding("pay")
            .rows("region=in:apac,emea"),
    ]
}

fn asked(bench: &Bench, filter: &str, order: &str, search: &str) -> PageQuery {
    let staff = bench.resource("staff");
    PageQuery {
        filter: match filter {
            "" => Filter::everything(),
            text => bench::filter(&staff, text),
        },
        sort: sort(&staff, order),
        search: search.to_owned(),
        ..query(50)
    }
}

#[test]
fn a_cell_is_read_only_where_one_grant_covers_row_and_column() {
    on_every_database(ROWS, |bench| {
        let permit = bench.permit::<View>(&split(), "staff");
        let staff = bench.resource("staff");
        let rows = read(&mut bench.conn, &permit, &query(50)).rows;
        assert_eq!(texts(&staff, &rows, "name"), ["Ann", "Bob", "Cid", "Dan"]);
        assert_eq!(
            texts(&staff, &rows, "pay"),
            ["100", "200", "(hidden)", "(hidden)"]
        );
        let row = bench.find(&permit, "3");
        assert_eq!(row.get(staff.index_of("pay").unwrap()), None);
        let key = bench.key(&staff, "5");
        let out = crate::data::find::by_key(&mut bench.conn, &permit, &key, &[]);
        assert!(matches!(out, Err(DataError::Missing)));
    });
}

#[test]
fn filters_orders_and_searches_keep_to_the_cells_that_may_be_read() {
    on_every_database(ROWS, |bench| {
        let mut staff = Resource::clone(&bench.resource("staff"));
        staff.search = vec![1, 3];
        let teams = Resource::clone(&bench.resource("teams"));
        bench.catalog = std::sync::Arc::new(crate::catalog::Catalog::new([staff, teams]));
        let permit = bench.permit::<View>(&split(), "staff");
        let staff = bench.resource("staff");
        for (filter, order, search, names) in [
            ("pay=gt:0", "", "", "Ann Bob"),
            ("pay=ne:100", "", "", "Bob"),
            ("pay=null", "", "", ""),
            ("pay=nin:100", "", "", "Bob"),
            ("", "-pay", "", "Bob Ann"),
            ("", "", "=300", ""),
            ("", "", "a", "Ann Dan"),
            ("region=eq:us", "", "", ""),
            ("name=ne:Ann", "", "", "Bob Cid Dan"),
        ] {
            let asked = asked(bench, filter, order, search);
            let rows = read(&mut bench.conn, &permit, &asked).rows;
            let found = texts(&staff, &rows, "name").join(" ");
            assert_eq!(found, names, "{filter} {order} {search}");
        }
        let any = Filter::Any(vec![
            bench::filter(&staff, "pay=eq:300"),
            bench::filter(&staff, "name=eq:Dan"),
        ]);
        let either = PageQuery {
            filter: any,
            ..query(5)
        };
        let rows = read(&mut bench.conn, &permit, &either).rows;
        assert_eq!(texts(&staff, &rows, "name"), ["Dan"]);
    });
}

const BARE: &str = "
CREATE TABLE bare (name VARCHAR(20), region VARCHAR(9), pay INTEGER);
INSERT INTO bare VALUES ('Ann', 'emea', 1), ('Ann', 'apac', 3), ('Ann', 'apac', 2), ('Cid', 'apac', 4);";

#[test]
fn an_order_that_nobody_asked_for_uses_no_cell_that_is_hidden_in_some_rows() {
    on_every_database(&format!("{ROWS}{BARE}"), |bench| {
        // The default order of the table.
        let mut staff = Resource::clone(&bench.resource("staff"));
        staff.sort = sort(&staff, "-pay");
        let bare = Resource::clone(&bench.resource("bare"));
        bench.catalog = std::sync::Arc::new(crate::catalog::Catalog::new([staff, bare]));
        let permit = bench.permit::<View>(&split(), "staff");
        let staff = bench.resource("staff");
        let rows = read(&mut bench.conn, &permit, &query(50)).rows;
        assert_eq!(texts(&staff, &rows, "name"), ["Ann", "Bob", "Cid", "Dan"]);
        // The columns that settle the order of rows without a key.
        let grants = split().map(|grant| crate::config::GrantConfig {
            on: vec!["bare".to_owned()],
            ..grant
        });
        let permit = bench.permit::<View>(&grants, "bare");
        let bare = bench.resource("bare");
        let asked = PageQuery {
            sort: sort(&bare, "name"),
            ..query(50)
        };
        let rows = read(&mut bench.conn, &permit, &asked).rows;
        assert_eq!(texts(&bare, &rows, "name"), ["Ann", "Ann", "Ann", "Cid"]);
        assert_eq!(
            texts(&bare, &rows, "region"),
            ["apac", "apac", "emea", "apac"]
        );
    });
}

#[test]
fn a_hidden_column_is_one_that_does_not_exist() {
    on_every_database(ROWS, |bench| {
        let hidden = [grant("staff", "view export").hiding("pay")];
        let permit = bench.permit::<View>(&hidden, "staff");
        let staff = bench.resource("staff");
        for (filter, order) in [("pay=eq:100", ""), ("pay=null", ""), ("", "-pay")] {
            let asked = asked(bench, filter, order, "");
            let refused = page::read(&mut bench.conn, &permit, &asked, &[]);
            assert!(
                matches!(&refused, Err(DataError::Filter(FilterError::Column(c))) if c == "pay"),
                "{refused:?}"
            );
        }
        let rows = read(&mut bench.conn, &permit, &query(9)).rows;
        assert!(texts(&staff, &rows, "pay").iter().all(|t| t == "(hidden)"));
        // A row rule may test a hidden column; a default order by it is skipped.
        let ruled = [grant("staff", "view").hiding("pay").rows("pay=ge:300")];
        let mut resource = Resource::clone(&staff);
        resource.sort = sort(&staff, "-pay");
        bench.catalog = std::sync::Arc::new(crate::catalog::Catalog::new([resource]));
        let permit = bench.permit::<View>(&ruled, "staff");
        let rows = read(&mut bench.conn, &permit, &query(9)).rows;
        assert_eq!(texts(&staff, &rows, "name"), ["Cid", "Eve"]);
    });
}

#[test]
fn labels_and_pick_lists_keep_to_the_rows_in_reach() {
    on_every_database(ROWS, |bench| {
        let ruled = [grant("teams", "view").rows("region=eq:emea")];
        let permit = bench.permit::<View>(&ruled, "teams");
        let asked = [1, 2, 3, 1].map(Value::Int).to_vec();
        let found = labels::of_values(&mut bench.conn, &permit, 0, asked.clone()).unwrap();
        assert_eq!(found.count(), 1);
        assert_eq!(found.get(Kind::Int, &Value::Int(1)).unwrap().text, "Red");
        let picked = labels::lookup(&mut bench.conn, &permit, 0, "", 9).unwrap();
        assert_eq!(picked.len(), 1);
        let none = labels::lookup(&mut bench.conn, &permit, 0, "blue", 9).unwrap();
        assert!(none.is_empty());
        let reach = |bench: &mut Bench, permit, column, value| {
            labels::is_reachable(&mut bench.conn, permit, &[(column, value)]).unwrap()
        };
        assert!(reach(bench, &permit, 0, Value::Int(1)));
        assert!(!reach(bench, &permit, 0, Value::Int(2)));
        assert!(!reach(bench, &permit, 0, Value::Int(3)));
        // An invisible label is not shown, and cannot be guessed by filters.
        let nameless = [grant("teams", "view").hiding("title")];
        let permit = bench.permit::<View>(&nameless, "teams");
        let found = labels::of_values(&mut bench.conn, &permit, 0, asked).unwrap();
        assert_eq!(found.get(Kind::Int, &Value::Int(2)).unwrap().text, "Team 2");
        assert!(!reach(bench, &permit, 1, Value::Text("Blue".into())));
        assert!(
            labels::lookup(&mut bench.conn, &permit, 0, "blue", 9)
                .unwrap()
                .is_empty()
        );
        let many = (0..1_300).map(Value::Int);
        let found = labels::of_values(&mut bench.conn, &permit, 0, many).unwrap();
        assert_eq!(found.count(), 2);
    });
}

#[test]
fn an_export_needs_both_grants_for_every_cell_and_can_be_stopped() {
    on_every_database(ROWS, |bench| {
        let staff = bench.resource("staff");
        let pay = staff.index_of("pay").unwrap();
        let grants = [
            grant("staff", "view").rows("region=in:emea,apac"),
            grant("staff", "export")
                .hiding("pay")
                .rows("region=in:apac,us"),
            grant("staff", "export").rows("name=eq:Cid"),
        ];
        let permit = bench.permit::<Export>(&grants, "staff");
        let columns = export::columns(&permit);
        assert!(columns.contains(&pay));
        let mut rows = Vec::new();
        let mut keep = |row| {
            rows.push(row);
            ControlFlow::Continue(())
        };
        let all = query(1);
        export::each(&mut bench.conn, &permit, &all, &columns, 99, &mut keep).unwrap();
        assert_eq!(texts(&staff, &rows, "name"), ["Cid", "Dan"]);
        assert_eq!(texts(&staff, &rows, "pay"), ["300", "(hidden)"]);
        let permit = bench.full::<Export>("staff");
        let mut seen = 0;
        let mut stop = |_| {
            seen += 1;
            if seen == 2 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        export::each(&mut bench.conn, &permit, &all, &columns, 99, &mut stop).unwrap();
        assert_eq!(seen, 2);
        // The connection is usable again immediately.
        assert_eq!(bench.number("SELECT count(*) AS n FROM staff"), 5);
        let mut counted = 0;
        let mut count = |_| {
            counted += 1;
            ControlFlow::Continue(())
        };
        export::each(&mut bench.conn, &permit, &all, &columns, 3, &mut count).unwrap();
        assert_eq!(counted, 3);
    });
}
