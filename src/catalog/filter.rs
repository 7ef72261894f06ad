//! The filter grammar of URLs, saved views, bulk selections and row rules.
//!
//! A condition is `COLUMN=OP:VALUE`. The values of `in`, `nin`, `between` and `nbetween` are
//! separated by `,`. A `\` makes the next character literal.

mod days;
mod related;
mod relative;

pub use related::{Many, Related};
pub use relative::Range;

#[cfg(test)]
use super::Resource;
use super::field::{Input, OperandKind, moment};
use super::zone::{TimeBase, Zone};
use super::{Field, Kind, Op, Value};
use crate::texts::text;
use std::fmt;

/// The maximum number of values in one condition.
pub const MAX_VALUES: usize = 1_000;

/// A condition on rows, ready to become SQL.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of these hold; every row if empty.
    All(Vec<Filter>),
    /// One of these holds; no row if empty.
    Any(Vec<Filter>),
    /// A single condition, compared by the database.
    Test(Condition),
    /// A single condition compared by meaning. Times compare as times and numbers as numbers,
    /// however the database stores them.
    ByMeaning(Condition),
    /// A condition on the number of related rows in another resource.
    Related(Box<Related>),
}

/// A condition on one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The column, as an index into the resource's fields.
    pub column: usize,
    /// The operator.
    pub op: Op,
    /// The values, as many as the operator takes.
    pub values: Vec<Value>,
}

/// Why a filter is invalid; each is a sentence for the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterError {
    /// No such column, or not visible to this person.
    Column(String),
    /// No such operator.
    Operator(String),
    /// An operator that does not fit the column.
    Unfit {
        /// The operator's name.
        op: &'static str,
        /// The column.
        column: String,
    },
    /// A value that its column cannot hold.
    Value {
        /// The column.
        column: String,
        /// What the column accepts: a sentence.
        reason: String,
    },
    /// Too few or too many values.
    Count {
        /// The column.
        column: String,
        /// How many it needs: a sentence.
        reason: String,
    },
    /// Text that looks like a placeholder but is none.
    Placeholder(String),
    /// A parameter for alternatives without the form `or.GROUP.COLUMN`.
    Group(String),
    /// No related rows with that name, or not visible to this person.
    Child(String),
    /// Several foreign keys lead here, so the name is ambiguous.
    Children(String, String),
    /// Not a number of related rows.
    Many(String),
    /// An operator that depends on the time, in a place without a current time.
    Timeless {
        /// The operator's name.
        op: &'static str,
        /// The column.
        column: String,
    },
    /// Not of the form `COLUMN=OP:VALUE`.
    Form(String),
}

impl std::error::Error for FilterError {}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self {
            Self::Column(name) => text!("filter-no-column", column = name),
            Self::Operator(name) => {
                let all = Op::ALL.map(Op::name).join(", ");
                text!("filter-no-operator", operator = name, operators = all)
            }
            Self::Unfit { op, column } => text!("filter-unfit", operator = op, column = column),
            Self::Value { column, reason } | Self::Count { column, reason } => {
                text!("filter-value", column = column, reason = reason)
            }
            Self::Placeholder(written) => text!("filter-placeholder", text = written),
            Self::Group(name) => text!("filter-group", name = name),
            Self::Child(name) => text!("filter-no-rows", name = name),
            Self::Children(name, all) => {
                text!("filter-several-rows", name = name, names = all)
            }
            Self::Many(written) => text!("filter-number-of-rows", text = written),
            Self::Timeless { op, column } => {
                text!("filter-timeless", operator = op, column = column)
            }
            Self::Form(written) => text!("filter-form", text = written),
        })
    }
}

impl Filter {
    /// The filter that matches every row.
    pub fn everything() -> Self {
        Self::All(Vec::new())
    }

    /// The filter that matches no row.
    pub fn nothing() -> Self {
        Self::Any(Vec::new())
    }

    /// Whether every row matches, whatever it holds.
    pub fn is_everything(&self) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(Self::is_everything),
            Self::Any(parts) => parts.iter().any(Self::is_everything),
            Self::Test(_) | Self::ByMeaning(_) | Self::Related(_) => false,
        }
    }

    /// Whether no row can match, whatever it holds.
    pub fn is_nothing(&self) -> bool {
        match self {
            Self::All(parts) => parts.iter().any(Self::is_nothing),
            Self::Any(parts) => parts.iter().all(Self::is_nothing),
            Self::Test(test) | Self::ByMeaning(test) => test.op == Op::In && test.values.is_empty(),
            Self::Related(_) => false,
        }
    }

    /// Every column in the filter.
    pub fn columns(&self) -> Vec<usize> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::columns).collect(),
            Self::Test(test) | Self::ByMeaning(test) => vec![test.column],
            Self::Related(related) => related.columns.clone(),
        }
    }

    /// Parses `OP:VALUE` as a condition on that column, in UTC at noon of 2026-01-02.
    #[cfg(test)]
    pub fn parse(resource: &Resource, column: &str, text: &str) -> Result<Self, FilterError> {
        let (index, field) = resource
            .fields
            .iter()
            .enumerate()
            .find(|(_, field)| field.name == column)
            .ok_or_else(|| FilterError::Column(column.to_owned()))?;
        let (op, operand) = parse_op(field, text)?;
        let here = TimeBase {
            now: "2026-01-02T12:00:00Z".parse().ok(),
            ..TimeBase::default()
        };
        Self::build_in(index, field, op, &split_operand(op, operand), here)
    }

    /// Makes a condition on one column from an operator and the texts of its values.
    ///
    /// A date on a column of date and time means the whole day.
    ///
    /// # Errors
    /// A [`FilterError`] that names the problem.
    pub fn build(
        column: usize,
        field: &Field,
        op: Op,
        values: &[String],
    ) -> Result<Self, FilterError> {
        Self::build_in(column, field, op, values, TimeBase::default())
    }

    /// Makes a condition whose times are read in the zone and at the time of `here`.
    ///
    /// # Errors
    /// As [`Filter::build`].
    pub fn build_in(
        column: usize,
        field: &Field,
        op: Op,
        values: &[String],
        here: TimeBase,
    ) -> Result<Self, FilterError> {
        check_count(field, op, values.len())?;
        if op.is_relative() {
            let range = Range::of(field, op, values, here)?;
            return Ok(range.test(column, field.kind, here.zone));
        }
        // Only a moment depends on the zone.
        let zone = match field.kind {
            Kind::Instant => here.zone,
            _ => Zone::UTC,
        };
        if field.kind.input() == Input::DateTime
            && let Some(filter) = days::by_days(column, field, op, values, zone)?
        {
            return Ok(filter);
        }
        check_choices(field, op, values)?;
        let values = values
            .iter()
            .map(|text| {
                let kind = if op.is_of_text() {
                    Kind::Text
                } else {
                    field.kind
                };
                let moment = match kind {
                    Kind::Instant => moment_in(text, zone),
                    _ => None,
                };
                let text = moment.as_deref().unwrap_or(text);
                Value::parse(kind, text).map_err(|error| FilterError::Value {
                    column: field.label.clone(),
                    reason: error.to_string(),
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self::meant(field.kind, Condition { column, op, values }))
    }

    /// A condition that somebody wrote on a column of this kind.
    pub fn meant(kind: Kind, condition: Condition) -> Self {
        let is_told_by_meaning = match kind {
            Kind::Date | Kind::Time | Kind::DateTime | Kind::Instant | Kind::Other => true,
            Kind::Bool | Kind::Int | Kind::Float | Kind::Decimal { .. } => false,
            Kind::Text | Kind::Uuid | Kind::Json | Kind::Choice | Kind::Bytes => false,
        };
        if is_told_by_meaning {
            Self::ByMeaning(condition)
        } else {
            Self::Test(condition)
        }
    }
}

/// Splits `OP:VALUE`, and checks that the operator fits the column.
///
/// # Errors
/// When there is no such operator, or it does not fit the column.
pub fn parse_op<'t>(field: &Field, text: &'t str) -> Result<(Op, &'t str), FilterError> {
    let (name, operand) = text.split_once(':').unwrap_or((text, ""));
    let op = Op::named(name).ok_or_else(|| FilterError::Operator(name.to_owned()))?;
    if !op.fits(field.kind) {
        return Err(FilterError::Unfit {
            op: op.name(),
            column: field.label.clone(),
        });
    }
    Ok((op, operand))
}

/// The texts of an operator's values, with `\` escapes resolved.
pub fn split_operand(op: Op, operand: &str) -> Vec<String> {
    if op.takes() == OperandKind::Nothing {
        return Vec::new();
    }
    let mut values = vec![String::new()];
    let mut rest = operand.chars();
    while let Some(c) = rest.next() {
        match (c, values.last_mut()) {
            (',', _) if op.takes_list() => values.push(String::new()),
            ('\\', Some(last)) if op.takes_list() => last.extend(rest.next()),
            (c, Some(last)) => last.push(c),
            (_, None) => {}
        }
    }
    values
}

/// Joins values into an operand that [`split_operand`] can parse.
pub fn join_operand(op: Op, values: &[String]) -> String {
    let escaped = values.iter().map(|value| {
        if op.takes_list() {
            value.replace('\\', "\\\\").replace(',', "\\,")
        } else {
            value.clone()
        }
    });
    escaped.collect::<Vec<_>>().join(",")
}

fn check_count(field: &Field, op: Op, count: usize) -> Result<(), FilterError> {
    let reason = match op.takes() {
        OperandKind::Two if count != 2 => text!("filter-two-values", operator = op.name()),
        OperandKind::Many if count > MAX_VALUES => text!("filter-many-values", count = MAX_VALUES),
        OperandKind::Nothing | OperandKind::Two | OperandKind::Many => return Ok(()),
        _ if count != 1 => text!("filter-one-value"),
        _ => return Ok(()),
    };
    Err(FilterError::Count {
        column: field.label.clone(),
        reason,
    })
}

/// Refuses a text that is not one of the column's choices: it would match nothing, or everything.
fn check_choices(field: &Field, op: Op, values: &[String]) -> Result<(), FilterError> {
    let listed = matches!(op, Op::Eq | Op::Ne | Op::In | Op::Nin) && field.has_choices();
    if !listed {
        return Ok(());
    }
    let Some(value) = values.iter().find(|value| !field.choices.contains(value)) else {
        return Ok(());
    };
    let choices = field.choices.iter().map(String::as_str);
    Err(FilterError::Value {
        column: field.label.clone(),
        reason: match crate::suggest::nearest(value, choices) {
            Some(near) => text!("filter-choice-near", value = value, near = near),
            None => text!("filter-choice", value = value),
        },
    })
}

/// A time without a zone, converted to UTC.
fn moment_in(text: &str, zone: Zone) -> Option<String> {
    if zone == Zone::UTC || moment::has_zone(text) {
        return None;
    }
    let local = moment::parse_date_time(text)?;
    Some(
        zone.utc_of(local)
            .format("%Y-%m-%d %H:%M:%S%.f")
            .to_string(),
    )
}
