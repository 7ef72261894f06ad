//! Documents and settings.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::dates::{at, date_text, day, last_day, plus_days, stamp, time_text};
use super::files::{pdf, png};
use super::insert::{Inserter, row};
use super::people::CUSTOMERS;
use super::random::Random;

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

fn customer_name(conn: &mut SqliteConnection, id: i64) -> QueryResult<String> {
    let found: Name = diesel::sql_query("SELECT name FROM customers WHERE id = ?")
        .bind::<BigInt, _>(id)
        .get_result(conn)?;
    Ok(found.name)
}

const PAPERS: &[&str] = &[
    "Frame agreement",
    "Price list",
    "Offer",
    "Delivery note",
    "Complaint",
    "Minutes",
];

/// Writes the documents: some about a customer, some about the company itself.
pub(super) fn documents(conn: &mut SqliteConnection, employees: i64) -> QueryResult<()> {
    let mut random = Random::new(0xD0C5);
    let mut table = Inserter::new(
        "documents (id, title, media_type, content, size, uploaded_by, uploaded_at, customer_id)",
    );
    for id in 1_i64..=40 {
        let uploaded = plus_days(last_day(), -5 * (40 - id) - random.between(0, 4));
        let customer = (id % 3 != 0).then(|| random.between(1, CUSTOMERS));
        let about = match customer {
            Some(id) => customer_name(conn, id)?,
            None => "Internal".to_owned(),
        };
        let (title, media_type, content) = paper(id, &about, &date_text(uploaded), &mut random);
        let size = i64::try_from(content.len()).unwrap_or(0);
        let by = random.chance(88).then(|| random.between(1, employees));
        let moment = stamp(at(uploaded, random.between(8 * 3600, 18 * 3600)));
        table.push(
            conn,
            row![id, title, media_type, content, size, by, moment, customer],
        )?;
    }
    table.finish(conn)
}

fn paper(id: i64, about: &str, date: &str, random: &mut Random) -> (String, &'static str, Vec<u8>) {
    let kind = random.pick(PAPERS);
    match id % 4 {
        0 => {
            let bars: Vec<u32> = (0..12)
                .map(|_| u32::try_from(random.between(8, 80)).unwrap_or(8))
                .collect();
            (
                format!("Sales chart {date} – {about}.png"),
                "image/png",
                png(&bars),
            )
        }
        1 => {
            let text = format!(
                "{kind}\n{about}\n{date}\n\nAgreed by telephone; written confirmation follows.\n"
            );
            (
                format!("{kind} {date} – {about}.txt"),
                "text/plain",
                text.into_bytes(),
            )
        }
        _ => {
            let lines = [
                about.to_owned(),
                String::new(),
                format!("Date: {date}"),
                format!("Reference: {}/{id:03}", kind.to_lowercase()),
                String::new(),
                "This is a document of the sample company. It binds nobody to anything.".to_owned(),
            ];
            (
                format!("{kind} {date} – {about}.pdf"),
                "application/pdf",
                pdf(kind, &lines),
            )
        }
    }
}

/// A setting: key, value, whether it is on, and its purpose.
type Setting = (&'static str, &'static str, bool, &'static str);

const SETTINGS: &[Setting] = &[
    (
        "billing.currency",
        r#""EUR""#,
        true,
        "The currency prices are kept in. Amounts on invoices may be converted.",
    ),
    (
        "billing.due_days",
        r#"{"emea":14,"amer":30,"apac":30}"#,
        true,
        "Days until an invoice is due, by region.",
    ),
    (
        "billing.reminders",
        r#"[7,14,28]"#,
        true,
        "Days after the due date on which a reminder goes out.",
    ),
    (
        "billing.vat.rates",
        r#"{"standard":19.0,"reduced":7.0,"books":7.0}"#,
        true,
        "Rates for the home country, in per cent.",
    ),
    (
        "catalogue.featured",
        r#"["LMP-0001","SEA-0014","TEX-0033"]"#,
        true,
        "What the shop's first page shows, in this order.",
    ),
    (
        "catalogue.low_stock",
        "12",
        true,
        "Below this number a product is marked as nearly gone.",
    ),
    (
        "catalogue.show_weight",
        "true",
        true,
        "Whether the shop shows how heavy things are.",
    ),
    (
        "discount 10%, spring/summer",
        r#"{"code":"GARTEN10","percent":10,"categories":["Garden","Outdoor"]}"#,
        false,
        "The seasonal discount. Its key is as it came from the old shop and stays so: the tills ask for it by that name.",
    ),
    (
        "export.nightly",
        r#"{"format":"csv","target":"sftp://files.example.com/in","tables":["orders","order_items"]}"#,
        true,
        "Writes yesterday's orders for the accountants. They import them at six; it must be done by then.",
    ),
    (
        "export.separator",
        r#"";""#,
        true,
        "What stands between two values of an export.",
    ),
    (
        "feature.express_checkout",
        "true",
        true,
        "Lets known customers order in one step.",
    ),
    (
        "feature.gift_cards",
        "false",
        false,
        "Gift cards. Not before legal has read the terms.",
    ),
    (
        "feature.returns_portal",
        r#"{"share":0.25}"#,
        true,
        "The share of customers who see the new returns pages.",
    ),
    (
        "mail.from",
        r#"{"name":"Sander & Daughters","address":"hello@example.com"}"#,
        true,
        "Who our mail is from.",
    ),
    (
        "mail.newsletter",
        r#"{"weekday":"thu","segment":"subscribers"}"#,
        true,
        "The weekly newsletter.",
    ),
    (
        "mail.signature",
        r#""Sander & Daughters · Große Elbstraße 12 · Hamburg""#,
        true,
        "Stands below every mail.",
    ),
    (
        "orders.cancel_after_days",
        "10",
        true,
        "Pending orders that nobody pays are cancelled after so many days.",
    ),
    (
        "orders.number.next",
        "60001",
        true,
        "The number the next order gets, without its prefix.",
    ),
    (
        "orders.number.prefix",
        r#""SO-""#,
        true,
        "What stands before the number of an order.",
    ),
    (
        "orders.review_above",
        "25000.00",
        true,
        "Orders above this total are looked at by somebody before they go out.",
    ),
    (
        "reports.monthly",
        r#"{"to":["finance@example.com"],"view":"monthly_sales"}"#,
        true,
        "Sends last month's figures.",
    ),
    (
        "retention.baskets_days",
        "90",
        true,
        "Baskets nobody came back for are deleted after so many days.",
    ),
    (
        "retention.logs_days",
        "400",
        true,
        "How long technical logs are kept.",
    ),
    (
        "search.synonyms",
        r#"{"sofa":["couch"],"lamp":["light","Leuchte"],"rug":["carpet"]}"#,
        true,
        "Words the shop's search takes for one another.",
    ),
    (
        "shipping.carriers",
        r#"[{"name":"Nordfracht","max_kg":30},{"name":"Spedition Weiß","max_kg":800}]"#,
        true,
        "Who carries what, up to which weight.",
    ),
    (
        "shipping.express.cutoff",
        r#""11:30""#,
        true,
        "Express orders placed later leave the next day.",
    ),
    (
        "shipping.free_above",
        "150.00",
        true,
        "From this total on we pay for the delivery.",
    ),
    (
        "shop.banner",
        "null",
        false,
        "A line of text on top of every page of the shop. Empty most of the year.",
    ),
    (
        "shop.opening_hours",
        r#"{"mon-fri":"9–18","sat":"10–14"}"#,
        true,
        "As they stand on the door.",
    ),
    (
        "stock.count",
        r#"{"aisles":48,"per_night":4}"#,
        true,
        "The warehouse is counted a few aisles a night, all year round.",
    ),
];

/// Writes the settings.
pub(super) fn settings(conn: &mut SqliteConnection) -> QueryResult<()> {
    let mut random = Random::new(0x5E77);
    let mut table = Inserter::new(
        "settings (key, value, enabled, valid_from, runs_at, token, description, updated_at)",
    );
    for (key, value, enabled, description) in SETTINGS {
        let runs = [
            "export.nightly",
            "mail.newsletter",
            "reports.monthly",
            "stock.count",
        ]
        .contains(key);
        let runs_at = runs.then(|| time_text(random.between(4, 23) * 900));
        let valid_from = random
            .chance(60)
            .then(|| date_text(plus_days(day(2024, 1, 1), random.between(0, 900))));
        let updated = at(
            plus_days(last_day(), -random.between(1, 700)),
            random.between(8 * 3600, 18 * 3600),
        );
        let token = (runs || random.chance(30)).then(|| random.uuid());
        table.push(
            conn,
            row![
                *key,
                *value,
                *enabled,
                valid_from,
                runs_at,
                token,
                *description,
                stamp(updated)
            ],
        )?;
    }
    table.finish(conn)
}
