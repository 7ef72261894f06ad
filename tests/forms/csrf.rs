//! A change needs the session's own CSRF token, and must come from the panel's own pages.

use crate::support::{Client, TestApp};
use reqwest::Method;

const EDIT: &str = "/admin/data/orders/row/1/edit";

/// Every address that changes something.
const CHANGES: [&str; 9] = [
    "/admin/sessions/end",
    "/admin/sessions/end-others",
    "/admin/sessions/end-person",
    "/admin/data/tags/new",
    EDIT,
    "/admin/data/orders/row/1/delete",
    "/admin/look",
    "/admin/look/end",
    "/auth/logout",
];

fn fingerprint(app: &TestApp) -> String {
    format!(
        "{} {} {} {:?} {:?} {:?}",
        app.db.number("SELECT count(*) FROM bailiwick_sessions"),
        app.db.number("SELECT count(*) FROM tags"),
        app.db.number("SELECT count(*) FROM orders"),
        app.db.text("SELECT notes FROM orders WHERE id = 1"),
        app.audit("sign-out"),
        app.audit("look"),
    )
}

async fn fields(client: &Client) -> Vec<(String, String)> {
    let form = client.form(EDIT).await.set("notes", "forged");
    let mut fields = form.fields;
    fields.push(("name".into(), "forged".into()));
    fields.retain(|(name, _)| name != "csrf_token");
    fields
}

async fn post(client: &Client, path: &str, token: Option<&str>, headers: &[(&str, &str)]) -> u16 {
    let mut fields = fields(client).await;
    if let Some(token) = token {
        fields.push(("csrf_token".into(), token.into()));
    }
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(&fields);
    let mut request = client
        .request(Method::POST, path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.finish());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    client.send(request).await.status
}

#[tokio::test]
async fn a_change_without_the_sessions_token_is_refused() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let bob = app.sign_in("bob").await;
    let foreign = bob.csrf().await;
    let other = app.sign_in("alice").await.csrf().await;
    let before = fingerprint(&app);
    for path in CHANGES {
        for token in [
            None,
            Some(""),
            Some("x"),
            Some(foreign.as_str()),
            Some(other.as_str()),
        ] {
            assert_eq!(
                post(&alice, path, token, &[]).await,
                403,
                "{path} {token:?}"
            );
        }
    }
    assert_eq!(fingerprint(&app), before);
    alice.page("/admin/").await;
}

#[tokio::test]
async fn a_change_that_another_site_sent_is_refused() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let token = alice.csrf().await;
    let before = fingerprint(&app);
    for path in CHANGES {
        for headers in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", &app.origin.replace("127.0.0.1", "localhost")),
        ] {
            let status = post(&alice, path, Some(&token), &[headers]).await;
            assert_eq!(status, 403, "{path} {headers:?}");
        }
    }
    assert_eq!(fingerprint(&app), before);
}

#[tokio::test]
async fn a_change_by_get_is_none() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let token = alice.csrf().await;
    let before = fingerprint(&app);
    for path in CHANGES {
        let link = format!("{path}?csrf_token={token}&name=forged&notes=forged");
        let status = alice.get(&link).await.status;
        assert!(matches!(status, 200 | 404 | 405), "{path}: {status}");
    }
    assert_eq!(fingerprint(&app), before);
}

#[tokio::test]
async fn the_token_may_come_as_a_header() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let token = alice.csrf().await;
    let headers = [
        ("x-csrf-token", token.as_str()),
        ("origin", app.origin.as_str()),
    ];
    assert_eq!(post(&alice, EDIT, None, &headers).await, 303);
    assert_eq!(
        app.db
            .text("SELECT notes FROM orders WHERE id = 1")
            .unwrap(),
        "forged"
    );
}

#[tokio::test]
async fn every_page_has_the_token_under_a_mask_of_its_own() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let kept = "SELECT csrf_token FROM bailiwick_sessions";
    let kept = app.db.text(kept).unwrap();
    assert_eq!(kept.len(), 43);
    let of_page = async || {
        let page = alice.get("/admin/").await;
        assert!(!page.text().contains(&kept));
        page.page().attribute("input[name=csrf_token]", "value")
    };
    let of_json = async || {
        let answer = alice.get_json(EDIT).await;
        answer.json()["csrf_token"].as_str().unwrap().to_owned()
    };
    let tokens = [
        of_page().await,
        of_page().await,
        of_json().await,
        of_json().await,
    ];
    for (index, token) in tokens.iter().enumerate() {
        assert!(
            !tokens[..index].contains(token) && *token != kept,
            "{token}"
        );
        let headers = [("x-csrf-token", token.as_str())];
        assert_eq!(post(&alice, "/admin/look/end", None, &headers).await, 303);
    }
    let mut forged = tokens[0].clone();
    let last = forged.pop().unwrap();
    forged.push(if last == 'A' { 'Q' } else { 'A' });
    for wrong in [forged.as_str(), &tokens[0][1..], &tokens[0].repeat(2)] {
        let headers = [("x-csrf-token", wrong)];
        assert_eq!(post(&alice, "/admin/look/end", None, &headers).await, 403);
    }
}

#[tokio::test]
async fn a_body_of_another_kind_is_refused() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let token = alice.csrf().await;
    let before = fingerprint(&app);
    for (kind, body) in [
        ("application/json", "{\"notes\": \"forged\"}"),
        ("text/plain", "notes=forged"),
        ("multipart/form-data", "notes=forged"),
        ("multipart/form-data; boundary=x", "--x\r\nbroken"),
    ] {
        let request = alice
            .request(Method::POST, EDIT)
            .header("content-type", kind)
            .header("x-csrf-token", &token)
            .body(body);
        let answer = alice.send(request).await;
        assert_eq!(answer.status, 400, "{kind}: {answer:?}");
    }
    assert_eq!(fingerprint(&app), before);
}

#[tokio::test]
async fn a_stranger_cannot_change_anything() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let token = alice.csrf().await;
    let stranger = app.stranger();
    let before = fingerprint(&app);
    for path in CHANGES {
        let answer = stranger
            .post_bare(
                path,
                &[
                    ("csrf_token", token.as_str()),
                    ("notes", "forged"),
                    ("name", "forged"),
                ],
            )
            .await;
        assert_eq!(answer.status, 303, "{path}: {answer:?}");
    }
    assert_eq!(fingerprint(&app), before);
}
