//! Addresses: everything is relative to the configured public URL, never to a request's Host.

use crate::config::ServerConfig;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a path segment may hold as it is (RFC 3986 section 3.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Where the panel and its parts are.
#[derive(Debug, Clone)]
pub struct Urls {
    root: String,
    mount: String,
    origin: String,
    secure: bool,
}

impl Urls {
    /// From configuration.
    pub fn new(server: &ServerConfig) -> Self {
        let root = server.base_path();
        Self {
            mount: format!("{root}{}", server.mount),
            root,
            origin: server.origin(),
            secure: server.secure(),
        }
    }

    /// The path in front of everything: empty, or `/prefix`.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The path of the panel, such as `/prefix/admin`.
    pub fn mount(&self) -> &str {
        &self.mount
    }

    /// Scheme, host and port as browsers see them.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether browsers use https.
    pub fn secure(&self) -> bool {
        self.secure
    }

    /// The list of a resource.
    pub fn list(&self, resource: &str) -> String {
        format!(
            "{}/data/{}",
            self.mount,
            utf8_percent_encode(resource, SEGMENT)
        )
    }

    /// The page of the roles.
    pub fn roles(&self) -> String {
        format!("{}/roles", self.mount)
    }

    /// The page of a role.
    pub fn role(&self, name: &str) -> String {
        format!("{}/{}", self.roles(), utf8_percent_encode(name, SEGMENT))
    }

    /// A row, by its encoded key.
    pub fn row(&self, resource: &str, key: &str) -> String {
        format!("{}/row/{key}", self.list(resource))
    }
}
