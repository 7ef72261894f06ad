//! Lines in a parent's form: they give no more access than the line's own table.

use crate::support::{Client, TestApp};
use bailiwick::demo::provider::{Person, demo_people};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

const TABLES: &str = "
    CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE l (p_id INTEGER NOT NULL REFERENCES p (id), n INTEGER NOT NULL, a INTEGER, secret INTEGER,
                    PRIMARY KEY (p_id, n));
    INSERT INTO p VALUES (1, 'one'), (2, 'two');
    INSERT INTO l VALUES (1, 1, 1, 77), (1, 2, 4, 77), (1, 3, 9, 77), (2, 1, 1, 77);";

const ROLE: &str = r#"
    [[roles.editor.grants]]
    on = ["p"]
    may = ["view", "edit", "create"]
"#;

/// A panel in which bob sees lines with `a` up to 5. Where `a` is up to 3, he also has the verbs in
/// `may`.
async fn start(may: &str) -> TestApp {
    let grants = format!(
        "[roles.editor]\ngroups = [\"editors\"]\n{ROLE}
         [[roles.editor.grants]]\non = [\"l\"]\nmay = [\"view\"]\nrows = [\"a=le:5\"]\nhide = [\"secret\"]
         [[roles.editor.grants]]\non = [\"l\"]\nmay = [{may}]\nrows = [\"a=le:3\"]\nhide = [\"secret\"]"
    );
    TestApp::builder()
        .roles(&grants)
        .prepare(|db| db.execute(TABLES))
        .start()
        .await
}

fn state(app: &TestApp) -> Vec<String> {
    let sql = "SELECT p_id || ',' || n || ':' || coalesce(CAST(a AS TEXT), '-') || ':' || secret
               FROM l ORDER BY p_id, n";
    app.db.texts(sql).into_iter().flatten().collect()
}

async fn digest(client: &Client) -> String {
    let form = client.json("/admin/data/p/row/1/edit").await;
    form["row_digest"].as_str().unwrap().to_owned()
}

/// The digest of a line, as this person sees it.
async fn line_digest(client: &Client, key: &str) -> Option<String> {
    let form = client.json("/admin/data/p/row/1/edit").await;
    let lines = form["children"]["l"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let line = lines.iter().find(|line| line["key"] == key)?;
    Some(line["row_digest"].as_str().unwrap().to_owned())
}

async fn send(client: &Client, fields: &[(&str, &str)]) -> u16 {
    let digest = digest(client).await;
    let mut all = vec![("row_digest", digest.as_str())];
    all.extend(fields);
    client
        .post_form("/admin/data/p/row/1/edit", &all)
        .await
        .status
}

#[tokio::test]
async fn lines_out_of_reach_are_neither_shown_nor_touched() {
    let app = start("\"edit\", \"create\", \"delete\"").await;
    let bob = app.sign_in("bob").await;
    let before = state(&app);
    let form = bob.json("/admin/data/p/row/1/edit").await;
    let lines = form["children"]["l"].as_array().unwrap();
    let keys: Vec<&str> = lines
        .iter()
        .map(|line| line["key"].as_str().unwrap())
        .collect();
    assert_eq!(keys, ["1,1", "1,2"]);
    assert!(lines.iter().all(|line| line["row"].get("secret").is_none()));
    let page = bob.page("/admin/data/p/row/1/edit").await;
    // Tokens and digests may contain the digits by chance, but not alone.
    for told in ["secret", "\"77\"", ">77<"] {
        assert!(!page.source.contains(told), "{told}");
    }
    // Invisible, of another row, or missing: the same response, and nothing is written.
    for key in ["1,3", "2,1", "1,8"] {
        for deed in [("child.l.0.a", "2"), ("line.l.0.off", "1")] {
            let fields = [
                ("name", "changed"),
                ("line.l.0.key", key),
                ("line.l.0.digest", "x"),
                deed,
            ];
            assert_eq!(send(&bob, &fields).await, 404, "{key} {deed:?}");
        }
    }
    // Visible, but not editable or deletable.
    let seen = line_digest(&bob, "1,2").await.unwrap();
    for deed in [("child.l.0.a", "2"), ("line.l.0.off", "1")] {
        let fields = [("line.l.0.key", "1,2"), ("line.l.0.digest", &seen), deed];
        assert_eq!(send(&bob, &fields).await, 403, "{deed:?}");
    }
    // Not to rows out of the person's reach, and not an invisible column.
    let own = line_digest(&bob, "1,1").await.unwrap();
    let own = [("line.l.0.key", "1,1"), ("line.l.0.digest", own.as_str())];
    assert_eq!(
        send(&bob, &[own[0], own[1], ("child.l.0.a", "4")]).await,
        422
    );
    assert_eq!(send(&bob, &[("child.l.0.a", "4")]).await, 422);
    send(&bob, &[own[0], own[1], ("child.l.0.secret", "1")]).await;
    assert_eq!(state(&app), before);
    assert!(app.audit("update").is_empty() && app.audit("create").is_empty());
    // Covered lines are written; the next number counts every line.
    assert_eq!(
        send(&bob, &[own[0], own[1], ("child.l.0.a", "3")]).await,
        303
    );
    let status = send(&bob, &[("child.l.0.a", "0")]).await;
    assert_eq!(status, 303);
    assert_eq!(state(&app)[0], "1,1:3:77");
    assert_eq!(app.db.number("SELECT a FROM l WHERE p_id = 1 AND n = 4"), 0);
}

#[tokio::test]
async fn each_right_on_lines_is_needed_by_itself() {
    for (may, create, edit, delete) in [
        ("\"edit\"", 403, 303, 403),
        ("\"create\"", 303, 403, 403),
        ("\"delete\"", 403, 403, 303),
    ] {
        let app = start(may).await;
        let bob = app.sign_in("bob").await;
        let own = line_digest(&bob, "1,1").await.unwrap();
        let own = [("line.l.0.key", "1,1"), ("line.l.0.digest", own.as_str())];
        assert_eq!(send(&bob, &[("child.l.0.a", "0")]).await, create, "{may}");
        assert_eq!(
            send(&bob, &[own[0], own[1], ("child.l.0.a", "2")]).await,
            edit,
            "{may}"
        );
        assert_eq!(
            send(&bob, &[own[0], own[1], ("line.l.0.off", "1")]).await,
            delete,
            "{may}"
        );
    }
}

#[tokio::test]
async fn without_the_right_to_view_there_are_no_lines() {
    let roles = format!("[roles.editor]\ngroups = [\"editors\"]\n{ROLE}");
    let app = TestApp::builder()
        .roles(&roles)
        .prepare(|db| db.execute(TABLES))
        .start()
        .await;
    let bob = app.sign_in("bob").await;
    let before = state(&app);
    let form = bob.json("/admin/data/p/row/1/edit").await;
    assert_eq!(form["children"], serde_json::json!({}));
    let fields = [
        ("line.l.0.key", "1,1"),
        ("line.l.0.digest", "x"),
        ("child.l.0.a", "2"),
    ];
    send(&bob, &fields).await;
    assert_eq!(state(&app), before);
}

/// Random grants and forged forms: every write is covered by grants before and after.
#[tokio::test]
async fn no_made_up_line_is_written_beyond_the_grants() {
    let random = &mut StdRng::seed_from_u64(20_261_128);
    let verbs = ["view", "edit", "create", "delete"];
    let mut roles = String::from("[roles.admin]\ngroups = [\"admins\"]\n");
    let mut people = demo_people();
    let mut some: Vec<(String, i64, Vec<&str>)> = Vec::new();
    for number in 0..8 {
        let count = random.gen_range(1..4);
        let mut may: Vec<&str> = verbs.choose_multiple(random, count).copied().collect();
        if !may.contains(&"view") {
            may.push("view");
        }
        let most = random.gen_range(0..6);
        let list: Vec<String> = may.iter().map(|verb| format!("\"{verb}\"")).collect();
        roles += &format!(
            "[roles.r{number}]\ngroups = [\"g{number}\"]\n
             [[roles.r{number}.grants]]\non = [\"p\"]\nmay = [\"view\", \"edit\"]\n
             [[roles.r{number}.grants]]\non = [\"l\"]\nmay = [{}]\nrows = [\"a=le:{most}\"]\n",
            list.join(", ")
        );
        let name = format!("p{number}");
        let mut person = Person::new(&name, &name, "p@example.com");
        person.groups = vec![format!("g{number}")];
        people.push(person);
        some.push((name, most, may));
    }
    let app = TestApp::builder()
        .people(people)
        .roles(&roles)
        .prepare(|db| db.execute(TABLES))
        .start()
        .await;
    let all = || {
        let sql = "SELECT p_id || ',' || n || ' ' || a FROM l ORDER BY p_id, n";
        let rows = app.db.texts(sql).into_iter().flatten();
        rows.map(|row| {
            let (key, a) = row.split_once(' ').unwrap();
            (key.to_owned(), a.parse::<i64>().unwrap())
        })
        .collect::<std::collections::BTreeMap<_, _>>()
    };
    let mut written = 0;
    for (name, most, may) in &some {
        let client = app.sign_in(name).await;
        for _ in 0..24 {
            let before = all();
            let key = ["1,1", "1,2", "1,3", "2,1", "1,9"].choose(random).unwrap();
            let digest = line_digest(&client, key).await.unwrap_or("x".into());
            let a = random.gen_range(0..7).to_string();
            let known = [("line.l.0.key", *key), ("line.l.0.digest", digest.as_str())];
            let status = match random.gen_range(0..3) {
                0 => send(&client, &[known[0], known[1], ("child.l.0.a", &a)]).await,
                1 => send(&client, &[known[0], known[1], ("line.l.0.off", "1")]).await,
                _ => send(&client, &[("child.l.0.a", &a), ("child.l.0.secret", "1")]).await,
            };
            assert!(matches!(status, 303 | 403 | 404 | 422), "{name}: {status}");
            let after = all();
            let case = format!("{name} {may:?} up to {most}: {before:?} {after:?}");
            for (key, old) in &before {
                match after.get(key) {
                    Some(new) if new == old => continue,
                    Some(new) => {
                        assert!(
                            may.contains(&"edit") && old <= most && new <= most,
                            "{case}"
                        );
                    }
                    None => assert!(may.contains(&"delete") && old <= most, "{case}"),
                }
                assert!(key.starts_with("1,"), "{case}");
                written += 1;
            }
            for (key, new) in &after {
                if !before.contains_key(key) {
                    assert!(may.contains(&"create") && new <= most, "{case}");
                    assert!(key.starts_with("1,"), "{case}");
                    written += 1;
                }
            }
        }
    }
    assert!(written > 5, "{written}");
}
