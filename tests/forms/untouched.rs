//! Opening and saving a row changes nothing, and changing one field changes one cell. The client
//! sends what a browser makes of each control.

use crate::support::{Client, Form, TestApp};
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE};

const TABLE: &str = "CREATE TABLE odd (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL,
    flag BOOLEAN NOT NULL, maybe BOOLEAN, amount INTEGER NOT NULL, ratio DOUBLE PRECISION,
    price DECIMAL(10,2), day DATE, at TIMESTAMP NOT NULL, opens TIME, seen TIMESTAMP WITH TIME ZONE,
    notes TEXT, state VARCHAR(10) NOT NULL CHECK (state IN ('new', 'done')))";
/// The columns of a table as one text, as stored.
const COLUMNS: [&str; 12] = [
    "name", "flag", "maybe", "amount", "ratio", "price", "day", "at", "opens", "seen", "notes",
    "state",
];

async fn odd(rows: &'static [&'static str], more: fn(&TestApp)) -> (TestApp, Client) {
    let app = TestApp::builder()
        .prepare(move |db| {
            db.execute(TABLE);
            for (id, row) in rows.iter().enumerate() {
                db.execute(&format!("INSERT INTO odd VALUES ({id}, {row})"));
            }
        })
        .start()
        .await;
    more(&app);
    let alice = app.sign_in("alice").await;
    (app, alice)
}

/// Every cell of a row, with its type if the database stores one.
fn cells(app: &TestApp, id: usize) -> Vec<Option<String>> {
    let read = |column: &&str| {
        let cell = if app.db.is_sqlite() {
            format!("typeof({column}) || ':' || quote({column})")
        } else {
            format!("CAST({column} AS text)")
        };
        app.db
            .text(&format!("SELECT {cell} FROM odd WHERE id = {id}"))
    };
    COLUMNS.iter().map(read).collect()
}

async fn opened(alice: &Client, id: usize) -> Form {
    let form = alice.form(&format!("/admin/data/odd/row/{id}/edit")).await;
    assert_eq!(form.insisted, Vec::<String>::new(), "row {id}");
    form
}

async fn check(app: &TestApp, alice: &Client, id: usize) {
    let before = cells(app, id);
    let form = opened(alice, id).await;
    let answer = alice.save(&form).await;
    assert!(
        answer.header("location").ends_with("done=unchanged"),
        "row {id}: {form:?}"
    );
    assert_eq!(cells(app, id), before, "row {id}");
    alice
        .save(&form.set("name", &format!("Renamed {id}")))
        .await;
    let after = cells(app, id);
    assert_eq!(after[1..], before[1..], "row {id}");
    assert_ne!(after[0], before[0], "row {id}");
}

#[tokio::test]
async fn what_a_strict_database_holds_is_left_alone() {
    const ROWS: &[&str] = &[
        "'a', true, NULL, 5, 0.1, 12.50, '2024-02-29', '2026-11-22 16:13:00', '09:05', '2026-11-22 16:13:05', 'x', 'new'",
        "'', false, true, -9, 1e300, NULL, NULL, '2026-11-22 16:13:05', '09:05:30', NULL, '', 'done'",
        "'  b ', false, false, 0, NULL, 0, '0001-01-01', '9999-12-31 23:59:59', NULL, '2026-11-22 16:13:00', NULL, 'new'",
    ];
    let (app, alice) = odd(ROWS, |_| {}).await;
    for id in 0..ROWS.len() {
        check(&app, &alice, id).await;
    }
}

#[tokio::test]
async fn what_no_control_holds_is_left_alone() {
    const SQLITE: &[&str] = &[
        "'a', 't', 'f', 'abc', 'x', 12.345, '2024-2-9', '2026-11-22T16:13:00+02:00', '9:05', '2026-11-22T16:13:00Z', 'x', 'new'",
        "'b', 'yes', 2, 1.5, 1e400, 'n/a', 'soon', '2026-11-22', '24:00', 1700000000, char(13), 'new'",
        "'c', 2, 'no', '', '', '', '', '2026-11-22T16:13:00.123456', '9:05:07.5', '', 'a' || char(13) || 'b', 'new'",
        "'d', '', '', '1,5', '1,5', 1.005, '20240209', '', '', 'x', 'a' || char(10) || 'b' || char(13, 10) || 'c', 'new'",
        "'e', 0, 1, 9223372036854775807, 0.1, 3, '2024-02-30', '2026-11-22T16:13', '09:05:60', '2026-11-22 16:13:00+00', x'00ff', 'new'",
    ];
    const POSTGRES: &[&str] = &[
        "'a', true, NULL, 5, 'NaN', 'NaN', 'infinity', '-infinity', '24:00', 'infinity', 'x', 'new'",
        "'b', true, NULL, 5, '-Infinity', NULL, '0044-03-15 BC', '2026-11-22 16:13:00.123456', '09:05:00.5', '0044-03-15 00:00 BC', E'a\\rb', 'new'",
        "'c', true, NULL, 5, 1e-300, 1.5, '12345-01-01', '12345-01-01 00:00:00', NULL, '2026-11-22 16:13:00.5+05:45', E'a\\r\\nb\\nc\\rd', 'new'",
    ];
    let is_sqlite = crate::support::Database::company().is_sqlite();
    let rows = if is_sqlite { SQLITE } else { POSTGRES };
    let (app, alice) = odd(rows, |_| {}).await;
    for id in 0..rows.len() {
        check(&app, &alice, id).await;
    }
}

#[tokio::test]
async fn what_the_columns_hold_after_their_types_changed_is_left_alone() {
    const ROWS: &[&str] = &[
        "'a', true, NULL, 5, 0.1, 12.50, '2024-02-29', '2026-11-22 16:13:00', '09:05', NULL, 'x', 'new'",
    ];
    let (app, alice) = odd(ROWS, |app| {
        if app.db.is_sqlite() {
            return;
        }
        app.db.execute(
            "ALTER TABLE odd ALTER flag TYPE text USING 't', ALTER amount TYPE text USING 'abc',
             ALTER day TYPE text USING 'soon', ALTER at TYPE text USING '2026-11-22T16:13:00+02:00',
             ALTER opens TYPE text USING '9:05', ALTER price TYPE text USING 'n/a'",
        );
    })
    .await;
    check(&app, &alice, 0).await;
}

#[tokio::test]
async fn a_date_is_written_as_the_application_writes_it() {
    const ROWS: &[&str] = &[
        "'a', true, NULL, 5, 0.1, 1, NULL, '2026-11-22T16:13:00', '09:05', '2026-11-22T16:13:00Z', 'x', 'new'",
        "'b', true, NULL, 5, 0.1, 1, NULL, '2026-11-22 16:13:00.000000', '9:05', '2026-11-22 16:13:00.5+00:00', 'x', 'new'",
    ];
    let (app, alice) = odd(ROWS, |_| {}).await;
    if !app.db.is_sqlite() {
        return;
    }
    let cell = |column: &str, id: usize| {
        app.db
            .text(&format!("SELECT {column} FROM odd WHERE id = {id}"))
            .unwrap()
    };
    let form = opened(&alice, 0).await;
    let form = form.set("at", "2027-01-02T03:04").set("opens", "10:15");
    alice.save(&form.set("seen", "2027-01-02 03:04:05")).await;
    assert_eq!(cell("at", 0), "2027-01-02T03:04:00");
    assert_eq!(cell("opens", 0), "10:15");
    assert_eq!(cell("seen", 0), "2027-01-02T03:04:05Z");
    let form = opened(&alice, 1).await;
    let form = form
        .set("at", "2027-01-02 03:04:05.250000")
        .set("opens", "9:06");
    alice
        .save(&form.set("seen", "2027-01-02 03:04:05.5+02:00"))
        .await;
    assert_eq!(cell("at", 1), "2027-01-02 03:04:05.250000");
    assert_eq!(cell("opens", 1), "9:06");
    assert_eq!(cell("seen", 1), "2027-01-02 03:04:05.5+02:00");
}

#[tokio::test]
async fn a_value_that_is_out_of_format_can_be_mended() {
    const ROWS: &[&str] =
        &["'a', 't', NULL, 'abc', 0.1, 1, '2024-2-9', '2026-11-22', '9:05', NULL, 'x', 'new'"];
    if !crate::support::Database::company().is_sqlite() {
        return;
    }
    let (app, alice) = odd(ROWS, |_| {}).await;
    // Each has a control that shows what is there.
    let page = alice.page("/admin/data/odd/row/0/edit").await;
    for (column, value) in [("day", "2024-2-9"), ("at", "2026-11-22"), ("opens", "9:05")] {
        let control = format!("input[name='{column}'][type='text'][value='{value}']");
        assert!(page.has(&control), "{column}");
    }
    let form = opened(&alice, 0).await;
    let form = form.set("day", "2024-02-09").set("amount", "7");
    alice.save(&form.set("opens", "09:05")).await;
    let row = cells(&app, 0);
    assert_eq!(row[3].as_deref(), Some("integer:7"));
    assert_eq!(row[6].as_deref(), Some("text:'2024-02-09'"));
    assert_eq!(row[8].as_deref(), Some("text:'09:05'"));
    assert_eq!(row[1].as_deref(), Some("text:'t'"));
}

#[tokio::test]
async fn no_digit_of_a_number_is_cut() {
    const ROWS: &[&str] =
        &["'a', true, NULL, 5, 0.1, 12.345, NULL, '2026-11-22 16:13:00', NULL, NULL, 'x', 'new'"];
    let (app, alice) = odd(ROWS, |_| {}).await;
    let wanted = if app.db.is_sqlite() {
        "12.345"
    } else {
        "12.35"
    };
    let list = alice.json("/admin/data/odd").await;
    assert_eq!(list["rows"][0]["price"], wanted);
    let page = alice.page("/admin/data/odd/row/0").await;
    assert_eq!(page.fact("Price").as_deref(), Some(wanted));
    let csv = alice.get("/admin/data/odd/export.csv").await.text();
    assert!(csv.contains(&format!(",{wanted},")), "{csv}");
}

#[tokio::test]
async fn a_number_that_is_one_larger_is_another_number() {
    let app = TestApp::builder()
        .prepare(|db| {
            db.execute(
                "CREATE TABLE sums (id INTEGER PRIMARY KEY, budget NUMERIC(20,2), ratio DOUBLE PRECISION)",
            );
            db.execute("INSERT INTO sums VALUES (1, '11234567890123456.78', 11234567890123456)");
        })
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let link = "/admin/data/sums/row/1/edit";
    let cell = |column: &str| {
        let cell = format!("SELECT CAST({column} AS NUMERIC) || '' FROM sums WHERE id = 1");
        app.db.text(&cell).unwrap()
    };
    let form = alice.form(link).await;
    let shown = form.get("budget").unwrap().to_owned();
    let larger = shown.replacen("11234567890123456", "11234567890123457", 1);
    assert_ne!(larger, shown);
    let answer = alice.save(&form.set("budget", &larger)).await;
    assert!(answer.header("location").ends_with("done=saved"));
    assert!(cell("budget").starts_with("11234567890123457"));
    // No double is that number: it would be kept as the one that is there.
    let form = alice.form(link).await.set("ratio", "11234567890123457");
    let answer = alice.submit(&form).await.expect(422);
    let told = answer.page().field_error("ratio").unwrap();
    assert!(told.contains("at most 15 digits"), "{told}");
    assert_eq!(answer.page().form().get("ratio"), Some("11234567890123457"));
    for (typed, done) in [
        ("11234567890123456.0", "done=unchanged"),
        ("11234567890123458", "done=saved"),
    ] {
        let form = alice.form(link).await.set("ratio", typed);
        let answer = alice.save(&form).await;
        assert!(answer.header("location").ends_with(done), "{typed}");
    }
}

#[tokio::test]
async fn json_keeps_its_digits_and_its_keys() {
    const DOCUMENT: &str = r#"{"n":12345678901234567890.123456789,"a":1,"a":2,"e":1.50}"#;
    let app = TestApp::builder()
        .prepare(|db| {
            db.execute("CREATE TABLE docs (id INTEGER PRIMARY KEY, body JSON, title VARCHAR(20))");
            db.execute(&format!("INSERT INTO docs VALUES (1, '{DOCUMENT}', 'x')"));
        })
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    for path in [
        "docs",
        "docs/row/1",
        "docs/row/1/edit",
        "docs/export.json",
        "docs/export.jsonl",
    ] {
        let answer = alice
            .get_json(&format!("/admin/data/{path}"))
            .await
            .expect(200);
        assert!(
            answer.text().contains(DOCUMENT),
            "{path}: {}",
            answer.text()
        );
    }
    let form = alice.form("/admin/data/docs/row/1/edit").await;
    alice.save(&form.set("title", "y")).await;
    let kept = app.db.text("SELECT body FROM docs WHERE id = 1");
    assert_eq!(kept.as_deref(), Some(DOCUMENT));
}

#[tokio::test]
async fn a_form_sent_as_json_keeps_every_digit_and_key() {
    const DOCUMENT: &str = r#"{"n":12345678901234567890.123456789,"a":1,"a":2,"e":1.50}"#;
    let app = TestApp::builder()
        .prepare(|db| {
            db.execute(
                "CREATE TABLE docs (id INTEGER PRIMARY KEY, body JSON, price NUMERIC(30,2))",
            );
            db.execute(&format!("INSERT INTO docs VALUES (1, '{DOCUMENT}', 1)"));
        })
        .start()
        .await;
    let alice = app.sign_in("alice").await;
    let link = "/admin/data/docs/row/1/edit";
    let csrf = alice.csrf().await;
    let larger = DOCUMENT.replace("1.50", "2.50");
    // Whole numbers of more digits than a double has, and on PostgreSQL others too.
    let price = if app.db.is_sqlite() {
        "1234567890123456789"
    } else {
        "1234567890123456789012345678.91"
    };
    for (members, changed) in [
        (format!(r#""body": {DOCUMENT}"#), false),
        (format!(r#""body": {larger}, "price": {price}"#), true),
    ] {
        let digest = alice.json(link).await["row_digest"].clone();
        let request = alice
            .request(Method::POST, link)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/json")
            .header("x-csrf-token", &csrf)
            .body(format!(r#"{{"row_digest": {digest}, {members}}}"#));
        let answer = alice.send(request).await.expect(200);
        assert_eq!(answer.json()["changed"], changed, "{members}");
    }
    let kept = app.db.text("SELECT body FROM docs WHERE id = 1");
    assert_eq!(kept, Some(larger));
    let kept = app.db.text("SELECT price || '' FROM docs WHERE id = 1");
    assert_eq!(kept.as_deref(), Some(price));
}
