//! A real Chromium, controlled through chromedriver (W3C WebDriver, with Chromium's extensions).

use super::{TestApp, is_demanding};
use reqwest::Method;
use serde_json::{Value as Json, json};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, MutexGuard};

/// Only one browser at a time: they use much memory.
static TURN: Mutex<()> = Mutex::const_new(());

/// How long a page may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Keys without a letter.
const TAB: &str = "\u{E004}";
/// As [`TAB`].
pub const ENTER: &str = "\u{E007}";
/// As [`TAB`].
pub const DOWN: &str = "\u{E015}";

const ARGUMENTS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
    "--lang=en-GB",
];

/// A browser window.
pub struct Browser {
    session: String,
    origin: String,
    http: reqwest::Client,
    _turn: MutexGuard<'static, ()>,
}

impl Browser {
    /// Opens a new browser; `None` if there is no driver and none is demanded.
    pub async fn open(app: &TestApp) -> Option<Self> {
        let Ok(driver) = std::env::var("BAILIWICK_TEST_WEBDRIVER") else {
            assert!(!is_demanding(), "BAILIWICK_TEST_WEBDRIVER is not set");
            return None;
        };
        let turn = TURN.lock().await;
        let http = reqwest::Client::builder()
            .tls_built_in_root_certs(false)
            .timeout(Duration::from_secs(60))
            .build()
            .unwrap();
        let mut options = json!({ "args": ARGUMENTS });
        if let Ok(binary) = std::env::var("BAILIWICK_TEST_CHROMIUM") {
            options["binary"] = binary.into();
        }
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" }
        } } });
        let made = call(&http, Method::POST, &format!("{driver}/session"), &wanted).await;
        let id = made["sessionId"].as_str().unwrap();
        Some(Self {
            session: format!("{driver}/session/{id}"),
            origin: app.origin.clone(),
            http,
            _turn: turn,
        })
    }

    async fn post(&self, path: &str, body: Json) -> Json {
        let url = format!("{}{path}", self.session);
        call(&self.http, Method::POST, &url, &body).await
    }

    /// Opens an address of the panel.
    pub async fn visit(&self, path: &str) {
        let url = format!("{}{path}", self.origin);
        self.post("/url", json!({ "url": url })).await;
    }

    /// The current address.
    pub async fn url(&self) -> String {
        let url = format!("{}/url", self.session);
        let url = call(&self.http, Method::GET, &url, &Json::Null).await;
        url.as_str().unwrap().to_owned()
    }

    /// Waits until the address contains this text.
    pub async fn wait_for(&self, part: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            let url = self.url().await;
            if url.contains(part) {
                return;
            }
            assert!(Instant::now() < end, "still at {url}, not at {part}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Waits until an element matches.
    pub async fn wait_for_element(&self, selector: &str) {
        let end = Instant::now() + PATIENCE;
        while self.count(selector).await == 0 {
            let url = self.url().await;
            assert!(Instant::now() < end, "no {selector} at {url}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Runs a script's `return`.
    pub async fn run(&self, script: &str) -> Json {
        self.post("/execute/sync", json!({ "script": script, "args": [] }))
            .await
    }

    /// Waits until a script's `return` is true.
    pub async fn wait_until(&self, script: &str) {
        let end = Instant::now() + PATIENCE;
        while self.run(script).await != Json::Bool(true) {
            assert!(Instant::now() < end, "never so: {script}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Acts on the first matching element, as soon as it exists. After a click that leads to
    /// another page, that page may not have started to load.
    async fn act(&self, method: Method, selector: &str, act: &str, body: &Json) -> Json {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.try_to(&method, selector, act, body).await {
                Ok(value) => return value,
                Err(error) if is_passing(&error) && Instant::now() < end => {
                    tokio::time::sleep(Duration::from_millis(30)).await;
                }
                Err(error) => panic!("{act} {selector} at {}: {error}", self.url().await),
            }
        }
    }

    async fn try_to(
        &self,
        method: &Method,
        selector: &str,
        act: &str,
        body: &Json,
    ) -> Result<Json, Json> {
        let which = json!({ "using": "css selector", "value": selector });
        let url = format!("{}/element", self.session);
        let found = ask(&self.http, Method::POST, &url, &which).await?;
        let id = found[ELEMENT].as_str().unwrap();
        if act == "click" {
            // Scrolls like a person: an element hidden by the page's head is scrolled into view
            // first.
            let script = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })";
            let body = json!({ "script": script, "args": [&found] });
            let url = format!("{}/execute/sync", self.session);
            ask(&self.http, Method::POST, &url, &body).await?;
        }
        ask(
            &self.http,
            method.clone(),
            &format!("{url}/{id}/{act}"),
            body,
        )
        .await
    }

    /// Clicks on the first matching element.
    pub async fn click(&self, selector: &str) {
        self.act(Method::POST, selector, "click", &json!({})).await;
    }

    /// Clears a field and types into it.
    pub async fn fill(&self, selector: &str, text: &str) {
        self.act(Method::POST, selector, "clear", &json!({})).await;
        let body = json!({ "text": text });
        self.act(Method::POST, selector, "value", &body).await;
    }

    /// The text of the first matching element.
    pub async fn text(&self, selector: &str) -> String {
        let text = self.act(Method::GET, selector, "text", &Json::Null).await;
        text.as_str().unwrap().to_owned()
    }

    /// The number of matching elements.
    pub async fn count(&self, selector: &str) -> usize {
        let body = json!({ "using": "css selector", "value": selector });
        let found = self.post("/elements", body).await;
        found.as_array().unwrap().len()
    }

    /// Presses keys one after another at the current focus.
    pub async fn press(&self, keys: &str) {
        let actions: Vec<Json> = keys
            .chars()
            .flat_map(|key| {
                let key = key.to_string();
                [
                    json!({ "type": "keyDown", "value": key }),
                    json!({ "type": "keyUp", "value": key }),
                ]
            })
            .collect();
        let body = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] });
        self.post("/actions", body).await;
    }

    /// Moves the focus with the Tab key to the first matching element.
    pub async fn tab_to(&self, selector: &str) {
        let is_there = format!("return document.activeElement.matches({selector:?})");
        for _ in 0..120 {
            if self.run(&is_there).await == Json::Bool(true) {
                return;
            }
            self.press(TAB).await;
        }
        panic!("{selector} is not reached by Tab");
    }

    /// Signs in by clicking.
    pub async fn sign_in(&self, person: &str, path: &str) {
        self.visit(path).await;
        self.wait_for("/authorize").await;
        self.click(&format!("button[name=person][value={person}]"))
            .await;
        self.wait_for(&format!("{}/admin", self.origin)).await;
    }

    /// Turns scripts off.
    pub async fn without_scripts(&self) {
        let params = json!({ "value": true });
        let body = json!({ "cmd": "Emulation.setScriptExecutionDisabled", "params": params });
        self.post("/goog/cdp/execute", body).await;
    }

    /// Unexpected messages on the console.
    async fn complaints(&self) -> Vec<String> {
        let log = self.post("/se/log", json!({ "type": "browser" })).await;
        let entries = log.as_array().unwrap().iter();
        entries
            .filter(|entry| entry["level"] == "SEVERE" || entry["level"] == "WARNING")
            .map(|entry| entry["message"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Closes it; fails if there are messages on the console.
    pub async fn close(self) {
        let complaints = self.finish().await;
        assert_eq!(complaints, [""; 0]);
    }

    /// Closes it; fails if there are messages on the console without this text.
    pub async fn close_but_for(self, expected: &str) {
        let mut complaints = self.finish().await;
        complaints.retain(|text| !text.contains(expected));
        assert_eq!(complaints, [""; 0]);
    }

    async fn finish(self) -> Vec<String> {
        let complaints = self.complaints().await;
        call(&self.http, Method::DELETE, &self.session, &Json::Null).await;
        complaints
    }
}

/// Whether an error of the driver only means that a page is being loaded or unloaded.
fn is_passing(error: &Json) -> bool {
    matches!(
        error["error"].as_str(),
        Some(
            "no such element"
                | "stale element reference"
                | "element not interactable"
                | "element click intercepted"
        )
    )
}

async fn call(http: &reqwest::Client, method: Method, url: &str, body: &Json) -> Json {
    let answer = ask(http, method, url, body).await;
    answer.unwrap_or_else(|error| panic!("{url} {body}: {error}"))
}

/// The driver's response, or its error.
async fn ask(http: &reqwest::Client, method: Method, url: &str, body: &Json) -> Result<Json, Json> {
    let mut request = http.request(method, url);
    if !body.is_null() {
        request = request
            .header("content-type", "application/json")
            .body(body.to_string());
    }
    let answer = request.send().await.unwrap();
    let text = answer.text().await.unwrap();
    let mut json: Json = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{url}: {text}"));
    let value = json["value"].take();
    if value["error"].is_null() {
        Ok(value)
    } else {
        Err(value)
    }
}
