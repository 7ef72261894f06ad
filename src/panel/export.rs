//! Exports a list as a file, streaming all its rows.

mod error;
mod format;
mod names;
mod pieces;

use self::error::ExportError;
use self::format::{FileOptions, Format, Writer};
use self::names::Names;
use self::pieces::Pieces;
use super::download;
use crate::access::{Export, Permit};
use crate::catalog::Resource;
use crate::clock::Clock;
use crate::data::{Count, DataError, PageQuery, Path, Row, count, export, path};
use crate::entry::Granted;
use crate::entry::query::{ListQuery, takes};
use crate::store::audit::event::{self, ExportAsked};
use crate::store::audit::{self, Actor, Event, NewEntry};
use crate::store::{AnyConnection, Database, DatabaseError, hop, party};
use crate::texts::{any_of, text};
use crate::web::Failure;
use actix_web::http::header::ContentEncoding;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::StreamExt;
use std::ops::ControlFlow;
use std::sync::Arc;

/// GET {mount}/data/{resource}/export.{format}, with the query of the list. Permissions: export.
///
/// # Errors
/// The query or format is invalid, the format cannot hold all rows, or the database fails before
/// the first piece.
pub async fn download(
    request: HttpRequest,
    granted: Granted<Export>,
) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let format = Format::named(request.match_info().query("format")).ok_or(Failure::Missing)?;
    let (wish, rest) = wish(format, request.query_string())?;
    let mut query = super::views::query(&entered, &permit, &rest).await?;
    query.position = None;
    // Refuses a view that must be reduced to what may be exported. Without one of its filters, the
    // file would hold more rows.
    if ListQuery::view_in(&rest).is_some()
        && let Some(view) = entered.view(&permit.resource().name)
    {
        let shown = super::views::query(&entered, &view, &rest).await?;
        if shown.conditions != query.conditions || shown.q != query.q {
            return Err(Failure::Invalid(text!("view-export-narrower")));
        }
    }
    let (pieces, mut arrivals) = pieces::channel();
    let file = format!("{}.{}", permit.resource().name, format.extension());
    let wanted = query.resolve(&permit, &entered.around())?;
    let columns = columns(
        &permit,
        &wanted.paths,
        query.chosen(&permit, &wanted.paths)?,
    );
    let resource = path::widened(permit.resource(), &wanted.paths);
    let job = Job {
        names: if wish.has_names {
            Names::of(&entered, &resource, &columns)
        } else {
            None
        },
        columns,
        wish,
        query: wanted,
        resource,
        asked: query.in_full().pairs(),
        permit,
        actor: Arc::clone(entered.actor()),
        clock: entered.site().clock.clone(),
        database: entered.site().database.clone(),
        pieces,
    };
    let exports = Arc::clone(&entered.site().exports);
    let turn = exports.try_acquire_owned().map_err(|_| Failure::Exports)?;
    let database = entered.site().database.clone();
    let task = actix_web::rt::spawn(party::carried(async move {
        let _turn = turn;
        database.run(|conn| job.run(conn)).await
    }));
    let attended = CancelOnDrop(task.abort_handle());
    // A failure before the first piece can still be shown as a page.
    if !arrivals.begin().await {
        return match task.await {
            Ok(Err(error)) => Err(error.into()),
            _ => Err(Failure::internal("an export was cut short")),
        };
    }
    let mut answer = HttpResponse::Ok();
    answer
        .content_type(format.media_type())
        .insert_header(download::attachment(&file));
    if format.is_compressed() {
        answer.insert_header(ContentEncoding::Identity);
    }
    let stream = arrivals.into_stream().inspect(move |_| {
        let _ = &attended;
    });
    Ok(answer.streaming(stream))
}

/// Cancels an export when its client has gone; the audit event is written regardless.
struct CancelOnDrop(tokio::task::AbortHandle);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The options of the file, and the list's query without them. `bom=1` adds a byte order mark.
/// `header=labels` uses labels as headings. `labels=both` adds the label of a referenced row beside
/// its key.
fn wish(format: Format, query: &str) -> Result<(FileOptions, String), Failure> {
    let mut wish = FileOptions {
        format,
        has_labels: false,
        has_mark: false,
        has_names: false,
    };
    let mut rest = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match (name.as_ref(), value.as_ref()) {
            ("bom", "1") => wish.has_mark = true,
            ("bom", "0" | "") | ("header", "names" | "") => {}
            ("header", "labels") => wish.has_labels = true,
            ("labels", "both") => wish.has_names = true,
            ("labels", "keys" | "") => {}
            ("labels", _) => return Err(takes("labels", &any_of(&["keys", "both"]))),
            ("bom", _) => return Err(takes("bom", &any_of(&["0", "1"]))),
            ("header", _) => return Err(takes("header", &any_of(&["names", "labels"]))),
            (name, value) => {
                rest.append_pair(name, value);
            }
        }
    }
    Ok((wish, rest.finish()))
}

/// The chosen columns without files, which an export never holds; all columns if none is left.
fn columns(permit: &Permit<Export>, paths: &[Path], chosen: Option<Vec<usize>>) -> Vec<usize> {
    let all = export::columns(permit);
    let start = permit.resource().fields.len();
    let beside = start..start + paths.len();
    let chosen = chosen.into_iter().flatten();
    let chosen = chosen.filter(|column| all.contains(column) || beside.contains(column));
    let chosen: Vec<usize> = chosen.collect();
    if chosen.is_empty() { all } else { chosen }
}

/// An export on its blocking thread.
struct Job {
    permit: Permit<Export>,
    /// The resource, with columns of referenced rows appended.
    resource: Arc<Resource>,
    columns: Vec<usize>,
    names: Option<Names>,
    query: PageQuery,
    asked: Vec<(String, String)>,
    wish: FileOptions,
    actor: Arc<Actor>,
    clock: Clock,
    /// For another connection, if this one fails.
    database: Database,
    pieces: Pieces,
}

impl Job {
    fn run(mut self, conn: &mut AnyConnection) -> Result<(), ExportError> {
        self.note_begin(conn)?;
        let mut rows = 0;
        let written = self.write(conn, &mut rows);
        // The export is recorded, even if nobody waits for it any more.
        hop::settle();
        let noted = self.note_end(conn, rows, written.is_ok());
        match written.and_then(|last| noted.map(|()| last)) {
            Ok(last) => {
                if self.pieces.last(last).is_break() {
                    tracing::debug!("the client did not wait for the end of an export");
                }
                Ok(())
            }
            Err(error) => {
                if self.pieces.have_begun() && !matches!(error, ExportError::Gone) {
                    tracing::error!(error = %error, "an export broke off");
                }
                Err(error)
            }
        }
    }

    /// Writes the file, and returns its last piece.
    fn write(&mut self, conn: &mut AnyConnection, rows: &mut u64) -> Result<Bytes, ExportError> {
        self.check_size(conn)?;
        let now = self.clock.now();
        let (resource, columns) = match &self.names {
            Some(names) => (&names.resource, &names.columns),
            None => (self.resource.as_ref(), &self.columns),
        };
        let mut writer = Writer::new(self.wish, resource, columns, now)?;
        let (format, most) = (self.wish.format, self.wish.format.holds());
        let pieces = &mut self.pieces;
        let mut written = Ok(());
        let mut take = |row: Row| {
            // The file must not end normally at the limit: nobody would notice the missing rows.
            if *rows == most {
                written = Err(format.too_many());
                return ControlFlow::Break(());
            }
            let sent = writer.row(&row).map(|piece| match piece {
                Some(piece) => pieces.more(piece),
                None => pieces.are_wanted(),
            });
            *rows += 1;
            match sent {
                Ok(ControlFlow::Continue(())) => return ControlFlow::Continue(()),
                Ok(ControlFlow::Break(())) => written = Err(ExportError::Gone),
                Err(error) => written = Err(error),
            }
            ControlFlow::Break(())
        };
        let (permit, query, columns) = (&self.permit, &self.query, &self.columns);
        match &mut self.names {
            None => export::each(conn, permit, query, columns, most + 1, &mut take)?,
            Some(names) => {
                export::some_by_some(conn, permit, query, columns, &mut |conn, some| {
                    let some = names.beside(conn, some)?;
                    Ok(some.into_iter().try_for_each(&mut take))
                })?
            }
        }
        written?;
        writer.finish(&mut |piece| pieces.more(piece))
    }

    /// Counts the rows if there may be too many for the file. It is better to say so at once than
    /// after a million rows.
    fn check_size(&self, conn: &mut AnyConnection) -> Result<(), ExportError> {
        let most = self.wish.format.holds();
        // Estimates may be old, so rows are also counted while they are written.
        let estimate = self.permit.resource().estimate;
        if estimate.is_some_and(|estimate| estimate < most / 4) {
            return Ok(());
        }
        match conn.attempt(|conn| count::up_to(conn, &self.permit, &self.query, most)) {
            Ok(Count::AtLeast(_)) => Err(self.wish.format.too_many()),
            // A count that times out does not mean too many rows.
            Ok(_) | Err(DataError::Slow) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Recorded before the first byte is sent: the log has it, whatever happens to this process
    /// later.
    fn note_begin(&self, conn: &mut AnyConnection) -> Result<(), ExportError> {
        let entry = self.entry(Event::ExportBegin(self.told()));
        let noted = audit::record(conn, &self.actor, &entry, self.clock.now().naive_utc());
        noted.map_err(|error| DataError::from(error).into())
    }

    fn entry(&self, event: Event) -> NewEntry {
        NewEntry::on(&self.permit.resource().name, event)
    }

    /// What was requested, in the form of the log.
    fn told(&self) -> ExportAsked {
        ExportAsked {
            format: self.wish.format.extension().to_owned(),
            query: self.asked.clone(),
            labels: self.names.as_ref().map(|_| "both".to_owned()),
        }
    }

    /// Records how it ended. If the connection caused the failure, another one is tried.
    fn note_end(
        &self,
        conn: &mut AnyConnection,
        rows: u64,
        whole: bool,
    ) -> Result<(), ExportError> {
        let entry = self.entry(Event::Export(event::Export {
            rows,
            complete: whole,
            asked: self.told(),
        }));
        let now = self.clock.now().naive_utc();
        let Err(error) = audit::record(conn, &self.actor, &entry, now) else {
            return Ok(());
        };
        tracing::warn!(error = %error, "the end of an export is noted over another connection");
        let actor = Arc::clone(&self.actor);
        let noting = self
            .database
            .run(move |conn| audit::record(conn, &actor, &entry, now).map_err(DatabaseError::from));
        Ok(self.pieces.wait_for(noting)?)
    }
}
