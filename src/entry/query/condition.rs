//! The conditions of a list, one for each parameter.

use super::{QueryContext, known};
use crate::access::{Permit, Verb};
use crate::catalog::filter::{Many, parse_op, split_operand};
use crate::catalog::zone::{TimeBase, Zone};
use crate::catalog::{Field, Filter, FilterError, Op};
use crate::data::{Path, related};

/// A parsed condition.
pub enum Condition {
    /// On a column, or on one of a referenced row.
    Column(Box<OfColumn>),
    /// On rows that reference this one: their name, and how many there must be.
    Rows(related::Children, Many),
}

/// A condition on a column.
pub struct OfColumn {
    /// The column.
    pub field: Field,
    /// Its index in the resource, if it is the resource's own.
    pub own: Option<usize>,
    /// The operator.
    pub op: Op,
    /// The values.
    pub values: Vec<String>,
    /// Whether it is one of several alternatives.
    pub is_alternative: bool,
    path: Option<Path>,
}

/// The parts of a parameter: the group of alternatives, if any, and the column.
pub fn split(name: &str) -> Result<(Option<&str>, &str), FilterError> {
    match name.strip_prefix("or.") {
        Some(rest) => {
            let parts = rest.split_once('.');
            let (group, column) = parts.ok_or_else(|| FilterError::Group(name.to_owned()))?;
            Ok((Some(group), column))
        }
        None => Ok((None, name.strip_prefix("f.").unwrap_or(name))),
    }
}

/// Parses a condition.
///
/// # Errors
/// A [`FilterError`] that names the problem.
pub fn read<V: Verb>(
    permit: &Permit<V>,
    around: &QueryContext<'_, V>,
    (name, value): (&str, &str),
) -> Result<Condition, FilterError> {
    if let Some(child) = name.strip_prefix("has.") {
        let children = related::Children::of(permit, around.others(), child)?;
        let many = Many::named(value).ok_or_else(|| FilterError::Many(value.to_owned()))?;
        return Ok(Condition::Rows(children, many));
    }
    let (group, column) = split(name)?;
    let own = known(permit, column);
    let path = match own {
        Some(_) => None,
        None => around.path(permit, column),
    };
    let field = match (&path, own) {
        (Some(path), _) => Some(&path.field),
        (None, Some(own)) => permit.resource().fields.get(own),
        (None, None) => None,
    };
    let field = field.ok_or_else(|| FilterError::Column(column.to_owned()))?;
    let (op, operand) = parse_op(field, value)?;
    Ok(Condition::Column(Box::new(OfColumn {
        field: field.clone(),
        own,
        op,
        values: split_operand(op, operand),
        is_alternative: group.is_some(),
        path,
    })))
}

impl Condition {
    /// The filter for matching rows.
    ///
    /// # Errors
    /// An invalid value.
    pub fn filter(
        &self,
        zone: Zone,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Result<Filter, FilterError> {
        match self {
            Self::Rows(children, many) => Ok(children.filter(*many)),
            Self::Column(test) => {
                let column = test.path.as_ref().map(Path::column).or(test.own);
                let here = TimeBase::at(zone, now);
                let column = column.unwrap_or_default();
                let found = Filter::build_in(column, &test.field, test.op, &test.values, here)?;
                Ok(match &test.path {
                    Some(path) => path.passing(found),
                    None => found,
                })
            }
        }
    }

    /// The label on pages.
    pub fn label(&self) -> &str {
        match self {
            Self::Column(test) => &test.field.label,
            Self::Rows(children, _) => children.label(),
        }
    }
}
