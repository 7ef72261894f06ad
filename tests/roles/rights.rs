//! The right to manage roles, and from where it comes.

use super::{NEW, give, kept, make, version};
use crate::support::{Client, TestApp};
use reqwest::Method;
use reqwest::header::ACCEPT;

/// Every address, with its methods.
const ADDRESSES: [(&str, bool); 7] = [
    ("/admin/roles", false),
    (NEW, true),
    ("/admin/roles/helpers", true),
    ("/admin/roles/admin", true),
    ("/admin/roles/helpers/delete", true),
    ("/admin/roles/helpers/groups", true),
    ("/admin/roles/helpers/groups/1/remove", true),
];

/// The fields of each form.
const FIELDS: [(&str, &str); 8] = [
    ("confirm", "yes"),
    ("name", "forged"),
    ("grant.0.is", "yes"),
    ("grant.0.every", "yes"),
    ("grant.0.may", "view"),
    ("manage", "roles"),
    ("how", "is"),
    ("text", "editors"),
];

#[tokio::test]
async fn only_those_who_may_manage_roles_see_or_change_them() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    make(&alice, "helpers", "tags", &["view"], Some("helpers")).await;
    let before = kept(&app);
    let bob = app.sign_in("bob").await;
    let denied = || app.audit("denied").len();
    let mut count = denied();
    for (path, takes_posts) in ADDRESSES {
        let answer = bob.get(path).await.expect(403);
        assert_eq!(answer.page().text("dl.facts code"), "manage roles");
        let problem = bob.get_json(path).await.expect(403).json();
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            detail.starts_with("None of your roles lets you manage roles"),
            "{detail}"
        );
        count += 2;
        if takes_posts {
            let mut fields = FIELDS.to_vec();
            fields.push(("version", "2"));
            bob.post_form(path, &fields).await.expect(403);
            count += 1;
        }
        assert_eq!(denied(), count, "{path}");
    }
    assert_eq!(kept(&app), before);
    assert!(!bob.page("/admin/").await.has("nav a[href$='/roles']"));
    let menu = alice.page("/admin/roles").await;
    assert_eq!(
        menu.text("nav a[aria-current=page][href$='/roles']"),
        "Roles"
    );
    assert!(menu.texts("nav h2").contains(&"Panel".to_owned()));
    let log = alice.page("/admin/data/audit").await;
    assert!(
        log.column("Details")
            .contains(&"lacks the right to manage roles".to_owned())
    );
    let stranger = app.stranger();
    for (path, _) in ADDRESSES {
        stranger.get(path).await.expect(302);
        stranger.get_json(path).await.expect(401);
    }
    let home = alice.json("/admin/").await;
    let names = home["resources"].as_array().unwrap().iter();
    assert!(names.map(|r| &r["name"]).all(|name| name != ""));
}

async fn post(client: &Client, path: &str, token: Option<&str>, site: &str) -> u16 {
    let version = version(client).await;
    let mut fields = FIELDS.to_vec();
    fields.push(("version", &version));
    fields.extend(token.map(|token| ("csrf_token", token)));
    let request = client
        .request(Method::POST, path)
        .header(ACCEPT, "text/html")
        .header("sec-fetch-site", site);
    let answer = client
        .send(crate::support::with_fields(request, &fields))
        .await;
    answer.status
}

#[tokio::test]
async fn no_other_site_and_no_other_session_changes_a_role() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    make(&alice, "helpers", "tags", &["view"], Some("helpers")).await;
    let own = alice.csrf().await;
    let other = app.sign_in("alice").await.csrf().await;
    let before = kept(&app);
    for (path, takes_posts) in ADDRESSES {
        if !takes_posts {
            continue;
        }
        for token in [None, Some("x"), Some(other.as_str())] {
            assert_eq!(
                post(&alice, path, token, "same-origin").await,
                403,
                "{path}"
            );
        }
        let foreign = post(&alice, path, Some(&own), "cross-site").await;
        assert_eq!(foreign, 403, "{path}");
    }
    assert_eq!(kept(&app), before);
}

#[tokio::test]
async fn roles_of_the_configuration_only_get_groups() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let dave = app.stranger();
    dave.sign_in("dave").await.expect(403);
    let page = alice.page("/admin/roles/viewer").await;
    assert!(!page.has("main form"));
    assert!(page.text("main").contains("in the configuration file"));
    assert_eq!(page.text(".entries .badge"), "fixed");
    let mut fields = FIELDS.to_vec();
    fields.push(("version", "0"));
    alice
        .post_form("/admin/roles/viewer", &fields)
        .await
        .expect(400);
    alice.get("/admin/roles/viewer/delete").await.expect(404);
    alice
        .post_form("/admin/roles/viewer/delete", &fields)
        .await
        .expect(404);
    for taken in ["viewer", "admin"] {
        fields.retain(|(name, _)| *name != "name");
        fields.push(("name", taken));
        let answer = alice.post_form(NEW, &fields).await.expect(422);
        assert!(answer.page().has("#field-name-error"));
    }
    assert_eq!(kept(&app), [Some("0".to_owned())]);
    // A role given during the session: by the last known groups, the denied page disappears at
    // once.
    app.db
        .execute("UPDATE bailiwick_people SET groups = '[\"guests\"]' WHERE name = 'Dave Novak'");
    give(&alice, "viewer", "guests").await.expect(303);
    let page = alice.page("/admin/roles/viewer").await;
    assert!(
        page.text("section[aria-labelledby=people]")
            .contains("Dave Novak")
    );
    dave.get("/admin/").await.expect(200);
}

#[tokio::test]
async fn a_role_that_is_given_admits_and_one_that_is_taken_shuts_out_at_once() {
    let app = TestApp::builder().own_provider().start().await;
    app.set_groups("dave", &["guests"]);
    let alice = app.sign_in("alice").await;
    let dave = app.stranger();
    dave.sign_in("dave").await.expect(403);
    make(&alice, "guest", "tags", &["view"], None).await;
    let form = alice.form("/admin/roles/guest/groups").await;
    let confirm = alice.submit(&form.set("text", "guests")).await.page();
    assert_eq!(
        confirm.texts(".effects > li"),
        ["Dave Novak may enter the panel from now on gains the role Guest gains view on Tags"]
    );
    alice.save(&confirm.form().add("confirm", "yes")).await;
    dave.page("/admin/data/tags").await;
    let confirm = alice.page("/admin/roles/guest/delete").await;
    assert!(
        confirm
            .text(".effects")
            .contains("can no longer enter the panel")
    );
    alice.save(&confirm.form().add("confirm", "yes")).await;
    dave.get("/admin/data/tags").await.expect(403);
}
