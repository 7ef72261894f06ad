//! A client that keeps cookies like a browser: by host, ignoring the port.

use super::{Form, Page, TestApp};
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, COOKIE, HeaderMap, SET_COOKIE, USER_AGENT};
use reqwest::{Method, RequestBuilder};
use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use url::Url;

/// Pooled connections would belong to the runtime of the test that opened them.
static HTTP: LazyLock<reqwest::Client> = LazyLock::new(|| {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .tls_built_in_root_certs(false)
        .timeout(std::time::Duration::from_secs(60))
        .build()
        .unwrap()
});

/// The Accept header of a browser that follows a link.
const HTML: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A person's browser.
#[derive(Default)]
pub struct Client {
    origin: String,
    listen: String,
    root: String,
    cuts_prefix: bool,
    agent: Option<String>,
    language: Option<&'static str>,
    cookies: Mutex<BTreeMap<String, String>>,
    csrf: Mutex<Option<String>>,
}

/// A response, read completely.
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
    /// Its address.
    pub url: Url,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.text();
        let text = match text.find("<main") {
            Some(start) => &text[start..],
            None => &text,
        };
        let text: String = text.chars().take(1_500).collect();
        write!(f, "{} from {}: {text}", self.status, self.url)
    }
}

impl Client {
    pub(super) fn new(app: &TestApp) -> Self {
        Self {
            origin: app.origin.clone(),
            listen: app.listen.clone(),
            root: app.root.clone(),
            cuts_prefix: app.cuts_prefix,
            ..Self::default()
        }
    }

    /// The same with this User-Agent.
    pub fn calling_itself(mut self, agent: &str) -> Self {
        self.agent = Some(agent.to_owned());
        self
    }

    /// The same with this preferred language.
    pub fn reading(mut self, language: &'static str) -> Self {
        self.language = Some(language);
        self
    }

    /// A copy of the browser with its current cookies.
    pub fn copy(&self) -> Self {
        Self {
            origin: self.origin.clone(),
            listen: self.listen.clone(),
            root: self.root.clone(),
            cuts_prefix: self.cuts_prefix,
            agent: self.agent.clone(),
            language: self.language,
            cookies: Mutex::new(self.cookies()),
            csrf: Mutex::default(),
        }
    }

    /// The same browser at another process of the panel.
    pub fn at(&self, app: &TestApp) -> Self {
        Self {
            cookies: Mutex::new(self.cookies()),
            ..Self::new(app)
        }
    }

    /// Its cookies.
    pub fn cookies(&self) -> BTreeMap<String, String> {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        cookies.clone()
    }

    /// The target of a link: absolute, or a path below the root (`/admin/...`).
    pub fn url(&self, link: &str) -> Url {
        let with_root = if link.starts_with('/') && !self.is_below_root(link) {
            format!("{}{link}", self.root)
        } else {
            link.to_owned()
        };
        Url::parse(&self.origin).unwrap().join(&with_root).unwrap()
    }

    fn is_below_root(&self, path: &str) -> bool {
        let rest = path.strip_prefix(&self.root);
        !self.root.is_empty() && rest.is_some_and(|rest| rest.starts_with('/'))
    }

    /// A request that is not sent yet.
    pub fn request(&self, method: Method, link: &str) -> RequestBuilder {
        let url = self.url(link);
        let mut asked = url.clone();
        if self.is_ours(&url) {
            // The proxy: another address, perhaps with a shorter path.
            asked = Url::parse(&self.listen).unwrap();
            let path = url.path().strip_prefix(&self.root);
            let path = path.filter(|_| self.cuts_prefix);
            asked.set_path(path.unwrap_or(url.path()));
            asked.set_query(url.query());
        }
        let cookies = self.cookies();
        let cookies: Vec<String> = cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let request = HTTP.request(method, asked);
        let request = match &self.agent {
            Some(agent) => request.header(USER_AGENT, agent),
            None => request,
        };
        let request = match self.language {
            Some(language) => request.header(ACCEPT_LANGUAGE, language),
            None => request,
        };
        if cookies.is_empty() {
            request
        } else {
            request.header(COOKIE, cookies.join("; "))
        }
    }

    fn is_ours(&self, url: &Url) -> bool {
        url.origin().ascii_serialization() == self.origin
    }

    /// Sends a request and keeps the cookies of the response.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let mut url = answer.url().clone();
        if url.origin() == Url::parse(&self.listen).unwrap().origin() {
            let path = url.path().to_owned();
            let path = if self.cuts_prefix {
                format!("{}{path}", self.root)
            } else {
                path
            };
            let query = url.query().map(str::to_owned);
            url = Url::parse(&self.origin).unwrap();
            url.set_path(&path);
            url.set_query(query.as_deref());
        }
        let headers = answer.headers().clone();
        for cookie in headers.get_all(SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        let body = answer.bytes().await.unwrap().to_vec();
        Answer {
            status,
            headers,
            body,
            url,
        }
    }

    fn keep(&self, cookie: &str) {
        let (pair, rest) = cookie.split_once(';').unwrap_or((cookie, ""));
        let (name, value) = pair.split_once('=').unwrap();
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        if value.is_empty() || rest.to_lowercase().contains("max-age=0") {
            cookies.remove(name)
        } else {
            cookies.insert(name.to_owned(), value.to_owned())
        };
    }

    /// Removes a cookie.
    pub fn forget(&self, name: &str) {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        cookies.remove(name);
        let mut csrf = self.csrf.lock().unwrap_or_else(PoisonError::into_inner);
        *csrf = None;
    }

    /// Requests a page.
    pub async fn get(&self, link: &str) -> Answer {
        self.send(self.request(Method::GET, link).header(ACCEPT, HTML))
            .await
    }

    /// Requests the same as JSON.
    pub async fn get_json(&self, link: &str) -> Answer {
        let request = self.request(Method::GET, link);
        self.send(request.header(ACCEPT, "application/json")).await
    }

    /// Requests a page that must exist.
    pub async fn page(&self, link: &str) -> Page {
        let answer = self.get(link).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.page()
    }

    /// Requests JSON that must exist.
    pub async fn json(&self, link: &str) -> serde_json::Value {
        let answer = self.get_json(link).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// Follows redirects, and pages that lead on, to the end.
    pub async fn follow(&self, mut answer: Answer) -> Answer {
        for _ in 0..10 {
            let Some(next) = answer.location().or_else(|| answer.leads_to()) else {
                return answer;
            };
            let next = if self.is_ours(&answer.url) {
                self.url(&next)
            } else {
                answer.url.join(&next).unwrap()
            };
            answer = self.get(next.as_str()).await;
        }
        panic!("redirected in a circle: {answer:?}")
    }

    /// Opens a page, following redirects.
    pub async fn open(&self, link: &str) -> Answer {
        let answer = self.get(link).await;
        self.follow(answer).await
    }

    /// Signs in through a page of the panel; returns the final page.
    pub async fn sign_in_to(&self, person: &str, link: &str) -> Answer {
        let chooser = self.open(link).await;
        assert_eq!(chooser.status, 200, "{chooser:?}");
        let body = format!("person={person}");
        let request = self.request(Method::POST, chooser.url.as_str());
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .header(ACCEPT, HTML)
            .body(body);
        let chosen = self.send(request).await;
        self.follow(chosen).await
    }

    /// Signs in through the home page.
    pub async fn sign_in(&self, person: &str) -> Answer {
        self.sign_in_to(person, "/admin/").await
    }

    /// The CSRF token of this session.
    pub async fn csrf(&self) -> String {
        let known = self
            .csrf
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(token) = known {
            return token;
        }
        let home = self.get("/admin/").await.page();
        let token = home.attribute("input[name=csrf_token]", "value");
        let mut csrf = self.csrf.lock().unwrap_or_else(PoisonError::into_inner);
        csrf.insert(token).clone()
    }

    /// Sends a form with the CSRF token.
    pub async fn post_form(&self, link: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.csrf().await;
        let mut all = vec![("csrf_token", token.as_str())];
        all.extend_from_slice(fields);
        self.post_bare(link, &all).await
    }

    /// Sends exactly these fields.
    pub async fn post_bare(&self, link: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.request(Method::POST, link).header(ACCEPT, HTML);
        self.send(with_fields(request, fields)).await
    }

    /// Sends a form with the CSRF token, and requests JSON.
    pub async fn post_json(&self, link: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.csrf().await;
        let mut all = vec![("csrf_token", token.as_str())];
        all.extend_from_slice(fields);
        let request = self.request(Method::POST, link);
        self.send(with_fields(
            request.header(ACCEPT, "application/json"),
            &all,
        ))
        .await
    }

    /// The form of a page, as a browser would send it.
    pub async fn form(&self, link: &str) -> Form {
        self.page(link).await.form()
    }

    /// Sends a form.
    pub async fn submit(&self, form: &Form) -> Answer {
        let request = self
            .request(Method::POST, &form.action)
            .header(ACCEPT, HTML);
        let request = request.header("sec-fetch-site", "same-origin");
        let request = request.header("origin", &self.origin);
        let (kind, body) = form.encode();
        self.send(request.header("content-type", kind).body(body))
            .await
    }

    /// Sends a form that must be accepted.
    pub async fn save(&self, form: &Form) -> Answer {
        let answer = self.submit(form).await;
        assert_eq!(answer.status, 303, "{answer:?}");
        answer
    }
}

/// Adds a form body.
pub fn with_fields(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.finish())
}

impl Answer {
    /// Its body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The text of a page without random parts: the request id and the masked CSRF token.
    pub fn text_without_chance(&self) -> String {
        let page = self.page();
        let mut text = self.text().replace(&page.reference(), "REFERENCE");
        for token in page.attributes("input[name=csrf_token]", "value") {
            text = text.replace(&token, "TOKEN");
        }
        text
    }

    /// Its body as a page.
    pub fn page(&self) -> Page {
        assert!(
            self.header("content-type").starts_with("text/html"),
            "{self:?}"
        );
        Page::new(&self.text())
    }

    /// Its body as JSON.
    pub fn json(&self) -> serde_json::Value {
        let parsed = serde_json::from_slice(&self.body);
        parsed.unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A header; empty if missing.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// The target of a redirect.
    pub fn location(&self) -> Option<String> {
        let is_redirect = matches!(self.status, 301 | 302 | 303 | 307 | 308);
        is_redirect.then(|| self.header("location").to_owned())
    }

    /// The target of a page that leads on.
    pub fn leads_to(&self) -> Option<String> {
        if !self.header("content-type").starts_with("text/html") {
            return None;
        }
        let page = self.page();
        let refresh = "meta[http-equiv=refresh]";
        page.has(refresh).then(|| {
            let content = page.attribute(refresh, "content");
            content.strip_prefix("0; url=").unwrap().to_owned()
        })
    }

    /// Checks the status, and shows the response if it differs.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}
