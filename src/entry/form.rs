//! Submitted forms: read within limits, and only if they come from the panel's own pages.
//!
//! This is the only way to read a body, so no change of state can skip the CSRF check.

use super::access::{self, Access};
use super::look;
use crate::texts::text;
use crate::web::Failure;
use crate::web::body::{OF_A_FORM, OF_FILES, within};
use crate::web::origin::check_origin;
use actix_multipart::Multipart;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use serde_json::Value as Json;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

/// The size limit of a form without files, in megabytes.
pub const MAX_FORM_MB: usize = 2;
/// The size limit of a form with files, in megabytes.
pub const MAX_FILES_MB: usize = 16;
/// The bytes of a megabyte.
const MB: usize = 1024 * 1024;
/// The maximum number of fields in a form.
const MAX_FIELDS: usize = 2_000;

/// Limits on reading a form, in bytes.
pub(super) struct Bounds {
    form: usize,
    multipart: usize,
    keeps_files: bool,
}

impl Bounds {
    /// The limits for a form that is processed.
    const USED: Self = Self {
        form: MAX_FORM_MB * MB,
        multipart: MAX_FILES_MB * MB,
        keeps_files: true,
    };
    /// The limits for a refused form that is shown again, even if it was too large.
    pub(super) const SHOWN_AGAIN: Self = Self {
        form: 2 * MAX_FORM_MB * MB,
        multipart: 4 * MAX_FILES_MB * MB,
        keeps_files: false,
    };
}

/// The fields of a submitted form.
#[derive(Debug, Default, Clone)]
pub struct Submission {
    fields: Vec<(String, String)>,
    files: Vec<File>,
    /// Lines sent as JSON, by table.
    children: Members,
}

/// The members of a JSON object, each as written: parsing a number loses digits.
pub type Members = BTreeMap<String, Box<RawValue>>;

/// A file in a form.
#[derive(Debug, Default, Clone)]
struct File {
    /// The name of its field.
    field: String,
    /// Its name on the client.
    name: String,
    bytes: Vec<u8>,
}

impl Submission {
    /// The last value with that name: a check box follows a hidden field for its unchecked state.
    pub fn get(&self, name: &str) -> Option<&str> {
        let fields = self.fields.iter().rev();
        fields
            .into_iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Replaces all values with that name.
    pub fn set(&mut self, name: &str, value: String) {
        self.fields.push((name.to_owned(), value));
    }

    /// The file with that name, if one was chosen.
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        let found = self.files.iter().find(|file| file.field == name);
        found
            .map(|file| file.bytes.as_slice())
            .filter(|bytes| !bytes.is_empty())
    }

    /// The client's name of that file.
    pub fn file_name(&self, name: &str) -> Option<&str> {
        let found = self.files.iter().find(|file| file.field == name);
        found
            .map(|file| file.name.as_str())
            .filter(|name| !name.is_empty())
    }

    /// Whether a file was chosen.
    pub fn has_files(&self) -> bool {
        self.files.iter().any(|file| !file.bytes.is_empty())
    }

    /// Lines sent as JSON, by table.
    pub fn children(&self) -> &Members {
        &self.children
    }

    /// Reads a form in JSON: fields by name, and lines under `children`.
    fn of_json(body: &[u8]) -> Result<Self, Failure> {
        let wrong = |text: &str| Failure::Invalid(text.to_owned());
        let Ok(body) = serde_json::from_slice::<Members>(body) else {
            return Err(wrong(&text!("form-json")));
        };
        let mut submission = Self::default();
        for (name, value) in body {
            match serde_json::from_str(value.get()) {
                Ok(children) if name == "children" => submission.children = children,
                _ => submission.put_json(&name, &value),
            }
        }
        Ok(submission)
    }

    /// Adds a value in the form in which a person would type it. NULL and empty text stay distinct.
    pub fn put_json(&mut self, name: &str, value: &RawValue) {
        match serde_json::from_str::<Option<String>>(value.get()) {
            Ok(None) => {
                self.set(name, String::new());
                self.set(&format!("null.{name}"), "1".to_owned());
            }
            Ok(Some(text)) => {
                if text.is_empty() {
                    self.set(&format!("null.{name}"), "0".to_owned());
                }
                self.set(name, text);
            }
            Err(_) => self.set(name, as_typed(value)),
        }
    }

    /// All fields, in their original order.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }
}

/// A JSON value that is not a text, as it would be typed. Only numbers with an exponent are rewritten.
fn as_typed(value: &RawValue) -> String {
    match serde_json::from_str(value.get()) {
        Ok(Json::Number(number)) if value.get().contains(['e', 'E']) => number.to_string(),
        _ => value.get().to_owned(),
    }
}

impl FromRequest for Submission {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            // A person who views as somebody else changes nothing: their forms are not read.
            look::check_is_not(&request)?;
            submitted(&request, payload, Body::Form).await
        })
    }
}

/// A form that requires a right. The right is checked first, and only then the form is read. As two
/// handler arguments they would race, and the response would depend on the faster one.
pub struct Submitted<L> {
    /// The right, from its extractor.
    pub leave: L,
    /// The form.
    pub form: Submission,
}

impl<L: FromRequest<Error = Failure> + 'static> FromRequest for Submitted<L> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = payload.take();
        Box::pin(async move {
            look::check_is_not(&request)?;
            let leave = L::from_request(&request, &mut Payload::None).await?;
            let form = Submission::from_request(&request, &mut payload).await?;
            Ok(Self { leave, form })
        })
    }
}

/// A form or a file that requires a right. A body that is not a form is the file, in the field
/// [`FILE`].
pub struct Uploaded<L> {
    /// The right, from its extractor.
    pub leave: L,
    /// The form.
    pub form: Submission,
}

/// The name of the field for a body that is a file.
pub const FILE: &str = "file";

impl<L: FromRequest<Error = Failure> + 'static> FromRequest for Uploaded<L> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            look::check_is_not(&request)?;
            let leave = L::from_request(&request, &mut Payload::None).await?;
            let form = submitted(&request, payload, Body::File).await?;
            Ok(Self { leave, form })
        })
    }
}

/// The kinds of body.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Body {
    /// A form.
    Form,
    /// A form, or a file if the address has a `format`.
    File,
}

impl Body {
    /// Whether the body of this request is a file. Its content type is ignored: programs send files
    /// with any type, even that of a form.
    fn is_file(self, request: &HttpRequest) -> bool {
        let mut query = url::form_urlencoded::parse(request.query_string().as_bytes());
        self == Self::File
            && !content_type(request).starts_with("multipart/")
            && query.any(|(name, _)| name == "format")
    }
}

/// A form that is also accepted while viewing as somebody else: the one that ends it.
#[derive(Debug)]
pub struct FormWhileViewing;

impl FromRequest for FormWhileViewing {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            submitted(&request, payload, Body::Form).await?;
            Ok(Self)
        })
    }
}

async fn submitted(
    request: &HttpRequest,
    payload: Payload,
    body: Body,
) -> Result<Submission, Failure> {
    let site = access::site(request)?;
    check_origin(request, &site.urls)?;
    // Without a signed-in person, the form is not even read.
    if request.extensions().get::<Access>().is_none() {
        return Err(Failure::SignedOut);
    }
    let submission = if body.is_file(request) {
        let bytes = within(OF_FILES, read_body(payload, Bounds::USED.multipart)).await?;
        let field = FILE.to_owned();
        let name = String::new();
        let files = vec![File { field, name, bytes }];
        Submission {
            files,
            ..Submission::default()
        }
    } else {
        read(request, payload, &Bounds::USED).await?
    };
    check_token(request, &submission)?;
    Ok(submission)
}

/// Reads a form from any sender.
///
/// # Errors
/// When it is too large, too slow or not a form.
pub(super) async fn read(
    request: &HttpRequest,
    payload: Payload,
    bounds: &Bounds,
) -> Result<Submission, Failure> {
    match content_type(request) {
        kind if kind.starts_with("multipart/form-data") => {
            within(OF_FILES, read_multipart(request, payload, bounds)).await
        }
        kind if kind.is_empty() || kind.starts_with("application/x-www-form-urlencoded") => {
            let body = within(OF_A_FORM, read_body(payload, bounds.form)).await?;
            let fields: Vec<(String, String)> = url::form_urlencoded::parse(&body)
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect();
            if fields.len() > MAX_FIELDS {
                Err(Failure::TooLarge)
            } else {
                Ok(Submission {
                    fields,
                    ..Submission::default()
                })
            }
        }
        kind if kind.starts_with("application/json") => {
            let body = within(OF_A_FORM, read_body(payload, bounds.form)).await?;
            let submission = Submission::of_json(&body)?;
            if submission.fields.len() > MAX_FIELDS {
                Err(Failure::TooLarge)
            } else {
                Ok(submission)
            }
        }
        _ => Err(Failure::Invalid(text!("form-encoding"))),
    }
}

fn content_type(request: &HttpRequest) -> &str {
    let kind = request.headers().get(CONTENT_TYPE);
    kind.and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

async fn read_body(mut payload: Payload, most: usize) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Failure::Invalid(text!("form-cut")))?;
        if body.len() + chunk.len() > most {
            return Err(Failure::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

async fn read_multipart(
    request: &HttpRequest,
    payload: Payload,
    bounds: &Bounds,
) -> Result<Submission, Failure> {
    let broken = |_| Failure::Invalid(text!("form-cut"));
    let mut parts = Multipart::new(request.headers(), payload);
    let mut submission = Submission::default();
    let mut size = 0;
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(broken)?;
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.content_disposition();
        let file_name = file_name.and_then(|disposition| disposition.get_filename());
        let file_name = file_name.map(str::to_owned);
        let mut content = Vec::new();
        while let Some(chunk) = part.next().await {
            let chunk = chunk.map_err(broken)?;
            size += chunk.len();
            if size > bounds.multipart {
                return Err(Failure::TooLarge);
            }
            if file_name.is_none() || bounds.keeps_files {
                content.extend_from_slice(&chunk);
            }
        }
        if let Some(file_name) = file_name {
            submission.files.push(File {
                field: name,
                name: file_name,
                bytes: content,
            });
        } else {
            let text = String::from_utf8(content)
                .map_err(|_| Failure::Invalid(text!("form-encoding-utf8")))?;
            submission.fields.push((name, text));
        }
        if submission.fields.len() + submission.files.len() > MAX_FIELDS {
            return Err(Failure::TooLarge);
        }
    }
    Ok(submission)
}

fn check_token(request: &HttpRequest, submission: &Submission) -> Result<(), Failure> {
    let extensions = request.extensions();
    let access = extensions.get::<Access>().ok_or(Failure::SignedOut)?;
    let signed = &access.caller().signed;
    let header = request
        .headers()
        .get("x-csrf-token")
        .and_then(|value| value.to_str().ok());
    let token = submission.get("csrf_token").or(header).unwrap_or_default();
    if signed.accepts_csrf(token) {
        Ok(())
    } else {
        Err(Failure::Forged(text!("error-forged-token")))
    }
}
