//! Networks in the configuration: a single address or CIDR (RFC 4632).

use ipnet::IpNet;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::net::IpAddr;

const WRONG: &str = "must be a list of addresses and networks, such as [\"10.0.0.1\", \
     \"10.1.0.0/16\"]; names are not understood";

/// A list of networks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// The loopback addresses.
    pub fn loopback() -> Self {
        let addresses = [
            IpAddr::from([127, 0, 0, 1]),
            IpAddr::from(std::net::Ipv6Addr::LOCALHOST),
        ];
        Self(addresses.map(IpNet::from).to_vec())
    }

    /// Parses addresses and networks, such as `10.0.0.1` and `10.1.0.0/16`.
    ///
    /// # Errors
    /// When one of them is neither; the message says what would be valid.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let networks: Option<Vec<IpNet>> = texts.into_iter().map(read).collect();
        networks.map(Self).ok_or_else(|| WRONG.to_owned())
    }

    /// Whether an address is in one of them.
    pub fn contain(&self, address: IpAddr) -> bool {
        // A dual-stack socket reports IPv4 addresses mapped into IPv6.
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The networks as text.
    pub(crate) fn texts(&self) -> Vec<String> {
        let text = |network: &IpNet| {
            if network.prefix_len() == network.max_prefix_len() {
                network.addr().to_string()
            } else {
                network.to_string()
            }
        };
        self.0.iter().map(text).collect()
    }
}

/// Reads a network, or a single address as a network of one.
fn read(text: &str) -> Option<IpNet> {
    match text.parse::<IpAddr>() {
        Ok(address) => Some(address.to_canonical().into()),
        Err(_) => text.parse::<IpNet>().ok().map(|network| network.trunc()),
    }
}

impl<'de> Deserialize<'de> for Networks {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let texts = Vec::<String>::deserialize(from)?;
        Self::parse(texts.iter().map(String::as_str)).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Networks, read};

    #[test]
    fn addresses_and_networks_hold_what_is_in_them() {
        let texts = [
            "10.0.0.1",
            "10.1.0.0/16",
            "2001:db8::/32",
            "::ffff:192.0.2.1",
        ];
        let networks = Networks::parse(texts).unwrap();
        for (address, is_in) in [
            ("10.0.0.1", true),
            ("10.0.0.2", false),
            ("10.1.255.255", true),
            ("10.2.0.0", false),
            ("::ffff:10.1.2.3", true),
            ("2001:db8:ffff::1", true),
            ("2001:db9::1", false),
            ("192.0.2.1", true),
        ] {
            assert_eq!(
                networks.contain(address.parse().unwrap()),
                is_in,
                "{address}"
            );
        }
        assert!(read("proxy.example.com").is_none());
        assert!(read("10.0.0.0/33").is_none());
    }
}
