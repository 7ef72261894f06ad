//! What requires step-up, and where it leads.

use super::*;

#[actix_web::test]
async fn i1_groups_that_came_with_it_hold_at_once() {
    let whole = Whole::start().await;
    let mut browser = whole.signed_in().await;
    let now = whole.op.set().now.timestamp();
    whole.op.set().claims = Box::new(move |claims| {
        claims.insert("groups".into(), json!([]));
        claims.insert("auth_time".into(), now.into());
        claims.insert("acr".into(), "urn:mfa".into());
    });
    assert_eq!(whole.confirm(&mut browser, DELETE).await.status, 303);
    assert_eq!(browser.get(DELETE).await.status, 403, "no role any more");
}

#[actix_web::test]
async fn i1_an_export_is_one_click_away_afterwards() {
    let whole = Whole::start().await;
    let mut browser = whole.signed_in().await;
    whole.says(Some(7_200), Some("urn:mfa"));
    let done = whole
        .confirm(
            &mut browser,
            "/admin/data/things/export.csv?sort=-name&f.name=ne%3Ax",
        )
        .await;
    let list = "/admin/data/things?sort=-name&f.name=ne%3Ax&done=confirmed";
    assert_eq!(done.location(), list, "{}", done.body);
    assert!(!whole.op.set().last_authorization.contains_key("max_age"));
    let page = browser.get(list).await;
    assert!(
        page.body.contains("You have confirmed who you are"),
        "{}",
        page.body
    );
    let file = browser.get("/admin/data/things/export.csv").await;
    assert_eq!(
        (file.status, file.header("content-type").unwrap()),
        (200, "text/csv; charset=utf-8")
    );
    let other = whole
        .confirm(
            &mut whole.signed_in().await,
            "/admin/data/things/export.json",
        )
        .await;
    assert_eq!(other.status, 403, "the weak sign-in of before does not do");
}

#[actix_web::test]
async fn i1_rows_that_go_with_a_row_demand_their_own() {
    let swapped = ROLES
        .replace("on = [\"things\"]", "on = [\"THINGS\"]")
        .replace("on = [\"parts\", \"audit\"]", "on = [\"things\"]")
        .replace("on = [\"THINGS\"]", "on = [\"parts\"]");
    let whole = Whole::with(&swapped).await;
    let mut browser = whole.signed_in().await;
    let free = browser.get(DELETE).await;
    assert_eq!(free.status, 200, "nothing goes with it: {}", free.body);
    // Between the page and the button, another row is added that references this one.
    let mut conn = SqliteConnection::establish(whole.file.to_str().unwrap()).unwrap();
    diesel::sql_query("INSERT INTO parts VALUES (2, 'nut', 1)")
        .execute(&mut conn)
        .unwrap();
    let late = send(&mut browser, &free).await;
    assert_eq!(late.status, 403, "{}", late.body);
    assert!(late.body.contains("delete on parts"), "{}", late.body);
    assert_eq!(
        (whole.things(), whole.number("SELECT count(*) FROM parts")),
        (3, 2)
    );
    let page = "/admin/data/things/row/2/delete";
    whole.says(Some(1), Some("urn:mfa"));
    assert_eq!(whole.confirm(&mut browser, page).await.location(), page);
    assert_eq!(browser.get(page).await.status, 200);
}

#[actix_web::test]
async fn i1_demands_that_exclude_each_other_are_told_and_ask_nobody() {
    let more = format!(
        "{ROLES}\n[roles.other]\ngroups = [\"admins\"]\n[[roles.other.grants]]\non = [\"things\"]\n\
         may = [\"view\", \"delete\"]\nstep_up = {{ delete = {{ acr = [\"urn:card\"] }} }}"
    );
    let whole = Whole::with(&more).await;
    let mut browser = whole.signed_in().await;
    let page = browser.get(DELETE).await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("exclude each other"), "{}", page.body);
    assert_eq!(whole.op.count("/authorize"), 1);
}

#[actix_web::test]
async fn i1_an_attempt_whose_purpose_cannot_be_read_is_no_sign_in() {
    for purpose in [
        r#"{"step_up": 7}"#,
        r#"{"enrol": "a purpose of another release"}"#,
        r#"{"silent": "x", "step_up": {"max_age_s": 1, "acr": null, "what": "x"}}"#,
        r#"{"silent": 7}"#,
        "{}",
        "null",
        "[]",
        "",
        "step_up",
    ] {
        let whole = Whole::start().await;
        let mut browser = whole.signed_in().await;
        let sent = browser.get(DELETE).await.location();
        let callback = browser.get(&sent).await.location();
        let mut conn = SqliteConnection::establish(whole.file.to_str().unwrap()).unwrap();
        diesel::sql_query("UPDATE bailiwick_sign_ins SET purpose = ?")
            .bind::<diesel::sql_types::Text, _>(purpose)
            .execute(&mut conn)
            .unwrap();
        assert_eq!(browser.get(&callback).await.status, 400, "{purpose}");
        assert_eq!(
            whole.op.count("/token"),
            1,
            "only the first sign-in: {purpose}"
        );
    }
}

#[actix_web::test]
async fn i1_nothing_in_an_address_says_what_is_demanded() {
    let whole = Whole::start().await;
    let mut browser = whole.signed_in().await;
    let sent = browser
        .get(&format!("{DELETE}?max_age=999999&acr_values=urn:pwd"))
        .await;
    let address = sent.location();
    assert!(
        address.contains("max_age=300") && !address.contains("urn%3Apwd"),
        "{address}"
    );
    let login = browser
        .get("/auth/login?prompt=login&max_age=1&acr_values=x")
        .await;
    assert!(
        !login.location().contains("max_age"),
        "{}",
        login.location()
    );
}

#[actix_web::test]
async fn i1_managing_demands_it_on_pages_and_forms() {
    let roles = ROLES.replace(
        "groups = [\"admins\"]",
        "groups = [\"admins\"]\n manage = [\"roles\"]\n step_up = { roles = { max_age = \"5m\" } }",
    );
    let whole = Whole::with(&roles).await;
    let mut browser = whole.signed_in().await;
    let csrf = token(&browser.get("/admin/me").await, "csrf_token");
    let form = [("csrf_token", &*csrf)];
    let late = browser.post("/admin/look", &form).await;
    assert_eq!(late.status, 403);
    assert!(late.body.contains("manage roles"), "{}", late.body);
    assert_eq!(whole.noted("denied"), 1);
    whole.says(Some(1), None);
    let done = whole.confirm(&mut browser, "/admin/access").await;
    assert_eq!(done.location(), "/admin/access", "{}", done.body);
    assert_eq!(browser.get("/admin/access").await.status, 200);
    // The response names the missing field, and does not mention a right.
    let empty = browser.post("/admin/look", &form).await;
    assert_eq!(empty.status, 400, "{}", empty.body);
    whole.forward(TimeDelta::seconds(359));
    assert_eq!(browser.get("/admin/access").await.status, 200);
    whole.forward(TimeDelta::seconds(1));
    assert_eq!(browser.get("/admin/access").await.status, 303);
}

#[actix_web::test]
async fn i1_managing_without_the_right_is_refused_and_noted() {
    let whole = Whole::start().await;
    let mut browser = whole.signed_in().await;
    let csrf = token(&browser.get("/admin/me").await, "csrf_token");
    for answer in [
        browser.get("/admin/access").await,
        browser.post("/admin/look", &[("csrf_token", &csrf)]).await,
    ] {
        assert_eq!(answer.status, 403);
        assert!(answer.body.contains("manage roles"), "{}", answer.body);
    }
    assert_eq!(whole.noted("denied"), 2);
}

#[actix_web::test]
async fn sec_27_of_parallel_answers_to_a_step_up_exactly_one_counts() {
    let whole = Whole::start().await;
    let mut browser = whole.signed_in().await;
    whole.says(Some(1), Some("urn:mfa"));
    let sent = browser.get(DELETE).await.location();
    let callback = browser.get(&sent).await.location();
    let all = (0..32).map(|_| {
        let (mut browser, callback) = (browser.clone(), callback.clone());
        async move { browser.get(&callback).await }
    });
    let answers = futures_util::future::join_all(all).await;
    let renewed = answers
        .iter()
        .filter(|got| got.header("set-cookie").is_some());
    assert_eq!(renewed.count(), 1);
    assert_eq!(whole.op.count("/token"), 2, "the sign-in's and one more");
    assert_eq!(
        (
            whole.noted("confirm"),
            whole.number("SELECT count(*) FROM bailiwick_sessions")
        ),
        (1, 1)
    );
}

#[actix_web::test]
async fn i1_a_saved_form_may_lead_on_to_the_provider() {
    let whole = Whole::start().await;
    whole.op.set().metadata = Box::new(|document| {
        document.remove("end_session_endpoint");
    });
    let mut browser = whole.signed_in().await;
    let page = browser.get("/admin/data/things/new").await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.ends_with("form-action 'self'"), "{policy}");
    let csrf = token(&page, "csrf_token");
    let form = [("csrf_token", &*csrf), ("name", "four"), ("then", "edit")];
    let saved = browser.submit("/admin/data/things/new", &form).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let next = saved.location();
    // After a form it is a page that leads on; the second time it is the redirect of a link.
    let page = browser.get(&next).await;
    assert!(page.leads_to().starts_with(&whole.op.issuer()));
    let done = whole.confirm(&mut browser, &next).await;
    assert_eq!(done.status, 403, "the weak, old sign-in: {}", done.body);
    assert_eq!(whole.things(), 4, "what was saved stays saved");
    whole.says(Some(1), None);
    assert_eq!(whole.confirm(&mut browser, &next).await.location(), next);
}
