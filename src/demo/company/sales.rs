//! Orders and their items. The total of an order is exactly the sum of its items.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::dates::{at, date_text, last_day, plus_days, stamp};
use super::insert::{Cell, Inserter, row};
use super::people::{CUSTOMERS, Seller, customers_by};
use super::random::Random;
use super::words::ORDER_NOTES;

/// The number of orders.
pub(super) const ORDERS: i64 = 50_000;

/// Writes the orders placed at `times`, in that order.
pub(super) fn orders(
    conn: &mut SqliteConnection,
    times: &[NaiveDateTime],
    sellers: &[Seller],
    prices: &[i64],
) -> QueryResult<()> {
    let mut random = Random::new(0x5A1E5);
    let mut orders = Inserter::new(
        "orders (id, number, customer_id, employee_id, status, placed_at, ship_by, express, total, margin, notes)",
    );
    let mut items =
        Inserter::new("order_items (order_id, line_no, product_id, quantity, unit_price)");
    for (id, placed) in (1..).zip(times) {
        let lines = basket(prices, &mut random);
        let total = lines
            .iter()
            .map(|line| line.quantity * line.unit_price)
            .sum();
        for (line_no, line) in (1_i64..).zip(&lines) {
            items.push(
                conn,
                row![
                    id,
                    line_no,
                    line.product,
                    line.quantity,
                    Cell::money(line.unit_price)
                ],
            )?;
        }
        let seller = seller(sellers, *placed, &mut random);
        orders.push(conn, order(id, *placed, seller, total, &mut random))?;
    }
    orders.finish(conn)?;
    items.finish(conn)
}

struct Line {
    product: i64,
    quantity: i64,
    unit_price: i64,
}

fn basket(prices: &[i64], random: &mut Random) -> Vec<Line> {
    let products = i64::try_from(prices.len()).unwrap_or(1);
    let mut product = random.between(1, products);
    let mut lines = Vec::new();
    for _ in 0..random.pick(&[1, 1, 1, 2, 2, 2, 3, 3, 4, 3]) {
        let price = usize::try_from(product - 1)
            .ok()
            .and_then(|at| prices.get(at))
            .copied()
            .unwrap_or(0);
        let rebate = random.pick(&[0, 0, 0, 0, 0, 0, 5, 10]);
        let quantity = if price > 30_000 {
            random.skewed(1, 6)
        } else {
            random.skewed(1, 24)
        };
        lines.push(Line {
            product,
            quantity,
            unit_price: price * (100 - rebate) / 100,
        });
        // All steps together are shorter than the list of products, so no product is repeated.
        product = (product + random.between(1, products / 5)) % products + 1;
    }
    lines
}

/// Four of five orders have a seller; the others come from the web shop.
fn seller(sellers: &[Seller], placed: NaiveDateTime, random: &mut Random) -> Option<i64> {
    let hired = sellers.partition_point(|seller| seller.since <= placed.date());
    let ids: Option<&[Seller]> = sellers.get(..hired);
    let last = i64::try_from(hired).unwrap_or(0) - 1;
    if last < 0 || random.chance(20) {
        return None;
    }
    let index = usize::try_from(random.between(0, last)).unwrap_or(0);
    ids.and_then(|ids| ids.get(index)).map(|seller| seller.id)
}

fn order(
    id: i64,
    placed: NaiveDateTime,
    seller: Option<i64>,
    total: i64,
    random: &mut Random,
) -> Vec<Cell> {
    let status = status(placed, random);
    let express = random.chance(9);
    let promised = match status {
        "draft" => false,
        "cancelled" => random.chance(50),
        "pending" => random.chance(70),
        _ => true,
    };
    let days = if express {
        random.between(1, 2)
    } else {
        random.between(3, 10)
    };
    let ship_by = promised.then(|| date_text(plus_days(placed.date(), days)));
    let margin = (status != "draft").then(|| Cell::money(total * random.between(140, 460) / 1000));
    let notes = random.chance(11).then(|| random.pick(ORDER_NOTES));
    row![
        id,
        format!("SO-{}", 10_000 + id),
        customer(id, random),
        seller,
        status,
        stamp(placed),
        ship_by,
        express,
        Cell::money(total),
        margin,
        notes,
    ]
}

/// One of three orders is from a loyal customer; the others are spread evenly.
fn customer(order: i64, random: &mut Random) -> i64 {
    let known = customers_by(order - 1, ORDERS);
    let id = random.between(1, known);
    if random.chance(33) {
        (id / 7 * 7).clamp(1, CUSTOMERS)
    } else {
        id
    }
}

/// The status of an order on the evening of the last day.
fn status(placed: NaiveDateTime, random: &mut Random) -> &'static str {
    let age = at(last_day(), 20 * 3600)
        .signed_duration_since(placed)
        .num_days();
    let shares: &[(i64, &'static str)] = match age {
        0..=2 => &[
            (18, "draft"),
            (58, "pending"),
            (95, "paid"),
            (98, "shipped"),
            (100, "cancelled"),
        ],
        3..=9 => &[
            (3, "draft"),
            (16, "pending"),
            (46, "paid"),
            (86, "shipped"),
            (96, "delivered"),
            (100, "cancelled"),
        ],
        10..=30 => &[
            (4, "paid"),
            (22, "shipped"),
            (93, "delivered"),
            (100, "cancelled"),
        ],
        _ => &[(93, "delivered"), (100, "cancelled")],
    };
    let drawn = random.between(1, 100);
    shares
        .iter()
        .find(|(up_to, _)| drawn <= *up_to)
        .map_or("delivered", |(_, status)| *status)
}
