//! Who I am here, what I may do, and why.

use super::cell::Moment;
use super::frame::Frame;
use crate::access::Action;
use crate::access::explain::words;
use crate::catalog::Resource;
use crate::web::{Entered, Failure, wants_json};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::json;

#[derive(Serialize)]
struct Me {
    facts: Vec<Fact>,
    groups: Vec<String>,
    groups_note: Option<String>,
    roles: Vec<Role>,
    matrix: Vec<Line>,
    unmapped_groups: Vec<String>,
}

#[derive(Serialize)]
struct Fact {
    label: &'static str,
    text: String,
    mono: bool,
    moment: Option<Moment>,
}

#[derive(Serialize)]
struct Role {
    name: String,
    label: String,
    because: String,
}

#[derive(Serialize)]
struct Line {
    #[serde(skip)]
    name: String,
    label: String,
    href: Option<String>,
    verbs: Vec<Verb>,
    columns_hidden: Vec<String>,
    columns_read_only: Vec<String>,
    rows: Vec<String>,
    because: Vec<String>,
}

#[derive(Serialize)]
struct Verb {
    name: &'static str,
    allowed: bool,
}

/// GET {mount}/me
///
/// # Errors
/// When the template fails.
pub async fn show(request: HttpRequest, entered: Entered) -> Result<HttpResponse, Failure> {
    let me = Me::of(&entered);
    if wants_json(&request) {
        return Ok(HttpResponse::Ok().json(me.as_json(&entered)));
    }
    let frame = Frame::of(&request, &entered, "My access").crumb("My access", None);
    entered
        .site()
        .pages
        .answer(StatusCode::OK, "me.html", &frame, &me)
}

impl Me {
    fn of(entered: &Entered) -> Self {
        let person = entered.person();
        let policy = entered.policy();
        let roles = policy.roles(person).into_iter().map(|role| {
            let matched = role.groups_of(person);
            Role {
                name: role.name.clone(),
                label: role.label.clone(),
                because: format!(
                    "{} {}",
                    if matched.len() == 1 {
                        "group"
                    } else {
                        "groups"
                    },
                    matched.join(", ")
                ),
            }
        });
        let lines = policy
            .catalog()
            .iter()
            .filter_map(|resource| line(entered, resource));
        Self {
            facts: facts(entered),
            groups: person.groups.clone(),
            groups_note: person.groups.is_empty().then(|| {
                entered
                    .signed
                    .groups_note
                    .text(&entered.site().groups_claim)
            }),
            roles: roles.collect(),
            matrix: lines.collect(),
            unmapped_groups: person
                .groups
                .iter()
                .filter(|group| !policy.maps(person.provider.as_deref(), group))
                .cloned()
                .collect(),
        }
    }

    fn as_json(&self, entered: &Entered) -> serde_json::Value {
        let person = entered.person();
        let may: serde_json::Map<String, serde_json::Value> = self
            .matrix
            .iter()
            .map(|line| {
                let verbs = line.verbs.iter().filter(|verb| verb.allowed);
                let verbs: Vec<&str> = verbs.map(|verb| verb.name).collect();
                (
                    line.name.clone(),
                    json!({
                        "may": verbs,
                        "hidden": line.columns_hidden,
                        "read_only": line.columns_read_only,
                        "rows": line.rows,
                        "because": line.because,
                    }),
                )
            })
            .collect();
        let roles: Vec<&str> = self.roles.iter().map(|role| role.name.as_str()).collect();
        json!({
            "name": person.name,
            "email": person.email,
            "issuer": person.issuer,
            "subject": person.subject,
            "groups": person.groups,
            "roles": roles,
            "resources": may,
            "csrf_token": entered.signed.csrf_token,
        })
    }
}

fn facts(entered: &Entered) -> Vec<Fact> {
    let person = entered.person();
    let fact = |label, text: &str, mono| Fact {
        label,
        text: text.to_owned(),
        mono,
        moment: None,
    };
    let mut facts = vec![fact("Name", &person.name, false)];
    facts.extend(
        person
            .email
            .as_ref()
            .map(|email| fact("E-mail", email, false)),
    );
    facts.push(fact("Signed in by", &person.issuer, true));
    facts.push(fact("Identifier there", &person.subject, true));
    facts.push(Fact {
        moment: Some(Moment::utc(entered.signed.signed_in_at.naive_utc())),
        ..fact("Signed in since", "", false)
    });
    facts
}

/// What a person's grants give on a resource; nothing if they give nothing.
fn line(entered: &Entered, resource: &Resource) -> Option<Line> {
    let policy = entered.policy();
    let person = entered.person();
    let grants: Vec<_> = policy.grants(person, &resource.name).collect();
    if grants.is_empty() {
        return None;
    }
    let view = entered.view(&resource.name);
    let label_of = |column: usize| resource.fields.get(column).map(|field| field.label.clone());
    let columns = 0..resource.fields.len();
    let unseen = |column: &usize| match &view {
        Some(permit) => permit.reads(*column) == crate::access::Cover::Nowhere,
        None => true,
    };
    let edit = entered.reach::<crate::access::Edit>(&resource.name);
    let fixed = |column: &usize| {
        edit.as_ref()
            .is_some_and(|permit| permit.writes(*column) == crate::access::Cover::Nowhere)
    };
    let all = view
        .as_ref()
        .is_some_and(|permit| permit.reaches_everything());
    let rows = grants.iter().flat_map(|(_, grant)| grant.rows.iter());
    let mut rows: Vec<String> = match all {
        true => Vec::new(),
        false => rows
            .map(|rule| words::of_rule(rule, resource, person))
            .collect(),
    };
    rows.dedup();
    Some(Line {
        name: resource.name.clone(),
        label: resource.label.clone(),
        href: view
            .as_ref()
            .map(|_| entered.site().urls.list(&resource.name)),
        verbs: Action::ALL
            .into_iter()
            .map(|action| Verb {
                name: action.name(),
                allowed: entered.may(&resource.name, action),
            })
            .collect(),
        columns_hidden: columns
            .clone()
            .filter(unseen)
            .filter_map(label_of)
            .collect(),
        columns_read_only: columns
            .filter(|column| !unseen(column) && fixed(column))
            .filter_map(label_of)
            .collect(),
        rows,
        because: grants
            .iter()
            .map(|(role, grant)| format!("role {}, grant {}", role.name, grant.number))
            .collect(),
    })
}
