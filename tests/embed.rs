//! The panel inside an application: it serves its own addresses and no others.

use crate::support::TestApp;

/// The application's own addresses, their status, and the beginning of the body.
const OWN: [(&str, u16, &str); 16] = [
    ("/", 200, "the application's home"),
    ("/static/app.css", 200, "the application's style"),
    ("/healthz", 200, "the application is well"),
    ("/auth/token", 200, "the application's token"),
    ("/administrators", 200, "the application's people"),
    ("/readyz", 404, "the application has"),
    ("/metrics", 404, "the application has"),
    ("/static/panel.css", 404, "the application has"),
    ("/auth", 404, "the application has"),
    ("/auth/nothing", 404, "the application has"),
    ("/auth/login/more", 404, "the application has"),
    ("/auth/callback/a/b", 404, "the application has"),
    ("/admin-old", 404, "the application has"),
    ("/x/admin", 404, "the application has"),
    ("/nothing", 404, "the application has"),
    ("/.env", 404, "the application has"),
];

#[tokio::test]
async fn the_application_keeps_its_own_addresses() {
    let app = TestApp::builder().embedded().start().await;
    for client in [app.stranger(), app.sign_in("alice").await] {
        for (path, status, text) in OWN {
            let answer = client.get(path).await.expect(status);
            assert!(answer.text().starts_with(text), "{path}: {answer:?}");
            // The panel adds nothing to these responses.
            for header in ["content-security-policy", "set-cookie", "x-sign-in"] {
                assert!(!answer.headers.contains_key(header), "{path}: {header}");
            }
        }
    }
}

#[tokio::test]
async fn the_panel_works_beside_them() {
    let app = TestApp::builder().embedded().start().await;
    let stranger = app.stranger();
    for path in ["/admin", "/admin/", "/admin/nothing", "/admin/data/orders"] {
        let answer = stranger.get(path).await.expect(302);
        assert!(answer.header("location").starts_with("/auth/login?"));
    }
    for path in ["/admin/healthz", "/admin/readyz", "/admin/metrics"] {
        stranger.get(path).await.expect(200);
    }
    let answer = stranger.get("/auth/backchannel-logout").await.expect(405);
    assert_eq!(answer.header("allow"), "POST");

    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/orders").await;
    assert!(page.has("table.rows tbody tr"));
    let css = page.attribute("link[rel=stylesheet]", "href");
    assert!(css.starts_with("/admin/static/"), "{css}");
    alice.get(&css).await.expect(200);
    let form = alice.form("/admin/data/tags/row/1/edit").await;
    alice.save(&form.set("name", "Embedded")).await;
    let lost = alice.get("/admin/nothing").await.expect(404);
    assert!(lost.page().has("h1"), "the panel's own page: {lost:?}");

    let out = alice
        .page("/admin/")
        .await
        .form_of("form[action$='/auth/logout']");
    let answer = alice.submit(&out).await;
    alice.follow(answer).await.expect(200);
    alice.get_json("/admin/").await.expect(401);

    let denied = app.stranger().sign_in("dave").await.expect(403);
    assert!(denied.page().has("main"));
}

#[tokio::test]
async fn an_application_below_a_path_has_the_panel_there() {
    for (public, cuts) in [
        ("https://app.example.com/tools", true),
        ("https://app.example.com/tools", false),
    ] {
        let app = TestApp::builder()
            .behind(public, cuts)
            .embedded()
            .start()
            .await;
        let alice = app.stranger();
        let answer = alice
            .sign_in_to("alice", "/admin/data/orders")
            .await
            .expect(200);
        assert_eq!(answer.url.as_str(), format!("{public}/admin/data/orders"));
        let css = answer.page().attribute("link[rel=stylesheet]", "href");
        assert!(css.starts_with("/tools/admin/static/"), "{css}");
        alice.get(&css).await.expect(200);
        let answer = app
            .raw("GET /toolshed HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .await;
        assert!(answer.contains("the application has no such page"));
    }
}
