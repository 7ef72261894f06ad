//! Requests to the provider: no redirects, with limits on time and size.

use super::settings::Settings;
use super::standing::Watch;
use openidconnect::http::header::CONTENT_TYPE;
use openidconnect::{HttpRequest, HttpResponse, http};
use std::sync::Arc;
use std::time::Duration;
use url::{Origin, Url};

const CONNECT_WITHIN: Duration = Duration::from_secs(3);
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How long an idle connection is kept: less than servers keep theirs, some only 5 seconds. A code
/// must not be sent on a connection that the provider is closing, as it works only once.
const IDLE_FOR: Duration = Duration::from_secs(3);
/// The maximum length of a response, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// Why there is no response from the provider.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The HTTP client could not be made.
    #[error("no HTTP client could be made: {0}")]
    Client(String),
    /// No connection, no response in time, or a broken one.
    #[error("{0}")]
    Unreachable(String),
    /// The response is too long.
    #[error("the answer is longer than {MAX_BODY} bytes")]
    TooLong,
    /// An unexpected status.
    #[error("it answered with status {0}")]
    Status(u16),
    /// The response is not JSON.
    #[error("it answered with the content type {0:?} and not with JSON")]
    NotJson(String),
    /// The request could not be made.
    #[error("the request could not be made: {0}")]
    Request(String),
}

/// The HTTP client for all requests to the provider.
#[derive(Clone)]
pub(in crate::sso) struct Wire {
    client: reqwest::Client,
    inside: Option<InternalAddress>,
    watch: Option<Arc<Watch>>,
}

/// The issuer's host, and the internal address for it.
#[derive(Clone)]
struct InternalAddress {
    outside: Origin,
    base: Url,
}

impl Wire {
    /// Makes a client from a provider's settings.
    pub fn new(settings: &Settings) -> Result<Self, WireError> {
        let broken = |error: reqwest::Error| WireError::Client(causes(&error));
        let mut client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            .pool_idle_timeout(IDLE_FOR)
            .user_agent(concat!("bailiwick/", env!("CARGO_PKG_VERSION")));
        if let Some(path) = &settings.ca_file {
            let text = std::fs::read(path)
                .map_err(|error| WireError::Client(format!("{}: {error}", path.display())))?;
            for root in reqwest::Certificate::from_pem_bundle(&text).map_err(broken)? {
                client = client.add_root_certificate(root);
            }
        }
        if let Some(proxy) = &settings.proxy {
            client = client.proxy(reqwest::Proxy::all(proxy.reveal()).map_err(broken)?);
        }
        let issuer = Url::parse(&settings.issuer).ok();
        let inside = issuer.zip(settings.internal_url.clone());
        Ok(Self {
            client: client.build().map_err(broken)?,
            inside: inside.map(|(issuer, base)| InternalAddress {
                outside: issuer.origin(),
                base,
            }),
            watch: None,
        })
    }

    /// The address to which a request is actually sent.
    fn target(&self, url: &Url) -> Url {
        match &self.inside {
            Some(inside) if inside.outside == url.origin() => {
                let mut target = inside.base.clone();
                target.set_path(url.path());
                target.set_query(url.query());
                target
            }
            _ => url.clone(),
        }
    }

    /// Reports failed requests to `watch`.
    pub fn watched(self, watch: Arc<Watch>) -> Self {
        Self {
            watch: Some(watch),
            ..self
        }
    }

    /// Sends a request; any status counts as a response.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, WireError> {
        let outcome = self.carry(request).await;
        if let Some(watch) = &self.watch {
            watch.note(&outcome);
        }
        outcome
    }

    async fn carry(&self, request: HttpRequest) -> Result<HttpResponse, WireError> {
        let mut request = reqwest::Request::try_from(request)
            .map_err(|error| WireError::Request(causes(&error)))?;
        *request.url_mut() = self.target(request.url());
        // The URL may hold a code, so it is left out of errors.
        let broken = |error: reqwest::Error| WireError::Unreachable(causes(&error.without_url()));
        let mut answer = self.client.execute(request).await.map_err(broken)?;
        let mut response = http::Response::new(Vec::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        while let Some(chunk) = answer.chunk().await.map_err(broken)? {
            if response.body().len() + chunk.len() > MAX_BODY {
                return Err(WireError::TooLong);
            }
            response.body_mut().extend_from_slice(&chunk);
        }
        Ok(response)
    }

    /// Requests an address; any status counts as a response.
    pub async fn get(
        &self,
        url: &str,
        accept: &str,
        bearer: Option<&str>,
    ) -> Result<HttpResponse, WireError> {
        let mut request = http::Request::get(url).header(http::header::ACCEPT, accept);
        if let Some(token) = bearer {
            request = request.header(http::header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request
            .body(Vec::new())
            .map_err(|error| WireError::Request(error.to_string()))?;
        self.send(request).await
    }

    /// Reads a JSON document with an accepted content type.
    pub async fn json(&self, url: &str, is_taken: fn(&str) -> bool) -> Result<Vec<u8>, WireError> {
        let (kind, body) = self.document(url, "application/json", None).await?;
        if is_taken(&kind) {
            Ok(body)
        } else {
            Err(WireError::NotJson(kind.chars().take(80).collect()))
        }
    }

    /// Reads a document and its content type; `bearer` is an access token to send, if needed.
    pub async fn document(
        &self,
        url: &str,
        accept: &str,
        bearer: Option<&str>,
    ) -> Result<(String, Vec<u8>), WireError> {
        let response = self.get(url, accept, bearer).await?;
        if response.status() != http::StatusCode::OK {
            return Err(WireError::Status(response.status().as_u16()));
        }
        let kind = response.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        Ok((kind.to_owned(), response.into_body()))
    }
}

/// Whether a content type is JSON that is not signed or encrypted.
pub(in crate::sso) fn is_json(content_type: &str) -> bool {
    is_kind(content_type, "application/json") || is_kind(content_type, "application/jwk-set+json")
}

/// Whether a content type may be that of a key set. Providers use various types, but never that of
/// a page or a token.
pub(in crate::sso) fn may_be_keys(content_type: &str) -> bool {
    !["text/html", "application/xhtml+xml", "application/jwt"]
        .iter()
        .any(|kind| is_kind(content_type, kind))
}

/// Whether a content type equals that one, ignoring parameters.
pub(in crate::sso) fn is_kind(content_type: &str, kind: &str) -> bool {
    let said = content_type.split(';').next().unwrap_or_default().trim();
    said.eq_ignore_ascii_case(kind)
}

/// An error with its causes: only the last one distinguishes DNS, TLS and a refused connection.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn requests_to_the_issuers_host_go_inside_and_no_others() {
        let mut settings = Settings::at("https://id.example/realms/a", "c", "https://p");
        settings.internal_url = Url::parse("http://keycloak:8080").ok();
        let wire = Wire::new(&settings).unwrap();
        for (asked, goes) in [
            (
                "https://id.example/realms/a/token?x=1",
                "http://keycloak:8080/realms/a/token?x=1",
            ),
            ("https://id.example:443/k", "http://keycloak:8080/k"),
            ("https://id.example:8443/k", "https://id.example:8443/k"),
            ("http://id.example/k", "http://id.example/k"),
            ("https://other.example/k", "https://other.example/k"),
        ] {
            assert_eq!(wire.target(&Url::parse(asked).unwrap()).as_str(), goes);
        }
    }

    /// Answers every request with the number of its connection, counted from 1.
    fn counting() -> String {
        use std::io::{BufRead, BufReader, Write};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for (number, stream) in (1..).zip(listener.incoming()) {
                let mut stream = stream.unwrap();
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                std::thread::spawn(move || {
                    while let Some(Ok(line)) = lines.next() {
                        if line.is_empty() {
                            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 1";
                            write!(stream, "{answer}\r\n\r\n{number}").unwrap();
                        }
                    }
                });
            }
        });
        format!("http://{address}")
    }

    #[actix_web::test]
    async fn a_connection_that_was_idle_is_not_used_again() {
        let url = counting();
        let wire = Wire::new(&Settings::at(url.as_str(), "c", "https://p")).unwrap();
        let ask = async || {
            wire.get(&url, "text/plain", None)
                .await
                .unwrap()
                .into_body()
        };
        assert_eq!((ask().await, ask().await), (b"1".to_vec(), b"1".to_vec()));
        tokio::time::sleep(IDLE_FOR + Duration::from_millis(200)).await;
        assert_eq!(ask().await, b"2");
    }

    #[test]
    fn only_plain_json_is_json() {
        assert!(is_json("application/json") && is_json("Application/JSON; charset=utf-8"));
        assert!(!is_json("application/jwt") && !is_json("text/html") && !is_json(""));
        assert!(!is_json("application/jsonp"));
    }
}
