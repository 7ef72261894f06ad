//! A date in a condition on a column of date and time: it stands for the whole day.

use super::{Condition, Filter, FilterError};
use crate::catalog::zone::{Here, Zone};
use crate::catalog::{Field, Kind, Op, Value};
use chrono::{Days, NaiveDate};

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
    let here = Here { zone, now: None };
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
    let test = |op, day: NaiveDate| {
        let start = zone.start_of(day).format("%Y-%m-%d %H:%M:%S");
        let values = vec![Value::Text(start.to_string())];
        Filter::meant(kind, Condition { column, op, values })
    };
    let first = *days.first()?;
    let after = |day: &NaiveDate| day.checked_add_days(Days::new(1));
    let null = Filter::Test(Condition {
        column,
        op: Op::Null,
        values: Vec::new(),
    });
    Some(match op {
        Op::Eq => Filter::All(vec![test(Op::Ge, first), test(Op::Lt, after(&first)?)]),
        Op::Ne => Filter::Any(vec![
            test(Op::Lt, first),
            test(Op::Ge, after(&first)?),
            null,
        ]),
        Op::Gt => test(Op::Ge, after(&first)?),
        Op::Le => test(Op::Lt, after(&first)?),
        Op::Between => Filter::All(vec![
            test(Op::Ge, first),
            test(Op::Lt, after(days.get(1)?)?),
        ]),
        Op::Nbetween => Filter::Any(vec![
            test(Op::Lt, first),
            test(Op::Ge, after(days.get(1)?)?),
            null,
        ]),
        _ => return None,
    })
}
