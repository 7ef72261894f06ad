//! Checks whether the provider supports the sign-in levels (`acr`) that roles require.

use super::{CheckedProvider, list};
use crate::check::Report;
use crate::check::database::Looked;
use crate::config::{Config, RoleConfig, StepUpConfig};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

pub(super) fn check(
    document: &Map<String, Value>,
    asked: &CheckedProvider<'_>,
    config: &Config,
    looked: &Looked,
    report: &mut Report,
) {
    let demanded = demanded(config, looked);
    if demanded.is_empty() {
        return;
    }
    let Some(known) = list(document, "acr_values_supported") else {
        let names: Vec<&str> = demanded.keys().map(String::as_str).collect();
        return report.note(
            asked.provider(),
            format!(
                "it does not list the ways of signing in that it knows (acr): whether it knows \
                 {}, which roles demand, shows when they are asked for",
                names.join(", ")
            ),
        );
    };
    for (acr, place) in &demanded {
        if known.contains(&acr.as_str()) {
            report.ok(
                asked.provider(),
                format!("it lists the way of signing in {acr:?} (acr), which {place} demands"),
            )
        } else {
            report.warn(
                asked.provider(),
                format!(
                    "it does not list the way of signing in {acr:?} (acr), which {place} demands \
                     (it lists: {})",
                    known.join(", ")
                ),
                format!(
                    "write one that it lists, or set it up there; without it nobody who signs in \
                     at {} can do what demands it",
                    asked.oidc.label()
                ),
            )
        }
    }
}

/// Every `acr` that a role requires, each with the first place that does.
fn demanded(config: &Config, looked: &Looked) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (name, role) in &config.roles {
        add(&format!("roles.{name}"), role, &mut all);
    }
    for kept in &looked.kept.roles {
        if let Ok(role) = &kept.role {
            add(
                &format!("the role {} of the panel", kept.name),
                role,
                &mut all,
            );
        }
    }
    all
}

fn add(place: &str, role: &RoleConfig, all: &mut BTreeMap<String, String>) {
    let mut note = |place: String, demand: &StepUpConfig| {
        for acr in &demand.acr {
            all.entry(acr.clone()).or_insert_with(|| place.clone());
        }
    };
    for (what, demand) in &role.step_up {
        note(format!("{place}.step_up.{what}"), demand);
    }
    for (index, grant) in role.grants.iter().enumerate() {
        for (what, demand) in &grant.step_up {
            note(
                format!("{place}.grants[{}].step_up.{what}", index + 1),
                demand,
            );
        }
    }
}
