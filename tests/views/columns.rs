//! The columns that a list always shows to a person.

use super::ORDERS;
use crate::support::TestApp;

#[tokio::test]
async fn chosen_columns_are_kept_for_the_person_and_the_table() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let heads = "table.rows thead th a";
    let usual = alice.page(ORDERS).await.texts(heads);
    let link = format!("{ORDERS}?columns=total,number,customer_id.region&f.status=eq:paid");
    let page = alice.page(&link).await;
    let form = page.form_of(".viewline form:has(input[name=columns])");
    let back = alice.save(&form).await.location().unwrap();
    let page = alice.page(&back).await;
    assert_eq!(page.text(".notice"), "The list is set up.");
    assert_eq!(page.texts(".chips .chip > span"), ["Status is paid"]);
    let kept = alice.page(ORDERS).await;
    assert_eq!(kept.texts(heads)[..2], ["Total", "Number"]);
    assert!(
        kept.texts(heads)[2].contains("Region"),
        "{:?}",
        kept.texts(heads)
    );
    // Addresses stay short, and columns in an address still take precedence.
    let next = kept.attribute("a[rel=next]", "href");
    assert!(!next.contains("columns"), "{next}");
    let named = alice.page(&format!("{ORDERS}?columns=status")).await;
    assert_eq!(named.texts(heads), ["Status"]);
    // They apply to one person, and only to pages.
    let bob = app.sign_in("bob").await;
    assert_eq!(bob.page(ORDERS).await.texts(heads), usual);
    let row = alice.json(&format!("{ORDERS}?size=1")).await["rows"][0].clone();
    assert!(row.get("status").is_some() && row.get("notes").is_some());
    // Resetting them.
    let form = kept.form_of(".viewline form:has(input[name=columns])");
    assert_eq!(form.get("columns"), Some(""));
    alice.save(&form).await;
    assert_eq!(alice.page(ORDERS).await.texts(heads), usual);
    assert_eq!(app.audit("list-set-up").len(), 2);
}

#[tokio::test]
async fn columns_that_are_not_there_are_not_kept() {
    let app = TestApp::start().await;
    let bob = app.sign_in("bob").await;
    let link = "/admin/data/employees/views/columns";
    for columns in ["salary", "nope", "name,salary", "-name"] {
        let answer = bob.post_json(link, &[("columns", columns)]).await;
        assert_eq!(answer.status, 400, "{columns}: {answer:?}");
    }
    assert!(app.audit("list-set-up").is_empty());
}

#[tokio::test]
async fn kept_columns_outlive_a_right_that_goes() {
    let app = TestApp::builder().own_provider().start().await;
    let alice = app.sign_in("alice").await;
    let link = "/admin/data/employees/views/columns";
    alice
        .post_json(link, &[("columns", "name,salary")])
        .await
        .expect(200);
    let heads = "table.rows thead th a";
    let page = alice.page("/admin/data/employees").await;
    assert_eq!(page.texts(heads), ["Name", "Salary"]);
    app.set_groups("alice", &["editors"]);
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/employees").await;
    assert_eq!(page.texts(heads), ["Name"]);
}
