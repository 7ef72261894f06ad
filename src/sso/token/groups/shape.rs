//! The shapes in which providers send groups.

use super::Reading;
use crate::texts::{stored, text};
use serde_json::Value;
use std::borrow::Cow;

type Shape = String;

/// The texts in a claim, or a description of its shape if that is not supported.
pub(super) fn texts<'v>(reading: &Reading, value: &'v Value) -> Result<Vec<Cow<'v, str>>, Shape> {
    let Value::String(text) = value else {
        return of_value(reading, value);
    };
    if !reading.is_json_text {
        return Ok(split(reading, text));
    }
    let inner: Value = serde_json::from_str(text).map_err(|_| stored(|| text!("shape-no-json")))?;
    let texts = match &inner {
        Value::String(text) => split(reading, text),
        inner => of_value(reading, inner)?,
    };
    Ok(owned(texts))
}

fn of_value<'v>(reading: &Reading, value: &'v Value) -> Result<Vec<Cow<'v, str>>, Shape> {
    match (value, &reading.object_field) {
        (Value::Null, _) => Ok(Vec::new()),
        (Value::String(text), _) => Ok(split(reading, text)),
        (Value::Object(_), Some(field)) => Ok(vec![member(reading, value, field)?]),
        (Value::Object(keyed), None) => Ok(keyed.keys().map(Cow::from).collect()),
        (Value::Array(items), _) => of_items(reading, items),
        (Value::Number(number), _) if reading.takes_numbers => Ok(vec![number.to_string().into()]),
        (Value::Number(_), _) => Err(stored(|| text!("shape-number"))),
        (Value::Bool(_), _) => Err(stored(|| text!("shape-bool"))),
    }
}

fn of_items<'v>(reading: &Reading, items: &'v [Value]) -> Result<Vec<Cow<'v, str>>, Shape> {
    let mut texts = Vec::new();
    for item in items {
        match (item, &reading.object_field) {
            (Value::String(text), _) if reading.splits_items => texts.extend(split(reading, text)),
            (Value::String(text), _) => texts.push(text.into()),
            (Value::Number(number), _) if reading.takes_numbers => {
                texts.push(number.to_string().into());
            }
            (Value::Object(_), Some(field)) => texts.push(member(reading, item, field)?),
            _ => return Err(of_list(item)),
        }
    }
    Ok(texts)
}

/// A text is one group, unless a separator is configured.
fn split<'v>(reading: &Reading, text: &'v str) -> Vec<Cow<'v, str>> {
    match &reading.separator {
        Some(separator) => text
            .split(separator.as_str())
            .map(|part| part.trim().into())
            .collect(),
        None => vec![text.into()],
    }
}

fn member<'v>(reading: &Reading, object: &'v Value, field: &str) -> Result<Cow<'v, str>, Shape> {
    match object.get(field) {
        Some(Value::String(text)) => Ok(text.into()),
        Some(Value::Number(number)) if reading.takes_numbers => Ok(number.to_string().into()),
        _ => Err(stored(|| text!("shape-no-member"))),
    }
}

fn owned(texts: Vec<Cow<'_, str>>) -> Vec<Cow<'static, str>> {
    let owned = texts.into_iter().map(|text| Cow::Owned(text.into_owned()));
    owned.collect()
}

/// The shape of a list with this item.
fn of_list(item: &Value) -> Shape {
    stored(|| match item {
        Value::Object(_) => text!("shape-objects"),
        Value::Array(_) => text!("shape-lists"),
        Value::Number(_) => text!("shape-numbers"),
        _ => text!("shape-others"),
    })
}
