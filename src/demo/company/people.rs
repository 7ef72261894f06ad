//! Departments, employees and customers.

use std::collections::HashSet;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::dates::{date_text, day, first_day, last_day, plus_days, stamp};
use super::insert::{Cell, Inserter, row};
use super::places::{NOTES, PLACES, Place};
use super::random::Random;
use super::text::{latin, slug};
use super::words::{DEPARTMENTS, Department, FAMILY, GIVEN};

/// The number of customers.
pub(super) const CUSTOMERS: i64 = 8_200;
/// The number of customers before the first order.
const FOUNDING: i64 = 600;

/// Employees who can sign in at the development identity provider.
const NAMED: &[(&str, &str, &str)] = &[
    ("ENG", "Alice Archer", "alice@example.com"),
    ("SAL", "Bob Berger", "bob@example.com"),
    ("CAR", "Carol Meyer", "carol@example.com"),
    ("WHS", "Dave Novak", "dave@example.com"),
];

/// An employee who takes orders from a given day on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seller {
    pub id: i64,
    pub since: NaiveDate,
}

/// Writes the departments. Each is headed by the first of its employees: see [`employees`].
pub(super) fn departments(conn: &mut SqliteConnection) -> QueryResult<()> {
    let mut table = Inserter::new("departments (id, name, code, budget, location, head_id)");
    let mut first_of_next = 2;
    for (id, (name, code, location, budget, people, _)) in (1..).zip(DEPARTMENTS) {
        let head: i64 = first_of_next;
        first_of_next += people;
        table.push(
            conn,
            row![id, *name, *code, Cell::money(budget * 100), *location, head],
        )?;
    }
    table.finish(conn)
}

/// Writes the employees and returns those of Sales, the longest serving first.
pub(super) fn employees(conn: &mut SqliteConnection) -> QueryResult<Vec<Seller>> {
    let mut staff = Staff {
        random: Random::new(0x57AFF),
        emails: HashSet::new(),
        table: Inserter::new(
            "employees (id, name, email, title, salary, department_id, manager_id, hired_on, active, phone)",
        ),
    };
    staff.hire(
        conn,
        &Hire {
            id: 1,
            department: 1,
            manager: None,
            level: 0,
            named: Some(("Margarethe Sander", "m.sander@example.com")),
        },
        "Manages Director",
        "Hamburg",
    )?;
    let mut sellers = Vec::new();
    let mut next = 2;
    for (id, department) in (1..).zip(DEPARTMENTS) {
        let people = staff.department(conn, id, next, department)?;
        let (_, code, _, _, count, _) = department;
        next += count;
        if *code == "SAL" {
            sellers = people;
        }
    }
    staff.table.finish(conn)?;
    sellers.sort_by_key(|seller| (seller.since, seller.id));
    Ok(sellers)
}

struct Staff {
    random: Random,
    emails: HashSet<String>,
    table: Inserter,
}

struct Hire {
    id: i64,
    department: i64,
    manager: Option<i64>,
    /// 0 heads the department, 1 leads a team, 2 and 3 are its members.
    level: usize,
    named: Option<(&'static str, &'static str)>,
}

impl Staff {
    fn department(
        &mut self,
        conn: &mut SqliteConnection,
        id: i64,
        head: i64,
        (_, code, location, _, people, titles): &Department,
    ) -> QueryResult<Vec<Seller>> {
        let leads = 1 + people / 9;
        let mut all = Vec::new();
        for nth in 0..*people {
            let (level, manager) = match nth {
                0 => (0, 1),
                n if n <= leads => (1, head),
                _ => (
                    if self.random.chance(60) { 2 } else { 3 },
                    head + self.random.between(1, leads),
                ),
            };
            let named = NAMED
                .iter()
                .find(|(of, ..)| nth == leads + 1 && of == code)
                .map(|(_, name, email)| (*name, *email));
            let hire = Hire {
                id: head + nth,
                department: id,
                manager: Some(manager),
                level,
                named,
            };
            let title = titles.get(level).copied().unwrap_or_default();
            all.push(Seller {
                id: hire.id,
                since: self.hire(conn, &hire, title, location)?,
            });
        }
        Ok(all)
    }

    fn hire(
        &mut self,
        conn: &mut SqliteConnection,
        hire: &Hire,
        title: &'static str,
        location: &str,
    ) -> QueryResult<NaiveDate> {
        let (name, email) = match hire.named {
            Some((name, email)) => (name.to_owned(), email.to_owned()),
            None => self.somebody(),
        };
        let random = &mut self.random;
        let (low, high, since) = match hire.level {
            0 => (98_000, 138_000, day(2008, 4, 1)),
            1 => (67_000, 89_000, day(2011, 2, 1)),
            2 => (45_500, 66_000, day(2014, 9, 1)),
            _ => (31_000, 44_500, day(2019, 1, 7)),
        };
        let salary =
            random.between(low / 250, high / 250) * 25_000 + random.pick(&[0, 0, 0, 5_000, 8_750]);
        let days = last_day().signed_duration_since(since).num_days() - 40;
        let hired_on = plus_days(since, random.between(0, days));
        let active = hire.named.is_some() || random.chance(95);
        let phone = random.chance(90).then(|| phone(location, random));
        self.table.push(
            conn,
            row![
                hire.id,
                name,
                email,
                title,
                Cell::money(salary),
                hire.department,
                hire.manager,
                date_text(hired_on),
                active,
                phone,
            ],
        )?;
        Ok(hired_on)
    }

    /// A name whose e-mail address is not used yet.
    fn somebody(&mut self) -> (String, String) {
        loop {
            let name = format!("{} {}", self.random.pick(GIVEN), self.random.pick(FAMILY));
            let email = format!("{}@example.com", slug(&name, "."));
            if self.emails.insert(email.clone()) {
                return (name, email);
            }
        }
    }
}

fn phone(location: &str, random: &mut Random) -> String {
    let prefix = match location {
        "Porto" => "+351 22",
        "Brno" => "+420 54",
        "København" => "+45 33",
        _ => "+49 40",
    };
    format!(
        "{prefix} 555 {:02} {:02}",
        random.between(0, 99),
        random.between(0, 99)
    )
}

/// The number of customers at the time of the order at `index` (from 0) of `orders`.
pub(super) fn customers_by(index: i64, orders: i64) -> i64 {
    (FOUNDING + (CUSTOMERS - FOUNDING) * index / orders.max(1)).clamp(1, CUSTOMERS)
}

/// Writes the customers; each exists before their first possible order.
pub(super) fn customers(conn: &mut SqliteConnection, times: &[NaiveDateTime]) -> QueryResult<()> {
    let mut random = Random::new(0xC057);
    let mut domains = HashSet::new();
    let weighted: Vec<&Place> = PLACES
        .iter()
        .flat_map(|place| std::iter::repeat_n(place, place.share))
        .collect();
    let mut table = Inserter::new(
        "customers (id, name, email, region, city, country, credit_limit, vip, website, notes, created_at)",
    );
    for id in 1..=CUSTOMERS {
        let Some(place) = weighted.get(
            usize::try_from(random.between(0, i64::try_from(weighted.len()).unwrap_or(1) - 1))
                .unwrap_or(0),
        ) else {
            continue;
        };
        let city = random.pick(place.cities);
        let (name, domain) = firm(place, city, &mut random, &mut domains);
        let mailbox = random.pick(&["info", "orders", "office", "hello", "purchasing"]);
        let vip = id % 21 == 0;
        let limit = random.skewed(2, 60) * if vip { 5_000 } else { 500 };
        let website = random
            .chance(78)
            .then(|| format!("https://www.{domain}.example"));
        let notes = random.chance(17).then(|| random.pick(NOTES));
        let created = created_at(id, times, &mut random);
        table.push(
            conn,
            row![
                id,
                name,
                format!("{mailbox}@{domain}.example"),
                place.region,
                city,
                place.country,
                Cell::money(limit * 100),
                vip,
                website,
                notes,
                stamp(created),
            ],
        )?;
    }
    table.finish(conn)
}

fn created_at(id: i64, times: &[NaiveDateTime], random: &mut Random) -> NaiveDateTime {
    let earlier = TimeDelta::seconds(random.between(600, 90_000));
    if id <= FOUNDING {
        let days = random.between(30, 400);
        return super::dates::at(
            plus_days(first_day(), -days),
            random.between(8 * 3600, 17 * 3600),
        );
    }
    let orders = i64::try_from(times.len()).unwrap_or(0);
    let index = (id - FOUNDING) * orders / (CUSTOMERS - FOUNDING);
    let first = usize::try_from(index)
        .ok()
        .and_then(|index| times.get(index))
        .or(times.last());
    first.copied().unwrap_or_default() - earlier
}

/// A firm's name and its unique domain.
fn firm(
    place: &Place,
    city: &'static str,
    random: &mut Random,
    domains: &mut HashSet<String>,
) -> (String, String) {
    let mut tries = 0;
    loop {
        tries += 1;
        let (family, family_latin) = latin(random.pick(place.families));
        let (trade, trade_latin) = latin(random.pick(place.trades));
        let (partner, partner_latin) = latin(random.pick(place.families));
        let (mut parts, mut latins) = match random.between(1, 4) {
            1 if place.joint == " " && partner != family => (
                vec![family, "&", partner],
                vec![family_latin, partner_latin],
            ),
            _ => (vec![family, trade], vec![family_latin, trade_latin]),
        };
        if tries > 2 {
            parts.push(city);
            latins.push(city);
        }
        let mut domain = slug(&latins.join(" "), "-");
        if tries > 4 {
            domain = format!("{domain}-{}", domains.len());
        }
        if domains.insert(domain.clone()) {
            parts.push(random.pick(place.forms));
            return (parts.join(place.joint), domain);
        }
    }
}
