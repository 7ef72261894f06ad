//! Checks new values before they are written, field by field.

use super::{Changes, Context, Refusal};
use crate::access::{Create, Permit, View};
use crate::catalog::field::{Storage, whole_number};
use crate::catalog::{Field, Generated, Relation, Resource, Value};
use crate::data::dialect::Traits;
use crate::data::row::Row;
use crate::data::{DataError, labels};
use crate::store::AnyConnection;
use crate::texts::text;

/// The message both for a missing row and for an invisible one that a foreign key would reference.
pub fn no_such_row() -> String {
    text!("no-such-row")
}

/// Checks that every column may be written in some row, and not only by the database.
pub(super) fn columns(permit: &Permit<Create>, changes: &Changes) -> Result<(), Refusal> {
    let resource = permit.resource();
    match changes
        .keys()
        .find(|column| permit.writes(**column) == crate::access::Cover::Nowhere)
    {
        Some(column) => Err(Refusal::column(resource, *column)),
        None => Ok(()),
    }
}

/// Checks that the values fit their columns, as far as the catalog knows.
pub(super) fn values(
    traits: Traits,
    resource: &Resource,
    changes: &Changes,
) -> Result<(), Refusal> {
    let mut faults = Vec::new();
    for (column, value) in changes {
        let Some(field) = resource.fields.get(*column) else {
            continue;
        };
        if field.generated == Generated::Always {
            return Err(Refusal::column(resource, *column));
        }
        if let Some(fault) = fault(field, value).or_else(|| too_exact(traits, field, value)) {
            faults.push((*column, fault));
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Fields(faults))
    }
}

fn fault(field: &Field, value: &Value) -> Option<String> {
    match value {
        Value::Text(text) if text.contains('\0') => Some(text!("value-nul")),
        Value::Text(text) if field.has_choices() && !field.choices.contains(text) => {
            Some(text!("value-choice"))
        }
        Value::Text(text) => {
            let longest = field.max_length?;
            let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
            (length > longest).then(|| text!("value-length", count = longest))
        }
        Value::Int(number) => {
            let (least, most) = range(&field.sql_type)?;
            let fits = (least..=most).contains(number);
            let ends = (least.to_string(), most.to_string());
            (!fits).then(|| text!("value-range", least = ends.0, most = ends.1))
        }
        _ => None,
    }
}

/// Refuses a number with more digits than the database keeps. It would be stored as another number
/// without any notice.
fn too_exact(traits: Traits, field: &Field, value: &Value) -> Option<String> {
    let most = traits.decimal_digits?;
    let Value::Text(text) = value else {
        return None;
    };
    if field.kind.storage() != Storage::Decimal || text.parse::<f64>().is_err() {
        return None;
    }
    let number = whole_number(text).unwrap_or(text);
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let is_kept = number.parse::<i64>().is_ok() || digits.trim_start_matches('0').len() <= most;
    (!is_kept).then(|| text!("value-digits", count = most))
}

/// The range of an integer type of PostgreSQL or MySQL that is smaller than 64 bits.
fn range(sql_type: &str) -> Option<(i64, i64)> {
    match sql_type {
        "year" | "year(4)" => return Some((1901, 2155)),
        unsigned if unsigned.contains(" unsigned") => return unsigned_range(unsigned),
        _ => {}
    }
    match sql_type.split('(').next().unwrap_or(sql_type) {
        "tinyint" => Some((i8::MIN.into(), i8::MAX.into())),
        "mediumint" => Some((-8_388_608, 8_388_607)),
        "int" => Some((i32::MIN.into(), i32::MAX.into())),
        "smallint" => Some((i16::MIN.into(), i16::MAX.into())),
        "integer" => Some((i32::MIN.into(), i32::MAX.into())),
        "oid" => Some((0, u32::MAX.into())),
        _ => None,
    }
}

/// The same for a type such as `int(10) unsigned`.
fn unsigned_range(sql_type: &str) -> Option<(i64, i64)> {
    let name = sql_type.split(['(', ' ']).next()?;
    let most = match name {
        "tinyint" => u8::MAX.into(),
        "smallint" => u16::MAX.into(),
        "mediumint" => 16_777_215,
        "int" => u32::MAX.into(),
        _ => return None,
    };
    Some((0, most))
}

/// Checks that foreign keys are only set to rows that the person may view.
///
/// For a foreign key of several columns, unchanged values are taken from `row`. Without a row it
/// cannot be checked yet.
pub(super) fn relations(
    conn: &mut AnyConnection,
    resource: &Resource,
    changes: &Changes,
    row: Option<&Row>,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    for relation in &resource.relations {
        let Some(changed) = relation.columns.iter().find(|c| changes.contains_key(c)) else {
            continue;
        };
        let Some(target) = target(relation, changes, row) else {
            continue;
        };
        let permit: Option<Permit<View>> = context.rights.view(&relation.target);
        let reachable = match permit {
            Some(permit) => match labels::is_reachable(conn, &permit, &target) {
                // A value that the other column cannot hold references no row.
                Err(DataError::Value | DataError::Unfit(_)) => false,
                other => other?,
            },
            None => false,
        };
        if !reachable {
            return Err(Refusal::field(*changed, &no_such_row()));
        }
    }
    Ok(())
}

/// The values that a foreign key will hold. `None` while one is unknown, or if one is NULL, because
/// it then references nothing.
fn target(
    relation: &Relation,
    changes: &Changes,
    row: Option<&Row>,
) -> Option<Vec<(usize, Value)>> {
    let columns = relation.columns.iter().zip(&relation.target_columns);
    columns
        .map(|(column, target)| {
            let given = changes.get(column);
            let value = given.or_else(|| row.and_then(|row| row.get(*column)))?;
            (!value.is_null()).then(|| (*target, value.clone()))
        })
        .collect()
}

/// Whether a foreign key can only be checked once the row exists.
pub(super) fn is_open(resource: &Resource, changes: &Changes) -> bool {
    resource.relations.iter().any(|relation| {
        let given = relation.columns.iter().filter(|c| changes.contains_key(c));
        (1..relation.columns.len()).contains(&given.count())
    })
}
