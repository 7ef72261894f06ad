//! Products, tags, and their links.

use diesel::prelude::*;

use super::dates::{date_text, day, plus_days};
use super::insert::{Cell, Inserter, row};
use super::random::Random;
use super::words::{CATEGORIES, Category, LINES, OPENINGS, SENTENCES, TAGS};

/// Writes the products and returns their prices in cents, by id from 1.
pub(super) fn products(conn: &mut SqliteConnection) -> QueryResult<Vec<i64>> {
    let mut random = Random::new(0x600D5);
    let mut prices = Vec::new();
    let mut table = Inserter::new(
        "products (id, sku, name, category, description, price, weight_kg, stock, discontinued, released_on)",
    );
    let mut id = 0;
    for category in CATEGORIES {
        for (nth, line) in (1..).zip(LINES) {
            id += 1;
            let (row, price) = product(id, nth, line, category, &mut random);
            prices.push(price);
            table.push(conn, row)?;
        }
    }
    table.finish(conn)?;
    Ok(prices)
}

fn product(
    id: i64,
    nth: i64,
    line: &'static str,
    category: &Category,
    random: &mut Random,
) -> (Vec<Cell>, i64) {
    let kind = random.pick(category.kinds);
    // Realistic prices end in .00, .50 or .90.
    let price = random.skewed(category.cents.0, category.cents.1) / 100 * 100
        + random.pick(&[0, 50, 90, 90]);
    let grams = random.between(category.grams.0, category.grams.1);
    let weight = i32::try_from(grams)
        .ok()
        .filter(|_| random.chance(94))
        .map(|grams| f64::from(grams) / 1000.0);
    let discontinued = random.chance(7);
    let stock = if discontinued || random.chance(4) {
        random.between(0, 3)
    } else {
        random.skewed(4, 1_800)
    };
    let released = plus_days(day(2016, 3, 1), random.between(0, 3_700));
    let row = row![
        id,
        format!("{}-{nth:04}", category.prefix),
        format!("{line} {kind}"),
        category.name,
        description(line, kind, category.materials, random),
        Cell::money(price),
        weight,
        stock,
        discontinued,
        date_text(released),
    ];
    (row, price)
}

fn description(line: &str, kind: &str, materials: &[&'static str], random: &mut Random) -> String {
    let material = random.pick(materials);
    let mut sentences = vec![random.pick(OPENINGS)];
    let wanted = usize::try_from(random.between(3, 6)).unwrap_or(3);
    while sentences.len() < wanted {
        let next = random.pick(SENTENCES);
        if !sentences.contains(&next) {
            sentences.push(next);
        }
    }
    let (first, rest) = sentences.split_at(2);
    let text = format!("{}\n\n{}", first.join(" "), rest.join(" "));
    text.replace("{line}", line)
        .replace("{kind}", &kind.to_lowercase())
        .replace("{material}", material)
}

/// Writes the tags and links each to some products.
pub(super) fn tags(conn: &mut SqliteConnection, products: i64) -> QueryResult<()> {
    let mut table = Inserter::new("tags (id, name, colour)");
    let mut count: i64 = 0;
    for (name, colour) in TAGS {
        count += 1;
        table.push(conn, row![count, *name, *colour])?;
    }
    table.finish(conn)?;

    let mut random = Random::new(0x7A65);
    let mut table = Inserter::new("product_tags (product_id, tag_id)");
    for product in 1..=products {
        let mut tags: Vec<i64> = (0..random.between(0, 4))
            .map(|_| random.between(1, count))
            .collect();
        tags.sort_unstable();
        tags.dedup();
        for tag in tags {
            table.push(conn, row![product, tag])?;
        }
    }
    table.finish(conn)
}
