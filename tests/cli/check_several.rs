//! `check` and `explain` with several providers, and with stored roles and group rules.

use super::check_login::Trial;
use super::rig::{CLIENT, Ran, Rig, SECRET, free_address};
use bailiwick::demo::provider::RunningProvider;

const MAIN: &str = "https://id.example.com";
const PARTNER: &str = "https://partner.example.com";

/// A configuration with `[providers.partner]` beside `[oidc]`.
fn two(rig: &Rig, main: &str, partner: &str, more: &str) -> String {
    format!(
        "{}[providers.partner]\nissuer = \"{partner}\"\nclient_id = \"{CLIENT}\"\n\
         client_secret = \"{SECRET}\"\n{more}",
        rig.config(main)
    )
}

/// A provider with the registered redirect URI of `[providers.partner]`.
async fn partner(rig: &Rig) -> RunningProvider {
    let uri = format!("{}/auth/callback/partner", rig.root());
    let provider = rig.provider_with(|mut settings| {
        settings.redirect_uris = vec![uri];
        settings
    });
    provider.await
}

#[track_caller]
fn tells(ran: &Ran, texts: &[&str]) {
    for text in texts {
        assert!(ran.out.contains(text), "{text:?} is not in\n{}", ran.all());
    }
}

#[actix_web::test]
async fn each_provider_is_looked_at_by_its_name() {
    let rig = Rig::new();
    let (main, other) = (rig.provider().await, partner(&rig).await);
    let config = two(&rig, main.issuer(), other.issuer(), "");
    let ran = rig.check(&config).await.well();
    tells(
        &ran,
        &[
            &format!("ok    provider: {} answers, and its issuer", main.issuer()),
            &format!(
                "ok    provider partner: {} answers, and its issuer",
                other.issuer()
            ),
            "ok    clock partner: ",
            "ok    client partner: the provider starts a sign-in",
            "ok    client partner: the provider accepts its secret",
            &format!(
                "ok    client partner: redirect URI to register: {}/auth/callback/partner",
                rig.root()
            ),
        ],
    );
}

#[actix_web::test]
async fn what_is_wrong_with_one_provider_is_told_of_that_one() {
    let rig = Rig::new();
    let main = rig.provider().await;
    let down = format!("http://{}", free_address());
    let ran = rig.check(&two(&rig, main.issuer(), &down, "")).await;
    ran.only_failure(&[
        "provider partner: ",
        "start the provider, or correct the port in providers.partner.issuer",
    ]);
    tells(&ran, &["client: the provider accepts its secret"]);
    // A fault in the file prevents only the check of its own provider.
    let config = two(&rig, main.issuer(), "http://partner.example.com", "");
    let ran = rig.check(&config).await;
    tells(
        &ran,
        &[
            "warn  provider partner: not checked: [providers.partner] in the file has errors",
            "client: the provider accepts its secret",
        ],
    );
    // A setting that is not needed to reach it prevents only the check of the client.
    let other = partner(&rig).await;
    let config = two(&rig, main.issuer(), other.issuer(), "skew = \"10m\"\n");
    let ran = rig.check(&config).await;
    tells(
        &ran,
        &[
            &format!(
                "provider partner: {} answers, and its issuer",
                other.issuer()
            ),
            "warn  client partner: not checked",
        ],
    );
}

#[actix_web::test]
async fn the_prefix_of_the_provider_that_a_rule_is_for_is_heeded() {
    let rig = Rig::new();
    let (main, other) = (rig.provider().await, partner(&rig).await);
    let with = |rule: &str| {
        let config = two(
            &rig,
            main.issuer(),
            other.issuer(),
            "strip_prefix = \"/\"\n",
        );
        config.replace("[\"editors\"]", rule)
    };
    let ran = rig
        .check(&with("[{ is = \"/staff\", at = \"partner\" }]"))
        .await;
    ran.warning(&[
        "lists \"/staff\", but providers.partner.strip_prefix removes \"/\" from",
        "write \"staff\"",
    ]);
    let ran = rig.check(&with("[\"/staff\"]")).await.well();
    assert!(!ran.out.contains("strip_prefix"), "{}", ran.out);
}

#[actix_web::test]
async fn a_sign_in_is_tried_at_the_provider_that_is_named() {
    let rig = Rig::new();
    let other = partner(&rig).await;
    let config = two(&rig, MAIN, other.issuer(), "").replace(
        "[\"admins\"]",
        "[\"admins\", { is = \"viewers\", at = \"partner\" }]",
    );
    rig.write("bailiwick.toml", &config);
    let mut trial = Trial::start(&rig, "--provider partner").await;
    let uri = format!("{}/auth/callback/partner\n", rig.root());
    assert!(trial.said.contains(&uri), "{}", trial.said);
    let back = trial.choose("carol").await;
    trial.open(&back).await;
    tells(
        &trial.end().well(),
        &["Person: Carol", "Decision: let in, as admin."],
    );
    let ran = rig.run("check --login --provider nobody").await;
    assert_eq!(ran.code, 1);
    let wrong = "there is no [providers.nobody]; there are oidc, partner";
    assert!(ran.err.contains(wrong), "{}", ran.err);
}

async fn explain(rig: &Rig, claims: &str) -> Ran {
    let line = "explain --config bailiwick.toml --claims -";
    let ran = rig.run_with(line, &[], claims).await;
    // The exit code is the decision in the first line.
    let is_let_in = ran.out.starts_with("Decision: let in");
    let is_kept_out = ["Decision: turned away", "Decision: refused at sign-in"]
        .iter()
        .any(|decision| ran.out.starts_with(decision));
    assert!(is_let_in || is_kept_out, "{}", ran.all());
    assert_eq!(ran.code, if is_let_in { 0 } else { 1 }, "{}", ran.all());
    ran
}

#[actix_web::test]
async fn claims_are_read_as_those_of_the_provider_that_they_name() {
    let rig = Rig::new();
    let config = two(
        &rig,
        MAIN,
        PARTNER,
        "groups_claim = \"teams\"\nstrip_prefix = \"/\"\n",
    )
    .replace("[\"editors\"]", "[{ is = \"staff\", at = \"partner\" }]");
    rig.write("bailiwick.toml", &config);
    let of = |issuer: &str| {
        format!(
            "{{\"iss\": \"{issuer}\", \"sub\": \"1\", \"teams\": [\"/staff\"], \"groups\": [\"admins\"]}}"
        )
    };
    let ran = explain(&rig, &of(PARTNER)).await;
    tells(
        &ran,
        &[
            "teams came, with one group",
            "From:   [providers.partner]",
            "Role editor: from group staff",
        ],
    );
    assert!(!ran.out.contains("Role admin") && !ran.out.contains("Note:"));
    let ran = explain(&rig, &of(MAIN)).await;
    tells(
        &ran,
        &[
            "groups came, with one group",
            "Role admin: from group admins",
        ],
    );
    assert!(!ran.out.contains("Role editor") && !ran.out.contains("From:"));
    let ran = explain(&rig, &of("https://x.example.com")).await;
    let configured = format!("{MAIN} and {PARTNER} are configured: a sign-in would be refused");
    tells(&ran, &[&configured]);
    let without = format!("{{\"iss\": \"{PARTNER}\", \"sub\": \"1\"}}");
    let ran = explain(&rig, &without).await;
    tells(
        &ran,
        &["teams did not come (providers.partner.groups_claim)"],
    );
}

#[actix_web::test]
async fn the_last_sign_in_at_another_provider_is_of_one_that_is_configured() {
    let rig = Rig::new();
    rig.write(
        "bailiwick.toml",
        &two(&rig, MAIN, PARTNER, "groups_claim = \"teams\"\n"),
    );
    rig.run("migrate").await.well();
    rig.execute(&format!(
        "INSERT INTO bailiwick_people (issuer, subject, name, first_seen_at, last_seen_at, provider,
             groups, groups_note, claims)
         VALUES ('{PARTNER}', 's', 'Ada', '2026-11-01 08:00:00', '2026-11-01 08:00:00', 'partner',
             '[]', 'absent', '{{}}')"
    ));
    let line = "explain --config bailiwick.toml --last-login Ada";
    let ran = rig.run(line).await;
    assert_eq!(ran.code, 1, "{}", ran.all());
    tells(
        &ran,
        &["teams did not come (providers.partner.groups_claim)"],
    );
    assert!(!ran.out.contains("is another person"), "{}", ran.out);
    rig.write("bailiwick.toml", &rig.config(MAIN));
    let ran = rig.run(line).await;
    assert_eq!(ran.code, 1, "{}", ran.all());
    tells(&ran, &[&format!("{MAIN} is configured now")]);
}

/// Stored roles and group rules; one of each is invalid.
const KEPT: &str = r#"
    INSERT INTO bailiwick_roles VALUES
        ('auditor', 'Auditor', '[{"on":["customers"],"may":["view","delete"],"step_up":{"delete":{"max_age":"5m","acr":["urn:mfa"]}}}]', '[]', '[]'),
        ('broken', NULL, '[{"on":["nothing"],"may":["view"]}]', '[]', '[]');
    INSERT INTO bailiwick_group_rules (role, rule) VALUES
        ('auditor', '"auditors"'), ('admin', '"heads"'), ('nobody', '"x"');
    UPDATE bailiwick_access SET version = version + 1;"#;

#[actix_web::test]
async fn what_the_panel_keeps_is_explained_and_checked() {
    let rig = Rig::new();
    let provider = rig.provider().await;
    let config = rig.config(provider.issuer());
    rig.write("bailiwick.toml", &config);
    let claims = "{\"sub\": \"1\", \"groups\": [\"auditors\", \"heads\"]}";
    let ran = explain(&rig, claims).await;
    tells(&ran, &["Roles:  none, so the panel stays closed"]);
    rig.run("migrate").await.well();
    rig.execute(KEPT);
    let ran = explain(&rig, claims).await;
    tells(
        &ran,
        &[
            "Role auditor: from group auditors",
            "Role admin: from group heads",
            "asks for: delete: a sign-in within the last 5 minutes, by urn:mfa",
        ],
    );
    assert!(
        ran.err.contains("cannot be used and gives nothing"),
        "{}",
        ran.err
    );
    let ran = rig.check(&config).await;
    ran.warning(&[
        "this is stored in the panel, cannot be used",
        "in the panel",
    ]);
    tells(
        &ran,
        &["the panel stores 2 roles of its own, and 3 groups that give roles"],
    );
    ran.note("urn:mfa, which roles require");
}

#[actix_web::test]
async fn a_group_that_the_panel_keeps_lets_somebody_in() {
    let rig = Rig::new();
    let provider = rig.provider().await;
    let config = rig
        .config(provider.issuer())
        .replace("groups = [\"admins\"]", "groups = []")
        .replace("groups = [\"editors\"]", "groups = []");
    rig.check(&config)
        .await
        .only_failure(&["no role has a group"]);
    rig.run("migrate").await.well();
    rig.execute("INSERT INTO bailiwick_group_rules (role, rule) VALUES ('admin', '\"heads\"')");
    tells(
        &rig.check(&config).await.well(),
        &["roles have groups (heads)"],
    );
}
