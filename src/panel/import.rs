//! Imports rows from a file: first a preview, then the import.
//!
//! As with bulk changes, the preview runs the import and rolls it back, so it knows what the
//! database refuses. Either all rows are written or none, unless only the valid ones are requested.

mod asked;
mod columns;
mod delimited;
mod file;
mod json;
mod notation;
mod pages;
mod rows;
mod table;
mod view;

use super::bulk::{moved_on, why};
use crate::access::{Cover, Create, Denied, Edit, Import, Permit};
use crate::catalog::Resource;
use crate::data::write::import::{self, Outcome, Plan};
use crate::data::{DataError, Refusal, write};
use crate::entry::form::FILE;
use crate::entry::{Entered, Granted, Submission, Uploaded, access};
use crate::store::{DatabaseError, audit};
use crate::texts::text;
use crate::web::{Failure, middleware, wants_json};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use asked::{ImportParameters, Mode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use columns::Columns;
use pages::Pages;
use rows::Rows;
use serde_json::{Value as Json, json as object};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Arc;
use table::{Fault, Table};

/// The maximum number of errors in a response.
const MAX_ERRORS: usize = 1_000;

/// GET {mount}/data/{resource}/import. Permissions: import, and create or edit.
///
/// # Errors
/// A right is missing.
pub async fn show(request: HttpRequest, granted: Granted<Import>) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let leave = Leave::of(&entered, permit);
    leave.plan(&entered, Mode::Both, Vec::new()).await?;
    if !wants_json(&request) {
        let pages = Pages {
            request: &request,
            entered: &entered,
            leave: &leave,
        };
        return pages.file(None);
    }
    let resource = leave.import.resource();
    let known = |column| leave.knows(column);
    let columns = (0..resource.fields.len())
        .filter(|column| known(*column) && columns::is_taken(resource, *column))
        .filter_map(|column| resource.fields.get(column))
        .map(|field| object!({ "name": field.name, "label": field.label }));
    let keys = asked::keys(resource, &known);
    let keys = keys.iter().map(|key| asked::names(resource, key).join(","));
    Ok(HttpResponse::Ok().json(object!({
        "columns": columns.collect::<Vec<_>>(),
        "keys": keys.collect::<Vec<_>>(),
        "formats": file::Format::ALL.map(file::Format::name),
        "max_rows": table::MAX_ROWS,
        "max_bytes": table::MAX_BYTES,
        "csrf_token": entered.signed.csrf(),
    })))
}

/// POST {mount}/data/{resource}/import, with a file as the body or as the field `file` of a form.
/// Permissions: import, and create or edit, as the rows need.
///
/// # Errors
/// A right is missing, a parameter is invalid, or the database fails.
pub async fn run(
    request: HttpRequest,
    Uploaded {
        leave: granted,
        form,
    }: Uploaded<Granted<Import>>,
) -> Result<HttpResponse, Failure> {
    let Granted {
        entered, permit, ..
    } = granted;
    let leave = Leave::of(&entered, permit);
    let resource = Arc::clone(leave.import.resource());
    let known = |column| leave.knows(column);
    let asked = ImportParameters::read(request.query_string(), &form, &resource, &known)?;
    if !wants_json(&request) && form.get("csrf_token").is_some() {
        let pages = Pages {
            request: &request,
            entered: &entered,
            leave: &leave,
        };
        return pages.run(asked, &form).await;
    }
    asked.check_mode()?;
    let plan = leave
        .plan(&entered, asked.mode(), asked.key.clone())
        .await?;
    let sent = SentFile::of(&form)?.ok_or_else(|| Failure::Invalid(text!("import-send")))?;
    let table = match asked.table(&sent.bytes, Some(&sent.name)) {
        Ok(table) => table,
        Err(fault) => return Ok(unreadable(&request, &asked, fault)),
    };
    let columns = Columns::of(&table, &resource, &known, &asked.chosen)?;
    let columns = with_key(columns, &resource, &asked);
    let job = Job {
        asked,
        plan,
        table,
        columns,
        resource,
    };
    let ran = rehearse_or_run(&entered, Arc::new(job)).await?;
    Ok(ran.as_json(&request))
}

/// An uploaded file, pasted rows, or the file carried from page to page.
struct SentFile {
    bytes: Vec<u8>,
    name: String,
}

impl SentFile {
    /// # Errors
    /// The carried file differs from the original.
    fn of(form: &Submission) -> Result<Option<Self>, Failure> {
        if let Some(bytes) = form.file(FILE) {
            return Ok(Some(Self {
                bytes: bytes.to_vec(),
                name: form.file_name(FILE).unwrap_or_default().to_owned(),
            }));
        }
        let named = |bytes| Self {
            bytes,
            name: form.get("name").unwrap_or_default().to_owned(),
        };
        if let Some(pasted) = form.get("paste").filter(|text| !text.trim().is_empty()) {
            return Ok(Some(named(pasted.as_bytes().to_vec())));
        }
        let kept = form.get("kept").map(|kept| BASE64.decode(kept)).transpose();
        let kept = kept.map_err(|_| Failure::Invalid(text!("import-choose-again")))?;
        Ok(kept.map(named))
    }

    /// As text that survives a form: browsers change line breaks.
    fn kept(&self) -> String {
        BASE64.encode(&self.bytes)
    }
}

/// The rights of a person for an import.
struct Leave {
    import: Permit<Import>,
    create: Result<Permit<Create>, Denied>,
    edit: Result<Permit<Edit>, Denied>,
}

impl Leave {
    fn of(entered: &Entered, import: Permit<Import>) -> Self {
        let name = &import.resource().name;
        Self {
            create: entered.permit_import(name),
            edit: entered.permit_import(name),
            import,
        }
    }

    /// A column that may be neither read nor written counts as missing.
    fn knows(&self, column: usize) -> bool {
        let is_written = |create: &Permit<Create>| create.writes(column) != Cover::Nowhere;
        self.import.reads(column) != Cover::Nowhere || self.create.as_ref().is_ok_and(is_written)
    }

    /// The permits for a mode. For `Both`, one of them is enough: rows that need the other are
    /// errors.
    async fn plan(&self, entered: &Entered, mode: Mode, key: Vec<usize>) -> Result<Plan, Failure> {
        let is_demanded = |denied: &&Denied| denied.demand.is_some();
        let (create, edit) = (self.create.as_ref().err(), self.edit.as_ref().err());
        let denied = match (mode, create, edit) {
            (Mode::Create, denied, _) | (Mode::Update, _, denied) => denied,
            (Mode::Both, Some(create), Some(edit)) => {
                Some(if is_demanded(&edit) { edit } else { create })
            }
            (Mode::Both, create, edit) => create.or(edit).filter(is_demanded),
        };
        if let Some(denied) = denied {
            return Err(access::refuse(entered, denied.clone()).await);
        }
        let create = self.create.as_ref().ok().filter(|_| mode != Mode::Update);
        let edit = self.edit.as_ref().ok().filter(|_| mode != Mode::Create);
        Ok(Plan {
            create: create.cloned(),
            edit: edit.cloned(),
            key,
        })
    }
}

/// Checks that the file has the key columns.
fn with_key(mut columns: Columns, resource: &Resource, asked: &ImportParameters) -> Columns {
    for column in &asked.key {
        let field = resource.fields.get(*column);
        if let (None, Some(field)) = (columns.place(*column), field) {
            let text = text!("import-key-missing");
            columns.faults.push(Fault::of(&field.name, 1, text));
        }
    }
    columns
}

/// An import to run.
struct Job {
    asked: ImportParameters,
    plan: Plan,
    table: Table,
    columns: Columns,
    resource: Arc<Resource>,
}

impl Job {
    /// A digest of the import and of the rows as found.
    fn token(&self, outcome: &Outcome) -> String {
        let mut hash = Sha256::new();
        hash.update(format!("import\n{}\n", self.resource.name));
        hash.update(format!("{:?}\n", self.columns.to));
        for line in &self.table.lines {
            let text = format!("{line:?}");
            hash.update(format!("{}:{text}\n", text.len()));
        }
        for (place, text) in &self.asked.fixes {
            hash.update(format!("{place:?}:{}:{text}\n", text.len()));
        }
        hash.update(&outcome.found);
        BASE64.encode(hash.finalize())
    }

    /// Whether to keep the result.
    fn is_kept(&self, outcome: &Outcome, token: &str) -> bool {
        let asked = &self.asked;
        !asked.is_rehearsal
            && self.columns.faults.is_empty()
            && (asked.is_partial || outcome.refused.is_empty())
            && outcome.created + outcome.updated > 0
            && asked
                .confirm
                .as_ref()
                .is_none_or(|confirm| confirm == token)
    }

    /// The errors, by line.
    fn faults(&self, outcome: &Outcome) -> Vec<Fault> {
        let mut faults = self.columns.faults.clone();
        for (at, refusal) in &outcome.refused {
            let line = self.table.lines.get(*at).map_or(0, |line| line.number);
            faults.extend(told(&self.resource, line, refusal));
        }
        faults.sort_by_key(|fault| fault.line);
        faults
    }
}

/// The errors of a row, by column.
fn told(resource: &Resource, line: u64, refusal: &Refusal) -> Vec<Fault> {
    match refusal {
        Refusal::Fields(faults) => {
            let faults = faults.iter().map(|(column, text)| {
                let field = resource.fields.get(*column);
                match field {
                    Some(field) => Fault::of(&field.name, line, text.as_str()),
                    None => Fault::at(line, text.as_str()),
                }
            });
            faults.collect()
        }
        Refusal::Column(label) => {
            let field = resource.fields.iter().find(|field| field.label == *label);
            let text = why(resource, refusal);
            vec![match field {
                Some(field) => Fault::of(&field.name, line, text),
                None => Fault::at(line, text),
            }]
        }
        other => vec![Fault::at(line, why(resource, other))],
    }
}

/// The result of an import.
struct ImportOutcome {
    job: Arc<Job>,
    outcome: Outcome,
    token: String,
    /// The number of the event in the audit log, if rows were written.
    change: Option<i64>,
}

/// Why a transaction was rolled back.
enum ImportStop {
    /// It was a preview, or not everything can be kept.
    Rehearsed(Box<(Outcome, String)>),
    Refused(Refusal),
}

impl From<Refusal> for ImportStop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<DataError> for ImportStop {
    fn from(error: DataError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<DatabaseError> for ImportStop {
    fn from(error: DatabaseError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<diesel::result::Error> for ImportStop {
    fn from(error: diesel::result::Error) -> Self {
        Self::Refused(error.into())
    }
}

/// Runs the import in a transaction, and commits it if it should be kept.
async fn rehearse_or_run(entered: &Entered, job: Arc<Job>) -> Result<ImportOutcome, Failure> {
    let now = entered.site().clock.now().naive_utc();
    let reader = entered.reader();
    let ran = entered.site().database.run(move |conn| {
        let done = conn.change(|conn| {
            let resource = Some(job.resource.name.as_str());
            let bulk = audit::Bulk::new(audit::Bulk::IMPORT, job.table.lines.len());
            let change = audit::begin_bulk(conn, &reader.actor, resource, bulk, now)?;
            let context = write::Context {
                actor: &reader.actor,
                now,
                rights: &reader,
                parent: Some(change),
            };
            let mut rows = Rows {
                table: &job.table,
                columns: &job.columns,
                resource: &job.resource,
                key: &job.asked.key,
                fixes: &job.asked.fixes,
                notation: job.asked.notation,
                rights: &reader,
                known: HashMap::new(),
            };
            let outcome = import::run(conn, &job.plan, &mut rows, &context)?;
            let token = job.token(&outcome);
            if job.is_kept(&outcome, &token) {
                Ok((outcome, token, change))
            } else {
                Err(ImportStop::Rehearsed(Box::new((outcome, token))))
            }
        });
        let (outcome, token, change) = match done {
            Ok((outcome, token, change)) => (outcome, token, Some(change)),
            Err(ImportStop::Rehearsed(ran)) => (ran.0, ran.1, None),
            Err(other) => return Err(other),
        };
        Ok(ImportOutcome {
            job,
            outcome,
            token,
            change,
        })
    });
    ran.await.map_err(|stopped| match stopped {
        ImportStop::Refused(refusal) => refusal.into(),
        ImportStop::Rehearsed(_) => Failure::internal("a rehearsal is no failure"),
    })
}

impl ImportOutcome {
    fn as_json(&self, request: &HttpRequest) -> HttpResponse {
        let (asked, outcome) = (&self.job.asked, &self.outcome);
        let faults = self.job.faults(outcome);
        let is_whole = faults.is_empty() || asked.is_partial && self.job.columns.faults.is_empty();
        if !asked.is_rehearsal && self.change.is_none() {
            if asked.confirm.as_ref().is_some_and(|it| *it != self.token) {
                let status = StatusCode::CONFLICT;
                let title = text!("import-nothing");
                return middleware::problem(request, &title, &moved_on(), status, None);
            }
            let has_rows = outcome.unchanged > 0 || self.job.table.lines.is_empty();
            if !is_whole || !has_rows {
                return refused(request, &faults);
            }
        }
        let mut answer = object!({
            "rows": self.job.table.lines.len(),
            "create": outcome.created,
            "update": outcome.updated,
            "unchanged": outcome.unchanged,
            "errors": listed(&faults),
        });
        if let Some(answer) = answer.as_object_mut() {
            if asked.is_rehearsal {
                answer.insert("confirm".into(), self.token.clone().into())
            } else {
                answer.insert("change".into(), self.change.into())
            };
            if faults.len() > MAX_ERRORS {
                answer.insert("more_errors".into(), (faults.len() - MAX_ERRORS).into());
            }
        }
        HttpResponse::Ok().json(answer)
    }
}

/// The response to an unreadable file.
fn unreadable(request: &HttpRequest, asked: &ImportParameters, fault: Fault) -> HttpResponse {
    if asked.is_rehearsal {
        HttpResponse::Ok().json(object!({
            "rows": 0, "create": 0, "update": 0, "unchanged": 0, "errors": listed(&[fault]),
        }))
    } else {
        refused(request, &[fault])
    }
}

fn refused(request: &HttpRequest, faults: &[Fault]) -> HttpResponse {
    let text = match faults.len() {
        1 => text!("import-refused-one"),
        _ => text!("import-refused-some"),
    };
    let (title, status) = (text!("import-nothing"), StatusCode::UNPROCESSABLE_ENTITY);
    middleware::problem(request, &title, &text, status, Some(listed(faults)))
}

fn listed(faults: &[Fault]) -> Json {
    let faults = faults.iter().take(MAX_ERRORS).map(
        |fault| object!({ "line": fault.line, "column": fault.column, "message": fault.message }),
    );
    faults.collect()
}
