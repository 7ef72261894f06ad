//! Refusals by the database, reported as such and never as an error of the panel.

mod reads;
mod rights;
mod rules;

use crate::support::{Answer, Database};

/// A table with constraints: a name, a number of nights, and a price.
const STAYS: &str = "
    CREATE TABLE stays (id INTEGER PRIMARY KEY, guest VARCHAR(40) NOT NULL, nights INTEGER NOT NULL
        CONSTRAINT fits_a_month CHECK (nights < 32), price NUMERIC(8,2) NOT NULL CHECK (price > 0),
        CONSTRAINT \"long stays are cheap\" CHECK (nights < 20 OR price < 1000));
    INSERT INTO stays (guest, nights, price) VALUES ('Ann', 2, 100), ('Bob', 3, 200);";

fn stays(db: &Database) -> String {
    if db.is_sqlite() {
        STAYS.to_owned()
    } else {
        STAYS.replace("INTEGER PRIMARY KEY", "serial PRIMARY KEY")
    }
}

/// Raises this error whenever a stay is written or deleted under that condition.
fn raise(db: &Database, when: &str, event: &str, text: &str) {
    let literal = text.replace('\'', "''");
    let row = if event == "DELETE" { "OLD" } else { "NEW" };
    db.execute(&if db.is_sqlite() {
        format!(
            "CREATE TRIGGER refuse_{event} BEFORE {event} ON stays WHEN {row}.{when}
             BEGIN SELECT RAISE(ABORT, '{literal}'); END"
        )
    } else {
        format!(
            "CREATE FUNCTION refuse_{event}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             RAISE EXCEPTION '{}'; END $$;
             CREATE TRIGGER refuse_{event} BEFORE {event} ON stays FOR EACH ROW
             WHEN ({row}.{when}) EXECUTE FUNCTION refuse_{event}()",
            literal.replace('%', "%%")
        )
    });
}

/// The message at the top of a page with a refusal.
fn alert(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{answer:?}");
    answer.page().text("[role=alert]")
}
