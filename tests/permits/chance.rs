//! Random roles on a small table, through the whole panel. No cell is shown that no single grant
//! covers, and an invisible row gets the response of a missing one.

use crate::support::{Answer, Client, TestApp};
use bailiwick::demo::provider::{Person, demo_people};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};

const COLUMNS: [&str; 4] = ["id", "a", "b", "c"];
const GRANTS: usize = 24;
const PEOPLE: usize = 24;
const ROWS: i64 = 8;
const SEED: u64 = 20_261_123;
/// A key that no row has.
const NONE: i64 = 77;

/// A row in the test's own model; `None` is NULL.
type Plain = [Option<i64>; 4];

/// A role with one grant, in the test's own model.
#[derive(Debug, Clone)]
struct Known {
    verbs: Vec<&'static str>,
    hidden: BTreeSet<usize>,
    rules: Vec<(usize, &'static str, i64)>,
}

impl Known {
    fn random(random: &mut StdRng) -> Self {
        let ops = ["eq", "ne", "gt", "le", "null", "notnull"];
        let verbs = ["view", "edit", "export", "delete", "history"];
        let count = random.gen_range(1..4);
        let mut verbs: Vec<&str> = verbs.choose_multiple(random, count).copied().collect();
        if random.gen_bool(0.6) && !verbs.contains(&"view") {
            verbs.push("view");
        }
        let rules = random.gen_range(0..3);
        Self {
            verbs,
            hidden: (1..4).filter(|_| random.gen_bool(0.35)).collect(),
            rules: (0..rules)
                .map(|_| {
                    let op = ops.choose(random).unwrap();
                    (random.gen_range(0..4), *op, random.gen_range(0..3))
                })
                .collect(),
        }
    }

    fn toml(&self, number: usize) -> String {
        let list = |texts: Vec<String>| {
            let quoted: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
            quoted.join(", ")
        };
        let rules = self.rules.iter().map(|(column, op, value)| match *op {
            "null" | "notnull" => format!("{}={op}", COLUMNS[*column]),
            _ => format!("{}={op}:{value}", COLUMNS[*column]),
        });
        format!(
            "[roles.r{number}]\ngroups = [\"g{number}\"]\n[[roles.r{number}.grants]]\n\
             on = [\"t\"]\nmay = [{}]\nhide = [{}]\nrows = [{}]\n",
            list(self.verbs.iter().map(|verb| (*verb).to_owned()).collect()),
            list(
                self.hidden
                    .iter()
                    .map(|at| COLUMNS[*at].to_owned())
                    .collect()
            ),
            list(rules.collect()),
        )
    }

    fn covers_row(&self, row: &Plain) -> bool {
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

    fn covers(&self, row: &Plain, column: usize) -> bool {
        !self.hidden.contains(&column) && self.covers_row(row)
    }
}

/// Someone with some of the roles.
struct Someone {
    name: String,
    grants: Vec<Known>,
    numbers: Vec<usize>,
}

impl Someone {
    fn has(&self, verb: &str) -> bool {
        self.grants.iter().any(|grant| grant.verbs.contains(&verb))
    }

    /// The expected cells: for each row, the columns that one grant of each verb covers.
    fn sees(&self, rows: &[Plain], verbs: &[&str]) -> BTreeMap<i64, BTreeSet<usize>> {
        let by = |verb: &str, row: &Plain, column: usize| {
            let grants = self.grants.iter();
            let mut giving = grants.filter(|grant| grant.verbs.contains(&verb));
            giving.any(|grant| grant.covers(row, column))
        };
        // No grant hides the key, so a covered row always shows its key.
        let reached = rows
            .iter()
            .filter(|row| verbs.iter().all(|verb| by(verb, row, 0)));
        reached
            .map(|row| {
                let seen = (0..4).filter(|at| verbs.iter().all(|verb| by(verb, row, *at)));
                (row[0].unwrap(), seen.collect())
            })
            .collect()
    }
}

fn rows(random: &mut StdRng) -> Vec<Plain> {
    let cell = |random: &mut StdRng| match random.gen_range(0..4) {
        3 => None,
        value => Some(value),
    };
    (0..ROWS)
        .map(|id| [Some(id), cell(random), cell(random), cell(random)])
        .collect()
}

fn sql(rows: &[Plain]) -> String {
    let mut sql =
        String::from("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, c INTEGER);");
    for row in rows {
        let cells = row.map(|cell| cell.map_or("NULL".to_owned(), |cell| cell.to_string()));
        sql += &format!("INSERT INTO t VALUES ({});", cells.join(", "));
    }
    sql
}

/// Cells of rows as JSON: each must be correct, and visible to the person.
fn check_cells(
    rows: &[serde_json::Value],
    plain: &[Plain],
    truth: &BTreeMap<i64, BTreeSet<usize>>,
    case: &str,
) {
    let mut found = BTreeMap::new();
    for row in rows {
        let id = row["id"].as_i64().unwrap();
        let real = plain.iter().find(|plain| plain[0] == Some(id)).unwrap();
        let cells = row.as_object().unwrap().iter();
        let cells = cells.map(|(name, value)| {
            let at = COLUMNS.iter().position(|column| column == name).unwrap();
            assert_eq!(value.as_i64(), real[at], "{case}: {row}");
            at
        });
        found.insert(id, cells.collect::<BTreeSet<usize>>());
    }
    assert_eq!(&found, truth, "{case}");
}

/// A response without its request id and the requested key.
fn plain_text(answer: &Answer, key: i64) -> String {
    let text = if answer.header("content-type").starts_with("text/html") {
        answer.text_without_chance()
    } else {
        let problem = answer.json();
        let reference = problem["request_id"].as_str().unwrap();
        answer.text().replace(reference, "REFERENCE")
    };
    text.replace(&format!("/row/{key}"), "/row/KEY")
}

async fn check_lists(client: &Client, someone: &Someone, plain: &[Plain], case: &str) {
    let truth = someone.sees(plain, &["view"]);
    let list = client.json("/admin/data/t?size=50").await;
    check_cells(list["rows"].as_array().unwrap(), plain, &truth, case);
    assert_eq!(list["count"]["value"], truth.len(), "{case}");
    for (at, column) in COLUMNS.iter().enumerate() {
        for query in [
            format!("f.{column}=eq:1"),
            format!("f.{column}=ne:1"),
            format!("f.{column}=null"),
            format!("sort=-{column}"),
        ] {
            let answer = client.get_json(&format!("/admin/data/t?{query}")).await;
            match answer.status {
                200 => {
                    for row in answer.json()["rows"].as_array().unwrap() {
                        let id = row["id"].as_i64().unwrap();
                        assert!(truth[&id].contains(&at), "{case}: {query}: {row}");
                    }
                }
                400 => assert!(
                    truth.values().all(|seen| !seen.contains(&at)),
                    "{case}: {query}"
                ),
                _ => panic!("{case}: {query}: {answer:?}"),
            }
        }
    }
}

async fn check_rows(client: &Client, someone: &Someone, plain: &[Plain], case: &str) -> usize {
    let mut foreign = 0;
    for (path, verbs) in [
        ("", &["view"][..]),
        ("/edit", &["view", "edit"]),
        ("/delete", &["view", "delete"]),
        ("/history", &["view", "history"]),
    ] {
        let truth = someone.sees(plain, verbs);
        let at = |key: i64| format!("/admin/data/t/row/{key}{path}");
        if !verbs.iter().all(|verb| someone.has(verb)) {
            for key in [0, NONE] {
                client.get(&at(key)).await.expect(403);
                client.get_json(&at(key)).await.expect(403);
            }
            continue;
        }
        let missing = client.get(&at(NONE)).await.expect(404);
        let missing_json = client.get_json(&at(NONE)).await.expect(404);
        for key in 0..ROWS {
            let (page, json) = (client.get(&at(key)).await, client.get_json(&at(key)).await);
            if truth.contains_key(&key) {
                assert_eq!(
                    (page.status, json.status),
                    (200, 200),
                    "{case}: {path} {key}"
                );
                if path.is_empty() {
                    let row = json.json()["row"].clone();
                    let own = BTreeMap::from([(key, truth[&key].clone())]);
                    check_cells(&[row], plain, &own, case);
                }
                continue;
            }
            if path == "/history" && json.status == 200 {
                // The row was visible when it was changed, but is not now.
                let told = json.json();
                assert_eq!(told["exists"], false, "{case}: {path} {key}");
                assert_ne!(
                    told["events"],
                    serde_json::json!([]),
                    "{case}: {path} {key}"
                );
                continue;
            }
            foreign += 1;
            assert_eq!(
                (page.status, json.status),
                (404, 404),
                "{case}: {path} {key}"
            );
            assert_eq!(plain_text(&page, key), plain_text(&missing, NONE), "{case}");
            assert_eq!(
                plain_text(&json, key),
                plain_text(&missing_json, NONE),
                "{case}"
            );
        }
    }
    foreign
}

async fn check_export(client: &Client, someone: &Someone, plain: &[Plain], case: &str) {
    let answer = client.get("/admin/data/t/export.jsonl").await;
    if !(someone.has("view") && someone.has("export")) {
        assert_eq!(answer.status, 403, "{case}: {answer:?}");
        return;
    }
    let text = answer.expect(200).text();
    let truth = someone.sees(plain, &["view", "export"]);
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), truth.len(), "{case}");
    // In a file, an invisible cell may be empty, but must not show its value.
    for line in lines {
        let id = line["id"].as_i64().unwrap();
        for (name, value) in line.as_object().unwrap() {
            let at = COLUMNS.iter().position(|column| column == name).unwrap();
            let real = plain[usize::try_from(id).unwrap()][at];
            if truth[&id].contains(&at) {
                assert_eq!(value.as_i64(), real, "{case}: {line}")
            } else {
                assert!(value.is_null(), "{case}: {line}")
            }
        }
    }
}

/// A forged form that writes one cell. It is accepted only if grants of `view` and of `edit` cover
/// row and column, before and after.
async fn check_write(
    (app, client): (&TestApp, &Client),
    someone: &Someone,
    plain: &mut [Plain],
    random: &mut StdRng,
    case: &str,
) {
    let id = random.gen_range(0..ROWS);
    let column = random.gen_range(1..4);
    let place = usize::try_from(id).unwrap();
    let (old, mut new) = (plain[place], plain[place]);
    new[column] = Some(random.gen_range(0..3));
    if new == old {
        return;
    }
    let covered = |row: &Plain| {
        let by = |verb: &str| {
            let mut grants = someone.grants.iter().filter(|g| g.verbs.contains(&verb));
            grants.any(|grant| grant.covers(row, column))
        };
        by("view") && by("edit")
    };
    let link = format!("/admin/data/t/row/{id}/edit");
    let page = client.get(&link).await;
    let form = match page.status {
        200 => page.page().form(),
        _ => {
            let fields = [("row_digest", "-"), (COLUMNS[column], "1")];
            let status = client.post_form(&link, &fields).await.status;
            assert!(matches!(status, 403 | 404), "{case}: {status}");
            return;
        }
    };
    let value = new[column].unwrap().to_string();
    let form = form.without(COLUMNS[column]).add(COLUMNS[column], &value);
    let answer = client.submit(&form).await;
    let is_covered = covered(&old) && covered(&new);
    // Fields that were not in their form may also be ignored.
    let statuses: &[u16] = if is_covered {
        &[303]
    } else {
        &[303, 403, 404, 422]
    };
    assert!(statuses.contains(&answer.status), "{case}: {answer:?}");
    let sql = format!(
        "SELECT CAST({} AS TEXT) FROM t WHERE id = {id}",
        COLUMNS[column]
    );
    let kept = if is_covered { new } else { old };
    assert_eq!(
        app.db.text(&sql),
        kept[column].map(|cell| cell.to_string()),
        "{case}"
    );
    plain[place] = kept;
}

#[tokio::test]
async fn no_cell_comes_by_any_way_that_no_single_grant_covers() {
    let random = &mut StdRng::seed_from_u64(SEED);
    let mut plain = rows(random);
    let grants: Vec<Known> = (0..GRANTS).map(|_| Known::random(random)).collect();
    let roles: String = grants
        .iter()
        .enumerate()
        .map(|(number, grant)| grant.toml(number))
        .collect();
    let some: Vec<Someone> = (0..PEOPLE)
        .map(|number| {
            let count = random.gen_range(1..4);
            let all: Vec<usize> = (0..GRANTS).collect();
            let numbers: Vec<usize> = all.choose_multiple(random, count).copied().collect();
            Someone {
                name: format!("p{number}"),
                grants: numbers.iter().map(|at| grants[*at].clone()).collect(),
                numbers,
            }
        })
        .collect();
    let mut people = demo_people();
    people.extend(some.iter().map(|someone| {
        let mut person = Person::new(&someone.name, &someone.name, "p@example.com");
        person.groups = someone.numbers.iter().map(|at| format!("g{at}")).collect();
        person
    }));
    let table = sql(&plain);
    let app = TestApp::builder()
        .people(people)
        .roles(&roles)
        .prepare(move |db| db.execute(&table))
        .start()
        .await;
    let (mut seen, mut foreign) = (0, 0);
    for someone in &some {
        let client = app.sign_in(&someone.name).await;
        let case = format!("{} with {:?}", someone.name, someone.grants);
        if someone.has("view") {
            check_lists(&client, someone, &plain, &case).await;
            seen += someone
                .sees(&plain, &["view"])
                .values()
                .map(BTreeSet::len)
                .sum::<usize>();
        } else {
            client.get("/admin/data/t").await.expect(403);
        }
        foreign += check_rows(&client, someone, &plain, &case).await;
        check_export(&client, someone, &plain, &case).await;
        check_write((&app, &client), someone, &mut plain, random, &case).await;
    }
    assert!(seen > 150 && foreign > 100, "{seen} {foreign}");
}
