//! A column without a right is nowhere: not shown, not searched, not written.

use crate::support::TestApp;

/// Bob may edit employees except their salary, and may read but not write their title.
const ROLES: &str = r#"
[roles.admin]
groups = ["admins"]
[[roles.admin.grants]]
on = ["*"]
may = ["view", "create", "edit", "delete", "export", "history"]

[roles.editor]
groups = ["editors"]
[[roles.editor.grants]]
on = ["employees"]
may = ["view", "create", "edit", "delete", "export", "history"]
hide = ["salary"]
read_only = ["title"]
[[roles.editor.grants]]
on = ["departments", "customers"]
may = ["view"]
"#;

async fn app() -> TestApp {
    let app = TestApp::builder()
        .roles(ROLES)
        .prepare(|db| db.execute("UPDATE employees SET salary = 73219.37"))
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/employees/row/5/edit").await;
    alice.save(&form.set("salary", "73219.73")).await;
    app
}

fn has_canary(text: &str) -> bool {
    ["73219", "73,219", "73.219"]
        .iter()
        .any(|canary| text.contains(canary))
}

#[tokio::test]
async fn a_hidden_column_is_on_no_page() {
    let app = app().await;
    let bob = app.sign_in("bob").await;
    let alice = app.sign_in("alice").await;
    for path in [
        "/admin/",
        "/admin/me",
        "/admin/data/employees",
        "/admin/data/employees/lookup",
        "/admin/data/employees/row/5",
        "/admin/data/employees/row/5/edit",
        "/admin/data/employees/row/5/history",
        "/admin/data/employees/row/5/delete",
        "/admin/data/employees/new",
        "/admin/data/employees/export.csv",
        "/admin/data/employees/export.json",
        "/admin/data/employees/export.jsonl",
        "/admin/data/departments/row/1",
    ] {
        let page = bob.get(path).await.expect(200);
        assert!(!has_canary(&page.text()), "{path}: {page:?}");
        let json = bob.get_json(path).await.expect(200);
        assert!(!has_canary(&json.text()), "{path}: {json:?}");
        if path != "/admin/me" {
            let text = json.text().to_lowercase();
            assert!(!text.contains("salary"), "{path}: {text}");
        }
    }
    let seen = alice
        .get("/admin/data/employees/row/5/history")
        .await
        .expect(200);
    assert!(has_canary(&seen.text()));
}

#[tokio::test]
async fn a_hidden_column_cannot_be_asked_about() {
    let app = app().await;
    let bob = app.sign_in("bob").await;
    for query in [
        "f.salary=eq:73219.37",
        "f.salary=gt:0",
        "f.salary=null",
        "f.salary=notnull",
        "or.1.salary=gt:0&or.1.id=eq:1",
        "sort=salary",
        "sort=-salary",
        "sort=name,salary",
    ] {
        for path in ["", "/export.csv"] {
            let link = format!("/admin/data/employees{path}?{query}");
            let hidden = bob.get_json(&link).await.expect(400).json();
            let missing = bob
                .get_json(&link.replace("salary", "wages"))
                .await
                .expect(400)
                .json();
            let text = |problem: &serde_json::Value| {
                let detail = problem["detail"].as_str().unwrap();
                detail.replace("salary", "X").replace("wages", "X")
            };
            assert_eq!(text(&hidden), text(&missing), "{link}");
        }
    }
    let link = "/admin/data/employees/filter?column=salary&op=gt&value=0";
    bob.get(link).await.expect(400);
    bob.get("/admin/data/employees/row/5/file/salary")
        .await
        .expect(404);
}

#[tokio::test]
async fn a_hidden_column_cannot_be_written_by_a_made_up_form() {
    let app = app().await;
    let bob = app.sign_in("bob").await;
    let form = bob.form("/admin/data/employees/row/5/edit").await;
    assert_eq!(form.get("salary"), None);
    let answer = bob.submit(&form.clone().add("salary", "1")).await;
    assert!(matches!(answer.status, 303 | 403), "{answer:?}");
    let salary = "SELECT CAST(salary AS TEXT) FROM employees WHERE id = 5";
    assert_eq!(app.db.text(salary).as_deref(), Some("73219.73"));
    let answer = bob
        .post_form(
            "/admin/data/employees/new",
            &[
                ("name", "X"),
                ("email", "x@example.com"),
                ("salary", "1"),
                ("department_id", "1"),
                ("hired_on", "2024-01-01"),
            ],
        )
        .await;
    assert!(matches!(answer.status, 403 | 422), "{answer:?}");
    assert!(!has_canary(&answer.text()));
    let there = "SELECT count(*) FROM employees WHERE email = 'x@example.com'";
    assert_eq!(app.db.number(there), 0);
}

#[tokio::test]
async fn a_read_only_column_is_shown_and_cannot_be_written() {
    let app = app().await;
    let bob = app.sign_in("bob").await;
    let title = app
        .db
        .text("SELECT title FROM employees WHERE id = 5")
        .unwrap();
    let page = bob.page("/admin/data/employees/row/5/edit").await;
    assert_eq!(page.text("#field-title"), title);
    assert!(!page.has("input[name=title]"));
    let form = page.form().set("phone", "123").add("title", "President");
    let answer = bob.submit(&form).await;
    assert_eq!(answer.status, 403, "{answer:?}");
    let sql = "SELECT title FROM employees WHERE id = 5";
    assert_eq!(app.db.text(sql).unwrap(), title);
    let phone = "SELECT phone FROM employees WHERE id = 5";
    assert_ne!(app.db.text(phone).as_deref(), Some("123"));
    bob.save(&form.without("title")).await;
    assert_eq!(app.db.text(phone).as_deref(), Some("123"));
}

#[tokio::test]
async fn the_menu_of_exports_and_new_follows_the_rights() {
    let app = TestApp::shared().await;
    let carol = app.sign_in("carol").await;
    let page = carol.page("/admin/data/orders").await;
    assert!(!page.has("a[href*='/export.']"));
    assert!(!page.has("a[href$='/new']"));
    let page = carol.page("/admin/data/orders/row/1").await;
    for path in ["/edit", "/delete", "/history", "/new"] {
        assert!(!page.has(&format!("a[href*='{path}']")), "{path}");
    }
    let bob = app.sign_in("bob").await;
    let page = bob.page("/admin/data/orders/row/1").await;
    assert!(page.has("a[href$='/edit']") && page.has("a[href$='/history']"));
    assert!(!page.has("a[href$='/delete']"));
}
