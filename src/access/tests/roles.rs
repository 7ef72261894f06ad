//! What one role gives and demands stays apart from other roles.

use super::*;

fn demand(age_s: u64) -> StepUpConfig {
    StepUpConfig {
        max_age: Some(std::time::Duration::from_secs(age_s)),
        ..StepUpConfig::default()
    }
}

fn manager(name: &str, what: &str) -> (String, RoleConfig) {
    let role = RoleConfig {
        groups: vec![crate::config::GroupRule::is("g")],
        manage: vec![Manage::Roles, Manage::Sessions],
        step_up: [(what.to_owned(), demand(60))].into_iter().collect(),
        ..RoleConfig::default()
    };
    (name.to_owned(), role)
}

#[test]
fn who_stands_in_a_role_has_that_role_and_no_other() {
    let policy = policy(&[
        ("admin", "admins", vec![grant("*", "view edit")]),
        ("viewer", "viewers", vec![grant("orders", "view")]),
    ]);
    let held = |as_role: &str| -> Vec<String> {
        let ada = Person {
            as_role: Some(as_role.to_owned()),
            ..person(&["admins"], json!({}))
        };
        let roles = policy.roles(&ada).into_iter();
        roles.map(|role| role.name.clone()).collect()
    };
    assert_eq!(held("viewer"), ["viewer"]);
    assert_eq!(held("admin"), ["admin"]);
    assert_eq!(held("Viewer"), [""; 0]);
    assert_eq!(held(""), [""; 0]);
}

#[test]
fn what_is_demanded_for_one_thing_is_not_for_another() {
    for (named, other) in [
        (Manage::Roles, Manage::Sessions),
        (Manage::Sessions, Manage::Roles),
    ] {
        let all = [manager("r", named.name())].into_iter().collect();
        let policy = Policy::new(catalog(), &all).unwrap();
        let ada = person(&["g"], json!({}));
        let manages = |what| policy.manage(&ada, what, &proved(61, None));
        assert!(matches!(manages(named), Err(Unmanaged::Demand(..))));
        assert_eq!(manages(other), Ok(()));
    }
}

#[test]
fn a_demand_for_managing_that_cannot_be_read_stops_the_start() {
    let all = [manager("r", "rolls")].into_iter().collect();
    let told = Policy::new(catalog(), &all).unwrap_err();
    let told: Vec<String> = told.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("roles.r.step_up.rolls: "), "{told:?}");
}

#[test]
fn a_column_must_be_one_of_the_grants_own_resources() {
    for wrong in [
        grant("orders totals", "view").hiding("margin"),
        grant("orders", "view edit").fixing("region"),
        grant("*", "view").hiding("marign"),
    ] {
        let told = errors(vec![wrong]);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("there is no column"), "{told:?}");
    }
    for right in [
        grant("customers orders", "view").hiding("margin"),
        grant("*", "view edit").fixing("margin"),
    ] {
        policy(&[("r", "g", vec![right])]);
    }
}

#[test]
fn a_group_that_gives_a_role_twice_is_told_once() {
    let rules = ["staff", "other"].map(crate::config::GroupRule::is);
    let twice = RoleConfig {
        groups: rules.iter().cycle().take(4).cloned().collect(),
        ..RoleConfig::default()
    };
    let all = [("r".to_owned(), twice)].into_iter().collect();
    let policy = Policy::new(catalog(), &all).unwrap();
    let ada = person(&["other", "staff"], json!({}));
    assert_eq!(policy.roles(&ada)[0].groups_of(&ada), ["staff", "other"]);
}

#[test]
fn who_reaches_some_rows_does_not_reach_all_of_them() {
    let policy = policy(&[(
        "r",
        "g",
        vec![
            grant("customers", "view delete").rows("region=eq:emea"),
            grant("orders", "view delete").demanding("delete", 60, &[]),
        ],
    )]);
    let ada = person(&["g"], json!({}));
    let reaches_all = |resource: &str| {
        let deletes = policy.reach::<Delete>(&ada, resource).unwrap();
        let views = policy.reach::<View>(&ada, resource).unwrap();
        (views.is_everything(), deletes.is_everything())
    };
    assert_eq!(reaches_all("customers"), (false, false));
    assert_eq!(reaches_all("orders"), (true, true));
    assert!(policy.reach::<View>(&ada, "totals").is_none());
}

#[test]
fn a_reason_for_an_emergency_is_taken_of_nobody_whom_a_provider_vouches_for() {
    let claims = json!({ BREAK_GLASS_REASON: "because" });
    let ada = person(&["g"], claims.clone());
    assert!(!ada.is_break_glass());
    assert_eq!(ada.break_glass_reason(), None);
    let by_link = Person {
        issuer: BREAK_GLASS.into(),
        ..person(&[], claims)
    };
    assert!(by_link.is_break_glass());
    assert_eq!(by_link.break_glass_reason(), Some("because"));
}

#[test]
fn another_policy_is_in_force_for_whoever_asks_from_then_on() {
    let policies = Policies::new(policy(&[("old", "g", vec![grant("orders", "view")])]));
    let ada = person(&["g"], json!({}));
    let before = policies.current();
    policies.replace(policy(&[("new", "g", vec![grant("customers", "view")])]));
    let after = policies.clone().current();
    assert!(before.permit::<View>(&ada, "orders").is_ok());
    assert!(after.permit::<View>(&ada, "orders").is_err());
    assert!(after.permit::<View>(&ada, "customers").is_ok());
}
