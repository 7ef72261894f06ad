//! A real Chromium, driven through chromedriver (W3C WebDriver, and what Chromium adds to it).

use super::{TestApp, is_demanding};
use reqwest::Method;
use serde_json::{Value as Json, json};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, MutexGuard};

/// One browser at a time: they are large.
static TURN: Mutex<()> = Mutex::const_new(());

const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Keys that have no letter.
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
    /// A new browser; none if there is no driver and none is demanded.
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

    /// Where it is.
    pub async fn url(&self) -> String {
        let url = format!("{}/url", self.session);
        let url = call(&self.http, Method::GET, &url, &Json::Null).await;
        url.as_str().unwrap().to_owned()
    }

    /// Waits until the address holds this text.
    pub async fn wait_for(&self, part: &str) {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let url = self.url().await;
            if url.contains(part) {
                return;
            }
            assert!(Instant::now() < end, "still at {url}, not at {part}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Waits until the page holds one of these.
    pub async fn wait_for_element(&self, selector: &str) {
        let end = Instant::now() + Duration::from_secs(20);
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
        let end = Instant::now() + Duration::from_secs(10);
        while self.run(script).await != Json::Bool(true) {
            assert!(Instant::now() < end, "never so: {script}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    async fn find(&self, selector: &str) -> String {
        let body = json!({ "using": "css selector", "value": selector });
        let found = self.post("/element", body).await;
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    /// Clicks on the first of these.
    pub async fn click(&self, selector: &str) {
        let id = self.find(selector).await;
        self.post(&format!("/element/{id}/click"), json!({})).await;
    }

    /// Empties a field and types into it.
    pub async fn fill(&self, selector: &str, text: &str) {
        let id = self.find(selector).await;
        self.post(&format!("/element/{id}/clear"), json!({})).await;
        let body = json!({ "text": text });
        self.post(&format!("/element/{id}/value"), body).await;
    }

    /// The text of the first of these.
    pub async fn text(&self, selector: &str) -> String {
        let id = self.find(selector).await;
        let url = format!("{}/element/{id}/text", self.session);
        let text = call(&self.http, Method::GET, &url, &Json::Null).await;
        text.as_str().unwrap().to_owned()
    }

    /// How many of these there are.
    pub async fn count(&self, selector: &str) -> usize {
        let body = json!({ "using": "css selector", "value": selector });
        let found = self.post("/elements", body).await;
        found.as_array().unwrap().len()
    }

    /// Presses keys one after the other, wherever the focus is.
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

    /// Moves the focus by the Tab key to the first element that matches.
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

    /// What the console says that it should not.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.post("/se/log", json!({ "type": "browser" })).await;
        let entries = log.as_array().unwrap().iter();
        entries
            .filter(|entry| entry["level"] == "SEVERE" || entry["level"] == "WARNING")
            .map(|entry| entry["message"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Closes it; fails if the console complained of anything.
    pub async fn close(self) {
        let complaints = self.complaints().await;
        call(&self.http, Method::DELETE, &self.session, &Json::Null).await;
        assert_eq!(complaints, [""; 0]);
    }
}

async fn call(http: &reqwest::Client, method: Method, url: &str, body: &Json) -> Json {
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
    assert!(value["error"].is_null(), "{url} {body}: {value}");
    value
}
