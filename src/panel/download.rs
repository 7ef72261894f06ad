//! Downloads a complete cell as a file; the browser never displays it. Pages show only the
//! beginning of a long text.

use super::key;
use crate::access::View;
use crate::catalog::field::Storage;
use crate::data::find;
use crate::entry::Granted;
use crate::web::{Failure, segment};
use actix_web::http::header::{
    Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue,
};
use actix_web::{HttpRequest, HttpResponse};

/// GET {mount}/data/{resource}/row/{key}/file/{column}. Permissions: view.
///
/// # Errors
/// The row or column is not visible, or the database fails.
pub async fn show(request: HttpRequest, granted: Granted<View>) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let resource = permit.resource().clone();
    let key = key(&request, &resource)?;
    let name = request.match_info().query("column");
    let name = segment::decode(name);
    let column = resource.index_of(&name).ok_or(Failure::Missing)?;
    let is_file = resource.fields.get(column).is_some_and(|field| {
        let storage = field.kind.storage();
        field.kind.is_file() || matches!(storage, Storage::Text | Storage::Opaque)
    });
    if !is_file {
        return Err(Failure::Missing);
    }
    let file = format!("{}-{}", resource.name, key.encode(&resource));
    let bytes = entered
        .site()
        .database
        .run(move |conn| find::bytes(conn, &permit, &key, column))
        .await?;
    Ok(HttpResponse::Ok()
        .content_type("application/octet-stream")
        .insert_header(attachment(&format!("{file}.{}", extension(&bytes))))
        .body(bytes))
}

/// The header of a downloaded file (RFC 6266, section 4.3). A name from the database may contain
/// characters that are not allowed in a header or file name. A name beyond ASCII is written twice:
/// in full, and with `_` for older clients.
pub(super) fn attachment(file: &str) -> ContentDisposition {
    let is_odd = |c: char| c.is_control() || matches!(c, '/' | '\\');
    let name = file.replace(is_odd, "_");
    let plain = name.replace(|c: char| !c.is_ascii(), "_");
    let full = (plain != name).then(|| {
        DispositionParam::FilenameExt(ExtendedValue {
            charset: Charset::Ext("UTF-8".to_owned()),
            language_tag: None,
            value: name.into_bytes(),
        })
    });
    ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: std::iter::once(DispositionParam::Filename(plain))
            .chain(full)
            .collect(),
    }
}

/// The file extension, from the first bytes.
fn extension(bytes: &[u8]) -> &'static str {
    const KNOWN: [(&[u8], &str); 7] = [
        (b"%PDF-", "pdf"),
        (b"\x89PNG", "png"),
        (b"\xff\xd8\xff", "jpg"),
        (b"GIF8", "gif"),
        (b"PK\x03\x04", "zip"),
        (b"\x1f\x8b", "gz"),
        (b"{\\rtf", "rtf"),
    ];
    let known = KNOWN.iter().find(|(start, _)| bytes.starts_with(start));
    match known {
        Some((_, extension)) => extension,
        None if std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0')) => "txt",
        None => "bin",
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
