//! Pages by cursor and by number, page sizes and counts.

use super::values;
use crate::support::TestApp;
use std::collections::BTreeSet;

#[tokio::test]
async fn pages_visit_every_row_once_in_json() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    // Columns with few values, columns with NULL, and a key of two columns.
    for (list, key) in [
        ("orders?sort=status", vec!["id"]),
        ("orders?sort=-ship_by,status", vec!["id"]),
        ("orders?sort=employee_id", vec!["id"]),
        ("orders?sort=-placed_at&f.status=ne:paid", vec!["id"]),
        ("order_items?sort=-quantity", vec!["order_id", "line_no"]),
        ("customers?sort=created_at&f.vip=eq:true", vec!["id"]),
        ("settings?sort=valid_from", vec!["key"]),
    ] {
        let base = format!("/admin/data/{list}&size=173");
        let mut seen = Vec::new();
        let mut link = base.clone();
        let mut last = None;
        for _ in 0..60 {
            let page = alice.json(&link).await;
            let columns: Vec<_> = key.iter().map(|column| values(&page, column)).collect();
            for row in 0..columns[0].len() {
                seen.push(columns.iter().map(|c| c[row].clone()).collect::<Vec<_>>());
            }
            let Some(next) = page["next"].as_str() else {
                last = page["prev"].as_str().map(str::to_owned);
                break;
            };
            link = format!("{base}&after={next}");
        }
        let table = list.split('?').next().unwrap();
        let condition = match list.split_once("&f.") {
            Some((_, "status=ne:paid")) => "status <> 'paid'",
            Some(_) => "vip",
            None => "TRUE",
        };
        let all = app
            .db
            .number(&format!("SELECT count(*) FROM {table} WHERE {condition}"));
        assert_eq!(seen.len() as i64, all, "{list}");
        let different: BTreeSet<_> = seen.iter().collect();
        assert_eq!(different.len(), seen.len(), "{list}");
        // Then backwards.
        let mut back = Vec::new();
        let mut before = last;
        while let Some(cursor) = before {
            let page = alice.json(&format!("{base}&before={cursor}")).await;
            let columns: Vec<_> = key.iter().map(|column| values(&page, column)).collect();
            let rows: Vec<Vec<String>> = (0..columns[0].len())
                .map(|row| columns.iter().map(|c| c[row].clone()).collect())
                .collect();
            back.splice(0..0, rows);
            before = page["prev"].as_str().map(str::to_owned);
        }
        assert_eq!(back, seen[..back.len()], "{list}");
        assert!(seen.len() - back.len() <= 173, "{list}");
    }
}

#[tokio::test]
async fn pages_visit_every_row_once_by_their_links() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let mut link = "/admin/data/orders?sort=status&size=200".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = alice.page(&link).await;
        seen.extend(page.column("Number"));
        assert!(!page.text("nav.pager bdi").is_empty());
        match page.attributes("a[rel=next]", "href").pop() {
            Some(next) => link = next,
            None => break,
        }
    }
    assert_eq!(seen.len(), 2_000);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 2_000);
    let last = alice.page(&link).await;
    let before = last.attribute("a[rel=prev]", "href");
    let page = alice.page(&before).await;
    assert_eq!(page.column("Number"), seen[1_600..1_800]);
}

#[tokio::test]
async fn a_page_can_be_asked_for_by_number() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let list = alice
        .json("/admin/data/orders?sort=id&size=10&page=3")
        .await;
    assert_eq!(values(&list, "id")[0], "21");
    let page = alice
        .page("/admin/data/orders?sort=id&size=10&page=3")
        .await;
    assert_eq!(page.text("nav.pager bdi"), "21\u{2013}30");
    let next = page.attribute("a[rel=next]", "href");
    let next = alice.json(&next).await;
    assert_eq!(values(&next, "id")[0], "31");
    let empty = alice.page("/admin/data/orders?page=190").await;
    assert_eq!(empty.text(".empty h2"), "This page is empty");
}

#[tokio::test]
async fn a_page_too_deep_to_be_numbered_is_refused() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for page in ["1000", "99999999999", "18446744073709551615"] {
        let answer = alice.get(&format!("/admin/data/orders?page={page}")).await;
        assert_eq!(answer.status, 400, "{answer:?}");
    }
}

#[tokio::test]
async fn a_page_is_as_large_as_asked_for() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/orders").await;
    assert_eq!(page.count("table.rows tbody tr"), 50);
    assert_eq!(page.texts("nav.pager .sizes a"), ["25", "50", "100", "200"]);
    assert_eq!(page.text("nav.pager .sizes a[aria-current]"), "50");
    let link = page.attribute("nav.pager .sizes a", "href");
    let page = alice.page(&link).await;
    assert_eq!(page.count("table.rows tbody tr"), 25);
    let page = alice.page("/admin/data/orders?size=500").await;
    assert_eq!(page.count("table.rows tbody tr"), 500);
}

#[tokio::test]
async fn a_cursor_of_another_list_is_no_fault() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let list = alice.json("/admin/data/orders?sort=status&size=5").await;
    let next = list["next"].as_str().unwrap();
    for link in [
        "orders?sort=total&",
        "orders?sort=placed_at&",
        "orders?sort=express&",
        "products?sort=stock&",
    ] {
        let answer = alice.get(&format!("/admin/data/{link}after={next}")).await;
        assert_eq!(answer.status, 400, "{answer:?}");
    }
    let answer = alice
        .get(&format!("/admin/data/products?after={next}"))
        .await;
    assert_eq!(answer.status, 400, "{answer:?}");
}

#[tokio::test]
async fn counts_are_exact_up_to_a_cap_and_then_say_so() {
    let app = TestApp::builder()
        .prepare(|db| db.grow_orders(13_000))
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let count = async |path: &str| alice.json(path).await["count"].clone();
    let small = count("/admin/data/departments").await;
    assert_eq!(small, serde_json::json!({ "kind": "exact", "value": 12 }));
    let whole = count("/admin/data/orders").await;
    assert_ne!(whole["kind"], "exact", "{whole}");
    let filtered = count("/admin/data/orders?f.id=gt:0").await;
    assert_eq!(filtered["kind"], "at_least", "{filtered}");
    let exact = count("/admin/data/orders?f.id=le:2000&size=5").await;
    assert_eq!(
        exact,
        serde_json::json!({ "kind": "exact", "value": 2_000 })
    );
    let page = alice.page("/admin/data/orders?f.id=gt:0").await;
    assert_eq!(page.text("div.head span.count"), "more than 10,000");
    let page = alice.page("/admin/data/orders").await;
    let words = page.text("div.head span.count");
    assert!(
        words.starts_with("about 13") || words == "more than 10,000",
        "{words}"
    );
}
