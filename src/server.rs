//! Serving a panel: the HTTP server, and its graceful end.

use crate::app::Panel;
use actix_web::dev::Server;
use actix_web::{App, HttpServer};
use std::net::TcpListener;
use std::sync::Arc;

/// How long requests in flight may take when the process is told to stop, in seconds.
const GRACE_S: u64 = 20;

/// A server of a panel on a listening socket. It stops by itself on SIGINT and SIGTERM: no new
/// requests are taken, and those in flight are finished.
///
/// # Errors
/// When the socket cannot be served.
pub fn serve(panel: &Panel, listener: TcpListener) -> std::io::Result<Server> {
    let panel = panel.clone();
    let connections = Arc::clone(panel.connections());
    let server = HttpServer::new(move || App::new().configure(panel.routes()))
        .shutdown_timeout(GRACE_S)
        // A page goes out in a few writes: Nagle's algorithm would hold the last one back until
        // the browser acknowledges the others, some 40 ms later.
        .tcp_nodelay(true)
        // A client that closes its half has gone: what it asked for is cut short.
        .h1_allow_half_closed(false)
        .on_connect(move |connection, data| connections.opened(connection, data))
        .listen(listener)?
        .run();
    Ok(server)
}
