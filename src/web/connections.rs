//! Limits open connections for each address. Otherwise, one client could open connections, send
//! nothing, and use up all file descriptors.

use crate::config::Networks;
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use std::any::Any;
use std::collections::HashMap;
use std::net::{IpAddr, Shutdown};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The open connections, by address.
pub struct Connections {
    /// The maximum for one address; zero means no limit.
    most: usize,
    /// Proxies connect for many people, and limit those themselves.
    proxies: Networks,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// An open connection. It counts until this is dropped, which Actix does when the connection ends.
struct Open {
    all: Arc<Connections>,
    address: IpAddr,
}

impl Connections {
    /// Limits each address to this many connections.
    pub fn new(most: u32, proxies: Networks) -> Arc<Self> {
        Arc::new(Self {
            most: usize::try_from(most).unwrap_or(usize::MAX),
            proxies,
            open: Mutex::default(),
        })
    }

    /// Counts a new connection, and closes it if it exceeds the limit. For
    /// `HttpServer::on_connect`.
    pub fn opened(self: &Arc<Self>, connection: &dyn Any, data: &mut Extensions) {
        let Some(stream) = connection.downcast_ref::<TcpStream>() else {
            return;
        };
        let Ok(peer) = stream.peer_addr() else {
            return;
        };
        let address = peer.ip().to_canonical();
        if self.most == 0 || self.proxies.contain(address) {
            return;
        }
        match self.count(address) {
            Some(open) => {
                data.insert(open);
            }
            None => {
                tracing::debug!(%address, "an address has too many connections");
                let socket = socket2::SockRef::from(stream);
                if let Err(error) = socket.shutdown(Shutdown::Both) {
                    tracing::debug!(error = %error, "a connection could not be closed");
                }
            }
        }
    }

    fn count(self: &Arc<Self>, address: IpAddr) -> Option<Open> {
        let mut open = self.open();
        let count = open.entry(address).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Open {
            all: Arc::clone(self),
            address,
        })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut open = self.all.open();
        if let Some(count) = open.get_mut(&self.address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}
