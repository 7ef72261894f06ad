//! The page of a role, with a form if it is a stored one.

use super::confirm::{self, Proposal, ProposalOutcome, ShowAgain};
use super::fields::{FieldFault, RoleForm, Typed, wrong_of};
use super::view::{self, RoleView};
use super::{PageOrigin, Picture, frame, frame_of};
use crate::access::kept::{Change, Misfit};
use crate::access::policy::label_of;
use crate::config::RoleConfig;
use crate::entry::manage::{Manages, Roles};
use crate::entry::{Entered, Submission, Submitted};
use crate::texts::text;
use crate::web::{Failure, middleware, wants_json};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::json;

#[derive(Serialize)]
struct RolePage {
    heading: String,
    role: Option<RoleView>,
    /// The form; none for a configured role.
    form: Option<RoleForm>,
    action: String,
    version: i64,
    is_new: bool,
    is_typed: bool,
    errors: Vec<FieldFault>,
    problem: Option<String>,
    add_group_href: Option<String>,
    delete_href: Option<String>,
    cancel_href: String,
}

/// What a form shows besides the stored role.
struct FormState {
    status: StatusCode,
    typed: Option<Typed>,
    errors: Vec<FieldFault>,
    problem: Option<String>,
}

impl FormState {
    fn as_it_is() -> Self {
        Self {
            status: StatusCode::OK,
            typed: None,
            errors: Vec::new(),
            problem: None,
        }
    }

    fn again(typed: Typed) -> Self {
        Self {
            typed: Some(typed),
            ..Self::as_it_is()
        }
    }

    fn wrong(typed: Typed, errors: Vec<FieldFault>) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            errors,
            ..Self::again(typed)
        }
    }

    /// The state after a proposal that was not accepted.
    fn after(typed: Typed, again: &ShowAgain) -> Result<Self, Failure> {
        Ok(match again {
            ShowAgain::Stale(stale) => Self {
                status: StatusCode::CONFLICT,
                problem: Some(confirm::came_too_late(stale)),
                ..Self::again(typed)
            },
            ShowAgain::Faulty(faults) => Self::wrong(typed, wrong_of(faults)),
            ShowAgain::Misfit(Misfit::Missing) => return Err(Failure::Missing),
            ShowAgain::Misfit(misfit) => {
                let wrong = FieldFault {
                    id: "field-name".into(),
                    label: text!("role-field-name"),
                    message: misfit.to_string(),
                };
                Self::wrong(typed, vec![wrong])
            }
        })
    }
}

/// GET {mount}/roles/new. Permissions: managing roles.
///
/// # Errors
/// When the right is missing, or the database fails.
pub(super) async fn show_new(
    request: HttpRequest,
    managing: Manages<Roles>,
) -> Result<HttpResponse, Failure> {
    let shown = FormState::again(Typed::empty());
    new_page(&request, &managing.entered, shown).await
}

async fn new_page(
    request: &HttpRequest,
    entered: &Entered,
    shown: FormState,
) -> Result<HttpResponse, Failure> {
    let picture = Picture::of(entered).await?;
    if let Some(answer) = as_problem(request, &shown) {
        return Ok(answer);
    }
    if wants_json(request) {
        return Ok(HttpResponse::Ok().json(json!({
            "version": picture.kept.version,
            "csrf_token": entered.signed.csrf(),
        })));
    }
    let urls = &entered.site().urls;
    let typed = shown.typed.unwrap_or_default();
    let page = RolePage {
        heading: text!("role-new"),
        role: None,
        form: Some(typed.form(picture.policy.catalog(), true, &shown.errors)),
        action: urls.role("new"),
        version: picture.kept.version,
        is_new: true,
        is_typed: shown.status != StatusCode::OK,
        errors: shown.errors,
        problem: shown.problem,
        add_group_href: None,
        delete_href: None,
        cancel_href: urls.roles(),
    };
    let frame = frame(request, entered, &text!("role-new"))
        .crumb(text!("roles"), Some(urls.roles()))
        .crumb(text!("role-new-crumb"), None);
    let pages = &entered.site().pages;
    pages.answer(shown.status, "role.html", &frame, &page)
}

/// POST {mount}/roles/new. Permissions: managing roles.
///
/// # Errors
/// When the right is missing, or the database fails.
pub(super) async fn create(
    request: HttpRequest,
    Submitted {
        leave: managing,
        form: submission,
    }: Submitted<Manages<Roles>>,
) -> Result<HttpResponse, Failure> {
    let entered = managing.entered;
    let mut typed = Typed::read(&submission)?;
    if is_turned_back(&mut typed, &submission) {
        return new_page(&request, &entered, FormState::again(typed)).await;
    }
    let wrong = typed.check(true);
    if !wrong.is_empty() {
        return new_page(&request, &entered, FormState::wrong(typed, wrong)).await;
    }
    let role = typed.role(None);
    let urls = &entered.site().urls;
    let name = typed.name.clone();
    let label = label_of(&name, &role);
    let proposal = Proposal {
        version: Some(version(&submission)?),
        role: (&name, &label),
        heading: text!("role-create", role = label),
        crumb: text!("role-new-crumb"),
        action: urls.role("new"),
        cancel_href: urls.roles(),
        fields: typed.fields(),
        button: text!("create"),
        destroys: false,
        done_href: format!("{}?done=created", urls.role(&name)),
        change: Change::Create {
            name: name.clone(),
            role,
        },
    };
    match confirm::step(&request, &entered, Some(&submission), proposal).await? {
        ProposalOutcome::Answer(answer) => Ok(answer),
        ProposalOutcome::Again(again) => {
            let shown = FormState::after(typed, &again)?;
            new_page(&request, &entered, shown).await
        }
    }
}

/// GET {mount}/roles/{name}. Permissions: managing roles.
///
/// # Errors
/// When the right is missing, the role does not exist, or the database fails.
pub(super) async fn show(
    request: HttpRequest,
    managing: Manages<Roles>,
    name: web::Path<String>,
    reached: web::Query<PageOrigin>,
) -> Result<HttpResponse, Failure> {
    let done = reached.done.as_deref();
    role_page(
        &request,
        &managing.entered,
        &name,
        FormState::as_it_is(),
        done,
    )
    .await
}

async fn role_page(
    request: &HttpRequest,
    entered: &Entered,
    name: &str,
    shown: FormState,
    done: Option<&str>,
) -> Result<HttpResponse, Failure> {
    let picture = Picture::of(entered).await?;
    let role = view::one(entered, &picture, name).ok_or(Failure::Missing)?;
    if let Some(answer) = as_problem(request, &shown) {
        return Ok(answer);
    }
    if wants_json(request) {
        let mut json = role.as_json();
        if let Some(json) = json.as_object_mut() {
            json.insert("version".into(), picture.kept.version.into());
            json.insert("csrf_token".into(), entered.signed.csrf().into());
        }
        return Ok(HttpResponse::Ok().json(json));
    }
    let urls = &entered.site().urls;
    let kept = picture.kept.role(name);
    let config = kept.and_then(|kept| kept.role.as_ref().ok());
    let errors = match &shown.typed {
        Some(_) => shown.errors,
        None => wrong_of(role.faults()),
    };
    let is_typed = shown.typed.is_some();
    let typed = shown.typed.or(config.map(|role| Typed::of(name, role)));
    let form = typed.filter(|_| !role.fixed && config.is_some());
    let label = role.label.clone();
    let page = RolePage {
        heading: label.clone(),
        form: form.map(|typed| typed.form(picture.policy.catalog(), false, &errors)),
        action: urls.role(name),
        version: picture.kept.version,
        is_new: false,
        is_typed,
        errors: if is_typed { errors } else { Vec::new() },
        problem: shown.problem,
        add_group_href: (role.fixed || config.is_some())
            .then(|| format!("{}/groups", urls.role(name))),
        delete_href: kept.map(|_| format!("{}/delete", urls.role(name))),
        cancel_href: urls.roles(),
        role: Some(role),
    };
    let frame = frame_of(request, entered, (name, &label), None).done(done);
    let pages = &entered.site().pages;
    pages.answer(shown.status, "role.html", &frame, &page)
}

/// POST {mount}/roles/{name}. Permissions: managing roles.
///
/// # Errors
/// When the right is missing, the role does not exist or is configured, or the database fails.
pub(super) async fn save(
    request: HttpRequest,
    name: web::Path<String>,
    Submitted {
        leave: managing,
        form: submission,
    }: Submitted<Manages<Roles>>,
) -> Result<HttpResponse, Failure> {
    let entered = managing.entered;
    let before = editable(&entered, &name).await?;
    let mut typed = Typed::read(&submission)?;
    typed.name.clone_from(&name);
    if is_turned_back(&mut typed, &submission) {
        return role_page(&request, &entered, &name, FormState::again(typed), None).await;
    }
    let wrong = typed.check(false);
    if !wrong.is_empty() {
        return role_page(
            &request,
            &entered,
            &name,
            FormState::wrong(typed, wrong),
            None,
        )
        .await;
    }
    let role = typed.role(Some(&before));
    let urls = &entered.site().urls;
    let label = label_of(&name, &before);
    let proposal = Proposal {
        version: Some(version(&submission)?),
        role: (&name, &label),
        heading: text!("role-change", role = label),
        crumb: text!("change"),
        action: urls.role(&name),
        cancel_href: urls.role(&name),
        fields: typed.fields(),
        button: text!("save"),
        destroys: false,
        done_href: format!("{}?done=saved", urls.role(&name)),
        change: Change::Edit {
            name: name.clone(),
            role,
        },
    };
    match confirm::step(&request, &entered, Some(&submission), proposal).await? {
        ProposalOutcome::Answer(answer) => Ok(answer),
        ProposalOutcome::Again(again) => {
            let shown = FormState::after(typed, &again)?;
            role_page(&request, &entered, &name, shown, None).await
        }
    }
}

/// The role with that name, if it is stored and readable.
async fn editable(entered: &Entered, name: &str) -> Result<RoleConfig, Failure> {
    if entered.site().keeper.roles().contains_key(name) {
        return Err(Failure::Invalid(text!("role-configured")));
    }
    let picture = Picture::of(entered).await?;
    let kept = picture.kept.role(name).ok_or(Failure::Missing)?;
    kept.role
        .clone()
        .map_err(|_| Failure::Invalid(text!("role-unreadable")))
}

/// Whether a button was pressed that only shows the form again.
fn is_turned_back(typed: &mut Typed, submission: &Submission) -> bool {
    let button = submission.get("then").unwrap_or_default();
    button == "back" || typed.rearrange(button)
}

/// The version that a form is based on.
///
/// # Errors
/// When it is missing: then it is unknown what the person saw.
pub(super) fn version(submission: &Submission) -> Result<i64, Failure> {
    let version = submission.get("version").and_then(|text| text.parse().ok());
    version.ok_or_else(|| Failure::Invalid(text!("roles-version")))
}

/// The errors, for JSON clients.
fn as_problem(request: &HttpRequest, shown: &FormState) -> Option<HttpResponse> {
    if !wants_json(request) || shown.status == StatusCode::OK {
        return None;
    }
    let text = match &shown.problem {
        Some(problem) => problem.clone(),
        None => text!("fields-need-a-look"),
    };
    let errors = (!shown.errors.is_empty()).then(|| json!(shown.errors));
    Some(middleware::problem(
        request,
        &text!("not-saved"),
        &text,
        shown.status,
        errors,
    ))
}
