//! The sample company, created once: as a SQLite file, and as databases of PostgreSQL and MariaDB
//! with their own types.

use super::database::{folder, url_of};
#[cfg(feature = "mysql")]
use bailiwick::store::mysql::MysqlConnection;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use std::path::Path;
use std::sync::OnceLock;

/// Enough orders for several pages, few enough to copy for each test.
const ORDERS: u32 = 2_000;

/// Columns by table, with their conversion.
const TABLES: [(&str, &[(&str, As)]); 10] = [
    (
        "departments",
        &[
            ("id", As::Is),
            ("name", As::Is),
            ("code", As::Is),
            ("budget", As::Is),
            ("location", As::Is),
            ("head_id", As::Is),
        ],
    ),
    (
        "employees",
        &[
            ("id", As::Is),
            ("name", As::Is),
            ("email", As::Is),
            ("title", As::Is),
            ("salary", As::Is),
            ("department_id", As::Is),
            ("manager_id", As::Is),
            ("hired_on", As::Is),
            ("active", As::Bool),
            ("phone", As::Is),
        ],
    ),
    (
        "customers",
        &[
            ("id", As::Is),
            ("name", As::Is),
            ("email", As::Is),
            ("region", As::Is),
            ("city", As::Is),
            ("country", As::Is),
            ("credit_limit", As::Is),
            ("vip", As::Bool),
            ("website", As::Is),
            ("notes", As::Is),
            ("created_at", As::Is),
        ],
    ),
    (
        "products",
        &[
            ("id", As::Is),
            ("sku", As::Is),
            ("name", As::Is),
            ("category", As::Is),
            ("description", As::Is),
            ("price", As::Is),
            ("weight_kg", As::Is),
            ("stock", As::Is),
            ("discontinued", As::Bool),
            ("released_on", As::Is),
        ],
    ),
    (
        "orders",
        &[
            ("id", As::Is),
            ("number", As::Is),
            ("customer_id", As::Is),
            ("employee_id", As::Is),
            ("status", As::Is),
            ("placed_at", As::Is),
            ("ship_by", As::Is),
            ("express", As::Bool),
            ("total", As::Is),
            ("margin", As::Is),
            ("notes", As::Is),
        ],
    ),
    (
        "order_items",
        &[
            ("order_id", As::Is),
            ("line_no", As::Is),
            ("product_id", As::Is),
            ("quantity", As::Is),
            ("unit_price", As::Is),
        ],
    ),
    (
        "tags",
        &[("id", As::Is), ("name", As::Is), ("colour", As::Is)],
    ),
    (
        "product_tags",
        &[("product_id", As::Is), ("tag_id", As::Is)],
    ),
    (
        "documents",
        &[
            ("id", As::Is),
            ("title", As::Is),
            ("media_type", As::Is),
            ("content", As::Bytes),
            ("size", As::Is),
            ("uploaded_by", As::Is),
            ("uploaded_at", As::Is),
            ("customer_id", As::Is),
        ],
    ),
    (
        "settings",
        &[
            ("key", As::Is),
            ("value", As::Text),
            ("enabled", As::Bool),
            ("valid_from", As::Is),
            ("runs_at", As::Is),
            ("token", As::Is),
            ("description", As::Is),
            ("updated_at", As::Is),
        ],
    ),
];

/// The form of a column's values in PostgreSQL.
#[derive(Clone, Copy)]
enum As {
    Is,
    Bool,
    Bytes,
    Text,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The file that each test's database is copied from.
pub fn sqlite() -> &'static Path {
    static MADE: OnceLock<std::path::PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let file = folder().join("company.sqlite");
        bailiwick::demo::company::create(&file).unwrap();
        let mut conn = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
        conn.batch_execute(&format!(
            "PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF;
             DELETE FROM order_items WHERE order_id > {ORDERS};
             DELETE FROM orders WHERE id > {ORDERS};
             -- The oldest orders are all delivered: pages need some of each status.
             UPDATE orders SET status = CASE id % 7 WHEN 0 THEN 'draft' WHEN 1 THEN 'pending'
             WHEN 2 THEN 'paid' WHEN 3 THEN 'shipped' WHEN 4 THEN 'cancelled' ELSE status END;
             PRAGMA journal_mode = DELETE; VACUUM; ANALYZE;"
        ))
        .unwrap();
        file
    })
}

/// Creates a database with that name on MariaDB: a copy, table by table, of one with the company.
#[cfg(feature = "mysql")]
pub fn clone_mariadb(server: &str, name: &str) {
    static MADE: OnceLock<String> = OnceLock::new();
    let template = MADE.get_or_init(|| {
        let name = format!("bailiwick_test_{}", std::process::id());
        fill_mariadb(server, &name, |conn| {
            let mut from = SqliteConnection::establish(sqlite().to_str().unwrap()).unwrap();
            for (table, columns) in TABLES {
                for insert in inserts(&mut from, table, columns, "'x''' || hex({}) || ''''") {
                    conn.batch_execute(&insert).unwrap();
                }
            }
        });
        name
    });
    fill_mariadb(server, name, |conn| {
        for (table, _) in TABLES {
            let copy = format!("INSERT INTO {table} SELECT * FROM {template}.{table}");
            conn.batch_execute(&copy).unwrap();
        }
    });
}

#[cfg(feature = "mysql")]
fn fill_mariadb(server: &str, name: &str, fill: impl FnOnce(&mut MysqlConnection)) {
    let mut conn = MysqlConnection::establish(server).unwrap();
    conn.batch_execute(&format!(
        "DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name} CHARACTER SET utf8mb4"
    ))
    .unwrap();
    let mut to = MysqlConnection::establish(&url_of(server, name)).unwrap();
    to.batch_execute(include_str!("company_mariadb.sql"))
        .unwrap();
    // The foreign keys form cycles.
    to.batch_execute(
        "SET SESSION foreign_key_checks = 0, SESSION sql_mode = \
         'STRICT_ALL_TABLES,ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
    )
    .unwrap();
    fill(&mut to);
}

/// Creates a database with that name on PostgreSQL: a copy of one with the company.
pub fn clone_postgres(server: &str, name: &str) {
    static MADE: OnceLock<String> = OnceLock::new();
    let template = MADE.get_or_init(|| make_postgres(server));
    let mut conn = PgConnection::establish(server).unwrap();
    conn.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}"))
        .unwrap();
}

fn make_postgres(server: &str) -> String {
    let name = format!("bailiwick_test_{}", std::process::id());
    let mut conn = PgConnection::establish(server).unwrap();
    conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name}"))
        .unwrap();
    conn.batch_execute(&format!("CREATE DATABASE {name}"))
        .unwrap();
    let mut to = PgConnection::establish(&url_of(server, &name)).unwrap();
    to.batch_execute("SET TIME ZONE 'UTC'; SET synchronous_commit = off")
        .unwrap();
    to.batch_execute(include_str!("company.sql")).unwrap();
    let mut from = SqliteConnection::establish(sqlite().to_str().unwrap()).unwrap();
    for (table, columns) in TABLES {
        for insert in inserts(&mut from, table, columns, "'''\\x' || hex({}) || ''''") {
            to.batch_execute(&insert).unwrap();
        }
    }
    to.batch_execute(include_str!("company_after.sql")).unwrap();
    name
}

/// A table's rows as statements; `bytes` writes bytes as a literal.
fn inserts(
    from: &mut SqliteConnection,
    table: &str,
    columns: &[(&str, As)],
    bytes: &str,
) -> Vec<String> {
    let names: Vec<String> = columns
        .iter()
        .map(|(name, _)| format!("\"{name}\""))
        .collect();
    let values: Vec<String> = columns
        .iter()
        .map(|(name, how)| match how {
            As::Is => format!("quote({name})"),
            As::Text => format!("quote(CAST({name} AS TEXT))"),
            As::Bool => {
                format!("CASE {name} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'NULL' END")
            }
            As::Bytes => bytes.replace("{}", name),
        })
        .collect();
    let sql = format!(
        "SELECT '(' || {} || ')' AS line FROM {table}",
        values.join(" || ',' || ")
    );
    let lines: Vec<Line> = diesel::sql_query(sql).load(from).unwrap();
    let insert = |some: &[Line]| {
        let rows: Vec<&str> = some.iter().map(|row| row.line.as_str()).collect();
        let (names, rows) = (names.join(", "), rows.join(","));
        format!("INSERT INTO {table} ({names}) VALUES {rows}")
    };
    lines.chunks(500).map(insert).collect()
}
