//! `migrate`.

use super::rig::Rig;

#[actix_web::test]
async fn says_what_ran_and_then_that_nothing_is_left() {
    let rig = Rig::new();
    rig.write("bailiwick.toml", &rig.config("https://id.example.com"));
    let first = rig.run("migrate --config bailiwick.toml").await.well();
    assert!(first.out.starts_with("ran migration "), "{}", first.out);
    assert!(
        first
            .out
            .ends_with("the panel's own tables are up to date\n")
    );
    let second = rig.run("migrate --config bailiwick.toml").await.well();
    assert_eq!(
        second.out,
        "the panel's own tables were up to date: nothing to do\n"
    );
}

#[actix_web::test]
async fn a_used_database_of_the_first_version_is_brought_up_to_date() {
    let rig = Rig::new();
    rig.write("bailiwick.toml", &rig.config("https://id.example.com"));
    rig.execute(include_str!(
        "../../migrations/sqlite/2026-11-23-000001_panel/up.sql"
    ));
    rig.execute(
        "CREATE TABLE bailiwick_migrations (version TEXT NOT NULL PRIMARY KEY, run_at TIMESTAMP NOT NULL);
         INSERT INTO bailiwick_migrations VALUES ('20261123000001', '2026-01-02 03:04:05');
         INSERT INTO bailiwick_people VALUES ('https://id.example.com', 's-ada', 'Ada Old', NULL,
             '2026-01-02 03:04:05', '2026-02-03 04:05:06');
         INSERT INTO bailiwick_sessions VALUES ('h', '{}', 'https://id.example.com', 's-ada', NULL,
             '2026-02-03 04:05:06', '2026-02-03 04:05:06');
         INSERT INTO bailiwick_audit (at, actor_issuer, actor_subject, actor_name, roles, action,
             request_id) VALUES ('2026-02-03 04:05:06', 'https://id.example.com', 's-ada', 'Ada Old',
             'admin', 'sign-in', 'OLD-1');",
    );
    let checked = rig.run("check --config bailiwick.toml").await;
    assert!(checked.out.contains("20261123000002"), "{}", checked.out);
    let ran = rig.run("migrate").await.well();
    assert!(
        ran.out.starts_with("ran migration 20261123000002\n"),
        "{}",
        ran.out
    );
    let listed = rig.run("sessions --config bailiwick.toml").await.well();
    assert!(!listed.out.contains("Ada Old"), "{}", listed.out);
    let last = "explain --config bailiwick.toml --last-login s-ada";
    let last = rig.run(last).await;
    assert!(
        last.out.contains("2026-02-03 04:05:06 UTC"),
        "{}",
        last.all()
    );
}

#[actix_web::test]
async fn a_database_that_is_not_there_is_not_made() {
    let rig = Rig::new();
    let config = rig
        .config("https://id.example.com")
        .replace("data.db", "date.db");
    rig.write("bailiwick.toml", &config);
    let ran = rig.run("migrate").await;
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("there is no file date.db"), "{}", ran.err);
    assert!(!rig.path("date.db").exists());
}
