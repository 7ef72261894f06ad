//! `check` without the provider: file, server, database, own tables, resources, roles.

use super::rig::{Rig, SECRET, contents};
use std::net::TcpListener;

#[actix_web::test]
async fn passes_where_everything_is_right_and_changes_nothing() {
    let rig = Rig::new();
    let provider = rig.provider().await;
    rig.write("bailiwick.toml", &rig.config(provider.issuer()));
    let before = contents(&rig.path(""));
    let ran = rig.run("check --config bailiwick.toml").await.well();
    assert_eq!(contents(&rig.path("")), before);
    let expected = [
        "ok    file: bailiwick.toml can be used".to_owned(),
        "ok    database: data.db answers".to_owned(),
        "ok    own tables: they do not exist yet".to_owned(),
        "ok    resources: 3 resources can be administered; 1 of them can only be read".to_owned(),
        "ok    roles: their grants fit the database".to_owned(),
        "ok    roles: people can sign in".to_owned(),
        format!(
            "ok    provider: {} answers, and its issuer",
            provider.issuer()
        ),
        "ok    provider: its endpoints are safe to use".to_owned(),
        "ok    provider: its ID tokens may be signed with RS256".to_owned(),
        "ok    provider: it supports PKCE with S256".to_owned(),
        "ok    provider: its answers carry its issuer".to_owned(),
        "ok    provider: signing out of the panel signs out there too".to_owned(),
        "ok    provider: it knows the scopes asked for".to_owned(),
        "ok    provider: it lists the claim \"groups\"".to_owned(),
        "ok    provider: 1 of its 1 keys can check ID tokens".to_owned(),
        "ok    clock: the provider's clock and ours agree".to_owned(),
        "ok    client: the provider starts a sign-in".to_owned(),
        "ok    client: the provider accepts its secret".to_owned(),
        format!(
            "client: redirect URI to register: {}/auth/callback\n",
            rig.root()
        ),
        "client: post-logout redirect URI to register: http://127.0.0.1:".to_owned(),
        "ok    session: a session can be started, read back and ended".to_owned(),
        "ok    session: its cookie is bailiwick-".to_owned(),
        ": HttpOnly, SameSite=Lax, Path=/".to_owned(),
    ];
    for line in &expected {
        assert!(ran.out.contains(line), "{line:?} is not in\n{}", ran.out);
    }
    // In the order of the chain.
    let links = [
        "file",
        "server",
        "database",
        "own tables",
        "provider",
        "clock",
        "client",
        "resources",
        "roles",
        "session",
    ];
    let places = links.map(|link| ran.out.find(&format!(" {link}: ")).unwrap());
    assert!(places.is_sorted(), "{}", ran.out);
    assert!(ran.failures().is_empty());
    rig.run("migrate --config bailiwick.toml").await.well();
    let ran = rig.run("check --config bailiwick.toml").await.well();
    assert!(
        ran.out
            .contains("own tables: they are up to date and can be written to")
    );
    provider.stop().await;
}

#[actix_web::test]
async fn says_so_when_there_is_no_file() {
    let rig = Rig::new();
    let ran = rig.run("check --config nothing.toml").await;
    ran.only_failure(&["nothing.toml cannot be read", "bailiwick init"]);
}

#[actix_web::test]
async fn names_every_fault_of_the_file_and_still_looks_at_the_rest() {
    let rig = Rig::new();
    let text = format!(
        "[database]\nurl = \"data.db\"\n[oidc]\nissuer = \"\"\nclient_id = \"\"\n\
         client_secret = \"{SECRET}\"\n[roles.admin]\ngroups = [\"\"]\n"
    );
    let ran = rig.check(&text).await;
    assert_eq!(ran.code, 1);
    for line in [
        "fail  file: bailiwick.toml:4:10: oidc.issuer: is empty",
        "change oidc.issuer at bailiwick.toml, line 4",
        "fail  file: bailiwick.toml:5:13: oidc.client_id: is empty",
        "roles.admin.groups[1]: is empty",
        "fail  roles: no role has a group, so nobody could sign in",
        "warn  provider: not checked",
        "ok    database: data.db answers",
        "ok    session: its cookie",
    ] {
        assert!(ran.out.contains(line), "{line:?} is not in\n{}", ran.out);
    }
    for line in ran.failures() {
        assert!(line.contains(" \u{2014} "), "no remedy: {line}");
    }
}

#[actix_web::test]
async fn what_is_no_toml_is_placed() {
    let rig = Rig::new();
    let ran = rig.check("[database]\nurl = \"data.db\n").await;
    ran.only_failure(&["bailiwick.toml:2:", "this is not TOML", "line 2"]);
}

#[cfg(unix)]
#[actix_web::test]
async fn warns_of_secrets_that_others_can_read() {
    use std::os::unix::fs::PermissionsExt;
    let rig = Rig::new();
    let provider = rig.provider().await;
    rig.write("bailiwick.toml", &rig.config(provider.issuer()));
    let open = PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(rig.path("bailiwick.toml"), open).unwrap();
    let ran = rig.run("check").await;
    ran.warning(&["other users can read it", "chmod 600 bailiwick.toml"]);
}

#[actix_web::test]
async fn the_public_url_must_be_https_beyond_this_machine() {
    let rig = Rig::new();
    let provider = rig.provider().await;
    let config = rig.config(provider.issuer());
    let root = format!("public_url = \"{}\"", rig.root());
    let config = config.replace(&root, "public_url = \"http://panel.example.com\"");
    let ran = rig.check(&config).await;
    ran.only_failure(&["server.public_url", "plain http", "https://", "change"]);
    assert!(ran.out.contains("ok    database: data.db answers"));
}

#[actix_web::test]
async fn a_taken_port_is_told() {
    let rig = Rig::new();
    let provider = rig.provider().await;
    let _other = TcpListener::bind(rig.listen).unwrap();
    let ran = rig.check(&rig.config(provider.issuer())).await;
    ran.warning(&["something listens on", "server.listen"]);
}

#[actix_web::test]
async fn a_database_that_is_not_there_is_not_made() {
    let rig = Rig::new();
    let provider = rig.provider().await;
    let config = rig.config(provider.issuer()).replace("data.db", "date.db");
    let ran = rig.check(&config).await;
    ran.only_failure(&["date.db", "there is no such file", "database.url"]);
    assert!(!rig.path("date.db").exists());
    assert!(
        ran.out
            .contains("ok    client: the provider accepts its secret")
    );
    let ran = rig.run("serve").await;
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("there is no file date.db"), "{}", ran.err);
    assert!(!rig.path("date.db").exists());
}

#[actix_web::test]
async fn what_is_no_database_is_told() {
    let rig = Rig::new();
    let provider = rig.provider().await;
    rig.write("data.db", &"this is a text and nothing else\n".repeat(50));
    let ran = rig.check(&rig.config(provider.issuer())).await;
    ran.only_failure(&[
        "database: data.db",
        "not a database",
        "correct database.url",
    ]);
}

#[actix_web::test]
async fn a_password_is_not_told_with_what_the_driver_says() {
    let rig = Rig::new();
    let provider = rig.provider().await;
    let port = super::rig::free_address().port();
    let url = format!("postgres://ada:p%40ss-word@127.0.0.1:{port}/p%40ss-word");
    let config = rig.config(provider.issuer()).replace("data.db", &url);
    let ran = rig.check(&config).await;
    ran.only_failure(&[
        "postgres://ada:***@127.0.0.1",
        "refused",
        "start the database",
    ]);
    for secret in ["p%40ss-word", "p@ss-word"] {
        assert!(
            !ran.failures()[0].contains(&format!(":{secret}")),
            "{}",
            ran.out
        );
    }
}

#[actix_web::test]
async fn a_password_that_cannot_be_read_is_not_quoted() {
    let rig = Rig::new();
    let provider = rig.provider().await;
    let url = "postgres://ada:half%zzword@127.0.0.1:1/x";
    let config = rig.config(provider.issuer()).replace("data.db", url);
    let ran = rig.check(&config).await;
    ran.only_failure(&["***", "write @ as %40", "database.url"]);
    for command in ["check", "migrate", "serve", "explain --claims -"] {
        let ran = rig.run_with(command, &[], "{}").await;
        assert_eq!(ran.code, 1, "{command}");
        assert!(
            !ran.all().contains("half%zzword"),
            "{command}: {}",
            ran.all()
        );
    }
    let ran = rig.run(&format!("init --database {url}")).await;
    assert!(
        ran.code == 1 && !ran.all().contains("half%zzword"),
        "{}",
        ran.all()
    );
}

#[actix_web::test]
async fn own_tables_that_cannot_be_made_are_told() {
    let rig = Rig::new();
    let provider = rig.provider().await;
    rig.execute("CREATE TABLE bailiwick_people (x INTEGER)");
    let ran = rig.check(&rig.config(provider.issuer())).await;
    ran.only_failure(&[
        "own tables: they cannot be created",
        "bailiwick_people",
        "rename it",
    ]);
    assert!(
        ran.out
            .contains("ok    roles: their grants fit the database")
    );
}

#[actix_web::test]
async fn sessions_that_do_not_come_back_as_they_were_written_are_told() {
    let rig = Rig::new();
    let provider = rig.provider().await;
    rig.write("bailiwick.toml", &rig.config(provider.issuer()));
    rig.run("migrate").await.well();
    for (trigger, text) in [
        (
            "BEFORE INSERT ON bailiwick_sessions BEGIN SELECT RAISE(ABORT, 'not here'); END",
            "not here",
        ),
        (
            "AFTER INSERT ON bailiwick_sessions BEGIN UPDATE bailiwick_sessions SET name = '?'; END",
            "a value that was written is read back differently",
        ),
        (
            "BEFORE UPDATE ON bailiwick_sessions BEGIN SELECT RAISE(IGNORE); END",
            "a value that was overwritten is read back differently",
        ),
        (
            "BEFORE DELETE ON bailiwick_sessions BEGIN SELECT RAISE(IGNORE); END",
            "an ended session is still there",
        ),
    ] {
        rig.execute(&format!("CREATE TRIGGER odd {trigger}"));
        let ran = rig.run("check").await;
        ran.only_failure(&["session: no session can be stored", text, "triggers"]);
        rig.execute("DROP TRIGGER odd");
    }
    rig.run("check").await.well();
}

#[actix_web::test]
async fn a_database_that_another_program_writes_to_is_told() {
    let rig = Rig::new();
    let provider = rig.provider().await;
    let _held = rig.execute("BEGIN IMMEDIATE");
    let ran = rig.check(&rig.config(provider.issuer())).await;
    ran.only_failure(&[
        "own tables: they cannot be created",
        "locked",
        "another program",
    ]);
}

#[actix_web::test]
async fn each_setting_that_does_not_fit_the_database_is_told() {
    let rig = Rig::new();
    let provider = rig.provider().await;
    let config = rig
        .config(provider.issuer())
        .replace("hide = [\"margin\"]", "hide = [\"margn\"]")
        .replace("region=eq", "regoin=eq")
        + "[resources.order]\nlabel = \"x\"\n[resources.customers]\nlist = [\"nam\"]\n\
           [[resources.customers.tabs]]\nlabel = \"Near\"\nquery = \"f.regoin=eq:emea\"\n";
    let ran = rig.check(&config).await;
    assert_eq!((ran.code, ran.failures().len()), (1, 5), "{}", ran.out);
    for text in [
        "resources.customers.tabs[1].query: there is no column \"regoin\"; did you mean \"region\"?",
        "resources.order: there is no resource \"order\"; did you mean \"orders\"?",
        "resources.customers.list: there is no column \"nam\"; did you mean \"name\"?",
        "roles.editor.grants[2].hide: there is no column \u{201c}margn\u{201d}",
        "roles.editor.grants[1].rows: \u{201c}regoin=eq:{claim.region}\u{201d} on customers",
    ] {
        assert!(ran.out.contains(text), "{text:?} is not in\n{}", ran.out);
    }
}

#[actix_web::test]
async fn roles_that_let_nobody_in_are_told() {
    let rig = Rig::new();
    let provider = rig.provider().await;
    let config = rig.config(provider.issuer());
    let nobody = config
        .replace("groups = [\"admins\"]", "groups = []")
        .replace("groups = [\"editors\"]", "groups = []");
    let ran = rig.check(&nobody).await;
    ran.only_failure(&["no role has a group", "roles.NAME.groups"]);
    assert!(ran.out.contains("warn  file: bailiwick.toml"));
    let blind = config
        .replace("\"view\", ", "")
        .replace("may = [\"view\"]", "may = [\"edit\"]");
    let ran = rig.check(&blind).await;
    ran.only_failure(&["gives view", "add \"view\""]);
}

#[actix_web::test]
async fn groups_that_are_probably_not_meant_are_told() {
    let rig = Rig::new();
    let provider = rig.provider().await;
    let config = rig
        .config(provider.issuer())
        .replace(
            "[\"admins\"]",
            "[\"8d5f3a52-1c2b-4f7e-9a3d-0123456789ab\", \"Editors\"]",
        )
        .replace("[\"editors\"]", "[\"editors\", \"/staff\"]")
        .replace("client_id", "strip_prefix = \"/\"\nclient_id");
    let ran = rig.check(&config).await;
    ran.warning(&["looks like an id and not a name", "Entra ID"]);
    ran.warning(&[
        "lists \"Editors\" and roles.editor.groups \"editors\"",
        "write them alike",
    ]);
    ran.warning(&["removes \"/\" from what comes", "write \"staff\""]);
}

#[actix_web::test]
async fn a_group_that_nobody_came_with_is_noted() {
    let rig = Rig::new();
    let provider = rig.provider().await;
    let config = rig
        .config(provider.issuer())
        .replace("[\"editors\"]", "[\"editors\", { glob = \"edit-*\" }]");
    let unmatched = |ran: &super::rig::Ran| ran.out.matches("nobody has a group").count();
    let ran = rig.check(&config).await.well();
    assert_eq!(unmatched(&ran), 0, "nobody has signed in yet: {}", ran.out);
    rig.run("migrate").await.well();
    rig.execute(
        "INSERT INTO bailiwick_people (issuer, subject, name, first_seen_at, last_seen_at)
         VALUES ('i', 'before', 'Ada', '2026-11-01 08:00:00', '2026-11-01 08:00:00')",
    );
    let ran = rig.check(&config).await.well();
    assert_eq!(
        unmatched(&ran),
        0,
        "what came then was not kept: {}",
        ran.out
    );
    rig.execute(
        "INSERT INTO bailiwick_people (issuer, subject, name, first_seen_at, last_seen_at, groups, groups_note, claims)
         VALUES ('i', 's', 'Bob', '2026-11-01 08:00:00', '2026-11-01 08:00:00', '[\"edit-1\", \"/admins\"]', 'found', '{}')",
    );
    let ran = rig.check(&config).await.well();
    assert_eq!(unmatched(&ran), 2, "{}", ran.out);
    ran.note("of 1 person who signed in, nobody has a group that roles.admin.groups \u{201c}admins\u{201d}");
    ran.note("roles.editor.groups \u{201c}editors\u{201d}");
}
