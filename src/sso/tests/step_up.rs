//! Step-up on a whole panel, with a provider that can be wrong in one way at a time.

use super::provider::{CLIENT, SECRET, TestProvider};
use super::rig::{Browser, Got};
use crate::app::Panel;
use crate::clock::{Clock, Hand};
use crate::config::Config;
use chrono::{TimeDelta, TimeZone, Utc};
use diesel::prelude::*;
use serde_json::{Value, json};
use std::path::PathBuf;

mod demands;
mod kept;

const TABLES: &str = "
    CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE parts (id INTEGER PRIMARY KEY, name TEXT NOT NULL,
        thing_id INTEGER NOT NULL REFERENCES things ON DELETE CASCADE);
    INSERT INTO things VALUES (1, 'one'), (2, 'two'), (3, 'three');
    INSERT INTO parts VALUES (1, 'cog', 2);";

/// Deleting `things` requires a recent and strong sign-in; deleting `parts` requires a recent one.
const ROLES: &str = r#"
    [roles.admin]
    groups = ["admins"]
    [[roles.admin.grants]]
    on = ["things"]
    may = ["view", "create", "edit", "delete", "export"]
    step_up = { delete = { max_age = "5m", acr = ["urn:mfa", "urn:key"] }, edit = { max_age = "10m" }, export = { acr = ["urn:mfa"] } }
    [[roles.admin.grants]]
    on = ["parts", "audit"]
    may = ["view", "delete"]
"#;

const DELETE: &str = "/admin/data/things/row/1/delete";

struct Whole {
    op: TestProvider,
    hand: Hand,
    base: String,
    file: PathBuf,
    _dir: tempfile::TempDir,
}

impl Whole {
    async fn start() -> Self {
        Self::with(ROLES).await
    }

    async fn with(roles: &str) -> Self {
        let start = Utc.with_ymd_and_hms(2026, 11, 23, 9, 0, 0).unwrap();
        let (clock, hand) = Clock::at(start);
        let op = TestProvider::start(start);
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("things.sqlite");
        let mut conn = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
        diesel::connection::SimpleConnection::batch_execute(&mut conn, TABLES).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let text = format!(
            "[server]\npublic_url = {base:?}\ncookie_name = \"bailiwick\"\ncontact = \"it@example.com\"\n[database]\nurl = {:?}\n\
             [oidc]\nissuer = {:?}\nclient_id = {CLIENT:?}\nclient_secret = {SECRET:?}\n\
             [session]\nrecheck = \"30d\"\n{roles}",
            file.display(),
            op.issuer(),
        );
        let config = Config::parse(&text, "test", std::iter::empty()).unwrap();
        let panel = Panel::builder(config)
            .clock(clock)
            .watching(false)
            .start()
            .await
            .unwrap();
        let server = crate::server::serve(&panel, listener).unwrap();
        actix_web::rt::spawn(server);
        Self {
            op,
            hand,
            base,
            file,
            _dir: dir,
        }
    }

    /// Sets the age and level of sign-ins that the provider reports from now on.
    fn says(&self, age_s: Option<i64>, acr: Option<&'static str>) {
        let mut op = self.op.set();
        let at = age_s.map(|age| op.now.timestamp() - age);
        op.claims = Box::new(move |claims| {
            for (name, value) in [
                ("auth_time", at.map(Value::from)),
                ("acr", acr.map(Value::from)),
            ] {
                if let Some(value) = value {
                    claims.insert(name.into(), value);
                }
            }
        });
    }

    fn forward(&self, by: TimeDelta) {
        self.hand.forward(by);
        self.op.set().now += by;
    }

    fn number(&self, sql: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Number {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            n: i64,
        }
        let mut conn = SqliteConnection::establish(self.file.to_str().unwrap()).unwrap();
        let sql = format!("SELECT ({sql}) AS n");
        diesel::sql_query(sql)
            .get_result::<Number>(&mut conn)
            .unwrap()
            .n
    }

    fn things(&self) -> i64 {
        self.number("SELECT count(*) FROM things")
    }

    fn noted(&self, action: &str) -> i64 {
        self.number(&format!(
            "SELECT count(*) FROM bailiwick_audit WHERE action = '{action}'"
        ))
    }

    /// A browser that signed in an hour ago, with a weak level.
    async fn signed_in(&self) -> Browser {
        self.says(Some(3_600), Some("urn:pwd"));
        let mut browser = Browser::at(&self.base);
        assert_eq!(browser.sign_in("/auth/login").await.status, 303);
        browser
    }

    /// Opens a page that requires step-up, goes to the provider, and returns the callback's
    /// response.
    async fn confirm(&self, browser: &mut Browser, page: &str) -> Got {
        let sent = browser.get(page).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        assert!(
            sent.location().starts_with(&self.op.issuer()),
            "{}",
            sent.location()
        );
        let callback = browser.get(&sent.location()).await.location();
        browser.get(&callback).await
    }
}

fn token(page: &Got, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let start = page
        .body
        .rfind(&mark)
        .unwrap_or_else(|| panic!("no {name}: {}", page.body));
    let rest = &page.body[start + mark.len()..];
    rest[..rest.find('"').unwrap()].to_owned()
}

async fn send(browser: &mut Browser, form: &Got) -> Got {
    let (csrf, digest) = (token(form, "csrf_token"), token(form, "row_digest"));
    browser
        .post(DELETE, &[("csrf_token", &csrf), ("row_digest", &digest)])
        .await
}

#[actix_web::test]
async fn i1_whoever_confirms_comes_back_to_the_confirmation_and_deletes_by_hand() {
    let whole = Whole::start().await;
    let mut browser = whole.signed_in().await;
    let before = browser.cookies["bailiwick"].clone();
    let old = browser.clone();
    whole.says(Some(5), Some("urn:key"));
    let done = whole.confirm(&mut browser, DELETE).await;
    assert_eq!(
        (done.status, done.location()),
        (303, DELETE.to_owned()),
        "{}",
        done.body
    );
    let asked = whole.op.set().last_authorization.clone();
    assert_eq!(asked["max_age"], "300");
    assert_eq!(asked["acr_values"], "urn:mfa urn:key");
    assert!(!asked.contains_key("prompt"));
    assert_ne!(browser.cookies["bailiwick"], before, "G1: a new id");
    assert_eq!(whole.things(), 3, "nothing is done by itself");
    let form = browser.get(DELETE).await;
    assert_eq!(form.status, 200, "{}", form.body);
    assert_eq!(send(&mut browser, &form).await.status, 303);
    assert_eq!(whole.things(), 2);
    assert_eq!(whole.noted("confirm"), 1);
    let mut thief = old;
    assert_eq!(
        thief.get("/admin/").await.status,
        302,
        "G1: the old id is dead"
    );
}

#[actix_web::test]
async fn i1_a_demand_that_is_met_asks_nothing() {
    let whole = Whole::start().await;
    whole.says(Some(10), Some("urn:mfa"));
    let mut browser = Browser::at(&whole.base);
    browser.sign_in("/auth/login").await;
    let form = browser.get(DELETE).await;
    assert_eq!(form.status, 200, "{}", form.body);
    assert_eq!(send(&mut browser, &form).await.status, 303);
    assert_eq!(whole.op.count("/authorize"), 1);
}

#[actix_web::test]
async fn i1_a_form_that_is_sent_too_late_changes_nothing() {
    let whole = Whole::start().await;
    whole.says(Some(10), Some("urn:mfa"));
    let mut browser = Browser::at(&whole.base);
    browser.sign_in("/auth/login").await;
    let form = browser.get(DELETE).await;
    whole.forward(TimeDelta::minutes(7));
    let late = send(&mut browser, &form).await;
    assert_eq!(late.status, 403, "{}", late.body);
    for words in [
        "Confirm who you are",
        "Nothing was changed",
        "within the last 5 minutes",
        DELETE,
    ] {
        assert!(late.body.contains(words), "{words}: {}", late.body);
    }
    assert_eq!(whole.things(), 3);
    assert_eq!(whole.noted("delete"), 0);
    assert_eq!(whole.noted("denied"), 1);
    // The same form can be sent after step-up: its CSRF token is still valid.
    whole.says(Some(1), Some("urn:mfa"));
    assert_eq!(whole.confirm(&mut browser, DELETE).await.status, 303);
    assert_eq!(send(&mut browser, &form).await.status, 303);
    assert_eq!(whole.things(), 2);
}

#[actix_web::test]
async fn i1_what_was_typed_can_be_sent_again() {
    let whole = Whole::start().await;
    whole.says(Some(10), None);
    let mut browser = Browser::at(&whole.base);
    browser.sign_in("/auth/login").await;
    let form = browser.get("/admin/data/things/row/2/edit").await;
    whole.forward(TimeDelta::minutes(12));
    let (csrf, digest) = (token(&form, "csrf_token"), token(&form, "row_digest"));
    let typed = [
        ("csrf_token", &*csrf),
        ("row_digest", &*digest),
        ("name", "typed"),
    ];
    let late = browser.post("/admin/data/things/row/2/edit", &typed).await;
    assert_eq!(late.status, 403);
    assert!(
        late.body.contains("reload it") && late.body.contains("_blank"),
        "{}",
        late.body
    );
    assert_eq!(
        whole.number("SELECT count(*) FROM things WHERE name = 'typed'"),
        0
    );
    whole.says(Some(1), None);
    let page = "/admin/data/things/row/2/edit";
    assert_eq!(whole.confirm(&mut browser, page).await.status, 303);
    let again = browser.post(page, &typed).await;
    assert_eq!(again.status, 303, "{}", again.body);
    assert_eq!(
        whole.number("SELECT count(*) FROM things WHERE name = 'typed'"),
        1
    );
}

#[actix_web::test]
async fn i2_a_provider_that_does_not_do_what_it_was_asked_is_no_loop() {
    for (age, acr, came) in [
        (Some(3_600), Some("urn:mfa"), "you signed in 60 minutes ago"),
        (None, Some("urn:mfa"), "it does not know when you signed in"),
        (
            Some(-3_600),
            Some("urn:mfa"),
            "you signed in 60 minutes from now",
        ),
        (Some(361), Some("urn:mfa"), "you signed in 6 minutes ago"),
        (Some(5), None, "it does not know how you signed in"),
        (Some(5), Some("urn:pwd"), "urn:pwd"),
        (Some(5), Some("URN:MFA"), "URN:MFA"),
        (Some(5), Some("<svg onload=x>"), "&lt;svg onload=x&gt;"),
    ] {
        let whole = Whole::start().await;
        let mut browser = whole.signed_in().await;
        let before = browser.cookies["bailiwick"].clone();
        whole.says(age, acr);
        let refused = whole.confirm(&mut browser, DELETE).await;
        assert_eq!(refused.status, 403, "{came}: {}", refused.body);
        assert!(refused.header("location").is_none());
        for words in [
            "did not do what was asked",
            "within the last 5 minutes, by urn:mfa or urn:key",
            came,
            "it@example.com",
        ] {
            assert!(refused.body.contains(words), "{words}: {}", refused.body);
        }
        assert_eq!(
            browser.cookies["bailiwick"], before,
            "the session stays as it was"
        );
        assert_eq!(browser.get("/admin/").await.status, 200);
        assert_eq!(
            browser.get(DELETE).await.status,
            303,
            "what was not proved does not count"
        );
        assert_eq!(whole.things(), 3);
        assert_eq!((whole.noted("confirm"), whole.noted("denied")), (0, 1));
    }
}

#[actix_web::test]
async fn e11_auth_time_of_zero_in_milliseconds_or_of_another_type_is_no_proof() {
    for auth_time in [
        json!(0),
        json!(1_795_000_000_000_i64),
        json!("now"),
        json!(null),
        json!(true),
        json!([1]),
    ] {
        let whole = Whole::start().await;
        let mut browser = whole.signed_in().await;
        let told = auth_time.clone();
        whole.op.set().claims = Box::new(move |claims| {
            claims.insert("auth_time".into(), told.clone());
            claims.insert("acr".into(), "urn:mfa".into());
        });
        let refused = whole.confirm(&mut browser, DELETE).await;
        assert_eq!(refused.status, 403, "{auth_time}: {}", refused.body);
    }
    // A time may have a fraction (some providers send one).
    let whole = Whole::start().await;
    let mut browser = whole.signed_in().await;
    let at = whole.op.set().now.timestamp();
    whole.op.set().claims = Box::new(move |claims| {
        claims.insert(
            "auth_time".into(),
            serde_json::from_str(&format!("{at}.25")).unwrap(),
        );
        claims.insert("acr".into(), "urn:mfa".into());
    });
    assert_eq!(whole.confirm(&mut browser, DELETE).await.status, 303);
}

#[actix_web::test]
async fn i1_another_account_is_refused_and_the_session_stays() {
    let whole = Whole::start().await;
    let mut browser = whole.signed_in().await;
    let before = browser.cookies["bailiwick"].clone();
    let now = whole.op.set().now.timestamp();
    whole.op.set().claims = Box::new(move |claims| {
        claims.insert("sub".into(), "s-mallory".into());
        claims.insert("auth_time".into(), now.into());
        claims.insert("acr".into(), "urn:mfa".into());
    });
    let refused = whole.confirm(&mut browser, DELETE).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert!(
        refused.body.contains("still signed in here as Alice Adams"),
        "{}",
        refused.body
    );
    assert!(
        refused.body.contains(DELETE),
        "a way to try again: {}",
        refused.body
    );
    assert_eq!(browser.cookies["bailiwick"], before);
    assert_eq!(browser.get(DELETE).await.status, 303);
    assert_eq!(whole.number("SELECT count(*) FROM bailiwick_people"), 1);
}

#[actix_web::test]
async fn i1_cancelling_at_the_provider_changes_nothing() {
    for (error, words) in [
        ("access_denied", "cancelled"),
        (
            "unmet_authentication_requirements",
            "cannot have you sign in",
        ),
        ("server_error", "problem of its own"),
        ("x_other", "answered with an error"),
    ] {
        let whole = Whole::start().await;
        let mut browser = whole.signed_in().await;
        whole.op.set().error = Some(error);
        let refused = whole.confirm(&mut browser, DELETE).await;
        assert_eq!(refused.status, 403, "{}", refused.body);
        for words in [words, "still signed in", DELETE] {
            assert!(refused.body.contains(words), "{words}: {}", refused.body);
        }
        assert_eq!(browser.get("/admin/").await.status, 200);
        assert_eq!(whole.things(), 3);
    }
}

#[actix_web::test]
async fn i1_the_absolute_limit_counts_from_the_first_sign_in() {
    let whole = Whole::start().await;
    let mut browser = whole.signed_in().await;
    for _ in 0..23 {
        whole.forward(TimeDelta::minutes(29));
        assert_eq!(browser.get("/admin/").await.status, 200);
    }
    whole.says(Some(1), Some("urn:mfa"));
    assert_eq!(whole.confirm(&mut browser, DELETE).await.status, 303);
    assert_eq!(browser.get("/admin/").await.status, 200);
    for _ in 0..2 {
        whole.forward(TimeDelta::minutes(29));
        browser.get("/admin/").await;
    }
    assert_eq!(browser.get("/admin/").await.status, 302, "12 h are over");
}

#[actix_web::test]
async fn i1_a_session_that_ends_meanwhile_does_not_come_back() {
    let whole = Whole::start().await;
    let mut browser = whole.signed_in().await;
    let sent = browser.get(DELETE).await.location();
    let callback = browser.get(&sent).await.location();
    // While the code is redeemed: the token endpoint is where the time passes.
    let file = whole.file.clone();
    whole.says(Some(1), Some("urn:mfa"));
    whole.op.set().token_answer = Box::new(move |_| {
        let mut conn = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
        diesel::sql_query("DELETE FROM bailiwick_sessions")
            .execute(&mut conn)
            .unwrap();
    });
    let refused = browser.get(&callback).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    assert!(
        refused.body.contains("session has ended"),
        "{}",
        refused.body
    );
    assert_eq!(whole.number("SELECT count(*) FROM bailiwick_sessions"), 0);
    assert_eq!(browser.get("/admin/").await.status, 302);
}
