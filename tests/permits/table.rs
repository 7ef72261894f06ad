//! The whole table of rights: every route, verb and kind of role. Each is tried on an own row, a
//! foreign row and a hidden column. The table is compared with real requests, as pages and as JSON.

use crate::routes::{OWN, PATHS};
use crate::support::{Answer, Client, TestApp};
use bailiwick::demo::provider::{Person, demo_people};
use std::collections::BTreeSet;

/// Roles by their verbs on the customers of a region, with all columns but the notes.
const ROLES: [(&str, &str); 12] = [
    ("viewer", "view"),
    ("creator", "view create"),
    ("editor", "view edit"),
    ("deleter", "view delete"),
    ("exporter", "view export"),
    ("reader", "view history"),
    ("importer", "view edit import"),
    ("all", "view create edit delete export import history"),
    // Without view, only creating rows is possible.
    ("blind", "edit delete export import history"),
    ("scribe", "create"),
    ("keeper", ""),
    ("nobody", "-"),
];

/// The content of the hidden column.
const CANARY: &str = "canary-notes-5521";

fn roles() -> String {
    let mut toml = String::from(
        "[roles.admin]\ngroups = [\"admins\"]\nmanage = [\"roles\", \"sessions\"]\n\
         [[roles.admin.grants]]\non = [\"*\"]\n\
         may = [\"view\", \"create\", \"edit\", \"delete\", \"export\", \"import\", \"history\"]\n",
    );
    for (role, verbs) in ROLES {
        if role == "nobody" {
            continue;
        }
        toml += &format!("[roles.{role}]\ngroups = [\"{role}s\"]\n");
        if role == "keeper" {
            toml += "manage = [\"roles\"]\n";
            continue;
        }
        let verbs: Vec<String> = verbs.split(' ').map(|verb| format!("\"{verb}\"")).collect();
        toml += &format!(
            "[[roles.{role}.grants]]\non = [\"customers\"]\nmay = [{}]\nhide = [\"notes\"]\n\
             rows = [\"region=eq:{{claim.region}}\"]\n",
            verbs.join(", ")
        );
    }
    toml
}

fn people() -> Vec<Person> {
    let mut people = demo_people();
    for (role, _) in ROLES {
        let mut person = Person::new(role, role, &format!("{role}@example.com"));
        person.groups = vec![format!("{role}s")];
        person.claims.insert("region".into(), "emea".into());
        people.push(person);
    }
    people
}

async fn app() -> TestApp {
    TestApp::builder()
        .roles(&roles())
        .people(people())
        .prepare(|db| db.execute(&format!("UPDATE customers SET notes = '{CANARY}'")))
        .start()
        .await
}

fn gives(verbs: &str, verb: &str) -> bool {
    let has = |verb: &str| verbs.split(' ').any(|given| given == verb);
    has(verb) && (matches!(verb, "view" | "create") || has("view"))
}

/// The requested row.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Row {
    Own,
    Foreign,
    Missing,
}

/// The expected status, written from the specification, not from the code.
fn expected(verbs: &str, (method, path, right): (&str, &str, &str), row: Row) -> &'static [u16] {
    if !gives(verbs, right) {
        return &[403];
    }
    let is_of_a_row = path.starts_with("/row/");
    match (method, path, row) {
        // A column that is not a file, and a hidden one.
        _ if path.contains("/file/") => &[404],
        _ if is_of_a_row && row != Row::Own => &[404],
        // A browser is redirected to the list.
        ("GET", "/count", _) => &[200, 302],
        ("GET", path, _) if path.starts_with("/filter") || path == "/bulk" => &[302],
        // Without an action, and without a valid parameter.
        ("POST", "/bulk" | "/import", _) => &[400],
        ("POST", "/views" | "/views/start" | "/views/columns", _) => &[400],
        ("POST", "/views/0", _) => &[404],
        ("GET", ..) => &[200],
        // Without its fields, and with the digest of another version.
        ("POST", "/new", _) => &[422],
        ("POST", path, _) if path.ends_with("/edit") => &[303, 409, 422],
        ("POST", ..) => &[409],
        _ => &[],
    }
}

async fn ask(client: &Client, method: &str, link: &str, json: bool, is_nobody: bool) -> Answer {
    let fields: &[(&str, &str)] = if link.ends_with("/new") {
        &[]
    } else {
        &[("row_digest", "-"), ("city", "Elsewhere")]
    };
    match (method, json) {
        // The denied page has a CSRF token as well.
        ("POST", _) if is_nobody => client.post_bare(link, fields).await,
        ("POST", true) => client.post_json(link, fields).await,
        ("POST", false) => client.post_form(link, fields).await,
        (_, true) => client.get_json(link).await,
        (_, false) => client.get(link).await,
    }
}

#[tokio::test]
async fn every_route_answers_each_role_as_the_table_says() {
    let app = app().await;
    let of = |test: &str| {
        let sql = format!("SELECT min(id) FROM customers WHERE region {test} 'emea'");
        app.db.number(&sql)
    };
    let rows = [
        (Row::Own, of("=")),
        (Row::Foreign, of("<>")),
        (Row::Missing, 99_999_999),
    ];
    let mut cases = 0;
    for (role, verbs) in ROLES {
        let client = app.sign_in(role).await;
        for (method, path, right) in PATHS {
            for (row, key) in rows {
                let is_of_a_row = path.contains("/row/1");
                if !is_of_a_row && row != Row::Own {
                    continue;
                }
                let path_of_row = path.replace("/row/1", &format!("/row/{key}"));
                let path_of_row = path_of_row.replace("/file/content", "/file/notes");
                let link = format!("/admin/data/customers{path_of_row}");
                for json in [false, true] {
                    let answer = ask(&client, method, &link, json, role == "nobody").await;
                    let wanted = expected(verbs, (method, path, right), row);
                    let case = format!("{role}: {method} {link} ({row:?}, json: {json})");
                    assert!(wanted.contains(&answer.status), "{case}: {answer:?}");
                    assert!(!answer.text().contains(CANARY), "{case}: {answer:?}");
                    if answer.status == 403 && role != "nobody" {
                        names_the_right(&answer, right, json, &case);
                    }
                    cases += 1;
                }
            }
        }
    }
    assert!(cases > 600, "{cases}");
}

#[tokio::test]
async fn what_is_done_to_many_rows_takes_the_right_to_do_it_to_one() {
    let app = app().await;
    let own = app
        .db
        .number("SELECT min(id) FROM customers WHERE region = 'emea'");
    let (own, foreign) = (
        own.to_string(),
        app.db
            .number("SELECT min(id) FROM customers WHERE region <> 'emea'")
            .to_string(),
    );
    for (role, verbs) in ROLES {
        let client = app.sign_in(role).await;
        for (action, right, done) in [
            ("edit", "edit", 200),
            ("delete", "delete", 200),
            ("export", "export", 303),
        ] {
            let fields = [
                ("action", action),
                ("key", &own),
                ("key", &foreign),
                ("set.city", "Elsewhere"),
            ];
            let fields = match action {
                "edit" => &fields[..],
                _ => &fields[..3],
            };
            for json in [false, true] {
                let link = "/admin/data/customers/bulk";
                let answer = match (json, role) {
                    (_, "nobody") => client.post_bare(link, fields).await,
                    (true, _) => client.post_json(link, fields).await,
                    (false, _) => client.post_form(link, fields).await,
                };
                let case = format!("{role}: {action}, json: {json}");
                let wanted = if gives(verbs, right) { done } else { 403 };
                assert_eq!(answer.status, wanted, "{case}: {answer:?}");
                assert!(!answer.text().contains(CANARY), "{case}: {answer:?}");
                if answer.status == 403 && role != "nobody" {
                    names_the_right(&answer, right, json, &case);
                }
                if answer.status == 200 && json {
                    let told = answer.json();
                    let refused = told["refused"].as_array().unwrap();
                    let is_refused = |key: &String| refused.iter().any(|one| one["key"] == **key);
                    assert!(is_refused(&foreign), "{case}: {told}");
                }
            }
        }
        // A hidden column cannot be set, and the response is that of a missing column.
        let hidden = [("action", "edit"), ("key", &own), ("set.notes", "x")];
        if role != "nobody" {
            let answer = client
                .post_json("/admin/data/customers/bulk", &hidden)
                .await;
            let wanted = if gives(verbs, "edit") { 400 } else { 403 };
            assert_eq!(answer.status, wanted, "{role}: {answer:?}");
        }
    }
}

fn names_the_right(answer: &Answer, right: &str, json: bool, case: &str) {
    if json {
        let problem = answer.json();
        let detail = problem["detail"].as_str().unwrap();
        // Without view, the message names view or the verb itself.
        let named = |verb: &str| detail.contains(&format!("\u{201c}{verb}\u{201d}"));
        assert!(named(right) || named("view"), "{case}: {detail}");
    } else {
        let missing = answer.page().text("dl.facts code");
        let wanted = [format!("{right} on customers"), "view on customers".into()];
        assert!(wanted.contains(&missing), "{case}: {missing}");
    }
}

#[tokio::test]
async fn a_column_that_is_kept_from_a_role_is_neither_read_nor_asked_nor_written() {
    let app = app().await;
    let own = app
        .db
        .number("SELECT min(id) FROM customers WHERE region = 'emea'");
    for (role, verbs) in ROLES {
        let client = app.sign_in(role).await;
        let asked = [
            ("view", "?sort=notes"),
            ("view", "?f.notes=notnull"),
            ("view", "?or.1.notes=contains:canary&or.1.id=eq:1"),
            ("view", "/filter?column=notes&op=notnull"),
            ("view", "?columns=id,notes"),
            ("view", "/count?f.notes=notnull"),
            ("export", "/export.csv?columns=notes"),
            ("export", "/export.csv?f.notes=notnull"),
            ("export", "/export.jsonl?sort=notes"),
        ];
        for (right, path) in asked {
            for json in [false, true] {
                let link = format!("/admin/data/customers{path}");
                let answer = ask(&client, "GET", &link, json, false).await;
                let wanted = if gives(verbs, right) { 400 } else { 403 };
                assert_eq!(answer.status, wanted, "{role}: {link}: {answer:?}");
                assert!(!answer.text().contains(CANARY), "{role}: {link}");
            }
        }
        let found = client.get_json("/admin/data/customers?q=canary").await;
        if gives(verbs, "view") {
            assert_eq!(found.json()["count"]["value"], 0, "{role}: {found:?}");
        }
        if gives(verbs, "edit") {
            let edit = format!("/admin/data/customers/row/{own}/edit");
            let form = client.form(&edit).await;
            assert_eq!(form.get("notes"), None, "{role}");
            let answer = client.submit(&form.add("notes", "forged")).await;
            assert!(matches!(answer.status, 303 | 403), "{role}: {answer:?}");
        }
        if gives(verbs, "create") {
            let fields = [
                ("name", "X"),
                ("email", "x@example.com"),
                ("region", "emea"),
                ("city", "Y"),
                ("country", "Z"),
                ("notes", "forged"),
            ];
            let answer = client.post_form("/admin/data/customers/new", &fields).await;
            // The same as for any field that is not in the form.
            assert!(
                matches!(answer.status, 303 | 403 | 422),
                "{role}: {answer:?}"
            );
        }
    }
    let forged = "SELECT count(*) FROM customers WHERE notes = 'forged'";
    assert_eq!(app.db.number(forged), 0);
    let kept = format!("SELECT count(*) FROM customers WHERE notes = '{CANARY}'");
    let made = "SELECT count(*) FROM customers WHERE notes IS NULL AND name = 'X'";
    let all = "SELECT count(*) FROM customers";
    assert_eq!(
        app.db.number(&kept) + app.db.number(made),
        app.db.number(all)
    );
}

#[tokio::test]
async fn the_pages_of_the_panel_itself_follow_the_table() {
    let app = app().await;
    let mut all: Vec<&str> = ROLES.iter().map(|(role, _)| *role).collect();
    all.push("alice");
    for role in all {
        let client = app.sign_in(role).await;
        for (method, path, right) in OWN {
            let link = format!("/admin{path}");
            let is_given = match right {
                "manage roles" => matches!(role, "keeper" | "alice"),
                "manage sessions" => role == "alice",
                _ => role != "nobody",
            };
            for json in [false, true] {
                let answer = ask(&client, method, &link, json, role == "nobody").await;
                let wanted: &[u16] = match (method, is_given, path) {
                    // Without the right, a person does not learn whose sessions exist.
                    (_, false, "/sessions/end-person") if role != "nobody" => &[404],
                    (_, false, _) => &[403],
                    (_, true, "/changes/0/undo") => &[404],
                    // Without a role or groups there is nobody to view as.
                    ("POST", true, "/look") => &[400],
                    // No session is given.
                    ("POST", true, "/sessions/end" | "/sessions/end-person") => &[400, 404],
                    _ => &[200, 302, 303],
                };
                let case = format!("{role}: {method} {link}");
                assert!(wanted.contains(&answer.status), "{case}: {answer:?}");
                if answer.status == 403 && role != "nobody" && !json {
                    assert_eq!(answer.page().text("dl.facts code"), right, "{case}");
                }
            }
        }
    }
}

/// The routes in `panel.rs`: method and pattern.
fn routes() -> BTreeSet<(String, String)> {
    let source = include_str!("../../src/panel.rs");
    let start = source.find("pub fn routes(").expect("the routes");
    let body = &source[start..];
    let body = &body[..body.find("\n}\n").expect("their end")];
    let mut routes = BTreeSet::new();
    for service in body.split(".service(").skip(1) {
        let pattern = service.split('"').nth(1).expect("a pattern").to_owned();
        // Only redirects to the address without the slash.
        if pattern == "/{path:.+}/" {
            continue;
        }
        for method in ["get", "post", "put", "patch", "delete"] {
            if service.contains(&format!(".{method}(")) {
                routes.insert((method.to_uppercase(), pattern.clone()));
            }
        }
        let methods = service.matches(".get(").count() + service.matches(".post(").count();
        assert!(methods > 0, "no method of {pattern} can be told");
    }
    routes
}

/// The route pattern of an address in the table.
fn pattern(path: &str) -> String {
    let path = path.split('?').next().unwrap();
    let path = path.replace("/row/1", "/row/{key}");
    let path = path.replace("/file/content", "/file/{column}");
    let path = path.replace("/views/0", "/views/{id}");
    match path.split_once("/export.") {
        Some(_) => "/data/{resource}/export.{format}".to_owned(),
        None => format!("/data/{{resource}}{path}"),
    }
}

#[test]
fn every_route_of_the_panel_is_in_the_table() {
    let of_resources = PATHS
        .iter()
        .map(|(method, path, _)| ((*method).to_owned(), pattern(path)));
    let own = OWN.iter().map(|(method, path, _)| {
        (
            (*method).to_owned(),
            path.replace("/changes/0/", "/changes/{id}/"),
        )
    });
    let table: BTreeSet<(String, String)> = of_resources.chain(own).collect();
    assert_eq!(
        routes(),
        table,
        "a route that is new needs its line in PATHS or OWN of tests/routes.rs"
    );
}
