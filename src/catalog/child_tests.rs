#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::catalog::Catalog;
use crate::config::ResourceConfig;
use diesel::connection::{Connection, SimpleConnection};

const TABLES: &str = "
    CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE b (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE lines (a_id INT REFERENCES a, n INT, text TEXT, PRIMARY KEY (a_id, n));
    CREATE TABLE ties (a_id INT REFERENCES a, b_id INT REFERENCES b, PRIMARY KEY (a_id, b_id));
    CREATE TABLE rich (a_id INT REFERENCES a, b_id INT REFERENCES b, grade INT, PRIMARY KEY (a_id, b_id));
    CREATE TABLE stamped (a_id INT REFERENCES a, b_id INT REFERENCES b, at TEXT DEFAULT 'now',
                          PRIMARY KEY (a_id, b_id));
    CREATE TABLE half (a_id INT PRIMARY KEY REFERENCES a, more TEXT);
    CREATE TABLE apart (id INTEGER PRIMARY KEY, a_id INT REFERENCES a, other_id INT REFERENCES a);
    CREATE TABLE loose (id INTEGER PRIMARY KEY, a_id INT REFERENCES a, b_id INT REFERENCES b);";

fn catalog(toml: &str) -> Result<Catalog, Vec<String>> {
    let mut conn = diesel::SqliteConnection::establish(":memory:").unwrap();
    conn.batch_execute(TABLES).unwrap();
    let schema = crate::data::schema::read_sqlite(&mut conn).unwrap();
    let settings: BTreeMap<String, ResourceConfig> = toml::from_str(toml).unwrap();
    let catalog = Catalog::of(&schema, &settings);
    catalog.map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn edited(toml: &str) -> Vec<(String, Edited)> {
    let catalog = catalog(toml).unwrap();
    let children = &catalog.get("a").unwrap().children;
    let mut all: Vec<_> = children
        .iter()
        .filter(|child| child.edited != Edited::Apart)
        .map(|child| (child.name.clone(), child.edited))
        .collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    all
}

fn named(all: &[(&str, Edited)]) -> Vec<(String, Edited)> {
    all.iter()
        .map(|(name, edited)| ((*name).to_owned(), *edited))
        .collect()
}

#[test]
fn rows_that_exist_only_as_parts_are_found_by_their_key() {
    assert_eq!(
        edited(""),
        named(&[
            ("lines", Edited::Lines),
            ("rich", Edited::Lines),
            ("stamped", Edited::Tokens),
            ("ties", Edited::Tokens),
        ])
    );
}

#[test]
fn configuration_chooses_others() {
    assert_eq!(
        edited("[a]\nchildren = [\"apart.other_id\"]\nmany = [\"loose\"]"),
        named(&[("apart.other_id", Edited::Lines), ("loose", Edited::Tokens)])
    );
    assert_eq!(edited("[a]\nchildren = []\nmany = []"), []);
    assert_eq!(
        edited("[a]\nmany = [\"rich\"]"),
        named(&[("lines", Edited::Lines), ("rich", Edited::Lines)])
    );
}

#[test]
fn what_does_not_fit_is_told() {
    let told = |toml: &str| match catalog(toml) {
        Err(errors) => errors.join("\n"),
        Ok(_) => panic!("{toml} is taken"),
    };
    let text = told("[a]\nchildren = [\"line\"]");
    assert!(
        text.contains("resources.a.children") && text.contains("lines"),
        "{text}"
    );
    let text = told("[a]\nchildren = [\"apart\"]");
    assert!(
        text.contains("apart.a_id") && text.contains("apart.other_id"),
        "{text}"
    );
    let text = told("[a]\nmany = [\"lines\"]");
    assert!(text.contains("list it under children"), "{text}");
    let text = told("[a]\nform = [\"nam\", \"id\", \"id\"]");
    assert!(text.contains("name") && text.contains("twice"), "{text}");
}

#[test]
fn a_form_is_arranged() {
    let catalog = catalog(
        "[apart]\nform = [[\"a_id\", \"id\"], { section = \"Rest\", fields = [\"other_id\"] }]",
    )
    .unwrap();
    let form = &catalog.get("apart").unwrap().form;
    let rows: Vec<_> = form
        .iter()
        .map(|it| (it.heading.as_deref(), it.rows.clone()))
        .collect();
    assert_eq!(
        rows,
        [(None, vec![vec![1, 0]]), (Some("Rest"), vec![vec![2]])]
    );
}
