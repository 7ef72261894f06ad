//! Columns of referenced rows, and rows that reference others. Each value, order and count must be
//! what one grant covers at every step.

use super::random::{Known, Plain};
use super::*;
use crate::access::{Policy, View};
use crate::catalog::filter::Many;
use crate::data::related::Children;
use crate::data::{Cursor, Path, facets};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use std::collections::BTreeMap;

const ROWS: &str = "
CREATE TABLE areas (id INTEGER PRIMARY KEY, name VARCHAR(20));
CREATE TABLE teams (id INTEGER PRIMARY KEY, title VARCHAR(20), area_id INTEGER REFERENCES areas (id));
CREATE TABLE staff (id INTEGER PRIMARY KEY, name VARCHAR(20), pay INTEGER,
    team_id INTEGER REFERENCES teams (id), boss_id INTEGER REFERENCES staff (id));
INSERT INTO areas VALUES (1, 'North'), (2, 'O''Brien; --'), (3, NULL);
INSERT INTO teams VALUES (1, 'Red', 1), (2, 'Blue', 2), (3, 'Grey', NULL), (4, '50%_', 3);
INSERT INTO staff VALUES (1, 'Ann', 100, 1, NULL), (2, 'Bob', 200, 2, 1), (3, 'Cid', 300, 3, 1),
    (4, 'Dan', NULL, NULL, 2), (5, 'Eve', 500, 4, 4), (6, 'Fay', 600, 1, 6);";

struct Asked<'b> {
    bench: &'b mut Bench,
    policy: Policy,
    table: &'static str,
}

impl Asked<'_> {
    fn permit(&self) -> Permit<View> {
        self.policy.permit(&bench::person(), self.table).unwrap()
    }

    fn path(&self, name: &str) -> Option<Path> {
        let person = bench::person();
        let others = |name: &str| self.policy.permit::<View>(&person, name).ok();
        Path::of(&self.permit(), name, &others)
    }

    fn passing(&mut self, name: &str, test: &str) -> String {
        let path = self.path(name).expect(name);
        let op = test.split(':').next().unwrap();
        let op = crate::catalog::Op::named(op).unwrap();
        let values =
            crate::catalog::filter::split_operand(op, test.split_once(':').map_or("", |it| it.1));
        let found = Filter::build(path.column(), &path.field, op, &values).unwrap();
        self.ids(path.passing(found))
    }

    fn has(&mut self, name: &str, many: Many) -> String {
        let person = bench::person();
        let others = |name: &str| self.policy.permit::<View>(&person, name).ok();
        let children = Children::of(&self.permit(), &others, name).unwrap();
        self.ids(children.filter(many))
    }

    fn ids(&mut self, filter: Filter) -> String {
        let permit = self.permit();
        let asked = PageQuery {
            filter,
            ..query(50)
        };
        let rows = read(&mut self.bench.conn, &permit, &asked).rows;
        texts(permit.resource(), &rows, "id").join("")
    }

    /// The values of a path, in the order of another one, read in pages of that size.
    fn walked(&mut self, name: &str, order: &str, size: u32) -> (Vec<String>, Vec<String>) {
        let permit = self.permit();
        let resource = permit.resource().clone();
        let paths = vec![
            self.path(name).unwrap(),
            self.path(order.trim_start_matches('-')).unwrap(),
        ];
        let start = resource.fields.len();
        let mut asked = PageQuery {
            sort: vec![Sort {
                column: start + 1,
                descending: order.starts_with('-'),
            }],
            paths,
            ..query(size)
        };
        let (mut ids, mut values) = (Vec::new(), Vec::new());
        for _ in 0..40 {
            let page = page::read(&mut self.bench.conn, &permit, &asked, &[start]).unwrap();
            ids.extend(texts(&resource, &page.rows, "id"));
            values.extend(page.rows.iter().map(|row| match row.get(start) {
                None => "(hidden)".to_owned(),
                Some(Value::Null) => "NULL".to_owned(),
                Some(value) => value.to_string(),
            }));
            let Some(next) = page.next else {
                return (ids, values);
            };
            asked.position = Position::After(Cursor::decode(&next.encode()).unwrap());
        }
        panic!("{name} {order} does not end");
    }
}

fn asked<'b>(
    bench: &'b mut Bench,
    grants: &[crate::config::GrantConfig],
    table: &'static str,
) -> Asked<'b> {
    let policy = bench.policy(grants);
    Asked {
        bench,
        policy,
        table,
    }
}

#[test]
fn paths_are_filtered_sorted_and_read_over_up_to_three_keys() {
    on_every_database(ROWS, |bench| {
        let mut it = asked(bench, &[grant("*", "view")], "staff");
        for (path, test, ids) in [
            ("team_id.title", "eq:Red", "16"),
            ("team_id.title", "ne:Red", "235"),
            ("team_id.title", "in:Red,Blue", "126"),
            ("team_id.title", "contains:%", "5"),
            ("team_id.title", "null", ""),
            ("team_id.area_id.name", "eq:O'Brien; --", "2"),
            ("team_id.area_id.name", "null", "5"),
            ("team_id.area_id.name", "nstarts:n", "25"),
            ("boss_id.name", "eq:Ann", "23"),
            ("boss_id.boss_id.name", "eq:Ann", "4"),
            ("boss_id.team_id.area_id.name", "eq:North", "236"),
            ("boss_id.pay", "gt:100", "46"),
            ("boss_id.pay", "nbetween:150,250", "2356"),
        ] {
            assert_eq!(it.passing(path, test), ids, "{path} {test}");
        }
        for none in [
            "team_id.nope",
            "nope.title",
            "team_id",
            "team_id.",
            ".title",
            "name.title",
            "boss_id.boss_id.boss_id.boss_id.name",
            "team_id.title.x",
            "",
        ] {
            assert!(it.path(none).is_none(), "{none}");
        }
        let label = it.path("team_id.area_id.name").unwrap().field.label;
        assert_eq!(label, "Team: Area: Name");
        for order in [
            "team_id.area_id.name",
            "-team_id.area_id.name",
            "boss_id.name",
            "-boss_id.pay",
        ] {
            let whole = it.walked("team_id.title", order, 50);
            assert_eq!(whole.0.len(), 6, "{order}");
            for size in [1, 2, 4] {
                assert_eq!(
                    it.walked("team_id.title", order, size),
                    whole,
                    "{order} {size}"
                );
            }
        }
        let (ids, values) = it.walked("team_id.title", "boss_id.name", 50);
        let by_id: BTreeMap<String, String> = ids.into_iter().zip(values).collect();
        let values: Vec<&str> = by_id.values().map(String::as_str).collect();
        assert_eq!(values, ["Red", "Blue", "Grey", "NULL", "50%_", "Red"]);
    });
}

#[test]
fn rows_that_point_here_are_counted() {
    on_every_database(ROWS, |bench| {
        let mut it = asked(bench, &[grant("*", "view")], "teams");
        for (many, ids) in [
            (Many::ANY, "1234"),
            (Many::NONE, ""),
            (Many::AtLeast(2), "1"),
            (Many::AtMost(1), "234"),
            (Many::AtLeast(0), "1234"),
            (Many::AtMost(u32::MAX), "1234"),
            (Many::AtLeast(u32::MAX), ""),
        ] {
            assert_eq!(it.has("staff", many), ids, "{many:?}");
            assert_eq!(it.has("staff.team_id", many), ids, "{many:?}");
        }
        let mut it = asked(it.bench, &[grant("*", "view")], "staff");
        assert_eq!(it.has("staff", Many::ANY), "1246");
        assert_eq!(it.has("staff", Many::NONE), "35");
        assert_eq!(it.has("staff", Many::AtLeast(2)), "1");
        assert_eq!(it.has("staff", Many::AtMost(1)), "23456");
        // Only visible rows count.
        let some = [
            grant("teams", "view"),
            grant("staff", "view").rows("pay=gt:150"),
        ];
        let mut it = asked(it.bench, &some, "teams");
        assert_eq!(it.has("staff", Many::AtLeast(2)), "");
        assert_eq!(it.has("staff", Many::ANY), "1234");
        let others = |_: &str| None::<Permit<View>>;
        assert!(Children::of(&it.permit(), &others, "staff").is_err());
        let hiding = [
            grant("teams", "view"),
            grant("staff", "view").hiding("team_id"),
        ];
        let it = asked(it.bench, &hiding, "teams");
        let person = bench::person();
        let others = |name: &str| it.policy.permit::<View>(&person, name).ok();
        assert!(Children::of(&it.permit(), &others, "staff").is_err());
    });
}

#[test]
fn the_commonest_values_are_told_apart_exactly_on_every_kind() {
    on_every_database(ROWS, |bench| {
        bench.run("UPDATE staff SET name = 'ann' WHERE id > 4");
        let permit = bench.full::<View>("staff");
        let told = |bench: &mut Bench, asked: &PageQuery, column| {
            let (found, of) =
                facets::of_column(&mut bench.conn, &permit, asked, column, 20).unwrap();
            let sum: u64 = found.iter().map(|it| it.count).sum();
            assert_eq!(of, crate::data::Count::Exact(sum));
            let texts = found.iter().map(|it| format!("{} {}", it.value, it.count));
            texts.collect::<Vec<_>>()
        };
        let names = told(bench, &query(9), 1);
        assert_eq!(names[0], "ann 2");
        assert_eq!(names.len(), 5);
        for column in 0..permit.resource().fields.len() {
            told(bench, &query(9), column);
        }
        let person = bench::person();
        let policy = bench.policy(&[grant("*", "view")]);
        let others = |name: &str| policy.permit::<View>(&person, name).ok();
        let path = Path::of(&permit, "team_id.title", &others).unwrap();
        let asked = PageQuery {
            paths: vec![path],
            ..query(9)
        };
        let titles = told(bench, &asked, permit.resource().fields.len());
        assert_eq!(titles[0], "Red 2");
        assert_eq!(titles.len(), 4);
    });
}

/// What a row shows for a path from `u` over `c` to a column of `t`: nothing, NULL, or a value.
fn shown(
    (on_t, on_u): (&[Known], &[Known]),
    t: &[Plain],
    row: &Plain,
    column: usize,
) -> Option<Option<i64>> {
    let sees = |grants: &[Known], row: &Plain, column| {
        let mut viewing = grants.iter().filter(|grant| grant.gives("view"));
        viewing.any(|grant| grant.covers(row, column))
    };
    if !sees(on_u, row, 3) {
        return None;
    }
    let Some(key) = row[3] else { return Some(None) };
    let target = t.iter().find(|target| target[0] == Some(key))?;
    (sees(on_t, target, 0) && sees(on_t, target, column)).then(|| target[column])
}

#[test]
fn no_path_tells_what_no_single_grant_covers_at_every_step() {
    let sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, c INTEGER);
        CREATE TABLE u (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, c INTEGER REFERENCES t (id));";
    let rounds = |bench: &mut Bench, rounds: u64| {
        let mut tested = 0;
        for seed in 0..rounds {
            let random = &mut StdRng::seed_from_u64(seed);
            let cell = |random: &mut StdRng| random.gen_bool(0.8).then(|| random.gen_range(0..3));
            let t: Vec<Plain> = (0..random.gen_range(1..5))
                .map(|id| [Some(id), cell(random), cell(random), cell(random)])
                .collect();
            let ids: Vec<i64> = t.iter().filter_map(|row| row[0]).collect();
            let u: Vec<Plain> = (0..random.gen_range(1..8))
                .map(|id| {
                    let key = ids
                        .choose(random)
                        .copied()
                        .filter(|_| random.gen_bool(0.85));
                    [Some(id), cell(random), cell(random), key]
                })
                .collect();
            bench.run("DELETE FROM u");
            bench.run("DELETE FROM t");
            for (table, rows) in [("t", &t), ("u", &u)] {
                for row in rows {
                    let cells = row.map(|cell| cell.map_or("NULL".into(), |cell| cell.to_string()));
                    bench.run(&format!(
                        "INSERT INTO {table} VALUES ({})",
                        cells.join(", ")
                    ));
                }
            }
            let some = |random: &mut StdRng| -> Vec<Known> {
                (0..random.gen_range(1..4))
                    .map(|_| Known::random(random))
                    .collect()
            };
            let (on_t, on_u) = (some(random), some(random));
            let mut grants: Vec<_> = on_t.iter().map(|grant| grant.config_on("t")).collect();
            grants.extend(on_u.iter().map(|grant| grant.config_on("u")));
            let policy = bench.policy(&grants);
            let person = bench::person();
            let others = |name: &str| policy.permit::<View>(&person, name).ok();
            let reached = |grants: &[Known], row: &Plain| {
                grants
                    .iter()
                    .any(|grant| grant.gives("view") && grant.covers_row(row))
            };
            if let Some(permit) = others("u") {
                for column in 1..4 {
                    let known = (on_t.as_slice(), on_u.as_slice());
                    let expected: BTreeMap<i64, Option<Option<i64>>> = u
                        .iter()
                        .filter(|row| reached(&on_u, row))
                        .map(|row| (row[0].unwrap(), shown(known, &t, row, column)))
                        .collect();
                    let name = ["id", "a", "b", "c"][column];
                    let Some(path) = Path::of(&permit, &format!("c.{name}"), &others) else {
                        assert!(
                            expected.values().all(|cell| cell.flatten().is_none()),
                            "{seed}"
                        );
                        continue;
                    };
                    tested += 1;
                    let ids = |rows: &[Row]| -> Vec<i64> {
                        rows.iter()
                            .map(|row| match row.get(0) {
                                Some(Value::Int(id)) => *id,
                                other => panic!("{other:?}"),
                            })
                            .collect()
                    };
                    let start = permit.resource().fields.len();
                    let mut asked = PageQuery {
                        paths: vec![path.clone()],
                        ..query(50)
                    };
                    let page = page::read(&mut bench.conn, &permit, &asked, &[start]).unwrap();
                    let cells = page.rows.iter().map(|row| match row.get(start) {
                        None => None,
                        Some(Value::Int(value)) => Some(Some(*value)),
                        Some(_) => Some(None),
                    });
                    let found: BTreeMap<_, _> = ids(&page.rows).into_iter().zip(cells).collect();
                    assert_eq!(found, expected, "{seed} {name} {on_t:?} {on_u:?}");
                    for value in 0..3 {
                        let test = Filter::build(
                            column,
                            &path.field,
                            crate::catalog::Op::Eq,
                            &[value.to_string()],
                        );
                        let filter = path.passing(test.unwrap());
                        let asked = PageQuery {
                            filter,
                            ..query(50)
                        };
                        let rows = read(&mut bench.conn, &permit, &asked).rows;
                        let wanted: Vec<i64> = expected
                            .iter()
                            .filter(|(_, cell)| **cell == Some(Some(value)))
                            .map(|(id, _)| *id)
                            .collect();
                        assert_eq!(ids(&rows), wanted, "{seed} {name}={value}");
                    }
                    // In an order by the path, invisible values sort as NULL.
                    asked.sort = vec![Sort {
                        column: start,
                        descending: seed % 2 == 0,
                    }];
                    let whole = page::read(&mut bench.conn, &permit, &asked, &[start]).unwrap();
                    let whole = ids(&whole.rows);
                    let sorted: Vec<i64> = whole
                        .iter()
                        .filter_map(|id| expected[id].flatten())
                        .collect();
                    let mut right = sorted.clone();
                    right.sort_unstable();
                    if seed % 2 == 0 {
                        right.reverse();
                    }
                    assert_eq!(sorted, right, "{seed} {name}");
                    asked.size = 1;
                    let mut walked = Vec::new();
                    for _ in 0..=whole.len() {
                        let page = page::read(&mut bench.conn, &permit, &asked, &[]).unwrap();
                        walked.extend(ids(&page.rows));
                        let Some(next) = page.next else { break };
                        asked.position = Position::After(next);
                    }
                    assert_eq!(walked, whole, "{seed} {name}");
                }
            }
            let Some(permit) = others("t") else { continue };
            let Ok(children) = Children::of(&permit, &others, "u") else {
                continue;
            };
            let count = |row: &Plain| {
                let pointing = u.iter().filter(|child| child[3] == row[0]);
                let seen = pointing.filter(|child| {
                    on_u.iter()
                        .any(|grant| grant.gives("view") && grant.covers(child, 3))
                });
                seen.count()
            };
            for (many, passes) in [
                (Many::ANY, (|count| count > 0) as fn(usize) -> bool),
                (Many::NONE, |count| count == 0),
                (Many::AtLeast(2), |count| count >= 2),
                (Many::AtMost(1), |count| count <= 1),
            ] {
                let asked = PageQuery {
                    filter: children.filter(many),
                    ..query(50)
                };
                let rows = read(&mut bench.conn, &permit, &asked).rows;
                let found = texts(permit.resource(), &rows, "id").join("");
                let wanted = t
                    .iter()
                    .filter(|row| reached(&on_t, row) && passes(count(row)));
                let wanted: Vec<String> = wanted.map(|row| row[0].unwrap().to_string()).collect();
                assert_eq!(found, wanted.join(""), "{seed} {many:?}");
            }
        }
        assert!(tested > rounds as usize, "{tested}");
    };
    on_every_database(sql, |bench| {
        let many = matches!(bench.conn, AnyConnection::Sqlite(_));
        rounds(bench, if many { 200 } else { 25 });
    });
}
