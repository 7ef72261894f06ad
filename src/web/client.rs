//! The client address of a request: that of the peer, or the one given by trusted proxies.

use crate::config::Networks;
use actix_web::{HttpRequest, web};
use std::net::{IpAddr, SocketAddr};

/// The proxies whose forwarding headers are trusted (`server.trusted_proxies`). It is app data, as
/// `web::Data<TrustedProxies>`; without it, no proxy is trusted.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Networks);

impl TrustedProxies {
    /// Makes them from the configuration.
    pub fn new(networks: Networks) -> Self {
        Self(networks)
    }
}

/// The peer address of the connection.
fn peer(request: &HttpRequest) -> Option<IpAddr> {
    Some(request.peer_addr()?.ip().to_canonical())
}

/// Whether an address belongs to a trusted proxy.
pub(super) fn is_trusted(request: &HttpRequest, address: IpAddr) -> bool {
    let proxies = request.app_data::<web::Data<TrustedProxies>>();
    proxies.is_some_and(|proxies| proxies.0.contain(address))
}

/// The client's address: that of the peer, or the one given by trusted proxies.
pub fn client_address(request: &HttpRequest) -> Option<String> {
    let mut address = peer(request)?;
    if is_trusted(request, address) {
        let hops: Vec<&[u8]> = request
            .headers()
            .get_all("x-forwarded-for")
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
            .collect();
        // From the right, the first address that is not a trusted proxy is the client. Addresses
        // left of an unreadable one may be forged.
        for hop in hops.into_iter().rev().map_while(hop) {
            address = hop;
            if !is_trusted(request, hop) {
                break;
            }
        }
    }
    Some(address.to_string())
}

/// The scheme used by the browser, as given by a trusted proxy.
pub fn scheme(request: &HttpRequest) -> Option<String> {
    if !is_trusted(request, peer(request)?) {
        return None;
    }
    let value = request.headers().get("x-forwarded-proto")?.to_str().ok()?;
    Some(value.split(',').next()?.trim().to_ascii_lowercase())
}

/// Parses an address in a forwarding header; some have a port.
fn hop(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let address = text.parse().or_else(|_| {
        let with_port = text.parse::<SocketAddr>();
        with_port.map(|address| address.ip())
    });
    address.ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    /// A request through a proxy that is configured by its IPv4 address.
    fn by(peer: &str, forwarded: &str) -> HttpRequest {
        let proxy = IpAddr::from([127, 0, 0, 1]);
        let trusted = TrustedProxies::new(Networks::loopback());
        TestRequest::default()
            .app_data(web::Data::new(trusted))
            .peer_addr(SocketAddr::new(peer.parse().unwrap_or(proxy), 4711))
            .insert_header(("x-forwarded-for", forwarded))
            .insert_header(("x-forwarded-proto", "HTTPS, http"))
            .to_http_request()
    }

    #[test]
    fn a_proxy_is_the_same_on_a_socket_for_both_families() {
        for peer in ["127.0.0.1", "::ffff:127.0.0.1"] {
            let request = by(peer, "192.0.2.7, ::ffff:127.0.0.1");
            assert_eq!(client_address(&request).as_deref(), Some("192.0.2.7"));
            assert_eq!(scheme(&request).as_deref(), Some("https"), "{peer}");
        }
    }

    #[test]
    fn others_are_not_believed() {
        let request = by("192.0.2.1", "192.0.2.7");
        assert_eq!(client_address(&request).as_deref(), Some("192.0.2.1"));
        assert_eq!(scheme(&request), None);
    }
}
