//! The list as a file: all its rows, streamed.

mod format;

use self::format::{Format, Writer};
use crate::access::{Export, Permit};
use crate::clock::Clock;
use crate::data::{DataError, PageQuery, Row, export};
use crate::store::AnyConnection;
use crate::store::audit::{self, Action, Actor, Event};
use crate::web::query::ListQuery;
use crate::web::{Failure, Granted};
use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

/// Bytes are sent on in pieces of about this size.
const PIECE: usize = 64 * 1024;
/// Pieces that may wait for a slow client.
const PIECES: usize = 4;
/// A client that takes nothing for this long is given up.
const PATIENCE: Duration = Duration::from_secs(60);
/// The most rows of an export.
const MAX_ROWS: u64 = 5_000_000;

type Piece = Result<Bytes, std::io::Error>;

/// GET {mount}/data/{resource}/export.{format}, with the query of the list. Permissions: export.
///
/// # Errors
/// A query or format that cannot be used, or the database fails before the first row.
pub async fn download(
    request: HttpRequest,
    granted: Granted<Export>,
) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let format = Format::named(request.match_info().query("format")).ok_or(Failure::Missing)?;
    let mut query = ListQuery::parse(request.query_string())?;
    query.position = None;
    let (sender, mut receiver) = mpsc::channel(PIECES);
    let (begun, beginning) = oneshot::channel();
    let file = format!("{}.{}", permit.resource().name, format.extension());
    let job = Job {
        format,
        query: query.resolve(&permit)?,
        asked: query.pairs(),
        permit,
        actor: Arc::clone(entered.actor()),
        clock: entered.site().clock.clone(),
        pieces: Pieces {
            runtime: Handle::current(),
            sender,
        },
        begun: Some(begun),
    };
    let database = entered.site().database.clone();
    let task = actix_web::rt::spawn(async move { database.run(|conn| job.run(conn)).await });
    // Whatever fails before the first piece can still be told on a page.
    if beginning.await.is_err() {
        return match task.await {
            Ok(Err(error)) => Err(error.into()),
            _ => Err(Failure::internal("an export was cut short")),
        };
    }
    let body = futures_util::stream::poll_fn(move |context| receiver.poll_recv(context));
    Ok(HttpResponse::Ok()
        .content_type(format.media_type())
        .insert_header(ContentDisposition {
            disposition: DispositionType::Attachment,
            parameters: vec![DispositionParam::Filename(file)],
        })
        .streaming(body))
}

/// An export on its blocking thread.
struct Job {
    permit: Permit<Export>,
    query: PageQuery,
    asked: Vec<(String, String)>,
    format: Format,
    actor: Arc<Actor>,
    clock: Clock,
    pieces: Pieces,
    begun: Option<oneshot::Sender<()>>,
}

impl Job {
    fn run(mut self, conn: &mut AnyConnection) -> Result<(), DataError> {
        let columns = export::columns(&self.permit);
        let mut writer = Writer::new(self.format, self.permit.resource(), &columns, PIECE);
        let (mut rows, mut taken) = (0_u64, true);
        let (begun, pieces) = (&mut self.begun, &self.pieces);
        let result = export::each(
            conn,
            &self.permit,
            &self.query,
            &columns,
            MAX_ROWS,
            &mut |row: Row| {
                rows += 1;
                let sent = match writer.row(&row) {
                    Some(piece) => {
                        tell(begun);
                        pieces.send(Ok(piece))
                    }
                    None => ControlFlow::Continue(()),
                };
                taken = sent.is_continue();
                sent
            },
        );
        let details = json!({
            "format": self.format.extension(),
            "query": self.asked,
            "rows": rows,
            "complete": taken && result.is_ok(),
        });
        let event = Event::on(Action::Export, &self.permit.resource().name).with_details(details);
        let noted = audit::record(conn, &self.actor, &event, self.clock.now().naive_utc());
        let result = result.and(noted.map_err(DataError::from));
        let last = match &result {
            Ok(()) => Ok(writer.finish()),
            // The client must not take half a file for a whole one.
            Err(error) => {
                tracing::error!(error = %error, "an export broke off");
                Err(std::io::Error::other("the export broke off"))
            }
        };
        if result.is_ok() {
            tell(&mut self.begun);
        }
        if self.begun.is_none() && self.pieces.send(last).is_break() {
            tracing::debug!("the client did not wait for the end of an export");
        }
        result
    }
}

fn tell(begun: &mut Option<oneshot::Sender<()>>) {
    // Nobody waits any more if the client has gone.
    let _ = begun.take().map(|begun| begun.send(()));
}

/// The way of the pieces to the client.
struct Pieces {
    runtime: Handle,
    sender: mpsc::Sender<Piece>,
}

impl Pieces {
    /// Waits for the client, but not for ever: it holds a connection of everyone's.
    fn send(&self, piece: Piece) -> ControlFlow<()> {
        let sending = tokio::time::timeout(PATIENCE, self.sender.send(piece));
        match self.runtime.block_on(sending) {
            Ok(Ok(())) => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        }
    }
}
