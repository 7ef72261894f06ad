//! The sample company: Sander & Daughters, who sell lamps, chairs and other furnishings.
//!
//! Creates the demo's tables and all their content. The company is the same on every machine and
//! every day. So nothing here may use the time, the locale or a random number.

mod dates;
mod files;
mod goods;
mod insert;
mod papers;
mod people;
mod places;
mod random;
mod sales;
mod text;
mod words;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::Error as QueryError;

const EMPLOYEES: i64 = 400;
const ABANDONED_AFTER: Duration = Duration::from_secs(600);

/// Why the sample company could not be created.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompanyError {
    /// The path exists already; nothing was changed.
    #[error("{} exists already; remove it or choose another place", .0.display())]
    Exists(PathBuf),
    /// The path is not valid text, which SQLite needs.
    #[error("the path {} is not valid UTF-8", .0.display())]
    PathNotText(PathBuf),
    /// The file could not be written or renamed.
    #[error("cannot write the sample company to {}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// The database could not be opened.
    #[error("cannot open the sample company's database: {0}")]
    Open(#[from] diesel::ConnectionError),
    /// A statement failed.
    #[error("cannot fill the sample company's database: {0}")]
    Query(#[from] QueryError),
}

/// Whether the sample company exists at `path`. It is either complete or missing: see [`create`].
pub fn exists(path: &Path) -> bool {
    path.is_file()
}

/// Creates the sample company at `path`, which must not exist; its directory must.
///
/// The work happens in a draft file beside it, which gets its final name only when complete. So an
/// interrupted call leaves nothing at `path`. The database is left in WAL mode, with statistics.
pub fn create(path: &Path) -> Result<(), CompanyError> {
    if path.exists() {
        return Err(CompanyError::Exists(path.to_owned()));
    }
    remove_abandoned(path);
    let draft = draft_path(path);
    remove_draft(&draft);
    let made = write(&draft).and_then(|()| publish(&draft, path));
    if made.is_err() {
        remove_draft(&draft);
    }
    made
}

/// The draft's name includes the process id, so that two starts at once do not write to one file.
fn draft_path(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.making", std::process::id()));
    path.with_file_name(name)
}

/// Removes drafts of killed processes; writing a draft takes seconds.
fn remove_abandoned(path: &Path) {
    let (Some(name), Some(entries)) = (
        path.file_name(),
        path.parent().and_then(|dir| fs::read_dir(dir).ok()),
    ) else {
        return;
    };
    let prefix = format!("{}.", name.to_string_lossy());
    for entry in entries.flatten() {
        let found = entry.file_name();
        let found = found.to_string_lossy();
        let modified = entry.metadata().and_then(|data| data.modified()).ok();
        let is_old = modified
            .and_then(|time| time.elapsed().ok())
            .is_some_and(|age| age > ABANDONED_AFTER);
        if is_old && found.starts_with(&prefix) && found.ends_with(".making") {
            remove_draft(&entry.path());
        }
    }
}

fn remove_draft(draft: &Path) {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut name = draft.as_os_str().to_owned();
        name.push(suffix);
        // A missing file need not be removed, and the next step fails if it could not be.
        let _ = fs::remove_file(name);
    }
}

fn write(draft: &Path) -> Result<(), CompanyError> {
    let url = draft
        .to_str()
        .ok_or_else(|| CompanyError::PathNotText(draft.to_owned()))?;
    let conn = &mut SqliteConnection::establish(url)?;
    // The draft is discarded on any failure, so it needs neither journal nor flushes.
    conn.batch_execute(
        "PRAGMA foreign_keys = OFF; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;",
    )?;
    conn.transaction(fill)?;
    conn.batch_execute("ANALYZE; PRAGMA journal_mode = WAL;")?;
    Ok(())
}

fn fill(conn: &mut SqliteConnection) -> QueryResult<()> {
    conn.batch_execute(include_str!("company/schema.sql"))?;
    let times = dates::order_times(sales::ORDERS, &mut random::Random::new(0x71E5));
    people::departments(conn)?;
    let sellers = people::employees(conn)?;
    people::customers(conn, &times)?;
    let prices = goods::products(conn)?;
    goods::tags(conn, i64::try_from(prices.len()).unwrap_or(0))?;
    sales::orders(conn, &times, &sellers, &prices)?;
    papers::documents(conn, EMPLOYEES)?;
    papers::settings(conn)?;
    conn.batch_execute(include_str!("company/indexes.sql"))
}

/// Flushes the draft and renames it.
fn publish(draft: &Path, path: &Path) -> Result<(), CompanyError> {
    let io = |source| CompanyError::Io {
        path: path.to_owned(),
        source,
    };
    fs::File::open(draft)
        .and_then(|file| file.sync_all())
        .map_err(io)?;
    if path.exists() {
        return Err(CompanyError::Exists(path.to_owned()));
    }
    fs::rename(draft, path).map_err(io)
}

#[cfg(test)]
mod tests;
