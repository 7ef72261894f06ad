//! Browsers that get lost: loops, lost cookies, wrong addresses, expired sessions, and hostile
//! return paths.

use crate::support::{Client, TestApp};
use reqwest::Method;
use reqwest::header::ACCEPT;

const HTTPS: &str = "https://panel.example.com/prefix";

/// Signs in and returns the callback's response, without opening the page.
async fn sign_in_without_a_page(client: &Client) {
    // The provider knows the browser by now, and must ask anyway.
    let chooser = client.open("/auth/login?prompt=login").await.expect(200);
    let request = client
        .request(Method::POST, chooser.url.as_str())
        .header("content-type", "application/x-www-form-urlencoded")
        .body("person=carol");
    let chosen = client.send(request).await;
    client.get(&chosen.location().unwrap()).await.expect(303);
}

#[tokio::test]
async fn k7_a_circle_is_broken_and_explained() {
    for behind in [None, Some(HTTPS)] {
        let builder = TestApp::builder();
        let app = match behind {
            Some(public) => builder.behind(public, true).start().await,
            None => builder.start().await,
        };
        let client = app.stranger();
        let session = match behind {
            Some(_) => "__Host-bailiwick",
            None => "bailiwick",
        };
        for _ in 0..4 {
            sign_in_without_a_page(&client).await;
            client.forget(session);
        }
        let answer = client.get("/auth/login").await.expect(400);
        let page = answer.page();
        let text = page.text("main");
        for words in ["goes in a circle", "did not send it", &app.origin] {
            assert!(text.contains(words), "{words}: {text}");
        }
        let again = page.attribute("main a.primary", "href");
        assert_eq!(again, format!("{}/auth/login", app.root));
        client.get(&again).await.expect(303);
    }
}

#[tokio::test]
async fn a_page_in_between_shows_that_all_is_well() {
    let app = TestApp::start().await;
    let client = app.stranger();
    for _ in 0..6 {
        sign_in_without_a_page(&client).await;
        client.page("/admin/").await;
        assert!(!client.cookies().contains_key("bailiwick-signed-in"));
        client.forget("bailiwick");
    }
    // The denied page counts as a page too.
    let dave = app.stranger();
    for _ in 0..6 {
        dave.sign_in_to("dave", "/auth/login?prompt=login")
            .await
            .expect(403);
    }
}

#[tokio::test]
async fn k8_a_lost_cookie_is_explained_with_the_address_to_use() {
    let app = TestApp::builder().behind(HTTPS, true).start().await;
    let client = app.stranger();
    let chooser = client.open("/admin/").await.expect(200);
    let request = client
        .request(Method::POST, chooser.url.as_str())
        .header("content-type", "application/x-www-form-urlencoded")
        .body("person=carol");
    let chosen = client.send(request).await;
    let elsewhere = app.stranger();
    let answer = elsewhere.get(&chosen.location().unwrap()).await.expect(400);
    let page = answer.page();
    let text = page.text("main");
    for words in ["sign-in cookie", HTTPS, "did not send it"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_eq!(
        page.attribute("main a.primary", "href"),
        "/prefix/auth/login"
    );
    assert_eq!(page.reference().len(), 14);
}

#[tokio::test]
async fn plain_http_where_https_is_meant_is_explained_with_the_right_link() {
    let trusting = "[server]\ntrusted_proxies = [\"127.0.0.1\"]";
    let app = TestApp::builder()
        .settings(trusting)
        .behind(HTTPS, true)
        .start()
        .await;
    let client = app.stranger();
    let login = "/auth/login?return_to=/prefix/admin/me";
    let by = |headers: &[(&'static str, &'static str)]| {
        let mut request = client
            .request(Method::GET, login)
            .header(ACCEPT, "text/html");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        client.send(request)
    };
    for headers in [
        &[("x-forwarded-proto", "http")][..],
        &[("x-forwarded-proto", "http, https")],
        &[("upgrade-insecure-requests", "1")],
    ] {
        let answer = by(headers).await.expect(400);
        let page = answer.page();
        let link = page.attribute("main a.primary", "href");
        assert_eq!(
            link,
            format!("{HTTPS}/auth/login?return_to=%2Fprefix%2Fadmin%2Fme&here=1")
        );
        assert!(answer.header("set-cookie").is_empty(), "{answer:?}");
        // The sign-in continues, whatever the proxy sends.
        let request = client.request(Method::GET, &link);
        let answer = client.send(request.header("x-forwarded-proto", "http"));
        answer.await.expect(303);
    }
    for headers in [
        &[][..],
        &[("x-forwarded-proto", "https")],
        &[
            ("upgrade-insecure-requests", "1"),
            ("sec-fetch-mode", "navigate"),
        ],
        &[
            ("upgrade-insecure-requests", "1"),
            ("x-forwarded-proto", "https"),
        ],
    ] {
        by(headers).await.expect(303);
    }
    // Only a trusted proxy is believed.
    let app = TestApp::builder().behind(HTTPS, true).start().await;
    let client = app.stranger();
    let request = client.request(Method::GET, "/auth/login");
    let answer = client.send(request.header("x-forwarded-proto", "http"));
    answer.await.expect(303);
    // A configured http address is accepted.
    let app = TestApp::shared().await;
    let client = app.stranger();
    let request = client.request(Method::GET, "/auth/login");
    let answer = client.send(request.header("upgrade-insecure-requests", "1"));
    answer.await.expect(303);
}

#[tokio::test]
async fn g10_a_script_is_told_where_to_sign_in() {
    for (public, login) in [(None, "/auth/login"), (Some(HTTPS), "/prefix/auth/login")] {
        let builder = TestApp::builder();
        let app = match public {
            Some(public) => builder.behind(public, true).start().await,
            None => builder.start().await,
        };
        let stranger = app.stranger();
        let lookup = "/admin/data/customers/lookup?q=a";
        let answer = stranger.get_json(lookup).await.expect(401);
        assert_eq!(answer.header("x-sign-in"), login);
        let request = stranger.request(Method::GET, lookup);
        let request = request.header("sec-fetch-mode", "cors");
        let answer = stranger.send(request.header(ACCEPT, "*/*")).await;
        assert_eq!(answer.status, 401, "{answer:?}");
        assert!(answer.location().is_none());
        let request = stranger.request(Method::GET, "/admin/");
        let request = request.header("sec-fetch-mode", "navigate");
        let answer = stranger.send(request.header(ACCEPT, "text/html")).await;
        assert_eq!(answer.status, 302, "{answer:?}");
    }
}

#[tokio::test]
async fn b3_a_form_sent_after_the_session_ended_is_not_sent_again_and_says_so() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/tags/row/1/edit").await;
    alice.forget("bailiwick");
    let answer = alice.submit(&form.set("name", "Lost")).await.expect(303);
    let login = answer.location().unwrap();
    let answer = alice.open(&login).await.expect(200);
    assert_eq!(answer.url.path(), "/admin/data/tags/row/1/edit");
    let page = answer.page();
    let notice = page.text("main > .notice.bad");
    assert!(notice.contains("nothing was changed"), "{notice}");
    assert_ne!(page.form().get("name"), Some("Lost"));
    let lost = "SELECT count(*) FROM tags WHERE name = 'Lost'";
    assert_eq!(app.db.number(lost), 0);
    alice.save(&page.form().set("name", "Lost")).await;
    assert_eq!(app.db.number(lost), 1);
}

#[tokio::test]
async fn whatever_is_sent_after_the_session_ended_is_told_to_be_unsaved() {
    let app = TestApp::shared().await;
    let stranger = app.stranger();
    let path = "/admin/data/tags/row/1/edit";
    for kind in ["application/json", "application/x-www-form-urlencoded"] {
        let request = stranger.request(Method::POST, path).body("name=Lost");
        let request = request.header("content-type", kind);
        let answer = stranger
            .send(request.header(ACCEPT, "application/json"))
            .await;
        assert_eq!(answer.status, 401, "{answer:?}");
        assert_eq!(answer.header("x-sign-in"), "/auth/login");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("nothing was changed"), "{detail}");
    }
    let body = "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nLost\r\n--x--\r\n";
    let request = stranger.request(Method::POST, path).body(body);
    let request = request.header("content-type", "multipart/form-data; boundary=x");
    let answer = stranger
        .send(request.header(ACCEPT, "text/html"))
        .await
        .expect(303);
    let login = answer.location().unwrap();
    assert!(login.contains("unsaved%3D1"), "{login}");
}

#[tokio::test]
async fn k11_a_stranger_learns_nothing_from_any_method_or_path() {
    let app = TestApp::shared().await;
    let stranger = app.stranger();
    let ask = async |method: &str, path: &str, accept: &str| {
        let method: Method = method.parse().unwrap();
        let request = stranger.request(method, path).header(ACCEPT, accept);
        let answer = stranger.send(request).await;
        let mut headers: Vec<String> = answer
            .headers
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "date" | "location" | "content-length"))
            .map(|(name, value)| format!("{name}: {value:?}"))
            .collect();
        headers.sort();
        let body = if answer.body.is_empty() {
            String::new()
        } else {
            let mut body = answer.json();
            body["request_id"] = "R".into();
            body.to_string()
        };
        (answer.status, headers, body)
    };
    for method in ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "TRACE"] {
        for accept in ["text/html", "application/json"] {
            let known = ask(method, "/admin/data/orders/row/1", accept).await;
            assert!(matches!(known.0, 302 | 303 | 401), "{method}: {known:?}");
            for path in [
                "/admin/nothing",
                "/admin/data/nothing",
                "/admin/data/orders/row/999999999",
                "/admin/data/orders/row/1/edit",
                "/admin/data/orders/export.csv",
                "/admin/data/orders/nothing/at/all",
                "/admin/me",
            ] {
                assert_eq!(ask(method, path, accept).await, known, "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn g6_the_back_button_shows_nothing_after_signing_out() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let before = alice.get("/admin/data/orders").await.expect(200);
    assert_eq!(before.header("cache-control"), "no-store");
    let out = alice
        .page("/admin/")
        .await
        .form_of("form[action$='/auth/logout']");
    alice.submit(&out).await.expect(200);
    let again = alice.get("/admin/data/orders").await.expect(302);
    assert!(again.body.is_empty());
}

/// In the query's form, percent-encoded.
const ELSEWHERE: [&str; 44] = [
    "",
    "%2F%2Fe",
    "//e",
    "///e",
    "%2F%5Ce",
    "/\\e",
    "%5C%5Ce",
    "%5C/e",
    "https:e",
    "https:%2F%2Fe",
    "https://e/admin/",
    "http:///e",
    "HTTPS://e",
    "javascript:alert(1)",
    "data:text/html,x",
    "%09//e",
    "%09%2F%2Fe",
    "%0A//e",
    "%0D%0A//e",
    "%20//e",
    "/%09/e",
    "/admin/%0D%0ASet-Cookie:%20a=b",
    "/admin/%00",
    "/admin/%7F",
    "//user:pass@e",
    "/admin@e",
    "/admin.e",
    "/administrator",
    "/ADMIN/",
    "/admin//e",
    "/admin/../auth/logout",
    "/admin/%2e%2e/auth/logout",
    "/admin/%252e%252e/auth/logout",
    "/admin/..",
    "/admin/%E2%80%A5/x",
    "%EF%BC%8Fe",
    "%E3%80%82e",
    "/%2f%2fe",
    "/auth/login",
    "/auth/callback%3Fcode=x%26state=y",
    "/auth/logout",
    "/auth/break-glass",
    "/",
    "/healthz",
];

#[tokio::test]
async fn b1_b2_b4_a_way_back_that_leads_elsewhere_leads_home() {
    for behind in [None, Some(HTTPS)] {
        let builder = TestApp::builder();
        let app = match behind {
            Some(public) => builder.behind(public, true).start().await,
            None => builder.start().await,
        };
        let home = format!("{}/admin/", app.root);
        let long = format!("{home}{}", "a".repeat(3_000));
        for target in ELSEWHERE.into_iter().chain([long.as_str()]) {
            let client = app.stranger();
            let login = format!("/auth/login?return_to={target}");
            let chooser = client.open(&login).await.expect(200);
            assert!(
                !chooser.url.as_str().contains("return_to"),
                "it is not sent to the provider: {}",
                chooser.url
            );
            let request = client
                .request(Method::POST, chooser.url.as_str())
                .header("content-type", "application/x-www-form-urlencoded")
                .body("person=carol");
            let chosen = client.send(request).await;
            // It is not read from the callback either.
            let callback = format!("{}&return_to=//e", chosen.location().unwrap());
            let done = client.get(&callback).await.expect(303);
            assert_eq!(done.location().as_deref(), Some(&*home), "{target}");
        }
    }
}
