//! From the empty form to an active role, and back.

use super::{NEW, change, give, kept, make};
use crate::support::TestApp;

#[tokio::test]
async fn a_role_is_made_shown_given_and_taken_in_steps() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let carol = app.sign_in("carol").await;
    carol.get("/admin/data/tags").await.expect(403);
    let list = alice.page("/admin/roles").await;
    assert_eq!(
        list.texts(".roles h2"),
        ["Administrator", "Editor", "Viewer"]
    );
    let link = list.attribute(".head a.primary", "href");
    // Adds and removes a grant, without scripts.
    let form = alice.form(&link).await.set("name", "helpers");
    let form = form
        .set("label", "Helpers")
        .add("grant.0.on", "tags")
        .add("grant.0.may", "view")
        .add("grant.0.may", "edit");
    let more = alice.submit(&form.clone().add("then", "add")).await;
    let more = more.expect(200).page();
    assert_eq!(more.count("fieldset.grant"), 2);
    assert_eq!(more.count("input[name='grant.0.may'][checked]"), 2);
    let less = more.form().add("then", "remove.1");
    let less = alice.submit(&less).await.expect(200).page();
    assert_eq!(less.count("fieldset.grant"), 1);
    assert_eq!(kept(&app).len(), 1);
    // The preview saves nothing; the form can be shown again unchanged.
    let confirm = alice.submit(&less.form()).await.expect(200).page();
    assert_eq!(confirm.text("h1"), "Create the role Helpers?");
    assert!(confirm.source.contains("It gives view and edit on Tags."));
    assert!(
        confirm
            .source
            .contains("Nothing changes for anybody who has signed in before.")
    );
    assert_eq!(kept(&app).len(), 1);
    let back = alice.submit(&confirm.form().add("then", "back")).await;
    let back = back.expect(200).page();
    assert_eq!(back.attribute("#field-label", "value"), "Helpers");
    let saved = alice.save(&confirm.form().add("confirm", "yes")).await;
    let page = alice.page(&saved.location().unwrap()).await;
    assert_eq!(page.text(".notice.good"), "Created.");
    assert_eq!(page.text("h1"), "Helpers");
    carol.get("/admin/data/tags").await.expect(403);
    // Adds a group, and shows the effect on people.
    let form = alice.form("/admin/roles/helpers/groups").await;
    let form = form.set("text", "viewers").set("note", "asked for by Eve");
    let confirm = alice.submit(&form).await.expect(200).page();
    assert_eq!(
        confirm.texts(".effects > li"),
        ["Carol Meyer gains the role Helpers gains view and edit on Tags"]
    );
    assert!(
        confirm
            .text("main")
            .contains("Something changes for 1 person who has signed in before, and nothing for")
    );
    assert_eq!(
        confirm.texts(".lines li").last().unwrap().split(' ').next(),
        Some("Alice")
    );
    let saved = alice.save(&confirm.form().add("confirm", "yes")).await;
    let page = alice.page(&saved.location().unwrap()).await;
    assert_eq!(page.texts(".entries code"), ["viewers"]);
    assert!(page.text(".entries").contains("asked for by Eve"));
    assert!(
        page.text("section[aria-labelledby=people]")
            .contains("Carol Meyer")
    );
    // It applies to the next request, without a new sign-in.
    carol.page("/admin/data/tags").await;
    carol.form("/admin/data/tags/row/1/edit").await;
    assert!(
        carol
            .page("/admin/me")
            .await
            .text("main")
            .contains("Helpers")
    );
    // A change to fewer rights.
    let form = alice.form("/admin/roles/helpers").await;
    assert_eq!(form.get("grant.0.on"), Some("tags"));
    let mut form = form.set("label", "Tag readers");
    form.fields
        .retain(|(name, value)| !(name == "grant.0.may" && value == "edit"));
    let confirm = alice.submit(&form).await.expect(200).page();
    assert_eq!(
        confirm.texts(".effects > li"),
        ["Carol Meyer loses edit on Tags"]
    );
    assert!(
        confirm
            .text("main")
            .contains("It is called “Tag readers”, and no longer “Helpers”.")
    );
    alice.save(&confirm.form().add("confirm", "yes")).await;
    carol.page("/admin/data/tags").await;
    carol.get("/admin/data/tags/row/1/edit").await.expect(403);
    // Removed from the group, then deleted.
    let page = alice.page("/admin/roles/helpers").await;
    let link = page.attribute(".entries a", "href");
    let confirm = alice.page(&link).await;
    assert_eq!(
        confirm.texts(".effects > li"),
        ["Carol Meyer loses the role Tag readers loses view on Tags"]
    );
    alice.save(&confirm.form().add("confirm", "yes")).await;
    carol.get("/admin/data/tags").await.expect(403);
    let confirm = alice.page("/admin/roles/helpers/delete").await;
    assert_eq!(confirm.text("h1"), "Delete the role Tag readers?");
    let saved = alice.save(&confirm.form().add("confirm", "yes")).await;
    let list = alice.page(&saved.location().unwrap()).await;
    assert_eq!(list.text(".notice.good"), "Deleted.");
    assert_eq!(list.count(".roles > li"), 3);
    alice.get("/admin/roles/helpers").await.expect(404);
    assert_eq!(kept(&app), [Some("5".to_owned())]);
}

#[tokio::test]
async fn every_change_is_in_the_log_with_what_was_and_is() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    make(&alice, "helpers", "tags", &["view"], Some("helpers")).await;
    let fields = [
        ("label", "Helping hands"),
        ("manage", "sessions"),
        ("grant.0.is", "yes"),
        ("grant.0.on", "orders"),
        ("grant.0.may", "view"),
        ("grant.0.hide", "total"),
    ];
    change(&alice, "/admin/roles/helpers", &fields)
        .await
        .expect(303);
    change(&alice, "/admin/roles/helpers/delete", &[])
        .await
        .expect(303);
    assert_eq!(app.audit("role-create").len(), 1);
    assert_eq!(app.audit("role-change").len(), 2);
    assert_eq!(app.audit("role-delete").len(), 1);
    let details = app.db.text(
        "SELECT details FROM bailiwick_audit WHERE action = 'role-change' ORDER BY id DESC LIMIT 1",
    );
    let details: serde_json::Value = serde_json::from_str(&details.unwrap()).unwrap();
    assert_eq!(
        details,
        serde_json::json!({
            "role": "helpers",
            "old": {"grants": [{"on": ["tags"], "may": ["view"]}]},
            "new": {
                "label": "Helping hands",
                "grants": [{"on": ["orders"], "may": ["view"], "hide": ["total"]}],
                "manage": ["sessions"],
            },
        })
    );
    let log = alice.page("/admin/data/audit").await;
    let told = log.column("Details").join("\n");
    for words in [
        "role helpers; now: view on tags",
        "role helpers; group added: helpers",
        "label: — → Helping hands; manages: — → sessions; no longer: view on tags",
        "group removed: helpers; no longer: view on orders, without total",
    ] {
        assert!(told.contains(words), "{words} in {told}");
    }
}

#[tokio::test]
async fn without_its_trace_no_role_is_changed() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let carol = app.sign_in("carol").await;
    make(&alice, "helpers", "tags", &["view"], None).await;
    let before = kept(&app);
    app.db.execute("ALTER TABLE bailiwick_audit RENAME TO gone");
    give(&alice, "helpers", "viewers").await.expect(500);
    change(&alice, "/admin/roles/helpers/delete", &[])
        .await
        .expect(500);
    assert_eq!(kept(&app), before);
    app.db.execute("ALTER TABLE gone RENAME TO bailiwick_audit");
    carol.get("/admin/data/tags").await.expect(403);
}

#[tokio::test]
async fn what_came_too_late_is_not_saved_and_not_lost() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let other = app.sign_in("alice").await;
    make(&alice, "helpers", "tags", &["view"], None).await;
    let edit = alice.form("/admin/roles/helpers").await;
    let edit = edit.set("label", "Typed with care");
    let confirm = alice.submit(&edit).await.expect(200).page().form();
    let new = alice.form(NEW).await.set("name", "second");
    let new = new.add("grant.0.on", "tags").add("grant.0.may", "view");
    let group = alice.form("/admin/roles/helpers/groups").await;
    let group = group.set("text", "typed-group");
    let delete = alice.form("/admin/roles/helpers/delete").await;
    give(&other, "helpers", "meanwhile").await.expect(303);
    let before = kept(&app);
    for (form, typed) in [
        (edit, "input[value='Typed with care']"),
        (
            confirm.add("confirm", "yes"),
            "input[value='Typed with care']",
        ),
        (new.clone(), "input[value=second]"),
        (new.add("confirm", "yes"), "input[value=second]"),
        (group.clone(), "input[value='typed-group']"),
        (group.add("confirm", "yes"), "input[value='typed-group']"),
        (delete.add("confirm", "yes"), "button.destroy"),
    ] {
        let answer = alice.submit(&form).await;
        assert_eq!(answer.status, 409, "{answer:?}");
        let page = answer.page();
        assert!(page.has(typed), "{typed}: {}", page.source);
        assert!(
            page.text("main [role=alert]")
                .contains("Alice Archer changed the roles on"),
            "{}",
            page.text("main [role=alert]")
        );
        assert_eq!(kept(&app), before);
        // Based on the newest version, it is accepted.
        let again = page.form();
        let version = again.get("version").unwrap().to_owned();
        assert_eq!(Some(version), before.last().unwrap().clone());
    }
    let answer = alice
        .post_json(
            "/admin/roles/helpers/delete",
            &[("version", "0"), ("confirm", "yes")],
        )
        .await
        .expect(409);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(kept(&app), before);
    alice
        .post_form("/admin/roles/helpers/delete", &[("confirm", "yes")])
        .await
        .expect(400);
    assert_eq!(kept(&app), before);
}

#[tokio::test]
async fn roles_are_read_and_changed_as_json() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    app.sign_in("carol").await;
    let list = alice.json("/admin/roles").await;
    assert_eq!(list["roles"][0]["name"], "admin");
    assert_eq!(list["roles"][0]["origin"], "configuration");
    assert_eq!(list["roles"][0]["people"], 1);
    assert_eq!(list["roles"][2]["groups"][0]["text"], "viewers");
    let version = list["version"].to_string();
    let fields = [
        ("version", version.as_str()),
        ("name", "helpers"),
        ("grant.0.is", "yes"),
        ("grant.0.every", "yes"),
        ("grant.0.may", "view"),
    ];
    let preview = alice.post_json(NEW, &fields).await.expect(200).json();
    assert_eq!(preview["preview"]["unaffected"], 2);
    let mut confirmed = fields.to_vec();
    confirmed.push(("confirm", "yes"));
    let made = alice.post_json(NEW, &confirmed).await.expect(201).json();
    assert_eq!(made["role"], "helpers");
    let version = made["version"].to_string();
    let fields = [
        ("version", version.as_str()),
        ("how", "glob"),
        ("text", "view*"),
    ];
    let path = "/admin/roles/helpers/groups";
    let preview = alice.post_json(path, &fields).await.expect(200).json();
    let affected = &preview["preview"]["affected"][0];
    assert_eq!(affected["people"][0]["name"], "Carol Meyer");
    assert_eq!(affected["effect"]["roles"]["gained"][0], "helpers");
    let mut confirmed = fields.to_vec();
    confirmed.push(("confirm", "yes"));
    alice.post_json(path, &confirmed).await.expect(200);
    let role = alice.json("/admin/roles/helpers").await;
    assert_eq!(role["origin"], "panel");
    assert_eq!(role["grants"][0]["on"][0], "*");
    assert_eq!(role["people"], 1);
    let wrong = alice
        .post_json(NEW, &[("version", "2"), ("name", "No!")])
        .await;
    let wrong = wrong.expect(422).json();
    assert_eq!(wrong["errors"][0]["id"], "field-name");
}
