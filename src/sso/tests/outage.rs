//! A provider that is down, or is not the configured one.

use super::rig::{Browser, Rig};
use crate::clock::Clock;
use crate::sso::provider::Provider;
use crate::sso::provider::settings::Settings;
use chrono::TimeDelta;

#[actix_web::test]
async fn k3_without_the_provider_sign_in_is_503_and_recovers_by_itself() {
    let rig = Rig::start().await;
    rig.op.set().is_down = true;
    let mut browser = Browser::new(&rig);
    let refused = browser.get("/auth/login").await;
    assert_eq!(refused.status, 503);
    assert!(refused.header("retry-after").is_some());
    assert!(refused.body.contains("ref-7"));
    assert!(!rig.provider.is_known());
    for _ in 0..5 {
        assert_eq!(browser.get("/auth/login").await.status, 503);
    }
    assert_eq!(
        rig.op.set().seen.len(),
        1,
        "failures are not repeated at once"
    );
    rig.op.set().is_down = false;
    rig.forward(TimeDelta::seconds(2));
    assert_eq!(browser.sign_in("/auth/login").await.status, 303);
    assert!(rig.provider.is_known());
}

#[actix_web::test]
async fn k5_sessions_go_on_without_the_provider() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    browser.sign_in("/auth/login").await;
    rig.op.set().is_down = true;
    rig.forward(TimeDelta::minutes(20));
    assert!(browser.is_signed_in().await);
}

#[actix_web::test]
async fn k3_a_token_endpoint_that_fails_lets_nobody_in() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    let callback = browser.reach_callback("/auth/login").await;
    rig.op.set().is_down = true;
    assert_eq!(browser.get(&callback).await.status, 502);
    assert!(!browser.is_signed_in().await);
}

#[actix_web::test]
async fn k1_metadata_of_another_issuer_is_refused() {
    let rig = Rig::start().await;
    let other = format!("{}/", rig.op.issuer());
    rig.op.set().metadata = Box::new(move |metadata| {
        metadata.insert("issuer".into(), other.clone().into());
    });
    assert_eq!(Browser::new(&rig).get("/auth/login").await.status, 503);
}

#[actix_web::test]
async fn k4_metadata_is_read_again_after_a_day_and_kept_if_that_fails() {
    let rig = Rig::start().await;
    Browser::new(&rig).sign_in("/auth/login").await;
    rig.forward(TimeDelta::hours(25));
    Browser::new(&rig).sign_in("/auth/login").await;
    assert_eq!(rig.op.count("/.well-known/openid-configuration"), 2);
    rig.forward(TimeDelta::hours(25));
    rig.op.set().is_down = true;
    // Nobody is sent to a provider that is known to be down.
    assert_eq!(Browser::new(&rig).get("/auth/login").await.status, 503);
    assert_eq!(rig.op.count("/.well-known/openid-configuration"), 3);
    assert!(rig.provider.metadata().await.is_ok(), "it is kept");
}

#[actix_web::test]
async fn k3_many_first_visitors_share_one_discovery() {
    let rig = Rig::start().await;
    let all = (0..20).map(|_| {
        let mut browser = Browser::new(&rig);
        async move { browser.get("/auth/login").await.status }
    });
    let statuses = futures_util::future::join_all(all).await;
    assert!(statuses.iter().all(|status| *status == 303));
    assert_eq!(rig.op.count("/.well-known/openid-configuration"), 1);
}

#[actix_web::test]
async fn k2_k3_wrong_settings_stop_the_start() {
    let build = |issuer: &str, redirect: &str| {
        let settings = Settings {
            redirect_uri: redirect.into(),
            ..Settings::at(issuer, "c", "https://p.example")
        };
        Provider::new(settings, Clock::system())
    };
    let redirect = "https://p.example/auth/callback";
    assert!(build("https://idp.example", redirect).is_ok());
    assert!(build("idp.example", redirect).is_err());
    assert!(build("http://idp.example", redirect).is_err());
    assert!(build("https://idp.example", "nonsense").is_err());
    let pasted = build(
        "https://idp.example/realm/.well-known/openid-configuration",
        redirect,
    );
    assert_eq!(pasted.unwrap().issuer(), "https://idp.example/realm");
}

#[actix_web::test]
async fn k1_a_slash_too_many_is_told_with_what_to_write() {
    let rig = Rig::with(|settings| settings.issuer.push('/')).await;
    assert_eq!(Browser::new(&rig).get("/auth/login").await.status, 503);
    let error = rig.provider.metadata().await.unwrap_err().to_string();
    let write = format!("write: issuer = \"{}\"", rig.op.issuer());
    assert!(error.contains(&write), "{error}");
}

#[actix_web::test]
async fn k2_endpoints_in_the_clear_are_refused_and_on_another_host_are_taken() {
    for endpoint in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "end_session_endpoint",
    ] {
        let rig = Rig::start().await;
        rig.op.set().metadata = Box::new(move |metadata| {
            metadata.insert(endpoint.into(), "http://id.example/x".into());
        });
        let refused = Browser::new(&rig).get("/auth/login").await;
        assert_eq!(refused.status, 503, "{endpoint}");
        let rig = Rig::start().await;
        rig.op.set().metadata = Box::new(move |metadata| {
            metadata.insert(endpoint.into(), "https://other.example/x".into());
        });
        let taken = Browser::new(&rig).get("/auth/login").await;
        assert_eq!(taken.status, 303, "{endpoint}");
    }
}

#[actix_web::test]
async fn k4_new_endpoints_are_taken_over_and_another_issuer_is_not() {
    let rig = Rig::start().await;
    Browser::new(&rig).sign_in("/auth/login").await;
    rig.forward(TimeDelta::hours(25));
    rig.op.set().metadata = Box::new(|metadata| {
        metadata.insert(
            "authorization_endpoint".into(),
            "https://new.example/a".into(),
        );
    });
    let begun = Browser::new(&rig).get("/auth/login").await.location();
    assert!(begun.starts_with("https://new.example/a?"), "{begun}");
    rig.forward(TimeDelta::hours(25));
    rig.op.set().metadata = Box::new(|metadata| {
        metadata.insert("issuer".into(), "https://evil.example".into());
        metadata.insert(
            "authorization_endpoint".into(),
            "https://evil.example/a".into(),
        );
    });
    // Nobody is sent to it, nor to the provider's old address.
    let refused = Browser::new(&rig).get("/auth/login").await;
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert!(!refused.body.contains("evil.example"), "{}", refused.body);
}

#[actix_web::test]
async fn k4_metadata_is_read_again_after_an_endpoint_has_failed() {
    let rig = Rig::start().await;
    Browser::new(&rig).sign_in("/auth/login").await;
    rig.op.set().token_instead = Some((404, "text/html", "gone".into()));
    let read = |rig: &Rig| rig.op.count("/.well-known/openid-configuration");
    let fail = async || Browser::new(&rig).sign_in("/auth/login").await.status;
    assert_eq!(fail().await, 502);
    assert_eq!(fail().await, 502);
    assert_eq!(read(&rig), 1, "it was read within the minute");
    rig.forward(TimeDelta::seconds(60));
    assert_eq!(fail().await, 502);
    assert_eq!(fail().await, 502);
    assert_eq!(read(&rig), 2);
    // A refused code does not mean that the provider has moved.
    rig.op.set().token_instead = Some((
        400,
        "application/json",
        r#"{"error":"invalid_grant"}"#.into(),
    ));
    rig.forward(TimeDelta::seconds(60));
    assert_eq!(fail().await, 400);
    assert_eq!(fail().await, 400);
    assert_eq!(read(&rig), 2);
}

/// The issuer's host cannot be reached from here, as in a network of containers.
#[actix_web::test]
async fn k6_what_the_panel_asks_itself_goes_to_the_internal_address() {
    let rig = Rig::with(|settings| {
        settings.internal_url = settings.issuer.parse().ok();
        settings.issuer = "https://id.example".into();
    })
    .await;
    let inside = rig.op.issuer();
    rig.op.set().issuer = "https://id.example".into();
    // Endpoints with internal addresses, as some providers publish, are accepted too.
    let userinfo = format!("{inside}/userinfo");
    rig.op.set().metadata = Box::new(move |metadata| {
        metadata.insert("userinfo_endpoint".into(), userinfo.clone().into());
    });
    rig.op.set().claims = Box::new(|claims| {
        claims.remove("groups");
    });
    let mut browser = Browser::new(&rig);
    let begun = browser.get("/auth/login").await.location();
    assert!(
        begun.starts_with("https://id.example/authorize?"),
        "{begun}"
    );
    let callback = browser
        .get(&begun.replace("https://id.example", &inside))
        .await
        .location();
    assert_eq!(browser.get(&callback).await.status, 303);
    for path in [
        "/.well-known/openid-configuration",
        "/jwks",
        "/token",
        "/userinfo",
    ] {
        assert_eq!(rig.op.count(path), 1, "{path}");
    }
}

#[actix_web::test]
async fn k6_requests_go_by_the_proxy() {
    use crate::secret::Secret;
    let proxy = super::provider::TestProvider::start(chrono::Utc::now());
    let address = proxy.issuer();
    let rig = Rig::with(|settings| {
        settings.issuer = "http://id.localhost:1".into();
        settings.proxy = Some(Secret::new(&address));
    })
    .await;
    proxy.set().issuer = "http://id.localhost:1".into();
    let begun = Browser::new(&rig).get("/auth/login").await;
    assert_eq!(begun.status, 303, "{}", begun.body);
    assert_eq!(proxy.set().seen.len(), 1);
}

#[actix_web::test]
async fn k6_an_authority_that_cannot_be_read_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let mut settings = Settings::at("https://id.example", "c", "https://p.example");
    settings.ca_file = Some(path.clone());
    let build = || Provider::new(settings.clone(), Clock::system());
    assert!(build().is_err());
    std::fs::write(
        &path,
        "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    assert!(build().is_err());
}

/// A provider with a certificate from an untrusted authority, for `serves` connections.
fn behind_tls(serves: usize) -> String {
    use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
    use std::io::{Read, Write};
    let certificate = CertificateDer::from(&include_bytes!("tls/localhost.der")[..]);
    let key = PrivatePkcs8KeyDer::from(&include_bytes!("tls/localhost.key.der")[..]);
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.into())
        .unwrap();
    let config = std::sync::Arc::new(config);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let document = serde_json::json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/a"),
        "token_endpoint": format!("{issuer}/t"), "jwks_uri": format!("{issuer}/k"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    })
    .to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().take(serves) {
            let connection = rustls::ServerConnection::new(config.clone()).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, stream.unwrap());
            let mut request = [0; 4_096];
            if stream.read(&mut request).is_ok() {
                let length = document.len();
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
                     content-length: {length}\r\nconnection: close\r\n\r\n"
                );
                let _ = stream.write_all(format!("{head}{document}").as_bytes());
            }
        }
    });
    issuer
}

#[actix_web::test]
async fn k6_an_authority_of_ones_own_is_trusted_where_it_is_configured() {
    let issuer = behind_tls(2);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    std::fs::write(&path, include_str!("tls/authority.pem")).unwrap();
    let mut settings = Settings::at(&issuer, "c", "https://p.example");
    let without = Provider::new(settings.clone(), Clock::system()).unwrap();
    let error = without.metadata().await.unwrap_err().to_string();
    assert!(error.contains("certificate"), "{error}");
    settings.ca_file = Some(path);
    let with = Provider::new(settings, Clock::system()).unwrap();
    with.metadata().await.unwrap();
}

#[actix_web::test]
async fn a_provider_that_goes_away_later_is_known_by_the_first_failure_and_comes_back() {
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    let callback = browser.reach_callback("/auth/login").await;
    assert!(rig.provider.standing().is_up());
    rig.op.set().is_down = true;
    rig.forward(TimeDelta::minutes(3));
    assert_eq!(browser.get(&callback).await.status, 502);
    let away = rig.provider.standing().away.unwrap();
    assert_eq!(away.since.to_string(), "2026-11-23 09:03:00 UTC");
    assert_eq!(away.reason, "it answers with status 503");
    let words = rig.provider.standing().in_words("X").unwrap();
    assert!(
        words.contains("has not answered since 2026-11-23 09:03 UTC"),
        "{words}"
    );
    let refused = Browser::new(&rig).get("/auth/login").await;
    assert_eq!(refused.status, 503, "nobody is sent to it");
    assert!(refused.header("retry-after").is_some());
    rig.op.set().is_down = false;
    rig.forward(TimeDelta::seconds(2));
    assert_eq!(Browser::new(&rig).sign_in("/auth/login").await.status, 303);
    assert!(rig.provider.standing().is_up());
}

#[actix_web::test]
async fn metadata_is_read_again_after_a_failure_and_new_endpoints_are_taken_over() {
    let rig = Rig::start().await;
    Browser::new(&rig).sign_in("/auth/login").await;
    let keys_read_at = rig.provider.standing().keys_read_at;
    assert!(keys_read_at.is_some());
    let mut browser = Browser::new(&rig);
    let callback = browser.reach_callback("/auth/login").await;
    rig.op.set().is_down = true;
    browser.get(&callback).await;
    {
        let mut op = rig.op.set();
        op.is_down = false;
        op.metadata = Box::new(|metadata| {
            let moved = metadata["authorization_endpoint"]
                .as_str()
                .unwrap()
                .to_owned();
            metadata.insert(
                "authorization_endpoint".into(),
                format!("{moved}?moved=1").into(),
            );
        });
    }
    rig.forward(TimeDelta::seconds(2));
    let begun = Browser::new(&rig).get("/auth/login").await;
    assert!(begun.location().contains("moved=1"), "{}", begun.location());
}

#[actix_web::test]
async fn metadata_that_turns_into_another_issuers_is_refused() {
    let rig = Rig::start().await;
    Browser::new(&rig).sign_in("/auth/login").await;
    rig.op.set().metadata = Box::new(|metadata| {
        metadata.insert("issuer".into(), "https://evil.example".into());
        metadata.insert(
            "authorization_endpoint".into(),
            "https://evil.example/a".into(),
        );
    });
    rig.forward(TimeDelta::hours(25));
    let refused = Browser::new(&rig).get("/auth/login").await;
    assert_eq!(refused.status, 503);
    let away = rig.provider.standing().away.unwrap();
    assert!(
        away.reason.contains("what it says of itself"),
        "{}",
        away.reason
    );
}

#[actix_web::test]
async fn an_outage_is_logged_once_and_so_is_its_end() {
    let log = super::logs::capture();
    let rig = Rig::start().await;
    let mut browser = Browser::new(&rig);
    rig.op.set().is_down = true;
    for _ in 0..5 {
        rig.forward(TimeDelta::seconds(40));
        assert_eq!(browser.get("/auth/login").await.status, 503);
    }
    rig.op.set().is_down = false;
    rig.forward(TimeDelta::seconds(40));
    browser.sign_in("/auth/login").await;
    let callback = browser.reach_callback("/auth/login?prompt=login").await;
    rig.op.set().is_down = true;
    browser.get(&callback).await;
    for _ in 0..3 {
        browser.get("/auth/login?prompt=login").await;
        rig.forward(TimeDelta::seconds(40));
    }
    rig.op.set().is_down = false;
    browser.get("/auth/login?prompt=login").await;
    browser.get("/auth/login?prompt=login").await;
    let told = |level: &str, words: &str| {
        let lines = log.lines_with(&rig.op.issuer());
        let those = |line: &&String| line.contains(level) && line.contains(words);
        lines.iter().filter(those).count()
    };
    assert_eq!(told("WARN", "cannot be used; the panel keeps trying"), 2);
    assert_eq!(told("INFO", "was found"), 1);
    assert_eq!(told("INFO", "is back"), 1);
    assert_eq!(told("WARN", ""), 2 + told("WARN", "a sign-in was refused"));
}

#[actix_web::test]
async fn k3_the_longer_a_provider_is_away_the_less_often_it_is_looked_for() {
    let rig = Rig::start().await;
    let failed = async |seconds: i64| {
        rig.op.set().seen.clear();
        for _ in 0..seconds {
            assert!(rig.provider.metadata_to_sign_in().await.is_err());
            rig.forward(TimeDelta::seconds(1));
        }
        rig.op.set().seen.len()
    };
    rig.op.set().is_down = true;
    // After 0, 1, 3, 7, 15, 31 and 61 seconds.
    assert_eq!(failed(32).await, 6);
    assert_eq!(failed(60).await, 2);
    rig.op.set().is_down = false;
    rig.forward(TimeDelta::seconds(30));
    assert!(rig.provider.metadata_to_sign_in().await.is_ok());
    // Once it was up, the attempts start again without delay.
    rig.op.set().is_down = true;
    rig.forward(TimeDelta::days(1));
    assert_eq!(failed(8).await, 4);
}
