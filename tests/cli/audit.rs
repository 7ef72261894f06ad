//! `audit prune`.

use super::rig::Rig;

const OLD: &str = "
    INSERT INTO bailiwick_audit (at, actor_issuer, actor_subject, actor_name, roles, action, request_id) VALUES
        ('2020-02-03 04:05:06', 'i', 's', 'Ada', '', 'sign-in', 'OLD-1'),
        ('2020-03-03 04:05:06', 'i', 's', 'Ada', '', 'sign-in', 'OLD-2'),
        (datetime('now'), 'i', 's', 'Ada', '', 'sign-in', 'NEW-1');";

#[actix_web::test]
async fn removes_what_is_too_old_and_says_so() {
    let rig = Rig::new();
    let config = rig.config("https://one");
    rig.write("bailiwick.toml", &config);
    rig.run("migrate").await.well();
    rig.execute(OLD);
    let ran = rig.run("audit prune").await;
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("nothing is removed"), "{}", ran.err);
    rig.write(
        "bailiwick.toml",
        &format!("{config}\n[audit]\nkeep = \"400d\"\n"),
    );
    let ran = rig.run("audit prune --dry-run").await.well();
    assert_eq!(ran.out, "2 entries would be removed\n");
    let ran = rig.run("audit prune").await.well();
    assert_eq!(ran.out, "removed 2 entries, up to 2020-03-03 04:05 UTC\n");
    let ran = rig.run("audit prune").await.well();
    assert_eq!(ran.out, "there is nothing to remove\n");
    let ran = rig.run("explain --reference OLD-1").await;
    assert!(!ran.all().contains("Ada"), "{}", ran.all());
}

#[actix_web::test]
async fn less_than_a_day_is_refused() {
    let rig = Rig::new();
    let config = rig.config("https://one");
    rig.write(
        "bailiwick.toml",
        &format!("{config}\n[audit]\nkeep = \"12h\"\n"),
    );
    let ran = rig.run("audit prune").await;
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("at least 1d"), "{}", ran.err);
}
