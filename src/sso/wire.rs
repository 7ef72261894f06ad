//! Requests to the provider: no redirects, bounded time, bounded answers.

use super::standing::Watch;
use openidconnect::http::header::CONTENT_TYPE;
use openidconnect::{HttpRequest, HttpResponse, http};
use std::sync::Arc;
use std::time::Duration;

const CONNECT_WITHIN: Duration = Duration::from_secs(3);
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// The longest answer that is read, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// Why there is no answer from the provider.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The client itself could not be made.
    #[error("no HTTP client could be made: {0}")]
    Client(String),
    /// No connection, no answer in time, or a broken one.
    #[error("{0}")]
    Unreachable(String),
    /// The answer is longer than any honest one.
    #[error("the answer is longer than {MAX_BODY} bytes")]
    TooLong,
    /// Another status than the one expected.
    #[error("it answered with status {0}")]
    Status(u16),
    /// The answer is not JSON.
    #[error("it answered with the content type {0:?} and not with JSON")]
    NotJson(String),
    /// The request could not be made.
    #[error("the request could not be made: {0}")]
    Request(String),
}

/// The client that all requests to the provider go through.
#[derive(Clone)]
pub(super) struct Wire(reqwest::Client, Option<Arc<Watch>>);

impl Wire {
    pub fn new() -> Result<Self, WireError> {
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            .user_agent(concat!("bailiwick/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(|client| Self(client, None))
            .map_err(|error| WireError::Client(causes(&error)))
    }

    /// With someone who is told of requests that fail.
    pub fn watched(self, watch: Arc<Watch>) -> Self {
        Self(self.0, Some(watch))
    }

    /// Sends a request; any status is an answer.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, WireError> {
        let outcome = self.carry(request).await;
        if let Some(watch) = &self.1 {
            watch.note(&outcome);
        }
        outcome
    }

    async fn carry(&self, request: HttpRequest) -> Result<HttpResponse, WireError> {
        let request = reqwest::Request::try_from(request)
            .map_err(|error| WireError::Request(causes(&error)))?;
        // The URL may hold a code: it is left out of what is said of a failure.
        let broken = |error: reqwest::Error| WireError::Unreachable(causes(&error.without_url()));
        let mut answer = self.0.execute(request).await.map_err(broken)?;
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

    /// Gets an address; any status is an answer.
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

    /// Reads a JSON document; `bearer` is the access token to show, if it takes one.
    pub async fn json(&self, url: &str, bearer: Option<&str>) -> Result<Vec<u8>, WireError> {
        let response = self.get(url, "application/json", bearer).await?;
        if response.status() != http::StatusCode::OK {
            return Err(WireError::Status(response.status().as_u16()));
        }
        let kind = response.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !is_json(kind) {
            return Err(WireError::NotJson(kind.chars().take(80).collect()));
        }
        Ok(response.into_body())
    }
}

/// Whether a content type is JSON that is not signed or encrypted.
pub(super) fn is_json(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    ["application/json", "application/jwk-set+json"]
        .iter()
        .any(|json| kind.eq_ignore_ascii_case(json))
}

/// An error with what caused it, as only the last cause tells DNS from TLS from a refusal.
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
    use super::is_json;

    #[test]
    fn only_plain_json_is_json() {
        assert!(is_json("application/json") && is_json("Application/JSON; charset=utf-8"));
        assert!(!is_json("application/jwt") && !is_json("text/html") && !is_json(""));
        assert!(!is_json("application/jsonp"));
    }
}
