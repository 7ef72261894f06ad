//! Sends a file to the client, piece by piece. Only the last piece ends it normally. If it stops
//! before, the client must not take an incomplete file for a complete one.

use actix_web::web::Bytes;
use futures_util::Stream;
use std::io::Error;
use std::ops::ControlFlow;
use std::task::{Poll, ready};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

/// The number of pieces that may wait for a slow client.
const WAITING: usize = 4;
/// How long to wait for a client that reads nothing.
const PATIENCE: Duration = Duration::from_secs(60);

enum Piece {
    More(Bytes),
    Last(Bytes),
}

/// The sending side, on a blocking thread.
pub struct Pieces {
    runtime: Handle,
    sender: mpsc::Sender<Piece>,
    begun: Option<oneshot::Sender<()>>,
}

/// The receiving side.
pub struct PieceReceiver {
    receiver: mpsc::Receiver<Piece>,
    beginning: oneshot::Receiver<()>,
}

/// Makes both sides. Must be called on the runtime.
pub fn channel() -> (Pieces, PieceReceiver) {
    let (sender, receiver) = mpsc::channel(WAITING);
    let (begun, beginning) = oneshot::channel();
    let pieces = Pieces {
        runtime: Handle::current(),
        sender,
        begun: Some(begun),
    };
    let arrivals = PieceReceiver {
        receiver,
        beginning,
    };
    (pieces, arrivals)
}

impl Pieces {
    /// Sends a piece that is not the last one.
    pub fn more(&mut self, piece: Bytes) -> ControlFlow<()> {
        self.send(Piece::More(piece))
    }

    /// Sends the last piece.
    pub fn last(&mut self, piece: Bytes) -> ControlFlow<()> {
        self.send(Piece::Last(piece))
    }

    /// Breaks if nobody waits for pieces any more.
    pub fn are_wanted(&self) -> ControlFlow<()> {
        if self.sender.is_closed() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Whether a piece was sent.
    pub fn have_begun(&self) -> bool {
        self.begun.is_none()
    }

    /// Waits for another future on this blocking thread.
    pub fn wait_for<T>(&self, other: impl Future<Output = T>) -> T {
        self.runtime.block_on(other)
    }

    /// Waits for the client with a time limit, because the export holds a shared connection.
    fn send(&mut self, piece: Piece) -> ControlFlow<()> {
        // Nobody waits any more if the client has gone.
        let _ = self.begun.take().map(|begun| begun.send(()));
        let sending = tokio::time::timeout(PATIENCE, self.sender.send(piece));
        match self.runtime.block_on(sending) {
            Ok(Ok(())) => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        }
    }
}

impl PieceReceiver {
    /// Waits for the first piece; returns whether there is one.
    pub async fn begin(&mut self) -> bool {
        (&mut self.beginning).await.is_ok()
    }

    /// The pieces, followed by an error if the last one never came.
    pub fn into_stream(mut self) -> impl Stream<Item = Result<Bytes, Error>> {
        let mut is_over = false;
        futures_util::stream::poll_fn(move |context| {
            if is_over {
                return Poll::Ready(None);
            }
            let piece = ready!(self.receiver.poll_recv(context));
            is_over = !matches!(piece, Some(Piece::More(_)));
            Poll::Ready(Some(match piece {
                Some(Piece::More(bytes) | Piece::Last(bytes)) => Ok(bytes),
                None => Err(Error::other("the export broke off")),
            }))
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use futures_util::StreamExt;

    async fn arrived(send: impl FnOnce(Pieces) + Send + 'static) -> Vec<Result<Bytes, Error>> {
        let (pieces, mut arrivals) = channel();
        let sending = tokio::task::spawn_blocking(move || send(pieces));
        assert!(arrivals.begin().await);
        let all = arrivals.into_stream().collect().await;
        sending.await.unwrap();
        all
    }

    #[tokio::test]
    async fn a_file_ends_with_its_last_piece() {
        let all = arrived(|mut pieces| {
            assert!(pieces.more(Bytes::from_static(b"a")).is_continue());
            assert!(pieces.last(Bytes::from_static(b"b")).is_continue());
        });
        let all: Result<Vec<Bytes>, Error> = all.await.into_iter().collect();
        assert_eq!(all.unwrap(), ["a", "b"]);
    }

    #[tokio::test]
    async fn a_file_without_its_last_piece_is_seen_to_be_broken() {
        let all = arrived(|mut pieces| {
            assert!(pieces.more(Bytes::from_static(b"a")).is_continue());
        });
        let all = all.await;
        assert_eq!(all.len(), 2);
        assert!(matches!(all.last(), Some(Err(_))));
    }

    #[tokio::test]
    async fn nobody_waits_for_a_client_that_has_gone() {
        let (pieces, arrivals) = channel();
        assert!(pieces.are_wanted().is_continue());
        drop(arrivals);
        assert!(pieces.are_wanted().is_break());
    }
}
