//! Random policies over small tables: no cell is read unless a single grant covers it.

use super::*;
use crate::access::{Edit, Export, Permit, View};
use crate::catalog::Op;
use crate::config::GrantConfig;
use crate::data::{Changes, DataError, Refusal, export, find, write};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

const COLUMNS: [&str; 4] = ["id", "a", "b", "c"];
const POLICIES: u64 = 300;

/// A row in the test's own model; `None` is NULL.
pub(super) type Plain = [Option<i64>; 4];

/// A grant in the test's own model.
#[derive(Debug, Clone)]
pub(super) struct Known {
    verbs: Vec<&'static str>,
    hidden: BTreeSet<usize>,
    rules: Vec<(usize, &'static str, i64)>,
}

impl Known {
    pub(super) fn random(random: &mut StdRng) -> Self {
        let rule = |random: &mut StdRng| {
            let op = ["eq", "ne", "gt", "le", "null", "notnull"]
                .choose(random)
                .unwrap();
            (random.gen_range(0..4), *op, random.gen_range(0..3))
        };
        let verbs = ["view", "edit", "export"];
        let count = random.gen_range(1..4);
        Self {
            verbs: verbs.choose_multiple(random, count).copied().collect(),
            hidden: (1..4).filter(|_| random.gen_bool(0.35)).collect(),
            rules: (0..random.gen_range(0..3)).map(|_| rule(random)).collect(),
        }
    }

    fn config(&self) -> GrantConfig {
        self.config_on("t")
    }

    pub(super) fn config_on(&self, table: &str) -> GrantConfig {
        let start = grant(table, &self.verbs.join(" "));
        let hidden = self.hidden.iter().map(|column| COLUMNS[*column]);
        let start = hidden.fold(start, GrantConfig::hiding);
        self.rules.iter().fold(start, |grant, (column, op, value)| {
            let column = COLUMNS[*column];
            match *op {
                "null" | "notnull" => grant.rows(&format!("{column}={op}")),
                _ => grant.rows(&format!("{column}={op}:{value}")),
            }
        })
    }

    pub(super) fn gives(&self, verb: &str) -> bool {
        self.verbs.contains(&verb)
    }

    pub(super) fn covers_row(&self, row: &Plain) -> bool {
        self.rules.iter().all(|(column, op, value)| {
            let cell = row[*column];
            match *op {
                "eq" => cell == Some(*value),
                "ne" => cell != Some(*value),
                "gt" => cell.is_some_and(|cell| cell > *value),
                "le" => cell.is_some_and(|cell| cell <= *value),
                "null" => cell.is_none(),
                _ => cell.is_some(),
            }
        })
    }

    pub(super) fn covers(&self, row: &Plain, column: usize) -> bool {
        !self.hidden.contains(&column) && self.covers_row(row)
    }
}

fn rows(random: &mut StdRng) -> Vec<Plain> {
    let cell = |random: &mut StdRng| match random.gen_range(0..4) {
        3 => None,
        value => Some(value),
    };
    (0..random.gen_range(0..7))
        .map(|id| [Some(id), cell(random), cell(random), cell(random)])
        .collect()
}

fn fill(bench: &mut Bench, rows: &[Plain]) {
    bench.run("DELETE FROM t");
    for row in rows {
        let cells = row.map(|cell| cell.map_or("NULL".to_owned(), |cell| cell.to_string()));
        bench.run(&format!("INSERT INTO t VALUES ({})", cells.join(", ")));
    }
}

fn id(row: &Row) -> i64 {
    match row.get(0) {
        Some(Value::Int(id)) => *id,
        other => panic!("{other:?}"),
    }
}

/// The expected cells: for each row, the columns that one grant of each verb covers.
fn expected(grants: &[Known], rows: &[Plain], verbs: &[&str]) -> BTreeMap<i64, BTreeSet<usize>> {
    let by = |verb: &&str, row: &Plain, column: Option<usize>| {
        grants.iter().any(|grant| {
            grant.gives(verb)
                && column.map_or_else(|| grant.covers_row(row), |column| grant.covers(row, column))
        })
    };
    let reached = rows
        .iter()
        .filter(|row| verbs.iter().all(|verb| by(verb, row, None)));
    reached
        .map(|row| {
            let seen =
                (0..4).filter(|column| verbs.iter().all(|verb| by(verb, row, Some(*column))));
            (row[0].unwrap(), seen.collect())
        })
        .collect()
}

fn seen(rows: &[Row], plain: &[Plain]) -> BTreeMap<i64, BTreeSet<usize>> {
    let cells = |row: &Row| {
        let truth = plain
            .iter()
            .find(|plain| plain[0] == Some(id(row)))
            .unwrap();
        row.cells()
            .map(|(column, value)| {
                let value = match value {
                    Value::Null => None,
                    Value::Int(number) => Some(*number),
                    other => panic!("{other:?}"),
                };
                assert_eq!(value, truth[column]);
                column
            })
            .collect()
    };
    rows.iter().map(|row| (id(row), cells(row))).collect()
}

/// A filter or an order finds only rows in which the column is visible.
fn asks_tell_nothing(bench: &mut Bench, permit: &Permit<View>, grants: &[Known], plain: &[Plain]) {
    let cells = expected(grants, plain, &["view"]);
    for column in 0..4 {
        let field = permit.resource().fields[column].clone();
        for (op, values) in [
            (Op::Eq, vec!["1".to_owned()]),
            (Op::Ne, vec!["1".to_owned()]),
            (Op::Null, vec![]),
        ] {
            let asked = PageQuery {
                filter: Filter::build(column, &field, op, &values).unwrap(),
                ..query(50)
            };
            check_found(bench, permit, &cells, column, &asked);
        }
        let descending = column % 2 == 0;
        let asked = PageQuery {
            sort: vec![Sort { column, descending }],
            ..query(50)
        };
        check_found(bench, permit, &cells, column, &asked);
    }
}

fn check_found(
    bench: &mut Bench,
    permit: &Permit<View>,
    cells: &BTreeMap<i64, BTreeSet<usize>>,
    column: usize,
    asked: &PageQuery,
) {
    match page::read(&mut bench.conn, permit, asked, &[]) {
        Ok(page) => {
            let found = page.rows.iter().map(id);
            for id in found {
                assert!(cells[&id].contains(&column));
            }
        }
        Err(DataError::Filter(_)) => assert!(cells.values().all(|seen| !seen.contains(&column))),
        Err(error) => panic!("{error:?}"),
    }
}

#[test]
fn no_cell_is_read_or_written_that_no_single_grant_covers() {
    let mut bench =
        Bench::sqlite("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, c INTEGER);");
    let (mut permits, mut cells) = (0, 0);
    for seed in 0..POLICIES {
        let random = &mut StdRng::seed_from_u64(seed);
        let plain = rows(random);
        fill(&mut bench, &plain);
        let grants: Vec<Known> = (0..random.gen_range(1..4))
            .map(|_| Known::random(random))
            .collect();
        let configured: Vec<GrantConfig> = grants.iter().map(Known::config).collect();
        let policy = bench.policy(&configured);
        let person = bench::person();
        if let Ok(permit) = policy.permit::<View>(&person, "t") {
            let page = read(&mut bench.conn, &permit, &query(50));
            let truth = expected(&grants, &plain, &["view"]);
            assert_eq!(seen(&page.rows, &plain), truth, "seed {seed}: {grants:?}");
            permits += 1;
            cells += truth.values().map(BTreeSet::len).sum::<usize>();
            asks_tell_nothing(&mut bench, &permit, &grants, &plain);
            for candidate in 0..9 {
                let key = bench.key(permit.resource(), &candidate.to_string());
                let found = find::by_key(&mut bench.conn, &permit, &key, &[]);
                match found {
                    Ok(_) => assert!(truth.contains_key(&candidate)),
                    // The same answer for an invisible row and for a missing one.
                    Err(DataError::Missing) => assert!(!truth.contains_key(&candidate)),
                    Err(error) => panic!("{error:?}"),
                }
            }
        } else {
            assert!(!grants.iter().any(|grant| grant.gives("view")));
        }
        if let Ok(permit) = policy.permit::<Export>(&person, "t") {
            let columns = export::columns(&permit);
            let mut out = Vec::new();
            export::each(
                &mut bench.conn,
                &permit,
                &query(1),
                &columns,
                99,
                &mut |row| {
                    out.push(row);
                    ControlFlow::Continue(())
                },
            )
            .unwrap();
            let truth = expected(&grants, &plain, &["view", "export"]);
            assert_eq!(seen(&out, &plain), truth, "seed {seed}: {grants:?}");
        }
        if let Ok(permit) = policy.permit::<Edit>(&person, "t") {
            writes(&mut bench, &policy, &permit, &grants, &plain, random);
        }
    }
    assert!(permits > 150 && cells > 800, "{permits} {cells}");
}

/// An edit succeeds only if grants of `edit` and of `view` cover row and column, before and after.
fn writes(
    bench: &mut Bench,
    policy: &crate::access::Policy,
    permit: &Permit<Edit>,
    grants: &[Known],
    plain: &[Plain],
    random: &mut StdRng,
) {
    let Some(old) = plain.choose(random) else {
        return;
    };
    let column = random.gen_range(1..4);
    let mut new = *old;
    new[column] = Some(random.gen_range(0..3));
    if new == *old {
        return;
    }
    let covered = |row: &Plain| {
        let by = |verb: &str| {
            grants
                .iter()
                .any(|g| g.gives(verb) && g.covers(row, column))
        };
        by("view") && by("edit")
    };
    let key = bench.key(permit.resource(), &old[0].unwrap().to_string());
    let digest = find::by_key(&mut bench.conn, permit, &key, &[]).map(|row| row.digest());
    let changes = Changes::from([(column, Value::Int(new[column].unwrap()))]);
    let outcome = bench.change(policy, |conn, context| {
        let digest = digest.unwrap_or_default();
        write::update(conn, permit, &key, &digest, &changes, context)
    });
    let is_made = outcome.is_ok();
    assert_eq!(
        is_made,
        covered(old) && covered(&new),
        "{outcome:?} {grants:?} {old:?} {new:?}"
    );
    let known = matches!(
        outcome,
        Ok(_) | Err(Refusal::Column(_) | Refusal::OutOfReach | Refusal::Data(DataError::Missing))
    );
    assert!(known, "{outcome:?}");
    let kept = if is_made { new } else { *old };
    let cell = kept[column].map_or("IS NULL".to_owned(), |cell| format!("= {cell}"));
    let sql = format!(
        "SELECT count(*) AS n FROM t WHERE id = {} AND {} {cell}",
        kept[0].unwrap(),
        COLUMNS[column]
    );
    assert_eq!(bench.number(&sql), 1);
}
