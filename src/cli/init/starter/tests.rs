#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::catalog::{AUDIT, Display, Field, Generated, Kind, TableName};
use crate::config::{Config, ConfigError};

fn field(name: &str) -> Field {
    Field {
        name: name.to_owned(),
        label: name.to_owned(),
        help: String::new(),
        kind: Kind::Text,
        sql_type: "text".to_owned(),
        nullable: false,
        default: None,
        generated: Generated::No,
        max_length: None,
        choices: Vec::new(),
        long: false,
    }
}

fn resource(name: &str, label: &str) -> Resource {
    Resource {
        name: name.to_owned(),
        table: TableName {
            schema: None,
            name: name.to_owned(),
        },
        writable: true,
        locked: Default::default(),
        label: label.to_owned(),
        label_one: label.to_owned(),
        group: String::new(),
        help: String::new(),
        fields: vec![field("id"), field("na\"me"), field("notes")],
        key: vec![0],
        unique: Vec::new(),
        relations: Vec::new(),
        children: Vec::new(),
        list: vec![0, 1],
        search: vec![1],
        search_paths: Vec::new(),
        display: Display(vec![
            DisplayPart::Column(1),
            DisplayPart::Text(" no. ".to_owned()),
            DisplayPart::Column(0),
        ]),
        sort: Vec::new(),
        estimate: None,
        actions: Vec::new(),
        tabs: Vec::new(),
        form: Vec::new(),
    }
}

fn catalog() -> Catalog {
    Catalog::new([
        resource("orders", "Orders"),
        resource("order items", "Order \"items\"\nof C:\\"),
        resource("crm.people", "Menschen\u{7f}"),
        resource(AUDIT, "Audit log"),
    ])
}

fn starter(database: &str, issuer: Option<&str>) -> String {
    starter_config(&Starter {
        database,
        schemas: &[],
        issuer,
        server: &ServerConfig::default(),
        catalog: &catalog(),
    })
}

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, "bailiwick.toml", std::iter::empty())
}

fn filled(text: &str) -> String {
    text.replace("issuer = \"\"", "issuer = \"https://id.example.com\"")
        .replace("client_id = \"\"", "client_id = \"panel\"")
        .replace("client_secret = \"\"", "client_secret = \"s3\"")
        .replace("groups = [\"\"]", "groups = [\"admins\"]")
}

/// Removes the `# ` before configuration, but not before explanations.
fn uncommented(text: &str, from: &str) -> String {
    let (before, after) = text.split_at(text.find(from).unwrap());
    let lines = after.lines().map(|line| match line.strip_prefix("# ") {
        Some(code) if code.starts_with('[') || code.contains(" = ") => code,
        _ => line,
    });
    let lines: Vec<&str> = lines.collect();
    format!("{before}{}", lines.join("\n"))
}

#[test]
fn every_line_to_fill_in_is_named_by_a_start() {
    let said = parse(&starter("data.db", None)).unwrap_err().to_string();
    for key in [
        "oidc.issuer",
        "oidc.client_id",
        "oidc.client_secret",
        "roles.admin.groups[1]",
    ] {
        assert!(said.contains(&format!("{key}: is empty")), "{said}");
    }
    assert_eq!(said.lines().count(), 4, "{said}");
}

#[test]
fn it_works_when_filled_in() {
    let text = filled(&starter("postgres://u:p%40\"w@h/db", None));
    let config = parse(&text).unwrap();
    assert_eq!(config.warnings, Vec::<String>::new());
    assert_eq!(config.database.url.reveal(), "postgres://u:p%40\"w@h/db");
    let grant = &config.roles["admin"].grants[0];
    assert_eq!(grant.on, ["*"]);
    assert_eq!(grant.may, VERBS);
    assert!(config.resources.is_empty());
    assert_eq!(config.roles.len(), 1);
}

#[test]
fn a_known_issuer_is_written() {
    let text = starter("data.db", Some("http://127.0.0.1:9400"));
    assert_eq!(
        parse(&filled(&text)).unwrap().oidc.unwrap().issuer,
        "http://127.0.0.1:9400"
    );
}

#[test]
fn the_addresses_to_register_are_told() {
    let text = starter("data.db", None);
    assert!(
        text.contains("http://127.0.0.1:8080/auth/callback\n"),
        "{text}"
    );
    assert!(
        text.contains("http://127.0.0.1:8080/auth/signed-out\n"),
        "{text}"
    );
}

#[test]
fn what_is_commented_out_can_be_taken_in() {
    let text = filled(&starter("data.db", None));
    let config = parse(&uncommented(&text, "# A role that may only look:\n")).unwrap();
    assert_eq!(
        config.roles["viewer"].grants[0].on,
        ["crm.people", "order items", "orders"]
    );
    assert_eq!(config.roles["viewer"].grants[0].hide, ["notes"]);
    assert_eq!(config.roles["some_rows"].grants[0].on, ["crm.people"]);
    assert_eq!(
        config.roles["some_rows"].grants[0].rows,
        ["notes=eq:{claim.notes}"]
    );
    let names: Vec<&String> = config.resources.keys().collect();
    assert_eq!(names, ["crm.people", "order items", "orders"]);
    let items = &config.resources["order items"];
    assert_eq!(items.label.as_deref(), Some("Order \"items\"\nof C:\\"));
    assert_eq!(items.list.as_deref().unwrap(), ["id", "na\"me"]);
    assert_eq!(items.search.as_deref().unwrap(), ["na\"me"]);
    assert_eq!(items.display.as_deref(), Some("{na\"me} no. {id}"));
}

#[test]
fn many_tables_are_put_into_groups_and_remarked_on() {
    let mut all: Vec<Resource> = (0..60)
        .map(|n| resource(&format!("{}_{n}", ["sales", "stock"][n % 2]), "X"))
        .collect();
    all.push(Resource {
        key: Vec::new(),
        writable: false,
        fields: vec![field("id"), field("password")],
        ..resource("report", "Report")
    });
    let text = starter_config(&Starter {
        database: "data.db",
        schemas: &[],
        issuer: None,
        server: &ServerConfig::default(),
        catalog: &Catalog::new(all),
    });
    let config = parse(&filled(&text)).unwrap();
    assert_eq!(config.resources.len(), 60);
    assert_eq!(config.resources["sales_0"].group.as_deref(), Some("Sales"));
    assert_eq!(config.resources["stock_1"].group.as_deref(), Some("Stock"));
    for line in [
        "# A view, or a table without a primary key: it can only be read.\n",
        "# Sounds like a secret: \"password\".",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn what_is_commented_out_are_the_defaults() {
    let text = filled(&starter("postgres://u@h/db", None));
    let text = text.replace("# client_secret_file = ", "# client_secret_file: ");
    let given = parse(&text).unwrap();
    let taken_in = parse(&uncommented(&text, "[server]\n")).unwrap();
    assert_eq!(taken_in.session.idle, given.session.idle);
    assert_eq!(taken_in.session.absolute, given.session.absolute);
    assert_eq!(taken_in.session.recheck, given.session.recheck);
    assert_eq!(taken_in.database.schemas, given.database.schemas);
    assert_eq!(taken_in.database.pool_size, given.database.pool_size);
    assert_eq!(
        taken_in.database.statement_timeout_s,
        given.database.statement_timeout_s
    );
    let scopes = |config: &Config| config.oidc.as_ref().unwrap().scopes.to_vec();
    assert_eq!(scopes(&taken_in), scopes(&given));
    assert_eq!(taken_in.server.trusted_proxies.texts().len(), 1);
}
