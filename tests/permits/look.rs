//! Viewing the panel as somebody else. The person sees the other's view, can change nothing, and is
//! named in the log.

use crate::support::{Answer, Client, TestApp};
use bailiwick::demo::provider::{Person, demo_people};
use reqwest::Method;

/// Every address that changes something, with the demo role that may do so.
pub const CHANGES: [&str; 7] = [
    "/admin/data/orders/new",
    "/admin/data/orders/row/1/edit",
    "/admin/data/orders/row/1/delete",
    "/admin/data/tags/new",
    "/admin/data/tags/row/1/edit",
    "/admin/data/customers/row/1/delete",
    "/admin/look",
];

async fn begin(client: &Client, fields: &[(&str, &str)]) -> Answer {
    client.post_form("/admin/look", fields).await
}

/// Alice, viewing as a role.
async fn looking(app: &TestApp, role: &str) -> Client {
    let alice = app.sign_in("alice").await;
    let answer = begin(&alice, &[("role", role)]).await.expect(303);
    assert_eq!(answer.location().as_deref(), Some("/admin/"));
    alice
}

async fn end(client: &Client) -> Answer {
    client.post_form("/admin/look/end", &[]).await
}

fn fingerprint(app: &TestApp) -> String {
    let tables = ["orders", "tags", "customers", "bailiwick_people"];
    let counts = tables.map(|table| {
        app.db
            .number(&format!("SELECT count(*) FROM {table}"))
            .to_string()
    });
    let notes = app.db.text("SELECT notes FROM orders WHERE id = 1");
    let colour = app.db.text("SELECT name FROM tags WHERE id = 1");
    format!("{} {notes:?} {colour:?}", counts.join(" "))
}

fn details(app: &TestApp, action: &str) -> Vec<serde_json::Value> {
    let sql = format!("SELECT details FROM bailiwick_audit WHERE action = '{action}' ORDER BY id");
    let all = app.db.texts(&sql).into_iter().flatten();
    all.map(|text| serde_json::from_str(&text).unwrap())
        .collect()
}

#[tokio::test]
async fn a_look_shows_what_the_role_shows() {
    let app = TestApp::shared().await;
    let alice = looking(app, "viewer").await;
    let carol = app.sign_in("carol").await;
    let menu = async |client: &Client| {
        let home = client.page("/admin/").await;
        home.attributes("nav#menu ul a", "href")
    };
    assert_eq!(menu(&alice).await, menu(&carol).await);
    for path in [
        "/admin/data/settings",
        "/admin/data/employees",
        "/admin/data/orders/row/1/edit",
        "/admin/data/orders/row/1/history",
        "/admin/data/audit",
        "/admin/access",
        "/admin/access?show=people",
    ] {
        let hers = carol.get(path).await.expect(403);
        let seen = alice.get(path).await.expect(403);
        let missing = |answer: &Answer| answer.page().text("dl.facts code");
        assert_eq!(missing(&seen), missing(&hers), "{path}");
        alice.get_json(path).await.expect(403);
    }
    assert_eq!(
        alice.json("/admin/data/customers?size=5").await["rows"],
        carol.json("/admin/data/customers?size=5").await["rows"]
    );
    let me = alice.json("/admin/me").await;
    assert_eq!(
        (&me["name"], &me["looking_as"]),
        (&"Alice Archer".into(), &"viewer".into())
    );
    assert_eq!(me["roles"], serde_json::json!(["viewer"]));
    end(&alice).await.expect(303);
    alice.page("/admin/data/settings").await;
}

#[tokio::test]
async fn a_look_may_have_claims_of_its_own() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let rows = |region: &str| {
        let sql = format!("SELECT count(*) FROM customers WHERE region = '{region}'");
        app.db.number(&sql)
    };
    begin(&alice, &[("role", "editor"), ("claim.region", "apac")])
        .await
        .expect(303);
    let list = alice.json("/admin/data/customers").await;
    assert_eq!(list["count"]["value"], rows("apac"));
    end(&alice).await.expect(303);
    // Alice has no region herself.
    begin(&alice, &[("role", "editor")]).await.expect(303);
    let list = alice.json("/admin/data/customers").await;
    assert_eq!(list["count"]["value"], 0);
    end(&alice).await.expect(303);
    begin(
        &alice,
        &[("groups", "viewers\r\neditors"), ("claim.region", "")],
    )
    .await
    .expect(303);
    let list = alice.json("/admin/data/customers").await;
    assert_eq!(
        list["count"]["value"],
        app.db.number("SELECT count(*) FROM customers")
    );
    alice.get("/admin/data/employees").await.expect(200);
}

#[tokio::test]
async fn somebody_known_is_looked_as_with_their_groups_and_claims() {
    let app = TestApp::start().await;
    app.sign_in("bob").await;
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/access?show=people&who=BERGER").await;
    let people = page.attributes("ul.pick a", "href");
    assert_eq!(people.len(), 1, "{people:?}");
    let bob = alice.page(&people[0]).await;
    assert!(bob.text("main").contains("Editor because of group editors"));
    let form = bob.form_of("form[action$='/look']");
    alice.save(&form).await;
    let list = alice.json("/admin/data/customers").await;
    let sql = "SELECT count(*) FROM customers WHERE region = 'emea'";
    assert_eq!(list["count"]["value"], app.db.number(sql));
    let home = alice.page("/admin/").await;
    assert_eq!(
        home.text("aside.looking p"),
        "You look at the panel as someone with the groups of Bob Berger. Nothing can be changed."
    );
    let begun = &details(&app, "look")[0];
    assert_eq!(begun["as"], "someone with the groups of Bob Berger");
    assert_eq!(begun["groups"], serde_json::json!(["editors"]));
}

#[tokio::test]
async fn nothing_can_be_changed_while_looking() {
    let app = TestApp::start().await;
    // As the role with all rights, so that no right is missing.
    let alice = looking(&app, "admin").await;
    let before = fingerprint(&app);
    for path in CHANGES {
        let fields = [("notes", "looked"), ("name", "looked"), ("role", "viewer")];
        let answer = alice.post_form(path, &fields).await.expect(403);
        let text = answer.page().text("main");
        assert!(text.contains("You are only looking"), "{path}: {text}");
        assert!(answer.page().has("aside.looking form"), "{path}");
        let problem = alice.post_json(path, &fields).await.expect(403).json();
        assert_eq!(problem["title"], "You are only looking", "{path}");
        for method in [Method::PUT, Method::DELETE, Method::PATCH] {
            let token = alice.csrf().await;
            let request = alice.request(method.clone(), path);
            let request = request.header("x-csrf-token", token);
            let status = alice.send(request).await.status;
            assert_eq!(status, 405, "{method} {path}");
        }
    }
    // A form as the page provides it.
    let form = alice.form("/admin/data/orders/row/1/edit").await;
    let answer = alice.submit(&form.set("notes", "looked")).await;
    assert_eq!(answer.status, 403, "{answer:?}");
    assert_eq!(fingerprint(&app), before);
    for action in ["create", "update", "delete", "export"] {
        assert!(app.audit(action).is_empty(), "{action}");
    }
    assert_eq!(details(&app, "look").len(), 1);
    end(&alice).await.expect(303);
    let form = alice.form("/admin/data/orders/row/1/edit").await;
    alice.save(&form.set("notes", "mine")).await;
}

#[tokio::test]
async fn nothing_can_be_exported_while_looking() {
    let app = TestApp::start().await;
    let alice = looking(&app, "admin").await;
    for format in ["csv", "json", "jsonl", "xlsx"] {
        let path = format!("/admin/data/orders/export.{format}");
        let answer = alice.get(&path).await.expect(403);
        assert!(answer.text().contains("You are only looking"), "{answer:?}");
        alice.get_json(&path).await.expect(403);
    }
    assert!(app.audit("export").is_empty());
    end(&alice).await.expect(303);
    alice.get("/admin/data/orders/export.csv").await.expect(200);
}

#[tokio::test]
async fn every_page_says_that_one_is_looking_and_ends_it() {
    let app = TestApp::start().await;
    let alice = looking(&app, "viewer").await;
    for path in [
        "/admin/",
        "/admin/me",
        "/admin/data/orders",
        "/admin/data/orders/row/1",
        "/admin/data/settings",
        "/admin/data/orders/row/999999999",
        "/admin/nothing",
        "/admin/access",
    ] {
        let page = alice.get(path).await.page();
        assert_eq!(
            page.text("aside.looking p"),
            "You look at the panel as viewer. Nothing can be changed.",
            "{path}"
        );
        let form = page.form_of("aside.looking form");
        assert_eq!(form.action, "/admin/look/end", "{path}");
        assert!(
            form.get("csrf_token")
                .is_some_and(|token| !token.is_empty())
        );
    }
    let form = alice.page("/admin/").await.form_of("aside.looking form");
    let answer = alice.save(&form).await;
    assert_eq!(answer.location().as_deref(), Some("/admin/access"));
    assert!(!alice.page("/admin/access").await.has("aside.looking"));
    alice.page("/admin/data/settings").await;
    // Ending it twice has no effect.
    end(&alice).await.expect(303);
    assert_eq!(app.audit("look-end").len(), 1);
}

#[tokio::test]
async fn the_log_names_who_looks() {
    let app = TestApp::start().await;
    let alice = looking(&app, "viewer").await;
    alice.get("/admin/data/settings").await.expect(403);
    alice.get("/admin/access").await.expect(403);
    end(&alice).await.expect(303);
    for action in ["look", "denied", "look-end"] {
        for entry in app.audit(action) {
            assert!(
                entry.starts_with("Alice Archer|admin|"),
                "{action}: {entry}"
            );
        }
    }
    let denied = details(&app, "denied");
    assert_eq!(denied[0]["looking_as"], "role viewer");
    assert_eq!(denied[0]["missing"], "view");
    assert_eq!(denied[1]["missing"], "manage roles");
    assert_eq!(details(&app, "look-end")[0]["looking_as"], "role viewer");
    assert_eq!(details(&app, "look")[0]["as"], "role viewer");
    alice.get("/admin/data/orders").await.expect(200);
    let log = alice.page("/admin/data/audit").await.text("main");
    assert!(log.contains("looking as role viewer"), "{log}");
}

#[tokio::test]
async fn only_who_manages_roles_can_look() {
    let app = TestApp::start().await;
    for person in ["bob", "carol", "dave"] {
        let client = app.sign_in(person).await;
        let token = client.get("/admin/").await.page();
        let token = token.attribute("input[name=csrf_token]", "value");
        let fields = [("csrf_token", token.as_str()), ("role", "admin")];
        let answer = client.post_bare("/admin/look", &fields).await.expect(403);
        if person != "dave" {
            assert_eq!(answer.page().text("dl.facts code"), "manage roles");
        }
        client.get("/admin/data/settings").await.expect(403);
        // Ending what was not started has no effect.
        let status = client.post_bare("/admin/look/end", &fields).await.status;
        assert!(matches!(status, 303 | 403), "{person}: {status}");
        client.get("/admin/data/settings").await.expect(403);
    }
    assert!(app.audit("look").is_empty() && app.audit("look-end").is_empty());
}

#[tokio::test]
async fn a_look_is_not_begun_or_ended_by_another_site() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let foreign = app.sign_in("alice").await.csrf().await;
    let token = alice.csrf().await;
    for path in ["/admin/look", "/admin/look/end"] {
        for forged in [None, Some(""), Some("x"), Some(foreign.as_str())] {
            let mut fields = vec![("role", "viewer")];
            fields.extend(forged.map(|token| ("csrf_token", token)));
            alice.post_bare(path, &fields).await.expect(403);
        }
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
        ] {
            let request = alice.request(Method::POST, path).header(name, value);
            let fields = [("csrf_token", token.as_str()), ("role", "viewer")];
            let request = crate::support::with_fields(request, &fields);
            alice.send(request).await.expect(403);
        }
        let status = alice.get(&format!("{path}?role=viewer")).await.status;
        assert_eq!(status, 405, "{path}");
        if path == "/admin/look" {
            alice.page("/admin/data/settings").await;
            begin(&alice, &[("role", "viewer")]).await.expect(303);
        }
        // None of these starts or ends it.
        let is_looking = alice.page("/admin/").await.has("aside.looking");
        assert!(is_looking, "{path}");
    }
}

#[tokio::test]
async fn a_look_is_of_its_session_and_ends_with_it() {
    let app = TestApp::start().await;
    let alice = looking(&app, "viewer").await;
    let other = app.sign_in("alice").await;
    assert!(!other.page("/admin/").await.has("aside.looking"));
    other.page("/admin/data/settings").await;
    let form = alice
        .page("/admin/")
        .await
        .form_of("form[action$='/auth/logout']");
    alice.submit(&form).await.expect(200);
    alice.get_json("/admin/").await.expect(401);
    let anew = "/auth/login?prompt=login";
    alice.sign_in_to("alice", anew).await.expect(200);
    assert!(!alice.page("/admin/").await.has("aside.looking"));
    alice.page("/admin/data/settings").await;
    // A new sign-in without signing out ends it too.
    let again = looking(&app, "viewer").await;
    again.sign_in_to("alice", anew).await.expect(200);
    assert!(!again.page("/admin/").await.has("aside.looking"));
    let looks = "SELECT count(*) FROM bailiwick_sessions WHERE look IS NOT NULL";
    assert_eq!(app.db.number(looks), 0);
}

#[tokio::test]
async fn the_session_keeps_the_person_as_they_are() {
    let app = TestApp::start().await;
    let alice = looking(&app, "viewer").await;
    alice.page("/admin/data/orders").await;
    let own = "SELECT count(*) FROM bailiwick_sessions WHERE groups LIKE '%admins%'
               AND as_role IS NULL AND look LIKE '%viewer%'";
    assert_eq!(app.db.number(own), 1);
}

#[tokio::test]
async fn who_may_not_look_any_more_is_themselves_again() {
    let app = TestApp::start().await;
    let alice = looking(&app, "admin").await;
    alice.page("/admin/data/settings").await;
    // As if their groups had been re-checked.
    let sql = "UPDATE bailiwick_sessions SET groups = replace(groups, 'admins', 'viewers')";
    app.db.execute(sql);
    let page = alice.page("/admin/").await;
    assert!(!page.has("aside.looking"));
    alice.get("/admin/data/settings").await.expect(403);
    app.db.execute(
        &sql.replace("'viewers'", "'x'")
            .replace("'admins'", "'viewers'"),
    );
    let page = alice.get("/admin/").await.expect(403).page();
    assert!(!page.has("aside.looking"));
}

#[tokio::test]
async fn a_look_without_any_role_is_the_denied_page_with_a_way_out() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    for groups in ["", "strangers"] {
        begin(&alice, &[("groups", groups)]).await.expect(303);
        for path in ["/admin/", "/admin/data/orders", "/admin/access"] {
            let page = alice.get(path).await.expect(403).page();
            assert!(page.text("h1").contains("have no role here"), "{path}");
            assert!(page.has("aside.looking form"), "{path}");
            alice.get_json(path).await.expect(403);
        }
        let fields = [("name", "looked")];
        alice
            .post_form("/admin/data/tags/new", &fields)
            .await
            .expect(403);
        // Even this needs the CSRF token.
        alice.post_bare("/admin/look/end", &[]).await.expect(403);
        alice.get("/admin/look/end").await.expect(403);
        let page = alice.get("/admin/").await.expect(403).page();
        alice.save(&page.form_of("aside.looking form")).await;
        alice.page("/admin/data/settings").await;
    }
    assert_eq!(app.audit("look-end").len(), 2);
}

#[tokio::test]
async fn who_looks_can_sign_out() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    begin(&alice, &[("groups", "strangers")]).await.expect(303);
    let page = alice.get("/admin/").await.expect(403).page();
    let form = page.form_of("main form[action$='/auth/logout']");
    alice.submit(&form).await.expect(200);
    alice.get_json("/admin/").await.expect(401);
    assert!(app.audit("sign-out")[0].starts_with("Alice Archer|admin|"));
}

#[tokio::test]
async fn only_one_thing_that_is_there_can_be_looked_as() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let long = "g\n".repeat(10) + &(0..250).map(|n| format!("g{n}\n")).collect::<String>();
    for fields in [
        vec![],
        vec![("role", "nothing")],
        vec![("role", "viewer"), ("groups", "a")],
        vec![("person", "nobody")],
        vec![("groups", "a"), ("provider", "nowhere")],
        vec![("groups", long.as_str())],
        vec![("role", "viewer"), ("claim.other", "x")],
        vec![("role", "viewer"), ("claim.region", "{\"a\": {}}")],
        vec![("role", "viewer"), ("other", "x")],
    ] {
        let answer = begin(&alice, &fields).await;
        assert_eq!(answer.status, 400, "{fields:?}: {answer:?}");
    }
    begin(&alice, &[("person", "https://id.example nobody")])
        .await
        .expect(404);
    assert!(!alice.page("/admin/").await.has("aside.looking"));
}

#[tokio::test]
async fn a_name_with_markup_stays_text() {
    let mut people = demo_people();
    let canary = crate::support::CANARY;
    let mut odd = Person::new("odd", canary, "odd@example.com");
    odd.groups = vec![canary.to_owned(), "viewers".to_owned()];
    people.push(odd);
    let app = TestApp::builder().people(people).start().await;
    app.sign_in("odd").await;
    let alice = app.sign_in("alice").await;
    let list = alice.page("/admin/access?show=people").await;
    let links = list.attributes("ul.pick a", "href");
    for link in &links {
        let page = alice.get(link).await.expect(200);
        assert!(!page.text().contains("<svg onload"), "{page:?}");
    }
    begin(&alice, &[("groups", canary)]).await.expect(303);
    let page = alice.get("/admin/").await.expect(403);
    assert!(!page.text().contains("<svg onload"), "{page:?}");
    assert!(page.page().text("aside.looking p").contains("<svg onload"));
}
