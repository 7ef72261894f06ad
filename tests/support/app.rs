//! A running panel with its own company database.

use super::{Client, Database, host, statements};
use actix_web::dev::ServerHandle;
use bailiwick::app::Panel;
use bailiwick::clock::{Clock, Hand};
use bailiwick::config::Config;
use bailiwick::demo::config::{CLIENT_ID, SETTINGS};
use bailiwick::demo::provider::{Person, Provider, ProviderSettings, RunningProvider, demo_people};
use std::net::TcpListener;
use std::sync::Arc;
use tokio::sync::OnceCell;
use toml::{Table, Value};

const SECRET: &str = "canary-client-secret-2b7f";

/// A running panel, its provider and its database.
pub struct TestApp {
    /// Its origin as browsers see it.
    pub origin: String,
    /// Its listen address.
    pub listen: String,
    /// The path prefix: empty, or `/prefix`.
    pub root: String,
    /// Whether the proxy removes the prefix.
    pub cuts_prefix: bool,
    /// Direct access to the database.
    pub db: Database,
    /// The provider's address.
    pub issuer: String,
    provider: Option<Arc<RunningProvider>>,
    hand: Hand,
    server: ServerHandle,
}

type Prepare = Box<dyn FnOnce(&Database)>;

/// A panel that is not started yet.
pub struct Builder {
    settings: Vec<String>,
    roles: Option<String>,
    public: Option<(&'static str, bool)>,
    people: Option<Vec<Person>>,
    provider_is_down: bool,
    gives_no_refresh: bool,
    prepare: Option<Prepare>,
    beside: Option<(Database, Option<Arc<RunningProvider>>)>,
    is_watching: bool,
    pooler: Option<String>,
    has_own_cookie: bool,
    has_account: bool,
    is_embedded: bool,
}

impl TestApp {
    /// A panel with the demo's settings.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// A panel that is shared by tests that only read; nothing may be changed in it.
    pub async fn shared() -> &'static Self {
        static SHARED: OnceCell<TestApp> = OnceCell::const_new();
        SHARED.get_or_init(Self::start).await
    }

    /// A panel with its own settings.
    pub fn builder() -> Builder {
        Builder {
            settings: Vec::new(),
            roles: None,
            public: None,
            people: None,
            provider_is_down: false,
            gives_no_refresh: false,
            prepare: None,
            beside: None,
            is_watching: false,
            // So that every test can be run through a pooler.
            pooler: std::env::var("BAILIWICK_TEST_THROUGH").ok(),
            has_own_cookie: false,
            has_account: false,
            is_embedded: false,
        }
    }

    /// A client without a session.
    pub fn stranger(&self) -> Client {
        Client::new(self)
    }

    /// A client that has signed in as that person, through the provider's page.
    pub async fn sign_in(&self, person: &str) -> Client {
        let client = self.stranger();
        let answer = client.sign_in(person).await;
        assert!(
            matches!(answer.status, 200 | 403),
            "{person} is not signed in: {answer:?}"
        );
        client
    }

    /// Sets a person's groups; only with [`Builder::people`], because other panels share a
    /// provider.
    pub fn set_groups(&self, person: &str, groups: &[&str]) {
        let provider = self.provider.as_ref().expect("a provider of its own");
        assert!(provider.set_groups(person, groups));
    }

    /// The number of valid refresh tokens at the provider; only with its own provider.
    pub fn live_refresh_tokens(&self) -> usize {
        let provider = self.provider.as_ref().expect("a provider of its own");
        provider.live_refresh_tokens()
    }

    /// Moves the panel's clock, and that of its own provider.
    pub fn wait(&self, minutes: i64) {
        self.hand.forward(chrono::TimeDelta::minutes(minutes));
    }

    /// The statements that some work runs on the database, without those on sessions.
    pub async fn statements<T>(&self, work: impl Future<Output = T>) -> (T, Vec<String>) {
        let url = self.db.url();
        statements::begin(&url);
        let outcome = work.await;
        (outcome, statements::end(&url))
    }

    /// The same, including those on sessions.
    pub async fn all_statements<T>(&self, work: impl Future<Output = T>) -> (T, Vec<String>) {
        let url = self.db.url();
        statements::begin(&url);
        let outcome = work.await;
        (outcome, statements::end_with_sessions(&url))
    }

    /// Sends raw bytes; returns the response.
    pub async fn raw(&self, request: &str) -> String {
        let address = self.listen.trim_start_matches("http://").to_owned();
        let request = request.to_owned();
        let task = tokio::task::spawn_blocking(move || {
            use std::io::{Read, Write};
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            let wait = std::time::Duration::from_secs(10);
            stream.set_read_timeout(Some(wait)).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer);
            String::from_utf8_lossy(&answer).into_owned()
        });
        task.await.unwrap()
    }

    /// Audit entries of an action, newest first, as `actor_name|roles|resource|row_key|request_id`.
    pub fn audit(&self, action: &str) -> Vec<String> {
        let sql = format!(
            "SELECT actor_name || '|' || roles || '|' || coalesce(resource, '') || '|' ||
             coalesce(row_key, '') || '|' || request_id FROM bailiwick_audit
             WHERE action = '{action}' ORDER BY id DESC"
        );
        self.db.texts(&sql).into_iter().flatten().collect()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

impl Builder {
    /// Adds settings to the demo's.
    pub fn settings(mut self, toml: &str) -> Self {
        self.settings.push(toml.to_owned());
        self
    }

    /// Replaces the demo's roles.
    pub fn roles(mut self, toml: &str) -> Self {
        self.roles = Some(toml.to_owned());
        self
    }

    /// Puts a proxy with that address in front, which removes its path or not.
    pub fn behind(mut self, public: &'static str, cut: bool) -> Self {
        self.public = Some((public, cut));
        self
    }

    /// Uses its own provider with these people.
    pub fn people(mut self, people: Vec<Person>) -> Self {
        self.people = Some(people);
        self
    }

    /// Uses its own provider, so that groups can be changed.
    pub fn own_provider(self) -> Self {
        self.people(demo_people())
    }

    /// Uses a provider that is down.
    pub fn provider_is_down(mut self) -> Self {
        self.provider_is_down = true;
        self
    }

    /// Turns off refresh tokens: groups are re-checked through the browser.
    pub fn without_refresh(mut self) -> Self {
        self.gives_no_refresh = true;
        self
    }

    /// Changes the database before the panel starts.
    pub fn prepare(mut self, work: impl FnOnce(&Database) + 'static) -> Self {
        self.prepare = Some(Box::new(work));
        self
    }

    /// Starts another process on that panel's database, with its provider. The database is removed
    /// with the first of them.
    pub fn beside(mut self, other: &TestApp) -> Self {
        self.beside = Some((other.db.again(), other.provider.clone()));
        self
    }

    /// Connects through that pooler.
    pub fn through(mut self, pooler: &str) -> Self {
        self.pooler = Some(pooler.to_owned());
        self
    }

    /// Uses a separate database account that owns nothing and has all privileges: that of
    /// [`Database::account`].
    pub fn with_account(mut self) -> Self {
        self.has_account = true;
        self
    }

    /// Runs the background tasks.
    pub fn watching(mut self) -> Self {
        self.is_watching = true;
        self
    }

    /// Names the session cookie after the address. Otherwise all panels use the same name, like
    /// several processes of one panel.
    pub fn with_own_cookie(mut self) -> Self {
        self.has_own_cookie = true;
        self
    }

    /// Mounts it in an application with its own pages.
    pub fn embedded(mut self) -> Self {
        self.is_embedded = true;
        self
    }

    /// Starts it.
    pub async fn start(self) -> TestApp {
        statements::prepare();
        let (db, theirs) = match self.beside {
            Some(beside) => beside,
            None => (Database::company(), None),
        };
        if self.has_account {
            db.make_account();
        }
        if let Some(prepare) = self.prepare {
            prepare(&db);
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let listen = format!("http://{address}");
        let (public, cuts_prefix) = match self.public {
            Some((public, cut)) => (public.to_owned(), cut),
            None => (listen.clone(), false),
        };
        let seen = url::Url::parse(&public).unwrap();
        // A running clock, like that of shared providers: a run of all tests takes minutes.
        let (clock, hand) = Clock::running();
        let (own, issuer) = match (self.provider_is_down, self.people) {
            (true, _) => (None, closed_port()),
            (false, None) if theirs.is_some() => {
                let issuer = theirs.as_ref().map(|provider| {
                    register(provider, &public);
                    provider.issuer().to_owned()
                });
                (theirs, issuer.unwrap())
            }
            (false, Some(people)) => {
                let provider = start_provider(people, clock.clone()).await;
                register(&provider, &public);
                // A shared provider sends no notices, because every panel would get them.
                provider
                    .register_backchannel_logout_uri(format!("{listen}/auth/backchannel-logout"));
                let issuer = provider.issuer().to_owned();
                (Some(provider), issuer)
            }
            (false, None) => {
                let provider = shared_provider().await;
                register(provider, &public);
                (None, provider.issuer().to_owned())
            }
        };
        let url = match &self.pooler {
            _ if self.has_account => db.account_url(),
            Some(pooler) => db.url_through(pooler),
            None => db.url(),
        };
        let variables = [
            ("BAILIWICK__SERVER__LISTEN", address.to_string()),
            ("BAILIWICK__SERVER__PUBLIC_URL", public),
            ("BAILIWICK__OIDC__ISSUER", issuer.clone()),
            ("BAILIWICK__OIDC__CLIENT_SECRET", SECRET.to_owned()),
            ("BAILIWICK__DATABASE__URL", url),
        ];
        let mut variables = variables
            .map(|(name, value)| (name.to_owned(), value))
            .to_vec();
        if self.gives_no_refresh {
            let scopes = r#"["openid", "profile", "email", "groups"]"#;
            variables.push(("BAILIWICK__OIDC__SCOPES".to_owned(), scopes.to_owned()));
        }
        if !self.has_own_cookie {
            let name = ("BAILIWICK__SERVER__COOKIE_NAME", "bailiwick");
            variables.push((name.0.to_owned(), name.1.to_owned()));
        }
        let toml = merged(&self.settings, self.roles.as_deref());
        let config = Config::parse(&toml, "the test's settings", variables.into_iter());
        let config = config.unwrap_or_else(|error| panic!("{error}"));
        let (is_watching, is_embedded) = (self.is_watching, self.is_embedded);
        let server = host::run(move || async move {
            let panel = Panel::builder(config).clock(clock).watching(is_watching);
            let panel = panel.start().await;
            let panel = panel.unwrap_or_else(|error| panic!("{error}"));
            panel.count().await;
            let server = if is_embedded {
                super::embedding::serve(panel, listener)
            } else {
                bailiwick::server::serve(&panel, listener).unwrap()
            };
            let handle = server.handle();
            actix_web::rt::spawn(server);
            handle
        });
        TestApp {
            server: server.await,
            provider: own,
            root: seen.path().trim_end_matches('/').to_owned(),
            origin: seen.origin().ascii_serialization(),
            listen,
            cuts_prefix,
            db,
            issuer,
            hand,
        }
    }
}

/// The demo's settings with these added.
fn merged(more: &[String], roles: Option<&str>) -> String {
    let mut all: Table = SETTINGS.parse().unwrap();
    let database = Value::Table("pool_size = 4".parse().unwrap());
    merge(&mut all, "database", database);
    // All clients in a test have the same address, and make many requests.
    let limits = "sign_ins = 0\ncallbacks = 0\nbackchannel = 0\nlists = 0\nlookups = 0\n\
                  exports = 0";
    merge(&mut all, "limits", Value::Table(limits.parse().unwrap()));
    if let Some(roles) = roles {
        all.remove("roles");
        for (key, value) in roles.parse::<Table>().unwrap() {
            all.insert(key, value);
        }
    }
    for text in more {
        for (key, value) in text.parse::<Table>().unwrap() {
            merge(&mut all, &key, value);
        }
    }
    all.to_string()
}

fn merge(into: &mut Table, key: &str, value: Value) {
    match (into.get_mut(key), value) {
        (Some(Value::Table(there)), Value::Table(more)) => {
            for (key, value) in more {
                merge(there, &key, value);
            }
        }
        (Some(Value::Array(there)), Value::Array(more)) => there.extend(more),
        (_, value) => {
            into.insert(key.to_owned(), value);
        }
    }
}

async fn shared_provider() -> &'static RunningProvider {
    static SHARED: OnceCell<Arc<RunningProvider>> = OnceCell::const_new();
    SHARED
        .get_or_init(|| start_provider(demo_people(), Clock::system()))
        .await
}

async fn start_provider(people: Vec<Person>, clock: Clock) -> Arc<RunningProvider> {
    let started = host::run(move || async move {
        let settings = ProviderSettings::new(CLIENT_ID, SECRET)
            .people(people)
            .clock(clock);
        Provider::new(settings)
            .bind(([127, 0, 0, 1], 0).into())
            .await
            .unwrap()
    });
    Arc::new(started.await)
}

fn register(provider: &RunningProvider, public: &str) {
    provider.register_redirect_uri(format!("{public}/auth/callback"));
    provider.register_post_logout_redirect_uri(format!("{public}/auth/signed-out"));
}

fn closed_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
