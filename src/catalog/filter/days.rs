//! A date in a condition on a column of date and time: it stands for the whole day.

use super::{Condition, Filter, FilterError};
use crate::catalog::zone::{TimeBase, Zone};
use crate::catalog::{Field, Kind, Op, Value};
use chrono::{Datelike, Days, NaiveDate};

/// The end of the last year that every database knows.
const END: &str = "9999-12-31 23:59:59.999999";

/// The maximum number of conditions in one list: SQLite limits the depth of an expression.
const SIDE_BY_SIDE: usize = 32;

/// A condition in which a date stands for the whole day; `None` if no value is a date.
pub(super) fn by_days(
    column: usize,
    field: &Field,
    op: Op,
    values: &[String],
    zone: Zone,
) -> Result<Option<Filter>, FilterError> {
    let day = |text: &String| NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok();
    if !matches!(op, Op::In | Op::Nin) {
        let days: Option<Vec<NaiveDate>> = values.iter().map(day).collect();
        return Ok(days.and_then(|days| of_days(column, field.kind, op, &days, zone)));
    }
    if !values.iter().any(|text| day(text).is_some()) {
        return Ok(None);
    }
    let one = if op == Op::In { Op::Eq } else { Op::Ne };
    let each = values.iter();
    let here = TimeBase { zone, now: None };
    let each =
        each.map(|value| Filter::build_in(column, field, one, std::slice::from_ref(value), here));
    let tests: Vec<Filter> = each.collect::<Result<_, _>>()?;
    let join = |tests: Vec<Filter>| match op {
        Op::In => Filter::Any(tests),
        _ => Filter::All(tests),
    };
    let bundles = tests.chunks(SIDE_BY_SIDE).map(|some| join(some.to_vec()));
    Ok(Some(join(bundles.collect())))
}

fn of_days(column: usize, kind: Kind, op: Op, days: &[NaiveDate], zone: Zone) -> Option<Filter> {
    let test = |op, moment: String| {
        let values = vec![Value::Text(moment)];
        Filter::meant(kind, Condition { column, op, values })
    };
    let start = |day: NaiveDate| zone.start_of(day).format("%Y-%m-%d %H:%M:%S").to_string();
    let next = |day: NaiveDate| {
        let next = day.checked_add_days(Days::new(1))?;
        (next.year() <= 9999).then(|| start(next))
    };
    let from = |day| test(Op::Ge, start(day));
    let before = |day| test(Op::Lt, start(day));
    let until = |day| match next(day) {
        Some(next) => test(Op::Lt, next),
        None => test(Op::Le, END.to_owned()),
    };
    let after = |day| match next(day) {
        Some(next) => test(Op::Ge, next),
        None => test(Op::Gt, END.to_owned()),
    };
    let null = Filter::Test(Condition {
        column,
        op: Op::Null,
        values: Vec::new(),
    });
    let first = *days.first()?;
    Some(match op {
        Op::Eq => Filter::All(vec![from(first), until(first)]),
        Op::Ne => Filter::Any(vec![before(first), after(first), null]),
        Op::Gt => after(first),
        Op::Le => until(first),
        Op::Between => Filter::All(vec![from(first), until(*days.get(1)?)]),
        Op::Nbetween => Filter::Any(vec![before(first), after(*days.get(1)?), null]),
        _ => return None,
    })
}
