//! Invalid stored roles prevent nothing, give nothing, and say why.

use super::make;
use crate::support::{CANARY, TestApp};

const GOOD: &str = r#"{"on": ["tags"], "may": ["view"]}"#;

fn insert(app: &TestApp, name: &str, grants: &str, group: &str) {
    app.db.execute(&format!(
        "INSERT INTO bailiwick_roles (name, label, grants, manage, step_up)
         VALUES ('{name}', NULL, '{grants}', '[]', '[]');
         INSERT INTO bailiwick_group_rules (role, rule) VALUES ('{name}', '{{\"is\": \"{group}\"}}');
         UPDATE bailiwick_access SET version = version + 1;"
    ));
}

#[tokio::test]
async fn a_grant_that_no_longer_fits_gives_nothing_and_says_why() {
    let first = TestApp::start().await;
    let broken = r#"{"on": ["gone", "orders"], "may": ["view"]}"#;
    let narrower = r#"{"on": ["employees"], "may": ["view"], "hide": ["salry"]}"#;
    insert(
        &first,
        "helpers",
        &format!("[{broken}, {GOOD}, {narrower}]"),
        "viewers",
    );
    let app = TestApp::builder().beside(&first).start().await;
    let carol = app.sign_in("carol").await;
    carol.page("/admin/data/tags").await;
    carol.get("/admin/data/employees").await.expect(403);
    let alice = app.sign_in("alice").await;
    let list = alice.page("/admin/roles").await;
    assert!(list.text(".roles").contains("2 parts give nothing"));
    let page = alice.page("/admin/roles/helpers").await;
    assert!(
        page.text("#grant-0-on-error")
            .contains("there is no resource “gone”")
    );
    assert!(
        page.text("#grant-2-hide-error")
            .contains("no column “salry”")
    );
    // A missing resource is still shown, so that it is not dropped unnoticed.
    assert!(page.has("input[name='grant.0.on'][value=gone][checked]"));
    let json = alice.json("/admin/roles/helpers").await;
    assert_eq!(json["faults"].as_array().unwrap().len(), 2);
    // It cannot be saved while it is invalid.
    alice.submit(&page.form()).await.expect(422);
}

#[tokio::test]
async fn a_role_of_the_same_name_as_a_configured_one_gives_nothing() {
    let first = TestApp::start().await;
    insert(&first, "admin", &format!("[{GOOD}]"), "viewers");
    let app = TestApp::builder().beside(&first).start().await;
    let carol = app.sign_in("carol").await;
    carol.get("/admin/data/tags").await.expect(403);
    carol.get("/admin/roles").await.expect(403);
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/roles/admin").await;
    assert!(
        page.text(".notice.bad")
            .contains("the configuration has a role of this name")
    );
    assert!(page.text(".entries").contains("Gives nothing"));
    // It can be deleted here; the configured role stays.
    let confirm = alice.page("/admin/roles/admin/delete").await;
    alice.save(&confirm.form().add("confirm", "yes")).await;
    let page = alice.page("/admin/roles/admin").await;
    assert!(!page.has(".notice.bad"));
    carol.get("/admin/data/tags").await.expect(403);
}

#[tokio::test]
async fn what_cannot_be_read_gives_nothing_and_can_be_removed() {
    let first = TestApp::start().await;
    insert(&first, "unreadable", "not JSON", "viewers");
    insert(
        &first,
        "unknown",
        r#"[{"on": ["tags"], "may": ["view"], "unless": "x"}]"#,
        "viewers",
    );
    first.db.execute(
        "INSERT INTO bailiwick_roles (name, label, grants, manage, step_up)
         VALUES ('newer', NULL, '[{\"on\": [\"tags\"], \"may\": [\"view\"]}]', '[]', '{\"x\": 1}');
         INSERT INTO bailiwick_group_rules (role, rule) VALUES ('newer', '\"viewers\"');
         INSERT INTO bailiwick_group_rules (role, rule) VALUES ('nobody', '\"viewers\"');
         INSERT INTO bailiwick_group_rules (role, rule) VALUES ('admin', '{\"glob\": \"*\"}');
         INSERT INTO bailiwick_group_rules (role, rule) VALUES ('admin', '{\"like\": \"v%\"}');
         UPDATE bailiwick_access SET version = version + 1;",
    );
    let app = TestApp::builder().beside(&first).start().await;
    let carol = app.sign_in("carol").await;
    carol.get("/admin/data/tags").await.expect(403);
    carol.get("/admin/roles").await.expect(403);
    let alice = app.sign_in("alice").await;
    let list = alice.page("/admin/roles").await;
    assert!(list.text("section .entries").contains("nobody"));
    for name in ["unreadable", "unknown", "newer"] {
        let page = alice.page(&format!("/admin/roles/{name}")).await;
        assert!(
            page.text(".notice.bad").contains("cannot be read"),
            "{name}"
        );
        assert!(!page.has("main form"), "{name}");
        super::change(&alice, &format!("/admin/roles/{name}"), &[])
            .await
            .expect(400);
        let confirm = alice.page(&format!("/admin/roles/{name}/delete")).await;
        alice.save(&confirm.form().add("confirm", "yes")).await;
    }
    let left = list.attribute("section .entries a", "href");
    let confirm = alice.page(&left).await;
    alice.save(&confirm.form().add("confirm", "yes")).await;
    assert!(!alice.page("/admin/roles").await.has("section .entries"));
}

#[tokio::test]
async fn names_and_labels_never_become_markup() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    make(&alice, "helpers", "tags", &["view"], None).await;
    let fields = [
        ("label", CANARY),
        ("grant.0.is", "yes"),
        ("grant.0.on", "settings"),
        ("grant.0.may", "view"),
    ];
    super::change(&alice, "/admin/roles/helpers", &fields)
        .await
        .expect(303);
    let version = super::version(&alice).await;
    let rule = [
        ("how", "is"),
        ("text", CANARY),
        ("note", CANARY),
        ("version", &version),
    ];
    let mut pages = vec![
        alice
            .post_form("/admin/roles/helpers/groups", &rule)
            .await
            .expect(200),
    ];
    let mut rule = rule.to_vec();
    rule.push(("confirm", "yes"));
    alice
        .post_form("/admin/roles/helpers/groups", &rule)
        .await
        .expect(303);
    let wrong = [
        ("version", "3"),
        ("name", CANARY),
        ("grant.0.is", "yes"),
        ("grant.0.on", CANARY),
        ("grant.0.may", CANARY),
        ("grant.0.hide", CANARY),
        ("grant.0.rows", CANARY),
    ];
    pages.push(
        alice
            .post_form("/admin/roles/new", &wrong)
            .await
            .expect(422),
    );
    let id = app.db.number("SELECT id FROM bailiwick_group_rules");
    for path in [
        "/admin/roles".to_owned(),
        "/admin/roles/helpers".into(),
        "/admin/roles/helpers/delete".into(),
        "/admin/roles/helpers/groups".into(),
        format!("/admin/roles/helpers/groups/{id}/remove"),
        "/admin/data/audit".into(),
    ] {
        pages.push(alice.get(&path).await.expect(200));
    }
    for answer in pages {
        let page = answer.page();
        assert!(!page.has("svg[onload]"), "{}", answer.url);
        assert!(page.source.contains("&lt;svg onload"), "{}", answer.url);
    }
}
