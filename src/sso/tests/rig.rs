//! A panel with only its sign-in, and a browser.

mod pages;

use super::gate::{Gate, Gates};
use super::provider::{CLIENT, SECRET, TestProvider};
use crate::access::{Policies, Policy};
use crate::catalog::Catalog;
use crate::clock::{Clock, Hand};
use crate::config::{GroupRule, RoleConfig, ServerConfig};
use crate::secret::Secret;
use crate::session::{self, DieselStore, Keyring, Limits, Present, Signed};
use crate::sso::context::Context;
use crate::sso::pages::{Choice, Pages, Problem};
use crate::sso::provider::Provider;
use crate::sso::provider::providers::Providers;
use crate::sso::provider::settings::Settings;
use crate::sso::{self, Ages, Freshness};
use crate::store::{Database, DatabaseError, Target};
use crate::web::RequestId;
use crate::web::{Urls, departure};
use actix_session::Session;
use actix_web::dev::Service;
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
    /// A second provider, as `[providers.partner]`.
    pub partner: Option<TestProvider>,
    pub context: web::Data<Context>,
    pub keys: Keyring,
    ages: Ages,
    gates: Gates,
    _dir: tempfile::TempDir,
}

/// The secret that signs cookies.
pub const COOKIE_SECRET: &str = "a cookie secret of the rig, first";

pub const LIMITS: Limits = Limits {
    idle: TimeDelta::minutes(30),
    absolute: TimeDelta::hours(12),
};

struct TestPages;

impl Pages for TestPages {
    fn problem(&self, _: &HttpRequest, problem: &Problem) -> HttpResponse {
        HttpResponse::build(problem.status).body(format!("{problem:?}"))
    }

    fn emergency(&self, _: &HttpRequest, link: &crate::sso::Emergency) -> HttpResponse {
        HttpResponse::Ok().body(format!("{link:?}"))
    }

    fn choose(&self, _: &HttpRequest, choices: &[Choice]) -> HttpResponse {
        HttpResponse::Ok().body(format!("{choices:?}"))
    }

    fn leave(&self, _: &HttpRequest, leave: &sso::Leave) -> HttpResponse {
        HttpResponse::Ok()
            .insert_header(("x-leads-to", leave.href.as_str()))
            .body(leave.text.clone())
    }

    fn signed_out(&self, _: &HttpRequest, text: Option<&str>) -> HttpResponse {
        HttpResponse::Ok().body(format!("signed out {}", text.unwrap_or_default()))
    }
}

/// One role, given by one group.
fn policies() -> Policies {
    let admin = RoleConfig {
        groups: vec![GroupRule::is("admins")],
        ..RoleConfig::default()
    };
    let roles = BTreeMap::from([("admin".to_owned(), admin)]);
    Policies::new(Policy::new(Arc::new(Catalog::new([])), &roles).unwrap())
}

fn serve(
    listener: std::net::TcpListener,
    context: web::Data<Context>,
    (ages, gates): (Ages, Gates),
    store: DieselStore,
) {
    let freshness = web::Data::new(Freshness::new(ages));
    let keys = context.keys.clone();
    let data = web::Data::new(context.database.clone());
    let server = HttpServer::new(move || {
        let (first, keys) = (keys.first().clone(), keys.clone());
        let urls = context.urls.clone();
        let tidied = (store.clone(), keys, urls.clone());
        let marked = urls.clone();
        App::new()
            .app_data(context.clone())
            .app_data(data.clone())
            .app_data(freshness.clone())
            .app_data(web::Data::new(gates.clone()))
            .wrap_fn(|request, service| {
                request.extensions_mut().insert(RequestId("ref-7".into()));
                service.call(request)
            })
            .configure(sso::backchannel_routes)
            .service(
                web::scope("")
                    .wrap(from_fn(sso::freshness::recheck))
                    .wrap(session::middleware(store.clone(), first, &urls))
                    .wrap(from_fn(move |request, next| {
                        session::tidy_cookie(tidied.clone(), request, next)
                    }))
                    .wrap(from_fn(move |request, next| {
                        departure::mark(marked.clone(), request, next)
                    }))
                    .configure(sso::routes)
                    .route("/admin/leads-on", web::post().to(pages::leads_on))
                    .route("/admin/writes", web::get().to(pages::writes))
                    .route("/admin/renews", web::get().to(pages::renews))
                    .route("/admin/begins", web::get().to(pages::begins))
                    .route("/admin/promotes", web::get().to(pages::promotes))
                    .route("/admin/ends", web::get().to(pages::ends))
                    .route("/admin/lingers", web::get().to(pages::lingers))
                    .route("/admin/slow", web::get().to(pages::slow))
                    .route("/admin/changing", web::get().to(pages::changing))
                    .route("/admin/overtaken", web::get().to(pages::overtaken))
                    .route("/admin/{tail:.*}", web::to(pages::page)),
            )
    })
    .workers(2)
    // Tests are slow on a busy machine, and a request may arrive late.
    .client_request_timeout(std::time::Duration::ZERO)
    .disable_signals()
    .listen(listener)
    .unwrap()
    .run();
    actix_web::rt::spawn(server);
}

impl Rig {
    pub async fn start() -> Self {
        Self::with(|_| ()).await
    }

    /// Groups are re-checked after five minutes, and valid for ten more.
    pub async fn rechecking() -> Self {
        let ages = Ages {
            recheck: TimeDelta::minutes(5),
            grace: TimeDelta::minutes(10),
        };
        Self::aged(ages, |_| ()).await
    }

    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        // Longer than any test that does not concern re-checks.
        let ages = Ages {
            recheck: TimeDelta::days(30),
            grace: TimeDelta::zero(),
        };
        Self::aged(ages, change).await
    }

    /// Adds a second provider, `partner`, whose settings can be changed too.
    pub async fn with_partner(change: fn(&mut Settings)) -> Self {
        let ages = Ages {
            recheck: TimeDelta::days(30),
            grace: TimeDelta::zero(),
        };
        Self::build(ages, |_| (), Some(change)).await
    }

    /// A panel that re-checks.
    pub async fn aged(ages: Ages, change: impl FnOnce(&mut Settings)) -> Self {
        Self::build(ages, change, None).await
    }

    async fn build(
        ages: Ages,
        change: impl FnOnce(&mut Settings),
        change_partner: Option<fn(&mut Settings)>,
    ) -> Self {
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
        let registered = |op: &TestProvider| Settings {
            client_secret: Some(Secret::new(SECRET)),
            scopes: ["openid", "profile", "groups"].map(String::from).into(),
            ..Settings::at(op.issuer(), CLIENT, &base)
        };
        let mut settings = registered(&op);
        change(&mut settings);
        let mut partner = None;
        let mut others = vec![];
        if let Some(change) = change_partner {
            let op = TestProvider::start(start);
            let mut settings = Settings {
                name: Some("partner".into()),
                label: "Partner & Co".into(),
                redirect_uri: format!("{base}/auth/callback/partner"),
                ..registered(&op)
            };
            change(&mut settings);
            others.push(Arc::new(Provider::new(settings, clock.clone()).unwrap()));
            partner = Some(op);
        }
        let provider = Arc::new(Provider::new(settings, clock.clone()).unwrap());
        let secrets = [Secret::new(COOKIE_SECRET)];
        let keys = Keyring::open(&database, &secrets).await.unwrap();
        let store = DieselStore::new(database.clone(), clock.clone(), LIMITS);
        let context = web::Data::new(Context {
            providers: Providers::new(Arc::clone(&provider), others),
            database: database.clone(),
            clock: clock.clone(),
            urls: Urls::new(&ServerConfig {
                public_url: Some(base.parse().unwrap()),
                cookie_name: Some("bailiwick".into()),
                ..ServerConfig::default()
            }),
            keys: keys.clone(),
            pages: Arc::new(TestPages),
            break_glass: true,
            refusals: sso::Refusals::default(),
            policies: policies(),
        });
        let kept = context.clone();
        let gates = Gates::default();
        serve(listener, context, (ages, gates.clone()), store);
        Self {
            ages,
            gates,
            op,
            hand,
            database,
            base,
            provider,
            partner,
            context: kept,
            keys,
            _dir: dir,
        }
    }

    /// Starts another process on the same tables, and returns its address.
    pub async fn sibling(&self) -> String {
        self.sibling_with(self.keys.clone()).await
    }

    /// The same with other keys.
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
            pages: Arc::new(TestPages),
            break_glass: true,
            refusals: sso::Refusals::default(),
            policies: self.context.policies.clone(),
        };
        let store = DieselStore::new(self.database.clone(), clock, LIMITS);
        let shared = (self.ages, self.gates.clone());
        serve(listener, web::Data::new(context), shared, store);
        base
    }

    /// Shuts the gate in a page that has one, and returns it: after the page has read its session.
    pub fn hold(&self, page: &str) -> Gate {
        let gate = self.gates.at(page);
        gate.shut();
        gate
    }

    /// Moves both clocks forward.
    pub fn forward(&self, by: TimeDelta) {
        self.hand.forward(by);
        for op in std::iter::once(&self.op).chain(&self.partner) {
            op.set().now += by;
        }
    }

    /// Runs a statement.
    pub async fn execute(&self, sql: &'static str) {
        let outcome: Result<(), DatabaseError> = self
            .database
            .run(move |conn| {
                Ok(diesel::connection::SimpleConnection::batch_execute(
                    conn, sql,
                )?)
            })
            .await;
        outcome.unwrap();
    }

    /// The number of rows in a table.
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

/// A browser: keeps cookies, and does not follow redirects automatically.
#[derive(Clone)]
pub struct Browser {
    client: reqwest::Client,
    pub base: String,
    pub cookies: BTreeMap<String, String>,
}

/// A response as the browser received it.
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

    /// The target of a page that leads on.
    pub fn leads_to(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.body);
        assert!(self.header("location").is_none());
        match self.header("x-leads-to") {
            Some(href) => href.to_owned(),
            None => {
                let start = self.body.split("content=\"0; url=").nth(1).unwrap();
                let href = start.split('"').next().unwrap();
                href.replace("&amp;", "&").replace("&#x2F;", "/")
            }
        }
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A browser in which Alice has signed in.
pub async fn signed_in(rig: &Rig) -> Browser {
    let mut browser = Browser::new(rig);
    assert_eq!(browser.sign_in("/auth/login").await.status, 303);
    browser
}

impl Browser {
    pub fn new(rig: &Rig) -> Self {
        Self::at(&rig.base)
    }

    /// A browser for the panel at that address.
    pub fn at(base: &str) -> Self {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self {
            client,
            base: base.to_owned(),
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

    /// A request with additional headers.
    pub async fn ask(&mut self, method: &str, url: &str, headers: &[(&str, &str)]) -> Got {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.client.request(method, self.absolute(url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request).await
    }

    /// A page, following all redirects to it.
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

    /// A form as a browser sends it, by its button.
    pub async fn submit(&mut self, url: &str, form: &[(&str, &str)]) -> Got {
        let request = self.client.post(self.absolute(url)).form(form);
        self.send(request.header("sec-fetch-mode", "navigate"))
            .await
    }

    pub async fn post(&mut self, url: &str, form: &[(&str, &str)]) -> Got {
        let request = self.client.post(self.absolute(url)).form(form);
        self.send(request).await
    }

    /// Begins a sign-in; returns the callback address to which the provider redirects.
    pub async fn reach_callback(&mut self, login: &str) -> String {
        let begun = self.get(login).await;
        assert_eq!(begun.status, 303, "{}", begun.body);
        self.get(&begun.location()).await.location()
    }

    /// The same with a provider that responds in a form: its target and content.
    pub async fn reach_form(&mut self, login: &str) -> (String, String) {
        let begun = self.get(login).await;
        assert_eq!(begun.status, 303, "{}", begun.body);
        let page = self.get(&begun.location()).await;
        (page.header("x-form-action").unwrap().to_owned(), page.body)
    }

    /// Posts a form as a browser does from another site: without same-site cookies.
    pub async fn post_from_elsewhere(&mut self, url: &str, kind: &str, body: &str) -> Got {
        let mut kept = self.cookies.clone();
        self.cookies
            .retain(|name, _| name.starts_with("bailiwick-login-"));
        let request = self.client.post(self.absolute(url));
        let request = request.header("content-type", kind);
        let request = request.header("origin", "https://id.example");
        let request = request.header("sec-fetch-site", "cross-site");
        let got = self.send(request.body(body.to_owned())).await;
        kept.append(&mut self.cookies);
        self.cookies = kept;
        got
    }

    /// Signs in; returns the response of the callback.
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
