//! `[server]`: where the panel listens and how browsers reach it.

/// `[server]`
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// Address and port to listen on.
    pub listen: std::net::SocketAddr,
    /// How browsers reach the panel, with a path prefix if there is one; never taken from a
    /// request. Defaults to `http://` and `listen`, which only works on loopback.
    pub public_url: Option<url::Url>,
    /// The path of the panel below `public_url`.
    pub mount: String,
    /// Addresses of the proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Whom the denied page names as the one to ask: an e-mail address, a URL or a text.
    pub contact: Option<String>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: ([127, 0, 0, 1], 8080).into(),
            public_url: None,
            mount: "/admin".into(),
            trusted_proxies: Vec::new(),
            contact: None,
        }
    }
}
