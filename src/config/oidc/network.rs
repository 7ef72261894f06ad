//! Rules for how the panel itself reaches a provider.

use super::OidcConfig;
use crate::config::address::{is_loopback, not_plain};
use crate::config::report::Report;
use url::Url;

impl OidcConfig {
    pub(super) fn check_network(&self, report: &mut Report<'_>) {
        if let Some(path) = &self.ca_file
            && let Err(wrong) = certificates(path)
        {
            report.fault(self.key("ca_file"), wrong);
        }
        if let Some(proxy) = &self.proxy
            && let Some(wrong) = wrong_proxy(proxy.reveal())
        {
            report.fault(self.key("proxy"), wrong);
        }
        let Some(internal) = &self.internal_url else {
            return;
        };
        match Url::parse(internal) {
            Err(reason) => report.fault(
                self.key("internal_url"),
                format!("must be an address such as \"https://keycloak:8443\": {reason}"),
            ),
            Ok(url) => self.check_internal(&url, report),
        }
    }

    fn check_internal(&self, url: &Url, report: &mut Report<'_>) {
        if let Some(wrong) = not_plain(url) {
            report.fault(self.key("internal_url"), wrong);
        } else if url.path() != "/" {
            report.fault(
                self.key("internal_url"),
                "must be scheme, host and port only: the paths are those of the issuer",
            );
        } else if url.scheme() != "https" && !is_loopback(url) {
            report.warn(
                self.key("internal_url"),
                "is plain http: anyone on the way there can read the client's secret and sign in \
                 as anyone; use https unless that network is yours alone",
            );
        }
    }
}

/// Checks a file of certificates.
fn certificates(path: &std::path::Path) -> Result<(), String> {
    let text = std::fs::read(path)
        .map_err(|reason| format!("{}: cannot be read: {reason}", path.display()))?;
    match reqwest::Certificate::from_pem_bundle(&text) {
        Ok(found) if !found.is_empty() => Ok(()),
        _ => Err(format!(
            "{}: there is no certificate in PEM form (-----BEGIN CERTIFICATE-----) in it",
            path.display()
        )),
    }
}

/// Describes what is wrong with a proxy's address. The address is not quoted, as it may hold a
/// password.
fn wrong_proxy(proxy: &str) -> Option<&'static str> {
    let is_plain = Url::parse(proxy)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some());
    (!is_plain || reqwest::Proxy::all(proxy).is_err()).then_some(
        "must be the address of an HTTP proxy, such as \"http://proxy.example.com:3128\"",
    )
}
