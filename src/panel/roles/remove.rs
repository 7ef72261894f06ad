//! Deletes a stored role, or removes a group from a role.

use super::change::{self, Outcome};
use super::confirm::{self, Proposal, ProposalOutcome, ProposalSource, ShowAgain};
use super::edit::version;
use super::{Picture, view, words};
use crate::access::kept::Change;
use crate::entry::manage::{Manages, Roles};
use crate::entry::{Entered, Submission, Submitted};
use crate::texts::text;
use crate::web::Failure;
use actix_web::{HttpRequest, HttpResponse, web};

/// GET {mount}/roles/{name}/delete. Permissions: managing roles.
///
/// # Errors
/// When the right is missing, no stored role has this name, or the database fails.
pub(super) async fn show_role(
    request: HttpRequest,
    managing: Manages<Roles>,
    name: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    role(&request, &managing.entered, &name, None).await
}

/// POST {mount}/roles/{name}/delete. Permissions: managing roles.
///
/// # Errors
/// As [`show_role`].
pub(super) async fn delete_role(
    request: HttpRequest,
    name: web::Path<String>,
    Submitted {
        leave: managing,
        form: submission,
    }: Submitted<Manages<Roles>>,
) -> Result<HttpResponse, Failure> {
    role(&request, &managing.entered, &name, Some(&submission)).await
}

async fn role(
    request: &HttpRequest,
    entered: &Entered,
    name: &str,
    submission: Option<&Submission>,
) -> Result<HttpResponse, Failure> {
    let picture = Picture::of(entered).await?;
    let role = view::one(entered, &picture, name).ok_or(Failure::Missing)?;
    let urls = &entered.site().urls;
    let proposal = |version| Proposal {
        version,
        role: (name, &role.label),
        heading: text!("role-delete", role = role.label),
        crumb: text!("delete"),
        action: format!("{}/delete", role.href),
        cancel_href: role.href.clone(),
        fields: Vec::new(),
        button: text!("delete"),
        destroys: true,
        done_href: format!("{}?done=deleted", urls.roles()),
        change: Change::Delete {
            name: name.to_owned(),
        },
    };
    taken_away(request, entered, submission, &proposal).await
}

/// GET {mount}/roles/{name}/groups/{id}/remove. Permissions: managing roles.
///
/// # Errors
/// When the right is missing, the role has no such rule, or the database fails.
pub(super) async fn show_rule(
    request: HttpRequest,
    managing: Manages<Roles>,
    path: web::Path<(String, i64)>,
) -> Result<HttpResponse, Failure> {
    let (name, id) = path.into_inner();
    rule(&request, &managing.entered, (&name, id), None).await
}

/// POST {mount}/roles/{name}/groups/{id}/remove. Permissions: managing roles.
///
/// # Errors
/// As [`show_rule`].
pub(super) async fn remove_rule(
    request: HttpRequest,
    path: web::Path<(String, i64)>,
    Submitted {
        leave: managing,
        form: submission,
    }: Submitted<Manages<Roles>>,
) -> Result<HttpResponse, Failure> {
    let (name, id) = path.into_inner();
    let entered = managing.entered;
    rule(&request, &entered, (&name, id), Some(&submission)).await
}

async fn rule(
    request: &HttpRequest,
    entered: &Entered,
    (name, id): (&str, i64),
    submission: Option<&Submission>,
) -> Result<HttpResponse, Failure> {
    let picture = Picture::of(entered).await?;
    let mut rules = picture.kept.rules_of(name);
    let rule = rules.find(|rule| rule.id == id).ok_or(Failure::Missing)?;
    let group = rule.rule.as_ref().ok().map(words::group);
    let group = group.unwrap_or_else(|| text!("group-unreadable"));
    let urls = &entered.site().urls;
    // For a role that no longer exists, only its name is known.
    let role = view::one(entered, &picture, name);
    let label = role.as_ref().map_or(name, |role| role.label.as_str());
    let back = match &role {
        Some(role) => role.href.clone(),
        None => urls.roles(),
    };
    let proposal = |version| Proposal {
        version,
        role: (name, label),
        heading: text!("group-take", role = label, group = group),
        crumb: text!("group-remove"),
        action: format!("{}/groups/{id}/remove", urls.role(name)),
        cancel_href: back.clone(),
        fields: Vec::new(),
        button: text!("group-remove-button"),
        destroys: true,
        done_href: format!("{back}?done=saved"),
        change: Change::RemoveRule { id },
    };
    taken_away(request, entered, submission, &proposal).await
}

/// Asks for confirmation, or makes the change. There is no form to return to: a change that came
/// too late is previewed again.
async fn taken_away<'p>(
    request: &HttpRequest,
    entered: &Entered,
    submission: Option<&Submission>,
    proposal: &dyn Fn(Option<i64>) -> Proposal<'p>,
) -> Result<HttpResponse, Failure> {
    let made_from = submission.map(version).transpose()?;
    let stale = match confirm::step(request, entered, submission, proposal(made_from)).await? {
        ProposalOutcome::Answer(answer) => return Ok(answer),
        ProposalOutcome::Again(ShowAgain::Stale(stale)) => stale,
        ProposalOutcome::Again(ShowAgain::Misfit(_)) => return Err(Failure::Missing),
        ProposalOutcome::Again(ShowAgain::Faulty(faults)) => {
            let reasons: Vec<String> = faults.iter().map(ToString::to_string).collect();
            return Err(Failure::Invalid(reasons.join("; ")));
        }
    };
    let proposal = proposal(None);
    match change::weigh(entered, proposal.change.clone(), None).await? {
        Outcome::Weighed(weighed) => {
            let problem = confirm::came_too_late(&stale);
            confirm::page(
                request,
                entered,
                proposal,
                &weighed,
                ProposalSource::ByForm,
                Some(problem),
            )
        }
        _ => Err(Failure::Missing),
    }
}
