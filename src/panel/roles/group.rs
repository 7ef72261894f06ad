//! Adds a group to a role, which may be a configured or a stored one.

use super::confirm::{self, Proposal, ProposalOutcome, ShowAgain};
use super::edit::version;
use super::fields::{Choice, Control, FieldFault, text};
use super::{Picture, frame_of, view, words};
use crate::access::Mapping;
use crate::access::kept::{Change, Misfit};
use crate::config::{GroupMatch, GroupRule};
use crate::entry::manage::{Manages, Roles};
use crate::entry::{Entered, Submission, Submitted};
use crate::sso;
use crate::texts::text;
use crate::web::{Failure, middleware, wants_json};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::json;

/// The maximum length of a name, pattern or note.
const MAX_TEXT: usize = 200;

/// What was typed.
#[derive(Default)]
struct Typed {
    how: String,
    text: String,
    at: String,
    note: String,
}

#[derive(Serialize)]
struct Page {
    heading: String,
    action: String,
    cancel_href: String,
    version: i64,
    fields: Vec<Control>,
    errors: Vec<FieldFault>,
    problem: Option<String>,
    is_typed: bool,
}

impl Typed {
    fn read(submission: &Submission) -> Self {
        let one = |name: &str| submission.get(name).unwrap_or_default().to_owned();
        Self {
            how: one("how"),
            text: one("text"),
            at: one("at"),
            note: one("note").trim().to_owned(),
        }
    }

    fn fields(&self) -> Vec<(String, String)> {
        let fields = [
            ("how", &self.how),
            ("text", &self.text),
            ("at", &self.at),
            ("note", &self.note),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.clone()));
        fields.into()
    }

    /// The rule, if it is valid.
    fn rule(&self, providers: &[Option<String>]) -> Result<GroupRule, Vec<FieldFault>> {
        let wrong = |id: &str, label: String, message: String| {
            vec![FieldFault {
                id: id.into(),
                label,
                message,
            }]
        };
        let Some(how) = GroupMatch::named(&self.how) else {
            let message = text!("group-how-missing");
            return Err(wrong("field-how", text!("group-how"), message));
        };
        let at = Some(self.at.clone()).filter(|at| !at.is_empty());
        if !providers.contains(&at) {
            let message = text!("group-provider-unknown");
            return Err(wrong("field-at", text!("group-provider"), message));
        }
        for (id, label, text) in [
            ("field-text", text!("group-field"), &self.text),
            ("field-note", text!("group-note"), &self.note),
        ] {
            if text.chars().count() > MAX_TEXT || text.contains(|c: char| c.is_control()) {
                let message = text!("group-text-length", count = MAX_TEXT);
                return Err(wrong(id, label, message));
            }
        }
        let rule = GroupRule {
            how,
            text: self.text.clone(),
            at,
            note: Some(self.note.clone()).filter(|note| !note.is_empty()),
        };
        match Mapping::kept(&rule) {
            Ok(_) => Ok(rule),
            Err(reason) => Err(wrong("field-text", text!("group-field"), reason)),
        }
    }

    fn controls(&self, providers: &[Option<String>], wrong: &[FieldFault]) -> Vec<Control> {
        let choice = |value: &str, label: String, selected| Choice {
            value: value.into(),
            label,
            selected,
            help: None,
        };
        let field = |name: &str, value: &str| text(name, &format!("field-{name}"), value, wrong);
        let mut controls = vec![
            Control {
                label: text!("group-field"),
                help: Some(text!("group-help")),
                required: true,
                max_length: Some(MAX_TEXT),
                ..field("text", &self.text)
            },
            Control {
                label: text!("group-how"),
                control: "select",
                options: GroupMatch::ALL
                    .into_iter()
                    .map(|how| {
                        let label = match how {
                            GroupMatch::Is => text!("group-how-is"),
                            GroupMatch::Glob => text!("group-how-glob"),
                            GroupMatch::Regex => text!("group-how-regex"),
                        };
                        choice(how.name(), label, self.how == how.name())
                    })
                    .collect(),
                ..field("how", "")
            },
        ];
        if providers.len() > 1 {
            let options = providers.iter().map(|provider| {
                let name = provider.as_deref().unwrap_or_default();
                let label = provider.clone();
                let label = label.unwrap_or_else(|| text!("group-provider-main"));
                choice(name, label, self.at == name)
            });
            controls.push(Control {
                label: text!("group-provider"),
                control: "select",
                options: options.collect(),
                ..field("at", "")
            });
        }
        controls.push(Control {
            label: text!("group-note"),
            hint: Some(text!("optional")),
            help: Some(text!("group-note-help")),
            max_length: Some(MAX_TEXT),
            ..field("note", &self.note)
        });
        controls
    }
}

/// The names of the providers whose groups can be used.
fn providers(request: &HttpRequest) -> Vec<Option<String>> {
    let context = request.app_data::<web::Data<sso::Context>>();
    let providers = context.map(|context| {
        let all = context.providers.iter();
        all.map(|provider| provider.settings().name.clone())
            .collect()
    });
    providers.unwrap_or_else(|| vec![None])
}

/// GET {mount}/roles/{name}/groups. Permissions: managing roles.
///
/// # Errors
/// When the right is missing, the role does not exist, or the database fails.
pub(super) async fn show(
    request: HttpRequest,
    managing: Manages<Roles>,
    name: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let typed = Typed::default();
    let nothing = (StatusCode::OK, Vec::new(), None);
    page(&request, &managing.entered, &name, &typed, nothing).await
}

async fn page(
    request: &HttpRequest,
    entered: &Entered,
    name: &str,
    typed: &Typed,
    (status, errors, problem): (StatusCode, Vec<FieldFault>, Option<String>),
) -> Result<HttpResponse, Failure> {
    let picture = Picture::of(entered).await?;
    let role = view::one(entered, &picture, name).ok_or(Failure::Missing)?;
    if wants_json(request) && status != StatusCode::OK {
        let text = problem.unwrap_or_else(|| text!("fields-need-a-look"));
        let errors = (!errors.is_empty()).then(|| json!(errors));
        let problem = middleware::problem(request, &text!("not-saved"), &text, status, errors);
        return Ok(problem);
    }
    if wants_json(request) {
        return Ok(HttpResponse::Ok().json(json!({
            "groups": role.groups,
            "version": picture.kept.version,
            "csrf_token": entered.signed.csrf(),
        })));
    }
    let page = Page {
        heading: text!("group-add-to", role = role.label),
        action: format!("{}/groups", role.href),
        cancel_href: role.href.clone(),
        version: picture.kept.version,
        fields: typed.controls(&providers(request), &errors),
        is_typed: status != StatusCode::OK,
        errors,
        problem,
    };
    let frame = frame_of(
        request,
        entered,
        (name, &role.label),
        Some(&text!("group-add")),
    );
    let pages = &entered.site().pages;
    pages.answer(status, "role-group.html", &frame, &page)
}

/// POST {mount}/roles/{name}/groups. Permissions: managing roles.
///
/// # Errors
/// When the right is missing, the role does not exist, or the database fails.
pub(super) async fn add(
    request: HttpRequest,
    name: web::Path<String>,
    Submitted {
        leave: managing,
        form: submission,
    }: Submitted<Manages<Roles>>,
) -> Result<HttpResponse, Failure> {
    let entered = managing.entered;
    let typed = Typed::read(&submission);
    let wrong = |errors| (StatusCode::UNPROCESSABLE_ENTITY, errors, None);
    if submission.get("then") == Some("back") {
        let nothing = (StatusCode::OK, Vec::new(), None);
        return page(&request, &entered, &name, &typed, nothing).await;
    }
    let rule = match typed.rule(&providers(&request)) {
        Ok(rule) => rule,
        Err(errors) => return page(&request, &entered, &name, &typed, wrong(errors)).await,
    };
    let picture = Picture::of(&entered).await?;
    let role = view::one(&entered, &picture, &name).ok_or(Failure::Missing)?;
    let proposal = Proposal {
        version: Some(version(&submission)?),
        role: (&name, &role.label),
        heading: text!("group-give", group = words::group(&rule), role = role.label),
        crumb: text!("group-add"),
        action: format!("{}/groups", role.href),
        cancel_href: role.href.clone(),
        fields: typed.fields(),
        button: text!("group-add-button"),
        destroys: false,
        done_href: format!("{}?done=saved", role.href),
        change: Change::AddRule {
            role: name.clone(),
            rule,
        },
    };
    let again = match confirm::step(&request, &entered, Some(&submission), proposal).await? {
        ProposalOutcome::Answer(answer) => return Ok(answer),
        ProposalOutcome::Again(again) => again,
    };
    let said = |message: String| FieldFault {
        id: "field-text".into(),
        label: text!("group-field"),
        message,
    };
    let shown = match again {
        ShowAgain::Stale(stale) => (
            StatusCode::CONFLICT,
            Vec::new(),
            Some(confirm::came_too_late(&stale)),
        ),
        ShowAgain::Misfit(Misfit::Missing) => return Err(Failure::Missing),
        ShowAgain::Misfit(misfit) => wrong(vec![said(misfit.to_string())]),
        ShowAgain::Faulty(faults) => {
            let faults = faults.into_iter().map(|fault| said(fault.reason));
            wrong(faults.collect())
        }
    };
    page(&request, &entered, &name, &typed, shown).await
}
