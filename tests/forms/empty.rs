//! Empty text and NULL are distinct, and each can be entered if the column allows it.

use crate::support::TestApp;

async fn app() -> TestApp {
    TestApp::builder()
        .prepare(|db| {
            db.execute(
                "CREATE TABLE texts (id INTEGER PRIMARY KEY, must VARCHAR(20) NOT NULL, may VARCHAR(20));
                 INSERT INTO texts VALUES (1, '', ''); INSERT INTO texts VALUES (2, 'a', 'b');
                 INSERT INTO texts VALUES (3, 'a', NULL)",
            );
        })
        .start()
        .await
}

fn row(app: &TestApp, id: i64) -> String {
    let sql = format!(
        "SELECT '<' || must || '> ' || coalesce('<' || may || '>', 'null') FROM texts WHERE id = {id}"
    );
    app.db.text(&sql).unwrap()
}

#[tokio::test]
async fn an_empty_text_that_is_stored_does_not_hold_the_form_up() {
    let app = app().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/texts/row/1/edit").await;
    assert_eq!(form.insisted, Vec::<String>::new());
    let answer = alice.save(&form).await;
    assert!(answer.header("location").ends_with("done=unchanged"));
    assert_eq!(row(&app, 1), "<> <>");
}

#[tokio::test]
async fn each_of_them_can_be_entered() {
    let app = app().await;
    let alice = app.sign_in("alice").await;
    for (id, must, may, wanted) in [
        (2, Some("0"), Some("0"), "<> <>"),
        (2, None, Some("1"), "<> null"),
        (3, Some("0"), None, "<> null"),
        (3, None, Some("0"), "<> <>"),
        (1, None, Some("1"), "<> null"),
    ] {
        let mut form = alice
            .form(&format!("/admin/data/texts/row/{id}/edit"))
            .await;
        for (name, means) in [("must", must), ("may", may)] {
            if let Some(means) = means {
                form = form.set(name, "").set(&format!("null.{name}"), means);
            }
        }
        alice.save(&form).await;
        assert_eq!(row(&app, id), wanted, "{id} {must:?} {may:?}");
    }
}

#[tokio::test]
async fn a_text_that_was_typed_is_not_taken_for_an_empty_one() {
    let app = app().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/texts/row/1/edit").await;
    alice.save(&form.set("must", "x").set("may", "y")).await;
    assert_eq!(row(&app, 1), "<x> <y>");
}

#[tokio::test]
async fn emptied_without_a_word_a_needed_text_is_missing() {
    let app = app().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/texts/row/2/edit").await;
    let answer = alice.submit(&form.set("must", "")).await.expect(422);
    assert_eq!(
        answer.page().field_error("must").as_deref(),
        Some("This field needs a value.")
    );
    let again = answer.page().form().set("null.must", "0");
    alice.save(&again).await;
    assert_eq!(row(&app, 2), "<> <b>");
}

#[tokio::test]
async fn a_new_row_takes_an_empty_text() {
    let app = app().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/texts/new").await;
    let form = form
        .set("must", "")
        .set("null.must", "0")
        .set("null.may", "0");
    let form = match form.get("id") {
        Some(_) => form.set("id", "9"),
        None => form,
    };
    alice.save(&form).await;
    let made = app
        .db
        .number("SELECT count(*) FROM texts WHERE must = '' AND may = ''");
    assert_eq!(made, 2);
}
