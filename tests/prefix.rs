//! Behind a proxy: below a path prefix, with another name, and with TLS ending there.

use crate::support::{Client, TestApp};

/// The proxies in these tests: the public URL, and whether the path prefix is removed.
const PROXIES: [(&str, bool); 3] = [
    ("https://panel.example.com/prefix", true),
    ("https://panel.example.com/prefix", false),
    ("http://localhost:9/tools/panel", true),
];

/// Checks that every address on a page is below the prefix, or the provider's.
async fn links_stay(client: &Client, path: &str, root: &str) {
    let page = client.page(path).await;
    for (selector, attribute) in [
        ("a", "href"),
        ("link", "href"),
        ("form", "action"),
        ("script", "src"),
        ("[data-href]", "data-href"),
        ("[data-lookup]", "data-lookup"),
    ] {
        for link in page.attributes(selector, attribute) {
            let is_inside = link.starts_with(&format!("{root}/")) || link.starts_with('#');
            let is_outside = link.starts_with("mailto:") || link.starts_with("https://");
            assert!(is_inside || is_outside, "{path}: {link}");
        }
    }
}

#[tokio::test]
async fn the_main_paths_work_behind_a_proxy() {
    for (public, cuts) in PROXIES {
        let app = TestApp::builder().behind(public, cuts).start().await;
        let root = app.root.clone();
        let stranger = app.stranger();
        let answer = stranger.get("/admin/data/orders?size=25").await.expect(302);
        assert_eq!(
            answer.header("location"),
            format!(
                "{root}/auth/login?return_to={}%2Fadmin%2Fdata%2Forders%3Fsize%3D25",
                root.replace('/', "%2F")
            )
        );
        let alice = app.stranger();
        let answer = alice
            .sign_in_to("alice", "/admin/data/orders?size=25")
            .await
            .expect(200);
        assert_eq!(
            answer.url.as_str(),
            format!("{public}/admin/data/orders?size=25")
        );
        for path in [
            "/admin/",
            "/admin/me",
            "/admin/data/orders",
            "/admin/data/orders?f.status=eq:paid",
            "/admin/data/orders/row/1",
            "/admin/data/orders/row/1/edit",
            "/admin/data/orders/row/1/history",
            "/admin/data/orders/row/1/delete",
            "/admin/data/documents/row/1",
            "/admin/data/settings/row/discount%2010%25%2C%20spring%2Fsummer",
        ] {
            links_stay(&alice, path, &root).await;
        }
        let page = alice.page("/admin/data/orders?size=25").await;
        let next = page.attribute("a[rel=next]", "href");
        assert_eq!(alice.page(&next).await.count("table.rows tbody tr"), 25);
        let css = page.attribute("link[rel=stylesheet]", "href");
        alice.get(&css).await.expect(200);
        let form = alice.form("/admin/data/orders/row/1/edit").await;
        let answer = alice.save(&form.set("notes", "Behind a proxy")).await;
        assert_eq!(
            answer.header("location"),
            format!("{root}/admin/data/orders/row/1?done=saved")
        );
        alice.follow(answer).await.expect(200);
        let composite = alice.page("/admin/data/order_items/row/1,1").await;
        assert!(composite.has("h1"));
        let dave = app.stranger();
        let denied = dave.sign_in("dave").await.expect(403).page();
        let other = denied.attribute("main a.primary", "href");
        let answer = dave.sign_in_to("carol", &other).await.expect(200);
        assert_eq!(answer.url.as_str(), format!("{public}/admin/"));
        let out = alice
            .page("/admin/")
            .await
            .form_of("form[action$='/auth/logout']");
        let answer = alice.submit(&out).await;
        let end = alice.follow(answer).await.expect(200);
        assert_eq!(
            end.url.as_str().split('?').next(),
            Some(format!("{public}/auth/signed-out").as_str())
        );
        alice.get_json("/admin/").await.expect(401);
    }
}

#[tokio::test]
async fn the_panel_never_asks_the_request_where_it_is() {
    let app = TestApp::builder()
        .behind("https://panel.example.com/prefix", true)
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let cookie: Vec<String> = alice
        .cookies()
        .iter()
        .map(|(n, v)| format!("{n}={v}"))
        .collect();
    let cookie = cookie.join("; ");
    for path in [
        "/admin/",
        "/admin/data/orders",
        "/admin",
        "/auth/login?prompt=login",
        "/nothing",
    ] {
        let answer = app
            .raw(&format!(
                "GET {path} HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n\
                 X-Forwarded-Proto: http\r\nX-Forwarded-Prefix: /evil\r\nForwarded: host=evil.example\r\n\
                 X-Original-URL: /evil\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
            ))
            .await;
        assert!(!answer.contains("evil"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_form_sent_from_the_public_address_is_taken_and_no_other() {
    let app = TestApp::builder()
        .behind("https://panel.example.com/prefix", true)
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let form = alice
        .form("/admin/data/tags/row/1/edit")
        .await
        .set("name", "Proxied");
    let token = form.get("csrf_token").unwrap().to_owned();
    let request = alice.request(reqwest::Method::POST, &form.action);
    let request = request
        .header("origin", app.listen.clone())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("csrf_token={token}&name=x"));
    alice.send(request).await.expect(403);
    alice.save(&form).await;
}
