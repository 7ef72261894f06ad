//! The HTTP server of a panel, and its graceful shutdown.

use crate::app::Panel;
use actix_web::dev::Server;
use actix_web::{App, HttpServer};
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

/// The time limit for requests in progress during a shutdown, in seconds.
const GRACE_S: u64 = 20;

/// Why an address cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {}", self.why())]
pub struct ListenError {
    /// The address.
    pub address: SocketAddr,
    /// The operating system's error.
    pub reason: std::io::Error,
}

impl ListenError {
    fn why(&self) -> String {
        match self.reason.kind() {
            ErrorKind::AddrInUse => "another program listens there already".to_owned(),
            ErrorKind::PermissionDenied => format!(
                "this user may not listen on port {} (ports below 1024 are for root)",
                self.address.port()
            ),
            ErrorKind::AddrNotAvailable => {
                format!("this machine has no address {}", self.address.ip())
            }
            _ => self.reason.to_string(),
        }
    }

    /// The remedy, if the address was set by `key`.
    pub fn remedy(&self, key: &str) -> String {
        match self.reason.kind() {
            ErrorKind::AddrInUse => format!("stop that program, or choose another port as {key}"),
            ErrorKind::PermissionDenied => format!(
                "choose a port above 1023 as {key}, and let the proxy in front have the low one"
            ),
            ErrorKind::AddrNotAvailable => format!(
                "write an address of this machine as {key}, such as 127.0.0.1:{}",
                self.address.port()
            ),
            _ => format!("choose another address as {key}"),
        }
    }
}

/// Listens on an address.
///
/// # Errors
/// When that fails; the error says why.
pub fn listen(address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).map_err(|reason| ListenError { address, reason })
}

/// A server of a panel on a listening socket. On SIGINT and SIGTERM it accepts no new requests,
/// finishes those in progress, and stops.
///
/// # Errors
/// When the server cannot use the socket.
pub fn serve(panel: &Panel, listener: TcpListener) -> std::io::Result<Server> {
    let panel = panel.clone();
    let connections = Arc::clone(panel.connections());
    let server = HttpServer::new(move || App::new().configure(panel.routes()))
        .shutdown_timeout(GRACE_S)
        // A page is sent in a few writes. Nagle's algorithm would delay the last one until the
        // browser acknowledges the others, some 40 ms later.
        .tcp_nodelay(true)
        // A client that closes its half has gone, so its request is cancelled.
        .h1_allow_half_closed(false)
        .on_connect(move |connection, data| connections.opened(connection, data))
        .listen(listener)?
        .run();
    Ok(server)
}
