//! Several identity providers, seen from the browser.

use crate::support::TestApp;

async fn app() -> TestApp {
    // The second provider is down: people can still sign in with the first.
    TestApp::builder()
        .settings(
            "[oidc]\nlabel = \"Staff\"\n\
             [providers.partner]\nlabel = \"Partner & <Co>\"\n\
             issuer = \"http://127.0.0.1:9\"\nclient_id = \"p\"\nclient_secret = \"s\"",
        )
        .start()
        .await
}

#[tokio::test]
async fn people_choose_their_provider_on_a_page_without_scripts() {
    let app = app().await;
    let stranger = app.stranger();
    let page = stranger
        .open("/admin/data/orders?sort=-total")
        .await
        .expect(200);
    assert_eq!(page.page().text("h1"), "Sign in");
    let ways = page.page().texts("ul.ways a");
    assert_eq!(ways, ["Staff", "Partner & <Co>"]);
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(stranger.cookies().is_empty(), "nothing is remembered");
    let links = page.page().attributes("ul.ways a", "href");
    let back = "return_to=%2Fadmin%2Fdata%2Forders%3Fsort%3D-total";
    assert_eq!(links[0], format!("/auth/login?provider=oidc&{back}"));
    assert_eq!(links[1], format!("/auth/login?provider=partner&{back}"));
    let chosen = stranger.open(&links[0]).await.expect(200);
    assert!(chosen.page().has("button[name=person][value=alice]"));
    let away = stranger.get(&links[1]).await.expect(503);
    assert!(away.page().text("main").contains("Try once more"));

    let ways = stranger.json("/auth/login").await;
    assert_eq!(ways["providers"][1]["name"], "partner");
    assert_eq!(ways["providers"][1]["label"], "Partner & <Co>");
    assert_eq!(ways["providers"][1]["href"], "/auth/login?provider=partner");
}

#[tokio::test]
async fn the_pages_that_explain_say_which_provider_it_was() {
    let app = app().await;
    let alice = app.stranger();
    let start = "/auth/login?provider=oidc&return_to=/admin/me";
    let me = alice.sign_in_to("alice", start).await.expect(200);
    let facts = me.page().text("dl.facts");
    assert!(facts.contains("Signed in byStaff"), "{facts}");
    assert!(facts.contains(&app.issuer), "{facts}");
    assert_eq!(
        alice.json("/admin/me").await["provider"],
        serde_json::Value::Null
    );

    let dave = app.stranger();
    let denied = dave.sign_in_to("dave", start).await.expect(403);
    let facts = denied.page().text("dl.facts");
    assert!(facts.contains("Account atStaff"), "{facts}");
    let other = denied.page().attribute("main a.primary", "href");
    let chooser = dave.open(&other).await.expect(200);
    let links = chooser.page().attributes("ul.ways a", "href");
    assert!(links[1].contains("prompt=select_account"), "{links:?}");
}

#[tokio::test]
async fn with_one_provider_the_pages_are_as_they_were() {
    let app = TestApp::shared().await;
    let dave = app.stranger().sign_in("dave").await.expect(403);
    assert!(!dave.page().text("dl.facts").contains("Signed in by"));
    let begun = app.stranger().get("/auth/login").await;
    assert_eq!(begun.status, 303);
}
