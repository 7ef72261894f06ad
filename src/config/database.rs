//! `[database]`: the managed database. The panel's own tables live in it too.

use super::{ConfigError, Fault, KeyPath, report::Report};
use crate::secret::Secret;
use std::path::{Path, PathBuf};

/// Keywords that begin a libpq connection string (`host=... dbname=...`).
const CONNECTION_KEYWORDS: [&str; 9] = [
    "host", "hostaddr", "port", "dbname", "user", "password", "passfile", "service", "sslmode",
];

/// `[database]`
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `postgres://...`, `mysql://...`, or the path of a SQLite file (with or without `sqlite://`).
    /// A relative path starts at the folder of the configuration file. Or `url_file`.
    #[serde(default = "nothing")]
    pub url: Secret,
    /// A file that holds the URL.
    #[serde(default)]
    pub url_file: Option<PathBuf>,
    /// The schemas to show on PostgreSQL, or the databases on MySQL. Tables of the first have no
    /// prefix. Defaults to `public`, and on MySQL to the database of the URL.
    #[serde(default = "default_schemas")]
    pub schemas: Vec<String>,
    /// The maximum number of open connections.
    #[serde(default = "default_pool_size")]
    pub pool_size: u32,
    /// How long a statement may run, in seconds.
    #[serde(default = "default_statement_timeout")]
    pub statement_timeout_s: u32,
    /// The pooler between the panel and PostgreSQL; detected if left out.
    #[serde(default)]
    pub pooler: Option<Pooler>,
}

/// A pooler between the panel and PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pooler {
    /// No pooler, or one that gives each client its own server connection.
    None,
    /// A pooler in transaction mode, such as PgBouncer with `pool_mode = transaction`.
    Transaction,
}

/// A database this build can open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseTarget {
    /// A SQLite file.
    #[cfg(feature = "sqlite")]
    Sqlite(PathBuf),
    /// PostgreSQL, with the URL as libpq takes it.
    #[cfg(feature = "postgres")]
    Postgres(Secret),
    /// MySQL or MariaDB.
    #[cfg(feature = "mysql")]
    Mysql(Secret),
}

impl DatabaseConfig {
    /// Returns a configuration of this database, with defaults for everything else.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: Secret::new(url),
            url_file: None,
            schemas: default_schemas(),
            pool_size: default_pool_size(),
            statement_timeout_s: default_statement_timeout(),
            pooler: None,
        }
    }

    /// Returns the database that the URL names.
    ///
    /// # Errors
    /// When this build cannot open it.
    pub(crate) fn target(&self) -> Result<DatabaseTarget, ConfigError> {
        Ok(self.find_target()?)
    }

    /// The URL for messages, with passwords replaced by `***`.
    pub(crate) fn redacted_url(&self) -> String {
        redact(self.url.reveal())
    }

    /// A driver's message, with the URL's passwords removed.
    pub(crate) fn redact(&self, text: &str) -> String {
        redact_in(self.url.reveal(), text)
    }

    fn find_target(&self) -> Result<DatabaseTarget, Fault> {
        let url = self.url.reveal();
        match scheme(url) {
            Some("postgres" | "postgresql") => postgres(&self.url),
            Some("mysql" | "mariadb") => mysql(url),
            Some("sqlite") | None => sqlite(url),
            Some(other) => Err(fault(format!(
                "\u{201c}{other}\u{201d} is not a supported kind of database; {SUPPORTED}"
            ))),
        }
    }

    /// Resolves the relative path of a SQLite file, and of `url_file`, against a folder.
    pub(super) fn start_paths_at(&mut self, folder: &Path) {
        if let Some(path) = &mut self.url_file {
            *path = folder.join(&*path);
            return;
        }
        self.start_file_at(folder);
    }

    fn start_file_at(&mut self, folder: &Path) {
        let Ok(target) = self.find_target() else {
            return;
        };
        match target {
            #[cfg(feature = "sqlite")]
            DatabaseTarget::Sqlite(path)
                if path.is_relative() && !folder.as_os_str().is_empty() =>
            {
                self.url = Secret::new(folder.join(path).to_string_lossy());
            }
            #[cfg(feature = "sqlite")]
            DatabaseTarget::Sqlite(_) => {}
            #[cfg(feature = "postgres")]
            DatabaseTarget::Postgres(_) => {}
            #[cfg(feature = "mysql")]
            DatabaseTarget::Mysql(_) => {}
        }
    }

    /// Reads the URL from its file and checks the values.
    pub(super) fn settle(&mut self, report: &mut Report<'_>) {
        let is_given = report.has(&KeyPath::of("database.url")) || !self.url.reveal().is_empty();
        match self.url_file.take() {
            Some(_) if is_given => report.fault(
                KeyPath::of("database.url"),
                "set either url or url_file, not both",
            ),
            Some(path) => match read_url(&path) {
                Ok(url) => {
                    self.url = url;
                    self.start_file_at(path.parent().unwrap_or(Path::new("")));
                    self.check_target(report);
                }
                Err(wrong) => report.fault(KeyPath::of("database.url_file"), wrong),
            },
            None if is_given => self.check_target(report),
            None => report.fault(
                KeyPath::of("database.url"),
                "is missing: \"postgres://...\" or the path of a SQLite file; or set url_file",
            ),
        }
        self.check(report);
    }

    fn check_target(&self, report: &mut Report<'_>) {
        if let Err(fault) = self.find_target() {
            report.push(fault);
        }
    }

    fn check(&self, report: &mut Report<'_>) {
        if self.schemas.iter().any(String::is_empty) || self.schemas.is_empty() {
            report.fault(
                KeyPath::of("database.schemas"),
                "must name at least one schema, such as [\"public\"]",
            );
        }
        let counts = [
            ("database.pool_size", self.pool_size),
            ("database.statement_timeout_s", self.statement_timeout_s),
        ];
        for (key, _) in counts.iter().filter(|(_, count)| *count == 0) {
            report.fault(KeyPath::of(key), "must be at least 1");
        }
    }
}

const SUPPORTED: &str = "write \"postgres://user@host/database\", \"mysql://user@host/database\" or the path of a SQLite file, such as \"data.db\"";

fn fault(message: impl Into<String>) -> Fault {
    Fault::new(KeyPath::of("database.url"), message)
}

#[cfg(feature = "mysql")]
fn mysql(url: &str) -> Result<DatabaseTarget, Fault> {
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    let path = rest.split(['?', '#']).next().unwrap_or(rest);
    let name = path.rsplit_once('/').map_or("", |(_, name)| name);
    if name.is_empty() {
        return Err(fault(
            "names no database: write \"mysql://user@host/database\"",
        ));
    }
    // The client library knows the scheme `mysql` only.
    Ok(DatabaseTarget::Mysql(Secret::new(format!(
        "mysql://{rest}"
    ))))
}

#[cfg(not(feature = "mysql"))]
fn mysql(_url: &str) -> Result<DatabaseTarget, Fault> {
    Err(left_out("MySQL and MariaDB", "mysql"))
}

#[cfg(feature = "postgres")]
fn postgres(url: &Secret) -> Result<DatabaseTarget, Fault> {
    Ok(DatabaseTarget::Postgres(url.clone()))
}

#[cfg(not(feature = "postgres"))]
fn postgres(_url: &Secret) -> Result<DatabaseTarget, Fault> {
    Err(left_out("PostgreSQL", "postgres"))
}

/// The error for a URL whose database client is not compiled in.
#[cfg(any(
    not(all(feature = "sqlite", feature = "postgres", feature = "mysql")),
    test
))]
fn left_out(database: &str, feature: &str) -> Fault {
    fault(format!(
        "this build has no client for {database}: build it with `cargo build --release --features \
         {feature}`"
    ))
}

/// The text before `://`, or before the `:` of a URL without `//`.
fn scheme(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once(':')?;
    let is_scheme = scheme.len() > 1 // not the drive of C:\data.db
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let is_known = matches!(scheme, "sqlite" | "file");
    (is_scheme && (is_known || rest.starts_with("//"))).then_some(scheme)
}

fn sqlite(url: &str) -> Result<DatabaseTarget, Fault> {
    let path = url.strip_prefix("sqlite:").unwrap_or(url);
    let path = path
        .strip_prefix("//")
        .filter(|_| path.len() < url.len())
        .unwrap_or(path);
    if path.is_empty() {
        return Err(fault(format!("is empty; {SUPPORTED}")));
    }
    if path.starts_with(":memory:") {
        return Err(fault(
            "each connection would get a database in memory of its own; name a file",
        ));
    }
    if is_connection_string(path) {
        return Err(fault(
            "write this as a URL: \"postgres://user:password@host:5432/database\"",
        ));
    }
    file(path)
}

#[cfg(feature = "sqlite")]
fn file(path: &str) -> Result<DatabaseTarget, Fault> {
    Ok(DatabaseTarget::Sqlite(path.into()))
}

#[cfg(not(feature = "sqlite"))]
fn file(_path: &str) -> Result<DatabaseTarget, Fault> {
    Err(left_out("SQLite", "sqlite"))
}

/// Whether this is libpq's `host=... password=...`.
fn is_connection_string(text: &str) -> bool {
    let keyword = text.split_once('=').map(|(keyword, _)| keyword.trim());
    keyword.is_some_and(|keyword| CONNECTION_KEYWORDS.contains(&keyword))
}

/// Replaces passwords. Where the text is not a proper URL, it removes too much rather than too
/// little.
fn redact(url: &str) -> String {
    if is_connection_string(url) {
        return "***".to_owned();
    }
    let start = url.find("://").map_or(0, |colon| colon + 3);
    let (scheme, rest) = url.split_at_checked(start).unwrap_or(("", url));
    // Splits at the last `@`, because a password may hold one that is not percent-encoded.
    let rest = match rest.rsplit_once('@') {
        Some((person, rest)) => match person.split_once(':') {
            Some((name, _)) => format!("{name}:***@{rest}"),
            None => format!("{person}@{rest}"),
        },
        None => rest.to_owned(),
    };
    format!("{scheme}{}", redact_query(&rest))
}

/// Redacts passwords that libpq takes as query parameters.
fn redact_query(rest: &str) -> String {
    let Some((path, query)) = rest.split_once('?') else {
        return rest.to_owned();
    };
    let parameters = query
        .split('&')
        .map(|parameter| match parameter.split_once('=') {
            Some((name, _)) if name.to_lowercase().contains("pass") => format!("{name}=***"),
            _ => parameter.to_owned(),
        });
    format!("{path}?{}", parameters.collect::<Vec<_>>().join("&"))
}

/// The message shown instead of a driver's, which may quote a part of the password.
const MISREAD: &str = "the database URL is ambiguous: in its password, write @ as %40, / as %2F, \
                       ? as %3F, % as %25 and & as %26 (what the driver said is not shown, as it \
                       may quote a part of the password)";

/// Whether a driver mistakes a part of the password for something else, such as the host, and
/// quotes it.
fn is_misread(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else {
        return is_connection_string(url);
    };
    let of_person = rest
        .rsplit_once('@')
        .and_then(|(person, _)| Some(person.split_once(':')?.1));
    let cuts = |text: &str| text.contains(['@', '/', '?']) || has_bare_percent(text);
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    let holds_password = query.to_lowercase().contains("pass");
    let is_odd = |parameter: &str| match parameter.split_once('=') {
        Some((name, value)) => {
            !name.chars().all(|c| c.is_ascii_alphabetic() || c == '_') || has_bare_percent(value)
        }
        None => true,
    };
    of_person.is_some_and(cuts) || (holds_password && query.split('&').any(is_odd))
}

/// Whether a text has a `%` that does not start a percent-encoded byte.
fn has_bare_percent(text: &str) -> bool {
    text.split('%').skip(1).any(|after| {
        let digits = after.get(..2).unwrap_or_default();
        digits.len() < 2 || !digits.chars().all(|c| c.is_ascii_hexdigit())
    })
}

/// Removes the passwords of this database from a message: drivers quote what they cannot parse.
pub(crate) fn redact_in(url: &str, text: &str) -> String {
    if is_misread(url) {
        return MISREAD.to_owned();
    }
    let mut text = if url.contains("://") {
        text.replace(url, &redact(url))
    } else {
        text.to_owned()
    };
    for password in passwords(url) {
        text = text.replace(&password, "***");
    }
    text
}

/// Every password that a URL may hold, both encoded and decoded.
fn passwords(url: &str) -> Vec<String> {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let of_person = rest
        .rsplit_once('@')
        .and_then(|(person, _)| Some(person.split_once(':')?.1));
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    let of_query = query.split('&').filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.to_lowercase().contains("pass").then_some(value)
    });
    let written = of_person.into_iter().chain(of_query);
    let meant = |text: &str| {
        let text = percent_encoding::percent_decode_str(text);
        text.decode_utf8_lossy().into_owned()
    };
    written
        .flat_map(|text| [text.to_owned(), meant(text)])
        .filter(|password| !password.is_empty())
        .collect()
}

fn nothing() -> Secret {
    Secret::new("")
}

/// Reads the first line of a file. Errors never quote it, as it holds a password.
fn read_url(path: &Path) -> Result<Secret, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|reason| format!("{}: cannot be read: {reason}", path.display()))?;
    match text.trim() {
        "" => Err(format!("{}: is empty", path.display())),
        url if url.contains('\n') => Err(format!(
            "{}: must hold the URL alone, on one line",
            path.display()
        )),
        url => Ok(Secret::new(url)),
    }
}

fn default_schemas() -> Vec<String> {
    vec!["public".into()]
}

fn default_pool_size() -> u32 {
    8
}

fn default_statement_timeout() -> u32 {
    30
}

#[cfg(test)]
mod tests;
