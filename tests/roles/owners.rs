//! Nobody can lock everyone out, and nobody can lock themselves out without confirming it.

use super::{NEW, change, give, kept, make, version};
use crate::support::{Client, TestApp};
use futures_util::future::join_all;

/// Roles without the right to manage roles.
const WITHOUT: &str = r#"
[roles.admin]
groups = ["admins"]
grants = [{ on = ["*"], may = ["view"] }]

[roles.editor]
groups = ["editors"]
grants = [{ on = ["orders"], may = ["view"] }]
"#;

/// A panel in which alice manages roles only by a stored role.
async fn start() -> (TestApp, TestApp, Client) {
    let first = TestApp::start().await;
    let alice = first.sign_in("alice").await;
    let fields = [
        ("name", "keepers"),
        ("label", "Keepers"),
        ("manage", "roles"),
    ];
    change(&alice, "/admin/roles/new", &fields)
        .await
        .expect(303);
    give(&alice, "keepers", "admins").await.expect(303);
    let app = TestApp::builder()
        .roles(WITHOUT)
        .beside(&first)
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    (first, app, alice)
}

#[tokio::test]
async fn the_last_who_may_manage_roles_cannot_be_removed() {
    let (_first, app, alice) = start().await;
    let before = kept(&app);
    let id = app.db.number("SELECT id FROM bailiwick_group_rules");
    let remove = format!("/admin/roles/keepers/groups/{id}/remove");
    for path in ["/admin/roles/keepers/delete", &remove] {
        let page = alice.page(path).await;
        assert!(
            page.text(".notice.bad")
                .contains("nobody the panel knows could manage roles")
        );
        assert!(!page.has("main button[name=confirm]"));
        change(&alice, path, &[("lose_own", "yes")])
            .await
            .expect(422);
    }
    let edit = [("label", "Keepers"), ("lose_own", "yes")];
    let answer = change(&alice, "/admin/roles/keepers", &edit)
        .await
        .expect(422);
    assert!(
        answer
            .page()
            .text(".notice.bad")
            .contains("nobody could undo it here")
    );
    let version = version(&alice).await;
    let fields = [
        ("version", version.as_str()),
        ("confirm", "yes"),
        ("lose_own", "yes"),
    ];
    let problem = alice
        .post_json("/admin/roles/keepers/delete", &fields)
        .await;
    let problem = problem.expect(422).json();
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("nobody the panel knows")
    );
    assert_eq!(kept(&app), before);
}

#[tokio::test]
async fn giving_up_ones_own_right_has_to_be_said() {
    let (_first, app, alice) = start().await;
    make(&alice, "others", "orders", &["view"], None).await;
    change(&alice, "/admin/roles/others", &[("manage", "roles")])
        .await
        .expect(303);
    // No known person has it yet: bob has never signed in.
    give(&alice, "others", "editors").await.expect(303);
    let page = alice.page("/admin/roles/keepers/delete").await;
    assert!(page.has(".notice.bad"));
    let bob = app.sign_in("bob").await;
    bob.page("/admin/roles").await;
    let page = alice.page("/admin/roles/keepers/delete").await;
    assert!(!page.has(".notice.bad"));
    assert!(
        page.text("[data-own]")
            .contains("You may no longer manage roles.")
    );
    assert!(page.has("input[type=checkbox][name=lose_own]:not([checked])"));
    assert!(page.text(".lines:last-of-type").contains("Bob Berger"));
    let before = kept(&app);
    let form = page.form().add("confirm", "yes");
    let again = alice.submit(&form).await.expect(422).page();
    assert!(again.text(".notice.warn").contains("Not saved"));
    assert_eq!(kept(&app), before);
    let sure = again.form().add("lose_own", "yes").add("confirm", "yes");
    let saved = alice.save(&sure).await;
    assert_eq!(saved.location().unwrap(), "/admin/");
    alice.get("/admin/roles").await.expect(403);
    assert!(!alice.page("/admin/").await.has("nav a[href$='/roles']"));
    bob.page("/admin/roles").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_changes_from_one_state_one_is_saved_and_so_somebody_stays_who_may() {
    let (_first, app, alice) = start().await;
    let bob = app.sign_in("bob").await;
    change(&alice, NEW, &[("name", "others"), ("manage", "roles")])
        .await
        .expect(303);
    give(&alice, "others", "editors").await.expect(303);
    let roles = "SELECT count(*) FROM bailiwick_roles";
    for _ in 0..4 {
        let version = version(&alice).await;
        let fields = [
            ("version", version.as_str()),
            ("confirm", "yes"),
            ("lose_own", "yes"),
        ];
        // Read once here, instead of by each request.
        alice.csrf().await;
        bob.csrf().await;
        // Each alone would leave somebody with the right: the other one.
        let answers = join_all((0..32).map(|number| match number % 2 {
            0 => alice.post_json("/admin/roles/keepers/delete", &fields),
            _ => bob.post_json("/admin/roles/others/delete", &fields),
        }))
        .await;
        let count = |statuses: &[u16]| {
            let those = answers.iter().filter(|one| statuses.contains(&one.status));
            those.count()
        };
        // Late requests find that the role is gone, or their right to change it. Or their session
        // id is gone, from when they had the role.
        let found = (count(&[200, 303]), count(&[401, 403, 404, 409]));
        assert_eq!(found, (1, 31), "{answers:#?}");
        assert_eq!(app.db.number(roles), 1);
        let left = app.db.text("SELECT name FROM bailiwick_roles").unwrap();
        let (who, name, group) = match left.as_str() {
            "keepers" => (&alice, "others", "editors"),
            _ => (&bob, "keepers", "admins"),
        };
        change(who, NEW, &[("name", name), ("manage", "roles")])
            .await
            .expect(303);
        give(who, name, group).await.expect(303);
    }
}

#[tokio::test]
async fn what_one_gains_oneself_is_marked() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    make(&alice, "helpers", "tags", &["view"], None).await;
    let form = alice.form("/admin/roles/helpers/groups").await;
    let page = alice.submit(&form.set("text", "admins")).await.page();
    assert!(
        page.text("[data-own]")
            .contains("You gain the role Helpers.")
    );
    assert_eq!(page.text(".effects .you"), "Alice Archer (you)");
}

#[tokio::test]
async fn many_people_are_counted_and_not_all_listed() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    app.db.execute(
        "INSERT INTO bailiwick_people (issuer, subject, name, first_seen_at, last_seen_at, groups)
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1234)
         SELECT 'https://id.example', 's' || i, 'Person ' || i, '2026-01-02 03:04:05',
         '2026-01-02 03:04:05', '[\"crowd\"]' FROM n",
    );
    make(&alice, "helpers", "tags", &["view"], None).await;
    let form = alice.form("/admin/roles/helpers/groups").await;
    // From another provider than that of the group.
    let form = form.set("text", "crowd");
    let page = alice.submit(&form).await.expect(200).page();
    assert_eq!(page.count(".effects .by b"), 200);
    let text = page.text("main");
    for words in [
        "Something changes for 1,234 people who have signed in before, and nothing for 1 other.",
        "200 of them are named here; 1,034 more are only counted.",
        "and 1,034 more people",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
}
