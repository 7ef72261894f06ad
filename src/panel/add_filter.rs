//! Adds a condition from the filter form to the query of a list.

use super::list;
use super::views::Shelf;
use crate::access::View;
use crate::catalog::field::OperandKind;
use crate::catalog::filter::join_operand;
use crate::catalog::{Op, filter};
use crate::entry::Granted;
use crate::web::Failure;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};

/// GET {mount}/data/{resource}/filter. Permissions: view.
///
/// # Errors
/// The invalid part of the condition.
pub async fn add(request: HttpRequest, granted: Granted<View>) -> Result<HttpResponse, Failure> {
    let mut rest = url::form_urlencoded::Serializer::new(String::new());
    let mut chosen = (String::new(), String::new());
    let mut values = Vec::new();
    for (name, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
        match name.as_ref() {
            "column" => chosen.0 = value.into_owned(),
            "op" => chosen.1 = value.into_owned(),
            "value" => values.push(value.into_owned()),
            _ => {
                rest.append_pair(&name, &value);
            }
        }
    }
    let shelf = Shelf::of(&granted.entered, &granted.permit.resource().name).await?;
    let mut opening = shelf.open(&granted.permit, &granted.entered.around(), &rest.finish())?;
    let query = &mut opening.query;
    let (column, op) = chosen;
    let is_own = granted.permit.resource().index_of(&column).is_some();
    query
        .conditions
        .push(if column.starts_with("has.") && !is_own {
            (column, of_rows(op, &values))
        } else {
            let op = Op::named(&op).ok_or(filter::FilterError::Operator(op))?;
            let operand = operand(op, values);
            (format!("f.{column}"), format!("{}:{operand}", op.name()))
        });
    query.position = None;
    // An invalid value is reported on the list, where it can be corrected.
    let around = granted.entered.around();
    if query.resolve(&granted.permit, &around).is_err() {
        drop(around);
        return list::of_opening(&request, granted, (opening, shelf)).await;
    }
    let resource = &granted.permit.resource().name;
    let list = granted.entered.site().urls.list(resource);
    Ok(HttpResponse::Found()
        .insert_header((LOCATION, query.url(&list, &[])))
        .finish())
}

/// A condition on the number of related rows, in the form of an address.
fn of_rows(op: String, values: &[String]) -> String {
    match op.as_str() {
        "any" | "none" => op,
        _ => format!("{op}:{}", values.first().map_or("", |value| value.trim())),
    }
}

/// A single input may hold several values separated by commas; several inputs hold one each.
fn operand(op: Op, values: Vec<String>) -> String {
    match (op.takes(), values.as_slice()) {
        (OperandKind::Nothing, _) => String::new(),
        (OperandKind::Two | OperandKind::Many, [single]) => {
            let parts: Vec<&str> = single.split(',').map(str::trim).collect();
            parts.join(",")
        }
        (OperandKind::Two | OperandKind::Many, _) => {
            let given: Vec<String> = values
                .into_iter()
                .filter(|value| !value.is_empty())
                .collect();
            join_operand(op, &given)
        }
        (_, values) => values.first().cloned().unwrap_or_default(),
    }
}
