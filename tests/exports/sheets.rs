//! Exported workbooks, read back.

use crate::support::{Answer, TestApp};
use scraper::{ElementRef, Html, Selector};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};

/// A downloaded workbook.
struct Book(zip::ZipArchive<Cursor<Vec<u8>>>);

/// A cell: its type, content and style number.
#[derive(Debug, Clone, PartialEq)]
struct Cell {
    kind: String,
    text: String,
    style: usize,
}

impl Book {
    fn of(answer: &Answer) -> Self {
        Self(zip::ZipArchive::new(Cursor::new(answer.body.clone())).unwrap())
    }

    fn part(&mut self, name: &str) -> String {
        let mut text = String::new();
        let mut file = self.0.by_name(name).unwrap();
        file.read_to_string(&mut text).unwrap();
        text
    }

    fn sheet(&mut self) -> String {
        self.part("xl/worksheets/sheet1.xml")
    }

    /// Rows of cells by column name; a missing cell is blank.
    fn rows(&mut self) -> Vec<BTreeMap<String, Cell>> {
        let xml = self.sheet();
        let data = xml.split("<sheetData>").nth(1).unwrap();
        let data = data.split("</sheetData>").next().unwrap();
        let page = Html::parse_fragment(data);
        let select = |name: &str| Selector::parse(name).unwrap();
        let rows: Vec<BTreeMap<String, Cell>> = page
            .select(&select("row"))
            .map(|row| row.select(&select("c")).map(cell).collect())
            .collect();
        let name = |letter: &String| rows[0][letter].text.clone();
        let named = rows[1..].iter().map(|row| {
            let cells = row.iter();
            cells.map(|(l, cell)| (name(l), cell.clone())).collect()
        });
        named.collect()
    }

    /// The number format of a style.
    fn pattern(&mut self, style: usize) -> String {
        let xml = self.part("xl/styles.xml");
        let formats = xml.split("<cellXfs").nth(1).unwrap();
        let format = formats.split("<xf ").nth(style + 1).unwrap();
        let id = format.split("numFmtId=\"").nth(1).unwrap();
        let id = id.split('"').next().unwrap();
        if let Some(rest) = xml.split(&format!("<numFmt numFmtId=\"{id}\" ")).nth(1) {
            let code = rest.split("formatCode=\"").nth(1).unwrap();
            return code.split('"').next().unwrap().to_owned();
        }
        match id {
            "0" => "General".into(),
            "1" => "0".into(),
            "2" => "0.00".into(),
            other => other.to_owned(),
        }
    }
}

fn cell(element: ElementRef) -> (String, Cell) {
    let letter = element.attr("r").unwrap();
    let letter = letter.trim_end_matches(|c: char| c.is_ascii_digit());
    let cell = Cell {
        kind: element.attr("t").unwrap_or("n").to_owned(),
        text: element.text().collect(),
        style: element.attr("s").map_or(0, |style| style.parse().unwrap()),
    };
    (letter.to_owned(), cell)
}

async fn download(app: &TestApp, person: &str, path: &str) -> Book {
    let client = app.sign_in(person).await;
    let answer = client.get(&format!("/admin/data/{path}")).await;
    Book::of(&answer.expect(200))
}

#[tokio::test]
async fn a_workbook_has_the_rows_and_the_order_of_its_list() {
    let app = TestApp::shared().await;
    let path = "orders/export.xlsx?f.status=eq:paid&sort=-total,id";
    let mut book = download(app, "alice", path).await;
    let wanted = app
        .db
        .texts("SELECT number FROM orders WHERE status = 'paid' ORDER BY total DESC, id");
    let rows = book.rows();
    let numbers: Vec<Option<String>> = rows
        .iter()
        .map(|row| Some(row["number"].text.clone()))
        .collect();
    assert_eq!(numbers, wanted);
    let sheet = book.sheet();
    assert!(sheet.contains("state=\"frozen\""));
    let area = format!("<autoFilter ref=\"A1:K{}\"/>", wanted.len() + 1);
    assert!(sheet.contains(&area), "{area}");
    assert!(book.part("xl/workbook.xml").contains("name=\"Orders\""));
}

#[tokio::test]
async fn a_workbook_larger_than_a_piece_is_whole() {
    let app = TestApp::shared().await;
    let alice = app.sign_in("alice").await;
    let answer = alice.get("/admin/data/orders/export.xlsx").await;
    assert!(answer.body.len() > 64 * 1024, "{}", answer.body.len());
    assert_eq!(Book::of(&answer).rows().len(), 2_000);
}

#[tokio::test]
async fn cells_are_of_the_type_of_their_values() {
    let app = TestApp::start().await;
    app.db.execute(
        "UPDATE orders SET placed_at = '2026-11-22 06:00:00', ship_by = '2026-11-23', total = 12.50,
         margin = NULL WHERE id = 1;
         UPDATE orders SET ship_by = '1815-06-18' WHERE id = 2",
    );
    let path = "orders/export.xlsx?sort=id&f.id=le:2";
    let mut book = download(&app, "alice", path).await;
    let rows = book.rows();
    let mut cell = |row: usize, name: &str| {
        let cell: &Cell = &rows[row][name];
        let pattern = book.pattern(cell.style);
        (cell.kind.clone(), cell.text.clone(), pattern)
    };
    let number = |text: &str, pattern: &str| ("n".into(), text.into(), pattern.into());
    assert_eq!(cell(0, "id"), number("1", "0"));
    assert_eq!(cell(0, "total"), number("12.5", "0.00"));
    assert_eq!(cell(0, "ship_by"), number("46349", "yyyy\\-mm\\-dd"));
    let (kind, at, pattern) = cell(0, "placed_at");
    assert_eq!((kind.as_str(), at.as_str()), ("n", "46348.25"));
    assert_eq!(pattern, "yyyy\\-mm\\-dd\\ hh:mm:ss");
    assert_eq!(cell(0, "express").0, "b");
    let (kind, text, _) = cell(1, "ship_by");
    assert_eq!((kind.as_str(), text.as_str()), ("inlineStr", "1815-06-18"));
    assert!(!rows[0].contains_key("margin"), "NULL is a blank cell");
}

#[tokio::test]
async fn a_workbook_holds_no_formula() {
    let app = TestApp::start().await;
    app.db.execute(
        "UPDATE customers SET name = '=1+1', city = '+49', country = '-x', website = '@SUM(A1)',
         notes = '{=cmd|'' /C calc''!A0}' WHERE id = 1;
         UPDATE customers SET name = '</t></is><f>1+1</f>', notes = 'a _x0041_ & b' WHERE id = 2",
    );
    let path = "customers/export.xlsx?sort=id&f.id=le:2";
    let mut book = download(&app, "alice", path).await;
    let sheet = book.sheet();
    assert!(!sheet.contains("<f>") && !sheet.contains("<f "), "{sheet}");
    assert!(!sheet.contains("<hyperlink"), "{sheet}");
    let rows = book.rows();
    for (name, text) in [
        ("name", "=1+1"),
        ("city", "+49"),
        ("country", "-x"),
        ("website", "@SUM(A1)"),
        ("notes", "{=cmd|' /C calc'!A0}"),
    ] {
        let cell = &rows[0][name];
        assert_eq!(
            (cell.kind.as_str(), cell.text.as_str()),
            ("inlineStr", text)
        );
    }
    assert_eq!(rows[1]["name"].text, "</t></is><f>1+1</f>");
    assert_eq!(rows[1]["notes"].text, "a _x005F_x0041_ & b");
    let styles = book.part("xl/styles.xml");
    assert!(styles.contains("quotePrefix=\"1\""), "{styles}");
}

#[tokio::test]
async fn a_workbook_has_only_what_may_be_seen() {
    let app = TestApp::start().await;
    let path = "customers/export.xlsx";
    let rows = download(&app, "bob", path).await.rows();
    assert!(!rows.is_empty());
    assert!(rows.iter().all(|row| row["region"].text == "emea"));
    let details = app
        .db
        .text("SELECT details FROM bailiwick_audit WHERE action = 'export'");
    let details: serde_json::Value = serde_json::from_str(&details.unwrap()).unwrap();
    assert_eq!(details["format"], "xlsx");
    assert_eq!(details["rows"], rows.len());
    assert_eq!(details["complete"], true);
}

#[tokio::test]
async fn a_workbook_of_nothing_has_its_head() {
    let app = TestApp::shared().await;
    let mut book = download(app, "alice", "tags/export.xlsx?f.id=eq:0").await;
    let sheet = book.sheet();
    assert_eq!(sheet.matches("<row ").count(), 1, "{sheet}");
    assert!(sheet.contains("colour"), "{sheet}");
}

#[tokio::test]
async fn more_rows_than_a_sheet_holds_are_refused_before_anything_is_sent() {
    let app = TestApp::builder()
        .prepare(|db| {
            db.execute(
                "CREATE TABLE readings (id integer PRIMARY KEY);
                 INSERT INTO readings WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL
                 SELECT i + 1 FROM n WHERE i < 1048576) SELECT i FROM n",
            );
        })
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let answer = alice.get("/admin/data/readings/export.xlsx").await;
    let answer = answer.expect(400);
    assert_eq!(answer.header("content-disposition"), "");
    let text = answer.text();
    assert!(text.contains("1,048,575 rows") && text.contains("CSV"));
    let narrower = "/admin/data/readings/export.csv?f.id=le:3";
    alice.get(narrower).await.expect(200);
}
