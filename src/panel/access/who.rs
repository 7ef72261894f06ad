//! The rights of one person, or those that a set of groups would give, and why. The reasons lead
//! from claim to group rule, role, grant and row rule.

use super::asked::key_of;
use super::parts::AccessTab;
use super::parts::{Pager, Part, RESOURCES, Tab, base, resources, tabs};
use super::query::{Query, Show};
use super::role::{Claim, claims};
use crate::access::explain::{self, Access, Explanation, MissingClaim, NearMiss};
use crate::access::{Person, Policy};
use crate::entry::Entered;
use crate::panel::allowed::{HeldRole, Line};
use crate::panel::cell::Moment;
use crate::sso;
use crate::store::DatabaseError;
use crate::store::people::{self, KnownPerson};
use crate::texts::text;
use crate::web::Failure;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

/// The number of people shown at a time.
const PEOPLE: i64 = 20;
/// The number of groups shown before the rest is folded.
const GROUPS_SHOWN: usize = 40;

#[derive(Serialize)]
pub(super) struct PersonPage {
    tabs: Vec<Tab>,
    action: String,
    look_href: String,
    /// Whether the page is about people instead of groups.
    people: bool,
    who: String,
    known: Vec<PersonMatch>,
    more_known: bool,
    groups_text: String,
    providers: Vec<Provider>,
    claims: Vec<Claim>,
    told: Option<PersonAccess>,
}

#[derive(Serialize)]
struct PersonMatch {
    name: String,
    email: Option<String>,
    roles: String,
    href: String,
    current: bool,
    moment: Moment,
}

#[derive(Serialize)]
struct Provider {
    value: String,
    label: String,
    selected: bool,
}

/// The rights of one person.
#[derive(Serialize)]
struct PersonAccess {
    who: Option<PersonSummary>,
    /// Hidden fields of the form that starts viewing as this person.
    fields: Vec<(String, String)>,
    groups: Vec<String>,
    more_groups: Vec<String>,
    groups_note: Option<String>,
    claims: Vec<(String, String)>,
    roles: Vec<HeldRole>,
    unmapped: Vec<String>,
    near: Vec<NearMiss>,
    missing: Vec<MissingClaim>,
    manages: Vec<&'static str>,
    lines: Vec<Line>,
    empty: Option<String>,
    pager: Option<Pager>,
    find: String,
    kept: Vec<(String, String)>,
}

#[derive(Serialize)]
struct PersonSummary {
    name: String,
    email: Option<String>,
    issuer: String,
    provider: Option<String>,
    subject: String,
    moment: Moment,
}

impl PersonPage {
    /// The person whom the page is about, if there is one.
    pub fn about(&self) -> Option<&str> {
        let who = self.told.as_ref()?.who.as_ref()?;
        Some(&who.name)
    }

    pub async fn of(
        entered: &Entered,
        query: &Query,
        sign_in: &sso::Context,
    ) -> Result<Self, Failure> {
        query.asked.check(entered.policy(), &sign_in.providers)?;
        let people = matches!(query.show(), Show::People);
        let (mut found, chosen) = if people {
            look_up(entered, query).await?
        } else {
            (Vec::new(), None)
        };
        let limit = usize::try_from(PEOPLE).unwrap_or(0);
        let more_known = found.len() > limit;
        found.truncate(limit);
        let told = match (&chosen, &query.asked.groups) {
            (Some(known), _) => Some(PersonAccess::of(entered, query, &known.person, Some(known))),
            (None, Some(_)) => {
                let anyone = query.asked.anyone(entered.person());
                Some(PersonAccess::of(entered, query, &anyone, None))
            }
            _ => None,
        };
        let current = chosen.as_ref().map(|known| key_of(&known.person));
        let values = query.asked.claims.as_ref();
        let groups = query.asked.groups.clone().unwrap_or_default();
        Ok(Self {
            tabs: tabs(
                entered,
                if people {
                    AccessTab::People
                } else {
                    AccessTab::Groups
                },
            ),
            action: base(entered),
            look_href: format!("{}/look", entered.site().urls.mount()),
            people,
            who: query.who.clone(),
            known: found
                .iter()
                .map(|known| PersonMatch::of(entered, query, known, current.as_deref()))
                .collect(),
            more_known,
            groups_text: groups.join("\n"),
            providers: providers(sign_in, query.asked.provider.as_deref()),
            claims: claims(entered, values.unwrap_or(&entered.person().claims)),
            told,
        })
    }

    pub fn as_json(&self) -> Json {
        let people = self.known.iter().map(|known| {
            json!({ "name": known.name, "email": known.email, "roles": known.roles, "href": known.href })
        });
        let people: Vec<Json> = people.collect();
        json!({
            "people": self.people.then_some(people),
            "explained": self.told.as_ref().map(PersonAccess::as_json),
        })
    }
}

/// The people who match the search, one more than is shown, and the selected one.
async fn look_up(
    entered: &Entered,
    query: &Query,
) -> Result<(Vec<KnownPerson>, Option<KnownPerson>), Failure> {
    let (who, person) = (query.who.clone(), query.asked.person.clone());
    let is_chosen = person.is_some();
    let found = entered
        .site()
        .database
        .run(move |conn| {
            let found = people::search(conn, &who, PEOPLE + 1)?;
            let chosen = match &person {
                Some((issuer, subject)) => people::find(conn, issuer, subject)?,
                None => None,
            };
            Ok::<_, DatabaseError>((found, chosen))
        })
        .await?;
    match found {
        (_, None) if is_chosen => Err(Failure::Missing),
        found => Ok(found),
    }
}

fn providers(sign_in: &sso::Context, chosen: Option<&str>) -> Vec<Provider> {
    let all: Vec<Provider> = sign_in
        .providers
        .iter()
        .map(|provider| {
            let name = provider.settings().name.as_deref();
            Provider {
                value: name.unwrap_or_default().to_owned(),
                label: match name {
                    Some(name) => format!("{name} ({})", provider.issuer()),
                    None => provider.issuer().to_owned(),
                },
                selected: name == chosen,
            }
        })
        .collect();
    match all.len() {
        // There is no choice.
        1 => Vec::new(),
        _ => all,
    }
}

fn role_labels(policy: &Policy, person: &Person) -> String {
    let roles = policy.roles(person);
    let labels: Vec<&str> = roles.iter().map(|role| role.label.as_str()).collect();
    if labels.is_empty() {
        text!("no-role")
    } else {
        labels.join(", ")
    }
}

impl PersonMatch {
    fn of(entered: &Entered, query: &Query, known: &KnownPerson, current: Option<&str>) -> Self {
        let key = key_of(&known.person);
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        text.append_pair("person", &key);
        if !query.who.is_empty() {
            text.append_pair("who", &query.who);
        }
        Self {
            name: known.person.name.clone(),
            email: known.person.email.clone(),
            roles: role_labels(entered.policy(), &known.person),
            href: format!("{}?{}", base(entered), text.finish()),
            current: current == Some(key.as_str()),
            moment: Moment::utc(known.last_seen_at),
        }
    }
}

impl PersonAccess {
    fn of(entered: &Entered, query: &Query, person: &Person, known: Option<&KnownPerson>) -> Self {
        let policy = entered.policy();
        let mut told = explain::explain(policy, person, None);
        let lines = lines_of(policy, &query.find, std::mem::take(&mut told.resources));
        let part = Part::of(lines.len(), query.page, RESOURCES);
        let pager = part.pager(entered, query, (text!("resources"), "page"));
        let lines = lines.into_iter().skip(part.start).take(RESOURCES);
        let lines: Vec<Line> = lines.map(|access| Line::new(access, None)).collect();
        let roles = HeldRole::all(&told);
        let empty = match (roles.is_empty(), query.find.is_empty()) {
            (true, _) => text!("who-closed"),
            (_, true) => text!("who-nothing"),
            _ => text!("who-nothing-found"),
        };
        let Explanation {
            mut groups,
            unmapped_groups,
            near_misses,
            missing_claims,
            ..
        } = told;
        let more_groups = groups.split_off(groups.len().min(GROUPS_SHOWN));
        let manages = crate::config::Manage::ALL.into_iter();
        Self {
            who: known.map(PersonSummary::of),
            fields: fields(query, person, known.is_some()),
            groups_note: known.and_then(note),
            groups,
            more_groups,
            claims: claims(entered, &person.claims)
                .into_iter()
                .map(Claim::pair)
                .collect(),
            roles,
            unmapped: unmapped_groups,
            near: near_misses,
            missing: missing_claims,
            manages: manages
                .filter(|what| policy.manages(person, *what))
                .map(|what| what.name())
                .collect(),
            empty: lines.is_empty().then_some(empty),
            lines,
            pager,
            find: query.find.clone(),
            kept: kept(query),
        }
    }

    fn as_json(&self) -> Json {
        let resources: Map<String, Json> = self
            .lines
            .iter()
            .map(|line| (line.name.clone(), line.as_json()))
            .collect();
        let all: Vec<&String> = self.groups.iter().chain(&self.more_groups).collect();
        let claims: Map<String, Json> = self
            .claims
            .iter()
            .map(|(name, value)| (name.clone(), json!(value)))
            .collect();
        json!({
            "person": self.who,
            "groups": all,
            "groups_note": self.groups_note,
            "claims": claims,
            "roles": self.roles,
            "unmapped_groups": self.unmapped,
            "near_misses": self.near,
            "missing_claims": self.missing,
            "manages": self.manages,
            "resources": resources,
            "next_page": self.pager.as_ref().and_then(Pager::next),
        })
    }
}

/// The rights on resources that match the search, in the order of the menu.
fn lines_of(policy: &Policy, find: &str, mut all: Vec<Access>) -> Vec<Access> {
    all.retain(Access::is_anything);
    let order = resources(policy, find);
    let mut found: Vec<(usize, Access)> = all
        .into_iter()
        .filter_map(|access| {
            let place = order
                .iter()
                .position(|resource| resource.name == access.name)?;
            Some((place, access))
        })
        .collect();
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, access)| access).collect()
}

/// The fields that describe this request again.
fn fields(query: &Query, person: &Person, is_known: bool) -> Vec<(String, String)> {
    if is_known {
        return vec![("person".to_owned(), key_of(person))];
    }
    let mut fields = vec![("groups".to_owned(), person.groups.join("\n"))];
    let provider = query.asked.provider.clone();
    fields.extend(provider.map(|name| ("provider".to_owned(), name)));
    let claims = query.asked.claims.iter().flatten();
    fields.extend(
        claims.map(|(name, value)| (format!("claim.{name}"), super::asked::field_of(Some(value)))),
    );
    fields
}

/// The fields of the address, for the form that searches resources.
fn kept(query: &Query) -> Vec<(String, String)> {
    let text = query.text();
    url::form_urlencoded::parse(text.as_bytes())
        .filter(|(name, _)| !matches!(name.as_ref(), "find" | "page"))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

fn note(known: &KnownPerson) -> Option<String> {
    match known.groups_note.as_deref() {
        None => Some(text!("who-not-noted")),
        Some("found") => None,
        Some("empty") => Some(text!("who-groups-empty")),
        Some("absent") => Some(text!("who-groups-absent")),
        Some("overage") => Some(text!("who-groups-overage")),
        Some("unverified") => Some(text!("who-groups-unverified")),
        Some(_) => Some(text!("who-groups-wrong-shape")),
    }
}

impl PersonSummary {
    fn of(known: &KnownPerson) -> Self {
        let person = &known.person;
        Self {
            name: person.name.clone(),
            email: person.email.clone(),
            issuer: person.issuer.clone(),
            provider: person.provider.clone(),
            subject: person.subject.clone(),
            moment: Moment::utc(known.last_seen_at),
        }
    }
}
