//! The import pages, without scripts.

use crate::support::{Client, Form, Page, TestApp};
use crate::undo::dump;

const LINK: &str = "/admin/data/tags/import";

/// Submits a page by one of its buttons.
async fn press(client: &Client, form: Form, step: &str) -> Page {
    let answer = client.submit(&form.add("step", step)).await;
    assert!(matches!(answer.status, 200 | 422), "{answer:?}");
    answer.page()
}

/// The figures of the last page: "2 will be added".
fn figures(page: &Page) -> Vec<String> {
    page.texts("ul.figures li")
}

#[tokio::test]
async fn a_file_goes_from_its_columns_to_a_check_and_into_the_list() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let list = alice.page("/admin/data/tags").await;
    assert!(list.attributes(".act a", "href").contains(&LINK.to_owned()));
    let known = app
        .db
        .text("SELECT name FROM tags ORDER BY id LIMIT 1")
        .unwrap();
    let before = dump(&app);
    let file = format!("Title;colour;junk\r\n\"two\r\nlines\";#1;x\r\n{known};#2;\r\n");
    let form = alice.form(LINK).await;
    let form = form.choose("file", "tags.csv", file.as_bytes());
    let columns = press(&alice, form, "columns").await;
    assert_eq!(columns.text(".head .count"), "tags.csv, 2 rows");
    assert_eq!(columns.texts("tbody th label"), ["Title", "colour", "junk"]);
    let form = columns.form();
    assert_eq!(form.get("separator"), Some("semicolon"));
    assert_eq!(form.get("encoding"), Some("utf-8"));
    assert_eq!(form.get("map.Title"), Some(""));
    assert_eq!(form.get("map.colour"), Some("colour"));
    // Without a name they can be neither found nor created.
    let check = press(&alice, columns.form(), "check").await;
    assert_eq!(figures(&check), ["2 are wrong"]);
    let form = columns.form().set("map.Title", "name").set("key", "name");
    let check = press(&alice, form, "check").await;
    assert_eq!(figures(&check), ["1 will be added", "1 will change"]);
    assert!(!check.has(".error"), "nothing is wrong");
    assert_eq!(dump(&app), before);
    let done = alice.save(&check.form().add("step", "save")).await;
    let list = alice.page(done.header("location")).await;
    assert_eq!(list.text(".notice span"), "2 rows imported. Undo");
    let sql = "SELECT count(*) FROM tags WHERE colour IN ('#1', '#2')";
    assert_eq!(app.db.number(sql), 2);
    // The pages carry the file unchanged.
    let sql = "SELECT name FROM tags WHERE colour = '#1'";
    assert_eq!(app.db.text(sql).as_deref(), Some("two\r\nlines"));
    // The notice offers to undo the import.
    let undo = list.attribute(".notice a", "href");
    let undo = alice.form(&undo).await;
    alice.save(&undo).await;
    assert_eq!(dump(&app), before);
}

#[tokio::test]
async fn wrong_cells_are_mended_on_the_page_or_left_out() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let rows = "name,colour\nfirst,#1\nsecond,#22222222\n,#3\n<b>fourth,#4444444444\n";
    let form = alice.form(LINK).await.set("paste", rows);
    let columns = press(&alice, form, "columns").await;
    let check = press(&alice, columns.form().set("mode", "create"), "check").await;
    assert_eq!(figures(&check), ["1 will be added", "3 are wrong"]);
    assert_eq!(check.texts("tbody th"), ["3", "4", "5"]);
    let form = check.form();
    assert_eq!(form.get("fix.3.colour"), Some("#22222222"));
    assert_eq!(form.get("fix.4.name"), Some(""));
    // One error is corrected, one is not.
    let form = form.set("fix.3.colour", "#2").set("fix.4.name", "third");
    let check = press(&alice, form, "check").await;
    assert_eq!(figures(&check), ["3 will be added", "1 is wrong"]);
    // Corrections are carried along.
    let form = check.form();
    assert_eq!(form.get("fix.3.colour"), Some("#2"));
    assert!(check.text(".foot").contains("Import only the 3 good rows"));
    // A correction after the preview is previewed first.
    let changed = check.form().set("fix.5.colour", "#4");
    let again = alice
        .submit(&changed.add("step", "save-good"))
        .await
        .expect(422);
    assert!(again.page().text(".notice").contains("Look at it again"));
    assert_eq!(
        app.db
            .number("SELECT count(*) FROM tags WHERE name = 'first'"),
        0
    );
    let done = alice.save(&form.add("step", "save-good")).await;
    let list = alice.page(done.header("location")).await;
    assert_eq!(
        list.text(".notice span"),
        "3 rows imported. 1 row left out. Undo"
    );
}

#[tokio::test]
async fn a_file_can_be_read_in_another_way() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form(LINK).await;
    let form = form.choose("file", "tags.csv", b"name|colour\ncaf\xe9|#1\n");
    let columns = press(&alice, form, "columns").await;
    let form = columns.form();
    assert_eq!(form.get("encoding"), Some("windows-1252"));
    assert_eq!(form.get("separator"), Some("pipe"));
    assert!(columns.text("tbody").contains("caf\u{e9}"));
    let form = form.set("separator", "tab");
    let columns = press(&alice, form, "columns").await;
    assert_eq!(columns.texts("tbody th label"), ["name|colour"]);
    // A file that cannot be read with the chosen encoding says so, and another one can be chosen.
    let form = columns.form().set("encoding", "utf-8");
    let wrong = press(&alice, form, "columns").await;
    assert!(wrong.text(".notice").contains("not UTF-8"));
    let form = wrong.form().set("encoding", "windows-1252");
    let form = form.set("separator", "pipe");
    let columns = press(&alice, form, "columns").await;
    assert_eq!(columns.texts("tbody th label"), ["name", "colour"]);
    // Without a file, the import cannot continue.
    let form = alice.form(LINK).await;
    let first = press(&alice, form, "columns").await;
    assert!(first.text(".notice").contains("Choose a file"));
}

#[tokio::test]
async fn only_who_may_import_is_led_there() {
    let app = TestApp::start().await;
    let bob = app.sign_in("bob").await;
    let list = bob.page("/admin/data/tags").await;
    assert!(!list.attributes(".act a", "href").contains(&LINK.to_owned()));
    bob.get(LINK).await.expect(403);
    let alice = app.sign_in("alice").await;
    let told = alice.json(LINK).await;
    assert_eq!(told["keys"], serde_json::json!(["id", "name"]), "{told}");
    assert_eq!(told["columns"][1]["name"], "name", "{told}");
    for read_only in ["audit", "monthly_sales"] {
        let link = format!("/admin/data/{read_only}/import");
        alice.get(&link).await.expect(403);
    }
}
