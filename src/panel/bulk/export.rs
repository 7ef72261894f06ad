//! Exports selected rows: the export of a list with only these rows.

use super::asked::ChosenRows;
use crate::access::{Permit, View};
use crate::catalog::Op;
use crate::catalog::filter::join_operand;
use crate::entry::query::ListQuery;
use crate::entry::{Entered, Submission};
use crate::texts::text;
use crate::web::Failure;
use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;

/// Redirects to the file.
///
/// # Errors
/// No row is selected, or one column cannot identify the rows.
pub(super) fn redirect(
    entered: &Entered,
    permit: &Permit<View>,
    form: &Submission,
) -> Result<HttpResponse, Failure> {
    let resource = permit.resource();
    let query = match ChosenRows::of(entered, form, permit)? {
        ChosenRows::Matching(text, _) => ListQuery {
            size: None,
            position: None,
            ..ListQuery::parse(&text)?
        },
        ChosenRows::Keys(keys) => {
            let (Some(field), 1) = (resource.key_fields().next(), resource.key.len()) else {
                return Err(Failure::Invalid(text!("bulk-several-keys")));
            };
            let values = keys.iter().flat_map(|key| &key.0);
            let texts: Vec<String> = values.map(|value| value.to_text(field.kind)).collect();
            ListQuery {
                conditions: vec![(
                    format!("f.{}", field.name),
                    format!("in:{}", join_operand(Op::In, &texts)),
                )],
                ..ListQuery::default()
            }
        }
    };
    let format = form.get("format").unwrap_or("csv");
    let list = entered.site().urls.list(&resource.name);
    let format = crate::web::segment::encode(format);
    let file = query.url(&format!("{list}/export.{format}"), &[]);
    Ok(HttpResponse::SeeOther()
        .insert_header((LOCATION, file))
        .finish())
}
