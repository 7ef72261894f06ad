//! Sessions: listed and ended by their people, by people with the right, and by the provider.

mod backchannel;
mod legacy;
mod races;
mod renewal;

use crate::support::{CANARY, Client, TestApp};
use bailiwick::demo::provider::demo_people;
use reqwest::Method;
use serde_json::Value;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 \
                      (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";

async fn sign_in(app: &TestApp, person: &str, agent: &str) -> Client {
    let client = app.stranger().calling_itself(agent);
    client.sign_in(person).await.expect(200);
    client
}

/// A person's own sessions, as they see them.
async fn own(client: &Client) -> Vec<Value> {
    let me = client.json("/admin/me").await;
    me["sessions"].as_array().unwrap().clone()
}

/// The reference of this client's session.
async fn reference(client: &Client) -> String {
    let own = own(client).await;
    let this = own.iter().find(|session| session["current"] == true);
    this.unwrap()["reference"].as_str().unwrap().to_owned()
}

async fn is_signed_in(client: &Client) -> bool {
    client.get_json("/admin/me").await.status == 200
}

#[tokio::test]
async fn my_access_says_where_i_am_signed_in() {
    let app = TestApp::start().await;
    let laptop = sign_in(&app, "carol", FIREFOX).await;
    app.wait(1);
    let phone = sign_in(&app, "carol", IPHONE).await;
    sign_in(&app, "bob", FIREFOX).await;
    let mine = own(&phone).await;
    let browsers: Vec<&str> = mine
        .iter()
        .map(|one| one["browser"].as_str().unwrap())
        .collect();
    assert_eq!(browsers, ["Safari on iPhone", "Firefox on Linux"]);
    assert_eq!(
        (&mine[0]["current"], &mine[1]["current"]),
        (&true.into(), &false.into())
    );
    assert_eq!(mine[0]["address"], "127.0.0.1");
    assert_eq!(mine[0]["user_agent"], IPHONE);
    assert_eq!(mine[0]["person"]["name"], "Carol Meyer");
    assert!(mine[1]["since"].as_str().unwrap() < mine[0]["since"].as_str().unwrap());
    let page = laptop.page("/admin/me").await;
    let lines = page.texts("ul.sessions > li");
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("Firefox on Linux this browser")),
        "{lines:?}"
    );
    assert!(page.text("main").contains("Sign out everywhere else"));
    // Nothing that could open a session is shown.
    let cookie = &laptop.cookies()["bailiwick"];
    assert!(!page.source.contains(cookie.as_str()));
    for hidden in app.db.texts("SELECT id_hash FROM bailiwick_sessions") {
        assert!(!page.source.contains(&hidden.unwrap()));
    }
    // A page of an earlier session cannot be used.
    assert_eq!(page.count("ul.sessions form"), 1);
}

#[tokio::test]
async fn g8_i_end_a_session_of_mine() {
    let app = TestApp::start().await;
    let here = sign_in(&app, "carol", FIREFOX).await;
    let there = sign_in(&app, "carol", IPHONE).await;
    let other = sign_in(&app, "carol", FIREFOX).await;
    let ended = reference(&there).await;
    let page = here.page("/admin/me").await;
    let form = page.form_of(&format!("form:has(input[value='{ended}'])"));
    let answer = here.save(&form).await;
    assert_eq!(answer.location().unwrap(), "/admin/me?done=ended");
    let page = here.page("/admin/me?done=ended").await;
    assert!(page.text("p.notice").contains("Signed out there"));
    assert!(!is_signed_in(&there).await);
    there.get("/admin/data/orders").await.expect(302);
    assert!(is_signed_in(&here).await && is_signed_in(&other).await);
    let audit = app.audit("end-session");
    assert_eq!(audit.len(), 1);
    assert!(
        audit[0].starts_with(&format!("Carol Meyer|viewer||{ended}|")),
        "{audit:?}"
    );
    let whose = "SELECT row_label FROM bailiwick_audit WHERE action = 'end-session'";
    assert_eq!(app.db.text(whose).unwrap(), "Carol Meyer");
    // The second time it does not exist.
    assert_eq!(
        here.post_form("/admin/sessions/end", &[("reference", &ended)])
            .await
            .status,
        404
    );
    assert_eq!(app.audit("end-session").len(), 1);
}

#[tokio::test]
async fn i_sign_out_everywhere_else() {
    let app = TestApp::start().await;
    let here = sign_in(&app, "carol", FIREFOX).await;
    let there = [
        sign_in(&app, "carol", IPHONE).await,
        sign_in(&app, "carol", FIREFOX).await,
    ];
    let bob = sign_in(&app, "bob", FIREFOX).await;
    let page = here.page("/admin/me").await;
    let form = page.form_of("form[action$='end-others']");
    assert_eq!(
        here.save(&form).await.location().unwrap(),
        "/admin/me?done=ended"
    );
    for there in &there {
        assert!(!is_signed_in(there).await);
    }
    assert!(is_signed_in(&here).await && is_signed_in(&bob).await);
    assert_eq!(app.audit("end-session").len(), 2);
    assert!(
        !here
            .page("/admin/me")
            .await
            .has("form[action$='end-others']")
    );
    let again = here
        .post_json("/admin/sessions/end-others", &[])
        .await
        .expect(200);
    assert_eq!(again.json()["ended"], serde_json::json!([]));
}

#[tokio::test]
async fn ending_the_session_one_is_in_signs_out() {
    let app = TestApp::start().await;
    for path in ["end", "end-person"] {
        let carol = app.sign_in("carol").await;
        let me = carol.json("/admin/me").await;
        let reference = reference(&carol).await;
        let fields = [
            ("reference", reference.as_str()),
            ("issuer", me["issuer"].as_str().unwrap()),
            ("subject", me["subject"].as_str().unwrap()),
        ];
        let answer = carol
            .post_form(&format!("/admin/sessions/{path}"), &fields)
            .await;
        assert_eq!(
            answer.expect(303).location().unwrap(),
            "/auth/signed-out?only_here=1"
        );
        assert!(!is_signed_in(&carol).await);
    }
}

#[tokio::test]
async fn everybodys_sessions_take_the_right_to_them() {
    let app = TestApp::start().await;
    for person in ["bob", "carol"] {
        let client = app.sign_in(person).await;
        let answer = client.get("/admin/sessions").await.expect(403);
        let page = answer.page();
        assert_eq!(page.text("dl.facts dd code"), "manage sessions");
        assert!(
            page.text("main")
                .contains("None of your roles lets you manage sessions")
        );
        let problem = client.get_json("/admin/sessions").await.expect(403).json();
        assert_eq!(problem["status"], 403);
        assert!(
            !client
                .page("/admin/")
                .await
                .has("nav#menu a[href$='/sessions']")
        );
    }
    let details = "SELECT details FROM bailiwick_audit WHERE action = 'denied'";
    let details = app.db.texts(details);
    assert_eq!(details.len(), 4);
    assert!(details[0].as_deref().unwrap().contains("manage sessions"));
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/sessions").await;
    assert_eq!(
        page.attribute("nav#menu a[href$='/sessions']", "aria-current"),
        "page"
    );
    assert_eq!(page.count("ul.sessions > li"), 3);
}

#[tokio::test]
async fn a_foreign_session_looks_like_one_that_is_not_there() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let carol = app.sign_in("carol").await;
    let me = alice.json("/admin/me").await;
    let reference = reference(&alice).await;
    let subject = me["subject"].as_str().unwrap();
    let issuer = me["issuer"].as_str().unwrap();
    let answers = [
        carol
            .post_json("/admin/sessions/end", &[("reference", &reference)])
            .await,
        carol
            .post_json("/admin/sessions/end", &[("reference", "nothing")])
            .await,
        carol.post_json("/admin/sessions/end", &[]).await,
        carol
            .post_json(
                "/admin/sessions/end-person",
                &[("issuer", issuer), ("subject", subject)],
            )
            .await,
        carol
            .post_json("/admin/sessions/end-person", &[("subject", "nobody")])
            .await,
    ];
    let bodies: Vec<Value> = answers
        .iter()
        .map(|answer| {
            assert_eq!(answer.status, 404, "{answer:?}");
            let mut body = answer.json();
            body["request_id"].take();
            body
        })
        .collect();
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    assert!(is_signed_in(&alice).await);
    assert!(app.audit("end-session").is_empty());
}

#[tokio::test]
async fn g8_an_administrator_ends_anyones() {
    let app = TestApp::start().await;
    let alice = sign_in(&app, "alice", FIREFOX).await;
    let bob = sign_in(&app, "bob", FIREFOX).await;
    let carol = [
        sign_in(&app, "carol", IPHONE).await,
        sign_in(&app, "carol", FIREFOX).await,
    ];
    let all = alice.json("/admin/sessions").await;
    let all = all["sessions"].as_array().unwrap();
    assert_eq!(all.len(), 4);
    let of_bob = all
        .iter()
        .find(|one| one["person"]["name"] == "Bob Berger")
        .unwrap();
    assert_eq!(of_bob["roles"], "Editor");
    assert_eq!(of_bob["person"]["issuer"], app.issuer);
    let reference = of_bob["reference"].as_str().unwrap();

    let page = alice.page("/admin/sessions").await;
    let form = page.form_of(&format!("form:has(input[value='{reference}'])"));
    let answer = alice.save(&form).await;
    assert_eq!(answer.location().unwrap(), "/admin/sessions?done=ended");
    assert!(!is_signed_in(&bob).await);
    let audit = app.audit("end-session");
    assert!(
        audit[0].starts_with(&format!("Alice Archer|admin||{reference}|")),
        "{audit:?}"
    );
    let whose = "SELECT row_label || details FROM bailiwick_audit WHERE action = 'end-session'";
    let whose = app.db.text(whose).unwrap();
    assert!(
        whose.starts_with("Bob Berger") && whose.contains(&app.issuer),
        "{whose}"
    );

    let page = alice.page("/admin/sessions?q=CAROL").await;
    assert_eq!(page.count("ul.sessions > li"), 2);
    let form = page.form_of("form[action$='end-person']");
    alice.save(&form).await;
    for carol in &carol {
        assert!(!is_signed_in(carol).await);
    }
    assert!(is_signed_in(&alice).await);
    assert_eq!(app.audit("end-session").len(), 3);
    // The log shows them in words.
    let log = alice
        .page("/admin/data/audit?f.action=eq%3Aend-session")
        .await;
    assert_eq!(log.column("Who"), ["Alice Archer"; 3]);
    assert!(
        log.column("Details")[0].starts_with("of subject "),
        "{:?}",
        log.column("Details")
    );
}

#[tokio::test]
async fn sessions_are_searched_by_name_and_address() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    app.sign_in("bob").await;
    app.sign_in("carol").await;
    for (search, count) in [
        ("carol", 1),
        ("Berger", 1),
        ("bob@example.com", 1),
        ("EXAMPLE.COM", 3),
        ("%25", 0),
        ("_", 0),
        ("!", 0),
        ("'", 0),
        ("nobody", 0),
        ("+", 3),
    ] {
        let found = alice.json(&format!("/admin/sessions?q={search}")).await;
        assert_eq!(
            found["sessions"].as_array().unwrap().len(),
            count,
            "{search}"
        );
    }
    let long = format!("/admin/sessions?q={}", "x".repeat(101));
    alice.get(&long).await.expect(400);
    let page = alice.page("/admin/sessions?q=nobody").await;
    assert!(
        page.text("main")
            .contains("Nobody of that name is signed in")
    );
}

#[tokio::test]
async fn what_has_ended_is_not_listed_and_lists_are_bounded() {
    let settings = "[session]\nrecheck = \"12h\"";
    let app = TestApp::builder().settings(settings).start().await;
    app.sign_in("bob").await;
    let alice = app.sign_in("alice").await;
    app.wait(20);
    let listed = alice.json("/admin/sessions").await;
    assert_eq!(listed["sessions"].as_array().unwrap().len(), 2);
    app.wait(10);
    let listed = alice.json("/admin/sessions").await;
    assert_eq!(listed["sessions"].as_array().unwrap().len(), 1);
    let row = "SELECT state, issuer, subject, provider_session, created_at, last_seen_at,
               'r' || n.i, address, user_agent, 'h' || n.i FROM bailiwick_sessions, n
               WHERE reference = ";
    let reference = reference(&alice).await;
    app.db.execute(&format!(
        "INSERT INTO bailiwick_sessions (state, issuer, subject, provider_session, created_at,
         last_seen_at, reference, address, user_agent, id_hash)
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
         {row}'{reference}'"
    ));
    let page = alice.page("/admin/sessions").await;
    assert_eq!(page.count("ul.sessions > li"), 200);
    assert!(
        page.text("main")
            .contains("Only the 200 that were used last")
    );
    assert_eq!(own(&alice).await.len(), 200);
}

#[tokio::test]
async fn what_people_and_browsers_say_of_themselves_is_no_markup() {
    let mut people = demo_people();
    people[2].display_name = CANARY.into();
    let app = TestApp::builder().people(people).start().await;
    let carol = sign_in(&app, "carol", "\"><svg onload=alert(1)>").await;
    let alice = app.sign_in("alice").await;
    for page in [
        carol.page("/admin/me").await,
        alice.page("/admin/sessions").await,
    ] {
        assert!(!page.has("svg[onload]"));
        let agents = page.attributes("ul.sessions p[title]", "title");
        assert_eq!(agents, ["\"><svg onload=alert(1)>"]);
    }
}

#[tokio::test]
async fn sessions_are_ended_by_post_alone() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for path in ["end", "end-others", "end-person"] {
        let answer = alice
            .get(&format!("/admin/sessions/{path}"))
            .await
            .expect(405);
        assert_eq!(answer.header("allow"), "POST");
    }
    let answer = alice.post_form("/admin/sessions", &[]).await.expect(405);
    assert_eq!(answer.header("allow"), "GET, HEAD");
    let stranger = app.stranger();
    let request = stranger.request(Method::POST, "/admin/sessions/end");
    let answer = stranger
        .send(request.header("accept", "application/json"))
        .await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn an_ended_session_stops_the_next_of_32_requests() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let carol = app.sign_in("carol").await;
    let reference = reference(&carol).await;
    let in_flight = (0..32).map(|_| {
        let carol = carol.copy();
        async move { carol.get_json("/admin/data/orders").await.status }
    });
    let in_flight = futures_util::future::join_all(in_flight);
    let fields = [("reference", reference.as_str())];
    let end = alice.post_json("/admin/sessions/end", &fields);
    let (statuses, ended) = tokio::join!(in_flight, end);
    ended.expect(200);
    assert!(
        statuses
            .iter()
            .all(|status| matches!(status, 200 | 401 | 503)),
        "{statuses:?}"
    );
    assert!(!is_signed_in(&carol).await);
    let left = "SELECT count(*) FROM bailiwick_sessions WHERE reference = ";
    assert_eq!(app.db.number(&format!("{left}'{reference}'")), 0);
}
