//! The development identity provider: real OpenID Connect over HTTP, without passwords.
//!
//! Has its own HTTP server, pages and people. The panel knows only its issuer. It signs anybody in
//! who clicks a name, so it must never be reachable from another machine. It refuses all but
//! loopback addresses.

mod authorize;
mod backchannel;
mod claims;
mod keys;
mod logout;
mod metadata;
mod pages;
mod params;
mod people;
mod settings;
mod shared;
mod store;
mod token;
mod userinfo;

use std::io;
use std::net::{SocketAddr, TcpListener};

use actix_web::dev::ServerHandle;
use actix_web::http::header;
use actix_web::middleware::DefaultHeaders;
use actix_web::{App, HttpResponse, HttpServer, web};
use openidconnect::IssuerUrl;

pub use self::keys::KeyError;
pub use self::settings::ProviderSettings;
#[cfg(any(test, feature = "testing"))]
pub use self::settings::{Person, demo_people};

use self::keys::Keys;
use self::pages::Pages;
use self::shared::Shared;
use self::store::Store;

/// Why the provider did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// The address is reachable from other machines.
    #[error(
        "the development identity provider asks for no password and listens on loopback only, not on {0}; use 127.0.0.1"
    )]
    NotLoopback(SocketAddr),
    /// The address could not be bound.
    #[error("cannot listen on {address} for the development identity provider: {source}")]
    #[cfg(any(test, feature = "testing"))]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The operating system's error.
        source: io::Error,
    },
    /// The server could not be set up.
    #[error("cannot start the development identity provider: {0}")]
    Server(#[from] io::Error),
    /// The signing key could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Making the key was interrupted.
    #[error("making the signing key was interrupted")]
    Interrupted,
    /// The templates are invalid.
    #[error("cannot read the development identity provider's pages: {0}")]
    Pages(#[from] tera::Error),
    /// The address cannot form an issuer.
    #[error("cannot make an issuer address: {0}")]
    Issuer(#[from] url::ParseError),
}

/// A configured provider that is not started yet.
#[derive(Debug)]
pub struct Provider {
    settings: ProviderSettings,
}

impl Provider {
    /// A provider with these settings.
    pub fn new(settings: ProviderSettings) -> Self {
        Self { settings }
    }

    /// Binds the address, which must be a loopback one, and starts. Port 0 selects a free port.
    #[cfg(any(test, feature = "testing"))]
    pub async fn bind(self, address: SocketAddr) -> Result<RunningProvider, ProviderError> {
        if !address.ip().is_loopback() {
            return Err(ProviderError::NotLoopback(address));
        }
        let listener =
            TcpListener::bind(address).map_err(|source| ProviderError::Bind { address, source })?;
        self.start(listener).await
    }

    /// Starts on a listener, so that its port can be known and registered before.
    ///
    /// Must run within a Tokio runtime; uses one worker thread, and does not handle signals.
    pub async fn start(self, listener: TcpListener) -> Result<RunningProvider, ProviderError> {
        let address = listener.local_addr()?;
        if !address.ip().is_loopback() {
            return Err(ProviderError::NotLoopback(address));
        }
        let keys = tokio::task::spawn_blocking(Keys::generate)
            .await
            .map_err(|_| ProviderError::Interrupted)??;
        let store = Store::new(self.settings.people.clone());
        let shared = web::Data::new(Shared {
            issuer: IssuerUrl::new(format!("http://{address}"))?,
            // All ports of a host share cookies.
            cookie: format!("dev_idp_{}", address.port()),
            settings: self.settings,
            keys,
            pages: Pages::new()?,
            store: store.into(),
            client: client()?,
        });
        let data = shared.clone();
        let server = HttpServer::new(move || {
            App::new()
                .wrap(security_headers())
                .app_data(data.clone())
                .configure(routes)
        })
        .workers(1)
        .disable_signals()
        .shutdown_timeout(1)
        .listen(listener)?
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(RunningProvider {
            shared,
            handle,
            #[cfg(any(test, feature = "testing"))]
            address,
        })
    }
}

/// Starts a provider on `listen`: see [`Provider::bind`].
#[cfg(any(test, feature = "testing"))]
pub async fn start(
    listen: SocketAddr,
    settings: ProviderSettings,
) -> Result<RunningProvider, ProviderError> {
    Provider::new(settings).bind(listen).await
}

/// A running provider. It stops when dropped.
#[derive(Debug)]
pub struct RunningProvider {
    shared: web::Data<Shared>,
    handle: ServerHandle,
    #[cfg(any(test, feature = "testing"))]
    address: SocketAddr,
}

impl RunningProvider {
    /// The issuer, as in discovery and tokens: `http://127.0.0.1:PORT`, without a slash.
    pub fn issuer(&self) -> &str {
        self.shared.issuer.as_str()
    }

    /// The address it listens on.
    #[cfg(any(test, feature = "testing"))]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Registers a further redirect URI.
    #[cfg(any(test, feature = "testing"))]
    pub fn register_redirect_uri(&self, uri: impl Into<String>) {
        self.shared.store().redirect_uris.push(uri.into());
    }

    /// Registers a further post-logout redirect URI.
    #[cfg(any(test, feature = "testing"))]
    pub fn register_post_logout_redirect_uri(&self, uri: impl Into<String>) {
        self.shared
            .store()
            .post_logout_redirect_uris
            .push(uri.into());
    }

    /// Registers a further back-channel logout URI.
    #[cfg(any(test, feature = "testing"))]
    pub fn register_backchannel_logout_uri(&self, uri: impl Into<String>) {
        self.shared.store().backchannel_logout_uris.push(uri.into());
    }

    /// Sets a person's groups; false if the name is unknown.
    #[cfg(any(test, feature = "testing"))]
    pub fn set_groups(&self, name: &str, groups: &[&str]) -> bool {
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        self.shared.set_groups(name, groups).is_some()
    }

    /// The number of valid refresh tokens.
    #[cfg(any(test, feature = "testing"))]
    pub fn live_refresh_tokens(&self) -> usize {
        self.shared.store().live_refresh_tokens()
    }

    /// Stops it, and waits until the port is free.
    pub async fn stop(self) {
        self.handle.stop(false).await;
    }
}

impl Drop for RunningProvider {
    fn drop(&mut self) {
        // The stop is requested at once; the future is only needed to wait for it.
        drop(self.handle.stop(false));
    }
}

fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(async || see_people()))
        .route("/style.css", web::get().to(pages::style))
        .route(
            "/.well-known/openid-configuration",
            web::get().to(metadata::configuration),
        )
        .route("/jwks", web::get().to(metadata::jwks))
        .service(
            web::resource("/authorize")
                .route(web::get().to(authorize::show))
                .route(web::post().to(authorize::choose)),
        )
        .route("/token", web::post().to(token::exchange))
        .route("/revoke", web::post().to(token::revoke))
        .service(
            web::resource("/userinfo")
                .route(web::get().to(userinfo::show))
                .route(web::post().to(userinfo::show)),
        )
        .service(
            web::resource("/end_session")
                .route(web::get().to(logout::end))
                .route(web::post().to(logout::end)),
        )
        .route("/people", web::get().to(people::list))
        .route("/people/{name}", web::post().to(people::set_groups))
        .route(
            "/people/{name}/sign-out",
            web::post().to(backchannel::sign_out_everywhere),
        );
}

/// The client for requests to this machine: without proxy and redirects.
fn client() -> io::Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .tls_built_in_root_certs(false)
        .build()
        .map_err(io::Error::other)
}

fn see_people() -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, "/people"))
        .finish()
}

/// Has no `form-action`: browsers also apply it to the redirect after a form, which goes to the
/// client.
fn security_headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
        ))
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::REFERRER_POLICY, "no-referrer"))
        .add((header::CACHE_CONTROL, "no-store"))
}

#[cfg(test)]
mod tests;
