//! No secret that could sign somebody in is ever logged.

use super::provider::{CLIENT, SECRET, sign};
use super::rig::{Browser, Rig};
use crate::store::DatabaseError;
use crate::store::tables::{bailiwick_sessions as sessions, bailiwick_sign_ins as sign_ins};
use diesel::prelude::*;
use serde_json::json;
use std::io::Write;
use std::sync::{Mutex, Once, PoisonError};

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Everything logged from now on, at every level, by all tests of the process.
pub struct Log;

impl Log {
    /// The lines that contain this text.
    pub fn lines_with(&self, text: &str) -> Vec<String> {
        let log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
        let log = String::from_utf8_lossy(&log);
        let lines = log.lines().filter(|line| line.contains(text));
        lines.map(str::to_owned).collect()
    }
}

/// Starts to capture the log.
pub fn capture() -> Log {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(|| Writer)
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
    Log
}

struct Writer;

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
        log.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[actix_web::test]
async fn c8_no_token_code_cookie_or_secret_is_logged_at_any_level() {
    let log = capture();
    let rig = Rig::start().await;
    rig.op.set().claims = Box::new(|claims| {
        claims.remove("groups");
    });
    rig.op.set().gives_refresh = true;
    let mut browser = Browser::new(&rig);
    let callback = browser.reach_callback("/auth/login").await;
    let asked = rig.op.set().last_authorization.clone();
    browser.get(&callback).await;
    let cookie = browser.cookies["bailiwick"].clone();
    let login_cookie = browser
        .cookies
        .iter()
        .find_map(|(name, value)| name.starts_with("bailiwick-login").then(|| value.clone()))
        .unwrap();
    let csrf = browser.csrf().await;
    let id_token = rig.op.set().last_id_token.clone();
    let code = rig.op.set().last_code.clone();
    // A refused one too.
    rig.op.set().token_answer = Box::new(|answer| {
        answer.insert("access_token".into(), serde_json::json!(["access-canary"]));
    });
    Browser::new(&rig).sign_in("/auth/login").await;
    browser.post("/auth/logout", &[("csrf_token", &csrf)]).await;
    // The refresh token, and break-glass sign-in.
    rig.op.set().token_answer = Box::new(|answer| {
        answer.insert("refresh_token".into(), "refresh-canary".into());
    });
    let mut left = Browser::new(&rig);
    left.sign_in("/auth/login").await;
    // Encrypted values: the tokens of a session, and the secrets of a pending sign-in.
    Browser::new(&rig).reach_callback("/auth/login").await;
    let sealed = sealed(&rig).await;
    assert_eq!(sealed.len(), 4, "{sealed:?}");
    // Back-channel logout: a refused token, and one that ends the session.
    let strange = logout_token(&rig, "https://elsewhere.example");
    let right = logout_token(&rig, &rig.op.issuer());
    for (token, status) in [(&strange, 400), (&right, 200)] {
        let form = [("logout_token", token.as_str())];
        let got = Browser::new(&rig)
            .post("/auth/backchannel-logout", &form)
            .await;
        assert_eq!(got.status, status, "{}", got.body);
    }
    assert!(!left.is_signed_in().await);
    let signature = |token: &str| token.rsplit('.').next().unwrap_or_default().to_owned();
    let (strange_signature, right_signature) = (signature(&strange), signature(&right));
    let mut stranger = Browser::new(&rig);
    let link = "break-glass-canary-of-the-log";
    stranger
        .get(&format!("/auth/break-glass?token={link}"))
        .await;
    stranger.post("/auth/break-glass", &[("token", link)]).await;
    assert!(
        !log.lines_with("a person signed in").is_empty(),
        "the log must be there at all"
    );
    assert!(!log.lines_with("a sign-in was refused").is_empty());
    assert!(!log.lines_with("TRACE").is_empty(), "at every level");
    assert!(!log.lines_with("no groups claim came").is_empty(), "f3");
    for secret in [
        SECRET,
        "access-canary",
        "refresh-canary",
        link,
        &code,
        &id_token,
        &cookie,
        &csrf,
        &login_cookie,
        &asked["state"],
        &asked["nonce"],
        &strange,
        &right,
        &strange_signature,
        &right_signature,
        "jti-canary",
    ] {
        assert_eq!(log.lines_with(secret), [""; 0], "{secret}");
    }
    for secret in &sealed {
        assert_eq!(log.lines_with(secret), [""; 0], "{secret}");
    }
    // Only the panel knows the verifier: the log contains nothing of pending sign-ins.
    for word in ["code_verifier", "Pending"] {
        assert_eq!(log.lines_with(word), [""; 0], "{word}");
    }
}

/// A logout token for Alice's session, signed by the provider.
fn logout_token(rig: &Rig, issuer: &str) -> String {
    let now = rig.op.set().now.timestamp();
    let claims = json!({
        "iss": issuer, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": "jti-canary",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}}, "sid": "sid-1",
    });
    let header = json!({"alg": "RS256", "kid": "k0", "typ": "logout+jwt"});
    sign(&header, &claims.to_string(), 0)
}

/// The encrypted values in the database.
async fn sealed(rig: &Rig) -> Vec<String> {
    let read = |conn: &mut _| {
        let tokens = (sessions::id_token, sessions::refresh_token);
        let tokens: Vec<(Option<String>, Option<String>)> =
            sessions::table.select(tokens).load(conn)?;
        let pending = sign_ins::table.select((sign_ins::nonce, sign_ins::verifier));
        let pending: Vec<(String, String)> = pending
            .order(sign_ins::created_at.desc())
            .limit(1)
            .load(conn)?;
        Ok::<_, DatabaseError>((tokens, pending))
    };
    let (tokens, pending) = rig.database.run(read).await.unwrap();
    let mut all: Vec<String> = Vec::new();
    for (id_token, refresh_token) in tokens {
        all.extend(id_token.into_iter().chain(refresh_token));
    }
    for (nonce, verifier) in pending {
        all.extend([nonce, verifier]);
    }
    all
}

#[actix_web::test]
async fn what_a_provider_says_of_an_error_stays_short_and_on_its_line() {
    let log = capture();
    let rig = Rig::start().await;
    let long = "x".repeat(300);
    let said = format!("description-canary\nsecond\u{1b}[31m {long}");
    rig.op.set().answer = vec![("error_description", said)];
    rig.op.set().error = Some("access_denied");
    Browser::new(&rig).sign_in("/auth/login").await;
    let lines = log.lines_with("a sign-in was refused");
    let line = lines
        .iter()
        .find(|line| line.contains("description-canary"))
        .unwrap();
    assert!(line.contains("description-canarysecond[31m x"), "{line}");
    assert!(!line.contains(&long));
}
