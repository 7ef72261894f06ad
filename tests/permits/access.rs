//! The access page: the table of rights, one role, people and groups; and the same on "My access".

use crate::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn it_is_for_those_who_manage_roles() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let home = alice.page("/admin/").await;
    assert!(home.has("nav#menu a[href='/admin/access']"));
    for person in ["bob", "carol"] {
        let client = app.sign_in(person).await;
        let home = client.page("/admin/").await;
        assert!(!home.has("a[href='/admin/access']"), "{person}");
        for query in ["", "?role=admin", "?show=people", "?groups=admins", "?x=1"] {
            let path = format!("/admin/access{query}");
            let answer = client.get(&path).await.expect(403);
            assert_eq!(answer.page().text("dl.facts code"), "manage roles");
            let problem = client.get_json(&path).await.expect(403).json();
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains("manage = [\"roles\"]"), "{detail}");
        }
    }
    assert_eq!(app.audit("denied").len(), 20);
}

#[tokio::test]
async fn the_matrix_says_which_verbs_and_by_which_rule() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let all = alice.json("/admin/access").await;
    let names: Vec<&str> = all["roles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|role| role["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["admin", "editor", "viewer"]);
    let of = |resource: &str, role: &str| {
        let resources = all["resources"].as_array().unwrap();
        let found = resources.iter().find(|known| known["name"] == resource);
        found.unwrap()["roles"][role].clone()
    };
    assert_eq!(of("orders", "viewer")["may"], json!(["view"]));
    assert_eq!(of("settings", "viewer")["may"], json!([]));
    let customers = of("customers", "editor");
    assert_eq!(
        customers["may"],
        json!(["view", "create", "edit", "export", "history"])
    );
    assert_eq!(customers["notes"], json!(["some rows"]));
    assert_eq!(customers["rules"][0]["source"], "role editor, grant 2");
    assert_eq!(
        customers["rules"][0]["rows"],
        json!(["Region is the claim region"])
    );
    assert_eq!(of("employees", "editor")["hidden"], json!(["Salary"]));
    assert_eq!(
        of("monthly_sales", "admin")["may"],
        json!(["view", "export", "history"])
    );
    assert_eq!(of("manage roles", "admin")["may"], json!(["manage"]));
    assert_eq!(of("manage roles", "editor")["may"], json!([]));
    let page = alice.page("/admin/access").await;
    let rows = page.texts("table.grid tbody th[scope=row]");
    assert_eq!(rows.len(), crate::routes::RESOURCES.len() + 2);
    let text = page.text("table.grid");
    for part in [
        "Editor",
        "view, create, edit, export, history",
        "role editor, grant 2",
        "Region is the claim region",
        "1 column hidden",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[tokio::test]
async fn the_matrix_agrees_with_what_is_given() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let all = alice.json("/admin/access").await;
    for (person, role) in [("alice", "admin"), ("bob", "editor"), ("carol", "viewer")] {
        let client = app.sign_in(person).await;
        let own = client.json("/admin/me").await;
        for resource in all["resources"].as_array().unwrap() {
            let name = resource["name"].as_str().unwrap();
            let may = &resource["roles"][role]["may"];
            let own = &own["resources"][name]["may"];
            if !name.starts_with("manage") {
                let none = json!([]);
                assert_eq!(
                    may,
                    if own.is_null() { &none } else { own },
                    "{person} {name}"
                );
            }
        }
    }
}

#[tokio::test]
async fn resources_are_found_by_their_names() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let page = alice.page("/admin/access?find=ORDER").await;
    assert_eq!(
        page.texts("table.grid tbody th[scope=row]"),
        ["Order items", "Orders"]
    );
    let empty = alice.page("/admin/access?find=zebra").await;
    assert!(empty.has(".empty") && empty.has("a[href='/admin/access']"));
    let role = alice.page("/admin/access?role=editor&find=customers").await;
    assert_eq!(role.texts("ul.matrix h3"), ["Customers"]);
    assert!(
        role.text("ul.matrix")
            .contains("Region is the claim region")
    );
    alice.get("/admin/access?role=nothing").await.expect(400);
    for wrong in [
        "page=0",
        "other=1",
        "claim.other=x&groups=a",
        "provider=x&groups=a",
    ] {
        let answer = alice.get(&format!("/admin/access?{wrong}")).await;
        assert_eq!(answer.status, 400, "{wrong}: {answer:?}");
    }
}

#[tokio::test]
async fn many_roles_and_resources_come_in_pages() {
    let mut roles = String::new();
    for number in 0..21 {
        roles += &format!("[roles.r{number:02}]\ngroups = [\"g{number}\"]\n");
    }
    roles += "[roles.admin]\ngroups = [\"admins\"]\nmanage = [\"roles\"]\n";
    roles += "[[roles.admin.grants]]\non = [\"*\"]\nmay = [\"view\"]\n";
    let app = TestApp::builder()
        .roles(&roles)
        .prepare(|db| {
            for number in 0..130 {
                db.execute(&format!(
                    "CREATE TABLE many_{number:03} (id integer PRIMARY KEY)"
                ));
            }
        })
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let mut seen = (Vec::new(), Vec::new());
    let mut next = Some("/admin/access".to_owned());
    while let Some(path) = next {
        let page = alice.json(&path).await;
        let resources = page["resources"].as_array().unwrap();
        assert!(resources.len() <= 102, "{}", resources.len());
        assert_eq!(page["roles"].as_array().unwrap().len(), 8);
        seen.0
            .extend(resources.iter().map(|found| found["name"].clone()));
        next = page["next_page"].as_str().map(str::to_owned);
    }
    assert_eq!(seen.0.len(), crate::routes::RESOURCES.len() + 130 + 2);
    let mut next = Some("/admin/access?find=many_001".to_owned());
    while let Some(path) = next {
        let page = alice.json(&path).await;
        let roles = page["roles"].as_array().unwrap();
        assert!(roles.len() <= 8);
        seen.1.extend(roles.iter().map(|role| role["name"].clone()));
        next = page["next_roles"].as_str().map(str::to_owned);
    }
    assert_eq!(seen.1.len(), 22);
    let page = alice.page("/admin/access").await;
    assert_eq!(page.count("nav.pager"), 2);
}

#[tokio::test]
async fn groups_are_explained_as_a_sign_in_would_take_them() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let form = alice.page("/admin/access?show=groups").await;
    assert!(form.has("textarea[name=groups]") && form.has("input[name='claim.region']"));
    assert!(!form.has("select[name=provider]"), "there is only one");
    let told = alice
        .json("/admin/access?groups=Editors%0A%20viewers%0Aeditors%0Aother&claim.region=apac")
        .await;
    let told = &told["explained"];
    assert_eq!(
        told["groups"],
        json!(["Editors", " viewers", "editors", "other"])
    );
    assert_eq!(told["roles"][0]["name"], "editor");
    assert_eq!(told["roles"][0]["because"], "group editors");
    assert_eq!(
        told["unmapped_groups"],
        json!(["Editors", " viewers", "other"])
    );
    assert_eq!(told["near_misses"][0]["configured"], "viewers");
    let customers = &told["resources"]["customers"];
    assert_eq!(customers["rows"], json!(["Region is apac (claim region)"]));
    assert_eq!(customers["because"], json!(["role editor, grant 2"]));
    let none = alice.page("/admin/access?groups=").await;
    assert!(none.text("main").contains("no group gives a role"));
    let missing = alice
        .page("/admin/access?groups=editors&claim.region=")
        .await;
    assert!(missing.text("main").contains("Claim region did not come"));
    assert_eq!(alice.get("/admin/access?groups=editors").await.status, 200);
}

#[tokio::test]
async fn people_are_looked_up_by_parts_of_their_names() {
    let app = TestApp::start().await;
    for person in ["bob", "carol", "dave"] {
        app.sign_in(person).await;
    }
    let alice = app.sign_in("alice").await;
    let found = async |who: &str| {
        let people = alice
            .json(&format!("/admin/access?show=people&who={who}"))
            .await;
        let people = people["people"].as_array().unwrap().clone();
        let mut names: Vec<String> = people
            .iter()
            .map(|known| known["name"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(found("").await.len(), 4);
    assert_eq!(found("CAROL").await, ["Carol Meyer"]);
    assert_eq!(found("bob%40example").await, ["Bob Berger"]);
    // Wildcards of LIKE are plain text.
    assert!(found("%25").await.is_empty() && found("_").await.is_empty());
    assert!(found("%5C").await.is_empty() && found("%27").await.is_empty());
    let list = alice.json("/admin/access?show=people&who=dave").await;
    let dave = list["people"][0]["href"].as_str().unwrap().to_owned();
    assert_eq!(list["people"][0]["roles"], "no role");
    let told = alice.json(&dave).await["explained"].clone();
    assert_eq!(told["person"]["name"], "Dave Novak");
    assert_eq!(told["roles"], json!([]));
    assert_eq!(told["resources"], json!({}));
    let page = alice.page(&dave).await.text("main");
    assert!(page.contains("no group gives a role"), "{page}");
    alice
        .get("/admin/access?person=https%3A%2F%2Fx.example+nobody")
        .await
        .expect(404);
    alice.get("/admin/access?person=x").await.expect(400);
}

#[tokio::test]
async fn my_access_has_the_rule_behind_each_right() {
    let app = TestApp::shared().await;
    let bob = app.sign_in("bob").await;
    let me = bob.json("/admin/me").await;
    let employees = &me["resources"]["employees"];
    assert_eq!(employees["may"], json!(["view"]));
    assert_eq!(employees["hidden"], json!(["Salary"]));
    assert_eq!(employees["because"], json!(["role editor, grant 3"]));
    let customers = &me["resources"]["customers"];
    assert_eq!(customers["rows"], json!(["Region is emea (claim region)"]));
    assert_eq!(
        customers["rules"][0]["rows"],
        json!(["Region is emea (claim region)"])
    );
    assert_eq!(me["held"][0]["because"], "group editors");
    assert_eq!(me["manages"], json!([]));
    assert!(me["resources"]["settings"].is_null());
    let page = bob.page("/admin/me").await;
    let rules = page.text("ul.matrix details ul.rules");
    assert!(rules.starts_with("role editor, grant"), "{rules}");
    let alice = app.sign_in("alice").await.json("/admin/me").await;
    assert_eq!(alice["manages"], json!(["roles", "sessions"]));
}
