//! The headers of every response.

use crate::support::{Answer, TestApp};
use reqwest::Method;

fn check(answer: &Answer) {
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{answer:?}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value, "{name} of {answer:?}");
    }
    let referrer = answer.header("referrer-policy");
    assert!(
        matches!(referrer, "same-origin" | "no-referrer"),
        "{referrer}"
    );
    assert!(!answer.header("cache-control").is_empty(), "{answer:?}");
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let app = TestApp::shared().await;
    let stranger = app.stranger();
    let alice = app.sign_in("alice").await;
    let dave = app.sign_in("dave").await;
    for path in [
        "/",
        "/healthz",
        "/readyz",
        "/metrics",
        "/admin/static/nothing",
        "/nothing",
        "/auth/login",
        "/auth/callback",
        "/auth/signed-out",
        "/auth/logout",
        "/auth/break-glass?token=x",
        "/auth/nothing",
        "/admin/",
        "/admin/data/orders",
        "/admin/data/orders?size=abc",
        "/admin/data/orders/row/999999999",
        "/admin/data/orders/export.csv?f.id=eq:1",
        "/admin/data/documents/row/1/file/content",
    ] {
        for client in [&stranger, &alice, &dave] {
            check(&client.get(path).await);
            check(&client.get_json(path).await);
        }
    }
    let put = alice.request(Method::PUT, "/admin/data/orders");
    check(&alice.send(put).await);
}

#[tokio::test]
async fn pages_of_people_are_not_kept() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for path in ["/admin/", "/admin/data/orders", "/admin/me", "/auth/login"] {
        let answer = alice.get(path).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn static_files_are_kept_for_ever_under_the_hash_of_their_content() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/").await;
    for (selector, attribute, kind) in [
        ("link[rel=stylesheet]", "href", "text/css"),
        ("script[type=module]", "src", "text/javascript"),
        ("link[rel=icon]", "href", "image/svg+xml"),
    ] {
        let link = page.attribute(selector, attribute);
        let answer = app.stranger().get(&link).await.expect(200);
        assert!(answer.header("content-type").starts_with(kind), "{link}");
        let kept = answer.header("cache-control");
        assert!(
            kept.contains("immutable") && kept.contains("31536000"),
            "{kept}"
        );
        assert!(answer.header("set-cookie").is_empty(), "{link}");
    }
}

#[tokio::test]
async fn pages_hold_no_inline_script_or_style() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for path in [
        "/admin/",
        "/admin/me",
        "/admin/data/orders",
        "/admin/data/orders/row/1",
        "/admin/data/orders/row/1/edit",
        "/admin/data/orders/row/1/history",
        "/admin/data/orders/row/1/delete",
        "/admin/data/settings/new",
    ] {
        let page = alice.page(path).await;
        assert!(
            !page.has("script:not([src]), style, [style], [onclick], [onload]"),
            "{path}"
        );
        for link in page.attributes("[src], link", "src") {
            assert!(link.starts_with("/admin/static/"), "{path}: {link}");
        }
    }
}

#[tokio::test]
async fn answers_are_compressed_when_asked_for() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for (asked, given) in [("br", "br"), ("gzip", "gzip"), ("gzip, deflate, br", "br")] {
        let request = alice.request(Method::GET, "/admin/data/orders");
        let request = request.header("accept-encoding", asked);
        let answer = alice.send(request).await.expect(200);
        assert_eq!(answer.header("content-encoding"), given);
        assert!(
            answer
                .header("vary")
                .to_lowercase()
                .contains("accept-encoding")
        );
    }
    let answer = alice.get("/admin/data/orders").await;
    assert_eq!(answer.header("content-encoding"), "");
}

#[tokio::test]
async fn https_is_insisted_on_where_the_panel_is_reached_by_it() {
    let plain = TestApp::shared().await;
    let answer = plain.stranger().get("/healthz").await;
    assert_eq!(answer.header("strict-transport-security"), "");
    let app = TestApp::builder()
        .behind("https://panel.example.com", false)
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let answer = alice.get("/admin/").await.expect(200);
    assert!(
        answer
            .header("strict-transport-security")
            .contains("max-age=")
    );
    let session = alice.cookies().into_keys();
    let mut ours = session.filter(|name| !name.starts_with("dev_idp"));
    assert!(
        ours.all(|name| name.starts_with("__Host-")),
        "{:?}",
        alice.cookies()
    );
}
