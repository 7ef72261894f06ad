//! Saved views of lists: stored, opened, shared, and never wider than their reader's rights.

mod columns;
mod hostile;
mod rights;
mod stale;
mod starts;
mod tabs;

use crate::support::{Client, TestApp};
use serde_json::Value;

const ORDERS: &str = "/admin/data/orders";

/// Saves a view, and returns its number.
pub async fn saved(client: &Client, list: &str, fields: &[(&str, &str)]) -> i64 {
    let answer = client.post_json(&format!("{list}/views"), fields).await;
    let answer = answer.expect(201).json();
    answer["id"].as_i64().unwrap()
}

/// The keys of a list's rows, from JSON.
pub async fn keys(client: &Client, link: &str) -> Vec<i64> {
    let list = client.json(link).await;
    let rows = list["rows"].as_array().unwrap();
    rows.iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

/// The names of the tabs above a list, and the open one.
async fn tabs(client: &Client, link: &str) -> (Vec<String>, String) {
    let page = client.page(link).await;
    let open = page.texts(".viewline .tabs a[aria-current]");
    (
        page.texts(".viewline .tabs a"),
        open.first().cloned().unwrap_or_default(),
    )
}

#[tokio::test]
async fn a_list_is_saved_opened_renamed_saved_over_and_deleted_without_scripts() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    // A list in its default state has nothing to save.
    assert!(!alice.page(ORDERS).await.has(".viewline"));
    let link = format!("{ORDERS}?q=SO&sort=-total&columns=number,total&f.status=eq:paid&size=25");
    let form = alice
        .page(&link)
        .await
        .form_of(".viewline form[aria-label]");
    let form = form.set("name", "  Paid,\n dear ");
    let kept = alice.save(&form).await;
    let at = kept.location().unwrap();
    let page = alice.page(&at).await;
    assert_eq!(page.text(".notice"), "The view is saved.");
    assert_eq!(page.texts(".viewline .tabs a"), ["All", "Paid, dear"]);
    assert_eq!(page.text(".viewline .tabs a[aria-current]"), "Paid, dear");
    assert_eq!(page.texts(".chips .chip > span"), ["Status is paid"]);
    assert_eq!(page.attribute(".find input[type=search]", "value"), "SO");
    let heads = page.texts("table.rows thead th");
    assert!(
        heads.ends_with(&["Number".into(), "Total".into()]),
        "{heads:?}"
    );
    let id = at.split("view=").nth(1).unwrap().split('&').next().unwrap();
    let view = format!("{ORDERS}?view={id}");
    let (of_view, of_link) = (alice.json(&view).await, alice.json(&link).await);
    assert_eq!(of_view["rows"], of_link["rows"]);
    // Its links contain the view, and only the differences from it.
    let narrowed = page.attribute(".chips a", "href");
    assert_eq!(narrowed, format!("{view}&f.status="));
    let sorted = page.attribute("table.rows thead th:last-child a", "href");
    assert_eq!(sorted, format!("{view}&sort=total"));
    let next = page.attribute("a[rel=next]", "href");
    assert!(next.starts_with(&format!("{view}&after=")), "{next}");
    // After a change, the view can be overwritten.
    let page = alice
        .page(&format!("{view}&f.status=&f.express=eq:true"))
        .await;
    assert_eq!(page.text(".viewline .tabs a[aria-current]"), "Paid, dear");
    assert_eq!(page.texts(".chips .chip > span"), ["Express is true"]);
    let undo = page.attribute(".viewline .end p a", "href");
    assert_eq!(undo, view);
    let over = page.form_of(&format!("form[action='{ORDERS}/views/{id}']"));
    alice.save(&over).await;
    let page = alice.page(&view).await;
    assert_eq!(page.texts(".chips .chip > span"), ["Express is true"]);
    // The page of all views can rename and delete.
    let all = page.attribute(".viewline .end a[href$='/views']", "href");
    let page = alice.page(&all).await;
    let rename = page.form_of("main li form:has(#name-VIEW)".replace("VIEW", id).as_str());
    alice.save(&rename.set("name", "Express")).await;
    assert_eq!(tabs(&alice, &view).await.0, ["All", "Express"]);
    let page = alice.page(&all).await;
    let delete = page.form_of("main li form:has(button[value=delete])");
    let gone = alice.save(&delete.add("then", "delete")).await;
    let gone = gone.location().unwrap();
    let page = alice.page(&gone).await;
    assert_eq!(page.text(".notice"), "The view is deleted.");
    alice.get(&view).await.expect(404);
    alice.get_json(&view).await.expect(404);
    // Every change was recorded.
    for action in ["view-create", "view-delete"] {
        assert_eq!(app.audit(action).len(), 1, "{action}");
        assert!(app.audit(action)[0].starts_with("Alice Archer|admin|orders|"));
    }
    assert_eq!(app.audit("view-change").len(), 2);
    let log = alice
        .page("/admin/data/audit?f.action=eq:view-delete")
        .await;
    assert!(
        log.text("table.rows tbody")
            .contains("view \u{201c}Express\u{201d}")
    );
}

#[tokio::test]
async fn views_are_kept_by_the_json_twin_too() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let fields = [("name", "Dear"), ("query", "sort=-total&f.total=gt:100")];
    let id = saved(&alice, ORDERS, &fields).await;
    let views = alice.json(&format!("{ORDERS}/views")).await;
    let view = &views["views"][0];
    assert_eq!(view["id"], id);
    assert_eq!(view["name"], "Dear");
    assert_eq!(view["query"], "sort=-total&f.total=gt%3A100");
    assert_eq!((&view["own"], &view["role"]), (&true.into(), &Value::Null));
    let list = alice.json(&format!("{ORDERS}?view={id}&size=3")).await;
    assert_eq!(list["view"]["id"], id);
    assert_eq!(list["rows"].as_array().unwrap().len(), 3);
    // Parameters beside the view take precedence. The same query works for count, values and
    // export.
    let link = |path: &str| format!("{ORDERS}{path}view={id}&f.total=lt:0");
    let count = alice.json(&link("/count?")).await;
    assert_eq!(count["count"]["value"], 0);
    let file = alice
        .get(&link("/export.csv?columns=id&"))
        .await
        .expect(200);
    assert_eq!(file.text().lines().count(), 1);
    let facets = alice.json(&link("/facets?column=status&")).await;
    assert_eq!(facets["values"].as_array().unwrap().len(), 0);
    let one = format!("{ORDERS}/views/{id}");
    alice
        .post_json(&one, &[("name", "Dearest")])
        .await
        .expect(200);
    let views = alice.json(&format!("{ORDERS}/views")).await;
    assert_eq!(views["views"][0]["name"], "Dearest");
    assert_eq!(views["views"][0]["query"], "sort=-total&f.total=gt%3A100");
    alice
        .post_json(&one, &[("then", "delete")])
        .await
        .expect(200);
    alice
        .post_json(&one, &[("then", "delete")])
        .await
        .expect(404);
    let views = alice.json(&format!("{ORDERS}/views")).await;
    assert_eq!(views["views"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn a_filter_is_added_to_a_view() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let fields = [("name", "Paid"), ("query", "f.status=eq:paid")];
    let id = saved(&alice, ORDERS, &fields).await;
    let page = alice.page(&format!("{ORDERS}?view={id}")).await;
    let form = page.form_of("form[aria-label='Add a filter']");
    assert_eq!(form.get("view"), Some(&*id.to_string()));
    let form = form.set("column", "total").set("op", "gt");
    let form = form.set("value", "100");
    let mut link = url::form_urlencoded::Serializer::new(String::new());
    link.extend_pairs(&form.fields);
    let answer = alice
        .get(&format!("{}?{}", form.action, link.finish()))
        .await;
    let to = answer.location().unwrap();
    assert_eq!(to, format!("{ORDERS}?view={id}&f.total=gt%3A100"));
    let chips = alice.page(&to).await.texts(".chips .chip > span");
    assert_eq!(chips, ["Status is paid", "Total is more than 100"]);
}
