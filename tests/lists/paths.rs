//! Columns of referenced rows, rows that reference others, and most frequent values.

use super::filters::same;
use super::values;
use crate::support::TestApp;
use serde_json::{Value as Json, json};

/// Rows with their columns joined by a bar.
fn joined(app: &TestApp, sql: &str) -> Vec<Vec<String>> {
    let rows = app.db.texts(sql).into_iter().flatten();
    rows.map(|row| row.split('|').map(str::to_owned).collect())
        .collect()
}

#[tokio::test]
async fn lists_are_filtered_by_rows_pointed_at_and_by_rows_that_point_here() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let of =
        |condition: &str| format!("customer_id IN (SELECT id FROM customers WHERE {condition})");
    for (query, condition) in [
        ("f.customer_id.region=eq:emea", of("region = 'emea'")),
        ("f.customer_id.region=ne:emea", of("region <> 'emea'")),
        (
            "f.customer_id.region=in:emea,apac",
            of("region IN ('emea', 'apac')"),
        ),
        (
            "f.customer_id.region=nin:emea,apac",
            of("region NOT IN ('emea', 'apac')"),
        ),
        (
            "f.customer_id.name=nstarts:a",
            of("lower(name) NOT LIKE 'a%'"),
        ),
        (
            "f.customer_id.credit_limit=notnull",
            of("credit_limit IS NOT NULL"),
        ),
        (
            "or.1.customer_id.region=eq:emea&or.1.id=lt:10",
            format!("({} OR id < 10)", of("region = 'emea'")),
        ),
        (
            "f.employee_id.department_id.name=notnull&f.id=lt:50",
            "id < 50 AND employee_id IN (SELECT id FROM employees WHERE department_id IS NOT NULL)"
                .to_owned(),
        ),
        (
            "has.order_items=any",
            "EXISTS (SELECT 1 FROM order_items WHERE order_id = orders.id)".to_owned(),
        ),
        (
            "has.order_items=ge:3&f.id=lt:200",
            "id < 200 AND (SELECT count(*) FROM order_items WHERE order_id = orders.id) >= 3"
                .to_owned(),
        ),
        (
            "has.order_items=le:2",
            "(SELECT count(*) FROM order_items WHERE order_id = orders.id) <= 2".to_owned(),
        ),
    ] {
        same(app, &alice, "orders", query, &condition).await;
    }
    let none = "NOT EXISTS (SELECT 1 FROM employees e WHERE e.manager_id = employees.id)";
    same(app, &alice, "employees", "has.employees=none", none).await;
}

#[tokio::test]
async fn a_list_shows_and_is_sorted_by_columns_of_rows_pointed_at() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let truth = joined(
        app,
        "SELECT number || '|' || name || '|' || region FROM orders JOIN customers
         ON customers.id = customer_id ORDER BY name DESC, orders.id DESC LIMIT 60",
    );
    let query = "sort=-customer_id.name&columns=number,customer_id.name,customer_id.region";
    let (mut found, mut path) = (Vec::new(), format!("/admin/data/orders?{query}&size=20"));
    for _ in 0..3 {
        let list = alice.json(&path).await;
        for row in list["rows"].as_array().unwrap() {
            let text = |key: &str| row[key].as_str().map(str::to_owned);
            found.push(vec![
                text("number"),
                text("customer_id.name"),
                text("customer_id.region"),
            ]);
        }
        let next = list["next"].as_str().unwrap();
        path = format!("/admin/data/orders?{query}&size=20&after={next}");
    }
    let found: Vec<Vec<String>> = found
        .into_iter()
        .map(|row| row.into_iter().flatten().collect())
        .collect();
    assert_eq!(found, truth);
    let page = alice.page(&format!("/admin/data/orders?{query}")).await;
    assert_eq!(page.text("th[aria-sort=descending]"), "Customer: Name");
    assert_eq!(page.column("Customer: Region")[0], truth[0][2]);
    // Exports include them too.
    let csv = alice
        .get(&format!("/admin/data/orders/export.csv?{query}"))
        .await
        .expect(200)
        .text();
    let mut lines = csv.lines();
    assert_eq!(
        lines.next(),
        Some("number,customer_id.name,customer_id.region")
    );
    assert!(lines.next().unwrap().contains(&truth[0][0]));
    let all = alice
        .get(&format!(
            "/admin/data/orders/export.json?{query}&labels=both&f.id=le:5"
        ))
        .await
        .expect(200)
        .json();
    assert_eq!(all.as_array().unwrap().len(), 5);
    assert!(all[0]["customer_id.region"].is_string(), "{all}");
}

#[tokio::test]
async fn what_is_no_path_is_no_column() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    for query in [
        "f.customer_id.nope=eq:1",
        "f.nope.name=eq:1",
        "f.customer_id.=eq:1",
        "f.employee_id.manager_id.manager_id.manager_id.name=eq:1",
        "sort=customer_id.nope",
        "columns=number,customer_id.nope",
        "has.nope=any",
        "has.order_items=some",
        "has.order_items=ge:-1",
        "has.order_items=ge:99999999999",
    ] {
        let told = alice
            .get_json(&format!("/admin/data/orders?{query}"))
            .await
            .expect(400);
        let parameter = query.split('=').next().unwrap();
        assert!(told.text().contains(parameter), "{query}: {told:?}");
    }
    let many: Vec<String> = (0..21).map(|_| "employee_id.name".to_owned()).collect();
    alice
        .json(&format!("/admin/data/orders?columns={}", many.join(",")))
        .await;
    let page = alice
        .get("/admin/data/orders?has.order_items=some&f.status=eq:paid")
        .await;
    let page = page.expect(400).page();
    assert!(
        page.text("#filter-value-error")
            .contains("not a number of rows")
    );
    assert_eq!(page.column("Number").len(), 50);
}

#[tokio::test]
async fn all_of_it_is_done_by_forms_without_scripts() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/orders").await;
    let offered = page.attributes("#filter-column optgroup option", "value");
    for name in ["customer_id.region", "employee_id.name", "has.order_items"] {
        assert!(offered.iter().any(|it| it == name), "{name}: {offered:?}");
    }
    let form = page.form_of("form.filter");
    for (column, op, value, wanted, chip) in [
        (
            "customer_id.region",
            "eq",
            "emea",
            "f.customer_id.region=eq%3Aemea",
            "Customer: Region is emea",
        ),
        (
            "has.order_items",
            "any",
            "",
            "has.order_items=any",
            "Order items: some",
        ),
        (
            "has.order_items",
            "ge",
            "3",
            "has.order_items=ge%3A3",
            "Order items: 3 or more",
        ),
        (
            "has.order_items",
            "none",
            "",
            "has.order_items=none",
            "Order items: none",
        ),
        (
            "placed_at",
            "this",
            "year",
            "f.placed_at=this%3Ayear",
            "Placed at is in this year: ",
        ),
    ] {
        let form = form
            .clone()
            .set("column", column)
            .set("op", op)
            .set("value", value);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(form.fields.iter().filter(|(name, _)| name != "tz"));
        let answer = alice
            .get(&format!("{}?{}", form.action, query.finish()))
            .await
            .expect(302);
        assert_eq!(
            answer.header("location"),
            format!("/admin/data/orders?{wanted}")
        );
        let page = alice.follow(answer).await.expect(200).page();
        let chips = page.texts("ul.chips li.chip > span");
        assert!(chips[0].starts_with(chip), "{chips:?}");
    }
    let columns = page.attributes("form[aria-label=\"Choose columns\"] details input", "value");
    assert!(
        columns.iter().any(|it| it == "customer_id.region"),
        "{columns:?}"
    );
    let page = alice
        .page("/admin/data/orders?columns=number&columns=customer_id.region")
        .await;
    assert_eq!(page.count("thead th[scope=col]:not(.is-tick)"), 2);
    let ticked = page.attributes(
        "form[aria-label=\"Choose columns\"] input[checked]",
        "value",
    );
    assert_eq!(ticked, ["number", "customer_id.region"]);
}

#[tokio::test]
async fn the_commonest_values_come_with_their_counts() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let told = |facets: &Json| -> Vec<(String, u64)> {
        let values = facets["values"].as_array().unwrap().iter();
        values
            .map(|it| {
                (
                    it["label"].as_str().unwrap().to_owned(),
                    it["count"].as_u64().unwrap(),
                )
            })
            .collect()
    };
    for (query, sql) in [
        (
            "column=status",
            "SELECT status || '|' || count(*) FROM orders GROUP BY status",
        ),
        (
            "column=status&f.id=lt:100",
            "SELECT status || '|' || count(*) FROM orders WHERE id < 100 GROUP BY status",
        ),
        (
            "column=customer_id.region&f.status=eq:paid",
            "SELECT region || '|' || count(*) FROM orders JOIN customers ON customers.id = customer_id
             WHERE status = 'paid' GROUP BY region",
        ),
        (
            "column=customer_id&f.id=lt:8",
            "SELECT name || '|' || count(*) FROM orders JOIN customers ON customers.id = customer_id
             WHERE orders.id < 8 GROUP BY customers.id, name",
        ),
    ] {
        let facets = alice
            .json(&format!("/admin/data/orders/facets?{query}"))
            .await;
        let mut found = told(&facets);
        assert!(found.windows(2).all(|two| two[0].1 >= two[1].1), "{facets}");
        let mut wanted: Vec<(String, u64)> = joined(app, sql)
            .into_iter()
            .map(|row| (row[0].clone(), row[1].parse().unwrap()))
            .collect();
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted, "{query}");
        let all: u64 = wanted.iter().map(|it| it.1).sum();
        assert_eq!(
            facets["of"],
            json!({ "kind": "exact", "value": all }),
            "{query}"
        );
    }
    for query in [
        "",
        "column=nope",
        "column=customer_id.nope",
        "column=status&f.id=eq:x",
        "column=status&x=1",
    ] {
        alice
            .get_json(&format!("/admin/data/orders/facets?{query}"))
            .await
            .expect(400);
    }
    let page = alice.page("/admin/data/orders?f.status=eq:paid").await;
    let facets = page.attribute("[data-filter]", "data-facets");
    assert_eq!(facets, "/admin/data/orders/facets?f.status=eq%3Apaid");
}

#[tokio::test]
async fn a_search_goes_to_rows_pointed_at() {
    let app = TestApp::builder()
        .settings("[resources.orders]\nsearch = [\"number\", \"customer_id.name\", \"employee_id.department_id.name\"]")
        .start()
        .await;
    app.db
        .execute("UPDATE customers SET name = 'Quagga 50% Ltd' WHERE id = 3");
    let wanted = app
        .db
        .number("SELECT count(*) FROM orders WHERE customer_id = 3");
    for client in ["alice", "bob"] {
        let client = app.sign_in(client).await;
        let list = client
            .json("/admin/data/orders?q=quagga%2050%25&size=500")
            .await;
        let seen = client.get_json("/admin/data/customers/row/3").await.status == 200;
        let wanted = if seen { wanted } else { 0 };
        assert_eq!(values(&list, "id").len() as i64, wanted);
    }
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/data/orders").await;
    let said = page.attribute("input[type=search]", "placeholder");
    assert!(said.contains("customer: name"), "{said}");
}
