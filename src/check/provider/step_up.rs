//! Checks whether the provider supports the sign-in levels (`acr`) that roles require.

use super::{CheckedProvider, list};
use crate::check::Report;
use crate::check::database::KnownDatabase;
use crate::config::{Config, RoleConfig, StepUpConfig};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

pub(super) fn check(
    document: &Map<String, Value>,
    asked: &CheckedProvider<'_>,
    config: &Config,
    looked: &KnownDatabase,
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
                "it does not list its sign-in levels (acr): whether it supports {}, which roles \
                 require, shows when they are asked for",
                names.join(", ")
            ),
        );
    };
    for (acr, place) in &demanded {
        if known.contains(&acr.as_str()) {
            report.ok(
                asked.provider(),
                format!("it lists the sign-in level {acr:?} (acr), which {place} requires"),
            )
        } else {
            report.warn(
                asked.provider(),
                format!(
                    "it does not list the sign-in level {acr:?} (acr), which {place} requires (it \
                     lists: {})",
                    known.join(", ")
                ),
                format!(
                    "write one that it lists, or set it up there; without it nobody who signs in \
                     at {} can do what requires it",
                    asked.oidc.label()
                ),
            )
        }
    }
}

/// Every `acr` that a role requires, each with the first place that does.
fn demanded(config: &Config, looked: &KnownDatabase) -> BTreeMap<String, String> {
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
