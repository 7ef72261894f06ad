//! Saves a row with its lines in one transaction.

use crate::access::{Edit, Permit};
use crate::catalog::Key;
use crate::data::write;
use crate::data::{Changes, Refusal};
use crate::entry::Entered;
use crate::entry::access::Reader;
use crate::panel::lines::save::{LineOperations, SaveStop};
use crate::store::AnyConnection;
use crate::store::audit;

/// Saves a row and its lines. Returns its key, which may be new, and whether anything was written.
/// Without `shown`, only the lines are saved.
///
/// # Errors
/// The refusal; nothing is written then.
pub(super) async fn save(
    entered: &Entered,
    permit: &Permit<Edit>,
    key: &Key,
    shown: Option<(&str, Option<&str>)>,
    changes: Changes,
    work: LineOperations,
) -> Result<(Key, bool), SaveStop> {
    let now = entered.site().clock.now().naive_utc();
    let (reader, permit, key) = (entered.reader(), permit.clone(), key.clone());
    let shown = shown.map(|(digest, confirmed)| (digest.to_owned(), confirmed.map(str::to_owned)));
    let database = reader.database.clone();
    database
        .run(move |conn| {
            conn.change(|conn| {
                let parent = if work.is_empty() {
                    None
                } else {
                    Some(begin(conn, &reader, &permit, &key, &work, now)?)
                };
                let context = write::Context {
                    actor: &reader.actor,
                    now,
                    rights: &reader,
                    parent,
                };
                // If the row's referenced columns change, lines are written first, and the database
                // updates them.
                let is_first = work.points_at(&|column| changes.contains_key(&column));
                if is_first {
                    work.run_all(conn, (&permit, &key), &context)?;
                }
                let (key, written) = match &shown {
                    Some((digest, confirmed)) => {
                        let shown = (digest.as_str(), confirmed.as_deref());
                        write::update_as_shown(conn, &permit, &key, shown, &changes, &context)?
                    }
                    None => (key, false),
                };
                if !is_first {
                    work.run_all(conn, (&permit, &key), &context)?;
                }
                Ok((key, written || !work.is_empty()))
            })
        })
        .await
}

/// Begins the event for the whole save, to which those of the row and its lines belong.
fn begin(
    conn: &mut AnyConnection,
    reader: &Reader,
    permit: &Permit<Edit>,
    key: &Key,
    work: &LineOperations,
    now: chrono::NaiveDateTime,
) -> Result<i64, SaveStop> {
    let resource = permit.resource();
    let key = key.encode(resource);
    let bulk = audit::Bulk::saving(Some(&key), work.count() + 1);
    let name = Some(resource.name.as_str());
    let begun = audit::begin_bulk(conn, &reader.actor, name, bulk, now);
    begun.map_err(|error| Refusal::from(error).into())
}
