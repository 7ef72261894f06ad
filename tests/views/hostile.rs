//! Hostile names and queries, limits, and a changed schema.

use super::{ORDERS, saved};
use crate::support::TestApp;

#[tokio::test]
async fn names_are_text_and_nothing_else() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let names = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "{{ page.csrf }}",
        "{ $name }",
        "\u{202e}desrever",
        "' OR 1=1 --",
    ];
    for name in names {
        saved(&alice, ORDERS, &[("name", name), ("query", "sort=-id")]).await;
    }
    for link in [ORDERS.to_owned(), format!("{ORDERS}/views")] {
        let page = alice.page(&link).await;
        assert!(!page.has("main script") && !page.has("main img"), "{link}");
        let text = page.text("main");
        for name in names {
            // Characters that change the text direction are not stored.
            let name = name.trim_start_matches('\u{202e}');
            assert!(text.contains(name), "{link}: {name}");
        }
        assert!(!page.source.contains('\u{202e}'), "{link}");
    }
    let log = alice
        .page("/admin/data/audit?f.action=eq:view-create")
        .await;
    assert!(!log.has("main script") && !log.has("main img"));
}

#[tokio::test]
async fn names_and_queries_have_limits_that_are_told() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let views = format!("{ORDERS}/views");
    let long = "x".repeat(61);
    let query = format!("q={}", "x".repeat(4_000));
    let wide = format!("f.number=eq:{}", "\u{1f600}".repeat(400));
    for (name, query, told) in [
        ("", "", "Give the view a name."),
        (" \n\u{7} ", "", "Give the view a name."),
        ("\u{200b}\u{3164} \u{202e}", "", "Give the view a name."),
        // In stored form, each of these letters takes twelve characters.
        ("X", &*wide, "at most 4,000 characters"),
        (&*long, "", "at most 60 characters"),
        ("X", &*query, "at most 4,000 characters"),
        ("X", "f.nope=eq:1", "nope"),
        ("X", "f.total=eq:dear", "f.total"),
        ("X", "columns=nope", "nope"),
        ("X", "view=1", "view"),
        ("X", "drop=table", "drop"),
    ] {
        let answer = alice
            .post_json(&views, &[("name", name), ("query", query)])
            .await;
        let answer = answer.expect(400);
        assert!(
            answer.text().contains(told),
            "{name} {query}: {}",
            answer.text()
        );
    }
    for number in 0..50 {
        saved(
            &alice,
            ORDERS,
            &[("name", &number.to_string()), ("query", "")],
        )
        .await;
    }
    let taken = alice
        .post_json(&views, &[("name", "7"), ("query", "")])
        .await;
    assert!(taken.expect(400).text().contains("a view of this name"));
    let full = alice
        .post_json(&views, &[("name", "X"), ("query", "")])
        .await;
    assert!(full.expect(400).text().contains("You have 50 views"));
    // Another list has its own views.
    saved(
        &alice,
        "/admin/data/products",
        &[("name", "X"), ("query", "")],
    )
    .await;
    // A list with many views stays usable.
    let page = alice.page(ORDERS).await;
    assert_eq!(page.count(".viewline .tabs a"), 7);
    assert_eq!(page.count(".viewline .end details li a"), 44);
    let open = alice.page(&format!("{ORDERS}?view=50")).await;
    assert_eq!(open.count(".viewline .tabs a[aria-current]"), 1);
}

#[tokio::test]
async fn a_view_opens_after_its_columns_are_gone() {
    let app = TestApp::builder()
        .prepare(|db| db.execute("ALTER TABLE tags ADD COLUMN mood TEXT"))
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let list = "/admin/data/tags";
    let query = "columns=name,mood&sort=mood,-name&f.mood=null:&f.name=notnull:";
    let id = saved(&alice, list, &[("name", "Moody"), ("query", query)]).await;
    app.db.execute("ALTER TABLE tags DROP COLUMN mood");
    let view = format!("{list}?view={id}");
    // The list that notices it says so, or reads the schema again at once.
    let mut answer = alice.get(&view).await;
    for _ in 0..5 {
        if answer.status == 200 && answer.page().has(".notice") {
            break;
        }
        answer = alice.get(&view).await;
    }
    let page = answer.expect(200).page();
    assert!(
        page.text(".notice").starts_with("3 parts"),
        "{}",
        page.text(".notice")
    );
    assert_eq!(page.texts("table.rows thead th a"), ["Name"]);
    assert_eq!(page.count(".chips .chip"), 1);
    // An unreadable query is an empty view.
    app.db
        .execute("UPDATE bailiwick_views SET query = 'size=many&=%FF'");
    let page = alice.page(&view).await;
    assert!(
        page.text(".notice").starts_with("One part"),
        "{}",
        page.text(".notice")
    );
}

#[tokio::test]
async fn addresses_that_name_no_view_are_refused() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for (view, status) in [
        ("0", 404),
        ("-1", 404),
        ("99999999", 404),
        ("x", 400),
        ("1e3", 400),
    ] {
        alice
            .get(&format!("{ORDERS}?view={view}"))
            .await
            .expect(status);
        alice
            .get_json(&format!("{ORDERS}?view={view}"))
            .await
            .expect(status);
    }
    alice.get(&format!("{ORDERS}?view=")).await.expect(200);
    alice.get(&format!("{ORDERS}?view=all")).await.expect(200);
}
