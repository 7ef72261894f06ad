//! The commands on PostgreSQL, where privileges matter. Needs `BAILIWICK_TEST_POSTGRES`, like the
//! tests of the schema.

use super::rig::Rig;
use diesel::PgConnection;
use diesel::connection::{Connection, SimpleConnection};
use url::Url;

const SCHEMA: &str = "
    CREATE TABLE customers (id serial PRIMARY KEY, name text NOT NULL, region text NOT NULL);
    CREATE TABLE orders (id serial PRIMARY KEY, customer_id int REFERENCES customers, margin numeric);
    CREATE TABLE secret (id serial PRIMARY KEY);";

/// A temporary database, and an account that owns nothing in it.
struct Scratch {
    admin: Url,
    owner: Url,
    user: Url,
}

impl Scratch {
    fn new(name: &str) -> Option<Self> {
        let Ok(admin) = std::env::var("BAILIWICK_TEST_POSTGRES") else {
            assert!(
                std::env::var("BAILIWICK_TEST_DEMAND").as_deref() != Ok("1"),
                "BAILIWICK_TEST_POSTGRES is not set"
            );
            return None;
        };
        let admin = Url::parse(&admin).unwrap();
        let name = format!("bailiwick_cli_{name}_{}", std::process::id());
        execute(&admin, &format!("CREATE DATABASE {name}"));
        execute(
            &admin,
            &format!("CREATE ROLE {name} LOGIN PASSWORD 'p%ss-w0rd'"),
        );
        let mut owner = admin.clone();
        owner.set_path(&name);
        let mut user = owner.clone();
        user.set_username(&name).unwrap();
        user.set_password(Some("p%25ss-w0rd")).unwrap();
        execute(&owner, SCHEMA);
        execute(
            &owner,
            &format!("GRANT SELECT ON customers, orders TO {name}"),
        );
        Some(Self { admin, owner, user })
    }

    fn name(&self) -> &str {
        self.owner.path().trim_start_matches('/')
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let name = self.name();
        execute(&self.admin, &format!("DROP DATABASE {name} WITH (FORCE)"));
        execute(&self.admin, &format!("DROP ROLE {name}"));
    }
}

fn execute(url: &Url, sql: &str) {
    let mut conn = PgConnection::establish(url.as_str()).unwrap();
    conn.batch_execute(sql).unwrap();
}

#[actix_web::test]
async fn rights_that_are_missing_are_told_until_they_are_there() {
    let Some(scratch) = Scratch::new("rights") else {
        return;
    };
    let rig = Rig::new();
    let provider = rig.provider().await;
    let config = rig.config(provider.issuer());
    let as_user = config.replace("data.db", scratch.user.as_str());
    let ran = rig.check(&as_user).await;
    ran.only_failure(&[
        "own tables",
        "permission denied",
        "bailiwick migrate",
        "GRANT CREATE",
    ]);
    assert!(
        ran.out.contains("2 resources can be administered"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains(":***@"));

    rig.write(
        "owner.toml",
        &config.replace("data.db", scratch.owner.as_str()),
    );
    let ran = rig.run("check --config owner.toml").await.well();
    assert!(
        ran.out.contains("own tables: they do not exist yet"),
        "{}",
        ran.out
    );
    let line = format!("migrate --config owner.toml --account {}", scratch.name());
    let ran = rig.run(&line).await.well();
    assert!(ran.out.contains("ran migration"));
    let grants: Vec<&str> = ran
        .out
        .lines()
        .filter(|line| line.starts_with("  GRANT "))
        .collect();
    assert_eq!(grants.len(), 2, "{}", ran.out);

    // The printed statements are those reported as missing, and they are sufficient.
    let ran = rig.check(&as_user).await;
    ran.only_failure(&["own tables: this user may not", grants[1].trim()]);
    let ran = rig.run("serve --config bailiwick.toml").await;
    assert!(
        ran.code == 1 && ran.err.contains(grants[1].trim()),
        "{}",
        ran.err
    );
    execute(&scratch.owner, &grants.join(" "));
    let ran = rig.check(&as_user).await.well();
    assert!(
        ran.out.contains("own tables: they are up to date"),
        "{}",
        ran.out
    );
    let ran = rig.run("migrate --config bailiwick.toml").await.well();
    assert!(ran.out.contains("nothing to do"));
    for secret in ["p%25ss-w0rd", "p%ss-w0rd"] {
        assert!(!ran.all().contains(secret));
    }
}

#[actix_web::test]
async fn a_database_of_another_name_is_told() {
    let Some(scratch) = Scratch::new("name") else {
        return;
    };
    let rig = Rig::new();
    let provider = rig.provider().await;
    let mut wrong = scratch.user.clone();
    wrong.set_path("/bailiwick_none");
    let config = rig.config(provider.issuer());
    let ran = rig.check(&config.replace("data.db", wrong.as_str())).await;
    ran.only_failure(&["does not exist", "correct the name in database.url"]);
    for secret in ["p%25ss-w0rd", "p%ss-w0rd"] {
        assert!(!ran.all().contains(secret), "{}", ran.all());
    }
}

#[actix_web::test]
async fn init_only_reads() {
    let Some(scratch) = Scratch::new("init") else {
        return;
    };
    let rig = Rig::new();
    let line = format!("init --database {} --out b.toml", scratch.user);
    let ran = rig.run(&line).await.well();
    assert!(ran.err.contains("for 2 tables and views"), "{}", ran.err);
    assert!(rig.read("b.toml").contains(scratch.user.as_str()));
    let filled = rig
        .read("b.toml")
        .replace("issuer = \"\"", "issuer = \"https://id.example.com\"")
        .replace("client_id = \"\"", "client_id = \"x\"")
        .replace("client_secret = \"\"", "client_secret = \"x\"")
        .replace("groups = [\"\"]", "groups = [\"admins\"]");
    rig.write("b.toml", &filled);
    let line = "explain --config b.toml --claims -";
    let ran = rig
        .run_with(line, &[], "{\"groups\": [\"admins\"]}")
        .await
        .well();
    assert!(ran.out.contains("customers (Customers)"), "{}", ran.out);
}

#[actix_web::test]
async fn an_account_without_the_right_to_make_tables_serves() {
    let Some(scratch) = Scratch::new("serves") else {
        return;
    };
    let rig = Rig::new();
    let config = rig.config("http://127.0.0.1:1");
    rig.write(
        "owner.toml",
        &config.replace("data.db", scratch.owner.as_str()),
    );
    let line = format!("migrate --config owner.toml --account {}", scratch.name());
    let ran = rig.run(&line).await.well();
    let grants: Vec<&str> = ran
        .out
        .lines()
        .filter(|line| line.starts_with("  GRANT "))
        .collect();
    execute(&scratch.owner, &grants.join(" "));
    execute(
        &scratch.owner,
        &format!(
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC, {}",
            scratch.name()
        ),
    );
    rig.write(
        "bailiwick.toml",
        &config.replace("data.db", scratch.user.as_str()),
    );
    let mut child = rig
        .command("serve --log json")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let log = std::io::BufReader::new(child.stdout.take().unwrap());
    let lines = std::io::BufRead::lines(log).map(|line| line.unwrap());
    let served = lines
        .inspect(|line| eprintln!("{line}"))
        .any(|line| line.contains("the panel is served"));
    assert!(served, "{:?}", child.wait());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let ready = client
        .get(format!("{}/readyz", rig.root()))
        .send()
        .await
        .unwrap();
    assert_eq!(ready.status(), 200);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[actix_web::test]
async fn init_names_the_schemas_that_hold_the_tables() {
    let Some(scratch) = Scratch::new("schemas") else {
        return;
    };
    execute(
        &scratch.owner,
        "DROP TABLE orders, customers, secret; CREATE SCHEMA sales; CREATE SCHEMA crm;
         CREATE TABLE sales.a (id int PRIMARY KEY); CREATE TABLE sales.b (id int PRIMARY KEY);
         CREATE TABLE crm.c (id int PRIMARY KEY)",
    );
    let rig = Rig::new();
    let line = format!("init --database {}", scratch.owner);
    let ran = rig.run(&line).await;
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains(
            "in sales (2 tables), crm (1 table): run init again with --schema sales --schema crm"
        ),
        "{}",
        ran.err
    );
    let ran = rig.run(&format!("{line} --schema sales")).await.well();
    assert!(ran.out.contains("schemas = [\"sales\"]"), "{}", ran.out);
    assert!(ran.err.contains("for 2 tables"), "{}", ran.err);
}

#[actix_web::test]
async fn what_may_not_be_seen_is_not_said_not_to_exist() {
    let Some(scratch) = Scratch::new("unseen") else {
        return;
    };
    execute(
        &scratch.owner,
        "CREATE SCHEMA crm; CREATE TABLE crm.people (id int PRIMARY KEY)",
    );
    let rig = Rig::new();
    let provider = rig.provider().await;
    let config = rig
        .config(provider.issuer())
        .replace("data.db", scratch.owner.as_str());
    rig.write("bailiwick.toml", &config);
    let line = format!("migrate --account {}", scratch.name());
    let ran = rig.run(&line).await.well();
    let grants: Vec<&str> = ran
        .out
        .lines()
        .filter(|line| line.starts_with("  GRANT "))
        .collect();
    execute(&scratch.owner, &grants.join(" "));
    let config = config.replace(scratch.owner.as_str(), scratch.user.as_str());
    rig.check(&config).await.well();
    let on = |name: &str| {
        config.replace(
            "on = [\"orders\"]\nmay = [\"view\"]\nhide = [\"margin\"]",
            &format!("on = [{name:?}]\nmay = [\"view\"]"),
        )
    };
    let ran = rig.check(&on("secret")).await;
    ran.only_failure(&[
        "roles.editor.grants[2].on",
        "the database has this table, but its user may not read it",
        "GRANT SELECT ON \"public\".\"secret\"",
    ]);
    execute(
        &scratch.owner,
        &format!("GRANT SELECT ON secret TO {}", scratch.name()),
    );
    rig.check(&on("secret")).await.well();
    let ran = rig.check(&on("people")).await;
    ran.only_failure(&[
        "in the schema \"crm\", which is not shown",
        "add \"crm\" to database.schemas",
    ]);
    let ran = rig.check(&on("nothing")).await;
    ran.only_failure(&["there is no resource", "correct roles.editor.grants[2].on"]);
    let wrong = config.replace("[oidc]", "schemas = [\"public\", \"cmr\"]\n[oidc]");
    let ran = rig.check(&wrong).await;
    ran.only_failure(&[
        "there is no schema \"cmr\"; did you mean \"crm\"?",
        "correct database.schemas",
    ]);
}
