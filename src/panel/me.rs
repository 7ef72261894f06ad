//! The page about the person: who they are, what they may do, and why.

use super::allowed::{HeldRole, Line};
use super::cell::Moment;
use super::frame::Frame;
use super::sessions::{self, Lines};
use crate::access::{Assurance, Person, Policy, Unmanaged, explain};
use crate::config::Manage;
use crate::entry::Entered;
use crate::texts::text;
use crate::web::{Failure, wants_json};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::json;

/// The number of groups shown before the rest is folded.
const GROUPS_SHOWN: usize = 40;

#[derive(Serialize)]
struct Me {
    facts: Vec<Fact>,
    groups: Vec<String>,
    more_groups: Vec<String>,
    groups_note: Option<String>,
    roles: Vec<HeldRole>,
    manages: Vec<&'static str>,
    /// "Managing roles asks for a sign-in within the last 5 minutes."
    manages_asks: Vec<String>,
    matrix: Vec<Line>,
    unmapped_groups: Vec<String>,
    sessions: Lines,
}

#[derive(Serialize)]
struct Fact {
    label: String,
    text: String,
    mono: bool,
    moment: Option<Moment>,
}

/// GET {mount}/me
///
/// # Errors
/// When the database fails.
pub async fn show(request: HttpRequest, entered: Entered) -> Result<HttpResponse, Failure> {
    let person = entered.in_full().await?;
    let me = Me::of(&entered, person, sessions::own(&entered).await?);
    if wants_json(&request) {
        return Ok(HttpResponse::Ok().json(me.as_json(&entered)));
    }
    let frame = Frame::of(&request, &entered, &text!("my-access"))
        .crumb(text!("my-access"), None)
        .done(sessions::done(&request).as_deref());
    entered
        .site()
        .pages
        .answer(StatusCode::OK, "me.html", &frame, &me)
}

impl Me {
    fn of(entered: &Entered, person: Person, sessions: Lines) -> Self {
        let policy = entered.policy();
        let urls = &entered.site().urls;
        let told = explain::explain(policy, &person, None);
        let roles = HeldRole::all(&told);
        let lines = told
            .resources
            .into_iter()
            .filter(explain::Access::is_anything);
        let mut groups = person.groups.clone();
        let more_groups = groups.split_off(groups.len().min(GROUPS_SHOWN));
        let manages = Manage::ALL.into_iter();
        Self {
            facts: facts(entered),
            more_groups,
            groups_note: groups.is_empty().then(|| {
                let note = &entered.signed.groups_note;
                note.text(entered.site().groups_claim(&person))
            }),
            groups,
            roles,
            manages: manages
                .filter(|what| policy.manages(&person, *what))
                .map(|what| what.name())
                .collect(),
            manages_asks: manages_asks(policy, &person),
            sessions,
            matrix: lines.map(|access| Line::new(access, Some(urls))).collect(),
            unmapped_groups: told.unmapped_groups,
        }
    }

    fn as_json(&self, entered: &Entered) -> serde_json::Value {
        let person = entered.person();
        let resources: serde_json::Map<String, serde_json::Value> = self
            .matrix
            .iter()
            .map(|line| (line.name.clone(), line.as_json()))
            .collect();
        let roles = entered.policy().roles(person);
        let names: Vec<&str> = roles.iter().map(|role| role.name.as_str()).collect();
        json!({
            "name": person.name,
            "email": person.email,
            "issuer": person.issuer,
            "provider": person.provider,
            "subject": person.subject,
            "groups": self.groups.iter().chain(&self.more_groups).collect::<Vec<_>>(),
            "sessions": self.sessions.as_json(),
            "unmapped_groups": self.unmapped_groups,
            "roles": names,
            "held": self.roles,
            "manages": self.manages,
            "manages_asks": self.manages_asks,
            "resources": resources,
            "looking_as": entered.signed.look.as_ref().map(|look| look.in_words()),
            "csrf_token": entered.signed.csrf(),
        })
    }
}

/// Step-up demands of the parts that they may manage.
fn manages_asks(policy: &Policy, person: &Person) -> Vec<String> {
    let asks = |what: Manage| match policy.manage(person, what, &Assurance::none()) {
        Err(Unmanaged::Demand(what, demand)) => Some(text!(
            "me-manage-asks",
            what = what.name(),
            demand = demand.to_string()
        )),
        Ok(()) | Err(Unmanaged::NotGiven(_)) => None,
    };
    Manage::ALL.into_iter().filter_map(asks).collect()
}

fn facts(entered: &Entered) -> Vec<Fact> {
    let person = entered.person();
    let fact = |label, text: &str, mono| Fact {
        label,
        text: text.to_owned(),
        mono,
        moment: None,
    };
    let mut facts = vec![fact(text!("me-name"), &person.name, false)];
    facts.extend(
        person
            .email
            .as_ref()
            .map(|email| fact(text!("e-mail"), email, false)),
    );
    if let Some(label) = entered.site().provider_label(person) {
        facts.push(fact(text!("me-provider"), label, false));
        facts.push(fact(text!("me-issuer"), &person.issuer, true));
    } else {
        facts.push(fact(text!("me-provider"), &person.issuer, true));
    }
    facts.push(fact(text!("me-subject"), &person.subject, true));
    facts.push(Fact {
        moment: Some(Moment::utc(entered.signed.signed_in_at.naive_utc())),
        ..fact(text!("me-since"), "", false)
    });
    facts
}
