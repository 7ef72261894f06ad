#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;
use crate::catalog::AUDIT;
use diesel::connection::{Connection, SimpleConnection};

fn schema() -> Schema {
    let mut conn = diesel::SqliteConnection::establish(":memory:").unwrap();
    conn.batch_execute(
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, code TEXT, state TEXT, level INT);
         CREATE TABLE orders (id INTEGER PRIMARY KEY, number TEXT, total DECIMAL(9,2), notes TEXT,
            customer_id INT REFERENCES customers, \"-odd\" INT);",
    )
    .unwrap();
    crate::data::schema::read_sqlite(&mut conn).unwrap()
}

fn overlay(toml: &str) -> Result<Catalog, Vec<String>> {
    let settings: BTreeMap<String, ResourceConfig> = toml::from_str(toml).unwrap();
    Catalog::of(&schema(), &settings)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn columns(resource: &Resource, indexes: &[usize]) -> Vec<String> {
    indexes
        .iter()
        .map(|index| resource.fields[*index].name.clone())
        .collect()
}

#[test]
fn nothing_configured_changes_nothing_and_adds_the_audit_log() {
    let catalog = overlay("").unwrap();
    let names: Vec<_> = catalog
        .iter()
        .map(|resource| resource.name.as_str())
        .collect();
    assert_eq!(names, [AUDIT, "customers", "orders"]);
}

#[test]
fn every_setting_is_followed() {
    let catalog = overlay(
        r#"
        [orders]
        label = "Purchases"
        group = "Sales"
        help = "What was bought"
        list = ["total", "number", "total"]
        search = ["notes"]
        display = "No. {number} {{{id}}}"
        sort = ["-total", "-odd", "id"]
        [orders.columns.total]
        label = "Sum"
        help = "With tax"
        [orders.columns.number]
        long = true
        [customers]
        label_one = "Client"
        [customers.columns.state]
        choices = ["new", "old"]
        [customers.columns.level]
        choices = ["1", "2"]
        [audit]
        label = "Trace"
        [audit.columns.at]
        label = "Time"
        "#,
    )
    .unwrap();
    let orders = catalog.get("orders").unwrap();
    assert_eq!(
        (orders.label.as_str(), orders.label_one.as_str()),
        ("Purchases", "Purchase")
    );
    assert_eq!(
        (orders.group.as_str(), orders.help.as_str()),
        ("Sales", "What was bought")
    );
    assert_eq!(columns(orders, &orders.list), ["total", "number"]);
    assert_eq!(columns(orders, &orders.search), ["notes"]);
    let display = [
        DisplayPart::Text("No. ".into()),
        DisplayPart::Column(1),
        DisplayPart::Text(" {".into()),
        DisplayPart::Column(0),
        DisplayPart::Text("}".into()),
    ];
    assert_eq!(orders.display.0, display);
    let sort: Vec<_> = orders
        .sort
        .iter()
        .map(|sort| (sort.column, sort.descending))
        .collect();
    assert_eq!(sort, [(2, true), (5, false), (0, false)]);
    let total = orders.field("total").unwrap();
    assert_eq!(
        (total.label.as_str(), total.help.as_str()),
        ("Sum", "With tax")
    );
    assert!(orders.field("number").unwrap().long);
    let customers = catalog.get("customers").unwrap();
    assert_eq!(
        (customers.label.as_str(), customers.label_one.as_str()),
        ("Customers", "Client")
    );
    let state = customers.field("state").unwrap();
    assert_eq!((state.kind, state.choices.len()), (Kind::Choice, 2));
    let level = customers.field("level").unwrap();
    assert_eq!((level.kind, level.choices.len()), (Kind::Int, 2));
    let audit = catalog.get(AUDIT).unwrap();
    assert_eq!((audit.label.as_str(), audit.list.len()), ("Trace", 6));
}

#[test]
fn the_list_follows_another_name() {
    let catalog = overlay("[customers]\ndisplay = \"{code}\"").unwrap();
    let customers = catalog.get("customers").unwrap();
    assert_eq!(columns(customers, &customers.list)[0], "code");
    assert_eq!(columns(customers, &customers.search)[0], "code");
}

#[test]
fn all_mistakes_are_told_at_once() {
    let errors = overlay(
        r#"
        [order]
        label = "x"
        [orders]
        list = ["number", "totl", "nothing_like_it"]
        search = ["note"]
        sort = ["-totals"]
        display = "{numbr}"
        [orders.columns."customer id"]
        label = "x"
        [customers.columns.level]
        choices = ["1", "two"]
        "#,
    )
    .unwrap_err();
    assert_eq!(
        errors,
        [
            "resources.customers.columns.level.choices: \"two\" does not fit the column: Enter a whole number.",
            "resources.order: there is no resource \"order\"; did you mean \"orders\"?",
            "resources.orders.columns.\"customer id\": there is no column \"customer id\"; did you mean \"customer_id\"?",
            "resources.orders.display: there is no column \"numbr\"; did you mean \"number\"?",
            "resources.orders.list: there is no column \"totl\"; did you mean \"total\"?",
            "resources.orders.list: there is no column \"nothing_like_it\"",
            "resources.orders.search: there is no column \"note\"; did you mean \"notes\"?",
            "resources.orders.sort: there is no column \"totals\"; did you mean \"total\"?",
        ]
    );
}

#[test]
fn what_is_hidden_leaves_no_trace() {
    let without = overlay("[customers]\nhidden = true").unwrap();
    assert!(without.get("customers").is_none());
    assert_eq!(without.get("orders").unwrap().relations, []);
    let without = overlay("[orders]\nhidden = true").unwrap();
    assert_eq!(without.get("customers").unwrap().children, []);
}

#[test]
fn displays_need_a_column_and_whole_braces() {
    let catalog = overlay("").unwrap();
    let orders = catalog.get("orders").unwrap();
    assert!(parse_display(orders, "{ number }").is_ok());
    assert!(parse_display(orders, "{-odd}").is_ok());
    assert_eq!(parse_display(orders, "plain"), Err(DisplayError::Constant));
    assert_eq!(parse_display(orders, ""), Err(DisplayError::Constant));
    assert_eq!(
        parse_display(orders, "{number"),
        Err(DisplayError::Brace('}'))
    );
    assert_eq!(
        parse_display(orders, "number}"),
        Err(DisplayError::Brace('{'))
    );
    assert_eq!(
        parse_display(orders, "{number").unwrap_err().to_string(),
        "\"}\" is missing; write {column}, and {{ or }} for a brace itself"
    );
}

#[test]
fn tabs_are_put_above_the_list_as_they_are_written() {
    let catalog = overlay(
        r#"
        [[orders.tabs]]
        label = "Dear"
        query = "f.total=gt:100&sort=-total&columns=number,customer_id.name&size=100&q=a&tz=Europe/Berlin"
        [[orders.tabs]]
        label = "Of good customers"
        query = "or.1.customer_id.level=ge:3&or.1.notes=null:&count=no"
        [[customers.tabs]]
        label = "With orders"
        query = "has.orders=ge:1"
        "#,
    )
    .unwrap();
    let orders = catalog.get("orders").unwrap();
    let labels: Vec<&str> = orders.tabs.iter().map(|tab| tab.label.as_str()).collect();
    assert_eq!(labels, ["Dear", "Of good customers"]);
    assert_eq!(catalog.get("customers").unwrap().tabs.len(), 1);
}

#[test]
fn tabs_that_cannot_be_followed_are_told_with_what_is_wrong() {
    for (query, told) in [
        ("", "as in its address"),
        (
            "f.totel=gt:1",
            "there is no column \"totel\"; did you mean \"total\"?",
        ),
        ("sort=-totel", "there is no column \"totel\""),
        ("columns=-total", "without a sign"),
        ("f.total=over:1", "over"),
        ("f.total=gt:dear", "Total: Enter a number"),
        (
            "f.customer_id.nme=eq:x",
            "there is no column \"customer_id.nme\"",
        ),
        ("status=paid", "\"status\" is not a parameter of a list"),
        ("or.total=gt:1", "is not a parameter of a list"),
        ("has.customers=any", "no rows of \"customers\" point here"),
        ("size=0", "size is a number from 1 to 500"),
        ("tz=Berlin", "\"Berlin\" is not a time zone"),
        ("count=yes", "count can only be no"),
        ("view=3", "\"view\" is not a parameter of a list"),
    ] {
        let toml = format!("[[orders.tabs]]\nlabel = \"T\"\nquery = \"{query}\"");
        let errors = overlay(&toml).unwrap_err();
        let expected = "resources.orders.tabs[1].query: ";
        assert!(errors[0].starts_with(expected), "{query}: {errors:?}");
        assert!(errors[0].contains(told), "{query}: {errors:?}");
    }
    let errors = overlay("[[orders.tabs]]\nlabel = \" \"\nquery = \"q=a\"").unwrap_err();
    assert!(
        errors[0].starts_with("resources.orders.tabs[1].label: "),
        "{errors:?}"
    );
}
