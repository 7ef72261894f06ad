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
