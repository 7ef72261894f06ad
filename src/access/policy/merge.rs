//! Merges the roles of the configuration and the stored roles into one policy.

use super::{Policy, PolicyError, Role, compile, label_of};
use crate::access::group::Mapping;
use crate::access::kept::{Fault, InvalidPart, KeptRole, KeptRule, Origin, StoredRoles};
use crate::config::{GrantConfig, RoleConfig};
use crate::texts::text;

impl Policy {
    /// Adds the stored roles to the policy.
    ///
    /// They cannot stop the start, and they change nothing of the configuration. Invalid parts give
    /// nothing and are reported by [`Policy::faults`].
    #[must_use]
    pub fn with_kept(mut self, kept: &StoredRoles) -> Self {
        self.version = kept.version;
        for role in &kept.roles {
            match self.compile_kept(role) {
                Ok(role) => self.roles.push(role),
                Err(reason) => self.fault(&role.name, InvalidPart::Role, reason),
            }
        }
        for rule in &kept.rules {
            if let Err(reason) = self.map_kept(kept, rule) {
                self.fault(&rule.role, InvalidPart::Rule(rule.id), reason);
            }
        }
        self.roles.sort_by(|one, other| one.name.cmp(&other.name));
        self
    }

    /// The parts of stored roles that give nothing, with the reason.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The version of the stored roles it includes; negative for the configuration alone.
    pub fn version(&self) -> i64 {
        self.version
    }

    fn compile_kept(&mut self, kept: &KeptRole) -> Result<Role, String> {
        if self.role(&kept.name).is_some() {
            return Err(text!("policy-taken"));
        }
        let config = kept.role.as_ref().map_err(Clone::clone)?;
        let mut errors = Vec::new();
        let step_up = compile::compile_managing(&kept.name, config, &mut errors);
        // If a demand for managing is invalid, managing is not given at all.
        let manage = if errors.is_empty() {
            config.manage.clone()
        } else {
            Vec::new()
        };
        for PolicyError { reason, .. } in errors {
            self.fault(&kept.name, InvalidPart::Role, reason);
        }
        Ok(Role {
            name: kept.name.clone(),
            label: label_of(&kept.name, config),
            origin: Origin::Kept,
            mappings: Vec::new(),
            manage,
            step_up,
            grants: self.compile_kept_grants(&kept.name, config),
        })
    }

    /// Compiles each grant apart. A grant with any fault gives nothing at all.
    fn compile_kept_grants(
        &mut self,
        name: &str,
        config: &RoleConfig,
    ) -> std::collections::HashMap<String, Vec<super::Grant>> {
        let mut compiled: std::collections::HashMap<String, Vec<super::Grant>> = Default::default();
        for (index, grant) in config.grants.iter().enumerate() {
            let number = index + 1;
            let mut errors = empty_lists(grant);
            let on = compile::compile_grant(&self.catalog, name, number, grant, &mut errors);
            if errors.is_empty() {
                for (resource, grant) in on {
                    compiled.entry(resource).or_default().push(grant);
                }
            }
            for PolicyError { path, reason } in errors {
                let setting = path.rsplit('.').next().unwrap_or_default().to_owned();
                self.fault(name, InvalidPart::Grant(number, setting), reason);
            }
        }
        compiled
    }

    fn map_kept(&mut self, kept: &StoredRoles, rule: &KeptRule) -> Result<(), String> {
        let is_kept = kept.role(&rule.role).is_some();
        let mut roles = self.roles.iter_mut();
        let role = match roles.find(|role| role.name == rule.role) {
            // A stored rule for a stored role must not apply to the configured role of the same
            // name.
            Some(role) if is_kept && role.origin == Origin::Configured => {
                return Err(text!("policy-other-role"));
            }
            Some(role) => role,
            None if is_kept => return Err(text!("policy-role-unreadable")),
            None => return Err(text!("policy-no-role")),
        };
        let config = rule.rule.as_ref().map_err(Clone::clone)?;
        role.mappings.push(Mapping::kept(config)?);
        Ok(())
    }

    fn fault(&mut self, role: &str, part: InvalidPart, reason: String) {
        self.faults.push(Fault {
            role: role.to_owned(),
            part,
            reason,
        });
    }
}

/// Faults that configuration refuses earlier, before a policy is compiled.
fn empty_lists(grant: &GrantConfig) -> Vec<PolicyError> {
    let mut errors = Vec::new();
    for (setting, list, wanted) in [
        ("on", &grant.on, text!("policy-no-resources")),
        ("may", &grant.may, text!("policy-no-verbs")),
    ] {
        if list.iter().all(String::is_empty) {
            errors.push(PolicyError {
                path: setting.into(),
                reason: wanted,
            });
        }
    }
    errors
}
