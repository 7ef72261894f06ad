//! The baseline for measuring the panel's lists. A plain Actix handler runs the same statements as
//! the demo's list of orders. It writes the same bytes by hand, without session, rights, catalog or
//! templates.
//!
//! ```text
//! cargo run --release --example floor -- 127.0.0.1:8090 company.sqlite page.html
//! ```
//!
//! `page.html` is a saved response of the panel; everything around the rows is taken from it.

use actix_web::{App, HttpResponse, HttpServer, web};
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use diesel::sql_types::{BigInt, Bool, Double, Nullable, Text};
use std::collections::HashMap;
use std::fmt::Write;

// The same as in the panel.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(QueryableByName)]
struct Order {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = BigInt)]
    customer_id: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    employee_id: Option<i64>,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Text)]
    placed_at: String,
    #[diesel(sql_type = Double)]
    total: f64,
    #[diesel(sql_type = Bool)]
    express: bool,
    #[diesel(sql_type = Nullable<Text>)]
    notes: Option<String>,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    name: String,
}

struct Floor {
    pool: Pool<ConnectionManager<SqliteConnection>>,
    before: String,
    after: String,
}

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [bind, database, page] = arguments.as_slice() else {
        anyhow::bail!("say: ADDRESS DATABASE PAGE");
    };
    let page = std::fs::read_to_string(page)?;
    let (before, rest) = page.split_once("<tbody>").unwrap_or((&page, ""));
    let after = rest.split_once("</tbody>").map_or("", |(_, after)| after);
    let floor = web::Data::new(Floor {
        pool: Pool::builder()
            .max_size(8)
            .build(ConnectionManager::new(database))?,
        before: before.to_owned(),
        after: after.to_owned(),
    });
    HttpServer::new(move || {
        App::new()
            .app_data(floor.clone())
            .route("/orders", web::get().to(orders))
    })
    .bind(bind)?
    .run()
    .await?;
    Ok(())
}

async fn orders(floor: web::Data<Floor>) -> actix_web::Result<HttpResponse> {
    let body = web::block(move || page(&floor))
        .await?
        .map_err(actix_web::error::ErrorInternalServerError)?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(body))
}

fn page(floor: &Floor) -> anyhow::Result<String> {
    let mut conn = floor.pool.get()?;
    let orders: Vec<Order> = diesel::sql_query(
        "SELECT id, number, customer_id, employee_id, status, placed_at, total, express, notes \
         FROM orders ORDER BY id DESC LIMIT 51",
    )
    .load(&mut conn)?;
    let orders: Vec<Order> = orders.into_iter().take(50).collect();
    let customers = names(
        &mut conn,
        "customers",
        orders.iter().map(|order| order.customer_id),
    )?;
    let employees = names(
        &mut conn,
        "employees",
        orders.iter().filter_map(|order| order.employee_id),
    )?;
    let mut out = String::with_capacity(64 * 1024);
    out.push_str(&floor.before);
    out.push_str("<tbody>\n");
    for order in &orders {
        write_row(&mut out, order, &customers, &employees)?;
    }
    out.push_str("</tbody>");
    out.push_str(&floor.after);
    Ok(out)
}

fn names(
    conn: &mut SqliteConnection,
    table: &str,
    ids: impl Iterator<Item = i64>,
) -> anyhow::Result<HashMap<i64, String>> {
    let mut ids: Vec<i64> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    let marks = vec!["?"; ids.len()].join(", ");
    let mut query = diesel::sql_query(format!(
        "SELECT id, name FROM {table} WHERE id IN ({marks})"
    ))
    .into_boxed::<diesel::sqlite::Sqlite>();
    for id in ids {
        query = query.bind::<BigInt, _>(id);
    }
    let found: Vec<Named> = query.load(conn)?;
    Ok(found.into_iter().map(|row| (row.id, row.name)).collect())
}

fn write_row(
    out: &mut String,
    order: &Order,
    customers: &HashMap<i64, String>,
    employees: &HashMap<i64, String>,
) -> std::fmt::Result {
    let none = "<span class=\"none\" aria-hidden=\"true\">\u{2014}</span><span class=\"visually-hidden\">no value</span>";
    write!(
        out,
        "<tr data-href=\"/admin/data/orders/row/{0}\"><td><a href=\"/admin/data/orders/row/{0}\">",
        order.id
    )?;
    escape(out, &order.number);
    write!(
        out,
        "</a></td><td><a href=\"/admin/data/customers/row/{}\">",
        order.customer_id
    )?;
    escape(
        out,
        customers.get(&order.customer_id).map_or("", String::as_str),
    );
    out.push_str("</a></td><td>");
    match order
        .employee_id
        .and_then(|id| employees.get(&id).map(|name| (id, name)))
    {
        Some((id, name)) => {
            write!(out, "<a href=\"/admin/data/employees/row/{id}\">")?;
            escape(out, name);
            out.push_str("</a>");
        }
        None => out.push_str(none),
    }
    out.push_str("</td><td><span class=\"badge info\">");
    escape(out, &order.status);
    write!(
        out,
        "</span></td><td><time datetime=\"{0}\" title=\"{0}\">{0}</time></td><td class=\"num\">{1:.2}</td><td>",
        order.placed_at, order.total
    )?;
    out.push_str(if order.express {
        "<span class=\"yes\" aria-hidden=\"true\"></span><span class=\"visually-hidden\">yes</span>"
    } else {
        "<span class=\"no\" aria-hidden=\"true\"></span><span class=\"visually-hidden\">no</span>"
    });
    out.push_str("</td><td>");
    match &order.notes {
        Some(notes) => escape(out, notes),
        None => out.push_str(none),
    }
    out.push_str("</td></tr>\n");
    Ok(())
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}
