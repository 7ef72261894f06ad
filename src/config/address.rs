//! Rules for the addresses in a configuration.

use serde::{Deserialize, Deserializer, de::Error};
use std::net::SocketAddr;
use url::{Host, Url};

/// Whether the address is loopback. Plain `http` is allowed only there.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        // RFC 6761 section 6.3: names below localhost are loopback too.
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// Describes what is wrong with a base address. It must be `http` or `https`, without user, query
/// or fragment.
pub(super) fn not_plain(url: &Url) -> Option<&'static str> {
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        Some("must start with https:// (or, on this machine only, http://)")
    } else if !url.username().is_empty() || url.password().is_some() {
        Some("must not hold a user name or password")
    } else if url.query().is_some() {
        Some("must not have a query (a part behind \u{201c}?\u{201d})")
    } else if url.fragment().is_some() {
        Some("must not have a fragment (a part behind \u{201c}#\u{201d})")
    } else {
        None
    }
}

pub(super) fn listen<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    let wrong = "must be an address and a port, such as \"127.0.0.1:8080\" or \"[::1]:8080\"";
    String::deserialize(from)?
        .parse()
        .map_err(|_| D::Error::custom(wrong))
}

pub(super) fn url<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Url>, D::Error> {
    let wrong = |reason| {
        let message = format!("must be an address such as \"https://panel.example.com\": {reason}");
        D::Error::custom(message)
    };
    Url::parse(&String::deserialize(from)?)
        .map(Some)
        .map_err(wrong)
}
