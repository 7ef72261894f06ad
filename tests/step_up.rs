//! Step-up through the development provider's own pages, on every address of a resource.
//!
//! Tests that depend on time are beside the sign-in code, where the provider's responses can be
//! set.

use crate::routes::{PATHS, RESOURCES};
use crate::support::{Answer, Client, TestApp};
use reqwest::Method;

/// Every verb that can have a demand has one.
const STRICT: &str = r#"
[roles.admin]
groups = ["admins"]
manage = ["roles", "sessions"]
step_up = { roles = { acr = ["urn:mfa"] } }
[[roles.admin.grants]]
on = ["*"]
may = ["view", "create", "edit", "delete", "export", "import", "history"]
[[roles.admin.grants]]
on = ["*"]
may = ["view", "create", "edit", "delete", "export", "import", "history"]
[roles.admin.grants.step_up]
create = { acr = ["urn:mfa"] }
edit = { acr = ["urn:mfa"] }
delete = { acr = ["urn:mfa", "urn:key"] }
export = { acr = ["urn:mfa"] }
import = { acr = ["urn:mfa"] }
history = { acr = ["urn:mfa"] }
[roles.editor]
groups = ["editors"]
[[roles.editor.grants]]
on = ["orders"]
may = ["view", "edit"]
"#;

async fn strict() -> TestApp {
    TestApp::builder().roles(STRICT).start().await
}

/// Chooses a person on the provider's page, and a sign-in level.
async fn choose(client: &Client, chooser: &Answer, person: &str, acr: &str) -> Answer {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.append_pair("person", person).append_pair("acr", acr);
    let request = client
        .request(Method::POST, chooser.url.as_str())
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html")
        .body(body.finish());
    let chosen = client.send(request).await;
    client.follow(chosen).await
}

#[tokio::test]
async fn every_address_whose_verb_demands_more_asks_for_it() {
    let app = strict().await;
    let alice = app.sign_in("alice").await;
    let digest = [("row_digest", "-")];
    let before = app.db.number("SELECT count(*) FROM orders");
    for resource in RESOURCES {
        let read_only = ["audit", "monthly_sales"].contains(&resource);
        for (method, path, right) in PATHS {
            let link = format!("/admin/data/{resource}{path}");
            let case = format!("{method} {link}");
            let page = match method {
                "POST" => alice.post_form(&link, &digest).await,
                _ => alice.get(&link).await,
            };
            let problem = match method {
                "POST" => alice.post_json(&link, &digest).await,
                _ => alice.get_json(&link).await,
            };
            let script = alice
                .send(
                    alice
                        .request(method.parse().unwrap(), &link)
                        .header("sec-fetch-mode", "cors"),
                )
                .await;
            if right == "view" {
                assert!(
                    matches!(page.status, 200 | 302 | 303 | 400 | 404),
                    "{case}: {page:?}"
                );
                assert!(!page.header("location").starts_with(&app.issuer), "{case}");
                continue;
            }
            if read_only && matches!(right, "create" | "edit" | "delete" | "import") {
                assert_eq!(
                    page.page().text("dl.facts code"),
                    format!("{right} on {resource}")
                );
                assert_eq!(problem.json()["type"], "about:blank", "{case}");
                continue;
            }
            assert_eq!(problem.status, 403, "{case}: {problem:?}");
            let problem = problem.json();
            assert_eq!(problem["type"], "urn:bailiwick:step-up-required", "{case}");
            let ways = match right {
                "delete" => serde_json::json!(["urn:mfa", "urn:key"]),
                _ => serde_json::json!(["urn:mfa"]),
            };
            assert_eq!(problem["step_up"]["acr_values"], ways, "{case}");
            assert_eq!(problem["step_up"]["max_age"], serde_json::Value::Null);
            assert_eq!(script.status, 403, "{case}: a script is not sent away");
            if method == "POST" {
                assert_eq!(page.status, 403, "{case}: {page:?}");
                let words = page.page().text("main");
                assert!(
                    words.contains("Confirm who you are first"),
                    "{case}: {words}"
                );
                assert!(words.contains("Nothing was changed"), "{case}: {words}");
            } else {
                assert_eq!(page.status, 303, "{case}: {page:?}");
                let to = page.header("location");
                assert!(
                    to.starts_with(&app.issuer) && to.contains("acr_values=urn%3Amfa"),
                    "{to}"
                );
            }
        }
    }
    assert_eq!(app.db.number("SELECT count(*) FROM orders"), before);
    for changed in ["create", "update", "delete", "export", "confirm"] {
        assert!(app.audit(changed).is_empty(), "{changed}");
    }
}

#[tokio::test]
async fn what_is_done_to_many_rows_may_demand_more_than_the_same_on_one() {
    let roles = r#"
[roles.admin]
groups = ["admins"]
[[roles.admin.grants]]
on = ["*"]
may = ["view", "edit", "delete", "export"]
step_up = { bulk = { acr = ["urn:mfa"] } }
"#;
    let app = TestApp::builder().roles(roles).start().await;
    let alice = app.sign_in("alice").await;
    let one = "/admin/data/orders/row/1";
    alice.get(&format!("{one}/edit")).await.expect(200);
    alice.get(&format!("{one}/delete")).await.expect(200);
    for action in ["edit", "delete", "export"] {
        let fields = [("action", action), ("key", "1"), ("set.notes", "x")];
        let fields = if action == "edit" {
            &fields[..]
        } else {
            &fields[..2]
        };
        let bulk = "/admin/data/orders/bulk";
        let problem = alice.post_json(bulk, fields).await.expect(403).json();
        assert_eq!(
            problem["type"], "urn:bailiwick:step-up-required",
            "{action}"
        );
        let page = alice.post_form(bulk, fields).await.expect(403).page();
        let words = page.text("main");
        assert!(words.contains("Confirm who you are first"), "{words}");
    }
    assert!(app.audit("bulk").is_empty());
}

#[tokio::test]
async fn a_person_confirms_on_the_providers_page_and_goes_on() {
    let app = strict().await;
    let alice = app.sign_in("alice").await;
    let page = "/admin/data/tags/row/1/edit";
    let detail = alice.page("/admin/data/tags/row/1").await;
    assert_eq!(
        detail.attribute("a[data-key=e]", "title"),
        "Asks you to sign in again first"
    );
    let list = alice.page("/admin/data/tags").await;
    assert_eq!(
        list.attribute("a[data-key=n]", "title"),
        "Asks you to sign in again first"
    );
    let chooser = alice.open(page).await.expect(200);
    assert!(chooser.page().has("select[name=acr]"), "{chooser:?}");
    let form = choose(&alice, &chooser, "alice", "urn:mfa")
        .await
        .expect(200);
    assert_eq!(form.url.path(), page);
    let form = form.page().form().set("name", "confirmed");
    alice.save(&form).await;
    assert_eq!(
        app.db
            .number("SELECT count(*) FROM tags WHERE name = 'confirmed'"),
        1
    );
    assert_eq!(app.audit("confirm").len(), 1);
    let detail = alice.page("/admin/data/tags/row/1").await;
    assert!(
        !detail.has("a[data-key=e][title]"),
        "it is not asked for again"
    );
    // A person's rights are shown regardless of step-up.
    let other = app.sign_in("alice").await;
    let may = &other.json("/admin/data/tags/row/1").await["may"];
    assert_eq!(
        *may,
        serde_json::json!(["view", "edit", "delete", "history", "export"])
    );
}

#[tokio::test]
async fn a_way_that_was_not_asked_for_is_refused_with_a_page() {
    let app = strict().await;
    let alice = app.sign_in("alice").await;
    let chooser = alice.open("/admin/data/tags/new").await.expect(200);
    let refused = choose(&alice, &chooser, "alice", "").await.expect(403);
    let words = refused.page().text("main");
    assert!(words.contains("did not do what was asked"), "{words}");
    assert!(
        words.contains("it does not know how you signed in"),
        "{words}"
    );
    assert!(words.contains("it-service@example.com"), "{words}");
    assert!(refused.page().has("a[href='/admin/']"), "{refused:?}");
    alice.page("/admin/data/tags").await;
}

#[tokio::test]
async fn somebody_else_cannot_confirm() {
    let app = strict().await;
    let alice = app.sign_in("alice").await;
    let chooser = alice.open("/admin/data/tags/new").await.expect(200);
    let refused = choose(&alice, &chooser, "bob", "urn:mfa").await.expect(403);
    let words = refused.page().text("main");
    assert!(
        words.contains("still signed in here as Alice Archer"),
        "{words}"
    );
    assert!(
        alice
            .page("/admin/")
            .await
            .text(".who")
            .contains("Alice Archer")
    );
}

#[tokio::test]
async fn an_export_comes_back_to_its_list() {
    let app = strict().await;
    let alice = app.sign_in("alice").await;
    let chooser = alice
        .open("/admin/data/tags/export.csv?q=a")
        .await
        .expect(200);
    let list = choose(&alice, &chooser, "alice", "urn:mfa")
        .await
        .expect(200);
    assert_eq!(list.url.path(), "/admin/data/tags");
    assert_eq!(list.url.query(), Some("q=a&done=confirmed"));
    assert!(
        list.page()
            .text(".notice")
            .contains("You have confirmed who you are")
    );
    alice
        .get("/admin/data/tags/export.csv?q=a")
        .await
        .expect(200);
}

#[tokio::test]
async fn a_browser_that_fetches_ahead_begins_nothing() {
    let app = strict().await;
    let alice = app.sign_in("alice").await;
    let request = alice
        .request(Method::GET, "/admin/data/tags/row/1/delete")
        .header("accept", "text/html")
        .header("sec-purpose", "prefetch;prerender");
    let answer = alice.send(request).await;
    assert_eq!(answer.status, 403, "{answer:?}");
    let begun = "SELECT count(*) FROM bailiwick_sign_ins WHERE purpose IS NOT NULL";
    assert_eq!(app.db.number(begun), 0);
}

#[tokio::test]
async fn behind_a_prefix_the_way_back_is_right() {
    for cut in [true, false] {
        let app = TestApp::builder()
            .roles(STRICT)
            .behind("http://127.0.0.1:8123/ops", cut)
            .start()
            .await;
        let alice = app.sign_in("alice").await;
        let chooser = alice.open("/admin/data/tags/row/1/edit").await.expect(200);
        let form = choose(&alice, &chooser, "alice", "urn:mfa")
            .await
            .expect(200);
        assert_eq!(form.url.path(), "/ops/admin/data/tags/row/1/edit");
    }
}

#[tokio::test]
async fn who_lacks_the_right_is_not_asked_to_confirm() {
    let app = strict().await;
    let bob = app.sign_in("bob").await;
    let answer = bob.get("/admin/data/orders/row/1/delete").await.expect(403);
    assert_eq!(answer.page().text("dl.facts code"), "delete on orders");
    // Their own grant has no demand: a demand belongs to a person's grants.
    bob.page("/admin/data/orders/row/1/edit").await;
}

#[tokio::test]
async fn my_access_tells_what_a_verb_asks_for_first() {
    let app = strict().await;
    let alice = app.sign_in("alice").await;
    let json = alice.get_json("/admin/me").await.json();
    let asked = "create, edit, export, import, history: a sign-in by urn:mfa";
    assert_eq!(json["resources"]["orders"]["asks"][0], asked, "{json}");
    let managing = "Managing roles asks for a sign-in by urn:mfa.";
    assert_eq!(json["manages_asks"], serde_json::json!([managing]));
    let page = alice.get("/admin/me").await;
    for text in [asked, "delete: a sign-in by urn:mfa or urn:key", managing] {
        assert!(page.text().contains(text), "{text}");
    }
    let bob = app.sign_in("bob").await;
    let json = bob.get_json("/admin/me").await.json();
    assert_eq!(json["resources"]["orders"]["asks"], serde_json::json!([]));
    assert!(!bob.get("/admin/me").await.text().contains("Asks for"));
}
