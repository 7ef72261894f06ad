//! Extractors for the person who makes a request, and for their permits.
//!
//! A handler gets at a managed table only with a permit, and at a permit only by taking
//! [`Granted`]: a handler that forgets the check does not compile.

use super::Site;
pub use super::caller::{Access, Caller, admitted};
use super::query::QueryContext;
use crate::access::{
    Action, Assurance, Create, Delete, Denied, Edit, Occasion, Permit, Person, Policy,
};
use crate::access::{Reach, Unmanaged, Verb, View};
use crate::catalog::{Catalog, Resource, SetAction};
use crate::config::Manage;
use crate::data::effects::Rights;
use crate::session::Signed;
use crate::store::audit::event::DenialReason;
use crate::store::audit::{self, Actor, Event, NewEntry};
use crate::store::{Database, DatabaseError, party};
use crate::texts::text;
use crate::web::{Failure, RequestId, segment};
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use std::future::{Future, Ready, ready};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

/// The maximum length of a name from an address in the audit log, in characters.
const MOST_OF_A_NAME: usize = 130;

/// A signed-in person with a role, and their request.
#[derive(Clone)]
pub struct Entered {
    /// Their session.
    pub signed: Arc<Signed>,
    policy: Arc<Policy>,
    site: web::Data<Site>,
    actor: Arc<Actor>,
    assurance: Arc<Assurance>,
    is_reading: bool,
}

impl Entered {
    /// The person.
    pub fn person(&self) -> &Person {
        &self.signed.person
    }

    /// The person with all their groups; [`Entered::person`] has only those that matter.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn in_full(&self) -> Result<Person, DatabaseError> {
        crate::session::groups::in_full(&self.site.database, &self.signed).await
    }

    /// The person as the actor in the audit log.
    pub fn actor(&self) -> &Arc<Actor> {
        &self.actor
    }

    /// The running panel.
    pub fn site(&self) -> &web::Data<Site> {
        &self.site
    }

    /// The policy at the time of the request.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// The request id.
    pub fn request_id(&self) -> &str {
        &self.actor.request_id
    }

    /// Permits `V` on a resource.
    ///
    /// # Errors
    /// [`Denied`] when no role gives it, or step-up is required first.
    pub fn permit<V: Verb>(&self, resource: &str) -> Result<Permit<V>, Denied> {
        let policy = &self.policy;
        policy.permit_assured(self.person(), resource, &self.assurance)
    }

    /// Permits `V` on many rows of a resource at once.
    ///
    /// # Errors
    /// As [`Entered::permit`].
    pub fn permit_in_bulk<V: Verb>(&self, resource: &str) -> Result<Permit<V>, Denied> {
        let policy = &self.policy;
        policy.permit_in_bulk(self.person(), resource, &self.assurance)
    }

    /// Permits `V` on rows from a file.
    ///
    /// # Errors
    /// As [`Entered::permit`].
    pub fn permit_import<V: Verb>(&self, resource: &str) -> Result<Permit<V>, Denied> {
        let policy = &self.policy;
        policy.permit_import(self.person(), resource, &self.assurance)
    }

    /// Permits a configured action on rows of a resource.
    ///
    /// # Errors
    /// As [`Entered::permit`].
    pub fn permit_action(&self, resource: &str, name: &str) -> Result<Permit<Edit>, Denied> {
        let policy = &self.policy;
        policy.permit_action(self.person(), resource, name, &self.assurance)
    }

    /// The configured actions that they may run on a resource.
    pub fn actions<'r>(&self, resource: &'r Resource) -> Vec<&'r SetAction> {
        self.policy.actions(self.person(), resource)
    }

    /// What a permit would cover, ignoring step-up; for pages that show rights.
    pub fn reach<V: Verb>(&self, resource: &str) -> Option<Reach<V>> {
        self.policy.reach(self.person(), resource)
    }

    /// The hint on a link or button that requires step-up first.
    pub fn hint(&self, resource: &str, action: Action) -> Option<String> {
        let occasions = [Occasion::Verb(action)];
        let demand = self.policy.demand(self.person(), resource, &occasions)?;
        (!demand.is_met_by(&self.assurance)).then(|| text!("asks-again"))
    }

    /// Passes those who may manage a part of the panel itself and meet its step-up demand. Every
    /// page and form for managing must call this first.
    ///
    /// # Errors
    /// When none of their roles allows it, which is recorded in the audit log, or step-up is
    /// required first.
    pub async fn manage(&self, what: Manage) -> Result<(), Failure> {
        let passed = self.policy.manage(self.person(), what, &self.assurance);
        let Err(unmanaged) = passed else {
            return Ok(());
        };
        let missing = format!("manage {}", what.name());
        let why = match unmanaged {
            Unmanaged::NotGiven(_) => Some(DenialReason::missing(missing)),
            Unmanaged::Demand(..) if self.is_reading => None,
            Unmanaged::Demand(..) => Some(DenialReason::unconfirmed(missing)),
        };
        if let Some(why) = why {
            self.record(NewEntry::new(why.into())).await?;
        }
        Err(unmanaged.into())
    }

    async fn record(&self, entry: NewEntry) -> Result<(), DatabaseError> {
        note_denied(&self.site, &self.actor, entry).await
    }

    /// Permits viewing a resource, if allowed.
    pub fn view(&self, resource: &str) -> Option<Permit<View>> {
        self.permit(resource).ok()
    }

    /// The time and permits that a list query needs besides the permit on its resource.
    pub fn around<V: Verb>(&self) -> QueryContext<'_, V> {
        QueryContext::new(self.site.clock.now(), |resource| self.permit(resource).ok())
    }

    /// Whether a permit would be given.
    pub fn may(&self, resource: &str, action: Action) -> bool {
        self.policy.may(self.person(), resource, action)
    }

    /// The parts of this that a blocking thread needs.
    pub fn reader(&self) -> Reader {
        Reader {
            actor: Arc::clone(&self.actor),
            policy: Arc::clone(&self.policy),
            database: self.site.database.clone(),
            assurance: Arc::clone(&self.assurance),
        }
    }

    fn of(request: &HttpRequest) -> Result<Self, Failure> {
        let Some(Access::Admitted(caller)) = request.extensions().get::<Access>().cloned() else {
            return Err(Failure::SignedOut);
        };
        let site = site(request)?;
        let actor = Arc::new(actor(request, &caller));
        let Caller { signed, policy } = caller;
        let assurance = Assurance {
            authenticated_at: signed.authenticated_at,
            acr: signed.acr.clone(),
            now: site.clock.now(),
            skew: crate::sso::skew_of(request, &signed.person.issuer),
        };
        Ok(Self {
            signed,
            policy,
            site,
            actor,
            assurance: Arc::new(assurance),
            is_reading: request.method() == Method::GET,
        })
    }
}

/// A person on a blocking thread, without their request.
pub struct Reader {
    /// The person as the actor in the audit log.
    pub actor: Arc<Actor>,
    /// The managed database.
    pub database: Database,
    policy: Arc<Policy>,
    assurance: Arc<Assurance>,
}

impl Reader {
    /// Permits viewing a resource, if allowed.
    pub fn view(&self, resource: &str) -> Option<Permit<View>> {
        let policy = &self.policy;
        let permit = policy.permit_assured(&self.actor.person, resource, &self.assurance);
        permit.ok()
    }
}

impl Rights for Reader {
    fn catalog(&self) -> &Catalog {
        self.policy.catalog()
    }

    fn view(&self, resource: &str) -> Option<Permit<View>> {
        Reader::view(self, resource)
    }

    fn delete_beside(&self, table: &str) -> Result<Permit<Delete>, Denied> {
        let policy = &self.policy;
        policy.permit_beside(&self.actor.person, table, &self.assurance)
    }

    fn create_beside(&self, table: &str) -> Result<Permit<Create>, Denied> {
        let policy = &self.policy;
        policy.permit_beside(&self.actor.person, table, &self.assurance)
    }

    fn edit_beside(&self, table: &str) -> Result<Permit<Edit>, Denied> {
        let policy = &self.policy;
        policy.permit_beside(&self.actor.person, table, &self.assurance)
    }
}

/// The person as the actor in the audit log.
pub fn actor(request: &HttpRequest, caller: &Caller) -> Actor {
    let signed = &caller.signed;
    // While they view as somebody else, the log still names them and their own roles.
    Actor {
        person: signed.person.clone(),
        roles: caller.policy.role_names(signed.own()),
        request_id: RequestId::of(request),
        address: crate::web::client_address(request),
        looking_as: signed.look.as_ref().map(|look| look.in_the_log()),
    }
}

impl FromRequest for Entered {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

/// A person with a permit for `V` on the resource in the address.
pub struct Granted<V> {
    /// The person.
    pub entered: Entered,
    /// The permit.
    pub permit: Permit<V>,
    verb: PhantomData<V>,
}

impl<V: Verb> FromRequest for Granted<V> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let entered = Entered::of(request);
        let resource = segment::decode(request.match_info().query("resource"));
        let request = request.clone();
        Box::pin(async move {
            let entered = entered?;
            party::about(&resource);
            match entered.permit(&resource) {
                Ok(permit) => {
                    // An export takes data out, and is not allowed while viewing as somebody else.
                    if V::ACTION == Action::Export {
                        super::look::check_is_not(&request)?;
                    }
                    Ok(Self {
                        entered,
                        permit,
                        verb: PhantomData,
                    })
                }
                Err(denied) => Err(refuse(&entered, denied).await),
            }
        })
    }
}

/// Records a denial in the audit log and turns it into a response.
///
/// Only people who may view everything are told that a resource does not exist. For all others the
/// response is the same as for a missing right.
pub async fn refuse(entered: &Entered, denied: Denied) -> Failure {
    let policy = &entered.policy;
    let mut all = policy.catalog().iter();
    let unknown = policy.catalog().get(&denied.resource).is_none();
    if unknown && all.all(|resource| entered.may(&resource.name, Action::View)) {
        return Failure::Missing;
    }
    // A page that leads to the identity provider for step-up is not a denial.
    if denied.demand.is_some() && entered.is_reading {
        return denied.into();
    }
    let why = match denied.demand {
        Some(_) => DenialReason::unconfirmed(denied.what()),
        None => DenialReason::missing(denied.what()),
    };
    let entry = NewEntry::on(&denied.resource, why.into());
    match entered.record(entry).await {
        Ok(()) => denied.into(),
        Err(error) => error.into(),
    }
}

/// Records a denial in the audit log. If the person already has too many within a minute, it is
/// only counted.
///
/// # Errors
/// When the database refuses.
pub async fn note_denied(
    site: &Site,
    actor: &Arc<Actor>,
    mut entry: NewEntry,
) -> Result<(), DatabaseError> {
    let now = site.clock.now();
    let Some(before) = site.denials.count(actor, now) else {
        return Ok(());
    };
    if before > 0
        && let Event::Denied(denied) = &mut entry.event
    {
        denied.more_before = Some(before);
    }
    entry.resource = entry.resource.map(|name| cut(&name));
    let actor = Arc::clone(actor);
    let record = move |conn: &mut _| {
        audit::record(conn, &actor, &entry, now.naive_utc()).map_err(DatabaseError::from)
    };
    // The record is also written if the client does not wait for the response.
    site.database.run_to_its_end(record).await
}

/// Truncates a name from an address; names of existing resources are never too long.
fn cut(name: &str) -> String {
    match name.char_indices().nth(MOST_OF_A_NAME) {
        Some((end, _)) => format!("{}\u{2026}", name.get(..end).unwrap_or_default()),
        None => name.to_owned(),
    }
}

/// Path and query of a request as browsers see them. A proxy may have removed the prefix or not.
pub fn address(request: &HttpRequest) -> String {
    let target = request.uri().path_and_query();
    let target = target.map_or("/", |target| target.as_str());
    let root = site(request).map(|site| site.urls.root().to_owned());
    let root = root.unwrap_or_default();
    let inside = target
        .strip_prefix(root.as_str())
        .filter(|rest| rest.starts_with('/'));
    format!("{root}{}", inside.unwrap_or(target))
}

/// The running panel, from a request.
pub fn site(request: &HttpRequest) -> Result<web::Data<Site>, Failure> {
    request
        .app_data::<web::Data<Site>>()
        .cloned()
        .ok_or_else(|| Failure::internal("the panel is not configured in this application"))
}
