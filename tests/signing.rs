//! Signing in and out, through the provider's own pages.

use crate::support::TestApp;
use bailiwick::demo::provider::demo_people;
use reqwest::Method;

#[tokio::test]
async fn signing_in_leads_to_the_page_that_was_asked_for() {
    let app = TestApp::shared().await;
    for path in [
        "/admin/data/orders?sort=-total&f.status=eq%3Apaid",
        "/admin/data/settings/row/discount%2010%25%2C%20spring%2Fsummer",
        "/admin/me",
    ] {
        let client = app.stranger();
        let answer = client.sign_in_to("alice", path).await.expect(200);
        let query = answer.url.query().map(|query| format!("?{query}"));
        assert_eq!(
            format!("{}{}", answer.url.path(), query.unwrap_or_default()),
            path
        );
    }
}

#[tokio::test]
async fn a_way_back_that_leads_elsewhere_leads_home() {
    let app = TestApp::shared().await;
    for target in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/admin/../../evil",
        "\t//evil.example",
        "/admin/\r\nX:1",
        "/administrator",
        "/admin/%2e%2e/evil",
        "javascript:alert(1)",
        "/auth/login",
    ] {
        let client = app.stranger();
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("return_to", target);
        let login = format!("/auth/login?{}", query.finish());
        let answer = client.sign_in_to("carol", &login).await.expect(200);
        assert_eq!(answer.url.path(), "/admin/", "{target}");
    }
}

#[tokio::test]
async fn each_sign_in_has_a_cookie_of_its_own() {
    let app = TestApp::shared().await;
    let client = app.sign_in("carol").await;
    let first = client.cookies()["bailiwick"].clone();
    client
        .sign_in_to("carol", "/auth/login?prompt=select_account")
        .await
        .expect(200);
    let second = client.cookies()["bailiwick"].clone();
    assert_ne!(first, second);
}

#[tokio::test]
async fn the_cookie_is_for_the_server_alone() {
    let app = TestApp::shared().await;
    let client = app.stranger();
    let chooser = client.open("/admin/").await;
    let request = client
        .request(Method::POST, chooser.url.as_str())
        .header("content-type", "application/x-www-form-urlencoded")
        .body("person=carol");
    let chosen = client.send(request).await;
    let callback = client.get(&chosen.location().unwrap()).await.expect(303);
    let cookies: Vec<&str> = callback
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|cookie| cookie.to_str().unwrap())
        .collect();
    let session = cookies
        .iter()
        .find(|cookie| cookie.starts_with("bailiwick="))
        .unwrap();
    assert!(
        session.contains("HttpOnly") && session.contains("SameSite=Lax"),
        "{session}"
    );
    assert!(session.contains("Path=/"), "{session}");
}

#[tokio::test]
async fn five_hundred_groups_make_no_large_cookie() {
    let groups: Vec<String> = (0..500)
        .map(|number| format!("{number:04}-{}", "g".repeat(55)))
        .chain(["admins".to_owned()])
        .collect();
    let mut people = demo_people();
    people[0].groups = groups;
    let app = TestApp::builder().people(people).start().await;
    let alice = app.sign_in("alice").await;
    alice.page("/admin/").await;
    for (name, value) in alice.cookies() {
        assert!(name.len() + value.len() < 1_000, "{name}");
    }
    assert!(alice.page("/admin/me").await.text("main").contains("0499-"));
}

#[tokio::test]
async fn signing_out_ends_the_session_here_and_at_the_provider() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let thief = alice.copy();
    thief.page("/admin/").await;
    let sessions = "SELECT count(*) FROM bailiwick_sessions WHERE subject IS NOT NULL";
    assert_eq!(app.db.number(sessions), 1);
    let form = alice
        .page("/admin/")
        .await
        .form_of("form[action$='/auth/logout']");
    let answer = alice.submit(&form).await.expect(200);
    let to = answer.leads_to().unwrap();
    assert!(to.starts_with(&app.issuer), "{to}");
    let link = answer.page().attribute("main a.primary", "href");
    assert_eq!(link, to, "who is not led on can go");
    let end = alice.follow(answer).await.expect(200);
    assert_eq!(end.url.path(), "/auth/signed-out");
    assert!(end.page().text("main").contains("signed out"), "{end:?}");
    assert_eq!(app.db.number(sessions), 0);
    alice.get("/admin/").await.expect(302);
    thief.get_json("/admin/").await.expect(401);
    thief.get_json("/admin/data/orders").await.expect(401);
    // The provider asks for the person again.
    let chooser = alice.open("/admin/").await.expect(200);
    assert!(chooser.page().has("button[name=person]"), "{chooser:?}");
}

#[tokio::test]
async fn a_group_that_is_taken_away_is_gone_at_the_next_sign_in() {
    let app = TestApp::builder().own_provider().start().await;
    let carol = app.sign_in("carol").await;
    carol.page("/admin/data/orders").await;
    app.set_groups("carol", &[]);
    let answer = carol.sign_in_to("carol", "/auth/login?prompt=login").await;
    assert_eq!(answer.status, 403, "{answer:?}");
    carol.get("/admin/data/orders").await.expect(403);
    app.set_groups("carol", &["editors"]);
    carol
        .sign_in_to("carol", "/auth/login?prompt=login")
        .await
        .expect(200);
    carol.page("/admin/data/tags").await;
}

#[tokio::test]
async fn groups_are_compared_to_the_letter() {
    for (groups, status) in [
        (vec!["admins"], 200),
        (vec!["Admins"], 403),
        (vec!["admins "], 403),
        (vec!["\u{430}dmins"], 403),
        (vec!["admin"], 403),
        (vec!["x", "viewers", "y"], 200),
    ] {
        let mut people = demo_people();
        people[0].groups = groups.iter().map(|group| (*group).to_owned()).collect();
        let app = TestApp::builder().people(people).start().await;
        let answer = app.stranger().sign_in("alice").await;
        assert_eq!(answer.status, status, "{groups:?}: {answer:?}");
    }
}

#[tokio::test]
async fn groups_in_the_claims_are_joined() {
    let mut people = demo_people();
    people[0].groups = vec!["viewers".into(), "editors".into()];
    people[0].claims.insert("region".into(), "apac".into());
    let app = TestApp::builder().people(people).start().await;
    let alice = app.sign_in("alice").await;
    // A viewer sees all customers, an editor those of a region.
    let all = app.db.number("SELECT count(*) FROM customers");
    assert_eq!(
        alice.json("/admin/data/customers").await["count"]["value"],
        all
    );
    let own = app
        .db
        .number("SELECT min(id) FROM customers WHERE region = 'apac'");
    let other = app
        .db
        .number("SELECT min(id) FROM customers WHERE region = 'emea'");
    alice
        .page(&format!("/admin/data/customers/row/{own}/edit"))
        .await;
    alice
        .page(&format!("/admin/data/customers/row/{other}"))
        .await;
    let answer = alice
        .get(&format!("/admin/data/customers/row/{other}/edit"))
        .await;
    assert_eq!(answer.status, 404, "{answer:?}");
}

#[tokio::test]
async fn another_subject_of_the_same_name_is_another_person() {
    let mut people = demo_people();
    let mut other = people[0].clone();
    other.name = "eve".into();
    other.subject = "another-subject".into();
    other.groups.clear();
    people.push(other);
    let app = TestApp::builder().people(people).start().await;
    app.sign_in("alice").await;
    let eve = app.stranger();
    eve.sign_in("eve").await.expect(403);
    eve.get("/admin/data/orders").await.expect(403);
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_or_old() {
    let app = TestApp::builder()
        .own_provider()
        .settings("[session]\nidle = \"30m\"\nabsolute = \"2h\"")
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    for _ in 0..5 {
        app.wait(20);
        alice.get_json("/admin/").await.expect(200);
    }
    app.wait(31);
    alice.get_json("/admin/").await.expect(401);
    let app = TestApp::builder()
        .own_provider()
        .settings("[session]\nidle = \"30m\"\nabsolute = \"2h\"")
        .start()
        .await;
    let bob = app.sign_in("bob").await;
    for _ in 0..5 {
        app.wait(20);
        bob.get_json("/admin/").await.expect(200);
    }
    app.wait(25);
    bob.get_json("/admin/").await.expect(401);
}

#[tokio::test]
async fn a_made_up_cookie_is_nobody() {
    let app = TestApp::shared().await;
    for cookie in [
        "bailiwick=x",
        "bailiwick=",
        "bailiwick=%00",
        &format!("bailiwick={}", "a".repeat(5_000)),
    ] {
        let stranger = app.stranger();
        let request = stranger
            .request(Method::GET, "/admin/")
            .header("cookie", cookie);
        let answer = stranger
            .send(request.header("accept", "application/json"))
            .await;
        assert!(matches!(answer.status, 400 | 401), "{cookie}: {answer:?}");
    }
}

#[tokio::test]
async fn a_stranger_leaves_no_session() {
    let app = TestApp::start().await;
    let stranger = app.stranger();
    for path in ["/", "/admin/", "/admin/data/orders", "/healthz", "/nothing"] {
        let answer = stranger.get(path).await;
        assert_eq!(answer.header("set-cookie"), "", "{path}");
    }
    assert_eq!(app.db.number("SELECT count(*) FROM bailiwick_sessions"), 0);
}

/// Browsers share cookies between all ports and paths of a host.
#[tokio::test]
async fn two_panels_on_one_host_do_not_share_a_cookie() {
    let one = TestApp::builder().with_own_cookie().start().await;
    let other = TestApp::builder().with_own_cookie().start().await;
    let alice = one.sign_in("alice").await;
    let there = alice.at(&other);
    let anew = "/auth/login?prompt=select_account";
    there.sign_in_to("bob", anew).await.expect(200);
    let names: Vec<String> = there.cookies().into_keys().collect();
    let sessions = names.iter().filter(|name| {
        let digits = name.strip_prefix("bailiwick-").unwrap_or_default();
        digits.len() == 8 && digits.chars().all(|c| c.is_ascii_hexdigit())
    });
    assert_eq!(sessions.count(), 2, "{names:?}");
    let (here, there) = (there.at(&one), there.at(&other));
    assert!(
        here.page("/admin/me")
            .await
            .text("main")
            .contains("Alice Archer")
    );
    assert!(
        there
            .page("/admin/me")
            .await
            .text("main")
            .contains("Bob Berger")
    );
    // Signing out of one does not affect the other.
    let form = there
        .page("/admin/")
        .await
        .form_of("form[action$='/auth/logout']");
    there.submit(&form).await.expect(200);
    here.page("/admin/").await;
}

#[tokio::test]
async fn a_session_of_before_cookies_had_names_of_their_own_goes_on() {
    let app = TestApp::builder().with_own_cookie().start().await;
    let alice = app.sign_in("alice").await;
    let cookies = alice.cookies();
    let (name, value) = cookies
        .iter()
        .find(|(name, _)| name.len() == "bailiwick-12345678".len())
        .unwrap();
    let request = |cookie: String| {
        let request = app.stranger().request(Method::GET, "/admin/me");
        request
            .header("cookie", cookie)
            .header("accept", "text/html")
    };
    let former = app.stranger();
    let answer = former.send(request(format!("bailiwick={value}"))).await;
    assert!(
        answer
            .expect(200)
            .page()
            .text("main")
            .contains("Alice Archer")
    );
    let cookies = former.cookies();
    assert!(cookies.contains_key(name), "it is renamed: {cookies:?}");
    former.page("/admin/").await;
    let made_up = format!("bailiwick={}", "x".repeat(value.len()));
    app.stranger().send(request(made_up)).await.expect(302);
}
