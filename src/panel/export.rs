//! The list as a file: all its rows, streamed.

mod format;

use self::format::{Format, Writer};
use crate::access::Export;
use crate::data::{DataError, Row, export};
use crate::store::AnyConnection;
use crate::store::audit::{self, Action, Event};
use crate::web::query::ListQuery;
use crate::web::{Failure, Granted};
use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

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
    let wanted = query.resolve(&permit)?;
    let resource = Arc::clone(permit.resource());
    let columns = export::columns(&permit);
    let (sender, mut receiver) = mpsc::channel::<Piece>(PIECES);
    let (begun, beginning) = tokio::sync::oneshot::channel();
    let database = entered.site().database.clone();
    let actor = Arc::clone(entered.actor());
    let clock = entered.site().clock.clone();
    let runtime = tokio::runtime::Handle::current();
    let event = Event::on(Action::Export, &resource.name);
    let details = serde_json::json!({ "format": format.extension(), "query": query.pairs() });
    let of = Arc::clone(&resource);
    let task = async move {
        let mut begun = Some(begun);
        let outcome = database
            .run(move |conn| {
                let send = |piece: Bytes| send(&runtime, &sender, Ok(piece));
                let mut writer = Writer::new(format, &of, &columns, PIECE);
                // Refused before the first byte: as long as nothing was sent, it can be a page.
                let mut rows = 0_u64;
                let mut told = || {
                    if let Some(begun) = begun.take() {
                        let _ = begun.send(());
                    }
                };
                let result = write(conn, &mut |conn| {
                    export::each(
                        conn,
                        &permit,
                        &wanted,
                        &columns,
                        MAX_ROWS,
                        &mut |row: Row| {
                            told();
                            rows += 1;
                            match writer.row(&row) {
                                Some(piece) => send(piece),
                                None => ControlFlow::Continue(()),
                            }
                        },
                    )
                });
                let now = clock.now().naive_utc();
                let mut details = details;
                if let Some(details) = details.as_object_mut() {
                    details.insert("rows".into(), rows.into());
                    details.insert("complete".into(), result.is_ok().into());
                }
                audit::record(conn, &actor, &event.with_details(details), now)?;
                match result {
                    Ok(()) => {
                        told();
                        let _ = send(writer.finish());
                        Ok(())
                    }
                    Err(error) => Err(error),
                }
            })
            .await;
        if let Err(error) = &outcome {
            tracing::error!(error = %error, "an export broke off");
        }
        outcome
    };
    let task = actix_web::rt::spawn(task);
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
            parameters: vec![DispositionParam::Filename(format!(
                "{}.{}",
                resource.name,
                format.extension()
            ))],
        })
        .streaming(body))
}

fn write(
    conn: &mut AnyConnection,
    each: &mut dyn FnMut(&mut AnyConnection) -> Result<(), DataError>,
) -> Result<(), DataError> {
    each(conn)
}

/// Waits for the client, but not for ever: it holds a connection of everyone's.
fn send(
    runtime: &tokio::runtime::Handle,
    sender: &mpsc::Sender<Piece>,
    piece: Piece,
) -> ControlFlow<()> {
    let sent = runtime.block_on(tokio::time::timeout(PATIENCE, sender.send(piece)));
    match sent {
        Ok(Ok(())) => ControlFlow::Continue(()),
        _ => ControlFlow::Break(()),
    }
}
