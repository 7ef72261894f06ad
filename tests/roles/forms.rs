//! Errors are shown beside their field, and typed text stays.

use super::{NEW, change, kept, make};
use crate::support::TestApp;

#[tokio::test]
async fn what_does_not_fit_is_told_beside_its_field() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let good = [
        ("name", "helpers"),
        ("label", "Helpers"),
        ("grant.0.is", "yes"),
        ("grant.0.on", "employees"),
        ("grant.0.may", "view"),
        ("grant.0.hide", ""),
        ("grant.0.read_only", ""),
        ("grant.0.rows", ""),
    ];
    for (field, value, id, words) in [
        ("name", "", "field-name", "small letters"),
        ("name", "Helpers", "field-name", "small letters"),
        ("name", "a/b", "field-name", "small letters"),
        ("name", "new", "field-name", "taken"),
        ("name", "editor", "field-name", "already"),
        ("label", "two\nlines", "field-label", "one line"),
        ("grant.0.on", "", "grant-0-on", "at least one resource"),
        ("grant.0.on", "emploees", "grant-0-on", "did you mean"),
        ("grant.0.may", "", "grant-0-may", "at least one verb"),
        ("grant.0.may", "veiw", "grant-0-may", "not a verb"),
        ("grant.0.hide", "salry", "grant-0-hide", "no column"),
        ("grant.0.hide", "id", "grant-0-hide", "part of the key"),
        (
            "grant.0.read_only",
            "salry",
            "grant-0-read_only",
            "no column",
        ),
        ("grant.0.rows", "salry=eq:1", "grant-0-rows", "salry"),
        ("grant.0.rows", "salary=eq:much", "grant-0-rows", "much"),
    ] {
        let fields: Vec<(&str, &str)> = good
            .iter()
            .map(|(name, good)| (*name, if *name == field { value } else { *good }))
            .collect();
        let answer = change(&alice, NEW, &fields).await;
        assert_eq!(answer.status, 422, "{field}={value}: {answer:?}");
        let page = answer.page();
        let error = page.text(&format!("#{id}-error"));
        assert!(error.contains(words), "{field}={value}: {error}");
        assert!(page.has(&format!(".notice.bad a[href='#{id}']")), "{field}");
        assert!(page.has(&format!("[id='{id}']")), "{field}");
        assert_eq!(page.form().get("grant.0.is"), Some("yes"));
    }
    assert_eq!(kept(&app), [Some("0".to_owned())]);
    change(&alice, NEW, &good).await.expect(303);
}

#[tokio::test]
async fn groups_are_exact_or_patterns_that_mean_something() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let carol = app.sign_in("carol").await;
    make(&alice, "helpers", "tags", &["view"], None).await;
    let path = "/admin/roles/helpers/groups";
    for (how, text, at) in [
        ("is", "", ""),
        ("is", " ", ""),
        ("is", "*", ""),
        ("glob", "*", ""),
        ("regex", ".*", ""),
        ("regex", "(", ""),
        ("like", "viewers", ""),
        ("is", "viewers", "nowhere"),
        ("is", "two\nlines", ""),
    ] {
        let fields = [("how", how), ("text", text), ("at", at)];
        let answer = change(&alice, path, &fields).await;
        assert_eq!(answer.status, 422, "{how} {text}: {answer:?}");
        assert!(
            answer.page().has(".field .error, .notice.bad"),
            "{how} {text}"
        );
    }
    for (how, text, takes) in [
        ("is", "Viewers", false),
        ("glob", "viewer", false),
        ("regex", "view", false),
        ("glob", "view*", true),
        ("regex", "view(er|or)s", true),
        ("is", "viewers", true),
    ] {
        change(&alice, path, &[("how", how), ("text", text)])
            .await
            .expect(303);
        let status = carol.get("/admin/data/tags").await.status;
        assert_eq!(status == 200, takes, "{how} {text}");
        let again = change(&alice, path, &[("how", how), ("text", text)]).await;
        assert!(
            again
                .expect(422)
                .page()
                .text("#field-text-error")
                .contains("already")
        );
        let id = app.db.number("SELECT max(id) FROM bailiwick_group_rules");
        let remove = format!("/admin/roles/helpers/groups/{id}/remove");
        change(&alice, &remove, &[]).await.expect(303);
        // It is not found through another role.
        alice.get(&remove).await.expect(404);
    }
    carol.get("/admin/data/tags").await.expect(403);
}

#[tokio::test]
async fn rows_and_columns_of_a_kept_role_are_kept_from_its_people() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let carol = app.sign_in("carol").await;
    let fields = [
        ("name", "helpers"),
        ("grant.0.is", "yes"),
        ("grant.0.on", "employees"),
        ("grant.0.may", "view"),
        ("grant.0.hide", "salary"),
        ("grant.0.rows", "department_id=eq:1\r\n\r\n"),
    ];
    change(&alice, NEW, &fields).await.expect(303);
    super::give(&alice, "helpers", "viewers").await.expect(303);
    let list = carol.json("/admin/data/employees").await;
    let rows = list["rows"].as_array().unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        assert_eq!(row["department_id"], 1, "{row}");
        assert!(row.get("salary").is_none());
    }
    let form = alice.form("/admin/roles/helpers").await;
    assert_eq!(form.get("grant.0.hide"), Some("salary"));
    assert_eq!(form.get("grant.0.rows"), Some("department_id=eq:1"));
    let confirm = alice
        .submit(&form.set("grant.0.rows", ""))
        .await
        .expect(200)
        .page();
    assert_eq!(
        confirm.texts(".effects > li"),
        ["Carol Meyer gains view on Employees in every row"]
    );
}
