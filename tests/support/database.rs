//! A test's own database, with direct access to it.

use super::company;
use bailiwick::secret::Secret;
use bailiwick::store::Target;
#[cfg(feature = "mysql")]
use bailiwick::store::mysql::MysqlConnection;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

static NUMBER: AtomicUsize = AtomicUsize::new(0);

/// A test's own database; it is removed when this is dropped.
pub enum Database {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A database on the server in `BAILIWICK_TEST_POSTGRES`.
    Postgres {
        /// The server.
        server: String,
        /// The database.
        name: String,
    },
    /// A database on the server in `BAILIWICK_TEST_MARIADB`.
    #[cfg(feature = "mysql")]
    Mariadb {
        /// The server.
        server: String,
        /// The database.
        name: String,
    },
}

/// A server that tests run on.
enum Server {
    Postgres(String),
    #[cfg(feature = "mysql")]
    Mariadb(String),
}

/// An open transaction, rolled back when dropped.
pub struct Held(#[expect(dead_code, reason = "kept open")] Open);

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Nullable<Text>)]
    answer: Option<String>,
}

enum Open {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
    #[cfg(feature = "mysql")]
    Mariadb(MysqlConnection),
}

/// The server for the tests, if any; PostgreSQL if both are set.
fn server() -> Option<Server> {
    let postgres = std::env::var("BAILIWICK_TEST_POSTGRES").ok();
    let server = postgres.map(Server::Postgres);
    #[cfg(feature = "mysql")]
    let server = server.or_else(|| {
        std::env::var("BAILIWICK_TEST_MARIADB")
            .ok()
            .map(Server::Mariadb)
    });
    assert!(
        server.is_some() || !super::is_demanding(),
        "BAILIWICK_TEST_POSTGRES is not set"
    );
    server
}

/// The pooler in front of that server, if tests use one.
pub fn pooler() -> Option<String> {
    let pooler = std::env::var("BAILIWICK_TEST_PGBOUNCER").ok();
    assert!(
        pooler.is_some() || !super::is_demanding(),
        "BAILIWICK_TEST_PGBOUNCER is not set"
    );
    pooler.filter(|_| server().is_some())
}

/// The folder for the files of this process.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let all = Path::new(env!("CARGO_TARGET_TMPDIR"));
        remove_old(all);
        let own = all.join(format!("panel-{}", std::process::id()));
        std::fs::create_dir_all(&own).unwrap();
        own
    })
}

/// Removes what shared panels of earlier runs have left.
fn remove_old(all: &Path) {
    let Ok(entries) = std::fs::read_dir(all) else {
        return;
    };
    for entry in entries.flatten() {
        let age = entry.metadata().and_then(|data| data.modified());
        let age = age.ok().and_then(|time| time.elapsed().ok());
        let is_ours = entry.file_name().to_string_lossy().starts_with("panel-");
        if is_ours && age.is_some_and(|age| age.as_secs() > 900) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

impl Database {
    /// The sample company, with fewer orders.
    pub fn company() -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let Some(server) = server() else {
            let file = folder().join(format!("{number}.sqlite"));
            std::fs::copy(company::sqlite(), &file).unwrap();
            return Self::Sqlite(file);
        };
        let name = format!("bailiwick_test_{}_{number}", std::process::id());
        match server {
            Server::Postgres(server) => {
                company::clone_postgres(&server, &name);
                Self::Postgres { server, name }
            }
            #[cfg(feature = "mysql")]
            Server::Mariadb(server) => {
                company::clone_mariadb(&server, &name);
                Self::Mariadb { server, name }
            }
        }
    }

    /// The same database, for another panel.
    pub fn again(&self) -> Self {
        match self {
            Self::Sqlite(file) => Self::Sqlite(file.clone()),
            Self::Postgres { server, name } => Self::Postgres {
                server: server.clone(),
                name: name.clone(),
            },
            #[cfg(feature = "mysql")]
            Self::Mariadb { server, name } => Self::Mariadb {
                server: server.clone(),
                name: name.clone(),
            },
        }
    }

    /// The value of `database.url`.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(file) => file.display().to_string(),
            Self::Postgres { server, name } => url_of(server, name),
            #[cfg(feature = "mysql")]
            Self::Mariadb { server, name } => url_of(server, name),
        }
    }

    /// The name of an account that owns nothing.
    pub fn account(&self) -> String {
        match self {
            Self::Sqlite(_) => String::new(),
            Self::Postgres { name, .. } => format!("{name}_app"),
            #[cfg(feature = "mysql")]
            Self::Mariadb { name, .. } => format!("{name}_app"),
        }
    }

    /// Creates that account with all privileges on existing tables. SQLite has no accounts.
    pub fn make_account(&self) {
        let account = self.account();
        match self {
            Self::Sqlite(_) => {}
            Self::Postgres { .. } => self.execute(&format!(
                "CREATE ROLE {account} LOGIN PASSWORD 'app';
                 GRANT CREATE, USAGE ON SCHEMA public TO {account};
                 GRANT ALL ON ALL TABLES IN SCHEMA public TO {account};
                 GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {account}"
            )),
            #[cfg(feature = "mysql")]
            Self::Mariadb { name, .. } => self.execute(&format!(
                "CREATE USER {account} IDENTIFIED BY 'app'; GRANT ALL ON {name}.* TO {account}"
            )),
        }
    }

    /// The value of `database.url` for that account.
    pub fn account_url(&self) -> String {
        let mut url = match self {
            Self::Sqlite(_) => return self.url(),
            Self::Postgres { .. } => url::Url::parse(&self.url()).unwrap(),
            #[cfg(feature = "mysql")]
            Self::Mariadb { .. } => url::Url::parse(&self.url()).unwrap(),
        };
        url.set_username(&self.account()).unwrap();
        url.set_password(Some("app")).unwrap();
        url.to_string()
    }

    /// The same, for the panel's own connections.
    pub fn target(&self) -> Target {
        match self {
            Self::Sqlite(file) => Target::Sqlite(file.clone()),
            Self::Postgres { .. } => Target::Postgres(Secret::new(self.url())),
            #[cfg(feature = "mysql")]
            Self::Mariadb { .. } => Target::Mysql(Secret::new(self.url())),
        }
    }

    /// The same through that pooler.
    pub fn url_through(&self, pooler: &str) -> String {
        match self {
            Self::Sqlite(_) => panic!("a file has no pooler"),
            Self::Postgres { name, .. } => url_of(pooler, name),
            #[cfg(feature = "mysql")]
            Self::Mariadb { .. } => panic!("the pooler is PostgreSQL's"),
        }
    }

    /// Whether this is SQLite.
    pub fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// Whether this is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres { .. })
    }

    fn open(&self) -> Open {
        match self {
            Self::Sqlite(_) => {
                let mut conn = SqliteConnection::establish(&self.url()).unwrap();
                conn.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
                Open::Sqlite(conn)
            }
            Self::Postgres { .. } => {
                let mut conn = PgConnection::establish(&self.url()).unwrap();
                conn.batch_execute("SET TIME ZONE 'UTC'").unwrap();
                Open::Postgres(conn)
            }
            // SQL is interpreted as on the other two.
            #[cfg(feature = "mysql")]
            Self::Mariadb { .. } => {
                let mut conn = MysqlConnection::establish(&self.url()).unwrap();
                conn.batch_execute(
                    "SET SESSION time_zone = '+00:00', \
                     SESSION max_recursive_iterations = 10000000, SESSION sql_mode = \
                     'STRICT_ALL_TABLES,ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES'",
                )
                .unwrap();
                Open::Mariadb(conn)
            }
        }
    }

    /// Runs statements.
    pub fn execute(&self, sql: &str) {
        let done = match self.open() {
            Open::Sqlite(mut conn) => conn.batch_execute(sql),
            Open::Postgres(mut conn) => conn.batch_execute(sql),
            #[cfg(feature = "mysql")]
            Open::Mariadb(mut conn) => conn.batch_execute(sql),
        };
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The first column of a query, as text.
    pub fn texts(&self, sql: &str) -> Vec<Option<String>> {
        let text = match self {
            Self::Sqlite(_) | Self::Postgres { .. } => "TEXT",
            #[cfg(feature = "mysql")]
            Self::Mariadb { .. } => "CHAR",
        };
        let sql = sql.replace("AS TEXT)", &format!("AS {text})"));
        #[cfg(feature = "mysql")]
        let sql = match self {
            // Without LIMIT, the order inside WITH is not kept.
            Self::Mariadb { .. } if sql.contains("ORDER BY") && !sql.contains("LIMIT") => {
                format!("{sql} LIMIT 1000000")
            }
            _ => sql,
        };
        let sql =
            format!("WITH x(answer) AS ({sql}) SELECT CAST(answer AS {text}) AS answer FROM x");
        let query = diesel::sql_query(sql.as_str());
        let rows: QueryResult<Vec<Found>> = match self.open() {
            Open::Sqlite(mut conn) => query.load(&mut conn),
            Open::Postgres(mut conn) => query.load(&mut conn),
            #[cfg(feature = "mysql")]
            Open::Mariadb(mut conn) => query.load(&mut conn),
        };
        let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows.into_iter().map(|row| row.answer).collect()
    }

    /// The single value of a query, as text; panics if there is no row.
    pub fn text(&self, sql: &str) -> Option<String> {
        let rows = self.texts(sql);
        assert!(!rows.is_empty(), "no row: {sql}");
        rows.into_iter().next().flatten()
    }

    /// The single number of a query.
    pub fn number(&self, sql: &str) -> i64 {
        let text = self.text(sql).unwrap();
        text.parse().unwrap_or_else(|_| panic!("{sql}: {text}"))
    }

    /// Runs a statement in a transaction that stays open until the returned value is dropped.
    pub fn hold(&self, sql: &str) -> Held {
        let mut open = self.open();
        match &mut open {
            Open::Sqlite(conn) => conn.batch_execute(&format!("BEGIN IMMEDIATE; {sql}")),
            Open::Postgres(conn) => conn.batch_execute(&format!("BEGIN; {sql}")),
            #[cfg(feature = "mysql")]
            Open::Mariadb(conn) => conn.batch_execute(&format!("BEGIN; {sql}")),
        }
        .unwrap();
        Held(open)
    }

    /// Makes a database unavailable to its users.
    pub fn disappear(&self) {
        match self {
            Self::Sqlite(_) => panic!("a file cannot be taken away from those who have it open"),
            Self::Postgres { server, name } => {
                let mut conn = PgConnection::establish(server).unwrap();
                conn.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"))
            }
            #[cfg(feature = "mysql")]
            Self::Mariadb { server, name } => {
                let mut conn = MysqlConnection::establish(server).unwrap();
                conn.batch_execute(&format!("DROP DATABASE {name}"))
            }
        }
        .unwrap();
    }

    /// The statement that refreshes the planner's statistics of orders.
    fn analyze(&self) -> &'static str {
        match self {
            Self::Sqlite(_) | Self::Postgres { .. } => "ANALYZE",
            #[cfg(feature = "mysql")]
            Self::Mariadb { .. } => "ANALYZE TABLE orders",
        }
    }

    /// Adds orders until there are this many.
    pub fn grow_orders(&self, count: i64) {
        let there = self.number("SELECT count(*) FROM orders");
        self.execute(&format!(
            "INSERT INTO orders (number, customer_id, employee_id, placed_at, total)
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})
             SELECT 'XX-' || i, 1 + i % 200, 1 + i % 50, '2020-01-02 03:04:05', 10 FROM n; {}",
            count - there,
            self.analyze(),
        ));
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        match self {
            Self::Sqlite(file) => {
                for end in ["", "-wal", "-shm"] {
                    let _ = std::fs::remove_file(format!("{}{end}", file.display()));
                }
            }
            Self::Postgres { server, name } => {
                if let Ok(mut conn) = PgConnection::establish(server) {
                    let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                    let _ = conn.batch_execute(&drop);
                    let _ = conn.batch_execute(&format!("DROP ROLE IF EXISTS {name}_app"));
                }
            }
            #[cfg(feature = "mysql")]
            Self::Mariadb { server, name } => {
                if let Ok(mut conn) = MysqlConnection::establish(server) {
                    let _ = conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name}"));
                    let _ = conn.batch_execute(&format!("DROP USER IF EXISTS {name}_app"));
                }
            }
        }
    }
}

/// The server's URL with another database.
pub fn url_of(server: &str, name: &str) -> String {
    let mut url = url::Url::parse(server).unwrap();
    url.set_path(&format!("/{name}"));
    url.to_string()
}
