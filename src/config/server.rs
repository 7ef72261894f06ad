//! `[server]`: where the panel listens and how browsers reach it.

use super::address::{is_loopback, not_plain};
use super::{KeyPath, Networks, report::Report};
use crate::secret::Secret;
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use url::Url;

/// First path segments that the panel serves outside the mount.
const TAKEN: [&str; 4] = ["auth", "healthz", "metrics", "readyz"];

/// `[server]`
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// The address and port to listen on.
    #[serde(deserialize_with = "super::address::listen")]
    pub listen: std::net::SocketAddr,
    /// The address people type, with a path prefix if there is one. Host headers are ignored.
    /// Defaults to `http://` and `listen`, which only works on loopback.
    #[serde(deserialize_with = "super::address::url")]
    pub public_url: Option<url::Url>,
    /// The path of the panel below `public_url`.
    pub mount: String,
    /// The name of the session cookie, without the `__Host-` prefix of https. Derived from
    /// `public_url` and `mount` if left out.
    pub cookie_name: Option<String>,
    /// Addresses and networks of proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Networks,
    /// Networks that may read `/metrics` and the details of `/readyz`; loopback by default.
    pub metrics_from: Networks,
    /// A bearer token that gives access to them from anywhere.
    pub metrics_token: Option<Secret>,
    /// The contact shown on the denied page: an e-mail address, a URL or a text.
    pub contact: Option<String>,
    /// Whether the denied page says which groups would give a role.
    pub denied_shows_expected: bool,
    /// Whether `/readyz` answers 503 while an identity provider is down.
    pub ready_needs_provider: bool,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: ([127, 0, 0, 1], 8080).into(),
            public_url: None,
            mount: "/admin".into(),
            cookie_name: None,
            trusted_proxies: Networks::default(),
            metrics_from: Networks::loopback(),
            metrics_token: None,
            contact: None,
            denied_shows_expected: false,
            ready_needs_provider: false,
        }
    }
}

impl ServerConfig {
    /// Returns the defaults with this public URL.
    ///
    /// # Errors
    /// When the URL is invalid; the message says what would be valid.
    pub fn reached_at(public_url: &str) -> Result<Self, String> {
        let url = Url::parse(public_url).map_err(|reason| {
            format!("must be an address such as \"https://panel.example.com\": {reason}")
        })?;
        match wrong_public_url(&url, true) {
            Some(wrong) => Err(wrong),
            None => Ok(Self {
                public_url: Some(url),
                ..Self::default()
            }),
        }
    }

    /// The public URL, without a slash at the end of its path (except for the root).
    pub fn public_url(&self) -> Url {
        let mut url = self.public_url.clone().unwrap_or_else(|| self.listen_url());
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        url
    }

    #[expect(
        clippy::expect_used,
        reason = "an IP address and a port always make a URL"
    )]
    fn listen_url(&self) -> Url {
        let port = self.listen.port();
        let text = match self.listen.ip() {
            IpAddr::V4(address) => format!("http://{address}:{port}"),
            IpAddr::V6(address) => format!("http://[{address}]:{port}"),
        };
        Url::parse(&text).expect("an address makes a URL")
    }

    /// The prefix of every path of the panel: empty, or `/prefix` without a trailing slash.
    pub(crate) fn base_path(&self) -> String {
        self.public_url().path().trim_end_matches('/').to_owned()
    }

    /// The address of the panel's first page, for people to open.
    pub fn panel_url(&self) -> String {
        format!("{}{}{}/", self.origin(), self.base_path(), self.mount)
    }

    /// Scheme, host and port, in the form of the `Origin` header.
    pub(crate) fn origin(&self) -> String {
        self.public_url().origin().ascii_serialization()
    }

    /// Whether the public URL is `https`, so that cookies can be `Secure`.
    pub(crate) fn secure(&self) -> bool {
        self.public_url().scheme() == "https"
    }

    /// The name of the session cookie. Browsers share cookies between all ports and paths of a
    /// host. So each panel on a host needs its own name. Over https the name has the prefix
    /// `__Host-`, which binds the cookie to one host. Browsers refuse that prefix over plain http.
    pub(crate) fn cookie(&self) -> String {
        let name = self.cookie_name.clone().unwrap_or_else(|| {
            let place = format!("{}{}", self.public_url(), self.mount);
            let digest = Sha256::digest(place.as_bytes());
            let digits = digest.iter().take(4).map(|byte| format!("{byte:02x}"));
            format!("bailiwick-{}", digits.collect::<String>())
        });
        if self.secure() {
            format!("__Host-{name}")
        } else {
            name
        }
    }

    pub(super) fn check(&self, report: &mut Report<'_>) {
        if let Some(wrong) = self.cookie_name.as_deref().and_then(wrong_cookie_name) {
            report.fault(KeyPath::of("server.cookie_name"), wrong);
        }
        if let Some(wrong) = wrong_public_url(&self.public_url(), self.public_url.is_some()) {
            report.fault(KeyPath::of("server.public_url"), wrong);
        }
        if let Some(wrong) = wrong_mount(&self.mount) {
            report.fault(KeyPath::of("server.mount"), wrong);
        }
    }
}

fn wrong_public_url(url: &Url, given: bool) -> Option<String> {
    if let Some(wrong) = not_plain(url) {
        return Some(wrong.to_owned());
    }
    if url.path().contains("//") {
        return Some("must not have \u{201c}//\u{201d} in its path".to_owned());
    }
    if url.scheme() == "https" || is_loopback(url) {
        return None;
    }
    let remedy = "put a proxy with TLS in front and write its https:// address here";
    Some(if given {
        format!(
            "plain http would send sessions over the network unprotected; {remedy} \
             (http is for 127.0.0.1, [::1] and localhost only)"
        )
    } else {
        format!(
            "is missing, and the panel listens beyond this machine ({url}); {remedy}, or listen \
             on 127.0.0.1"
        )
    })
}

fn wrong_cookie_name(name: &str) -> Option<&'static str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || name.len() > 60 || !name.chars().all(is_plain) {
        return Some("must be 1 to 60 letters, digits and \u{201c}-_.\u{201d}");
    }
    name.starts_with("__").then_some(
        "must not begin with \u{201c}__\u{201d}: the panel adds __Host- over https by itself",
    )
}

fn wrong_mount(mount: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
    let Some(steps) = mount.strip_prefix('/') else {
        return Some("must start with \u{201c}/\u{201d}, such as \"/admin\"".to_owned());
    };
    if steps.is_empty() {
        return Some(
            "must not be \u{201c}/\u{201d} alone; write a path such as \"/admin\"".to_owned(),
        );
    }
    if steps.ends_with('/') {
        return Some("must not end with \u{201c}/\u{201d}".to_owned());
    }
    if !steps.chars().all(plain) {
        return Some(
            "may hold letters, digits, \u{201c}-._~\u{201d} and \u{201c}/\u{201d} only".to_owned(),
        );
    }
    if steps.split('/').any(|step| matches!(step, "" | "." | "..")) {
        return Some("must not have empty steps (\u{201c}//\u{201d}) or steps of dots".to_owned());
    }
    let first = steps.split('/').next().unwrap_or_default();
    TAKEN.contains(&first).then(|| {
        format!("the panel uses \u{201c}/{first}\u{201d} for something else; choose another")
    })
}

#[cfg(test)]
mod tests;
