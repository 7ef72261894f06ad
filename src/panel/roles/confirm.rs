//! The page before a change of roles: its effects on people, and whether it is allowed.

use super::change::{self, ChangeEffects, Outcome, Stale};
use super::frame_of;
use super::words::{self, Subject};
use crate::access::kept::{Change, Fault, Misfit};
use crate::access::preview::owners;
use crate::config::Manage;
use crate::entry::{Entered, Submission};
use crate::panel::cell::Moment;
use crate::texts::text;
use crate::web::{Failure, middleware, wants_json};
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::{Value as Json, json};

/// The maximum number of people listed; others are only counted.
const LISTED: usize = 200;
/// The maximum number of role managers named.
const OWNERS: usize = 5;

/// A proposed change.
pub(super) struct Proposal<'p> {
    /// The change.
    pub(super) change: Change,
    /// The version it is based on; none for the current one.
    pub(super) version: Option<i64>,
    /// The role's name and label.
    pub(super) role: (&'p str, &'p str),
    /// The heading, such as "Change the role Support?".
    pub(super) heading: String,
    /// A short description for the breadcrumbs.
    pub(super) crumb: String,
    /// The target of its form.
    pub(super) action: String,
    /// The target of the cancel link.
    pub(super) cancel_href: String,
    /// What was typed, as hidden fields.
    pub(super) fields: Vec<(String, String)>,
    /// The text of the button.
    pub(super) button: String,
    /// Whether it removes something.
    pub(super) destroys: bool,
    /// Where to go afterwards.
    pub(super) done_href: String,
}

/// How a proposal arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProposalSource {
    /// By a link: problems are shown, but nothing is refused yet.
    ByLink,
    /// By a form, for a preview.
    ByForm,
    /// Confirmed.
    Confirmed,
}

/// The result of a proposal.
pub(super) enum ProposalOutcome {
    /// The response.
    Answer(HttpResponse),
    /// The form must be shown again with errors.
    Again(ShowAgain),
}

/// Why a form is shown again.
pub(super) enum ShowAgain {
    Stale(Stale),
    Misfit(Misfit),
    Faulty(Vec<Fault>),
}

#[derive(Serialize)]
struct Page {
    heading: String,
    action: String,
    cancel_href: String,
    /// Whether there is a form to go back to.
    may_go_back: bool,
    button: String,
    destroys: bool,
    version: i64,
    fields: Vec<Field>,
    described: Vec<String>,
    problem: Option<String>,
    refused: Option<String>,
    loses_own: bool,
    own: Vec<words::Line>,
    affected: Vec<Affected>,
    /// The number of affected and unaffected people.
    summary: String,
    owners: Vec<Owner>,
    more_owners: Option<String>,
}

#[derive(Serialize)]
struct Field {
    name: String,
    value: String,
}

#[derive(Serialize)]
struct Affected {
    people: Vec<Listed>,
    more: Option<String>,
    lines: Vec<words::Line>,
}

#[derive(Serialize)]
struct Listed {
    name: String,
    is_you: bool,
}

#[derive(Serialize)]
struct Owner {
    name: String,
    seen: Moment,
}

/// Shows the effects of a change, or makes it if it is confirmed.
///
/// # Errors
/// When the right is missing now, or the database or the template fails.
pub(super) async fn step(
    request: &HttpRequest,
    entered: &Entered,
    submission: Option<&Submission>,
    proposal: Proposal<'_>,
) -> Result<ProposalOutcome, Failure> {
    let said = |name: &str| submission.and_then(|submission| submission.get(name));
    let put = match (submission, said("confirm")) {
        (None, _) => ProposalSource::ByLink,
        (Some(_), Some("yes")) => ProposalSource::Confirmed,
        (Some(_), _) => ProposalSource::ByForm,
    };
    let accepts = said("lose_own") == Some("yes");
    let outcome = match (put, proposal.version) {
        (ProposalSource::Confirmed, Some(version)) => {
            change::save(entered, proposal.change.clone(), version, accepts).await?
        }
        _ => change::weigh(entered, proposal.change.clone(), proposal.version).await?,
    };
    Ok(match outcome {
        Outcome::Stale(stale) => ProposalOutcome::Again(ShowAgain::Stale(stale)),
        Outcome::Misfit(misfit) => ProposalOutcome::Again(ShowAgain::Misfit(misfit)),
        Outcome::Faulty(faults) => ProposalOutcome::Again(ShowAgain::Faulty(faults)),
        Outcome::Saved(version) => {
            ProposalOutcome::Answer(saved(request, entered, &proposal, version))
        }
        Outcome::Weighed(weighed) => {
            ProposalOutcome::Answer(page(request, entered, proposal, &weighed, put, None)?)
        }
    })
}

fn saved(
    request: &HttpRequest,
    entered: &Entered,
    proposal: &Proposal<'_>,
    version: i64,
) -> HttpResponse {
    if wants_json(request) {
        let status = match proposal.change {
            Change::Create { .. } => StatusCode::CREATED,
            _ => StatusCode::OK,
        };
        return HttpResponse::build(status)
            .json(json!({ "role": proposal.role.0, "version": version }));
    }
    // A person who gave up their own right is not sent to a page that they may not see.
    let site = entered.site();
    let is_manager = site
        .policies
        .current()
        .manages(entered.person(), Manage::Roles);
    let next = if is_manager {
        proposal.done_href.clone()
    } else {
        format!("{}/", site.urls.mount())
    };
    HttpResponse::SeeOther()
        .insert_header((LOCATION, next))
        .finish()
}

/// The confirmation page. `problem` is shown above it, with status 409.
///
/// # Errors
/// When the template fails.
pub(super) fn page(
    request: &HttpRequest,
    entered: &Entered,
    proposal: Proposal<'_>,
    weighed: &ChangeEffects,
    put: ProposalSource,
    problem: Option<String>,
) -> Result<HttpResponse, Failure> {
    let lacks_consent =
        weighed.loses_own && put == ProposalSource::Confirmed && weighed.refused.is_none();
    let status = match (&problem, &weighed.refused) {
        (Some(_), _) => StatusCode::CONFLICT,
        (None, Some(_)) if put != ProposalSource::ByLink => StatusCode::UNPROCESSABLE_ENTITY,
        (None, None) if lacks_consent => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::OK,
    };
    let consent = text!("confirm-lose-own");
    let problem = problem.or(lacks_consent.then_some(consent));
    let text = weighed.refused.clone().or(problem.clone());
    if let (true, Some(text), false) = (wants_json(request), &text, status == StatusCode::OK) {
        let problem = middleware::problem(request, &text!("not-saved"), text, status, None);
        return Ok(problem);
    }
    if wants_json(request) {
        return Ok(HttpResponse::Ok().json(as_json(entered, &proposal, weighed)));
    }
    let people = weighed.known.iter().map(|known| &known.person);
    let all: Vec<_> = owners(&weighed.new, people).collect();
    let left = weighed
        .known
        .iter()
        .filter(|known| all.contains(&&known.person));
    let policies = (&weighed.old, &weighed.new);
    let own = weighed
        .asking
        .and_then(|place| weighed.preview.of_person(place));
    let page = Page {
        own: own
            .map(|effect| words::of_effect(effect, policies, Subject::You))
            .unwrap_or_default(),
        summary: summary(weighed),
        affected: affected(weighed),
        owners: left
            .take(OWNERS)
            .map(|known| Owner {
                name: known.person.name.clone(),
                seen: Moment::utc(known.last_seen_at),
            })
            .collect(),
        more_owners: all
            .len()
            .checked_sub(OWNERS)
            .filter(|more| *more > 0)
            .map(|more| text!("and-more-people", count = more)),
        described: weighed.described.clone(),
        refused: weighed.refused.clone(),
        loses_own: weighed.loses_own,
        version: weighed.version,
        problem,
        may_go_back: !proposal.fields.is_empty(),
        fields: proposal
            .fields
            .into_iter()
            .map(|(name, value)| Field { name, value })
            .collect(),
        heading: proposal.heading,
        action: proposal.action,
        cancel_href: proposal.cancel_href,
        button: proposal.button,
        destroys: proposal.destroys,
    };
    let frame = frame_of(request, entered, proposal.role, Some(&proposal.crumb));
    let pages = &entered.site().pages;
    pages.answer(status, "role-confirm.html", &frame, &page)
}

/// The affected people and effects; the person who asks comes first.
fn affected(weighed: &ChangeEffects) -> Vec<Affected> {
    let policies = (&weighed.old, &weighed.new);
    let mut left = LISTED;
    let mut all = Vec::new();
    for affected in &weighed.preview.affected {
        let take = affected.people.len().min(left);
        left -= take;
        let named = affected.people.iter().take(take).filter_map(|place| {
            let known = weighed.known.get(*place)?;
            Some(Listed {
                name: known.person.name.clone(),
                is_you: weighed.asking == Some(*place),
            })
        });
        let mut people: Vec<Listed> = named.collect();
        people.sort_by_key(|person| !person.is_you);
        let more = affected.people.len() - take;
        all.push(Affected {
            people,
            more: (more > 0).then(|| text!("more-people", count = more)),
            lines: words::of_effect(
                &affected.effect,
                policies,
                Subject::of(affected.people.len()),
            ),
        });
    }
    all
}

/// The number of affected and unaffected people.
fn summary(weighed: &ChangeEffects) -> String {
    let (count, unaffected) = (weighed.preview.count(), weighed.preview.unaffected);
    let summary = text!("confirm-summary", count = count, other_count = unaffected);
    match count.saturating_sub(LISTED) {
        0 => summary,
        more => {
            let unlisted = text!("confirm-unlisted", named_count = LISTED, count = more);
            format!("{summary} {unlisted}")
        }
    }
}

fn as_json(entered: &Entered, proposal: &Proposal<'_>, weighed: &ChangeEffects) -> Json {
    let policies = (&weighed.old, &weighed.new);
    let mut left = LISTED;
    let affected = weighed.preview.affected.iter().map(|affected| {
        let take = affected.people.len().min(left);
        left -= take;
        let people = affected.people.iter().take(take);
        let people = people.filter_map(|place| weighed.known.get(*place));
        let subject = Subject::of(affected.people.len());
        let people: Vec<Json> = people
            .map(|known| {
                json!({
                    "name": known.person.name,
                    "issuer": known.person.issuer,
                    "subject": known.person.subject,
                })
            })
            .collect();
        json!({
            "count": affected.people.len(),
            "people": people,
            "effect": affected.effect,
            "in_words": words::of_effect(&affected.effect, policies, subject),
        })
    });
    let affected: Vec<Json> = affected.collect();
    json!({
        "role": proposal.role.0,
        "version": weighed.version,
        "changes": weighed.described,
        "preview": {
            "affected": affected,
            "unaffected": weighed.preview.unaffected,
        },
        "refused": weighed.refused,
        "loses_own": weighed.loses_own,
        "confirm": text!("confirm-json"),
        "csrf_token": entered.signed.csrf(),
    })
}

/// The message for a change that came too late.
pub(super) fn came_too_late(stale: &Stale) -> String {
    match &stale.last {
        Some((who, at)) => {
            let when = Moment::utc(*at);
            text!("confirm-too-late-at", who = who, when = when.text())
        }
        None => text!("confirm-too-late", who = text!("someone")),
    }
}
