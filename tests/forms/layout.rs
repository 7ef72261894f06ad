//! The configured layout of a form.

use crate::support::TestApp;

#[tokio::test]
async fn fields_stand_in_sections_and_side_by_side() {
    let app = TestApp::builder()
        .settings(
            "[resources.customers]
             form = [[\"city\", \"name\"], { section = \"Trust\", fields = [\"credit_limit\", [\"vip\", \"region\"]] }, \"email\"]",
        )
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/customers/row/1/edit").await;
    assert_eq!(page.texts("h2.part"), ["Trust"]);
    let beside = page.attributes(".beside [id^=field-]", "id");
    assert_eq!(
        beside,
        ["field-city", "field-name", "field-vip", "field-region"]
    );
    // Columns that are not named come last, so that none is lost.
    let names: Vec<String> = page
        .form()
        .fields
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    let place = |name: &str| names.iter().position(|known| known == name);
    assert!(place("city") < place("credit_limit") && place("email") < place("website"));
    assert!(place("website").is_some());
    let answer = alice.submit(&page.form()).await;
    assert!(
        answer.header("location").ends_with("done=unchanged"),
        "{answer:?}"
    );
    alice.save(&page.form().set("city", "Oslo")).await;
    let city = app.db.text("SELECT city FROM customers WHERE id = 1");
    assert_eq!(city.as_deref(), Some("Oslo"));
}
