//! A temporary database for a test, with its catalog and permits.

use crate::access::{Assurance, Create, Delete, Denied, Edit, Permit, Person, Policy, Verb, View};
use crate::catalog::schema::Schema;
use crate::catalog::{Catalog, Filter, Key, Resource, Value, audit, build};
use crate::config::{GrantConfig, RoleConfig};
use crate::data::effects::Rights;
use crate::data::schema as schemas;
use crate::data::write::Context;
use crate::data::{Changes, Row, find};
use crate::secret::Secret;
use crate::store::audit::Actor;
#[cfg(feature = "mysql")]
use crate::store::mysql::MysqlConnection;
use crate::store::{AnyConnection, Target, migrations};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

static NUMBER: AtomicU32 = AtomicU32::new(0);

pub(super) struct Bench {
    pub(super) conn: AnyConnection,
    pub(super) catalog: Arc<Catalog>,
    pub(super) target: Target,
    _home: Home,
}

/// The location of the database, removed with the test.
enum Home {
    Folder(#[allow(dead_code)] tempfile::TempDir),
    Server {
        admin: String,
        name: String,
    },
    #[cfg(feature = "mysql")]
    Mariadb {
        admin: String,
        name: String,
    },
}

impl Drop for Home {
    fn drop(&mut self) {
        match self {
            Self::Folder(_) => {}
            Self::Server { admin, name } => {
                if let Ok(mut conn) = PgConnection::establish(admin) {
                    let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                    conn.batch_execute(&drop).ok();
                }
            }
            #[cfg(feature = "mysql")]
            Self::Mariadb { admin, name } => {
                if let Ok(mut conn) = MysqlConnection::establish(admin) {
                    conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name}"))
                        .ok();
                }
            }
        }
    }
}

/// A query that would run for hours.
const ENDLESS: &str = "WITH RECURSIVE n(i) AS \
    (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) SELECT i AS nap FROM n";

/// Runs a test on every available database. `{blob}`, `{endless}`, `{moment}` and `{serial}` stand
/// for what differs.
pub(super) fn on_every_database(sql: &str, body: impl Fn(&mut Bench)) {
    where_constraints_can_wait(sql, &body);
    #[cfg(feature = "mysql")]
    if let Some(mut bench) = Bench::mariadb(sql) {
        body(&mut bench);
    }
}

/// The same for databases with deferrable constraints.
pub(super) fn where_constraints_can_wait(sql: &str, body: impl Fn(&mut Bench)) {
    body(&mut Bench::sqlite(sql));
    if let Some(mut bench) = Bench::postgres(sql) {
        body(&mut bench);
    }
}

/// Rewrites the SQL of tests with MariaDB's types.
#[cfg(feature = "mysql")]
fn for_mariadb(sql: &str) -> String {
    let words = [
        (r"\bTIMESTAMP\b", "DATETIME(6)"),
        (r"\bTEXT\b", "VARCHAR(500)"),
        // Every session of the panel uses UTC.
        (r"\+00'", "'"),
        (r"\{blob\}", "VARBINARY(3000)"),
        (
            r"\{endless\}",
            "SELECT a.seq AS nap FROM seq_1_to_100000 AS a, seq_1_to_100000 AS b",
        ),
        (r"\{moment\}", "TIMESTAMP(6) NULL"),
        (r"\{serial\}", "INTEGER AUTO_INCREMENT PRIMARY KEY"),
    ];
    words.iter().fold(sql.to_owned(), |sql, (from, to)| {
        let from = regex_lite::Regex::new(from).unwrap();
        from.replace_all(&sql, *to).into_owned()
    })
}

/// A grant of verbs on resources.
pub(super) fn grant(on: &str, may: &str) -> GrantConfig {
    let words = |text: &str| text.split(' ').map(String::from).collect();
    GrantConfig {
        on: words(on),
        may: words(may),
        ..GrantConfig::default()
    }
}

impl Bench {
    pub(super) fn sqlite(sql: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let target = Target::Sqlite(folder.path().join("test.db"));
        let sql = sql
            .replace("{blob}", "BLOB")
            .replace("{endless}", ENDLESS)
            .replace("{moment}", "TIMESTAMPTZ")
            .replace("{serial}", "INTEGER PRIMARY KEY");
        Self::open(target, Home::Folder(folder), &sql)
    }

    pub(super) fn postgres(sql: &str) -> Option<Self> {
        let Ok(admin) = std::env::var("BAILIWICK_TEST_POSTGRES") else {
            assert!(
                std::env::var("BAILIWICK_TEST_DEMAND").as_deref() != Ok("1"),
                "BAILIWICK_TEST_POSTGRES is not set"
            );
            return None;
        };
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("bailiwick_data_{}_{number}", std::process::id());
        let mut maintenance = PgConnection::establish(&admin).unwrap();
        let create = format!("CREATE DATABASE {name}");
        maintenance.batch_execute(&create).unwrap();
        let mut url = url::Url::parse(&admin).unwrap();
        url.set_path(&name);
        let target = Target::Postgres(Secret::new(url.to_string()));
        let sql = sql
            .replace("{blob}", "bytea")
            .replace("{endless}", ENDLESS)
            .replace("{moment}", "timestamptz")
            .replace("{serial}", "serial PRIMARY KEY");
        Some(Self::open(target, Home::Server { admin, name }, &sql))
    }

    #[cfg(feature = "mysql")]
    pub(super) fn mariadb(sql: &str) -> Option<Self> {
        Self::mariadb_as_written(&for_mariadb(sql))
    }

    /// The same with SQL that is already MariaDB's own.
    #[cfg(feature = "mysql")]
    pub(super) fn mariadb_as_written(sql: &str) -> Option<Self> {
        let Ok(admin) = std::env::var("BAILIWICK_TEST_MARIADB") else {
            assert!(
                std::env::var("BAILIWICK_TEST_DEMAND").as_deref() != Ok("1"),
                "BAILIWICK_TEST_MARIADB is not set"
            );
            return None;
        };
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("bailiwick_data_{}_{number}", std::process::id());
        let mut maintenance = MysqlConnection::establish(&admin).unwrap();
        let create = format!("CREATE DATABASE {name} CHARACTER SET utf8mb4");
        maintenance.batch_execute(&create).unwrap();
        let mut url = url::Url::parse(&admin).unwrap();
        url.set_path(&name);
        let target = Target::Mysql(Secret::new(url.to_string()));
        let home = Home::Mariadb { admin, name };
        Some(Self::open(target, home, sql))
    }

    fn open(target: Target, home: Home, sql: &str) -> Self {
        let mut conn = AnyConnection::open(&target, Duration::from_secs(20)).unwrap();
        migrations::run(&mut conn).unwrap();
        in_standard_sql(&mut conn, sql);
        let catalog = Arc::new(catalog(&mut conn));
        Self {
            conn,
            catalog,
            target,
            _home: home,
        }
    }

    pub(super) fn is_sqlite(&self) -> bool {
        matches!(self.conn, AnyConnection::Sqlite(_))
    }

    pub(super) fn resource(&self, name: &str) -> Arc<Resource> {
        Arc::clone(self.catalog.get(name).expect(name))
    }

    pub(super) fn policy(&self, grants: &[GrantConfig]) -> Policy {
        let role = RoleConfig {
            groups: vec![crate::config::GroupRule::is("staff")],
            grants: grants.to_vec(),
            ..RoleConfig::default()
        };
        let roles = BTreeMap::from([("staff".to_owned(), role)]);
        Policy::new(Arc::clone(&self.catalog), &roles).unwrap()
    }

    pub(super) fn permit<V: Verb>(&self, grants: &[GrantConfig], resource: &str) -> Permit<V> {
        self.policy(grants).permit(&person(), resource).unwrap()
    }

    /// Permits `V` on every row and column.
    pub(super) fn full<V: Verb>(&self, resource: &str) -> Permit<V> {
        let all = grant("*", "view create edit delete export history");
        self.permit(&[all], resource)
    }

    pub(super) fn run(&mut self, sql: &str) {
        in_standard_sql(&mut self.conn, sql);
    }

    /// Bytes as a literal, from hexadecimal digits.
    pub(super) fn bytes(&self, digits: &str) -> String {
        match self.conn {
            AnyConnection::Sqlite(_) => format!("x'{digits}'"),
            AnyConnection::Postgres(_) => format!("'\\x{digits}'"),
            #[cfg(feature = "mysql")]
            AnyConnection::Mysql(_) => format!("x'{digits}'"),
        }
    }

    /// A number from SQL, read without the engine.
    pub(super) fn number(&mut self, sql: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Found {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            n: i64,
        }
        let found: Found = match &mut self.conn {
            AnyConnection::Sqlite(conn) => diesel::sql_query(sql).get_result(conn).unwrap(),
            AnyConnection::Postgres(conn) => diesel::sql_query(sql).get_result(conn).unwrap(),
            #[cfg(feature = "mysql")]
            AnyConnection::Mysql(conn) => diesel::sql_query(sql).get_result(conn).unwrap(),
        };
        found.n
    }

    /// The texts of a column `t`, in order, read without the engine.
    pub(super) fn column(&mut self, sql: &str) -> Vec<String> {
        #[derive(QueryableByName)]
        struct Found {
            #[diesel(sql_type = diesel::sql_types::Text)]
            t: String,
        }
        let found: Vec<Found> = match &mut self.conn {
            AnyConnection::Sqlite(conn) => diesel::sql_query(sql).load(conn).unwrap(),
            AnyConnection::Postgres(conn) => diesel::sql_query(sql).load(conn).unwrap(),
            #[cfg(feature = "mysql")]
            AnyConnection::Mysql(conn) => {
                conn.batch_execute(STANDARD_SQL).unwrap();
                let sql = sql.replace("AS TEXT)", "AS CHAR)");
                let found = diesel::sql_query(sql).load(conn).unwrap();
                conn.batch_execute(OWN_SQL).unwrap();
                found
            }
        };
        found.into_iter().map(|row| row.t).collect()
    }

    pub(super) fn find<V: Verb>(&mut self, permit: &Permit<V>, key: &str) -> Row {
        let key = self.key(permit.resource(), key);
        find::by_key(&mut self.conn, permit, &key, &[]).unwrap()
    }

    pub(super) fn key(&self, resource: &Resource, key: &str) -> Key {
        Key::decode(resource, key).unwrap()
    }

    /// Runs `f` as a change, by a person who sees what `policy` shows.
    pub(super) fn change<T, E: From<diesel::result::Error>>(
        &mut self,
        policy: &Policy,
        f: impl FnOnce(&mut AnyConnection, &Context<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let actor = actor();
        self.conn.change(|conn| {
            let context = Context {
                actor: &actor,
                now: chrono::NaiveDateTime::default(),
                rights: &Whole(policy),
                parent: None,
            };
            f(conn, &context)
        })
    }
}

#[cfg(feature = "mysql")]
const STANDARD_SQL: &str = "SET SESSION max_recursive_iterations = 10000000; \
    SET @before = @@sql_mode, SESSION sql_mode = \
    'STRICT_ALL_TABLES,ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES'";
#[cfg(feature = "mysql")]
const OWN_SQL: &str = "SET SESSION sql_mode = @before";

/// Runs statements in a common SQL: names in double quotes, texts without escapes, `||` for
/// concatenation.
fn in_standard_sql(conn: &mut AnyConnection, sql: &str) {
    match conn {
        AnyConnection::Sqlite(_) | AnyConnection::Postgres(_) => conn.batch_execute(sql),
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(conn) => conn
            .batch_execute(STANDARD_SQL)
            .and_then(|()| conn.batch_execute(sql))
            .and_then(|()| conn.batch_execute(OWN_SQL)),
    }
    .unwrap();
}

pub(super) fn schema(conn: &mut AnyConnection) -> Schema {
    schemas::read(conn, &["public".to_owned()]).unwrap()
}

pub(super) fn catalog(conn: &mut AnyConnection) -> Catalog {
    let schema = schema(conn);
    catalog_without(&schema, &[])
}

/// The catalog of a schema with these tables hidden.
pub(super) fn catalog_without(schema: &Schema, hidden: &[&str]) -> Catalog {
    let build::BuiltCatalog {
        mut resources,
        unlisted,
        references,
    } = build::all(schema);
    for resource in &mut resources {
        resource.sort = Vec::new();
    }
    resources.push(audit::resource());
    let is_hidden = |resource: &Resource| hidden.contains(&resource.name.as_str());
    let (hidden, shown): (Vec<_>, Vec<_>) = resources.into_iter().partition(is_hidden);
    Catalog::new(shown).with_references(hidden.into_iter().chain(unlisted), references)
}

/// The rights of a person with these grants.
pub(super) struct Whole<'p>(pub(super) &'p Policy);

impl Rights for Whole<'_> {
    fn catalog(&self) -> &Catalog {
        self.0.catalog()
    }

    fn view(&self, resource: &str) -> Option<Permit<View>> {
        self.0.permit(&person(), resource).ok()
    }

    fn delete_beside(&self, table: &str) -> Result<Permit<Delete>, Denied> {
        self.0.permit_beside(&person(), table, &Assurance::none())
    }

    fn create_beside(&self, table: &str) -> Result<Permit<Create>, Denied> {
        self.0.permit_beside(&person(), table, &Assurance::none())
    }

    fn edit_beside(&self, table: &str) -> Result<Permit<Edit>, Denied> {
        self.0.permit_beside(&person(), table, &Assurance::none())
    }
}

pub(super) fn person() -> Person {
    Person {
        issuer: "https://id.example".into(),
        subject: "1".into(),
        name: "Ada Lovelace".into(),
        email: None,
        groups: vec!["staff".into()],
        claims: serde_json::Map::new(),
        ..Person::default()
    }
}

pub(super) fn actor() -> Actor {
    Actor {
        person: person(),
        roles: vec!["staff".into()],
        request_id: "r1".into(),
        address: None,
        looking_as: None,
    }
}

/// New values from texts, as in a form; `NULL` means NULL.
pub(super) fn given(resource: &Resource, values: &[(&str, &str)]) -> Changes {
    let value = |(name, text): &(&str, &str)| {
        let column = resource.index_of(name).expect(name);
        let value = match *text {
            "NULL" => Value::Null,
            text => Value::parse(resource.fields[column].kind, text).expect(name),
        };
        (column, value)
    };
    values.iter().map(value).collect()
}

/// A filter such as `total=gt:5`.
pub(super) fn filter(resource: &Resource, text: &str) -> Filter {
    let (column, test) = text.split_once('=').unwrap();
    Filter::parse(resource, column, test).unwrap()
}
