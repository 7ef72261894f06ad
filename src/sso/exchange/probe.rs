//! Checks a provider step by step, for `bailiwick check`. Where a sign-in would only be refused,
//! this reports what was received.

use crate::session::token;
use crate::sso::exchange::{ExchangeError, Start, plain};
use crate::sso::provider::metadata::{self, Metadata};
use crate::sso::provider::wire::{WireError, is_json};
use crate::sso::provider::{Provider, ProviderError};
use crate::sso::token::json;
use crate::sso::token::jws::{self, ALGORITHMS};
use chrono::{DateTime, Utc};
use openidconnect::JsonWebKey;
use openidconnect::core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::http::HeaderMap;
use serde_json::{Map, Value};

/// The response from an address.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The redirect target; it is not followed.
    pub location: Option<String>,
    /// Its content type.
    pub content_type: String,
    /// The server's time.
    pub date: Option<DateTime<Utc>>,
    body: Vec<u8>,
}

/// The number of keys that a provider publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyCount {
    /// Keys that can be read.
    pub all: usize,
    /// Keys that can verify an ID token.
    pub usable: usize,
    /// Usable keys without an id (`kid`).
    pub unnamed: usize,
}

impl Answer {
    /// The JSON object in the body.
    ///
    /// # Errors
    /// A description of what the body is instead.
    pub fn object(&self) -> Result<Map<String, Value>, String> {
        if !is_json(&self.content_type) {
            let kind = plain(&self.content_type);
            return Err(format!("it answered with the content type {kind:?}"));
        }
        json::object(&self.body).map_err(|error| format!("it is not JSON: {error}"))
    }
}

/// The algorithms for ID tokens that both the provider and the panel support, by name.
pub fn common_algorithms(document: &Map<String, Value>) -> Vec<String> {
    let listed = document.get("id_token_signing_alg_values_supported");
    let listed = listed.and_then(Value::as_array);
    let is_listed = |name: &String| {
        let mut listed = listed.into_iter().flatten();
        listed.any(|value| value.as_str() == Some(name))
    };
    names(&ALGORITHMS).into_iter().filter(is_listed).collect()
}

fn names(algorithms: &[CoreJwsSigningAlgorithm]) -> Vec<String> {
    let name = |algorithm| match serde_json::to_value(algorithm) {
        Ok(Value::String(name)) => Some(name),
        _ => None,
    };
    algorithms.iter().filter_map(name).collect()
}

/// Whether an address is https, or http on loopback.
pub fn is_safe(url: &str) -> bool {
    metadata::is_safe(url)
}

impl Provider {
    /// Requests an address of the provider, without following redirects.
    ///
    /// # Errors
    /// When there is no response.
    pub async fn look(&self, url: &str, accept: &str) -> Result<Answer, WireError> {
        let response = self.wire.get(url, accept, None).await?;
        let text = |name: &str| header(response.headers(), name);
        Ok(Answer {
            status: response.status().as_u16(),
            location: text("location"),
            content_type: text("content-type").unwrap_or_default(),
            date: text("date")
                .and_then(|date| DateTime::parse_from_rfc2822(&date).ok())
                .map(|date| date.with_timezone(&Utc)),
            body: response.into_body(),
        })
    }

    /// Reads the metadata in this response as a sign-in would.
    ///
    /// # Errors
    /// The reason why a sign-in would refuse it.
    pub fn take(&self, answer: &Answer) -> Result<Metadata, String> {
        Metadata::parse(&answer.body, &self.settings)
    }

    /// Counts the keys in this response.
    ///
    /// # Errors
    /// The reason why it is not a set of keys.
    pub fn count_keys(&self, answer: &Answer, metadata: &Metadata) -> Result<KeyCount, String> {
        let set: CoreJsonWebKeySet =
            serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?;
        let usable = || jws::usable(&set, &metadata.algorithms);
        Ok(KeyCount {
            all: set.keys().len(),
            usable: usable().count(),
            unnamed: usable().filter(|key| key.key_id().is_none()).count(),
        })
    }

    /// Sends an authorization request as a browser would, and stops there.
    ///
    /// # Errors
    /// When there is no response.
    pub async fn begin(&self, metadata: &Metadata) -> Result<Answer, ProviderError> {
        let (state, nonce, verifier) = (token::random(), token::random(), token::random());
        let start = Start::plain(&state, &nonce, &verifier);
        let url = self.authorization_url(metadata, &start)?;
        let answer = self.look(url.as_str(), "text/html").await;
        answer.map_err(|error| ProviderError::Unreachable {
            url: metadata.document.authorization_endpoint().to_string(),
            reason: error.to_string(),
        })
    }

    /// Sends the token endpoint a code that was never issued. A provider that accepts the client
    /// and its secret responds `invalid_grant`; otherwise it responds `invalid_client`.
    pub async fn redeem_nothing(&self, metadata: &Metadata) -> ExchangeError {
        let code = token::random();
        let outcome = self.exchange(metadata, &token::random(), &code).await;
        match outcome {
            Err(error) => error,
            Ok(_) => ExchangeError::Answer("it gives tokens for a code that was made up".into()),
        }
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(value.to_owned())
}
