//! Columns of a list, chosen by its reader.

use crate::support::TestApp;

/// The names of a row's columns in JSON, in order.
fn names(json: &str) -> Vec<String> {
    let (_, row) = json.split_once("\"rows\":[{").unwrap();
    let (row, _) = row.split_once('}').unwrap();
    let cells = row.split(",\"").map(|cell| cell.trim_start_matches('"'));
    cells
        .filter_map(|cell| Some(cell.split_once("\":")?.0.to_owned()))
        .collect()
}

#[tokio::test]
async fn chosen_columns_are_shown_in_their_order() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let link = "/admin/data/orders?columns=total,number,express&size=25&f.id=gt:1";
    let page = alice.page(link).await;
    let heads = page.texts("table.rows thead th");
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    assert!(
        heads.ends_with(&["Total", "Number", "Express"]),
        "{heads:?}"
    );
    assert!(!heads.contains(&"Status"), "{heads:?}");
    // All links on the page keep them.
    for link in [
        page.attribute("a[rel=next]", "href"),
        page.attribute("table.rows thead th a", "href"),
        page.attribute("a[href*='export.csv']", "href"),
        page.attribute(".chips a", "href"),
    ] {
        assert!(link.contains("columns=total%2Cnumber%2Cexpress"), "{link}");
    }
    let json = alice.get_json(link).await.expect(200);
    assert_eq!(names(&json.text()), ["total", "number", "express"]);
    let file = alice
        .get("/admin/data/orders/export.csv?columns=total,number&f.id=eq:1")
        .await
        .expect(200);
    let text = file.text();
    assert_eq!(text.lines().next(), Some("total,number"), "{text}");
}

#[tokio::test]
async fn the_form_of_columns_works_without_scripts() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let page = alice
        .page("/admin/data/orders?columns=total,number&sort=-total&q=SO")
        .await;
    let form = "form[aria-label='Choose columns']";
    let boxes = page.attributes(&format!("{form} input[name=columns]"), "value");
    assert_eq!(boxes.get(..2).unwrap(), ["total", "number"]);
    let ticked = page.attributes(&format!("{form} input[name=columns][checked]"), "value");
    assert_eq!(ticked, ["total", "number"]);
    let kept = page.attributes(&format!("{form} input[type=hidden]"), "name");
    assert_eq!(kept, ["q", "sort"]);
    // As sent by a browser: one parameter for each ticked box.
    let sent = "/admin/data/orders?columns=number&columns=status";
    let heads = alice.page(sent).await.texts("table.rows thead th");
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    assert!(heads.ends_with(&["Number", "Status"]), "{heads:?}");
    let usual = alice.page("/admin/data/orders").await;
    let none = alice.page("/admin/data/orders?columns=").await;
    let heads = "table.rows thead th";
    assert_eq!(usual.texts(heads), none.texts(heads));
}

#[tokio::test]
async fn a_column_that_is_not_there_is_named() {
    let app = TestApp::shared().await;
    let bob = app.sign_in("bob").await;
    for (link, column) in [
        ("orders?columns=number,nope", "nope"),
        ("orders/export.csv?columns=nope", "nope"),
        ("employees?columns=salary", "salary"),
        ("orders?columns=-number", "columns"),
    ] {
        for json in [true, false] {
            let link = format!("/admin/data/{link}");
            let answer = if json {
                bob.get_json(&link).await
            } else {
                bob.get(&link).await
            };
            let answer = answer.expect(400);
            assert!(answer.text().contains(column), "{link}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_list_comes_without_its_count_and_the_count_without_the_list() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let query = "f.status=eq:paid&size=25";
    let whole = alice.json(&format!("/admin/data/orders?{query}")).await;
    let bare = alice
        .json(&format!("/admin/data/orders?{query}&count=no"))
        .await;
    assert!(bare["count"].is_null(), "{bare}");
    assert_eq!(bare["rows"], whole["rows"]);
    let count = alice
        .json(&format!("/admin/data/orders/count?{query}"))
        .await;
    assert_eq!(count["count"], whole["count"]);
    let page = alice
        .page(&format!("/admin/data/orders?{query}&count=no"))
        .await;
    assert!(!page.has("h1 + .count"));
    alice
        .get("/admin/data/orders?count=maybe")
        .await
        .expect(400);
    // A browser is redirected to the list, which shows the count.
    let led = alice
        .get(&format!("/admin/data/orders/count?{query}"))
        .await
        .expect(302);
    let location = led.location().unwrap();
    assert!(
        location.ends_with("/admin/data/orders?size=25&f.status=eq%3Apaid"),
        "{location}"
    );
}
