#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions
)]

use std::sync::OnceLock;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use sha2::{Digest, Sha256};

use super::{CompanyError, create, exists};

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Nullable<Text>)]
    answer: Option<String>,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    answer: i64,
}

/// One company for all tests that only read it.
fn company() -> SqliteConnection {
    static MADE: OnceLock<tempfile::TempDir> = OnceLock::new();
    let dir = MADE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        create(&dir.path().join("company.sqlite")).unwrap();
        dir
    });
    let path = dir.path().join("company.sqlite");
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    // The last process to close the file locks it briefly.
    conn.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
    conn
}

fn number(sql: &str) -> i64 {
    let row: Number = diesel::sql_query(format!("SELECT ({sql}) AS answer"))
        .get_result(&mut company())
        .unwrap();
    row.answer
}

fn texts(conn: &mut SqliteConnection, sql: &str) -> Vec<String> {
    let rows: Vec<Answer> = diesel::sql_query(sql).load(conn).unwrap();
    rows.into_iter()
        .map(|row| row.answer.unwrap_or_default())
        .collect()
}

#[test]
fn there_is_as_much_of_everything_as_promised() {
    for (table, least, most) in [
        ("departments", 12, 12),
        ("employees", 400, 400),
        ("customers", 8_200, 8_200),
        ("products", 600, 600),
        ("orders", 50_000, 50_000),
        ("order_items", 105_000, 115_000),
        ("tags", 24, 24),
        ("product_tags", 500, 2_500),
        ("documents", 40, 40),
        ("settings", 30, 30),
        ("monthly_sales", 59, 59),
    ] {
        let count = number(&format!("SELECT count(*) FROM {table}"));
        assert!((least..=most).contains(&count), "{table} has {count} rows");
    }
}

#[test]
fn totals_are_the_sums_of_the_items() {
    let wrong = number(
        "SELECT count(*) FROM orders o LEFT JOIN (SELECT order_id, sum(quantity * CAST(round(unit_price * 100) AS INTEGER)) AS cents
         FROM order_items GROUP BY order_id) i ON i.order_id = o.id
         WHERE i.cents IS NULL OR i.cents <> CAST(round(o.total * 100) AS INTEGER)",
    );
    assert_eq!(wrong, 0);
}

#[test]
fn the_file_is_sound() {
    let mut conn = company();
    assert_eq!(
        texts(
            &mut conn,
            "SELECT integrity_check AS answer FROM pragma_integrity_check"
        ),
        ["ok"]
    );
    assert_eq!(
        texts(
            &mut conn,
            "SELECT \"table\" AS answer FROM pragma_foreign_key_check"
        ),
        [""; 0]
    );
    assert_eq!(
        texts(
            &mut conn,
            "SELECT journal_mode AS answer FROM pragma_journal_mode"
        ),
        ["wal"]
    );
    assert!(number("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'orders'") > 0);
}

#[test]
fn every_foreign_key_leads_an_index() {
    let bare = texts(
        &mut company(),
        "SELECT m.name || '.' || f.\"from\" AS answer FROM sqlite_schema m, pragma_foreign_key_list(m.name) f
         WHERE m.type = 'table' AND NOT EXISTS (SELECT 1 FROM pragma_index_list(m.name) l, pragma_index_info(l.name) i
         WHERE i.seqno = 0 AND i.name = f.\"from\")",
    );
    assert_eq!(bare, [""; 0]);
}

#[test]
fn dates_make_sense() {
    let placed = "SELECT count(*) FROM orders a JOIN orders b ON b.id = a.id + 1 WHERE b.placed_at < a.placed_at";
    assert_eq!(number(placed), 0);
    assert_eq!(
        number("SELECT max(placed_at) LIKE '2026-11-20 %' FROM orders"),
        1
    );
    assert_eq!(
        number("SELECT count(*) FROM orders WHERE ship_by <= date(placed_at)"),
        0
    );
    assert_eq!(
        number(
            "SELECT count(*) FROM orders WHERE status IN ('paid', 'shipped', 'delivered') AND ship_by IS NULL"
        ),
        0
    );
    assert_eq!(
        number(
            "SELECT count(*) FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.created_at > o.placed_at"
        ),
        0
    );
    assert_eq!(
        number(
            "SELECT count(*) FROM orders o JOIN employees e ON e.id = o.employee_id WHERE e.hired_on > date(o.placed_at)"
        ),
        0
    );
    assert_eq!(number("SELECT count(DISTINCT status) FROM orders"), 6);
}

#[test]
fn people_stand_in_one_tree() {
    let reached = number(
        "WITH RECURSIVE tree(id) AS (SELECT id FROM employees WHERE manager_id IS NULL
         UNION SELECT e.id FROM employees e JOIN tree t ON e.manager_id = t.id) SELECT count(*) FROM tree",
    );
    assert_eq!(reached, 400);
    let strangers = "SELECT count(*) FROM departments d JOIN employees e ON e.id = d.head_id WHERE e.department_id <> d.id";
    assert_eq!(number(strangers), 0);
    assert_eq!(
        number(
            "SELECT count(*) FROM employees WHERE email IN ('alice@example.com', 'bob@example.com')"
        ),
        2
    );
}

#[test]
fn values_are_stored_as_their_types_say() {
    assert_eq!(
        number(
            "SELECT count(*) FROM customers WHERE email GLOB '*[^ -~]*' OR email NOT GLOB '?*@?*.example'"
        ),
        0
    );
    assert_eq!(
        number(
            "SELECT count(*) FROM settings WHERE token IS NOT NULL AND token NOT GLOB '????????-????-4???-[89ab]???-????????????'"
        ),
        0
    );
    assert_eq!(
        number(
            "SELECT count(*) FROM settings WHERE runs_at IS NOT NULL AND time(runs_at) IS NOT runs_at"
        ),
        0
    );
    assert_eq!(
        number(
            "SELECT count(*) FROM settings WHERE key LIKE '%/%' AND key LIKE '%,%' AND key LIKE '%\\%%' ESCAPE '\\'"
        ),
        1
    );
    assert_eq!(
        number("SELECT count(*) FROM documents WHERE size <> length(content)"),
        0
    );
    assert_eq!(
        number("SELECT count(*) FROM orders WHERE total < 0 OR margin > total"),
        0
    );
}

#[test]
fn the_company_is_the_same_every_time() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (dir.path().join("one.sqlite"), dir.path().join("two.sqlite"));
    create(&one).unwrap();
    create(&two).unwrap();
    let digest = |path: &std::path::Path| Sha256::digest(std::fs::read(path).unwrap());
    assert_eq!(digest(&one), digest(&two));

    let mut conn = SqliteConnection::establish(one.to_str().unwrap()).unwrap();
    let mut hash = Sha256::new();
    for sql in [
        "SELECT number || status || total || coalesce(ship_by, '') AS answer FROM orders ORDER BY id",
        "SELECT name || email || city || credit_limit AS answer FROM customers ORDER BY id",
        "SELECT name || salary || hired_on AS answer FROM employees ORDER BY id",
        "SELECT name || description || price AS answer FROM products ORDER BY id",
        "SELECT hex(content) AS answer FROM documents ORDER BY id",
    ] {
        texts(&mut conn, sql)
            .iter()
            .for_each(|text| hash.update(text));
    }
    let hash: String = hash
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    // Change this only together with the sample company: screenshots and figures depend on it.
    assert_eq!(hash, "033acc5300f0ff7b");
}

#[test]
fn nothing_is_overwritten_and_nothing_left_behind() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("company.sqlite");
    assert!(!exists(&path));
    std::fs::write(&path, "mine").unwrap();
    assert!(matches!(create(&path), Err(CompanyError::Exists(_))));
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");

    std::fs::remove_file(&path).unwrap();
    let abandoned = std::fs::File::create(dir.path().join("company.sqlite.1.making")).unwrap();
    let hour_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    abandoned.set_modified(hour_ago).unwrap();
    create(&path).unwrap();
    assert!(exists(&path));
    let names: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["company.sqlite"]);

    let nowhere = dir.path().join("missing").join("company.sqlite");
    assert!(create(&nowhere).is_err());
}
