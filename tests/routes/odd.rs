//! Unusual methods, paths and hosts.

use crate::support::TestApp;
use reqwest::Method;

fn status(answer: &str) -> u16 {
    let status = answer.split(' ').nth(1).unwrap_or_default();
    status.parse().unwrap_or_else(|_| panic!("{answer}"))
}

#[tokio::test]
async fn odd_spellings_of_a_path_let_nobody_in() {
    let app = TestApp::shared().await;
    let host = app.origin.trim_start_matches("http://");
    for target in [
        "//admin/data/orders".to_owned(),
        "/admin//data/orders".to_owned(),
        "/%61dmin/data/orders".to_owned(),
        "/admin/%2e%2e/admin/data/orders".to_owned(),
        "/static/../admin/data/orders".to_owned(),
        "/static/%2e%2e/admin/data/orders".to_owned(),
        "/auth/..%2fadmin/data/orders".to_owned(),
        "/healthz/../admin/data/orders".to_owned(),
        "/ADMIN/data/orders".to_owned(),
        "/admin/data/orders/".to_owned(),
        "/admin;/data/orders".to_owned(),
        format!("http://{host}/admin/data/orders"),
        "http://127.0.0.1/admin/data/orders".to_owned(),
        "http://evil.example/admin/data/orders".to_owned(),
        "/admin/data/orders?%00".to_owned(),
    ] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let answer = app.raw(&request).await;
        let status = status(&answer);
        assert!(matches!(status, 302 | 400 | 404), "{target}: {answer}");
        assert!(!answer.contains("SO-1"), "{target}: {answer}");
    }
}

#[tokio::test]
async fn a_path_that_is_not_one_lets_nobody_in() {
    let app = TestApp::shared().await;
    for target in [
        "*",
        "admin/data/orders",
        "/admin/data/\u{1}",
        "",
        "/admin/data/orders HTTP",
    ] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = app.raw(&request).await;
        assert!(!answer.contains(" 200 OK"), "{target}: {answer}");
    }
}

#[tokio::test]
async fn a_hostile_host_changes_nothing() {
    let app = TestApp::shared().await;
    for host in [
        "evil.example",
        "evil.example:80",
        "",
        "a b",
        "[::1",
        "x\"><svg onload=1>",
    ] {
        let request = format!(
            "GET /admin/data/orders HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Host: evil.example\r\n\
             Forwarded: host=evil.example;proto=https\r\nConnection: close\r\n\r\n"
        );
        let answer = app.raw(&request).await;
        assert!(!answer.contains("evil.example"), "{host}: {answer}");
        assert!(!answer.contains("<svg"), "{host}: {answer}");
        assert!(matches!(status(&answer), 302 | 400), "{host}: {answer}");
    }
}

#[tokio::test]
async fn other_methods_are_refused_and_change_nothing() {
    let app = TestApp::shared().await;
    let stranger = app.stranger();
    let alice = app.sign_in("alice").await;
    for method in ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"] {
        let method: Method = method.parse().unwrap();
        for path in [
            "/admin/",
            "/admin/data/orders",
            "/admin/data/orders/row/1",
            "/admin/data/orders/row/1/edit",
        ] {
            let answer = stranger.send(stranger.request(method.clone(), path)).await;
            assert!(
                matches!(answer.status, 303 | 401 | 405),
                "{method} {path}: {answer:?}"
            );
            let answer = alice.send(alice.request(method.clone(), path)).await;
            assert!(
                matches!(answer.status, 404 | 405),
                "{method} {path}: {answer:?}"
            );
        }
    }
    assert_eq!(app.db.number("SELECT count(*) FROM orders WHERE id = 1"), 1);
}

#[tokio::test]
async fn head_tells_no_more_than_get() {
    let app = TestApp::shared().await;
    let stranger = app.stranger();
    let head = |path: &str| stranger.request(Method::HEAD, path);
    let answer = stranger.send(head("/admin/data/orders")).await;
    assert_eq!(answer.status, 302);
    let alice = app.sign_in("alice").await;
    let answer = alice
        .send(alice.request(Method::HEAD, "/admin/data/orders"))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.body.is_empty());
}

#[tokio::test]
async fn a_method_that_an_address_does_not_take_is_named_to_those_inside() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let put = alice.request(Method::PUT, "/admin/data/orders/row/1/edit");
    let answer = alice.send(put.header("accept", "application/json")).await;
    assert_eq!(answer.status, 405, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert!(
        answer.header("allow").contains("POST"),
        "{:?}",
        answer.headers
    );
}
