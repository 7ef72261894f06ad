//! Every operator on every kind of column, patterns and searches.

use super::*;
use crate::access::View;
use crate::catalog::{FilterError, Op};
use crate::data::count::{self, Count};

const ROWS: &str = "
CREATE TABLE things (
    id {serial}, name TEXT, rank BIGINT, price NUMERIC(10,2), ratio DOUBLE PRECISION, day DATE,
    at TIMESTAMP, seen {moment}, clock TIME, good BOOLEAN, picture {blob},
    state VARCHAR(9) NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'old')));
INSERT INTO things (name, rank, price, ratio, day, at, seen, clock, good, state) VALUES
 ('Ann', 1, 10.50, 0.5, '2026-01-01', '2026-01-01 10:00:00', '2026-01-01 10:00:00', '10:00:00', true, 'new'),
 ('bob', 9223372036854775807, 9.90, 2.5, '2026-01-02', '2026-01-02 00:00:00', '2026-01-02 00:00:00', '23:59:59', false, 'old'),
 ('50%_\\x', -9223372036854775808, -1.00, -1, '2026-01-03', '2026-01-02 23:59:59', '2026-01-03 00:00:00', '00:00:00', true, 'new'),
 (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'old'),
 ('Anna Ann', 2, 10.5, 1, '2026-01-01', '2025-12-31 23:59:59', '2026-01-01 00:00:00', '10:00:00', false, 'new');
";

/// The ids of the matching rows.
fn passing(bench: &mut Bench, text: &str) -> String {
    let permit = bench.full::<View>("things");
    let things = bench.resource("things");
    let asked = PageQuery {
        filter: bench::filter(&things, text),
        ..query(50)
    };
    let rows = read(&mut bench.conn, &permit, &asked).rows;
    let counted = count::of_query(&mut bench.conn, &permit, &asked).unwrap();
    assert_eq!(counted, Count::Exact(rows.len() as u64), "{text}");
    texts(&things, &rows, "id").join("")
}

fn found(bench: &mut Bench, search: &str) -> String {
    let permit = bench.full::<View>("things");
    let things = bench.resource("things");
    let asked = PageQuery {
        search: search.to_owned(),
        ..query(50)
    };
    let rows = read(&mut bench.conn, &permit, &asked).rows;
    texts(&things, &rows, "id").join("")
}

#[test]
fn every_operator_does_what_its_name_says() {
    on_every_database(ROWS, |bench| {
        for (text, ids) in [
            ("name=eq:Ann", "1"),
            ("name=ne:Ann", "2345"),
            ("name=gt:Ann", "25"),
            ("name=in:Ann,bob", "12"),
            ("name=nin:Ann,bob", "345"),
            ("name=in:50%_\\\\x", "3"),
            ("name=contains:ann", "15"),
            ("name=ncontains:ANN", "234"),
            ("name=starts:an", "15"),
            ("name=ends:NN", "15"),
            ("name=contains:%", "3"),
            ("name=contains:_", "3"),
            ("name=contains:\\", "3"),
            ("name=contains:%_\\", "3"),
            ("name=null", "4"),
            ("name=notnull", "1235"),
            ("rank=eq:9223372036854775807", "2"),
            ("rank=lt:0", "3"),
            ("rank=eq:-9223372036854775808", "3"),
            ("rank=between:1,2", "15"),
            ("rank=in:1,2,9223372036854775807", "125"),
            ("rank=ne:1", "2345"),
            ("price=eq:10.5", "15"),
            ("price=eq:10.50", "15"),
            ("price=ge:9.90", "125"),
            ("price=between:-1,9.9", "23"),
            ("price=in:9.9,-1", "23"),
            ("price=lt:99999999999999999999", "1235"),
            ("ratio=le:0.5", "13"),
            ("ratio=eq:2.5", "2"),
            ("day=eq:2026-01-01", "15"),
            ("day=ne:2026-01-01", "234"),
            ("day=gt:2026-01-01", "23"),
            ("day=null", "4"),
            ("at=eq:2026-01-02", "23"),
            ("at=ne:2026-01-02", "145"),
            ("at=gt:2026-01-01", "23"),
            ("at=le:2026-01-01", "15"),
            ("at=ge:2026-01-02", "23"),
            ("at=lt:2026-01-02", "15"),
            ("at=between:2026-01-01,2026-01-02", "123"),
            ("at=eq:2026-01-01 10:00", "1"),
            ("seen=eq:2026-01-01", "15"),
            ("seen=ge:2026-01-02T00:00:00Z", "23"),
            ("clock=eq:10:00", "15"),
            ("clock=lt:10:00", "3"),
            ("good=eq:true", "13"),
            ("good=ne:true", "245"),
            ("good=in:true,false", "1235"),
            ("state=eq:old", "24"),
            ("state=nin:old", "135"),
            ("state=contains:L", "24"),
            ("rank=nbetween:1,2", "234"),
            ("price=nbetween:-1,9.9", "145"),
            ("ratio=nbetween:0,1", "234"),
            ("day=nbetween:2026-01-01,2026-01-02", "34"),
            ("at=nbetween:2026-01-01,2026-01-02", "45"),
            ("at=nbetween:2026-01-01 10:00,2026-01-02 00:00", "345"),
            ("seen=nbetween:2026-01-01,2026-01-02", "34"),
            ("clock=nbetween:00:00,10:00", "24"),
            ("name=nstarts:an", "234"),
            ("name=nends:NN", "234"),
            ("name=nstarts:50%", "1245"),
            // It is Friday, 2026-01-02, at noon.
            ("at=last:1d", "2"),
            ("at=last:2d", "125"),
            ("at=last:24h", "2"),
            ("at=last:1w", "125"),
            ("at=last:100y", "125"),
            ("at=next:12h", "3"),
            ("at=next:1q", "3"),
            ("at=this:day", "23"),
            ("at=this:week", "1235"),
            ("at=this:month", "123"),
            ("at=this:quarter", "123"),
            ("at=this:year", "123"),
            ("at=past", "125"),
            ("at=future", "3"),
            ("seen=last:1w", "125"),
            ("seen=next:1d", "3"),
            ("seen=this:day", "2"),
            ("seen=past:", "125"),
            ("seen=future", "3"),
            ("day=last:1d", "2"),
            ("day=last:2d", "125"),
            ("day=last:1m", "125"),
            ("day=next:2d", "23"),
            ("day=next:1y", "23"),
            ("day=this:day", "2"),
            ("day=past", "15"),
            ("day=future", "3"),
            ("picture=null", "12345"),
            ("picture=notnull", ""),
        ] {
            assert_eq!(passing(bench, text), ids, "{text}");
        }
    });
}

#[test]
fn every_operator_on_every_kind_either_works_or_is_refused() {
    on_every_database(ROWS, |bench| {
        let permit = bench.full::<View>("things");
        let things = bench.resource("things");
        let samples = [
            "1",
            "x",
            "2026-01-01",
            "true",
            "new",
            "1,2",
            "",
            "10:00",
            "a\\",
            ",",
            "1d",
            "month",
        ];
        let mut used = 0;
        for field in &things.fields {
            for op in Op::ALL {
                for sample in samples {
                    let text = format!("{}:{sample}", op.name());
                    let Ok(filter) = Filter::parse(&things, &field.name, &text) else {
                        continue;
                    };
                    let asked = PageQuery { filter, ..query(3) };
                    let page = page::read(&mut bench.conn, &permit, &asked, &[]);
                    assert!(page.is_ok(), "{} {text}: {page:?}", field.name);
                    used += 1;
                }
            }
        }
        assert!(used > 300, "{used}");
    });
}

#[test]
fn what_a_column_cannot_hold_is_refused_with_a_sentence() {
    on_every_database(ROWS, |bench| {
        let things = bench.resource("things");
        let refusal = |column: &str, text: &str| {
            let error = Filter::parse(&things, column, text).unwrap_err();
            error.to_string()
        };
        assert!(refusal("rank", "eq:x").contains("whole number"));
        assert!(refusal("rank", "eq:9223372036854775808").contains("too large"));
        assert!(refusal("name", "eq:a\0b").contains("NUL"));
        assert!(refusal("name", "contains:\0").contains("NUL"));
        assert!(refusal("day", "eq:2026-02-30").contains("YYYY-MM-DD"));
        assert!(refusal("state", "eq:nwe").contains("Did you mean"));
        assert!(refusal("state", "nin:new,x").contains("not one of"));
        assert!(refusal("good", "gt:true").contains("cannot be used"));
        assert!(refusal("picture", "eq:1").contains("cannot be used"));
        assert!(refusal("rank", "between:1").contains("two values"));
        assert!(refusal("rank", "nbetween:1").contains("two values"));
        assert!(refusal("rank", "last:1d").contains("cannot be used"));
        assert!(refusal("name", "this:day").contains("cannot be used"));
        assert!(refusal("clock", "past").contains("cannot be used"));
        assert!(refusal("day", "last:1h").contains("no hours"));
        assert!(refusal("at", "this:decade").contains("no period"));
        for span in [
            "",
            "d",
            "0d",
            "-1d",
            "+1d",
            "1.5d",
            "1x",
            "30",
            "1 d",
            "\u{661}d",
            "99999999999d",
        ] {
            let told = refusal("at", &format!("last:{span}"));
            assert!(told.contains("no length of time"), "{span}: {told}");
        }
        assert!(refusal("at", "last:9999y").contains("too long"));
        assert!(refusal("seen", "next:4000000000h").contains("too long"));
        assert!(refusal("nope", "eq:1").contains("no column"));
        assert!(refusal("rank", "like:1").contains("not an operator"));
        let many = vec!["1".to_owned(); 1_001];
        let field = things.field("rank").unwrap();
        let built = Filter::build(1, field, Op::In, &many);
        assert!(matches!(built, Err(FilterError::Count { .. })));
    });
}

#[test]
fn alternatives_and_conjunctions_nest() {
    on_every_database(ROWS, |bench| {
        let permit = bench.full::<View>("things");
        let things = bench.resource("things");
        let test = |text| bench::filter(&things, text);
        let asked = PageQuery {
            filter: Filter::All(vec![
                Filter::Any(vec![
                    test("name=eq:Ann"),
                    test("name=null"),
                    Filter::nothing(),
                ]),
                Filter::Any(vec![test("state=eq:old"), test("price=gt:10")]),
                Filter::everything(),
            ]),
            sort: sort(&things, "-id"),
            ..query(50)
        };
        let rows = read(&mut bench.conn, &permit, &asked).rows;
        assert_eq!(texts(&things, &rows, "id"), ["4", "1"]);
    });
}

#[test]
fn a_search_takes_words_phrases_beginnings_wholes_and_numbers() {
    let change = |bench: &mut Bench| {
        let mut things = Resource::clone(&bench.resource("things"));
        let columns = ["name", "state", "price"];
        things.search = columns.iter().filter_map(|c| things.index_of(c)).collect();
        bench.catalog = std::sync::Arc::new(crate::catalog::Catalog::new([things]));
    };
    on_every_database(ROWS, |bench| {
        change(bench);
        for (text, ids) in [
            ("ann", "15"),
            ("  ANN  anna ", "5"),
            ("\"anna ann\"", "5"),
            ("\"ann anna\"", ""),
            ("=Ann", "1"),
            ("=ann", ""),
            ("=old", "24"),
            ("^ann", "15"),
            ("^nn", ""),
            ("ann new", "15"),
            ("ann old", ""),
            ("4", "4"),
            ("%", "3"),
            ("_\\", "3"),
            ("=10.5", "15"),
            ("=", ""),
            ("^", ""),
            ("\"", "12345"),
            ("' OR 1=1 --", ""),
            ("1 2 3 4 5 6 7 8 9 10", ""),
            ("\0", ""),
            ("99999999999999999999999", ""),
            ("é", ""),
        ] {
            assert_eq!(found(bench, text), ids, "{text:?}");
        }
        assert_eq!(found(bench, &"x".repeat(20_000)), "");
    });
}

#[test]
fn a_search_without_searchable_columns_finds_nothing() {
    let sql = "CREATE TABLE plain (id VARCHAR(5) PRIMARY KEY, n INTEGER);
        INSERT INTO plain VALUES ('a', 1);";
    on_every_database(sql, |bench| {
        let mut plain = Resource::clone(&bench.resource("plain"));
        plain.search = Vec::new();
        bench.catalog = std::sync::Arc::new(crate::catalog::Catalog::new([plain]));
        let permit = bench.full::<View>("plain");
        let asked = PageQuery {
            search: "a".into(),
            ..query(5)
        };
        assert!(read(&mut bench.conn, &permit, &asked).rows.is_empty());
    });
}
