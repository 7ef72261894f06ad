//! The most frequent values of a list's column, for people who filter by it.

use super::json;
use super::relations::Relations;
use crate::access::View;
use crate::catalog::Value;
use crate::catalog::field::Lossless;
use crate::data::{DataError, facets, path};
use crate::entry::Granted;
use crate::entry::query::{self, ListQuery, order};
use crate::store::AnyConnection;
use crate::texts::text;
use crate::web::Failure;
use actix_web::{HttpRequest, HttpResponse};

/// The number of values.
const MOST: u32 = 20;

/// GET {mount}/data/{resource}/facets?column=C, with the query of the list. Permissions: view.
///
/// Always JSON: `{"values": [{"value", "label", "count"}], "of": {"kind", "value"}}`, most frequent
/// first.
///
/// # Errors
/// The column or the query is invalid, or the database fails.
pub async fn show(request: HttpRequest, granted: Granted<View>) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let mut rest = url::form_urlencoded::Serializer::new(String::new());
    let mut name = String::new();
    for (key, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
        match key.as_ref() {
            "column" => name = value.into_owned(),
            _ => {
                rest.append_pair(&key, &value);
            }
        }
    }
    let asked = ListQuery {
        position: None,
        sort: String::new(),
        columns: order::write(&name, false),
        ..super::views::query(&entered, &permit, &rest.finish()).await?
    };
    let wanted = asked.resolve(&permit, &entered.around())?;
    let unknown = || query::no_column("column", &name);
    let chosen = asked
        .chosen(&permit, &wanted.paths)
        .map_err(|_| unknown())?;
    let column = chosen.and_then(|chosen| chosen.first().copied());
    let column = column.ok_or_else(unknown)?;
    let resource = path::widened(permit.resource(), &wanted.paths);
    let relations = Relations::of(&entered, permit.resource(), &[column]);
    let read = move |conn: &mut AnyConnection| {
        let mut relations = relations;
        let (found, of) = facets::of_column(conn, &permit, &wanted, column, MOST)?;
        let values = found.iter().map(|it| (column, it.value.clone()));
        let values: Vec<(usize, Value)> = values.collect();
        relations.fetch(conn, &[], &values)?;
        Ok::<_, DataError>((found, of, relations))
    };
    let (found, of, relations) = entered.site().database.run(read).await?;
    let kind = resource.fields.get(column).map(|field| field.kind);
    let values = found.iter().filter_map(|it| {
        let kind = kind?;
        let label = match &it.value {
            Value::Null => text!("no-value"),
            value => {
                let named = relations.label(&resource, column, value);
                named.unwrap_or_else(|| value.to_text(kind))
            }
        };
        Some(json::Facet {
            value: Lossless {
                value: &it.value,
                kind,
            },
            label,
            count: it.count,
        })
    });
    Ok(HttpResponse::Ok().json(json::Facets {
        values: values.collect(),
        of: serde_json::json!({ "kind": of.kind(), "value": of.value() }),
    }))
}
