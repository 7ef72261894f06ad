//! The bytes of a column, as a file to keep: never shown by the browser.

use super::key;
use crate::access::View;
use crate::catalog::Kind;
use crate::data::row;
use crate::entry::Granted;
use crate::web::Failure;
use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};
use actix_web::{HttpRequest, HttpResponse};

/// GET {mount}/data/{resource}/row/{key}/file/{column}. Permissions: view.
///
/// # Errors
/// The row or column is out of reach, or the database fails.
pub async fn show(request: HttpRequest, granted: Granted<View>) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let resource = permit.resource().clone();
    let key = key(&request, &resource)?;
    let name = request.match_info().query("column");
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    let column = resource.index_of(&name).ok_or(Failure::Missing)?;
    let is_file = resource
        .fields
        .get(column)
        .is_some_and(|field| field.kind == Kind::Bytes);
    if !is_file {
        return Err(Failure::Missing);
    }
    let file = format!("{}-{}", resource.name, key.encode(&resource));
    let bytes = entered
        .site()
        .database
        .run(move |conn| row::bytes(conn, &permit, &key, column))
        .await?;
    Ok(HttpResponse::Ok()
        .content_type("application/octet-stream")
        .insert_header(attachment(&file))
        .body(bytes))
}

/// The header of a file to keep. A name of the database may hold what neither a header nor a file's
/// name can.
pub(super) fn attachment(file: &str) -> ContentDisposition {
    let is_odd = |c: char| c.is_control() || matches!(c, '/' | '\\');
    ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(file.replace(is_odd, "_"))],
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use actix_web::http::header::TryIntoHeaderValue;

    #[test]
    fn any_name_makes_a_header() {
        for name in [
            "a\r\nb.csv",
            "..\\a\0",
            "../\u{85}x",
            "\"; x=\"",
            "caf\u{e9}",
        ] {
            let value = attachment(name).try_into_value().unwrap();
            let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
            assert!(text.starts_with("attachment; filename"), "{text}");
            assert!(!text.contains(['\r', '\n', '\0', '/']), "{text}");
        }
    }
}
