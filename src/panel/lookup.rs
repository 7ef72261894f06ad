//! Pick lists for foreign keys.

use crate::access::View;
use crate::data::labels;
use crate::entry::Granted;
use crate::entry::query::searched;
use crate::web::Failure;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

/// Rows of a pick list.
const LIMIT: u32 = 20;

/// GET {mount}/data/{resource}/lookup?q=. Permissions: view.
///
/// Always JSON: `{"items": [{"key", "label"}]}`; the key is the value for a foreign key that
/// points here.
///
/// # Errors
/// When the database fails.
pub async fn show(request: HttpRequest, granted: Granted<View>) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let mut text = String::new();
    for (name, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
        match name.as_ref() {
            "q" => text = searched("q", value.into_owned())?,
            _ => {
                return Err(Failure::Invalid(format!(
                    "The parameter \u{201c}{name}\u{201d} is not one of a pick list."
                )));
            }
        }
    }
    let resource = permit.resource().clone();
    // Foreign keys of one column point at a key of one column.
    let Some(column) = resource
        .key
        .first()
        .copied()
        .filter(|_| resource.key.len() == 1)
    else {
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
