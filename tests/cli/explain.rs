//! `explain`, without any provider.

use super::rig::{Ran, Rig};
use serde_json::{Value, json};

const LINE: &str = "explain --config bailiwick.toml --claims -";

async fn explain(claims: Value, more: &str) -> Ran {
    let rig = Rig::new();
    rig.write("bailiwick.toml", &rig.config("https://id.example.com"));
    let ran = rig
        .run_with(&format!("{LINE} {more}"), &[], &claims.to_string())
        .await;
    assert!(!rig.path("data.db-wal").exists());
    ran
}

#[track_caller]
fn tells(ran: &Ran, texts: &[&str]) {
    for text in texts {
        assert!(ran.out.contains(text), "{text:?} is not in\n{}", ran.out);
    }
}

#[actix_web::test]
async fn an_administrator_has_everything_and_each_rule_is_named() {
    let claims = json!({"sub": "1", "name": "Alice Archer", "groups": ["admins"]});
    let ran = explain(claims, "").await.well();
    tells(
        &ran,
        &[
            "Person: Alice Archer",
            "groups came, with one group",
            "Role admin: from group admins",
            "audit (Audit log)",
            "orders (Orders)",
            "role admin, grant 1",
            "rows: all",
        ],
    );
    assert!(
        ran.out.starts_with("Decision: let in, as admin\n"),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("turned away"));
}

#[actix_web::test]
async fn an_editor_has_the_rows_and_columns_of_the_grants() {
    let claims =
        json!({"sub": "2", "name": "Bob", "groups": ["editors", "staff"], "region": "emea"});
    let ran = explain(claims.clone(), "").await.well();
    tells(
        &ran,
        &[
            "Role editor: from group editors",
            "Group \"staff\" gives no role",
            "rows: Region is emea (claim region)",
            "hidden: Margin",
        ],
    );
    let ran = explain(claims, "--resource orders").await.well();
    assert!(ran.out.contains("orders (Orders)") && !ran.out.contains("customers ("));
}

#[actix_web::test]
async fn a_missing_claim_gives_no_rows() {
    let ran = explain(json!({"sub": "2", "groups": ["editors"]}), "")
        .await
        .well();
    tells(&ran, &["Claim region did not come"]);
}

#[actix_web::test]
async fn somebody_without_a_role_is_told_why() {
    let ran = explain(
        json!({"sub": "4", "name": "Dave", "email": "d@example.com"}),
        "",
    )
    .await;
    assert_eq!(ran.code, 1);
    assert!(
        ran.out
            .starts_with("Decision: turned away, as nothing gives a role\n"),
        "{}",
        ran.out
    );
    tells(
        &ran,
        &[
            "groups did not come (oidc.groups_claim); these did: sub, name, email",
            "These claims give nothing: this person would be turned away.",
        ],
    );
    let ran = explain(json!({"sub": "4", "groups": ["/Admins"]}), "").await;
    assert_eq!(ran.code, 1);
    tells(&ran, &["\"/Admins\" is nearly \"admins\"", "turned away"]);
    let ran = explain(json!({"sub": "4", "groups": [{"name": "admins"}]}), "").await;
    assert_eq!(ran.code, 1);
    tells(&ran, &["groups came as a list of objects"]);
    let ran = explain(json!({"sub": "4", "_claim_names": {"groups": "s"}}), "").await;
    assert_eq!(ran.code, 1);
    tells(&ran, &["too many groups to send"]);
}

#[actix_web::test]
async fn claims_that_a_sign_in_would_refuse_are_noted() {
    let claims = json!({"iss": "https://other.example.com", "groups": ["admins"]});
    let ran = explain(claims, "").await;
    assert_eq!(ran.code, 1);
    tells(
        &ran,
        &[
            "these claims are of https://other.example.com",
            "there is no claim sub",
        ],
    );
}

#[actix_web::test]
async fn claims_come_from_a_file_too() {
    let rig = Rig::new();
    rig.write("bailiwick.toml", &rig.config("https://id.example.com"));
    rig.write("claims.json", "{\"sub\": \"1\", \"groups\": \"admins\"}");
    let ran = rig.run("explain --claims claims.json").await.well();
    tells(&ran, &["Role admin: from group admins"]);
}

#[actix_web::test]
async fn input_that_cannot_be_read_is_code_1() {
    let rig = Rig::new();
    rig.write("bailiwick.toml", &rig.config("https://id.example.com"));
    for (input, text) in [
        ("", "is not JSON"),
        ("{\"sub\": ", "is not JSON (line 1"),
        ("[1]", "must hold a JSON object"),
        ("eyJh.eyJz.c2ln", "holds a token"),
    ] {
        let ran = rig.run_with(LINE, &[], input).await;
        assert_eq!(ran.code, 1, "{input}");
        assert!(ran.err.contains(text), "{text:?} is not in {}", ran.err);
    }
    let ran = rig.run("explain --claims nothing.json").await;
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("nothing.json cannot be read"),
        "{}",
        ran.err
    );
    let ran = rig
        .run_with(&format!("{LINE} --resource order"), &[], "{}")
        .await;
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("did you mean \"orders\"?"), "{}", ran.err);
}

#[actix_web::test]
async fn what_does_not_fit_the_database_is_told_with_its_place() {
    let rig = Rig::new();
    let config = rig
        .config("https://id.example.com")
        .replace("hide = [\"margin\"]", "hide = [\"margn\"]")
        + "[resources.customers]\nlist = [\"nam\"]\n";
    rig.write("bailiwick.toml", &config);
    let line = |text: &str| {
        let lines = config.lines();
        lines.take_while(|line| !line.starts_with(text)).count() + 1
    };
    let ran = rig.run_with(LINE, &[], "{}").await;
    let place = format!(
        "bailiwick.toml:{}:8: resources.customers.list: ",
        line("list = [\"nam\"]")
    );
    assert!(ran.code == 1 && ran.err.contains(&place), "{}", ran.err);
    let config = config.replace("\"nam\"", "\"name\"");
    rig.write("bailiwick.toml", &config);
    let place = format!(
        "bailiwick.toml:{}:8: roles.editor.grants[2].hide: ",
        line("hide = ")
    );
    let ran = rig.run_with(LINE, &[], "{}").await;
    assert!(ran.code == 1 && ran.err.contains(&place), "{}", ran.err);
    let ran = rig.run("check --config bailiwick.toml").await;
    assert!(
        ran.out.contains(&format!("fail  roles: {place}")),
        "{}",
        ran.out
    );
}
