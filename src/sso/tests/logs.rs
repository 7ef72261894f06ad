//! Nothing that lets anyone in is ever logged.

use super::provider::SECRET;
use super::rig::{Browser, Rig};
use std::io::Write;
use std::sync::{Mutex, PoisonError};

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

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
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(|| Writer)
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let rig = Rig::start().await;
    rig.op.set().claims = Box::new(|claims| {
        claims.remove("groups");
    });
    let mut browser = Browser::new(&rig);
    let callback = browser.reach_callback("/auth/login").await;
    let asked = rig.op.set().last_authorization.clone();
    browser.get(&callback).await;
    let cookie = browser.cookies["bailiwick"].clone();
    let csrf = browser.csrf().await;
    let id_token = rig.op.set().last_id_token.clone();
    let code = rig.op.set().last_code.clone();
    // A refused one too.
    rig.op.set().token_answer = Box::new(|answer| {
        answer.insert("expires_in".into(), "access-canary".into());
    });
    Browser::new(&rig).sign_in("/auth/login").await;
    browser.post("/auth/logout", &[("csrf_token", &csrf)]).await;
    let log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
    let log = String::from_utf8_lossy(&log);
    assert!(
        log.contains("a person signed in"),
        "the log must be there at all"
    );
    assert!(log.contains("a sign-in was refused"));
    assert!(log.contains("no groups claim came"), "f3");
    for secret in [
        SECRET,
        "access-canary",
        &code,
        &id_token,
        &cookie,
        &csrf,
        &asked["state"],
        &asked["nonce"],
    ] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
