//! Decides what a person may do; the only code that makes permits.

use super::{Denied, Grant, Policy, Role};
use crate::access::cover::Cover;
use crate::access::cut::AuditCut;
use crate::access::permit::{Permit, Scope};
use crate::access::person::Person;
use crate::access::reach::Reach;
use crate::access::step_up::{Assurance, Demand, Occasion, Unmanaged};
use crate::access::verb::{Action, Edit, Import, Verb, View};
use crate::catalog::{Resource, SetAction};
use crate::config::Manage;
use std::sync::Arc;

impl Policy {
    /// Whether a person may manage a part of the panel itself.
    pub fn manages(&self, person: &Person, what: Manage) -> bool {
        let mut roles = self.roles(person).into_iter();
        roles.any(|role| role.manage.contains(&what))
    }

    /// Permits `V` on a resource for a person whose last sign-in is not known. A verb with any
    /// step-up demand is denied.
    ///
    /// # Errors
    /// As [`Policy::permit_assured`].
    pub fn permit<V: Verb>(&self, person: &Person, resource: &str) -> Result<Permit<V>, Denied> {
        self.permit_assured(person, resource, &Assurance::none())
    }

    /// Permits `V` on a resource.
    ///
    /// # Errors
    /// [`Denied`] when none of their roles gives it, or the resource does not exist; the message is
    /// the same. If only step-up is missing, it holds the demand.
    pub fn permit_assured<V: Verb>(
        &self,
        person: &Person,
        resource: &str,
        assurance: &Assurance,
    ) -> Result<Permit<V>, Denied> {
        self.permit_on(person, resource, assurance, &[Occasion::Verb(V::ACTION)])
    }

    /// Permits what a delete or a change of other rows causes in a table. The panel need not show
    /// the table, nor be able to write to it.
    ///
    /// # Errors
    /// As [`Policy::permit_assured`].
    pub fn permit_beside<V: Verb>(
        &self,
        person: &Person,
        table: &str,
        assurance: &Assurance,
    ) -> Result<Permit<V>, Denied> {
        let found = self.catalog.known(table);
        let found = found.ok_or_else(|| missing(V::ACTION, table))?;
        let permit = self.given(person, found)?;
        self.check_demand(
            person,
            table,
            assurance,
            &[Occasion::Verb(V::ACTION)],
            V::ACTION,
        )?;
        Ok(permit)
    }

    /// Permits `V` on many rows at once, which may have further demands.
    ///
    /// # Errors
    /// As [`Policy::permit_assured`].
    pub fn permit_in_bulk<V: Verb>(
        &self,
        person: &Person,
        resource: &str,
        assurance: &Assurance,
    ) -> Result<Permit<V>, Denied> {
        let occasions = [Occasion::Verb(V::ACTION), Occasion::Bulk];
        self.permit_on(person, resource, assurance, &occasions)
    }

    /// Permits `V`, which creates or changes rows, for rows from a file. A grant of `import` must
    /// cover the same rows and columns.
    ///
    /// # Errors
    /// As [`Policy::permit_assured`].
    pub fn permit_import<V: Verb>(
        &self,
        person: &Person,
        resource: &str,
        assurance: &Assurance,
    ) -> Result<Permit<V>, Denied> {
        let found = self.uncut_permit::<Import>(person, resource)?;
        let imports = self.scopes(person, found.resource(), Action::Import);
        let occasions = [
            Occasion::Verb(Action::Import),
            Occasion::Verb(V::ACTION),
            Occasion::Bulk,
        ];
        let permit = self.permit_on::<V>(person, resource, assurance, &occasions)?;
        Ok(permit.within(&imports))
    }

    /// Permits a configured action on many rows: to set its columns, and nothing else. It does not
    /// need the right to edit.
    ///
    /// # Errors
    /// As [`Policy::permit_assured`].
    pub fn permit_action(
        &self,
        person: &Person,
        resource: &str,
        name: &str,
        assurance: &Assurance,
    ) -> Result<Permit<Edit>, Denied> {
        let denied = || Denied {
            named: Some(name.to_owned()),
            ..missing(Action::Edit, resource)
        };
        let found = self.catalog.get(resource).ok_or_else(denied)?;
        let action = found.action(name).ok_or_else(denied)?;
        let grants = self.grants(person, resource).map(|(_, grant)| grant);
        let giving = grants.filter(|grant| grant.actions.iter().any(|given| given == name));
        let act: Vec<Scope> = giving
            .map(|grant| {
                let mut scope = grant.scope(found, person);
                for (column, writes) in scope.writable.iter_mut().enumerate() {
                    // The action may write its columns wherever the grant makes them visible.
                    *writes = scope.readable.get(column) == Some(&true)
                        && action.set.contains_key(&column);
                }
                scope
            })
            .collect();
        let view = self.scopes(person, found, Action::View);
        if act.is_empty() || !Action::Edit.is_taken_by(found) {
            return Err(denied());
        }
        if view.is_empty() {
            return Err(missing(Action::View, resource));
        }
        let occasions = [Occasion::Named(name.to_owned()), Occasion::Bulk];
        match self.demand(person, resource, &occasions) {
            Some(demand) if !demand.is_met_by(assurance) => Err(Denied {
                demand: Some(demand),
                ..denied()
            }),
            _ => Ok(Permit::new(Arc::clone(found), view, act)),
        }
    }

    /// The configured actions that a person has the right to, before step-up.
    pub fn actions<'r>(&self, person: &Person, resource: &'r Resource) -> Vec<&'r SetAction> {
        if !self.may(person, &resource.name, Action::View) || !Action::Edit.is_taken_by(resource) {
            return Vec::new();
        }
        let given = |name: &String| {
            let mut grants = self.grants(person, &resource.name);
            grants.any(|(_, grant)| grant.actions.contains(name))
        };
        let actions = resource.actions.iter();
        actions.filter(|action| given(&action.name)).collect()
    }

    fn permit_on<V: Verb>(
        &self,
        person: &Person,
        resource: &str,
        assurance: &Assurance,
        occasions: &[Occasion],
    ) -> Result<Permit<V>, Denied> {
        let permit = self.uncut_permit(person, resource)?;
        self.check_demand(person, resource, assurance, occasions, V::ACTION)?;
        if permit.resource().is_audit() {
            let cut = self.audit_cut(person, permit.resource());
            Ok(permit.with_cut(cut))
        } else {
            Ok(permit)
        }
    }

    fn check_demand(
        &self,
        person: &Person,
        resource: &str,
        assurance: &Assurance,
        occasions: &[Occasion],
        action: Action,
    ) -> Result<(), Denied> {
        match self.demand(person, resource, occasions) {
            Some(demand) if !demand.is_met_by(assurance) => Err(Denied {
                demand: Some(demand),
                ..missing(action, resource)
            }),
            _ => Ok(()),
        }
    }

    /// The combined demands of these occasions, over all of a person's grants.
    pub fn demand(
        &self,
        person: &Person,
        resource: &str,
        occasions: &[Occasion],
    ) -> Option<Demand> {
        let grants = self.grants(person, resource);
        let all = grants.flat_map(|(_, grant)| &grant.step_up);
        let here = all.filter(|(occasion, _)| occasions.contains(occasion));
        Demand::all(here.map(|(_, demand)| demand.clone()))
    }

    /// What a permit would cover, ignoring step-up; for pages that show rights.
    pub fn reach<V: Verb>(&self, person: &Person, resource: &str) -> Option<Reach<V>> {
        self.uncut_permit(person, resource).ok().map(Reach::new)
    }

    /// Checks whether a person may manage a part of the panel itself now.
    ///
    /// # Errors
    /// [`Unmanaged`] when none of their roles allows it, or step-up is required first.
    pub fn manage(
        &self,
        person: &Person,
        what: Manage,
        assurance: &Assurance,
    ) -> Result<(), Unmanaged> {
        if !self.manages(person, what) {
            return Err(Unmanaged::NotGiven(what));
        }
        let roles = self.roles(person).into_iter();
        let demands = roles
            .flat_map(|role| &role.step_up)
            .filter(|(of, _)| *of == what);
        match Demand::all(demands.map(|(_, demand)| demand.clone())) {
            Some(demand) if !demand.is_met_by(assurance) => Err(Unmanaged::Demand(what, demand)),
            _ => Ok(()),
        }
    }

    /// A person's limits on the audit log.
    pub fn audit_cut(&self, person: &Person, audit: &Resource) -> AuditCut {
        let permits = self
            .catalog
            .iter()
            .filter_map(|resource| self.uncut_permit::<View>(person, &resource.name).ok());
        let mut cut = AuditCut::of_nothing(audit);
        for permit in permits.filter(Permit::reaches_everything) {
            cut.show(permit.resource(), |column| {
                permit.reads(column) == Cover::Everywhere
            });
        }
        cut
    }

    /// Permits by right alone, without checking demands.
    fn uncut_permit<V: Verb>(&self, person: &Person, resource: &str) -> Result<Permit<V>, Denied> {
        let found = self.catalog.get(resource);
        let found = found.ok_or_else(|| missing(V::ACTION, resource))?;
        if changes(V::ACTION) && !V::ACTION.is_taken_by(found) {
            return Err(missing(V::ACTION, resource));
        }
        self.given(person, found)
    }

    /// Permits what the roles of a person grant on a table.
    fn given<V: Verb>(&self, person: &Person, found: &Arc<Resource>) -> Result<Permit<V>, Denied> {
        let denied = |action| missing(action, &found.name);
        let act = self.scopes(person, found, V::ACTION);
        if act.is_empty() {
            return Err(denied(V::ACTION));
        }
        let view = match V::ACTION {
            Action::View => act.clone(),
            _ => self.scopes(person, found, Action::View),
        };
        if view.is_empty() && V::ACTION != Action::Create {
            return Err(denied(Action::View));
        }
        Ok(Permit::new(Arc::clone(found), view, act))
    }

    /// Whether a permit would be given, ignoring step-up; decides whether buttons are shown.
    pub fn may(&self, person: &Person, resource: &str, action: Action) -> bool {
        let Some(found) = self.catalog.get(resource) else {
            return false;
        };
        (action.is_taken_by(found) || !changes(action))
            && self.gives(person, found, action)
            && (matches!(action, Action::Create | Action::View)
                || self.gives(person, found, Action::View))
    }

    /// Whether a person may view a resource; if so, whether they see every row.
    pub fn views(&self, person: &Person, resource: &Resource) -> Option<bool> {
        let mut found = None;
        for (_, grant) in self.grants(person, &resource.name) {
            if grant.may.contains(&Action::View) {
                found = Some(found.unwrap_or(false) || grant.rows.is_empty());
            }
        }
        found
    }

    /// The grants of a person's roles on a resource, each with its role.
    pub fn grants<'p>(
        &'p self,
        person: &'p Person,
        resource: &'p str,
    ) -> impl Iterator<Item = (&'p Role, &'p Grant)> {
        self.roles(person).into_iter().flat_map(move |role| {
            let grants = role.grants.get(resource).map(Vec::as_slice);
            grants
                .unwrap_or_default()
                .iter()
                .map(move |grant| (role, grant))
        })
    }

    fn gives(&self, person: &Person, resource: &Resource, action: Action) -> bool {
        self.grants(person, &resource.name)
            .any(|(_, grant)| grant.may.contains(&action))
    }

    fn scopes(&self, person: &Person, resource: &Resource, action: Action) -> Vec<Scope> {
        self.grants(person, &resource.name)
            .filter(|(_, grant)| grant.may.contains(&action))
            .map(|(_, grant)| grant.scope(resource, person))
            .collect()
    }
}

fn missing(action: Action, resource: &str) -> Denied {
    Denied {
        action,
        named: None,
        resource: resource.to_owned(),
        demand: None,
    }
}

fn changes(action: Action) -> bool {
    matches!(
        action,
        Action::Create | Action::Edit | Action::Delete | Action::Import
    )
}
