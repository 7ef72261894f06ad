#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use super::*;
use crate::access::kept::{Change, InvalidPart, KeptRole, Misfit, StoredRoles};
use crate::access::testing::{catalog, grant, person, roles};
use crate::config::{GrantConfig, GroupMatch, GroupRule, RoleConfig};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use serde_json::json;
use std::collections::BTreeMap;

mod chance;
mod moves;

const CONFIGURED: [&str; 2] = ["owner", "viewer"];

fn configured() -> BTreeMap<String, RoleConfig> {
    let mut all = roles(&[
        ("owner", "owners", vec![grant("*", "view edit")]),
        ("viewer", "viewers", vec![grant("orders", "view")]),
    ]);
    all.get_mut("owner").unwrap().manage = vec![Manage::Roles];
    all
}

fn policy(kept: &StoredRoles) -> Policy {
    Policy::new(catalog(), &configured())
        .unwrap()
        .with_kept(kept)
}

fn role(grants: Vec<GrantConfig>) -> RoleConfig {
    RoleConfig {
        grants,
        ..RoleConfig::default()
    }
}

fn create(name: &str, grants: Vec<GrantConfig>) -> Change {
    Change::Create {
        name: name.into(),
        role: role(grants),
    }
}

fn edit(name: &str, grants: Vec<GrantConfig>) -> Change {
    Change::Edit {
        name: name.into(),
        role: role(grants),
    }
}

fn give(role: &str, group: &str) -> Change {
    Change::AddRule {
        role: role.into(),
        rule: GroupRule::is(group),
    }
}

fn after(kept: &StoredRoles, changes: &[Change]) -> StoredRoles {
    let step = |kept: StoredRoles, change| kept.with(change, &CONFIGURED).unwrap();
    changes.iter().fold(kept.clone(), step)
}

fn people() -> Vec<Person> {
    [
        &["owners"][..],
        &["viewers"],
        &["support"],
        &["viewers", "support"],
        &[],
    ]
    .iter()
    .map(|groups| person(groups, json!({})))
    .collect()
}

fn between(old: &StoredRoles, new: &StoredRoles) -> Preview {
    Preview::of(&policy(old), &policy(new), &people())
}

fn said(rights: &[Right]) -> Vec<String> {
    let said = rights.iter().map(|right| {
        let rows: Vec<String> = right.rows.iter().map(|scope| scope.join("&")).collect();
        format!(
            "{} {}[{}]-[{}] {{{}}}",
            right.verb.name(),
            right.resource,
            right.columns.join(","),
            right.without.join(","),
            rows.join("|")
        )
    });
    said.collect()
}

#[test]
fn a_group_that_gets_a_role_brings_its_people_in() {
    let none = StoredRoles::default();
    let role = after(
        &none,
        &[create("support", vec![grant("orders", "view edit")])],
    );
    assert_eq!(between(&none, &role).count(), 0);
    let given = after(&role, &[give("support", "support")]);
    let preview = between(&role, &given);
    assert_eq!((preview.count(), preview.unaffected), (2, 3));
    let newcomer = preview.of_person(2).unwrap();
    assert_eq!(newcomer.enters, Some(true));
    assert_eq!(newcomer.roles.gained, ["support"]);
    assert_eq!(
        said(&newcomer.rights.gained),
        ["view orders[]-[] {}", "edit orders[]-[] {}"]
    );
    let viewer = preview.of_person(3).unwrap();
    assert_eq!(viewer.enters, None);
    assert_eq!(said(&viewer.rights.gained), ["edit orders[]-[] {}"]);
    let back = between(&given, &role);
    assert_eq!(back.of_person(2).unwrap().enters, Some(false));
    assert_eq!(back.of_person(3).unwrap().rights.lost, viewer.rights.gained);
}

#[test]
fn rows_and_columns_that_come_or_go_are_told() {
    let start = after(
        &StoredRoles::default(),
        &[
            create(
                "support",
                vec![
                    grant("customers", "view edit")
                        .rows("region=eq:emea")
                        .hiding("margin"),
                ],
            ),
            give("support", "support"),
        ],
    );
    let of = |grants: Vec<GrantConfig>| {
        let new = after(&start, &[edit("support", grants)]);
        let preview = between(&start, &new);
        let rights = preview.of_person(2).map(|effect| effect.rights.clone());
        let rights = rights.unwrap_or_default();
        (said(&rights.gained), said(&rights.lost))
    };
    let customers = || grant("customers", "view edit");
    let none: Vec<String> = Vec::new();
    assert_eq!(
        of(vec![customers().hiding("margin")]),
        (
            vec![
                "view customers[]-[] {}".to_owned(),
                "edit customers[]-[] {}".to_owned()
            ],
            none.clone()
        )
    );
    assert_eq!(
        of(vec![customers().rows("region=eq:emea")]),
        (
            vec![
                "view customers[margin]-[] {region=eq:emea}".to_owned(),
                "edit customers[margin]-[] {region=eq:emea}".to_owned()
            ],
            none.clone()
        )
    );
    assert_eq!(
        of(vec![
            customers()
                .rows("region=eq:emea")
                .hiding("margin")
                .fixing("name")
        ]),
        (
            none.clone(),
            vec!["edit customers[name]-[] {region=eq:emea}".to_owned()]
        )
    );
    assert_eq!(
        of(vec![customers().rows("region=eq:apac").hiding("margin")]),
        (
            vec![
                "view customers[]-[] {region=eq:apac}".to_owned(),
                "edit customers[]-[] {region=eq:apac}".to_owned()
            ],
            vec![
                "view customers[]-[] {region=eq:emea}".to_owned(),
                "edit customers[]-[] {region=eq:emea}".to_owned()
            ]
        )
    );
    // The column was visible in some rows, and is now visible in every row that is seen.
    assert_eq!(
        of(vec![
            grant("customers", "view edit")
                .rows("region=eq:emea")
                .hiding("margin"),
            grant("customers", "view").hiding("margin"),
        ]),
        (vec!["view customers[]-[] {}".to_owned()], none)
    );
}

#[test]
fn what_is_gained_with_a_verb_says_what_it_does_not_reach() {
    let role = after(
        &StoredRoles::default(),
        &[create(
            "support",
            vec![grant("customers", "view").hiding("margin")],
        )],
    );
    let given = after(&role, &[give("support", "support")]);
    let preview = between(&role, &given);
    let gained = &preview.of_person(2).unwrap().rights.gained;
    assert_eq!(said(gained), ["view customers[]-[margin] {}"]);
}

#[test]
fn owners_are_those_who_may_manage_roles() {
    let people = people();
    let policy = policy(&StoredRoles::default());
    let owners: Vec<&Person> = owners(&policy, &people).collect();
    assert_eq!(owners, [&people[0]]);
}

#[test]
fn a_kept_role_never_takes_the_place_of_a_configured_one() {
    let mut kept = after(
        &StoredRoles::default(),
        &[
            create("support", vec![grant("orders", "view")]),
            give("support", "support"),
        ],
    );
    // This is the state if the configuration later gets a role with that name.
    kept.roles[0].name = "owner".into();
    kept.rules[0].role = "owner".into();
    let policy = policy(&kept);
    assert!(!policy.admits(&people()[2]));
    let parts: Vec<&InvalidPart> = policy.faults().iter().map(|fault| &fault.part).collect();
    assert_eq!(parts, [&InvalidPart::Role, &InvalidPart::Rule(1)]);
    assert_eq!(policy.roles(&people()[0]).len(), 1);
}

#[test]
fn a_broken_grant_gives_nothing_and_the_others_all_they_did() {
    let broken = [
        grant("orders ordres", "view"),
        grant("orders", "view veiw"),
        grant("orders", "view").hiding("totl"),
        grant("orders", "view").hiding("id"),
        grant("orders", "view").rows("totl=eq:1"),
        grant("*", "view").rows("total=eq:1"),
        GrantConfig {
            may: vec!["view".into()],
            ..GrantConfig::default()
        },
        GrantConfig {
            on: vec!["orders".into()],
            ..GrantConfig::default()
        },
    ];
    for grant_config in broken {
        let kept = after(
            &StoredRoles::default(),
            &[
                create(
                    "support",
                    vec![grant_config.clone(), grant("totals", "view")],
                ),
                give("support", "support"),
            ],
        );
        let policy = policy(&kept);
        let supporter = &people()[2];
        assert!(!policy.may(supporter, "orders", Action::View));
        assert!(policy.may(supporter, "totals", Action::View));
        let fault = &policy.faults()[0];
        assert!(
            matches!(fault.part, InvalidPart::Grant(1, _)),
            "{grant_config:?}: {fault}"
        );
        let number = policy.role("support").unwrap().grants_on("totals")[0].number;
        assert_eq!(number, 2);
    }
}

#[test]
fn a_role_or_rule_that_cannot_be_read_gives_nothing() {
    let mut kept = after(
        &StoredRoles::default(),
        &[
            create("support", vec![grant("orders", "view")]),
            give("support", "support"),
            give("viewer", "support"),
        ],
    );
    kept.rules[1].rule = Err("not JSON".into());
    kept.roles.push(KeptRole {
        name: "other".into(),
        role: Err("not JSON".into()),
    });
    kept.rules[0].role = "other".into();
    let policy = policy(&kept);
    assert_eq!(policy.faults().len(), 3, "{:?}", policy.faults());
    assert!(!policy.admits(&people()[2]));
    assert!(policy.role("other").is_none());
}

#[test]
fn rules_that_would_take_everyone_give_nothing() {
    for (how, text) in [
        (GroupMatch::Is, ""),
        (GroupMatch::Is, " "),
        (GroupMatch::Is, "*"),
        (GroupMatch::Glob, "*"),
        (GroupMatch::Regex, ".*"),
        (GroupMatch::Regex, "("),
    ] {
        let rule = GroupRule {
            how,
            ..GroupRule::is(text)
        };
        let add = Change::AddRule {
            role: "viewer".into(),
            rule,
        };
        let policy = policy(&after(&StoredRoles::default(), &[add]));
        assert_eq!(policy.faults().len(), 1, "{text}");
        let anybody = person(&["", " ", "*", "x"], json!({}));
        assert!(!policy.admits(&anybody), "{text}");
    }
}

#[test]
fn changes_that_do_not_fit_are_refused() {
    let kept = after(&StoredRoles::default(), &[create("support", vec![])]);
    let tried = |change: &Change| kept.with(change, &CONFIGURED).unwrap_err();
    assert_eq!(tried(&create("support", vec![])), Misfit::Taken);
    assert_eq!(tried(&create("Owner", vec![])), Misfit::Taken);
    assert_eq!(tried(&edit("owner", vec![])), Misfit::Missing);
    let delete = Change::Delete {
        name: "viewer".into(),
    };
    assert_eq!(tried(&delete), Misfit::Missing);
    assert_eq!(tried(&give("nobody", "x")), Misfit::Missing);
    assert_eq!(tried(&Change::RemoveRule { id: 1 }), Misfit::Missing);
    let given = after(&kept, &[give("owner", "x")]);
    let twice = given.with(&give("owner", "x"), &CONFIGURED);
    assert_eq!(twice, Err(Misfit::Twice));
    assert_eq!(given.version, 2);
}

#[test]
fn a_change_takes_away_what_it_names_and_nothing_else() {
    let kept = after(
        &StoredRoles::default(),
        &[
            create("support", vec![]),
            create("audit", vec![]),
            give("support", "x"),
            give("audit", "x"),
            give("audit", "y"),
        ],
    );
    let names = |kept: &StoredRoles| -> Vec<String> {
        kept.roles.iter().map(|role| role.name.clone()).collect()
    };
    let rules = |kept: &StoredRoles| -> Vec<(i64, String)> {
        let rules = kept.rules.iter();
        rules.map(|rule| (rule.id, rule.role.clone())).collect()
    };
    assert_eq!(names(&kept), ["audit", "support"], "by name");
    let delete = Change::Delete {
        name: "audit".into(),
    };
    let deleted = after(&kept, std::slice::from_ref(&delete));
    assert_eq!(names(&deleted), ["support"]);
    assert_eq!(rules(&deleted), [(1, "support".into())]);
    let remove = Change::RemoveRule { id: 2 };
    let removed = after(&kept, std::slice::from_ref(&remove));
    assert_eq!(names(&removed), names(&kept));
    let left = [(1, "support".into()), (3, "audit".into())];
    assert_eq!(rules(&removed), left);
    assert_eq!(delete.role(&kept), Some("audit"));
    assert_eq!(remove.role(&kept), Some("audit"));
    assert_eq!(give("support", "z").role(&kept), Some("support"));
    assert_eq!(Change::RemoveRule { id: 9 }.role(&kept), None);
}

#[test]
fn a_policy_says_which_version_of_what_is_kept_it_holds() {
    assert!(policy(&StoredRoles::default()).version() >= 0);
    let kept = after(
        &StoredRoles::default(),
        &[create("a", vec![]), give("a", "x")],
    );
    let policy = policy(&kept);
    assert_eq!(policy.version(), 2);
    let names: Vec<&str> = policy.all_roles().iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["a", "owner", "viewer"], "by name");
}
