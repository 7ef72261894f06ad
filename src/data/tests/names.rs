//! Names that would end a statement if inserted without quoting.

use super::*;
use crate::access::{Create, Delete, Edit, Export, View};
use crate::data::{count, export, labels, write};
use bench::given;
use std::ops::ControlFlow;

const ROWS: &str = r#"
CREATE TABLE "order; DROP TABLE x --" (
    "select" INTEGER PRIMARY KEY, "a ""b"" `c`" VARCHAR(20), "case" INTEGER, "it's" VARCHAR(9),
    "Größe %" NUMERIC(5,1), "from" INTEGER REFERENCES "order; DROP TABLE x --" ("select"));
INSERT INTO "order; DROP TABLE x --" VALUES (1, 'x', 3, 'q''', 2.5, NULL), (2, 'y', 1, '--', 1, 1);
"#;

#[test]
fn any_name_is_only_a_name() {
    on_every_database(ROWS, |bench| {
        let name = "order; DROP TABLE x --";
        let resource = bench.resource(name);
        let permit = bench.full::<View>(name);
        for field in &resource.fields {
            for direction in ["", "-"] {
                let mut asked = query(1);
                asked.sort = sort(&resource, &format!("{direction}{}", field.name));
                asked.filter = bench::filter(&resource, &format!("{}=notnull", field.name));
                let page = read(&mut bench.conn, &permit, &asked);
                assert_eq!(page.rows.len(), 1);
                if let Some(next) = page.next {
                    asked.position = Position::After(next);
                    assert_eq!(read(&mut bench.conn, &permit, &asked).rows.len(), 1);
                }
                count::of_query(&mut bench.conn, &permit, &asked).unwrap();
            }
        }
        let ordered = PageQuery {
            sort: sort(&resource, "-case"),
            ..query(9)
        };
        let rows = read(&mut bench.conn, &permit, &ordered).rows;
        assert_eq!(texts(&resource, &rows, "select"), ["1", "2"]);
        let masked = [
            grant("*", "view").rows("Größe %=gt:2"),
            grant("*", "view").hiding("case").hiding("a \"b\" `c`"),
        ];
        let only = crate::catalog::Catalog::new([Resource::clone(&resource)]);
        bench.catalog = std::sync::Arc::new(only);
        let permit = bench.permit::<View>(&masked, name);
        let rows = read(&mut bench.conn, &permit, &query(9)).rows;
        assert_eq!(texts(&resource, &rows, "case"), ["3", "(hidden)"]);
        labels::of_values(&mut bench.conn, &permit, 0, vec![Value::Int(1)]).unwrap();
    });
}

#[test]
fn any_name_can_be_written_to() {
    on_every_database(ROWS, |bench| {
        let name = "order; DROP TABLE x --";
        let resource = bench.resource(name);
        let policy = bench.policy(&[grant("*", "view create edit delete export")]);
        let values = [
            ("select", "3"),
            ("a \"b\" `c`", "');--"),
            ("case", "5"),
            ("from", "1"),
        ];
        let values = given(&resource, &values);
        let permit = policy.permit::<Create>(&bench::person(), name).unwrap();
        bench
            .change(&policy, |conn, context| {
                write::create(conn, &permit, &values, context)
            })
            .unwrap();
        let permit = policy.permit::<Edit>(&bench::person(), name).unwrap();
        let key = bench.key(&resource, "3");
        let seen = bench.find(&permit, "3").digest();
        let values = given(
            &resource,
            &[("it's", "x"), ("Größe %", "9.9"), ("case", "7")],
        );
        bench
            .change(&policy, |conn, context| {
                write::update(conn, &permit, &key, &seen, &values, context)
            })
            .unwrap();
        let export = policy.permit::<Export>(&bench::person(), name).unwrap();
        let columns = export::columns(&export);
        let mut rows = Vec::new();
        export::each(
            &mut bench.conn,
            &export,
            &query(1),
            &columns,
            9,
            &mut |row| {
                rows.push(row);
                ControlFlow::Continue(())
            },
        )
        .unwrap();
        assert_eq!(texts(&resource, &rows, "it's"), ["q'", "--", "x"]);
        assert_eq!(texts(&resource, &rows, "a \"b\" `c`"), ["x", "y", "');--"]);
        let permit = policy.permit::<Delete>(&bench::person(), name).unwrap();
        bench
            .change(&policy, |conn, context| {
                write::delete(conn, &permit, &key, None, context)
            })
            .unwrap();
    });
}
