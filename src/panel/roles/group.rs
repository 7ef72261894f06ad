//! A group that is to have a role: one of the configuration, or one that the panel keeps.

use super::confirm::{self, Again, Proposal, Step};
use super::edit::version;
use super::fields::{Choice, Control, Wrong, text};
use super::{Picture, frame_of, view, words};
use crate::access::Mapping;
use crate::access::kept::{Change, Misfit};
use crate::config::{GroupMatch, GroupRule};
use crate::entry::manage::{Manages, Roles};
use crate::entry::{Entered, Submission, Submitted};
use crate::sso;
use crate::web::{Failure, middleware, wants_json};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::json;

/// The longest name, pattern or note.
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
    errors: Vec<Wrong>,
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

    /// The rule, if it can be one.
    fn rule(&self, providers: &[Option<String>]) -> Result<GroupRule, Vec<Wrong>> {
        let wrong = |id: &str, label: &str, message: String| {
            vec![Wrong {
                id: id.into(),
                label: label.into(),
                message,
            }]
        };
        let Some(how) = GroupMatch::named(&self.how) else {
            let message = "Choose how the group is compared.".to_owned();
            return Err(wrong("field-how", "Compared", message));
        };
        let at = Some(self.at.clone()).filter(|at| !at.is_empty());
        if !providers.contains(&at) {
            let message = "There is no provider of this name in the configuration.".to_owned();
            return Err(wrong("field-at", "Provider", message));
        }
        for (id, label, text) in [
            ("field-text", "Group", &self.text),
            ("field-note", "Note", &self.note),
        ] {
            if text.chars().count() > MAX_TEXT || text.contains(|c: char| c.is_control()) {
                let message = format!("Use at most {MAX_TEXT} characters, in one line.");
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
            Err(reason) => Err(wrong("field-text", "Group", reason)),
        }
    }

    fn controls(&self, providers: &[Option<String>], wrong: &[Wrong]) -> Vec<Control> {
        let choice = |value: &str, label: &str, selected| Choice {
            value: value.into(),
            label: label.into(),
            selected,
            help: None,
        };
        let field = |name: &str, value: &str| text(name, &format!("field-{name}"), value, wrong);
        let mut controls = vec![
            Control {
                label: "Group".into(),
                help: Some("As the identity provider sends it, case and all.".into()),
                required: true,
                max_length: Some(MAX_TEXT),
                ..field("text", &self.text)
            },
            Control {
                label: "Compared".into(),
                control: "select",
                options: GroupMatch::ALL
                    .into_iter()
                    .map(|how| {
                        let label = match how {
                            GroupMatch::Is => "exactly",
                            GroupMatch::Glob => "as a pattern: * any text, ? one character",
                            GroupMatch::Regex => "as a regular expression for the whole name",
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
                let label = provider.as_deref().unwrap_or("the one of [oidc]");
                choice(name, label, self.at == name)
            });
            controls.push(Control {
                label: "Provider".into(),
                control: "select",
                options: options.collect(),
                ..field("at", "")
            });
        }
        controls.push(Control {
            label: "Note".into(),
            hint: Some("optional".into()),
            help: Some("For the next reader: who asked for it, and why.".into()),
            max_length: Some(MAX_TEXT),
            ..field("note", &self.note)
        });
        controls
    }
}

/// The names of the providers whose groups there can be.
fn providers(request: &HttpRequest) -> Vec<Option<String>> {
    let context = request.app_data::<web::Data<sso::Context>>();
    let providers = context.map(|context| {
        let all = context.providers.iter();
        all.map(|provider| provider.settings().name.clone())
            .collect()
    });
    providers.unwrap_or_else(|| vec![None])
}

/// GET {mount}/roles/{name}/groups. Permissions: to manage roles.
///
/// # Errors
/// When the right is missing, there is no such role, or the database fails.
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
    (status, errors, problem): (StatusCode, Vec<Wrong>, Option<String>),
) -> Result<HttpResponse, Failure> {
    let picture = Picture::of(entered).await?;
    let role = view::one(entered, &picture, name).ok_or(Failure::Missing)?;
    if wants_json(request) && status != StatusCode::OK {
        let text = problem.as_deref().unwrap_or("Some fields need a look.");
        let errors = (!errors.is_empty()).then(|| json!(errors));
        let problem = middleware::problem(request, "Not saved", text, status, errors);
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
        heading: format!("Add a group to {}", role.label),
        action: format!("{}/groups", role.href),
        cancel_href: role.href.clone(),
        version: picture.kept.version,
        fields: typed.controls(&providers(request), &errors),
        is_typed: status != StatusCode::OK,
        errors,
        problem,
    };
    let frame = frame_of(request, entered, (name, &role.label), Some("Add a group"));
    let pages = &entered.site().pages;
    pages.answer(status, "role-group.html", &frame, &page)
}

/// POST {mount}/roles/{name}/groups. Permissions: to manage roles.
///
/// # Errors
/// When the right is missing, there is no such role, or the database fails.
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
        heading: format!("Give {} the role {}?", words::group(&rule), role.label),
        crumb: "Add a group",
        action: format!("{}/groups", role.href),
        cancel_href: role.href.clone(),
        fields: typed.fields(),
        button: "Add the group",
        destroys: false,
        done_href: format!("{}?done=saved", role.href),
        change: Change::AddRule {
            role: name.clone(),
            rule,
        },
    };
    let again = match confirm::step(&request, &entered, Some(&submission), proposal).await? {
        Step::Answer(answer) => return Ok(answer),
        Step::Again(again) => again,
    };
    let said = |message: String| Wrong {
        id: "field-text".into(),
        label: "Group".into(),
        message,
    };
    let shown = match again {
        Again::Stale(stale) => (
            StatusCode::CONFLICT,
            Vec::new(),
            Some(confirm::came_too_late(&stale)),
        ),
        Again::Misfit(Misfit::Missing) => return Err(Failure::Missing),
        Again::Misfit(misfit) => wrong(vec![said(misfit.to_string())]),
        Again::Faulty(faults) => {
            let faults = faults.into_iter().map(|fault| said(fault.reason));
            wrong(faults.collect())
        }
    };
    page(&request, &entered, &name, &typed, shown).await
}
