//! Submitted forms: read within limits, and only if they came from the panel.
//!
//! This is the only way to read a body, so that no state change can forget the CSRF check.

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

/// The largest form without files, in megabytes.
pub const MAX_FORM_MB: usize = 2;
/// The largest form with files, in megabytes.
pub const MAX_FILES_MB: usize = 16;
/// The bytes of a megabyte.
const MB: usize = 1024 * 1024;
/// The most fields of a form.
const MAX_FIELDS: usize = 2_000;

/// How much of a form is read, in bytes.
pub(super) struct Bounds {
    form: usize,
    multipart: usize,
    keeps_files: bool,
}

impl Bounds {
    /// Of a form whose fields are to be used.
    const USED: Self = Self {
        form: MAX_FORM_MB * MB,
        multipart: MAX_FILES_MB * MB,
        keeps_files: true,
    };
    /// Of a form that was refused and is shown again: also of one that was too large.
    pub(super) const SHOWN_AGAIN: Self = Self {
        form: 2 * MAX_FORM_MB * MB,
        multipart: 4 * MAX_FILES_MB * MB,
        keeps_files: false,
    };
}

/// The fields of a form that a person of the panel submitted.
#[derive(Debug, Default, Clone)]
pub struct Submission {
    fields: Vec<(String, String)>,
    files: Vec<File>,
    /// Lines that came as JSON, by the table.
    children: Members,
}

/// The members of an object of JSON, each as it is written: a number that is read loses digits.
pub type Members = BTreeMap<String, Box<RawValue>>;

/// A file of a form.
#[derive(Debug, Default, Clone)]
struct File {
    /// The name of its field.
    field: String,
    /// What it is called where it comes from.
    name: String,
    bytes: Vec<u8>,
}

impl Submission {
    /// The last value of that name: a check box stands behind the hidden field of its absence.
    pub fn get(&self, name: &str) -> Option<&str> {
        let fields = self.fields.iter().rev();
        fields
            .into_iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Puts a value in place of whatever came under that name.
    pub fn set(&mut self, name: &str, value: String) {
        self.fields.push((name.to_owned(), value));
    }

    /// The file of that name, if one was chosen.
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        let found = self.files.iter().find(|file| file.field == name);
        found
            .map(|file| file.bytes.as_slice())
            .filter(|bytes| !bytes.is_empty())
    }

    /// What that file is called where it comes from.
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

    /// Lines that came as JSON, by the table.
    pub fn children(&self) -> &Members {
        &self.children
    }

    /// A form in JSON: fields by name, and lines under `children`.
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

    /// Puts a value as a person would have typed it. No value is told from an empty text.
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

    /// All fields, in the order in which they came.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }
}

/// A value of JSON that is no text. Only numbers with a power of ten are written in another way.
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
            // Who looks as somebody else changes nothing: no form of theirs is read.
            look::check_is_not(&request)?;
            submitted(&request, payload, Body::Form).await
        })
    }
}

/// A form behind a right: whether its sender has the right is settled first, and the form is read
/// only then. As two arguments of a handler the two would race, and the answer would depend on which
/// is quicker.
pub struct Submitted<L> {
    /// The right, as the extractor that demands it gives it.
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

/// A form or a file behind a right. A body that is no form is the file: as the field [`FILE`].
pub struct Uploaded<L> {
    /// The right, as the extractor that demands it gives it.
    pub leave: L,
    /// The form.
    pub form: Submission,
}

/// The field of a form that a body without a form stands for.
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

/// What a body may be.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Body {
    /// A form.
    Form,
    /// A form, or a file where the address names its `format`.
    File,
}

impl Body {
    /// Whether the body of this request is a file by itself. Its type is not asked: programs send
    /// files as whatever they take them for, and some as a form.
    fn is_file(self, request: &HttpRequest) -> bool {
        let mut query = url::form_urlencoded::parse(request.query_string().as_bytes());
        self == Self::File
            && !content_type(request).starts_with("multipart/")
            && query.any(|(name, _)| name == "format")
    }
}

/// A form that is taken during a look as well: the one that ends it.
#[derive(Debug)]
pub struct EvenLooking;

impl FromRequest for EvenLooking {
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
    // Nobody's form is not even read.
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

/// Reads a form, whoever sent it.
///
/// # Errors
/// When it is too large, too slow or no form.
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
