#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;
use crate::catalog::{DisplayPart, ReferentialAction};
use diesel::connection::{Connection, SimpleConnection};

/// Builds the resources of a schema written as SQL, the shortest notation.
fn build(sql: &str) -> Vec<Resource> {
    resources(&schema(sql))
}

fn schema(sql: &str) -> Schema {
    let mut conn = diesel::SqliteConnection::establish(":memory:").unwrap();
    conn.batch_execute(sql).unwrap();
    crate::data::schema::read_sqlite(&mut conn).unwrap()
}

fn find<'a>(resources: &'a [Resource], name: &str) -> &'a Resource {
    resources
        .iter()
        .find(|resource| resource.name == name)
        .expect(name)
}

fn columns<'a>(resource: &'a Resource, indexes: &[usize]) -> Vec<&'a str> {
    indexes
        .iter()
        .map(|index| resource.fields[*index].name.as_str())
        .collect()
}

fn display(resource: &Resource) -> String {
    let part = |part: &DisplayPart| match part {
        DisplayPart::Text(text) => text.clone(),
        DisplayPart::Column(column) => format!("{{{}}}", resource.fields[*column].name),
    };
    resource.display.0.iter().map(part).collect()
}

const SHOP: &str = "
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE,
        region TEXT CHECK (region IN ('emea', 'apac')), credit_limit DECIMAL(12,2), address TEXT,
        password_hash TEXT, password_changed_at TIMESTAMP, active BOOLEAN, created_at TIMESTAMP);
    CREATE TABLE employees (id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, email TEXT,
        manager_id INT REFERENCES employees ON DELETE SET NULL, salary DECIMAL(10,2));
    CREATE TABLE orders (id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE,
        customer_id INT NOT NULL REFERENCES customers, employee_id INT REFERENCES employees,
        status TEXT NOT NULL CHECK (status IN ('new', 'paid')), placed_at TIMESTAMP NOT NULL,
        total DECIMAL(12,2), notes TEXT, extra JSON);
    CREATE TABLE order_items (order_id INT NOT NULL REFERENCES orders ON DELETE CASCADE,
        line_no INT NOT NULL, sku TEXT, note TEXT, PRIMARY KEY (order_id, line_no));
    CREATE TABLE product_tags (product_id INT REFERENCES products, tag_id INT,
        PRIMARY KEY (product_id, tag_id));
    CREATE TABLE audit (id INTEGER PRIMARY KEY, event TEXT);
    CREATE TABLE log (at TIMESTAMP, line TEXT);
    CREATE TABLE settings (key TEXT NOT NULL UNIQUE, value TEXT);
    CREATE VIEW totals AS SELECT customer_id, sum(total) AS total FROM orders GROUP BY 1;";

#[test]
fn a_shop_is_shown_as_people_expect() {
    let shop = build(SHOP);
    let orders = find(&shop, "orders");
    assert_eq!(
        (orders.label.as_str(), orders.label_one.as_str()),
        ("Orders", "Order")
    );
    assert_eq!(
        (orders.group.as_str(), display(orders).as_str()),
        ("", "{number}")
    );
    assert_eq!(
        columns(orders, &orders.list),
        [
            "number",
            "customer_id",
            "employee_id",
            "status",
            "placed_at",
            "total"
        ]
    );
    assert_eq!(columns(orders, &orders.search), ["number", "notes"]);
    assert_eq!(
        orders.sort,
        [super::super::Sort {
            column: 0,
            descending: true
        }]
    );
    assert_eq!(orders.field("customer_id").unwrap().label, "Customer");
    assert!(orders.field("notes").unwrap().long && !orders.field("number").unwrap().long);
    let customers = find(&shop, "customers");
    assert_eq!(display(customers), "{name}");
    assert_eq!(
        columns(customers, &customers.list),
        [
            "name",
            "email",
            "region",
            "credit_limit",
            "password_changed_at",
            "active",
            "created_at"
        ]
    );
    assert_eq!(columns(customers, &customers.search), ["name", "email"]);
    assert_eq!(
        display(find(&shop, "employees")),
        "{first_name} {last_name}"
    );
    let items = find(&shop, "order_items");
    assert_eq!(
        (items.label.as_str(), items.group.as_str()),
        ("Order items", "")
    );
    assert_eq!((display(items).as_str(), items.sort.len()), ("{sku}", 0));
    assert_eq!(columns(items, &items.list), ["sku", "order_id", "line_no"]);
    assert_eq!(
        display(find(&shop, "product_tags")),
        "{product_id} / {tag_id}"
    );
}

#[test]
fn relations_are_known_on_both_sides() {
    let shop = build(SHOP);
    let orders = find(&shop, "orders");
    assert_eq!(orders.relations.len(), 2);
    assert_eq!(orders.relation_at(2).unwrap().target, "customers");
    let child = Child {
        resource: "order_items".into(),
        columns: vec![0],
        parent_columns: vec![0],
        on_delete: ReferentialAction::Cascade,
        name: "order_items".into(),
        edited: Edited::Lines,
        tie: None,
    };
    assert_eq!(orders.children, [child]);
    let employees = find(&shop, "employees");
    assert_eq!(employees.relations[0].target, "employees");
    assert!(
        employees
            .children
            .iter()
            .any(|child| child.resource == "employees")
    );
    // The table of products does not exist.
    assert_eq!(find(&shop, "product_tags").relations, []);
}

#[test]
fn what_has_no_key_is_not_written_to() {
    let shop = build(SHOP);
    let key = |name| columns(find(&shop, name), &find(&shop, name).key);
    assert_eq!(key("settings"), ["key"]);
    assert!(find(&shop, "settings").writable && find(&shop, "settings").unique.is_empty());
    assert!(!find(&shop, "log").writable && key("log").is_empty());
    assert!(!find(&shop, "totals").writable && key("totals").is_empty());
}

#[test]
fn names_never_clash() {
    let shop = build(SHOP);
    let audit = find(&shop, "table_audit");
    assert_eq!(
        (audit.label.as_str(), audit.table.name.as_str()),
        ("Audit", "audit")
    );
    assert!(!audit.is_audit());
    let mut two = schema("CREATE TABLE t (id INTEGER PRIMARY KEY, up INT REFERENCES t);");
    two.default_schema = Some("public".into());
    let mut twin = two.tables[0].clone();
    let mut dotted = two.tables[0].clone();
    two.tables[0].name.schema = Some("public".into());
    two.tables[0].foreign_keys[0].target.schema = Some("sales_data".into());
    twin.name.schema = Some("sales_data".into());
    twin.foreign_keys[0].target.schema = Some("elsewhere".into());
    dotted.name = TableName {
        schema: Some("public".into()),
        name: "sales_data.t".into(),
    };
    two.tables.extend([dotted, twin]);
    let resources = resources(&two);
    let names: Vec<_> = resources
        .iter()
        .map(|r| (r.name.as_str(), r.group.as_str()))
        .collect();
    assert_eq!(
        names,
        [
            ("t", ""),
            ("sales_data.t", ""),
            ("table_sales_data.t", "Sales data")
        ]
    );
    assert_eq!(resources[0].relations[0].target, "table_sales_data.t");
    assert_eq!(resources[2].relations, []);
    assert_eq!(resources[2].children.len(), 1);
}

#[test]
fn shared_prefixes_become_groups() {
    let site = build(
        "CREATE TABLE auth_user (id INTEGER PRIMARY KEY, password varchar(128), username varchar(150));
         CREATE TABLE auth_user_groups (id INTEGER PRIMARY KEY, user_id INT REFERENCES auth_user);
         CREATE TABLE wagtailcore_page (id INTEGER PRIMARY KEY, path varchar(255) UNIQUE, title varchar(255));
         CREATE TABLE wagtailcore_site (id INTEGER PRIMARY KEY, hostname varchar(255));
         CREATE TABLE auth_group (id INTEGER PRIMARY KEY, name varchar(150));
         CREATE TABLE wagtailcore_locale (id INTEGER PRIMARY KEY, language_code varchar(100));
         CREATE TABLE home_homepage (page_ptr_id INTEGER PRIMARY KEY REFERENCES wagtailcore_page);
         CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text, expire_date datetime);
         CREATE TABLE tbl_a (id INT PRIMARY KEY); CREATE TABLE tbl_b (id INT PRIMARY KEY);
         CREATE TABLE companies (id INT PRIMARY KEY); CREATE TABLE company_a (x INT); CREATE TABLE company_b (x INT);",
    );
    let shown = |name: &str| {
        (
            find(&site, name).group.clone(),
            find(&site, name).label.clone(),
        )
    };
    let expect = |group: &str, label: &str| (group.to_owned(), label.to_owned());
    assert_eq!(shown("auth_user"), expect("Auth", "User"));
    assert_eq!(shown("auth_user_groups"), expect("Auth", "User groups"));
    assert_eq!(shown("wagtailcore_page"), expect("Wagtailcore", "Page"));
    assert_eq!(shown("home_homepage"), expect("", "Home homepage"));
    assert_eq!(shown("tbl_a"), expect("", "A"));
    assert_eq!(shown("company_a"), expect("", "Company a"));
    assert_eq!(display(find(&site, "auth_user")), "{username}");
    let user = find(&site, "auth_user");
    assert_eq!(columns(user, &user.list), ["username"]);
    let session = find(&site, "django_session");
    assert_eq!(display(session), "{expire_date}");
    assert_eq!(
        (columns(session, &session.list), session.search.len()),
        (vec!["expire_date"], 0)
    );
    let page = find(&site, "home_homepage");
    assert_eq!(
        (page.fields[0].generated, page.sort.len()),
        (Generated::No, 0)
    );
    assert_eq!(
        (display(page).as_str(), page.fields[0].label.as_str()),
        ("{page_ptr_id}", "Page ptr")
    );
}

#[test]
fn rows_are_named_by_the_best_there_is() {
    for (definition, expected) in [
        ("id INTEGER PRIMARY KEY, title TEXT, name TEXT", "{name}"),
        ("id INTEGER PRIMARY KEY, name INT, title TEXT", "{title}"),
        (
            "id INTEGER PRIMARY KEY, FirstName TEXT, LastName TEXT, Email TEXT",
            "{FirstName} {LastName}",
        ),
        (
            "id INTEGER PRIMARY KEY, thing_name TEXT, email TEXT",
            "{thing_name}",
        ),
        ("id INTEGER PRIMARY KEY, thing_name TEXT", "{thing_name}"),
        ("id INTEGER PRIMARY KEY, number INT", "{number}"),
        (
            "id INTEGER PRIMARY KEY, shade TEXT, company_name TEXT",
            "{company_name}",
        ),
        (
            "id INTEGER PRIMARY KEY, shade TEXT, vin TEXT UNIQUE",
            "{vin}",
        ),
        (
            "id INTEGER PRIMARY KEY, api_token TEXT UNIQUE, shade TEXT",
            "{shade}",
        ),
        ("id INTEGER PRIMARY KEY, body TEXT, amount INT", "{id}"),
        (
            "name TEXT REFERENCES things(id), id INTEGER PRIMARY KEY",
            "{id}",
        ),
        (
            "id INTEGER PRIMARY KEY, shade TEXT, username TEXT",
            "{username}",
        ),
        (
            "id INTEGER PRIMARY KEY, shade TEXT, company_name varchar(500)",
            "{company_name}",
        ),
        (
            "id INTEGER PRIMARY KEY, one INT REFERENCES things, other INT REFERENCES things, since DATE",
            "{one} / {other}",
        ),
        ("a INT, b INT, PRIMARY KEY (b, a)", "{b} / {a}"),
        ("a BLOB, b INT", "{b}"),
        ("a BLOB", ""),
    ] {
        let resources = build(&format!("CREATE TABLE things ({definition})"));

        assert_eq!(display(&resources[0]), expected, "{definition}");
    }
}

#[test]
fn wide_tables_list_what_tells_most() {
    let many: Vec<String> = (0..20).map(|n| format!("c{n} TEXT")).collect();
    let wide = build(&format!(
        "CREATE TABLE wide (id INTEGER PRIMARY KEY, name TEXT, {}, due DATE, paid BOOL)",
        many.join(", ")
    ));
    let wide = &wide[0];
    assert_eq!(
        columns(wide, &wide.list),
        ["name", "c0", "c1", "c2", "c3", "c4", "due", "paid"]
    );
}

#[test]
fn prose_is_told_from_short_text() {
    let all = build(
        "CREATE TABLE t (name TEXT, notes TEXT, description_en TEXT, body_html TEXT, address TEXT,
            email_address TEXT, ip_address TEXT, note varchar(80), wide varchar(2000), comment_count INT,
            content_type TEXT, en TEXT)",
    );
    let long: Vec<_> = all[0]
        .fields
        .iter()
        .filter(|f| f.long)
        .map(|f| f.name.as_str())
        .collect();
    assert_eq!(
        long,
        ["notes", "description_en", "body_html", "address", "wide"]
    );
}

#[test]
fn labels_of_relations_give_way_to_columns() {
    let all = build(
        "CREATE TABLE a (id INTEGER PRIMARY KEY);
         CREATE TABLE b (a TEXT, a_id INT REFERENCES a, owner_id INT REFERENCES a, id INT REFERENCES a,
            plain_id INT, ArtistId INT REFERENCES a)",
    );
    let labels: Vec<_> = all[1].fields.iter().map(|f| f.label.as_str()).collect();
    assert_eq!(labels, ["A", "A ID", "Owner", "ID", "Plain ID", "Artist"]);
}

#[test]
fn a_table_without_columns_or_rows_is_no_trouble() {
    let mut bare = schema("CREATE TABLE t (a INT)");
    bare.tables[0].columns.clear();
    bare.tables[0].primary_key = vec!["gone".into()];
    let resource = &resources(&bare)[0];
    assert!(!resource.writable && resource.list.is_empty() && resource.display.0.is_empty());
}

#[test]
fn a_prefix_is_left_out_only_where_what_is_left_is_a_name_of_its_own() {
    let all = build(
        "CREATE TABLE community (id INTEGER PRIMARY KEY);
         CREATE TABLE multi_community (id INTEGER PRIMARY KEY);
         CREATE TABLE multi_community_entry (id INTEGER PRIMARY KEY);
         CREATE TABLE multi_community_follow (id INTEGER PRIMARY KEY);
         CREATE TABLE admin_ban (id INTEGER PRIMARY KEY); CREATE TABLE admin_add (id INTEGER PRIMARY KEY);
         CREATE TABLE task_instance (task_id TEXT, n INT); CREATE TABLE task_map (n INT);
         CREATE TABLE task_reschedule (n INT);
         CREATE TABLE table_250 (n INT); CREATE TABLE table_251 (n INT); CREATE TABLE table_252 (n INT);
         CREATE TABLE api_token (n INT); CREATE TABLE api_tokens (n INT); CREATE TABLE api_key (n INT);
         CREATE TABLE crm_lead (n INT); CREATE TABLE crm_note (n INT); CREATE TABLE crm_call (n INT);
         CREATE TABLE auth_user_user_permissions (n INT);",
    );
    for (name, group, label) in [
        ("multi_community", "Multi", "Multi community"),
        ("multi_community_entry", "Multi", "Multi community entry"),
        ("admin_ban", "", "Admin ban"),
        ("task_instance", "", "Task instance"),
        ("task_map", "", "Task map"),
        ("table_250", "", "Table 250"),
        ("api_token", "API", "API token"),
        ("api_key", "API", "API key"),
        ("crm_lead", "CRM", "Lead"),
        ("auth_user_user_permissions", "", "Auth user permissions"),
    ] {
        let found = find(&all, name);
        assert_eq!(
            (found.group.as_str(), found.label.as_str()),
            (group, label),
            "{name}"
        );
    }
}

#[test]
fn a_view_is_called_by_the_words_of_its_schema() {
    let all = build(
        "CREATE TABLE state (region TEXT, country TEXT, province TEXT);
         CREATE VIEW vstateprovincecountryregion AS SELECT 1 AS one;
         CREATE VIEW v_state AS SELECT 1 AS one; CREATE VIEW vState AS SELECT 1 AS one2;
         CREATE VIEW various AS SELECT 1 AS one; CREATE VIEW visits AS SELECT 1 AS one;",
    );
    for (name, label) in [
        (
            "vstateprovincecountryregion",
            "State province country region",
        ),
        ("v_state", "State"),
        ("various", "Various"),
        ("visits", "Visits"),
    ] {
        assert_eq!(find(&all, name).label, label);
    }
}

#[test]
fn real_schemas_name_their_rows_as_people_would() {
    for (table, definition, expected) in [
        (
            "employees",
            "id INTEGER PRIMARY KEY, last_name varchar(20) NOT NULL, first_name varchar(10) NOT NULL,
             title varchar(30), title_of_courtesy varchar(25)",
            "{first_name} {last_name}",
        ),
        (
            "dashboards",
            "id INTEGER PRIMARY KEY, dashboard_title varchar(500), position_json TEXT, slug varchar(255) UNIQUE",
            "{dashboard_title}",
        ),
        (
            "asset",
            "id INTEGER PRIMARY KEY, name varchar(1500) NOT NULL, uri varchar(1500) NOT NULL, created_at TIMESTAMP",
            "{name}",
        ),
        (
            "dag",
            "dag_id varchar(250) NOT NULL PRIMARY KEY, bundle_name varchar(250), bundle_version varchar(200),
             dag_display_name varchar(2000)",
            "{dag_id}",
        ),
        (
            "dag_run",
            "id INTEGER PRIMARY KEY, dag_id varchar(250) NOT NULL, run_id varchar(250) NOT NULL,
             triggered_by varchar(50) CHECK (triggered_by IN ('cli', 'ui')), state varchar(50),
             UNIQUE (dag_id, run_id)",
            "{dag_id} / {run_id}",
        ),
        (
            "task_instance",
            "rendered_map_index varchar(250), dag_id varchar(250) NOT NULL, task_id varchar(250) NOT NULL,
             map_index INT NOT NULL, PRIMARY KEY (dag_id, task_id, map_index)",
            "{dag_id} / {task_id}",
        ),
        (
            "dag_code",
            "id INTEGER PRIMARY KEY, source_code TEXT NOT NULL, fileloc varchar(200) NOT NULL",
            "{fileloc}",
        ),
        ("trigger", "id INTEGER PRIMARY KEY, kwargs TEXT NOT NULL, created TIMESTAMP", "{id}"),
        (
            "connection",
            "id INTEGER PRIMARY KEY, conn_id varchar(250) NOT NULL UNIQUE, login TEXT, host varchar(500)",
            "{conn_id}",
        ),
        (
            "country",
            "country_id INTEGER PRIMARY KEY, country varchar(50) NOT NULL, last_update TIMESTAMP",
            "{country}",
        ),
        (
            "address",
            "address_id INTEGER PRIMARY KEY, address TEXT NOT NULL, address2 TEXT, district TEXT NOT NULL",
            "{address}",
        ),
        ("region", "region_id INTEGER PRIMARY KEY, region_description TEXT NOT NULL", "{region_description}"),
        (
            "territories",
            "territory_id TEXT PRIMARY KEY, territory_description TEXT NOT NULL, region_id INT",
            "{territory_description}",
        ),
        (
            "versions",
            "id INTEGER PRIMARY KEY, crate_id INT NOT NULL REFERENCES versions, num TEXT NOT NULL,
             lib_name TEXT, license TEXT, UNIQUE (crate_id, num)",
            "{num}",
        ),
        (
            "django_content_type",
            "id INTEGER PRIMARY KEY, app_label varchar(100) NOT NULL, model varchar(100) NOT NULL,
             UNIQUE (app_label, model)",
            "{app_label} / {model}",
        ),
        (
            "annotation",
            "id INTEGER PRIMARY KEY, long_descr TEXT, short_descr varchar(250), json_metadata TEXT",
            "{short_descr}",
        ),
        ("users", "id INTEGER PRIMARY KEY, email TEXT UNIQUE, ref TEXT NOT NULL UNIQUE", "{email}"),
    ] {
        let resources = build(&format!("CREATE TABLE \"{table}\" ({definition})"));
        assert_eq!(display(&resources[0]), expected, "{table}");
    }
}

#[test]
fn what_is_unique_and_the_state_come_first_in_a_list() {
    let more: Vec<String> = (0..9).map(|n| format!("at{n} TIMESTAMP")).collect();
    let all = build(&format!(
        "CREATE TABLE dag_run (id INTEGER PRIMARY KEY, {}, dag_id varchar(250) NOT NULL,
         run_id varchar(400) NOT NULL, run_type varchar(50), state varchar(50), UNIQUE (dag_id, run_id))",
        more.join(", ")
    ));
    let list = columns(&all[0], &all[0].list);
    assert_eq!(list[..2], ["dag_id", "run_id"]);
    let all = build(
        "CREATE TABLE asset (id INTEGER PRIMARY KEY, name varchar(1500), created_at TIMESTAMP)",
    );
    assert_eq!(columns(&all[0], &all[0].list), ["name", "created_at"]);
}
