//! Finds out why the provider does not respond: DNS, the connection, TLS or HTTP.

use super::CheckedProvider;
use crate::sso::exchange::probe::Answer;
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::Url;

const WITHIN: Duration = Duration::from_secs(3);

/// The layer that failed, in one word, and the remedy.
pub(super) async fn diagnose(
    asked: &CheckedProvider<'_>,
    url: &str,
    reason: &str,
) -> (&'static str, String) {
    let (url, key) = asked.way_to(url);
    let key = asked.key(key);
    if let Some(remedy) = tls_remedy(reason) {
        let remedy = remedy.replace("oidc.ca_file", &asked.key("ca_file"));
        return ("TLS", remedy.replace("oidc.issuer", &key));
    }
    let Some((host, port)) = host_and_port(&url) else {
        return ("URL", format!("correct {key}"));
    };
    let addresses = match timeout(WITHIN, lookup_host((host.as_str(), port))).await {
        Ok(Ok(addresses)) => addresses.collect::<Vec<_>>(),
        Ok(Err(_)) | Err(_) => {
            return (
                "DNS",
                format!("correct the host in {key}, or let this machine resolve {host}"),
            );
        }
    };
    match connect(&addresses).await {
        Ok(()) => (
            "HTTP",
            "look at the provider's log: it accepts connections but does not answer properly"
                .to_owned(),
        ),
        Err(Refused::Closed) => (
            "TCP",
            if key.ends_with("proxy") {
                format!("start the proxy, or correct the port in {key} (it is {port})")
            } else {
                format!("start the provider, or correct the port in {key} (it is {port})")
            },
        ),
        Err(Refused::Silent) => (
            "TCP",
            format!(
                "allow connections from this machine to {host}, port {port}, in the firewall, or \
                 write {} if there is a proxy in between",
                asked.key("proxy")
            ),
        ),
    }
}

enum Refused {
    Closed,
    Silent,
}

async fn connect(addresses: &[std::net::SocketAddr]) -> Result<(), Refused> {
    match timeout(WITHIN, TcpStream::connect(addresses)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(_)) => Err(Refused::Closed),
        Err(_) => Err(Refused::Silent),
    }
}

fn host_and_port(url: &str) -> Option<(String, u16)> {
    let url = Url::parse(url).ok()?;
    let host = match url.host()? {
        url::Host::Ipv6(address) => address.to_string(),
        other => other.to_string(),
    };
    Some((host, url.port_or_known_default()?))
}

/// The remedy for a certificate error, by the TLS library's message.
fn tls_remedy(reason: &str) -> Option<&'static str> {
    let remedies = [
        (
            "UnknownIssuer",
            "install the certificate authority of the provider in this machine's trust store, or \
             name its file as oidc.ca_file",
        ),
        (
            "certificate expired",
            "renew the provider's certificate, or set this machine's clock",
        ),
        (
            "certificate not valid yet",
            "set this machine's clock: the certificate is not valid yet",
        ),
        (
            "certificate not valid for name",
            "write the host that the certificate is for in oidc.issuer",
        ),
        (
            "InvalidContentType",
            "the port does not speak TLS: correct https:// or the port in oidc.issuer",
        ),
        (
            "invalid peer certificate",
            "correct the provider's certificate",
        ),
        (
            "received fatal alert",
            "check the provider's TLS settings: it ends the handshake",
        ),
    ];
    let found = remedies.iter().find(|(said, _)| reason.contains(said));
    found.map(|(_, remedy)| *remedy)
}

/// The remedy for a response that is not metadata.
pub(super) fn remedy_for_status(asked: &CheckedProvider<'_>, answer: &Answer) -> String {
    let key = asked.key("issuer");
    let issuer = &asked.oidc.issuer;
    match (answer.status, &answer.location) {
        (300..=399, Some(location)) => format!(
            "redirects are not followed; it points to {location}: write the issuer that belongs \
             to it, byte for byte"
        ),
        (404, _) => format!(
            "correct the path of {key} ({issuer}): it is what the provider shows as \
             \u{201c}issuer\u{201d}, such as https://HOST/realms/NAME for Keycloak or \
             https://HOST/application/o/NAME/ for authentik"
        ),
        (401 | 403, _) => "let this machine reach the provider's metadata: something in between \
                           asks for credentials"
            .to_owned(),
        (500..=599, _) => "the provider, or a proxy in front of it, has failed: try again, and \
                           look at its log"
            .to_owned(),
        _ => format!("correct {key}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn certificates_have_remedies_of_their_own() {
        let told = |reason| tls_remedy(reason).unwrap();
        assert!(told("invalid peer certificate: UnknownIssuer").contains("trust store"));
        assert!(told("invalid peer certificate: certificate expired: x").contains("renew the"));
        assert!(told("invalid peer certificate: Other").contains("correct the"));
        assert!(tls_remedy("tcp connect error: Connection refused").is_none());
    }

    #[test]
    fn hosts_are_taken_out_of_addresses() {
        let of = |url| host_and_port(url).unwrap();
        assert_eq!(
            of("https://id.example.com/x"),
            ("id.example.com".into(), 443)
        );
        assert_eq!(of("http://[::1]:9400"), ("::1".into(), 9400));
    }
}
