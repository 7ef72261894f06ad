//! The sample company: Sander & Daughters, who sell lamps, chairs and what else makes a place nice.
//!
//! Owns the tables the demo administers and everything in them. The company is the same on every
//! machine and every day: nothing here may ask for the time, the locale or a random number.

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

/// Why the sample company could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompanyError {
    /// There is something at the path already; nothing was touched.
    #[error("{} exists already; remove it or choose another place", .0.display())]
    Exists(PathBuf),
    /// SQLite takes paths as text.
    #[error("the path {} is not valid UTF-8", .0.display())]
    PathNotText(PathBuf),
    /// The file could not be written or put in its place.
    #[error("cannot write the sample company to {}: {source}", .path.display())]
    Io {
        /// The file that was being made.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database could not be opened.
    #[error("cannot open the sample company's database: {0}")]
    Open(#[from] diesel::ConnectionError),
    /// A statement failed.
    #[error("cannot fill the sample company's database: {0}")]
    Query(#[from] QueryError),
}

/// Whether the sample company is at `path`. It is either whole or not there: see [`create`].
pub fn exists(path: &Path) -> bool {
    path.is_file()
}

/// Makes the sample company at `path`, which must not exist; its directory must.
///
/// The work is done in a file beside it that takes the name only when all is written, so an
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

/// The draft carries the process id: two starts at once do not write into one file.
fn draft_path(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.making", std::process::id()));
    path.with_file_name(name)
}

/// Removes what a process that was killed while writing has left; a draft takes seconds.
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
        // What is not there need not be removed; what cannot be is found by the next step.
        let _ = fs::remove_file(name);
    }
}

fn write(draft: &Path) -> Result<(), CompanyError> {
    let url = draft
        .to_str()
        .ok_or_else(|| CompanyError::PathNotText(draft.to_owned()))?;
    let conn = &mut SqliteConnection::establish(url)?;
    // The draft is thrown away on any failure, so it needs neither journal nor flushes.
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

/// Flushes the draft and gives it its name.
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
