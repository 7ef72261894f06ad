//! Columns of referenced rows, related rows and facets reveal nothing beyond the permits.

use crate::support::TestApp;
use serde_json::Value as Json;

#[tokio::test]
async fn a_path_ends_where_the_permit_does() {
    let app = TestApp::shared().await;
    let bob = app.sign_in("bob").await;
    // He sees all orders, but only the customers of his region.
    let list = bob
        .json("/admin/data/orders?columns=id,customer_id.region,customer_id.name&size=500")
        .await;
    let rows = list["rows"].as_array().unwrap();
    let shown = rows
        .iter()
        .filter(|row| row.get("customer_id.region").is_some());
    let mut count = 0;
    for row in shown {
        assert_eq!(row["customer_id.region"], "emea", "{row}");
        count += 1;
    }
    assert!(count > 0 && count < rows.len(), "{count}");
    for (query, condition) in [
        ("f.customer_id.region=eq:apac", "1 = 0"),
        ("f.customer_id.region=ne:emea", "1 = 0"),
        ("f.customer_id.region=null", "1 = 0"),
        (
            "f.customer_id.name=notnull",
            "customer_id IN (SELECT id FROM customers WHERE region = 'emea')",
        ),
    ] {
        let list = bob.json(&format!("/admin/data/orders?{query}")).await;
        let all = app
            .db
            .number(&format!("SELECT count(*) FROM orders WHERE {condition}"));
        assert_eq!(list["count"]["value"], all, "{query}");
    }
    // In an order by it, invisible ones are together, whatever their names.
    let list = bob
        .json("/admin/data/orders?columns=id,customer_id.name&sort=customer_id.name&size=500")
        .await;
    let shown: Vec<bool> = list["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row.get("customer_id.name").is_some())
        .collect();
    let changes = shown.windows(2).filter(|two| two[0] != two[1]).count();
    assert!(changes <= 1, "{changes}");
    let facets = bob
        .json("/admin/data/orders/facets?column=customer_id.region")
        .await;
    let values: Vec<&Json> = facets["values"].as_array().unwrap().iter().collect();
    assert_eq!(values.len(), 1, "{facets}");
    assert_eq!(values[0]["value"], "emea");
    // An export contains the same.
    let csv = bob
        .get("/admin/data/orders/export.csv?columns=id,customer_id.region")
        .await
        .expect(200)
        .text();
    let lines = csv.lines().skip(1);
    let regions: Vec<&str> = lines
        .filter_map(|line| line.split(',').nth(1))
        .map(|region| region.trim_matches('"'))
        .collect();
    assert!(regions.iter().all(|region| matches!(*region, "" | "emea")));
    assert!(regions.contains(&"emea") && regions.contains(&""));
}

#[tokio::test]
async fn what_may_not_be_read_there_is_as_what_does_not_exist() {
    let app = TestApp::shared().await;
    let bob = app.sign_in("bob").await;
    let told = |text: &str, hidden: &str| text.replace(hidden, "X");
    for pattern in [
        "orders?f.employee_id.X=gt:1",
        "orders?f.employee_id.X=last:x",
        "orders?sort=employee_id.X",
        "orders?columns=id,employee_id.X",
        "orders/facets?column=employee_id.X",
        "orders/export.csv?columns=id,employee_id.X",
        "orders?f.employee_id.department_id.X=eq:1",
    ] {
        let ask = async |name: &str| {
            let path = format!("/admin/data/{}", pattern.replace('X', name));
            let answer = bob.get_json(&path).await.expect(400);
            told(&answer.json()["detail"].to_string(), name)
        };
        assert_eq!(
            ask("salary").await,
            ask("nothing_like_it").await,
            "{pattern}"
        );
    }
    // He has no right to departments, and employees reference them.
    let ask = async |name: &str| {
        let path = format!("/admin/data/employees?has.{name}=any");
        let answer = bob.get_json(&path).await.expect(400);
        told(&answer.json()["detail"].to_string(), name)
    };
    assert_eq!(ask("departments").await, ask("nothing").await);
    for (page, kept) in [("orders", "salary"), ("employees", "department_id.")] {
        let page = bob.page(&format!("/admin/data/{page}")).await;
        let mut offered = page.attributes("#filter-column option", "value");
        offered.extend(page.attributes("input[name=columns]", "value"));
        assert!(
            offered.iter().all(|name| !name.contains(kept)),
            "{offered:?}"
        );
    }
}

#[tokio::test]
async fn only_rows_in_reach_count() {
    let roles = "[roles.admin]\ngroups = [\"admins\"]\n[[roles.admin.grants]]\non = [\"*\"]\nmay = [\"view\"]\n
        [roles.some]\ngroups = [\"editors\"]\n[[roles.some.grants]]\non = [\"customers\"]\nmay = [\"view\"]\n
        [[roles.some.grants]]\non = [\"orders\"]\nmay = [\"view\"]\nrows = [\"status=eq:paid\"]\n
        [roles.other]\ngroups = [\"viewers\"]\n[[roles.other.grants]]\non = [\"customers\"]\nmay = [\"view\"]\n
        [[roles.other.grants]]\non = [\"orders\"]\nmay = [\"view\"]\nhide = [\"customer_id\"]\n";
    let app = TestApp::builder().roles(roles).start().await;
    let bob = app.sign_in("bob").await;
    let paid = "(SELECT count(*) FROM orders WHERE customer_id = customers.id AND status = 'paid')";
    for (test, condition) in [
        ("any", "> 0"),
        ("none", "= 0"),
        ("ge:2", ">= 2"),
        ("le:1", "<= 1"),
    ] {
        let list = bob
            .json(&format!("/admin/data/customers?has.orders={test}"))
            .await;
        let sql = format!("SELECT count(*) FROM customers WHERE {paid} {condition}");
        assert_eq!(list["count"]["value"], app.db.number(&sql), "{test}");
    }
    // Without the right to the referencing column, she learns nothing of it.
    let carol = app.sign_in("carol").await;
    let known = carol
        .get_json("/admin/data/customers?has.orders=any")
        .await
        .expect(400);
    assert!(known.text().contains("no related rows"), "{known:?}");
    carol
        .get_json("/admin/data/orders?columns=id,customer_id.name")
        .await
        .expect(400);
}
