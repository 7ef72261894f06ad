//! The page for signed-in people without a role.

use crate::support::TestApp;
use bailiwick::demo::provider::{Person, demo_people};

const EXPECTED: &str = "[server]\ndenied_shows_expected = true";

fn people(groups: &[&str]) -> Vec<Person> {
    let mut people = demo_people();
    let mut erin = Person::new("erin", "Erin Exner", "erin@example.com");
    erin.groups = groups.iter().map(|group| (*group).to_owned()).collect();
    people.push(erin);
    people
}

#[tokio::test]
async fn it_says_who_which_groups_and_where_they_were_looked_for() {
    let app = TestApp::builder()
        .people(people(&["sales", "Admins"]))
        .start()
        .await;
    let erin = app.stranger();
    let answer = erin.sign_in("erin").await.expect(403);
    assert_eq!(answer.header("cache-control"), "no-store");
    let page = answer.page();
    let text = page.text("main");
    for part in [
        "You are signed in, but have no role here",
        "Erin Exner",
        "erin@example.com",
        app.issuer.as_str(),
        "2",
        "2 groups came, and none of them is mapped to a role.",
        "the claim \u{201c}groups\u{201d}, in the ID token first and then from userinfo",
        "it-service@example.com",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert_eq!(page.texts("ul.tags li"), ["sales", "Admins"]);
    assert!(
        page.text("title")
            .starts_with("Signed in, but no role here")
    );
    assert!(page.has("a[href*='prompt=select_account']"));
    assert!(page.has("form[action='/auth/logout']"));
    // It does not reveal which groups would give a role.
    assert!(
        !text.contains("editors") && !text.contains("viewers"),
        "{text}"
    );
    let entry = &app.audit("denied")[0];
    assert!(entry.ends_with(&page.reference()), "{entry}");
}

#[tokio::test]
async fn it_has_a_twin_in_json() {
    let app = TestApp::builder().people(people(&["sales"])).start().await;
    let erin = app.sign_in("erin").await;
    let answer = erin.get_json("/admin/data/orders").await.expect(403);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let problem = answer.json();
    assert_eq!(problem["title"], "Signed in, but no role here");
    assert_eq!(problem["status"], 403);
    assert_eq!(problem["name"], "Erin Exner");
    assert_eq!(problem["email"], "erin@example.com");
    assert_eq!(problem["issuer"], app.issuer);
    assert_eq!(problem["groups"], serde_json::json!(["sales"]));
    assert_eq!(problem["contact"], "it-service@example.com");
    assert!(problem["expected"].is_null(), "{problem}");
    assert!(!problem.to_string().contains("editors"), "{problem}");
    let reference = problem["request_id"].as_str().unwrap();
    assert!(app.audit("denied")[0].ends_with(reference));
}

#[tokio::test]
async fn what_would_open_it_is_shown_only_if_configured() {
    let app = TestApp::builder()
        .people(people(&[]))
        .settings(EXPECTED)
        .start()
        .await;
    let erin = app.sign_in("erin").await;
    let text = erin.get("/admin/").await.expect(403).page().text("main");
    assert!(text.contains("Editor: editors"), "{text}");
    let problem = erin.get_json("/admin/").await.expect(403).json();
    assert_eq!(problem["expected"][0]["groups"], "admins");
}

#[tokio::test]
async fn nothing_received_is_told_from_nothing_mapped() {
    let app = TestApp::builder().people(people(&[])).start().await;
    let erin = app.sign_in("erin").await;
    let page = erin.get("/admin/").await.expect(403).page();
    let groups = page.texts("dl.facts dd").remove(2);
    assert!(groups.starts_with("none The claim"), "{groups}");
    assert!(groups.contains("came with no groups in it"), "{groups}");
    let details = "SELECT details FROM bailiwick_audit WHERE action = 'denied' ORDER BY id DESC";
    let details = app.db.text(details).unwrap();
    assert!(details.contains("\"groups_note\":\"empty\""), "{details}");
    // A claim other than the one that is sent.
    let app = TestApp::builder()
        .people(people(&["editors"]))
        .settings("[oidc]\ngroups_claim = \"roles\"")
        .start()
        .await;
    let erin = app.sign_in("erin").await;
    let text = erin.get("/admin/").await.expect(403).page().text("main");
    assert!(
        text.contains("sent no claim \u{201c}roles\u{201d}"),
        "{text}"
    );
    assert!(
        text.contains("the claim \u{201c}roles\u{201d}, in the ID token"),
        "{text}"
    );
}

#[tokio::test]
async fn many_groups_are_all_there_but_folded_away() {
    let many: Vec<String> = (0..300).map(|number| format!("team-{number:03}")).collect();
    let names: Vec<&str> = many.iter().map(String::as_str).collect();
    let app = TestApp::builder().people(people(&names)).start().await;
    let erin = app.sign_in("erin").await;
    let page = erin.get("/admin/").await.expect(403).page();
    assert_eq!(page.count("ul.tags li"), 300);
    assert_eq!(page.count("details ul.tags li"), 288);
    let problem = erin.get_json("/admin/").await.expect(403).json();
    assert_eq!(problem["groups"].as_array().unwrap().len(), 300);
}

#[tokio::test]
async fn another_account_that_is_denied_lands_on_the_page_again() {
    let app = TestApp::builder().people(people(&["sales"])).start().await;
    let client = app.stranger();
    let mut page = client.sign_in("dave").await.expect(403).page();
    // Again and again, always by the person's own choice.
    for person in ["erin", "dave", "erin"] {
        let other = page.attribute("main a.primary", "href");
        let chooser = client.open(&other).await.expect(200);
        assert!(chooser.page().has("button[name=person]"), "{person}");
        page = client.sign_in_to(person, &other).await.expect(403).page();
        assert!(page.text("h1").contains("no role here"));
    }
    assert!(page.text("main").contains("Erin Exner"));
    let other = page.attribute("main a.primary", "href");
    client.sign_in_to("carol", &other).await.expect(200);
}
