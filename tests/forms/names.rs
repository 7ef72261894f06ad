//! Columns may have the names of the form's own fields, or of parameters of the list.

use crate::support::TestApp;

/// Names with a meaning to the form, the list or a browser.
const NAMES: [&str; 13] = [
    "a,b",
    "-x",
    "csrf_token",
    "row_digest",
    "row_shown",
    "then",
    "pick",
    "confirm",
    "find.x",
    "null.csrf_token",
    "column.then",
    "_charset_",
    "elements",
];

async fn app() -> TestApp {
    TestApp::builder()
        .prepare(|db| {
            let columns = NAMES
                .map(|name| format!("\"{name}\" VARCHAR(20)"))
                .join(", ");
            db.execute(&format!(
                "CREATE TABLE named (id INTEGER PRIMARY KEY, {columns})"
            ));
            for id in 1..=2 {
                let values = NAMES.map(|name| format!("'{name} {id}'")).join(", ");
                db.execute(&format!("INSERT INTO named VALUES ({id}, {values})"));
            }
        })
        .start()
        .await
}

#[tokio::test]
async fn a_column_called_like_a_field_of_the_form_is_edited() {
    let app = app().await;
    let alice = app.sign_in("alice").await;
    for name in NAMES {
        let form = alice.form("/admin/data/named/row/1/edit").await;
        let field = match form.get(&format!("column.{name}")) {
            Some(_) => format!("column.{name}"),
            None => name.to_owned(),
        };
        assert_eq!(form.get(&field), Some(format!("{name} 1").as_str()));
        let answer = alice.save(&form.set(&field, "changed")).await;
        assert!(answer.header("location").ends_with("done=saved"), "{name}");
        let sql = format!("SELECT \"{name}\" FROM named WHERE id = 1");
        assert_eq!(app.db.text(&sql).as_deref(), Some("changed"), "{name}");
    }
    let others = NAMES
        .map(|name| format!("\"{name}\" = 'changed'"))
        .join(" AND ");
    let sql = format!("SELECT count(*) FROM named WHERE {others}");
    assert_eq!(app.db.number(&sql), 1);
}

#[tokio::test]
async fn a_list_is_sorted_and_filtered_by_every_column() {
    let app = app().await;
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/named").await;
    let links = page.attributes("table.rows th a", "href");
    assert!(
        links.iter().any(|link| link.contains("a%5C%2Cb")),
        "{links:?}"
    );
    assert!(links.iter().any(|link| link.contains("%5C-x")), "{links:?}");
    for link in links {
        alice.page(&link).await;
    }
    for (sort, name) in [("-a\\,b", "a,b"), ("-\\-x", "-x"), ("-then", "then")] {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("sort", sort);
        let list = alice
            .json(&format!("/admin/data/named?{}", query.finish()))
            .await;
        assert_eq!(list["rows"][0]["id"], 2, "{sort}");
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair(&format!("f.{name}"), &format!("eq:{name} 2"));
        let list = alice
            .json(&format!("/admin/data/named?{}", query.finish()))
            .await;
        assert_eq!(list["rows"].as_array().unwrap().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn the_key_in_a_post_is_refused_unless_it_is_the_rows_own() {
    let app = app().await;
    let alice = app.sign_in("alice").await;
    let form = alice.form("/admin/data/named/row/1/edit").await;
    let answer = alice.submit(&form.clone().add("id", "7")).await.expect(422);
    assert!(
        answer.text().contains("The key of a row cannot be changed"),
        "{answer:?}"
    );
    assert_eq!(app.db.number("SELECT count(*) FROM named WHERE id = 1"), 1);
    alice.save(&form.add("id", "1").set("a,b", "own")).await;
    assert_eq!(
        app.db
            .number("SELECT count(*) FROM named WHERE \"a,b\" = 'own' AND id = 1"),
        1
    );
}
