//! Addresses. Everything is relative to the configured public URL, never to a request's Host
//! header.

use crate::config::ServerConfig;
use actix_web::http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Characters allowed in a path segment (RFC 3986 section 3.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Addresses of the panel and its parts.
#[derive(Debug, Clone)]
pub struct Urls {
    root: String,
    mount: String,
    origin: String,
    secure: bool,
    cookie: String,
}

impl Urls {
    /// Makes them from the configuration.
    pub fn new(server: &ServerConfig) -> Self {
        let root = server.base_path();
        Self {
            mount: format!("{root}{}", server.mount),
            root,
            origin: server.origin(),
            secure: server.secure(),
            cookie: server.cookie(),
        }
    }

    /// The path prefix of everything: empty, or `/prefix`.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The path of the panel, such as `/prefix/admin`.
    pub fn mount(&self) -> &str {
        &self.mount
    }

    /// The path of the panel without the prefix, such as `/admin`.
    pub fn mount_inside(&self) -> &str {
        self.mount.strip_prefix(&self.root).unwrap_or(&self.mount)
    }

    /// Scheme, host and port as browsers see them.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether browsers use https.
    pub fn secure(&self) -> bool {
        self.secure
    }

    /// The name of the session cookie; the panel's other cookies start with it.
    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    /// Whether a path belongs to the panel, with or without the prefix that a proxy may have
    /// removed.
    pub fn is_panel(&self, path: &str) -> bool {
        [self.mount.as_str(), self.mount_inside()]
            .iter()
            .any(|mount| {
                let rest = path.strip_prefix(mount);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    }

    /// Path and query as browsers see them. A proxy may have removed the prefix or not.
    pub fn as_seen(&self, uri: &Uri) -> String {
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        let inside = target
            .strip_prefix(&self.root)
            .filter(|rest| rest.starts_with('/'));
        format!("{}{}", self.root, inside.unwrap_or(target))
    }

    /// The address of a resource's list.
    pub fn list(&self, resource: &str) -> String {
        format!("{}/data/{}", self.mount, super::segment::encode(resource))
    }

    /// The address of the roles page.
    pub fn roles(&self) -> String {
        format!("{}/roles", self.mount)
    }

    /// The address of a role's page.
    pub fn role(&self, name: &str) -> String {
        format!("{}/{}", self.roles(), utf8_percent_encode(name, SEGMENT))
    }

    /// The address of a row, by its encoded key.
    pub fn row(&self, resource: &str, key: &str) -> String {
        format!("{}/row/{key}", self.list(resource))
    }
}
