//! Which routes respond to whom, and what every response contains.

mod headers;
mod odd;
mod providers;
mod walk;

use crate::support::{Answer, Client, TestApp};
use reqwest::Method;
use reqwest::header::ACCEPT;

/// Public addresses.
const OPEN: [&str; 4] = ["/healthz", "/readyz", "/metrics", "/auth/signed-out"];

/// Every resource of the demo.
pub const RESOURCES: [&str; 12] = [
    "audit",
    "customers",
    "departments",
    "documents",
    "employees",
    "monthly_sales",
    "order_items",
    "orders",
    "product_tags",
    "products",
    "settings",
    "tags",
];

/// The addresses of a resource: method, path below it, and the required right.
pub const PATHS: [(&str, &str, &str); 27] = [
    ("GET", "", "view"),
    ("GET", "/filter?column=id&op=eq&value=1", "view"),
    ("GET", "/count", "view"),
    ("GET", "/facets?column=id", "view"),
    ("GET", "/lookup?q=a", "view"),
    ("GET", "/views", "view"),
    // Without the needed fields, and without a view. The views' own tests check who may change
    // which view.
    ("POST", "/views", "view"),
    ("POST", "/views/start", "view"),
    ("POST", "/views/columns", "view"),
    ("POST", "/views/0", "view"),
    ("GET", "/export.csv", "export"),
    ("GET", "/export.json", "export"),
    ("GET", "/export.jsonl", "export"),
    ("GET", "/export.xlsx", "export"),
    ("GET", "/new", "create"),
    ("POST", "/new", "create"),
    ("GET", "/bulk", "view"),
    // Without an action. The bulk tests check which right each one needs.
    ("POST", "/bulk", "view"),
    ("GET", "/import", "import"),
    ("POST", "/import", "import"),
    ("GET", "/row/1", "view"),
    ("GET", "/row/1/edit", "edit"),
    ("POST", "/row/1/edit", "edit"),
    ("GET", "/row/1/delete", "delete"),
    ("POST", "/row/1/delete", "delete"),
    ("GET", "/row/1/history", "history"),
    ("GET", "/row/1/file/content", "view"),
];

/// The addresses of the panel itself: method, path below the mount, and the required right.
pub const OWN: [(&str, &str, &str); 13] = [
    ("GET", "", "a role"),
    ("GET", "/", "a role"),
    ("GET", "/me", "a role"),
    ("GET", "/search", "a role"),
    ("GET", "/access", "manage roles"),
    ("POST", "/look", "manage roles"),
    ("POST", "/look/end", "a role"),
    // Without a valid change. The undo tests check which right each one needs.
    ("GET", "/changes/0/undo", "a role"),
    ("POST", "/changes/0/undo", "a role"),
    ("GET", "/sessions", "manage sessions"),
    ("POST", "/sessions/end", "a role"),
    ("POST", "/sessions/end-others", "a role"),
    ("POST", "/sessions/end-person", "manage sessions"),
];

/// Every address below the mount.
fn table() -> Vec<(Method, String)> {
    let mut all: Vec<(Method, String)> = OWN
        .iter()
        .map(|(method, path, _)| (method.parse().unwrap(), format!("/admin{path}")))
        .collect();
    for resource in RESOURCES {
        all.extend(PATHS.iter().map(|(method, path, _)| {
            let method = method.parse().unwrap();
            (method, format!("/admin/data/{resource}{path}"))
        }));
    }
    all
}

async fn ask(client: &Client, method: &Method, path: &str, accept: &str) -> Answer {
    let request = client.request(method.clone(), path).header(ACCEPT, accept);
    client.send(request).await
}

#[tokio::test]
async fn a_stranger_is_sent_to_sign_in_with_the_way_back() {
    let app = TestApp::shared().await;
    let stranger = app.stranger();
    for (method, path) in table() {
        let answer = ask(&stranger, &method, &path, "text/html").await;
        let wanted = if method == Method::GET { 302 } else { 303 };
        assert_eq!(answer.status, wanted, "{method} {path}: {answer:?}");
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        // The form is opened again with a message: a submitted form is never sent again
        // automatically.
        let back = if method == Method::GET {
            path.clone()
        } else {
            format!("{path}?unsaved=1")
        };
        query.append_pair("return_to", &back);
        let login = format!("/auth/login?{}", query.finish());
        assert_eq!(answer.header("location"), login, "{method} {path}");
        assert!(answer.body.is_empty(), "{method} {path}");
    }
}

#[tokio::test]
async fn a_stranger_who_asks_for_json_gets_a_problem() {
    let app = TestApp::shared().await;
    let stranger = app.stranger();
    for (method, path) in table() {
        let answer = ask(&stranger, &method, &path, "application/json").await;
        assert_eq!(answer.status, 401, "{method} {path}: {answer:?}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.json()["status"], 401);
    }
}

#[tokio::test]
async fn a_stranger_cannot_tell_what_exists() {
    let app = TestApp::shared().await;
    let stranger = app.stranger();
    for path in [
        "/admin/nothing",
        "/admin/data/nothing",
        "/admin/data/orders/nothing",
        "/admin/data/orders/row/999999999",
        "/admin/data/orders/row/%FF",
    ] {
        let answer = stranger.get(path).await;
        assert_eq!(answer.status, 302, "{path}: {answer:?}");
        let answer = stranger.get_json(path).await;
        assert_eq!(answer.status, 401, "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn only_the_allow_list_answers_a_stranger() {
    let app = TestApp::shared().await;
    let stranger = app.stranger();
    for path in OPEN {
        assert_eq!(stranger.get(path).await.status, 200, "{path}");
    }
    assert_eq!(stranger.get("/auth/login").await.status, 303);
    assert_eq!(stranger.get("/auth/callback").await.status, 400);
    for path in [
        "/nothing",
        "/static/nothing",
        "/auth/nothing",
        "/.env",
        "/login",
    ] {
        assert_eq!(stranger.get(path).await.status, 404, "{path}");
    }
    for path in ["/auth/logout", "/auth/login/"] {
        let status = stranger.get(path).await.status;
        assert!(matches!(status, 404 | 405), "{path}: {status}");
    }
}

#[tokio::test]
async fn someone_without_a_role_gets_nothing_but_the_denied_page() {
    let app = TestApp::shared().await;
    let dave = app.sign_in("dave").await;
    for (method, path) in table() {
        let answer = ask(&dave, &method, &path, "text/html").await;
        assert_eq!(answer.status, 403, "{method} {path}: {answer:?}");
        let answer = ask(&dave, &method, &path, "application/json").await;
        assert_eq!(answer.status, 403, "{method} {path}: {answer:?}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    for path in OPEN {
        assert_eq!(dave.get(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn the_denied_page_says_who_and_why_and_whom_to_ask() {
    // A separate app: in the shared one, this person has so many denials that not every one is
    // recorded.
    let app = TestApp::start().await;
    let dave = app.stranger();
    let answer = dave.sign_in_to("dave", "/admin/data/orders").await;
    assert_eq!(answer.status, 403, "{answer:?}");
    let page = answer.page();
    let text = page.text("main");
    for part in [
        "Dave Novak",
        "dave@example.com",
        "none",
        "it-service@example.com",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let reference = page.reference();
    assert_eq!(reference.len(), 14, "{reference}");
    assert!(
        app.audit("denied")
            .iter()
            .any(|entry| entry.ends_with(&reference))
    );
    let other = page.attribute("main a.primary", "href");
    let chooser = dave.open(&other).await;
    assert_eq!(chooser.status, 200, "{chooser:?}");
    assert!(chooser.page().has("button[name=person][value=alice]"));
}

#[tokio::test]
async fn someone_without_a_role_can_become_someone_else() {
    let app = TestApp::shared().await;
    let dave = app.sign_in("dave").await;
    let denied = dave.get("/admin/").await.page();
    let other = denied.attribute("main a.primary", "href");
    let answer = dave.sign_in_to("carol", &other).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.page().text("header.top").contains("Carol Meyer"));
}

#[tokio::test]
async fn the_least_privileged_only_view_their_four_resources() {
    let app = TestApp::shared().await;
    let carol = app.sign_in("carol").await;
    let hers = ["customers", "order_items", "orders", "products"];
    for resource in RESOURCES {
        for (method, path, right) in PATHS {
            let link = format!("/admin/data/{resource}{path}");
            let answer = match method {
                "POST" => carol.post_form(&link, &[]).await,
                _ => carol.get(&link).await,
            };
            if hers.contains(&resource) && right == "view" {
                assert!(
                    matches!(answer.status, 200 | 302 | 400 | 404),
                    "{method} {link}: {answer:?}"
                );
            } else {
                assert_eq!(answer.status, 403, "{method} {link}: {answer:?}");
                assert!(
                    answer.text().contains(&format!("{right} on {resource}")),
                    "{method} {link}: {answer:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_resource_that_is_not_there_looks_like_one_that_is_not_given() {
    let app = TestApp::shared().await;
    let carol = app.sign_in("carol").await;
    let missing = carol.get("/admin/data/nothing").await.expect(403);
    let denied = carol.get("/admin/data/settings").await.expect(403);
    let text = |answer: &Answer, name: &str| {
        let page = answer.page();
        let reference = page.texts("dl.facts dd.mono").pop().unwrap();
        page.text("main")
            .replace(&reference, "R")
            .replace(name, "X")
    };
    assert_eq!(text(&missing, "nothing"), text(&denied, "settings"));
    let alice = app.sign_in("alice").await;
    alice.get("/admin/data/nothing").await.expect(404);
}

#[tokio::test]
async fn the_menu_holds_what_a_person_may_open() {
    let app = TestApp::shared().await;
    let links = async |person| {
        let home = app.sign_in(person).await.page("/admin/").await;
        let mut links = home.attributes("nav#menu ul a[href*='/data/']", "href");
        links.sort();
        let links = links.into_iter();
        links
            .map(|link| link.trim_start_matches("/admin/data/").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(links("alice").await, RESOURCES);
    assert_eq!(
        links("bob").await,
        [
            "customers",
            "employees",
            "order_items",
            "orders",
            "product_tags",
            "products",
            "tags"
        ]
    );
    assert_eq!(
        links("carol").await,
        ["customers", "order_items", "orders", "products"]
    );
}

#[tokio::test]
async fn every_page_of_every_resource_opens_for_the_administrator() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for resource in RESOURCES {
        let list = alice.page(&format!("/admin/data/{resource}")).await;
        let rows = list.attributes("table.rows tbody tr", "data-href");
        let json = alice.json(&format!("/admin/data/{resource}?size=1")).await;
        assert!(json["rows"].is_array(), "{resource}");
        if resource == "monthly_sales" {
            assert!(rows.is_empty(), "a view has no key");
            continue;
        }
        let row = rows
            .first()
            .unwrap_or_else(|| panic!("{resource} has no rows"));
        alice.page(row).await;
        alice.json(row).await;
        alice.page(&format!("{row}/history")).await;
        alice.json(&format!("{row}/history")).await;
        if resource == "audit" {
            alice.get(&format!("{row}/edit")).await.expect(403);
            continue;
        }
        for path in ["/edit", "/delete"] {
            alice.page(&format!("{row}{path}")).await;
            alice.json(&format!("{row}{path}")).await;
        }
        alice.page(&format!("/admin/data/{resource}/new")).await;
        alice.json(&format!("/admin/data/{resource}/new")).await;
    }
    alice.page("/admin/me").await;
    assert_eq!(alice.json("/admin/me").await["name"], "Alice Archer");
}

#[tokio::test]
async fn the_root_leads_to_the_panel() {
    let app = TestApp::shared().await;
    let answer = app.stranger().get("/").await;
    assert_eq!(answer.location().as_deref(), Some("/admin/"));
    let alice = app.sign_in("alice").await;
    let answer = alice.get("/admin").await;
    assert_eq!(answer.location().as_deref(), Some("/admin/"));
}

#[tokio::test]
async fn the_mount_can_be_elsewhere() {
    let app = TestApp::builder()
        .settings("[server]\nmount = \"/back/office\"")
        .start()
        .await;
    let alice = app.stranger();
    let answer = alice.sign_in_to("alice", "/back/office/data/orders").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.url.path(), "/back/office/data/orders");
    let page = answer.page();
    let row = page.attribute("table.rows tbody tr", "data-href");
    assert!(row.starts_with("/back/office/data/orders/row/"), "{row}");
    alice.page(&row).await;
    alice.get("/admin/").await.expect(404);
}
