//! A browser and a client for tests of the provider.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions
)]

mod flow;
mod server;
mod sign_out;
mod tokens;

use std::collections::HashMap;
use std::net::SocketAddr;

use reqwest::{Method, StatusCode, header};
use serde_json::Value;

use super::{Provider, ProviderSettings, RunningProvider};

const CALLBACK: &str = "http://127.0.0.1:8080/auth/callback";
const SIGNED_OUT: &str = "http://127.0.0.1:8080/signed-out";
const VERIFIER: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHI";

fn settings() -> ProviderSettings {
    ProviderSettings::new("panel", "s:cret +%")
        .redirect_uri(CALLBACK)
        .post_logout_redirect_uri(SIGNED_OUT)
}

async fn start(settings: ProviderSettings) -> RunningProvider {
    Provider::new(settings)
        .bind(SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .unwrap()
}

fn challenge() -> String {
    use base64::Engine;
    use sha2::Digest;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(VERIFIER))
}

/// A response, read completely.
struct Answer {
    status: StatusCode,
    headers: header::HeaderMap,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn location(&self) -> url::Url {
        url::Url::parse(self.headers[header::LOCATION].to_str().unwrap()).unwrap()
    }

    fn query(&self) -> HashMap<String, String> {
        self.location().query_pairs().into_owned().collect()
    }
}

/// A minimal browser: one cookie, and no redirects.
struct Browser {
    issuer: String,
    cookie: Option<String>,
}

impl Browser {
    fn new(provider: &RunningProvider) -> Self {
        Self {
            issuer: provider.issuer().to_owned(),
            cookie: None,
        }
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        form: &[(&str, &str)],
    ) -> Answer {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let mut request = http.request(method.clone(), format!("{}{path}", self.issuer));
        if method == Method::POST {
            request = request.form(form);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        if let Some(cookie) = response.headers().get(header::SET_COOKIE) {
            self.cookie = cookie
                .to_str()
                .unwrap()
                .split(';')
                .next()
                .map(str::to_owned);
        }
        Answer {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.text().await.unwrap(),
        }
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], &[]).await
    }

    async fn sign_in(&mut self, person: &str, further: &[(&str, &str)]) -> HashMap<String, String> {
        let path = authorize(further);
        assert_eq!(self.get(&path).await.status, StatusCode::OK);
        let answer = self
            .send(Method::POST, &path, &[], &[("person", person)])
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        assert!(answer.location().as_str().starts_with(CALLBACK));
        answer.query()
    }

    /// A request to the token endpoint, with the secret in the form.
    async fn token(&mut self, form: &[(&str, &str)]) -> Answer {
        let mut all = vec![("client_id", "panel"), ("client_secret", "s:cret +%")];
        all.extend_from_slice(form);
        self.send(Method::POST, "/token", &[], &all).await
    }

    async fn redeem(&mut self, code: &str) -> Answer {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ])
        .await
    }

    async fn userinfo(&mut self, access: &str) -> Answer {
        self.send(
            Method::GET,
            "/userinfo",
            &[("authorization", &format!("Bearer {access}"))],
            &[],
        )
        .await
    }
}

fn authorize(further: &[(&str, &str)]) -> String {
    let challenge = challenge();
    let mut params = HashMap::from([
        ("client_id", "panel"),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid profile email groups offline_access"),
        ("state", "st&te"),
        ("nonce", "n1"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ]);
    params.extend(further.iter().copied());
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(params)
        .finish();
    format!("/authorize?{query}")
}
