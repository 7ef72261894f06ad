//! A configurable fake provider with real keys.

use super::gate::Gate;
use actix_web::http::{StatusCode, header};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use openidconnect::core::{CoreJwsSigningAlgorithm, CoreRsaPrivateSigningKey};
use openidconnect::{JsonWebKeyId, PrivateSigningKey};
use rsa::pkcs1::EncodeRsaPrivateKey;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};
use std::time::Duration;

pub const CLIENT: &str = "panel client";
pub const SECRET: &str = "s:cret%/canary-7f3a";
pub const RS256: CoreJwsSigningAlgorithm = CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256;

/// Two keys, generated once because that is slow.
static PEMS: LazyLock<[String; 2]> = LazyLock::new(|| {
    [(); 2].map(|()| {
        rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048)
            .unwrap()
            .to_pkcs1_pem(rsa::pkcs1::LineEnding::LF)
            .unwrap()
            .to_string()
    })
});

pub fn key(which: usize, kid: Option<&str>) -> CoreRsaPrivateSigningKey {
    let kid = kid.map(|kid| JsonWebKeyId::new(kid.into()));
    CoreRsaPrivateSigningKey::from_pem(&PEMS[which], kid).unwrap()
}

/// Signs any header and payload.
pub fn sign(header: &Value, payload: &str, which: usize) -> String {
    let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let input = format!("{}.{}", encode(&header.to_string()), encode(payload));
    let signature = key(which, None).sign(&RS256, input.as_bytes()).unwrap();
    format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

type Change = Box<dyn Fn(&mut Map<String, Value>) + Send>;

/// The behaviour of the provider; each member can be changed while it runs.
pub struct Switches {
    pub issuer: String,
    pub now: DateTime<Utc>,
    /// The signing key, and its id.
    pub signer: (usize, &'static str),
    /// The published keys, by number and id; an empty id means none.
    pub published: Vec<(usize, &'static str)>,
    pub header: Change,
    pub claims: Change,
    pub metadata: Change,
    /// Parameters added to the response at the callback.
    pub answer: Vec<(&'static str, String)>,
    /// Responds with this error instead of a code.
    pub error: Option<&'static str>,
    pub userinfo: Value,
    pub userinfo_type: &'static str,
    /// Signs userinfo with this header and key, and sends the token instead of the claims.
    pub userinfo_signed: Option<(Value, usize)>,
    pub userinfo_status: u16,
    /// Accepts the client's secret in the body, not in the header.
    pub takes_secret_in_body: bool,
    /// The response of the token endpoint to every request: status, content type, body.
    pub token_instead: Option<(u16, &'static str, String)>,
    /// Replaces the ID token by the result of this function.
    pub id_token_instead: Option<fn(String) -> String>,
    pub last_token_request: HashMap<String, String>,
    pub last_token_header: Option<String>,
    pub last_userinfo_header: Option<String>,
    pub last_revocation: HashMap<String, String>,
    pub last_revocation_header: Option<String>,
    pub is_down: bool,
    /// The content type of metadata and keys.
    pub documents_type: &'static str,
    /// The delay of each response.
    pub delay: Duration,
    /// Holds each response.
    pub gate: Gate,
    pub token_answer: Change,
    /// Whether tokens include a refresh token; each works once.
    pub gives_refresh: bool,
    /// Responds to a refresh with this error.
    pub refresh_error: Option<(u16, &'static str)>,
    /// Changes the ID token of a refresh.
    pub refreshed_claims: Change,
    /// Changes the response to a refresh.
    pub refreshed_answer: Change,
    /// Responds to `prompt=none` with this error.
    pub silent_error: Option<&'static str>,
    /// The valid refresh tokens.
    pub refresh_tokens: HashSet<String>,
    pub refresh_used: HashSet<String>,
    pub refreshes: usize,
    pub codes: HashMap<String, HashMap<String, String>>,
    pub seen: Vec<String>,
    pub last_id_token: String,
    pub last_authorization: HashMap<String, String>,
    pub last_code: String,
}

fn document(op: &Switches, document: &Value) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(op.documents_type)
        .body(document.to_string())
}

#[derive(Clone)]
pub struct TestProvider(Arc<Mutex<Switches>>);

impl TestProvider {
    pub fn start(now: DateTime<Utc>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let provider = Self(Arc::new(Mutex::new(Switches {
            issuer,
            now,
            signer: (0, "k0"),
            published: vec![(0, "k0")],
            header: Box::new(|_| ()),
            claims: Box::new(|_| ()),
            metadata: Box::new(|_| ()),
            answer: vec![],
            error: None,
            userinfo: json!({"sub": "s-alice", "email": "alice@example.com"}),
            userinfo_type: "application/json",
            userinfo_signed: None,
            userinfo_status: 200,
            takes_secret_in_body: false,
            token_instead: None,
            id_token_instead: None,
            last_token_request: HashMap::new(),
            last_token_header: None,
            last_userinfo_header: None,
            last_revocation: HashMap::new(),
            last_revocation_header: None,
            is_down: false,
            documents_type: "application/json",
            delay: Duration::ZERO,
            gate: Gate::default(),
            token_answer: Box::new(|_| ()),
            gives_refresh: false,
            refresh_error: None,
            refreshed_claims: Box::new(|_| ()),
            refreshed_answer: Box::new(|_| ()),
            silent_error: None,
            refresh_tokens: HashSet::new(),
            refresh_used: HashSet::new(),
            refreshes: 0,
            codes: HashMap::new(),
            seen: vec![],
            last_id_token: String::new(),
            last_authorization: HashMap::new(),
            last_code: String::new(),
        })));
        let data = web::Data::new(provider.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .default_service(web::to(serve))
        })
        .workers(1)
        // Tests are slow on a busy machine, and a request may arrive late.
        .client_request_timeout(std::time::Duration::ZERO)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
        actix_web::rt::spawn(server);
        provider
    }

    pub fn set(&self) -> MutexGuard<'_, Switches> {
        self.0.lock().unwrap()
    }

    pub fn issuer(&self) -> String {
        self.set().issuer.clone()
    }

    /// The number of requests for a path.
    /// Shuts the gate of its responses, and returns it.
    pub fn hold(&self) -> Gate {
        let gate = self.set().gate.clone();
        gate.shut();
        gate
    }

    pub fn count(&self, path: &str) -> usize {
        self.set().seen.iter().filter(|seen| *seen == path).count()
    }
}

async fn serve(
    request: HttpRequest,
    body: String,
    provider: web::Data<TestProvider>,
) -> HttpResponse {
    let (delay, gate) = {
        let op = provider.set();
        (op.delay, op.gate.clone())
    };
    gate.pass().await;
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let mut op = provider.set();
    op.seen.push(request.path().to_owned());
    if op.is_down {
        return HttpResponse::ServiceUnavailable().finish();
    }
    let query = parameters(request.query_string());
    match request.path() {
        "/.well-known/openid-configuration" => document(&op, &op.document()),
        "/jwks" => document(&op, &op.jwks()),
        "/authorize" => op.authorize(query),
        "/token" => op.token(&request, &parameters(&body)),
        "/userinfo" => op.userinfo(&request),
        "/revoke" => {
            let given = request.headers().get("authorization");
            op.last_revocation_header = given.map(|given| given.to_str().unwrap().to_owned());
            op.last_revocation = parameters(&body);
            HttpResponse::Ok().finish()
        }
        "/moved" => HttpResponse::Found()
            .insert_header((header::LOCATION, "/userinfo"))
            .finish(),
        _ => HttpResponse::NotFound().finish(),
    }
}

pub fn parameters(text: &str) -> HashMap<String, String> {
    url::form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}

impl Switches {
    fn document(&self) -> Value {
        let issuer = &self.issuer;
        let mut document = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "end_session_endpoint": format!("{issuer}/end?fixed=1"),
            "jwks_uri": format!("{issuer}/jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        });
        (self.metadata)(document.as_object_mut().unwrap());
        document
    }

    fn jwks(&self) -> Value {
        let keys: Vec<Value> = self
            .published
            .iter()
            .map(|(which, kid)| {
                let kid = Some(*kid).filter(|kid| !kid.is_empty());
                let key = key(*which, kid).as_verification_key();
                serde_json::to_value(key).unwrap()
            })
            .collect();
        json!({ "keys": keys })
    }

    fn authorize(&mut self, query: HashMap<String, String>) -> HttpResponse {
        let code = format!("code-canary-{}", self.codes.len());
        let mut back = url::Url::parse(&query["redirect_uri"]).unwrap();
        let silent = query.get("prompt").is_some_and(|prompt| prompt == "none");
        match self.error.or(self.silent_error.filter(|_| silent)) {
            Some(error) => back.query_pairs_mut().append_pair("error", error),
            None => back.query_pairs_mut().append_pair("code", &code),
        };
        back.query_pairs_mut().append_pair("state", &query["state"]);
        for (name, value) in &self.answer {
            back.query_pairs_mut().append_pair(name, value);
        }
        self.last_authorization = query.clone();
        self.last_code = code.clone();
        let in_form = query
            .get("response_mode")
            .is_some_and(|mode| mode == "form_post");
        self.codes.insert(code, query);
        if in_form {
            // Stands for a page with a form that posts itself: its target and content.
            let form = back.query().unwrap_or_default().to_owned();
            back.set_query(None);
            return HttpResponse::Ok()
                .insert_header(("x-form-action", back.as_str()))
                .body(form);
        }
        HttpResponse::Found()
            .insert_header((header::LOCATION, back.as_str()))
            .finish()
    }

    fn token(&mut self, request: &HttpRequest, form: &HashMap<String, String>) -> HttpResponse {
        let refuse = |error: &str| HttpResponse::BadRequest().json(json!({ "error": error }));
        let encode =
            |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let basic = BASE64_STANDARD.encode(format!("{}:{}", encode(CLIENT), encode(SECRET)));
        let given = request.headers().get("authorization");
        let given = given.map(|given| given.to_str().unwrap().to_owned());
        self.last_token_header.clone_from(&given);
        self.last_token_request.clone_from(form);
        if let Some((status, kind, body)) = &self.token_instead {
            return HttpResponse::build(StatusCode::from_u16(*status).unwrap())
                .content_type(*kind)
                .body(body.clone());
        }
        let of_body = form.get("client_id").zip(form.get("client_secret"));
        let is_known = if self.takes_secret_in_body {
            of_body == Some((&CLIENT.to_owned(), &SECRET.to_owned()))
        } else {
            given == Some(format!("Basic {basic}")) && of_body.is_none()
        };
        if !is_known {
            return refuse("invalid_client");
        }
        if form["grant_type"] == "refresh_token" {
            return self.refresh(&form["refresh_token"]);
        }
        let Some(asked) = self.codes.remove(&form["code"]) else {
            return refuse("invalid_grant");
        };
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
        if challenge != asked["code_challenge"]
            || asked["code_challenge_method"] != "S256"
            || form["redirect_uri"] != asked["redirect_uri"]
        {
            return refuse("invalid_grant");
        }
        self.last_id_token = self.id_token(&asked["nonce"]);
        if let Some(change) = self.id_token_instead {
            self.last_id_token = change(self.last_id_token.clone());
        }
        let mut answer = json!({
            "access_token": "access-canary", "token_type": "Bearer", "expires_in": 60,
            "id_token": self.last_id_token,
        });
        if self.gives_refresh {
            answer["refresh_token"] = self.new_refresh().into();
        }
        (self.token_answer)(answer.as_object_mut().unwrap());
        HttpResponse::Ok().json(answer)
    }

    fn new_refresh(&mut self) -> String {
        let number = self.refresh_tokens.len() + self.refresh_used.len();
        let token = format!("refresh-canary-{number}");
        self.refresh_tokens.insert(token.clone());
        token
    }

    /// Each refresh token works once; using one twice invalidates all of them.
    fn refresh(&mut self, token: &str) -> HttpResponse {
        self.refreshes += 1;
        if let Some((status, error)) = self.refresh_error {
            let status = actix_web::http::StatusCode::from_u16(status).unwrap();
            return HttpResponse::build(status).json(json!({ "error": error }));
        }
        if !self.refresh_tokens.remove(token) {
            self.refresh_tokens.clear();
            return HttpResponse::BadRequest().json(json!({ "error": "invalid_grant" }));
        }
        self.refresh_used.insert(token.to_owned());
        let mut answer = json!({
            "access_token": "access-canary", "token_type": "Bearer", "expires_in": 60,
            "id_token": self.any_id_token(None, &self.refreshed_claims),
            "refresh_token": self.new_refresh(),
        });
        (self.refreshed_answer)(answer.as_object_mut().unwrap());
        HttpResponse::Ok().json(answer)
    }

    fn id_token(&self, nonce: &str) -> String {
        self.any_id_token(Some(nonce), &(Box::new(|_: &mut _| ()) as Change))
    }

    fn any_id_token(&self, nonce: Option<&str>, more: &Change) -> String {
        let now = self.now.timestamp();
        let mut header = json!({"alg": "RS256", "kid": self.signer.1});
        let mut claims = json!({
            "iss": self.issuer, "sub": "s-alice", "aud": CLIENT, "exp": now + 300, "iat": now,
            "name": "Alice Adams", "sid": "sid-1", "groups": ["admins"],
            "email": "alice@example.com", "updated_at": "a text", "email_verified": "true",
        });
        if let Some(nonce) = nonce {
            claims["nonce"] = nonce.into();
        }
        (self.header)(header.as_object_mut().unwrap());
        (self.claims)(claims.as_object_mut().unwrap());
        more(claims.as_object_mut().unwrap());
        sign(&header, &claims.to_string(), self.signer.0)
    }

    fn userinfo(&mut self, request: &HttpRequest) -> HttpResponse {
        let given = request.headers().get("authorization");
        self.last_userinfo_header = given.map(|given| given.to_str().unwrap().to_owned());
        if self.last_userinfo_header.as_deref() != Some("Bearer access-canary") {
            return HttpResponse::Unauthorized().finish();
        }
        let mut answer = HttpResponse::build(StatusCode::from_u16(self.userinfo_status).unwrap());
        match &self.userinfo_signed {
            Some((header, which)) => answer.content_type("application/jwt").body(sign(
                header,
                &self.userinfo.to_string(),
                *which,
            )),
            None => answer
                .content_type(self.userinfo_type)
                .body(self.userinfo.to_string()),
        }
    }
}
