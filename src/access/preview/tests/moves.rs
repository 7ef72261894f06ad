//! Gains and losses: managing, columns by verb, and grouping of people.

use super::*;

fn managing(manage: &[Manage]) -> Change {
    Change::Edit {
        name: "support".into(),
        role: RoleConfig {
            manage: manage.to_vec(),
            ..role(vec![grant("orders", "view")])
        },
    }
}

/// The role `support`, given to the group `support` and to owners.
fn start() -> StoredRoles {
    let create = create("support", vec![grant("orders", "view")]);
    let to_all = [
        create,
        give("support", "support"),
        give("support", "owners"),
    ];
    after(&StoredRoles::default(), &to_all)
}

#[test]
fn what_of_the_panel_may_be_managed_comes_and_goes_with_the_role() {
    let old = start();
    let new = after(&old, &[managing(&Manage::ALL)]);
    let there = between(&old, &new);
    assert_eq!((there.count(), there.unaffected), (3, 2));
    for (place, gained) in [(0, &[Manage::Sessions][..]), (2, &Manage::ALL)] {
        let effect = there.of_person(place).unwrap();
        assert_eq!(effect.manage.gained, gained, "owners managed roles before");
        assert!(effect.manage.lost.is_empty());
        assert!(effect.roles.is_nothing() && effect.rights.is_nothing());
        assert_eq!(effect.enters, None);
        let back = between(&new, &old);
        let effect = back.of_person(place).unwrap();
        assert_eq!(effect.manage.lost, gained);
        assert!(effect.manage.gained.is_empty());
    }
    let one = after(&old, &[managing(&[Manage::Sessions])]);
    let less = between(&new, &one);
    assert_eq!(less.count(), 2, "owners manage roles all the same");
    assert_eq!(less.of_person(2).unwrap().manage.lost, [Manage::Roles]);
}

#[test]
fn people_to_whom_the_same_happens_are_told_of_together() {
    let old = start();
    let there = between(&old, &after(&old, &[managing(&Manage::ALL)]));
    let together: Vec<&[usize]> = there
        .affected
        .iter()
        .map(|affected| affected.people.as_slice())
        .collect();
    // The third and fourth have different roles, but gain the same; the owner gains less.
    assert_eq!(together, [&[0][..], &[2, 3]]);
    assert!(there.of_person(1).is_none() && there.of_person(4).is_none());
}

#[test]
fn a_column_that_one_verb_does_not_reach_is_told_of_that_verb() {
    let of = |grants: Vec<GrantConfig>| {
        let create = create("support", vec![grant("customers", "view edit create")]);
        let old = after(
            &StoredRoles::default(),
            &[create, give("support", "support")],
        );
        let new = after(&old, &[edit("support", grants)]);
        let preview = between(&old, &new);
        let rights = &preview.of_person(2).unwrap().rights;
        assert!(rights.gained.is_empty(), "{rights:?}");
        said(&rights.lost)
    };
    let hidden = of(vec![
        grant("customers", "view"),
        grant("customers", "edit create").hiding("margin"),
    ]);
    assert_eq!(
        hidden,
        [
            "create customers[margin]-[] {}",
            "edit customers[margin]-[] {}"
        ]
    );
    let fixed = of(vec![
        grant("customers", "view edit create").fixing("margin"),
    ]);
    assert_eq!(fixed, hidden);
}

#[test]
fn a_role_that_gives_nothing_new_is_told_all_the_same() {
    let create = create("support", vec![grant("orders", "view")]);
    let old = after(&StoredRoles::default(), &[create]);
    let preview = between(&old, &after(&old, &[give("support", "viewers")]));
    assert_eq!((preview.count(), preview.unaffected), (2, 3));
    let effect = preview.of_person(1).unwrap();
    assert_eq!(effect.roles.gained, ["support"]);
    assert!(effect.rights.is_nothing() && effect.manage.is_nothing());
}

#[test]
fn a_rule_of_the_panel_may_give_a_role_of_the_configuration() {
    let kept = after(&StoredRoles::default(), &[give("viewer", "support")]);
    let policy = policy(&kept);
    assert_eq!(policy.faults(), []);
    assert_eq!(names(&policy, &people()[2]), ["viewer"]);
}

#[test]
fn managing_whose_demand_cannot_be_read_is_not_given() {
    let demanding = |what: &str| {
        let mut kept = after(&start(), &[managing(&Manage::ALL)]);
        let role = kept.roles[0].role.as_mut().unwrap();
        let age = std::time::Duration::from_secs(60);
        let demand = crate::config::StepUpConfig {
            max_age: Some(age),
            ..crate::config::StepUpConfig::default()
        };
        role.step_up.insert(what.into(), demand);
        policy(&kept)
    };
    let supporter = &people()[2];
    let right = demanding("roles");
    assert_eq!(right.faults(), []);
    assert!(right.manages(supporter, Manage::Sessions));
    let wrong = demanding("rolls");
    let parts: Vec<&InvalidPart> = wrong.faults().iter().map(|fault| &fault.part).collect();
    assert_eq!(parts, [&InvalidPart::Role]);
    for what in Manage::ALL {
        assert!(!wrong.manages(supporter, what), "{what:?}");
    }
    // Its grants on resources do not depend on it.
    assert!(wrong.may(supporter, "orders", Action::View));
}

#[test]
fn of_a_verb_that_is_not_about_columns_no_columns_are_told() {
    let all = vec![grant("customers", "view delete export").hiding("margin")];
    let role = after(&StoredRoles::default(), &[create("support", all)]);
    let preview = between(&role, &after(&role, &[give("support", "support")]));
    let gained = &preview.of_person(2).unwrap().rights.gained;
    assert_eq!(
        said(gained),
        [
            "view customers[]-[margin] {}",
            "delete customers[]-[] {}",
            "export customers[]-[] {}"
        ]
    );
}
