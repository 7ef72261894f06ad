//! Random changes: every change can be undone, in any order.

use super::*;

/// A random role with grants that fit the catalog.
fn any_grants(random: &mut StdRng) -> Vec<GrantConfig> {
    let mut grants = Vec::new();
    for _ in 0..random.gen_range(0..4) {
        let on = ["customers", "orders", "totals"].choose(random).unwrap();
        let verbs = ["view", "edit", "create", "delete", "export"];
        let count = random.gen_range(1..4);
        let may: Vec<&str> = verbs.choose_multiple(random, count).copied().collect();
        let mut one = grant(on, &may.join(" "));
        if *on == "customers" {
            if random.gen_bool(0.4) {
                let region = ["emea", "apac"].choose(random).unwrap();
                one = one.rows(&format!("region=eq:{region}"));
            }
            if random.gen_bool(0.4) {
                one = one.hiding("margin");
            }
            if random.gen_bool(0.3) {
                one = one.fixing("name");
            }
        }
        grants.push(one);
    }
    grants
}

/// A random change that can be made.
fn any_change(random: &mut StdRng, kept: &StoredRoles) -> Change {
    loop {
        let name = ["a", "b", "c"].choose(random).unwrap().to_string();
        let group = ["support", "viewers", "owners", "x"]
            .choose(random)
            .unwrap();
        let id = random.gen_range(1..6);
        let mut content = role(any_grants(random));
        if random.gen_bool(0.3) {
            content.manage = vec![Manage::Roles];
        }
        let change = match random.gen_range(0..5) {
            0 => Change::Create {
                name,
                role: content,
            },
            1 => Change::Edit {
                name,
                role: content,
            },
            2 => Change::Delete { name },
            3 => Change::AddRule {
                role: name,
                rule: GroupRule::is(*group),
            },
            _ => Change::RemoveRule { id },
        };
        if kept.with(&change, &CONFIGURED).is_ok() {
            return change;
        }
    }
}

/// The changes that undo a change.
fn undone(change: &Change, before: &StoredRoles, after: &StoredRoles) -> Vec<Change> {
    let rule = |rule: &crate::access::kept::KeptRule| Change::AddRule {
        role: rule.role.clone(),
        rule: rule.rule.clone().unwrap(),
    };
    match change {
        Change::Create { name, .. } => vec![Change::Delete { name: name.clone() }],
        Change::Edit { name, .. } => vec![Change::Edit {
            name: name.clone(),
            role: before.role(name).unwrap().role.clone().unwrap(),
        }],
        Change::Delete { name } => {
            let role = before.role(name).unwrap().role.clone().unwrap();
            let create = Change::Create {
                name: name.clone(),
                role,
            };
            std::iter::once(create)
                .chain(before.rules_of(name).map(rule))
                .collect()
        }
        Change::AddRule { .. } => vec![Change::RemoveRule {
            id: after.rules.last().unwrap().id,
        }],
        Change::RemoveRule { id } => {
            let gone = before.rules.iter().find(|rule| rule.id == *id).unwrap();
            vec![rule(gone)]
        }
    }
}

#[test]
fn a_change_and_its_inverse_do_nothing_to_anybody() {
    let mut random = StdRng::seed_from_u64(7);
    let mut did_something = 0;
    for _ in 0..200 {
        let mut kept = StoredRoles::default();
        for _ in 0..random.gen_range(1..8) {
            let change = any_change(&mut random, &kept);
            let changed = kept.with(&change, &CONFIGURED).unwrap();
            let back = after(&changed, &undone(&change, &kept, &changed));
            assert_eq!(between(&kept, &back).count(), 0, "{change:?}");
            let (there, again) = (between(&kept, &changed), between(&changed, &kept));
            did_something += usize::from(there.count() > 0);
            assert_eq!(there.count(), again.count(), "{change:?}");
            for place in 0..people().len() {
                let one = there.of_person(place).cloned().unwrap_or_default();
                let other = again.of_person(place).cloned().unwrap_or_default();
                assert_eq!(one.rights.gained, other.rights.lost, "{change:?}");
                assert_eq!(one.rights.lost, other.rights.gained, "{change:?}");
                assert_eq!(one.roles.gained, other.roles.lost);
                assert_eq!(one.manage.gained, other.manage.lost);
            }
            kept = changed;
        }
    }
    assert!(did_something > 100, "{did_something}");
}

#[test]
fn the_order_of_roles_and_rules_does_not_matter() {
    let mut random = StdRng::seed_from_u64(11);
    for _ in 0..200 {
        let mut kept = StoredRoles::default();
        for _ in 0..random.gen_range(1..8) {
            let change = any_change(&mut random, &kept);
            kept = kept.with(&change, &CONFIGURED).unwrap();
        }
        let mut shuffled = kept.clone();
        shuffled.roles.shuffle(&mut random);
        shuffled.rules.shuffle(&mut random);
        for role in shuffled.roles.iter_mut() {
            let role = role.role.as_mut().unwrap();
            role.grants.shuffle(&mut random);
        }
        assert_eq!(between(&kept, &shuffled).count(), 0, "{kept:?}");
        let start = StoredRoles::default();
        assert_eq!(between(&start, &kept), between(&start, &shuffled));
    }
}

#[test]
fn what_is_compared_is_what_the_policy_gives() {
    let mut random = StdRng::seed_from_u64(13);
    for _ in 0..200 {
        let mut kept = StoredRoles::default();
        for _ in 0..random.gen_range(1..8) {
            let change = any_change(&mut random, &kept);
            kept = kept.with(&change, &CONFIGURED).unwrap();
        }
        let policy = policy(&kept);
        for person in people() {
            let reaches = Reaches::of(&policy, &names(&policy, &person));
            for resource in policy.catalog().iter() {
                for verb in Action::ALL {
                    let may = policy.may(&person, &resource.name, verb);
                    assert_eq!(reaches.has(&resource.name, verb), may);
                }
            }
        }
    }
}
