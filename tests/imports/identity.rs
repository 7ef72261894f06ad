//! An export can be imported to the same rows.

use super::{counts, import};
use crate::support::{Client, TestApp};
use crate::undo::dump;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const SEED: u64 = 20_261_128;

async fn export(client: &Client, table: &str, format: &str, query: &str) -> Vec<u8> {
    let link = format!("/admin/data/{table}/export.{format}?{query}");
    client.get(&link).await.expect(200).body.to_vec()
}

/// Texts that a file format could corrupt.
fn text(random: &mut StdRng) -> String {
    const PARTS: [&str; 22] = [
        "'",
        "''",
        "=1+1",
        "@x",
        "+A1",
        "-2",
        ";",
        ",",
        "\t",
        "\r\n",
        "\n",
        "\r",
        "\"",
        "\"\"",
        " ",
        "é",
        "\u{1f992}",
        "007",
        "null",
        "\u{feff}",
        "\\",
        "|",
    ];
    let many = random.gen_range(0..6);
    (0..many)
        .map(|_| PARTS[random.gen_range(0..PARTS.len())])
        .collect()
}

#[tokio::test]
async fn rows_that_were_exported_come_back_as_they_were() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let mut random = StdRng::seed_from_u64(SEED);
    for id in 1..=40 {
        let mut set = || match random.gen_range(0..5) {
            0 => "NULL".to_owned(),
            _ => format!("'{}'", text(&mut random).replace('\'', "''")),
        };
        let (notes, website) = (set(), set());
        app.db.execute(&format!(
            "INSERT INTO customers (id, name, email, region, city, country, notes, website)
             VALUES ({}, 'x', 'import-{id}', 'emea', '', 'y', {notes}, {website})",
            90_000 + id
        ));
    }
    let before = dump(&app);
    for (table, rows) in [
        ("order_items", "true"),
        ("product_tags", "true"),
        ("settings", "true"),
        ("customers", "id > 90000"),
    ] {
        let query = match table {
            "customers" => "f.id=gt:90000",
            // The maximum for one import.
            "order_items" => "f.order_id=le:500",
            _ => "",
        };
        let rows = match table {
            "order_items" => "order_id <= 500",
            _ if app.db.is_sqlite() && rows == "true" => "1",
            _ => rows,
        };
        for format in ["csv", "json", "jsonl"] {
            let file = export(&alice, table, format, query).await;
            app.db.execute(&format!("DELETE FROM {table} WHERE {rows}"));
            assert!(dump(&app) != before, "{table}");
            let told = import(&alice, table, &format!("format={format}"), file.clone()).await;
            assert_eq!(told["errors"].as_array().unwrap().len(), 0, "{told}");
            assert!(dump(&app) == before, "{table} as {format}");
            // Existing rows stay unchanged.
            let key = match table {
                "order_items" => "order_id,line_no",
                "product_tags" => "product_id,tag_id",
                "settings" => "key",
                _ => "email",
            };
            let query = format!("format={format}&key={key}");
            let told = import(&alice, table, &query, file).await;
            let [rows, _, _, unchanged] = counts(&told);
            assert_eq!(unchanged, rows, "{table} as {format}: {told}");
        }
    }
}

#[tokio::test]
async fn every_table_is_unchanged_by_its_own_export() {
    let app = TestApp::start().await;
    let alice = app.sign_in("alice").await;
    let before = dump(&app);
    for table in [
        "departments",
        "employees",
        "customers",
        "products",
        "orders",
        "tags",
    ] {
        for (format, query) in [
            ("csv", "labels=both"),
            ("csv", "header=labels&labels=both&bom=1"),
            ("json", ""),
            ("jsonl", "labels=both"),
        ] {
            let query = format!("f.id=le:800&{query}");
            let file = export(&alice, table, format, &query).await;
            let told = import(&alice, table, &format!("format={format}&key=id"), file).await;
            let [rows, _, _, unchanged] = counts(&told);
            assert!(rows > 0 && rows == unchanged, "{table} {query}: {told}");
        }
    }
    assert!(dump(&app) == before);
}
