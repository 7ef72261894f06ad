//! `sessions`: listing and ending sessions from the command line.

use super::rig::Rig;

const SESSIONS: &str = "
    INSERT INTO bailiwick_people (issuer, subject, name, first_seen_at, last_seen_at) VALUES
        ('https://one', 's-ada', 'Ada \u{1b}[31mLovelace', '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
        ('https://one', 's-bob', 'Bob', '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
        ('https://two', 's-bob', 'Bob', '2026-01-01 00:00:00', '2026-01-01 00:00:00');
    INSERT INTO bailiwick_sessions (id_hash, state, issuer, subject, created_at, last_seen_at, reference,
        address, user_agent) VALUES
        ('a', ' ', 'https://one', 's-ada', datetime('now'), datetime('now'), 'ref-a', '10.0.0.1', 'Firefox/1 Linux'),
        ('b', ' ', 'https://one', 's-ada', datetime('now'), datetime('now'), 'ref-b', NULL, NULL),
        ('c', ' ', 'https://one', 's-bob', datetime('now'), datetime('now'), 'ref-c', NULL, NULL),
        ('d', ' ', 'https://two', 's-bob', datetime('now'), datetime('now'), 'ref-d', NULL, NULL),
        ('e', ' ', 'https://one', 's-old', datetime('now', '-2 hours'), datetime('now', '-1 hour'), 'ref-e', NULL, NULL);";

async fn rig() -> Rig {
    let rig = Rig::new();
    rig.write("bailiwick.toml", &rig.config("https://one"));
    rig.run("migrate").await.well();
    rig.execute(SESSIONS);
    rig
}

fn count(rig: &Rig, sql: &str) -> i64 {
    use diesel::prelude::*;
    let mut conn = rig.execute("");
    diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(&format!(
        "({sql})"
    )))
    .get_result(&mut conn)
    .unwrap()
}

const LEFT: &str = "SELECT count(*) FROM bailiwick_sessions";

#[actix_web::test]
async fn a_reference_may_begin_with_a_hyphen() {
    let rig = rig().await;
    rig.execute(
        "UPDATE bailiwick_sessions SET reference = '-' || reference WHERE reference = 'ref-a'",
    );
    rig.execute("UPDATE bailiwick_sessions SET subject = '-s' WHERE reference = 'ref-c'");
    let ran = rig.run("sessions --end -ref-a").await.well();
    assert_eq!(ran.out, "ended one session\n");
    let ran = rig.run("sessions --end-all-of -s").await.well();
    assert_eq!(ran.out, "ended one session\n");
}

#[actix_web::test]
async fn lists_who_is_signed_in() {
    let rig = rig().await;
    let ran = rig.run("sessions").await.well();
    for text in [
        "ref-a  Ada [31mLovelace  (s-ada at https://one)",
        "from 10.0.0.1, Firefox on Linux",
        "from an unknown address, Another browser",
        "ref-d",
    ] {
        assert!(ran.out.contains(text), "{text:?} is not in {}", ran.out);
    }
    assert!(
        !ran.out.contains("ref-e") && !ran.out.contains('\u{1b}'),
        "{}",
        ran.out
    );
    let ran = rig.run("sessions --search ada").await.well();
    assert_eq!(ran.out.matches("ref-").count(), 2, "{}", ran.out);
    rig.execute(
        "INSERT INTO bailiwick_sessions (id_hash, state, issuer, subject, created_at, last_seen_at,
         reference, name, as_role, claims) VALUES ('f', ' ', 'bailiwick:break-glass', 'x',
         datetime('now'), datetime('now'), 'ref-f', 'Break-glass: root', 'admin',
         '{\"break_glass_reason\": \"Ticket 4711\"}')",
    );
    for search in ["4711", "ROOT", "admin"] {
        let ran = rig.run(&format!("sessions --search {search}")).await.well();
        assert!(
            ran.out.starts_with("ref-f  Break-glass: root"),
            "{}",
            ran.out
        );
    }
    let ran = rig.run("sessions --search nobody").await.well();
    assert_eq!(ran.out, "nobody is signed in\n");
}

#[actix_web::test]
async fn ends_one_session_and_notes_who_did() {
    let rig = rig().await;
    let line = "sessions --end ref-a";
    let ran = rig.run_with(line, &[("USER", "root")], "").await.well();
    assert_eq!(ran.out, "ended one session\n");
    assert_eq!(count(&rig, LEFT), 4);
    let noted = "SELECT count(*) FROM bailiwick_audit WHERE action = 'end-session' AND row_key = 'ref-a'
                 AND actor_name = 'Command line' AND actor_subject = 'root' AND row_label LIKE 'Ada%'";
    assert_eq!(count(&rig, noted), 1);
    let ran = rig.run(line).await;
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("there is no such session"), "{}", ran.err);
}

#[actix_web::test]
async fn ends_all_sessions_of_a_person() {
    let rig = rig().await;
    let ran = rig.run("sessions --end-all-of s-ada").await.well();
    assert_eq!(ran.out, "ended 2 sessions\n");
    let ran = rig.run("sessions --end-all-of s-bob").await;
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("choose one with --issuer"), "{}", ran.err);
    let ran = rig
        .run("sessions --end-all-of s-bob --issuer https://two")
        .await
        .well();
    assert_eq!(ran.out, "ended one session\n");
    let ran = rig.run("sessions --end-all-of s-nobody").await;
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("nobody with that identifier"),
        "{}",
        ran.err
    );
    assert_eq!(count(&rig, LEFT), 2);
}
