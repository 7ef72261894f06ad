//! Pick lists for foreign keys.

use super::relations::pairs::{self, Pair};
use crate::access::{Cover, Permit, View};
use crate::catalog::Resource;
use crate::data::labels;
use crate::entry::query::{self, searched};
use crate::entry::{Entered, Granted};
use crate::web::{Failure, Urls};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;
use url::form_urlencoded::Serializer;

/// The number of rows in a pick list.
const LIMIT: u32 = 20;

/// The address of the pick list whose keys are the values of that column.
pub fn href(urls: &Urls, target: &Resource, column: usize) -> String {
    let list = urls.list(&target.name);
    let field = target.fields.get(column);
    match field.filter(|_| target.key != [column]) {
        Some(field) => {
            let mut query = Serializer::new(String::new());
            query.append_pair("column", &field.name);
            format!("{list}/lookup?{}", query.finish())
        }
        None => format!("{list}/lookup"),
    }
}

/// The address of the pick list of a multi-column foreign key.
pub fn href_of_pair(urls: &Urls, pair: &Pair) -> String {
    let target = pair.permit.resource();
    let mut query = Serializer::new(String::new());
    let fields = pair.target_columns.iter();
    for field in fields.filter_map(|column| target.fields.get(*column)) {
        query.append_pair("column", &field.name);
    }
    format!("{}/lookup?{}", urls.list(&target.name), query.finish())
}

/// GET {mount}/data/{resource}/lookup?q=&column=. Permissions: view.
///
/// Always JSON: `{"items": [{"key", "label"}]}`. The key is the value for a foreign key that
/// references `column`, by default the resource's key. For several columns, the key holds their
/// encoded values, separated by commas.
///
/// # Errors
/// When the database fails.
pub async fn show(request: HttpRequest, granted: Granted<View>) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let resource = permit.resource().clone();
    let (mut text, mut columns) = (String::new(), Vec::new());
    for (name, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
        match name.as_ref() {
            "q" => text = searched("q", value.into_owned())?,
            "column" => {
                let known = resource.index_of(&value);
                // A column that may not be read counts as missing.
                let read = known.filter(|column| permit.reads(*column) != Cover::Nowhere);
                columns.push(read.ok_or_else(|| query::no_column("column", &value))?);
            }
            _ => return Err(query::unknown(&name)),
        }
    }
    let only_key = || match resource.key.as_slice() {
        [column] => Some(*column),
        _ => None,
    };
    if columns.len() > 1 {
        return several(&entered, permit, columns, text).await;
    }
    let Some(column) = columns.pop().or_else(only_key) else {
        return Ok(HttpResponse::Ok().json(json!({ "items": [] })));
    };
    let found = entered
        .site()
        .database
        .run(move |conn| labels::lookup(conn, &permit, column, &text, LIMIT))
        .await?;
    let kind = resource.fields.get(column).map(|field| field.kind);
    let items: Vec<_> = found
        .iter()
        .map(|label| {
            let key = kind.map(|kind| label.value.to_text(kind));
            json!({ "key": key, "label": label.text })
        })
        .collect();
    Ok(HttpResponse::Ok().json(json!({ "items": items })))
}

/// The same for a multi-column foreign key.
async fn several(
    entered: &Entered,
    permit: Permit<View>,
    columns: Vec<usize>,
    text: String,
) -> Result<HttpResponse, Failure> {
    let resource = permit.resource().clone();
    let of = columns.clone();
    let found = entered
        .site()
        .database
        .run(move |conn| labels::lookup_sets(conn, &permit, &of, &text, LIMIT))
        .await?;
    let items = found.iter().map(|pair| {
        let key = pairs::write_set(&resource, &columns, &pair.values);
        json!({ "key": key, "label": pair.label.text })
    });
    Ok(HttpResponse::Ok().json(json!({ "items": items.collect::<Vec<_>>() })))
}
