//! A fake provider for `check`, which sends what no real one would.

use super::rig::{Ran, Rig};
use actix_web::dev::ServerHandle;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::{Value, json};
use url::Url;

/// A provider with only metadata and keys.
pub struct Fake {
    /// Its issuer, unless changed, and its address.
    pub issuer: String,
    handle: ServerHandle,
}

impl Fake {
    /// Serves metadata and keys with these changes; `null` removes a member. `date` is sent as the
    /// header.
    pub fn start(changes: Value, keys: Value, date: Option<&'static str>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let mut metadata = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "end_session_endpoint": format!("{issuer}/end"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        });
        for (name, value) in changes.as_object().unwrap() {
            let text = value.to_string().replace("ISSUER", &issuer);
            match serde_json::from_str(&text).unwrap() {
                Value::Null => metadata.as_object_mut().unwrap().remove(name),
                value => metadata
                    .as_object_mut()
                    .unwrap()
                    .insert(name.clone(), value),
            };
        }
        let server = HttpServer::new(move || {
            let (metadata, keys) = (metadata.clone(), keys.clone());
            let found = move || {
                let mut answer = HttpResponse::Ok();
                if let Some(date) = date {
                    answer.insert_header(("date", date));
                }
                answer.json(&metadata)
            };
            App::new()
                .route(
                    "/.well-known/openid-configuration",
                    web::get().to(move || {
                        let answer = found();
                        async { answer }
                    }),
                )
                .route(
                    "/keys",
                    web::get().to(move || {
                        let answer = HttpResponse::Ok().json(&keys);
                        async { answer }
                    }),
                )
                .route("/authorize", web::get().to(async || HttpResponse::Ok()))
                .route("/back/{error}", web::get().to(send_back))
                .route("/elsewhere", web::get().to(send_elsewhere))
                .route("/token/{error}", web::post().to(refuse))
                .route(
                    "/token",
                    web::post().to(async || {
                        HttpResponse::BadRequest().json(json!({"error": "invalid_grant"}))
                    }),
                )
                .route(
                    "/page",
                    web::get().to(async || HttpResponse::Ok().body("<p>")),
                )
                .route(
                    "/moved/.well-known/openid-configuration",
                    web::get().to(async || {
                        let to = ("location", "https://id.example.com/x");
                        HttpResponse::Found().insert_header(to).finish()
                    }),
                )
                .route(
                    "/page/.well-known/openid-configuration",
                    web::get()
                        .to(async || HttpResponse::Ok().content_type("text/html").body("<p>")),
                )
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { issuer, handle }
    }

    /// A provider with these changes to its metadata, and nothing else wrong.
    pub fn with(changes: Value) -> Self {
        Self::start(changes, keys(), None)
    }

    /// The result of `check`.
    pub async fn check(self) -> Ran {
        let issuer = self.issuer.clone();
        self.check_as(&issuer).await
    }

    /// The same with these lines in `[oidc]`, and with an https public URL if needed.
    pub async fn check_with(self, lines: &str, is_https: bool) -> Ran {
        let rig = Rig::new();
        let mut config = rig.config(&self.issuer);
        config = config.replace("client_id", &format!("{lines}\nclient_id"));
        if is_https {
            let root = format!("public_url = \"{}\"", rig.root());
            let https =
                "public_url = \"https://panel.example.com\"\ntrusted_proxies = [\"10.0.0.7\"]";
            config = config.replace(&root, https);
        }
        let ran = rig.check(&config).await;
        self.stop().await;
        ran
    }

    /// The same with this configured issuer.
    pub async fn check_as(self, issuer: &str) -> Ran {
        let rig = Rig::new();
        let ran = rig.check(&rig.config(issuer)).await;
        self.stop().await;
        ran
    }

    /// Stops serving.
    pub async fn stop(self) {
        self.handle.stop(false).await;
    }
}

/// The keys of a correct provider.
pub fn keys() -> Value {
    json!({"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1",
        "n": "u1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gunVTLw7onLRnrq0_IzW7yWR7QkrmBL7jTKEn5u",
        "e": "AQAB"}]})
}

/// Redirects the browser back at once, with the error in the path.
async fn send_back(request: HttpRequest) -> HttpResponse {
    let url = request.full_url();
    let mut asked = url.query_pairs();
    let (_, to) = asked.find(|(name, _)| name == "redirect_uri").unwrap();
    let mut to = Url::parse(&to).unwrap();
    let error = request.match_info().query("error");
    to.query_pairs_mut().append_pair("error", error);
    let to = ("location", to.to_string());
    HttpResponse::Found().insert_header(to).finish()
}

/// Redirects the browser to a page of the provider, whose address has an error too.
async fn send_elsewhere() -> HttpResponse {
    let to = ("location", "http://127.0.0.1:1/page?error=none");
    HttpResponse::Found().insert_header(to).finish()
}

/// Refuses every code, with the error in the path.
async fn refuse(request: HttpRequest) -> HttpResponse {
    let error = request.match_info().query("error");
    HttpResponse::BadRequest().json(json!({ "error": error }))
}
