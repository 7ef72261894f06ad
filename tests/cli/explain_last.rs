//! `explain --last-login`, for people whom the panel has admitted or denied.

use super::rig::{Ran, Rig};

const ISSUER: &str = "https://id.example.com";

/// A rig in which Alice, Bob and Dave have signed in, as the panel stores it.
async fn remembered() -> Rig {
    let rig = Rig::new();
    rig.write("bailiwick.toml", &rig.config(ISSUER));
    rig.run("migrate").await.well();
    for (subject, name, groups, note, claims, roles) in [
        (
            "s-alice",
            "Alice Archer",
            r#"["admins"]"#,
            "found",
            "{}",
            "admin",
        ),
        (
            "s-bob",
            "Bob Berger",
            r#"["viewers", "editors"]"#,
            "found",
            r#"{"region":"emea"}"#,
            "viewer",
        ),
        ("s-dave", "Dave Novak", "[]", "absent", "{}", ""),
    ] {
        let email = format!("{}@example.com", subject.trim_start_matches("s-"));
        rig.execute(&format!(
            "INSERT INTO bailiwick_people (issuer, subject, name, email, first_seen_at, last_seen_at,
                 groups, groups_note, claims)
             VALUES ('{ISSUER}', '{subject}', '{name}', '{email}', '2026-11-01 08:00:00',
                 '2026-11-20 09:30:00', '{groups}', '{note}', '{claims}');
             INSERT INTO bailiwick_audit (at, actor_issuer, actor_subject, actor_name, roles, action,
                 request_id, address)
             VALUES ('2026-11-19 09:30:00', '{ISSUER}', '{subject}', '{name}', 'old', 'sign-in', 'OLD', NULL),
                 ('2026-11-20 09:30:00', '{ISSUER}', '{subject}', '{name}', '{roles}', 'sign-in',
                 'REF-{subject}', '192.0.2.7'),
                 ('2026-11-21 09:30:00', '{ISSUER}', '{subject}', '{name}', 'later', 'export', 'X', NULL);"
        ));
    }
    rig
}

async fn last(rig: &Rig, who: &str) -> Ran {
    let line = "explain --config bailiwick.toml --last-login";
    let mut command = rig.command(line);
    command.arg(who);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    output.await.unwrap().into()
}

#[track_caller]
fn tells(ran: &Ran, texts: &[&str]) {
    for text in texts {
        assert!(ran.out.contains(text), "{text:?} is not in\n{}", ran.all());
    }
}

#[actix_web::test]
async fn the_last_sign_in_is_told_with_what_it_gave_and_would_give() {
    let rig = remembered().await;
    let ran = last(&rig, "s-alice").await.well();
    tells(
        &ran,
        &[
            "Person: Alice Archer (alice@example.com)",
            "subject s-alice of https://id.example.com, known since 2026-11-01 08:00:00 UTC",
            "Last:   2026-11-20 09:30:00 UTC, from 192.0.2.7, reference REF-s-alice",
            "Result: let in, as admin",
            "Claim:  groups came, with one group",
            "Change: none, the same roles would be given now",
            "Role admin: from group admins",
        ],
    );
    let orders = "explain --last-login s-alice --resource orders";
    let ran = rig.run(orders).await.well();
    assert!(ran.out.contains("orders (Orders)") && !ran.out.contains("customers ("));
}

#[actix_web::test]
async fn what_has_changed_since_is_told() {
    let rig = remembered().await;
    let ran = last(&rig, "s-bob").await.well();
    tells(
        &ran,
        &[
            "Result: let in, as viewer",
            "Others: region",
            "Change: role viewer was given then, and is not now",
            "Change: role editor is given now, and was not then",
            "rows: Region is emea (claim region)",
        ],
    );
    let moved = rig
        .read("bailiwick.toml")
        .replace(ISSUER, "https://new.example.com");
    rig.write("bailiwick.toml", &moved);
    tells(
        &last(&rig, "s-bob").await.well(),
        &[
            "https://new.example.com is configured now: to the panel, a person of another provider is another person",
        ],
    );
}

#[actix_web::test]
async fn somebody_who_was_turned_away_is_told_why() {
    let rig = remembered().await;
    let turned_away = last(&rig, "s-dave").await;
    assert_eq!(turned_away.code, 1);
    tells(
        &turned_away,
        &[
            "Decision: turned away, as nothing gives a role\n",
            "Result: turned away",
            "Claim:  groups did not come (oidc.groups_claim)\n",
            "Roles:  none",
        ],
    );
}

#[actix_web::test]
async fn people_are_found_by_address_and_name_if_that_is_clear() {
    let rig = remembered().await;
    rig.execute(
        "UPDATE bailiwick_people SET claims = '{\"preferred_username\": \"alice7\"}' WHERE subject = 's-alice'",
    );
    for who in [
        "ALICE@example.com",
        "Alice7",
        "alice archer",
        " s-alice",
        "https://id.example.com s-alice",
    ] {
        tells(&last(&rig, who).await.well(), &["subject s-alice of"]);
    }
    rig.execute(
        "INSERT INTO bailiwick_people (issuer, subject, name, first_seen_at, last_seen_at)
         VALUES ('https://other.example.com', 's-9', 'Alice Archer', '2026-11-01 08:00:00', '2026-11-02 08:00:00'),
             ('https://other.example.com', 's-bob', 'Bob Too', '2026-11-01 08:00:00', '2026-11-02 08:00:00')",
    );
    for (who, other) in [("Alice Archer", "s-9"), ("s-bob", "s-bob")] {
        let ran = last(&rig, who).await;
        assert_eq!(ran.code, 1, "{}", ran.all());
        let line = format!("https://other.example.com {other}");
        for text in ["several people", line.as_str(), "https://id.example.com s-"] {
            assert!(ran.err.contains(text), "{text:?} is not in {}", ran.err);
        }
    }
    // Stored by a version that did not keep the groups.
    let ran = last(&rig, "https://other.example.com s-bob").await.well();
    tells(&ran, &["Person: Bob Too", "were not stored"]);
    assert!(!ran.out.contains("Roles:"), "{}", ran.out);
}

#[actix_web::test]
async fn somebody_who_is_not_known_is_code_1_with_those_who_are() {
    let rig = remembered().await;
    let ran = last(&rig, "s-alcie").await;
    assert_eq!(ran.code, 1);
    for text in [
        "nobody called \"s-alcie\"",
        "These have, the latest first:\n",
        "did you mean \"s-alice\"?",
        "s-dave  (Dave Novak",
    ] {
        assert!(ran.err.contains(text), "{text:?} is not in {}", ran.err);
    }
    let empty = Rig::new();
    empty.write("bailiwick.toml", &empty.config(ISSUER));
    let ran = last(&empty, "s-alice").await;
    assert!(
        ran.code == 1 && ran.err.contains("bailiwick migrate"),
        "{}",
        ran.err
    );
    empty.run("migrate").await.well();
    let ran = last(&empty, "s-alice").await;
    assert!(
        ran.code == 1 && ran.err.contains("nobody has signed in yet"),
        "{}",
        ran.err
    );
}

#[actix_web::test]
async fn it_is_either_claims_or_a_person() {
    let rig = remembered().await;
    for line in ["explain", "explain --claims - --last-login s-alice"] {
        assert_eq!(rig.run(line).await.code, 2, "{line}");
    }
}
