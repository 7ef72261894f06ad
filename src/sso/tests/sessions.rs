//! Sessions: the cookie, when they end, and that an ended one stays ended.

use super::provider::CLIENT;
use super::rig::{Browser, Rig};
use crate::session::token;
use chrono::TimeDelta;

#[actix_web::test]
async fn a_stranger_causes_no_session_and_no_cookie() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    for path in [
        "/admin/page",
        "/auth/signed-out",
        "/auth/callback?code=a&state=b",
        "/auth/logout",
    ] {
        let got = browser.get(path).await;
        assert!(got.header("set-cookie").is_none(), "{path}");
    }
    browser.post("/auth/logout", &[]).await;
    browser.get("/auth/login").await;
    assert!(!browser.cookies.contains_key("bailiwick"));
    assert_eq!(rig.rows("bailiwick_sessions").await, 0);
}

#[actix_web::test]
async fn g2_cookies_are_for_this_host_and_not_for_scripts() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    let begun = browser.get("/auth/login").await;
    let login = begun.header("set-cookie").unwrap().to_owned();
    assert!(login.starts_with("bailiwick-login-"), "{login}");
    assert!(login.contains("Max-Age=600"), "{login}");
    let done = browser.sign_in("/auth/login").await;
    let set = done.headers.get_all("set-cookie").iter();
    let set: Vec<&str> = set.map(|cookie| cookie.to_str().unwrap()).collect();
    let session = set.iter().find(|cookie| cookie.starts_with("bailiwick="));
    let session = (*session.unwrap()).to_owned();
    let marker = set.iter().find(|cookie| cookie.contains("-signed-in="));
    let marker = (*marker.unwrap()).to_owned();
    assert!(marker.contains("Max-Age=60"), "{marker}");
    assert!(
        !session.contains("Max-Age") && !session.contains("Expires"),
        "{session}"
    );
    for cookie in [login, session, marker] {
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
            "{cookie}"
        );
        assert!(
            cookie.contains("Path=/") && !cookie.contains("Domain"),
            "{cookie}"
        );
        assert!(cookie.len() < 300, "{cookie}");
    }
}

#[actix_web::test]
async fn g5_the_table_gives_no_usable_cookie() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login").await;
    // The cookie is the signature (44 characters) and the id.
    let cookie = browser.cookies["bailiwick"]
        .replace("%2F", "/")
        .replace("%2B", "+")
        .replace("%3D", "=");
    let id = cookie[44..].to_owned();
    let by_id = format!("bailiwick_sessions WHERE id_hash = '{id}'");
    assert_eq!(rig.rows(by_id.leak()).await, 0);
    let by_hash = format!("bailiwick_sessions WHERE id_hash = '{}'", token::hash(&id));
    assert_eq!(rig.rows(by_hash.leak()).await, 1);
}

#[actix_web::test]
async fn g3_an_unused_session_ends() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login").await;
    for _ in 0..5 {
        rig.forward(TimeDelta::minutes(29));
        assert!(browser.is_signed_in().await, "use keeps it alive");
    }
    rig.forward(TimeDelta::minutes(30));
    assert!(!browser.is_signed_in().await);
    assert_eq!(rig.rows("bailiwick_sessions").await, 0);
}

#[actix_web::test]
async fn g3_a_session_ends_at_its_age_however_much_it_is_used() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login").await;
    for _ in 0..47 {
        rig.forward(TimeDelta::minutes(15));
        assert!(browser.is_signed_in().await);
    }
    rig.forward(TimeDelta::minutes(15));
    assert!(!browser.is_signed_in().await);
}

#[actix_web::test]
async fn use_is_noted_at_most_once_a_minute() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login").await;
    let unchanged = "bailiwick_sessions WHERE last_seen_at = created_at";
    rig.forward(TimeDelta::seconds(59));
    browser.is_signed_in().await;
    assert_eq!(rig.rows(unchanged).await, 1);
    rig.forward(TimeDelta::seconds(1));
    browser.is_signed_in().await;
    assert_eq!(rig.rows(unchanged).await, 0);
}

#[actix_web::test]
async fn sessions_that_ended_are_swept_at_a_later_sign_in() {
    let rig = Rig::start().await;
    Browser::new(&rig).sign_in("/auth/login").await;
    rig.forward(TimeDelta::hours(13));
    Browser::new(&rig).sign_in("/auth/login").await;
    assert_eq!(rig.rows("bailiwick_sessions").await, 1);
}

#[actix_web::test]
async fn g4_a_request_in_flight_does_not_bring_a_deleted_session_back() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login").await;
    let overtaken = browser.get("/admin/overtaken").await;
    assert_eq!(overtaken.status, 200);
    assert_eq!(rig.rows("bailiwick_sessions").await, 0);
    assert!(!browser.is_signed_in().await);
}

#[actix_web::test]
async fn g1_a_session_planted_before_sign_in_gives_nothing() {
    let rig = Rig::start().await;
    let mut attacker = Browser::new(&rig);
    attacker.sign_in("/auth/login").await;
    let planted = attacker.cookies["bailiwick"].clone();
    let mut victim = Browser::new(&rig);
    victim.cookies.insert("bailiwick".into(), planted.clone());
    victim.sign_in("/auth/login?prompt=login").await;
    assert_ne!(victim.cookies["bailiwick"], planted);
    assert!(victim.is_signed_in().await);
    assert!(!attacker.is_signed_in().await);
    let mut made_up = Browser::new(&rig);
    made_up.cookies.insert("bailiwick".into(), "x".repeat(87));
    assert!(!made_up.is_signed_in().await);
}

#[actix_web::test]
async fn sign_out_ends_the_session_here_and_at_the_provider() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login").await;
    let mut stolen = browser.clone();
    let csrf = browser.csrf().await;
    let gone = browser.post("/auth/logout", &[("csrf_token", &csrf)]).await;
    let to = url::Url::parse(&gone.leads_to()).unwrap();
    assert!(
        to.as_str()
            .starts_with(&format!("{}/end?fixed=1&", rig.op.issuer()))
    );
    let sent = super::provider::parameters(to.query().unwrap());
    assert_eq!(sent["id_token_hint"], rig.op.set().last_id_token);
    assert_eq!(sent["client_id"], CLIENT);
    assert_eq!(
        sent["post_logout_redirect_uri"],
        format!("{}/auth/signed-out", rig.base)
    );
    assert!(sent["state"].len() >= 43);
    assert!(!browser.cookies.contains_key("bailiwick"));
    assert_eq!(rig.rows("bailiwick_sessions").await, 0);
    assert!(!stolen.is_signed_in().await);
    assert_eq!(
        rig.rows("bailiwick_audit WHERE action = 'sign-out' AND actor_subject = 's-alice'")
            .await,
        1
    );
    let page = browser.get("/auth/signed-out?state=whatever").await;
    assert_eq!((page.status, page.body.trim()), (200, "signed out"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
}

#[actix_web::test]
async fn a_session_that_ended_while_it_was_signed_out_is_noted_once() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login").await;
    let csrf = browser.csrf().await;
    // Concurrently, each of them finds the session, but only one ends it.
    let all = (0..8).map(|_| {
        let (mut browser, csrf) = (browser.clone(), csrf.clone());
        async move { browser.post("/auth/logout", &[("csrf_token", &csrf)]).await }
    });
    let all = futures_util::future::join_all(all).await;
    assert!(all.iter().all(|gone| matches!(gone.status, 200 | 303)));
    let noted = rig.rows("bailiwick_audit WHERE action = 'sign-out'").await;
    assert_eq!(noted, 1);
}

#[actix_web::test]
async fn g9_sign_out_needs_the_sessions_own_token_and_a_post() {
    let rig = Rig::start().await;
    let mut other = Browser::new(&rig);
    other.sign_in("/auth/login").await;
    let foreign = other.csrf().await;
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login").await;
    for form in [
        vec![],
        vec![("csrf_token", "")],
        vec![("csrf_token", foreign.as_str())],
    ] {
        assert_eq!(browser.post("/auth/logout", &form).await.status, 403);
    }
    assert_eq!(browser.get("/auth/logout").await.status, 405);
    assert!(browser.is_signed_in().await);
    let csrf = browser.csrf().await;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let gone = client
        .post(format!("{}/auth/logout", rig.base))
        .header(
            "cookie",
            format!("bailiwick={}", browser.cookies["bailiwick"]),
        )
        .header("x-csrf-token", csrf)
        .send()
        .await
        .unwrap();
    assert_eq!(gone.status().as_u16(), 200);
    assert!(gone.headers().contains_key("x-leads-to"));
    assert!(!browser.is_signed_in().await);
}

#[actix_web::test]
async fn j1_sign_out_works_without_the_provider() {
    let rig = Rig::start().await;
    rig.op.set().metadata = Box::new(|metadata| {
        metadata.remove("end_session_endpoint");
    });
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login").await;
    rig.op.set().is_down = true;
    let csrf = browser.csrf().await;
    let gone = browser.post("/auth/logout", &[("csrf_token", &csrf)]).await;
    assert_eq!(gone.location(), "/auth/signed-out?only_here=1");
    assert!(!browser.is_signed_in().await);
    let page = browser.get(&gone.location()).await;
    assert!(
        page.body.contains("may still be signed in"),
        "{}",
        page.body
    );
}

#[actix_web::test]
async fn the_cookie_key_survives_a_restart_and_may_be_configured() {
    use crate::secret::Secret;
    let rig = Rig::start().await;
    let key = |secrets: &'static [&'static str]| {
        let database = rig.database.clone();
        async move {
            let secrets: Vec<Secret> = secrets.iter().map(|text| Secret::new(*text)).collect();
            let keys = crate::session::Keyring::open(&database, &secrets).await;
            keys.map(|keys| keys.first().master().to_vec())
        }
    };
    let made = key(&[]).await.unwrap();
    assert_eq!(key(&[]).await.unwrap(), made);
    let configured = key(&["0123456789abcdef0123456789abcdef"]).await.unwrap();
    assert_ne!(configured, made);
    assert!(key(&["0123456789abcdef0123456789abcde"]).await.is_err());
}

const NEXT: &str = "a cookie secret of the rig, second";

async fn ring(rig: &Rig, secrets: &[&str]) -> crate::session::Keyring {
    use crate::secret::Secret;
    let secrets: Vec<Secret> = secrets.iter().map(|text| Secret::new(*text)).collect();
    let ring = crate::session::Keyring::open(&rig.database, &secrets).await;
    ring.unwrap()
}

#[actix_web::test]
async fn g11_an_id_that_is_dead_is_not_signed_anew() {
    use super::rig::COOKIE_SECRET;
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login").await;
    let both = ring(&rig, &[NEXT, COOKIE_SECRET]).await;
    browser.base = rig.sibling_with(both).await;
    // Concurrent pages: one sets the new id, and no other sets the old one afterwards.
    let all = (0..6).map(|_| {
        let mut tab = browser.clone();
        async move { tab.get("/admin/renews").await }
    });
    let gate = rig.hold("/admin/renews");
    let all = futures_util::future::join_all(all);
    let (all, ()) = tokio::join!(all, gate.open_for(6));
    let brought = all
        .iter()
        .filter(|got| got.header("set-cookie").is_some())
        .count();
    assert_eq!(brought, 1);
    // A request that arrives too late for the old id, and whose response may be read last.
    let late = browser.get("/admin/page").await;
    assert_eq!((late.status, late.header("set-cookie")), (401, None));
}

#[actix_web::test]
async fn g11_the_key_can_be_changed_while_people_are_signed_in() {
    use super::rig::COOKIE_SECRET;
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login").await;
    let old = browser.clone();
    let both = ring(&rig, &[NEXT, COOKIE_SECRET]).await;
    let both = rig.sibling_with(both).await;
    let only_next = rig.sibling_with(ring(&rig, &[NEXT]).await).await;
    // A script is accepted, but only a page gets the new cookie, with everything it should have.
    browser.base = both.clone();
    let script = browser
        .ask("GET", "/admin/page", &[("sec-fetch-mode", "cors")])
        .await;
    assert_eq!((script.status, script.header("set-cookie")), (200, None));
    let page = browser.get("/admin/page").await;
    let set = page.header("set-cookie").unwrap();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/"));
    assert_ne!(browser.cookies["bailiwick"], old.cookies["bailiwick"]);
    assert_eq!(browser.get("/admin/page").await.header("set-cookie"), None);
    // The new cookie does not need the old key; the old cookie does.
    browser.base = only_next.clone();
    assert!(browser.is_signed_in().await);
    let mut late = old.clone();
    late.base = only_next;
    assert!(!late.is_signed_in().await);
    // Values encrypted with the old key can be decrypted while that key is configured.
    browser.base = both;
    let csrf = browser.csrf().await;
    let gone = browser.post("/auth/logout", &[("csrf_token", &csrf)]).await;
    assert!(gone.leads_to().contains("id_token_hint="));
    assert_eq!(rig.rows("bailiwick_sessions").await, 0);
}

#[actix_web::test]
async fn g11_without_the_key_of_its_tokens_a_session_goes_on_without_them() {
    use super::rig::COOKIE_SECRET;
    use crate::secret::Secret;
    use crate::session::Keyring;
    let rig = Rig::start().await;
    rig.op.set().gives_refresh = true;
    Browser::new(&rig).sign_in("/auth/login").await;
    let signed = super::rechecks::kept(&rig).await;
    assert!(signed.refresh_token(&rig.keys).is_some());
    let other = [Secret::new(COOKIE_SECRET.to_uppercase())];
    let other = Keyring::open(&rig.database, &other).await.unwrap();
    assert_eq!(signed.refresh_token(&other), None);
    assert_eq!(signed.id_token(&other), None);
}

#[actix_web::test]
async fn g7_requests_at_the_same_time_do_not_undo_each_other() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login").await;
    // A change during other requests of the session that began before it.
    let slow = (0..8).map(|_| {
        let mut tab = browser.clone();
        async move { tab.get("/admin/slow").await.status }
    });
    let gate = rig.hold("/admin/slow");
    let change = async {
        gate.waiting(8).await;
        let status = browser.clone().get("/admin/changing").await.status;
        gate.open();
        status
    };
    let (slow, change) = tokio::join!(futures_util::future::join_all(slow), change);
    assert_eq!((slow, change), (vec![200; 8], 200));
    let changed = "bailiwick_sessions WHERE rules = 'changed'";
    assert_eq!(rig.rows(changed).await, 1);
}
