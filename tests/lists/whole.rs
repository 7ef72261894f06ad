//! Values that are too long for a page are truncated, with a link to the whole.

use crate::support::TestApp;

const ROW: &str = "/admin/data/customers/row/1";

#[tokio::test]
async fn a_long_text_is_cut_on_the_page_of_its_row_and_can_be_had_whole() {
    let app = TestApp::start().await;
    let text = "Zeile \u{fc}\n".repeat(400_000);
    app.db.execute(&format!(
        "UPDATE customers SET notes = '{text}' WHERE id = 1"
    ));
    let alice = app.sign_in("alice").await;
    let answer = alice.get(ROW).await.expect(200);
    assert!(answer.body.len() < 1_000_000, "{}", answer.body.len());
    let page = answer.page();
    let href = page.attribute("dl.facts a[download]", "href");
    let whole = alice.get(&href).await.expect(200);
    assert!(
        whole
            .header("content-disposition")
            .starts_with("attachment")
    );
    assert_eq!(whole.text(), text);
    let json = alice.json(ROW).await;
    assert_eq!(json["cut"][0]["column"], "notes");
    assert_eq!(json["cut"][0]["href"], href.as_str());
    let told = json["row"]["notes"].as_str().unwrap();
    assert!(text.starts_with(told) && told.len() < 1_000_000);
    // A short row has no such mark.
    let json = alice.json("/admin/data/customers/row/2").await;
    assert!(json.get("cut").is_none(), "{json}");
    // The form leaves it unchanged.
    let form = alice.form(&format!("{ROW}/edit")).await;
    assert_eq!(form.get("notes"), None);
    alice.save(&form.set("city", "Ulm")).await;
    let kept = "SELECT length(notes) FROM customers WHERE id = 1";
    assert_eq!(app.db.number(kept), 8 * 400_000);
    // The log stores the beginning of a long text.
    let form = alice.form("/admin/data/customers/row/2/edit").await;
    alice.save(&form.set("notes", &"x".repeat(50_000))).await;
    let history = alice.json("/admin/data/customers/row/2/history").await;
    assert!(history.to_string().len() < 40_000);
}

#[tokio::test]
async fn the_whole_of_a_cell_is_under_the_same_permit() {
    let app = TestApp::shared().await;
    let carol = app.sign_in("carol").await;
    let bob = app.sign_in("bob").await;
    // An invisible column, a table without rights, and a number.
    bob.get("/admin/data/employees/row/1/file/salary")
        .await
        .expect(404);
    carol
        .get("/admin/data/employees/row/1/file/name")
        .await
        .expect(403);
    carol
        .get("/admin/data/orders/row/1/file/total")
        .await
        .expect(404);
    carol
        .get("/admin/data/orders/row/1/file/number")
        .await
        .expect(200);
}
