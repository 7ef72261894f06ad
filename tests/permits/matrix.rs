//! The rights as a table, compared with real requests.

use crate::routes::{PATHS, RESOURCES};
use crate::support::TestApp;

/// The rights from the demo's roles: person, resource, verbs.
const GIVEN: [(&str, &[&str], &str); 5] = [
    (
        "alice",
        &RESOURCES,
        "view create edit delete export import history",
    ),
    (
        "bob",
        &[
            "customers",
            "orders",
            "order_items",
            "products",
            "tags",
            "product_tags",
        ],
        "view create edit export history",
    ),
    ("bob", &["employees"], "view"),
    (
        "carol",
        &["products", "orders", "order_items", "customers"],
        "view",
    ),
    ("dave", &[], ""),
];

/// Resources that nobody can change.
const READ_ONLY: [&str; 2] = ["audit", "monthly_sales"];

fn is_given(person: &str, resource: &str, right: &str) -> bool {
    let changes = matches!(right, "create" | "edit" | "delete" | "import");
    let given = GIVEN.iter().any(|(who, on, verbs)| {
        *who == person && on.contains(&resource) && verbs.split(' ').any(|verb| verb == right)
    });
    given && !(changes && READ_ONLY.contains(&resource))
}

#[tokio::test]
async fn every_address_answers_as_the_table_of_rights_says() {
    let app = TestApp::start().await;
    for person in ["alice", "bob", "carol", "dave"] {
        let client = app.sign_in(person).await;
        for resource in RESOURCES {
            for (method, path, right) in PATHS {
                let link = format!("/admin/data/{resource}{path}");
                let answer = match method {
                    // Without a digest or fields, nothing is written.
                    "POST" if person == "dave" => client.post_bare(&link, &[]).await,
                    "POST" if right == "delete" => {
                        client.post_form(&link, &[("row_digest", "-")]).await
                    }
                    "POST" => client.post_form(&link, &[]).await,
                    _ => client.get(&link).await,
                };
                let case = format!("{person}: {method} {link}");
                if is_given(person, resource, right) {
                    assert!(
                        matches!(answer.status, 200 | 302 | 303 | 400 | 404 | 409 | 422),
                        "{case}: {answer:?}"
                    )
                } else {
                    assert_eq!(answer.status, 403, "{case}: {answer:?}");
                    if person != "dave" {
                        let missing = format!("{right} on {resource}");
                        assert_eq!(answer.page().text("dl.facts code"), missing, "{case}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn a_denial_names_the_right_and_is_in_the_audit() {
    let app = TestApp::start().await;
    let carol = app.sign_in("carol").await;
    let answer = carol.get("/admin/data/orders/row/1/edit").await.expect(403);
    let page = answer.page();
    assert_eq!(page.text("dl.facts code"), "edit on orders");
    assert!(page.text("main").contains("Viewer"));
    let reference = page.reference();
    let problem = carol
        .get_json("/admin/data/settings")
        .await
        .expect(403)
        .json();
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("\u{201c}view\u{201d}"),
        "{problem}"
    );
    let denied = app.audit("denied");
    assert_eq!(denied.len(), 2, "{denied:?}");
    assert_eq!(denied[1], format!("Carol Meyer|viewer|orders||{reference}"));
    assert_eq!(
        denied[0],
        format!(
            "Carol Meyer|viewer|settings||{}",
            problem["request_id"].as_str().unwrap()
        )
    );
}

#[tokio::test]
async fn my_access_says_what_i_may_and_why() {
    let app = TestApp::shared().await;
    let bob = app.sign_in("bob").await;
    let page = bob.page("/admin/me").await;
    let text = page.text("main");
    for part in ["Bob Berger", "editors", "Editor", "Salary", "region"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}
