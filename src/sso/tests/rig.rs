//! A panel with nothing behind it but its sign-in, and a browser.

use super::provider::{CLIENT, SECRET, TestProvider};
use crate::clock::{Clock, Hand};
use crate::config::ServerConfig;
use crate::secret::Secret;
use crate::session::{self, DieselStore, Keyring, Limits};
use crate::sso::freshness::Present;
use crate::sso::{self, Ages, Context, Freshness, Pages, Problem, Provider, Providers, Settings};
use crate::store::{Database, DatabaseError, Target};
use crate::web::RequestId;
use crate::web::Urls;
use actix_session::SessionExt;
use actix_web::dev::Service;
use actix_web::http::header;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpMessage, HttpRequest, HttpResponse, HttpServer, web};
use chrono::{TimeDelta, TimeZone, Utc};
use diesel::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

pub struct Rig {
    pub op: TestProvider,
    pub hand: Hand,
    pub database: Database,
    pub base: String,
    pub provider: Arc<Provider>,
    pub context: web::Data<Context>,
    pub keys: Keyring,
    _dir: tempfile::TempDir,
}

/// What cookies are signed with.
pub const COOKIE_SECRET: &str = "a cookie secret of the rig, first";

const LIMITS: Limits = Limits {
    idle: TimeDelta::minutes(30),
    absolute: TimeDelta::hours(12),
};

struct TestPages;

impl Pages for TestPages {
    fn problem(&self, _: &HttpRequest, problem: &Problem) -> HttpResponse {
        let mut response = HttpResponse::build(problem.status);
        if let Some(seconds) = problem.retry_after_s {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        response.body(format!("{problem:?}"))
    }

    fn signed_out(&self, _: &HttpRequest, text: Option<&str>) -> HttpResponse {
        HttpResponse::Ok().body(format!("signed out {}", text.unwrap_or_default()))
    }
}

/// Any page of the panel.
async fn page(request: HttpRequest) -> HttpResponse {
    let present = request.extensions().get::<Present>().cloned();
    match present {
        Some(Present(signed)) => HttpResponse::Ok().json(serde_json::json!({
            "path": request.path(), "person": signed.person, "csrf": signed.csrf_token,
            "note": signed.groups_note, "reference": signed.reference,
        })),
        None => HttpResponse::Unauthorized().finish(),
    }
}

fn serve(listener: std::net::TcpListener, context: web::Data<Context>, store: DieselStore) {
    let keys = context.keys.clone();
    let data = web::Data::new(context.database.clone());
    let server = HttpServer::new(move || {
        let (first, keys) = (keys.first().clone(), keys.clone());
        App::new()
            .app_data(context.clone())
            .app_data(data.clone())
            .wrap(from_fn(sso::freshness::recheck))
            .wrap(session::middleware(store.clone(), first, false))
            .wrap(from_fn(move |request, next| {
                session::sign_anew(keys.clone(), false, request, next)
            }))
            .wrap_fn(|request, service| {
                request.extensions_mut().insert(RequestId("ref-7".into()));
                service.call(request)
            })
            .configure(sso::routes)
            .route("/admin/overtaken", web::get().to(overtaken))
            .route("/admin/{tail:.*}", web::to(page))
    })
    .workers(2)
    .disable_signals()
    .listen(listener)
    .unwrap()
    .run();
    actix_web::rt::spawn(server);
}

/// A page during which the session is ended by somebody else, and which then writes to it.
async fn overtaken(request: HttpRequest, database: web::Data<Database>) -> HttpResponse {
    use crate::store::tables::bailiwick_sessions::dsl::bailiwick_sessions;
    database
        .run(|conn| {
            diesel::delete(bailiwick_sessions)
                .execute(conn)
                .map_err(DatabaseError::from)
        })
        .await
        .unwrap();
    let session = request.get_session();
    session.insert("other", 1).unwrap();
    HttpResponse::Ok().finish()
}

impl Rig {
    pub async fn start() -> Self {
        Self::with(|_| ()).await
    }

    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        // Longer than any test that is not about it.
        let ages = Ages {
            recheck: TimeDelta::days(30),
            grace: TimeDelta::zero(),
        };
        Self::aged(ages, change).await
    }

    /// One that re-checks.
    pub async fn aged(ages: Ages, change: impl FnOnce(&mut Settings)) -> Self {
        let start = Utc.with_ymd_and_hms(2026, 11, 23, 9, 0, 0).unwrap();
        let (clock, hand) = Clock::at(start);
        let op = TestProvider::start(start);
        let dir = tempfile::tempdir().unwrap();
        let target = Target::Sqlite(dir.path().join("panel.sqlite"));
        let database = Database::new(target, 4, std::time::Duration::from_secs(5));
        database
            .run(|conn| {
                crate::store::migrations::run(conn).unwrap();
                Ok::<_, DatabaseError>(())
            })
            .await
            .unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let mut settings = Settings {
            name: None,
            issuer: op.issuer(),
            client_id: CLIENT.into(),
            client_secret: Some(Secret::new(SECRET)),
            scopes: ["openid", "profile", "groups"].map(String::from).into(),
            groups_claim: "groups".into(),
            strip_prefix: String::new(),
            trusted_audiences: vec![],
            redirect_uri: format!("{base}/auth/callback"),
            post_logout_redirect_uri: format!("{base}/auth/signed-out"),
            skew: TimeDelta::seconds(60),
        };
        change(&mut settings);
        let provider = Arc::new(Provider::new(settings, clock.clone()).unwrap());
        let secrets = [Secret::new(COOKIE_SECRET)];
        let keys = Keyring::open(&database, &secrets).await.unwrap();
        let store = DieselStore::new(database.clone(), clock.clone(), LIMITS);
        let context = web::Data::new(Context {
            providers: Providers::new(Arc::clone(&provider), vec![]),
            database: database.clone(),
            clock: clock.clone(),
            urls: Urls::new(&ServerConfig {
                public_url: Some(base.parse().unwrap()),
                ..ServerConfig::default()
            }),
            keys: keys.clone(),
            freshness: Freshness::new(ages),
            pages: Arc::new(TestPages),
            roles_of: Arc::new(|person| {
                let is_admin = person.groups.iter().any(|group| group == "admins");
                is_admin.then(|| "admin".to_owned()).into_iter().collect()
            }),
        });
        let kept = context.clone();
        serve(listener, context, store);
        Self {
            op,
            hand,
            database,
            base,
            provider,
            context: kept,
            keys,
            _dir: dir,
        }
    }

    /// Another process over the same tables: its address.
    pub async fn sibling(&self) -> String {
        self.sibling_with(self.keys.clone()).await
    }

    /// The same, with other keys.
    pub async fn sibling_with(&self, keys: Keyring) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let clock = self.context.clock.clone();
        let provider = Provider::new(self.provider.settings().clone(), clock.clone()).unwrap();
        let context = Context {
            providers: Providers::new(Arc::new(provider), vec![]),
            database: self.database.clone(),
            clock: clock.clone(),
            urls: self.context.urls.clone(),
            keys,
            freshness: Freshness::new(self.context.freshness.ages()),
            pages: Arc::new(TestPages),
            roles_of: Arc::clone(&self.context.roles_of),
        };
        let store = DieselStore::new(self.database.clone(), clock, LIMITS);
        serve(listener, web::Data::new(context), store);
        base
    }

    /// Moves both clocks.
    pub fn forward(&self, by: TimeDelta) {
        self.hand.forward(by);
        self.op.set().now += by;
    }

    /// How many rows a table has.
    pub async fn rows(&self, table: &'static str) -> i64 {
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            n: i64,
        }
        let outcome: Result<Count, DatabaseError> = self
            .database
            .run(move |conn| {
                let crate::store::AnyConnection::Sqlite(conn) = conn else {
                    unreachable!()
                };
                diesel::sql_query(format!("SELECT count(*) AS n FROM {table}"))
                    .get_result(conn)
                    .map_err(DatabaseError::from)
            })
            .await;
        outcome.unwrap().n
    }
}

/// A browser: cookies, and no redirects followed by itself.
#[derive(Clone)]
pub struct Browser {
    client: reqwest::Client,
    pub base: String,
    pub cookies: BTreeMap<String, String>,
}

/// An answer as the browser got it.
pub struct Got {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: String,
}

impl Got {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn location(&self) -> String {
        let location = self.header("location");
        location
            .unwrap_or_else(|| panic!("no redirect: {} {}", self.status, self.body))
            .to_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Browser {
    pub fn new(rig: &Rig) -> Self {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self {
            client,
            base: rig.base.clone(),
            cookies: BTreeMap::new(),
        }
    }

    fn absolute(&self, url: &str) -> String {
        if url.starts_with('/') {
            format!("{}{url}", self.base)
        } else {
            url.to_owned()
        }
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Got {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let answer = request
            .header("cookie", cookies.join("; "))
            .send()
            .await
            .unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let cookie = actix_web::cookie::Cookie::parse(cookie.to_str().unwrap()).unwrap();
            if cookie.max_age().is_some_and(|age| age.is_zero()) {
                self.cookies.remove(cookie.name());
            } else {
                let (name, value) = (cookie.name().to_owned(), cookie.value().to_owned());
                self.cookies.insert(name, value);
            }
        }
        Got {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: answer.text().await.unwrap(),
        }
    }

    /// A request with headers of its own.
    pub async fn ask(&mut self, method: &str, url: &str, headers: &[(&str, &str)]) -> Got {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.client.request(method, self.absolute(url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request).await
    }

    /// A page, with all redirects that lead to it followed.
    pub async fn open(&mut self, url: &str) -> Got {
        let mut got = self.get(url).await;
        for _ in 0..8 {
            match got.header("location").map(str::to_owned) {
                Some(next) => got = self.get(&next).await,
                None => return got,
            }
        }
        panic!("redirected in a circle: {}", got.location());
    }

    pub async fn get(&mut self, url: &str) -> Got {
        let request = self.client.get(self.absolute(url));
        self.send(request).await
    }

    pub async fn post(&mut self, url: &str, form: &[(&str, &str)]) -> Got {
        let request = self.client.post(self.absolute(url)).form(form);
        self.send(request).await
    }

    /// Begins a sign-in; returns the address of the callback that the provider sends to.
    pub async fn reach_callback(&mut self, login: &str) -> String {
        let begun = self.get(login).await;
        assert_eq!(begun.status, 303, "{}", begun.body);
        self.get(&begun.location()).await.location()
    }

    /// Signs in; returns the answer of the callback.
    pub async fn sign_in(&mut self, login: &str) -> Got {
        let callback = self.reach_callback(login).await;
        self.get(&callback).await
    }

    pub async fn is_signed_in(&mut self) -> bool {
        self.get("/admin/page").await.status == 200
    }

    pub async fn csrf(&mut self) -> String {
        self.get("/admin/page").await.json()["csrf"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}
