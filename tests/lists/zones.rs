//! Filters on moments use the named time zone.

use crate::support::TestApp;

const SCHEMA: &str = "
    CREATE TABLE calls (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL, at TIMESTAMP WITH TIME ZONE NOT NULL);
    INSERT INTO calls VALUES (1, 'Late', '2024-07-01 22:30:00+00:00'), (2, 'Noon', '2024-07-02 12:00:00+00:00'),
        (3, 'Night', '2024-07-02 22:30:00+00:00');";

async fn panel() -> TestApp {
    TestApp::builder()
        .prepare(|db| db.execute(SCHEMA))
        .start()
        .await
}

#[tokio::test]
async fn a_day_is_that_of_the_zone() {
    let app = panel().await;
    let alice = app.sign_in("alice").await;
    for (query, wanted) in [
        ("f.at=eq:2024-07-02", "Noon,Night"),
        ("f.at=eq:2024-07-02&tz=UTC", "Noon,Night"),
        ("f.at=eq:2024-07-02&tz=Europe/Berlin", "Late,Noon"),
        ("f.at=in:2024-07-02&tz=Europe/Berlin", "Late,Noon"),
        ("f.at=ne:2024-07-02&tz=Europe/Berlin", "Night"),
        (
            "f.at=between:2024-07-02,2024-07-03&tz=America/New_York",
            "Noon,Night",
        ),
        ("f.at=ge:2024-07-02T14:00&tz=Europe/Berlin", "Noon,Night"),
        ("f.at=gt:2024-07-02T14:00&tz=Europe/Berlin", "Night"),
        // A value with its own zone keeps it.
        ("f.at=gt:2024-07-02T14:00Z&tz=Europe/Berlin", "Night"),
        (
            "f.at=ge:2024-07-02T12:00:00%2B00:00&tz=Europe/Berlin",
            "Noon,Night",
        ),
    ] {
        let list = alice
            .json(&format!("/admin/data/calls?sort=id&{query}"))
            .await;
        let names = super::values(&list, "name").join(",");
        assert_eq!(names, wanted, "{query}");
        let csv = alice
            .get(&format!("/admin/data/calls/export.csv?sort=id&{query}"))
            .await;
        let rows = csv.expect(200).text().lines().count() - 1;
        assert_eq!(rows, wanted.split(',').count(), "{query}");
    }
    let answer = alice
        .get_json("/admin/data/calls?tz=Mars/Olympus")
        .await
        .expect(400);
    assert!(answer.text().contains("Europe/Berlin"), "{answer:?}");
}

#[tokio::test]
async fn the_page_names_the_zone_and_keeps_it() {
    let app = panel().await;
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/calls").await;
    assert_eq!(page.attribute("form.filter input[name=tz]", "value"), "UTC");
    assert!(page.text("[data-zone]").contains("UTC"));
    let query = "f.at=ge:2024-07-02&tz=Europe/Berlin&size=1&sort=id";
    let page = alice.page(&format!("/admin/data/calls?{query}")).await;
    assert!(page.text(".chip").contains("(Europe/Berlin)"));
    for links in ["thead a", "details.drop .menu a", ".pager a"] {
        let hrefs = page.attributes(links, "href");
        let to_calls = hrefs.iter().filter(|href| href.contains("/calls"));
        for href in to_calls {
            assert!(href.contains("tz=Europe%2FBerlin"), "{links}: {href}");
        }
    }
    // The form without scripts: another condition in the same zone.
    let form = alice
        .get("/admin/data/calls/filter?sort=id&f.at=ge:2024-07-02&column=at&op=lt&value=2024-07-03&tz=Europe/Berlin")
        .await
        .expect(302);
    let list = alice.json(&form.location().unwrap()).await;
    assert_eq!(super::values(&list, "name"), ["Late", "Noon"]);
    let page = alice
        .page("/admin/data/calls?f.at=this:year&tz=Europe/Berlin")
        .await;
    assert!(page.text(".chip").ends_with("-12-31 (Europe/Berlin)"));
    // A table without moments has no time zone.
    assert!(!alice.page("/admin/data/tags").await.has("[data-zone]"));
}

#[tokio::test]
async fn a_heading_says_what_a_foreign_key_sorts_by() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/orders?sort=customer_id").await;
    let titles = page.attributes("thead a", "title");
    assert!(titles.contains(&"Sorts by the key, not by the name".to_owned()));
    assert!(
        page.texts("thead th")
            .iter()
            .any(|head| head.ends_with("by key"))
    );
}
