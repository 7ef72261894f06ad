#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
use super::*;
use serde_json::json;

fn claims(value: Value) -> Claims {
    match value {
        Value::Object(map) => map,
        _ => panic!("not an object"),
    }
}

/// Reads groups with this claim and prefix.
fn read(sources: &[&Claims], claim: &str, strip_prefix: &str) -> Groups {
    let reading = Reading {
        claim: ClaimPath::named(claim),
        strip_prefix: strip_prefix.to_owned(),
        ..Reading::default()
    };
    reading.read(sources)
}

fn groups(value: Value) -> (Vec<String>, GroupsNote) {
    let claims = claims(json!({ "groups": value }));
    let groups = read(&[&claims], "groups", "");
    (groups.names, groups.note)
}

#[test]
fn every_shape_that_is_taken_is_read() {
    for (value, names) in [
        (json!(["a", "b"]), vec!["a", "b"]),
        (json!("one group"), vec!["one group"]),
        (json!("a,b c;d"), vec!["a,b c;d"]),
        (
            json!({"admin": {"1": "x"}, "viewer": {}}),
            vec!["admin", "viewer"],
        ),
        (json!(["b", "a", "b"]), vec!["b", "a"]),
        (json!(["Admins", "admins"]), vec!["Admins", "admins"]),
        (json!(["", " ", "a"]), vec!["a"]),
        (json!(["admins "]), vec!["admins "]),
    ] {
        assert_eq!(
            groups(value),
            (
                names.iter().map(|name| (*name).to_owned()).collect(),
                GroupsNote::Found
            )
        );
    }
}

#[test]
fn empty_absent_wrong_shape_and_overage_are_told_apart() {
    for empty in [json!([]), json!(null), json!(""), json!({}), json!([""])] {
        assert_eq!(groups(empty), (vec![], GroupsNote::Empty));
    }
    let absent = read(&[&claims(json!({"sub": "x"}))], "groups", "");
    assert_eq!(absent.note, GroupsNote::Absent);
    for wrong in [
        json!(7),
        json!(true),
        json!([{"name": "a"}]),
        json!(["a", 7]),
        json!([["a"]]),
        json!([null]),
    ] {
        let (names, note) = groups(wrong);
        assert!(
            names.is_empty() && matches!(note, GroupsNote::WrongShape(_)),
            "{note:?}"
        );
    }
    for overage in [
        json!({"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {}}}),
        json!({"hasgroups": true}),
        json!({"hasgroups": "true"}),
    ] {
        assert_eq!(
            read(&[&claims(overage)], "groups", "").note,
            GroupsNote::Overage
        );
    }
    for no_overage in [json!(false), json!("false"), json!(1), json!(null)] {
        let told = claims(json!({ "hasgroups": no_overage }));
        assert_eq!(read(&[&told], "groups", "").note, GroupsNote::Absent);
    }
    let other = claims(json!({"_claim_names": {"address": "src1"}}));
    assert_eq!(read(&[&other], "groups", "").note, GroupsNote::Absent);
    // An overage of groups means nothing for a missing roles claim.
    for groups in [
        json!({"_claim_names": {"groups": "src1"}}),
        json!({"hasgroups": true}),
    ] {
        assert_eq!(
            read(&[&claims(groups)], "roles", "").note,
            GroupsNote::Absent
        );
    }
    let steps = Reading {
        claim: ClaimPath::steps(vec!["groups".into(), "staff".into()]),
        ..Reading::default()
    };
    let overage = claims(json!({"_claim_names": {"groups": "src1"}}));
    assert_eq!(steps.read(&[&overage]).note, GroupsNote::Overage);
    let texts: HashSet<String> = [
        GroupsNote::Found,
        GroupsNote::Empty,
        GroupsNote::Absent,
        GroupsNote::WrongShape("a number".into()),
        GroupsNote::Overage,
        GroupsNote::Unverified,
    ]
    .iter()
    .map(|note| note.text("groups"))
    .collect();
    assert_eq!(texts.len(), 6);
}

#[test]
fn the_literal_key_is_looked_for_before_the_path() {
    let both = claims(json!({"a.b": ["literal"], "a": {"b": ["path"]}}));
    assert_eq!(read(&[&both], "a.b", "").names, ["literal"]);
    let path = claims(json!({"a": {"b": ["path"]}}));
    assert_eq!(read(&[&path], "a.b", "").names, ["path"]);
    for name in [
        "https://example.com/roles",
        "cognito:groups",
        "urn:zitadel:iam:org:project:roles",
    ] {
        let literal = claims(json!({ name: ["x"] }));
        assert_eq!(read(&[&literal], name, "").names, ["x"]);
    }
    let keycloak = claims(json!({"resource_access": {"my.client": {"roles": ["x"]}}}));
    assert_eq!(
        read(&[&keycloak], "resource_access.my.client.roles", "").names,
        ["x"]
    );
    let near = claims(json!({"realm_access": {"roles": ["x"]}, "group": ["y"]}));
    for missing in [
        "realm_access.role",
        "realm_access",
        "groups",
        "realm_access.roles.x",
        ".",
        "",
        "a..b",
    ] {
        let found = read(&[&near], missing, "");
        assert!(found.names != ["x"] && found.names != ["y"], "{missing}");
    }
}

#[test]
fn steps_are_keys_as_they_stand() {
    let steps = |steps: &[&str]| Reading {
        claim: ClaimPath::steps(steps.iter().map(|step| (*step).to_owned()).collect()),
        ..Reading::default()
    };
    let keycloak = claims(json!({
        "resource_access": {"my.client": {"roles": ["x"]}, "my": {"client": {"roles": ["y"]}}},
        "resource_access.my.client.roles": ["z"],
    }));
    let right = steps(&["resource_access", "my.client", "roles"]);
    assert_eq!(right.read(&[&keycloak]).names, ["x"]);
    assert_eq!(&*right.claim, "resource_access.my.client.roles");
    let literal = steps(&["resource_access.my.client.roles"]);
    assert_eq!(literal.read(&[&keycloak]).names, ["z"]);
    for wrong in [
        &["resource_access", "my.client"][..],
        &["my.client", "roles"],
        &["resource_access", "my.client", "roles", "x"],
        &[],
    ] {
        let names = steps(wrong).read(&[&keycloak]).names;
        assert!(!names.contains(&"x".to_owned()), "{wrong:?}: {names:?}");
    }
}

#[test]
fn one_text_is_split_only_where_it_was_said() {
    let split = |separator: Option<&str>, text: &str| {
        let reading = Reading {
            separator: separator.map(str::to_owned),
            ..Reading::default()
        };
        reading.read(&[&claims(json!({ "groups": text }))]).names
    };
    assert_eq!(split(None, "a; b"), ["a; b"]);
    assert_eq!(split(Some(";"), "a; b ;;a"), ["a", "b"]);
    assert_eq!(split(Some(" "), "a b  c"), ["a", "b", "c"]);
    assert_eq!(split(Some(", "), "a,b, c"), ["a,b", "c"]);
    let listed = Reading {
        separator: Some(",".into()),
        ..Reading::default()
    };
    let list = claims(json!({"groups": ["a,b"]}));
    assert_eq!(listed.read(&[&list]).names, ["a,b"], "a list is a list");
    let blank = listed.read(&[&claims(json!({"groups": " , "}))]);
    assert_eq!(blank.note, GroupsNote::Empty);
}

#[test]
fn objects_are_read_by_the_member_that_was_named() {
    let reading = Reading {
        object_field: Some("name".into()),
        ..Reading::default()
    };
    let read = |value: Value| reading.read(&[&claims(json!({ "groups": value }))]);
    let oracle = json!([{"id": "1", "name": "a", "$ref": "x"}, {"name": "b"}, "c"]);
    assert_eq!(read(oracle).names, ["a", "b", "c"]);
    assert_eq!(read(json!({"id": "1", "name": "a"})).names, ["a"]);
    for wrong in [
        json!([{"name": "a"}, {"id": "b"}]),
        json!([{"name": 7}]),
        json!({"admins": {}}),
    ] {
        let groups = read(wrong);
        assert!(groups.names.is_empty());
        assert!(
            matches!(groups.note, GroupsNote::WrongShape(shape) if shape.contains("groups_object_field"))
        );
    }
}

#[test]
fn the_first_source_with_the_claim_is_believed() {
    let token = claims(json!({"groups": []}));
    let userinfo = claims(json!({"groups": ["x"]}));
    let neither = claims(json!({}));
    assert_eq!(
        read(&[&token, &userinfo], "groups", "").note,
        GroupsNote::Empty
    );
    assert_eq!(read(&[&neither, &userinfo], "groups", "").names, ["x"]);
}

#[test]
fn a_prefix_is_cut_off_once() {
    let slashed = claims(json!({"groups": ["/admins", "//x", "plain", "admins", "/"]}));
    let found = read(&[&slashed], "groups", "/");
    assert_eq!(found.names, ["admins", "/x", "plain"]);
}

#[test]
fn no_more_groups_are_kept_than_the_cap() {
    let many: Vec<String> = (0..MAX_GROUPS + 5).map(|n| format!("g{n}")).collect();
    let found = read(&[&claims(json!({ "groups": many }))], "groups", "");
    assert_eq!((found.names.len(), found.cut), (MAX_GROUPS + 5, 5));
    // Groups that give a role are kept, wherever they are in the list.
    let mut names = found.names;
    keep(&mut names, |group| group == "g2004" || group == "g7");
    assert_eq!(names.len(), MAX_GROUPS);
    assert_eq!(names[..3], ["g7", "g2004", "g0"]);
    assert_eq!(names[MAX_GROUPS - 1], "g1998");
}

#[test]
fn json_in_a_text_numbers_and_separators_in_items_are_read_where_it_was_said() {
    let read = |reading: &Reading, value: Value| {
        let groups = reading.read(&[&claims(json!({ "groups": value }))]);
        (groups.names, groups.note)
    };
    let found = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        (names, GroupsNote::Found)
    };
    let as_json = Reading {
        is_json_text: true,
        ..Reading::default()
    };
    assert_eq!(read(&as_json, json!("[\"a\", \"b\"]")), found(&["a", "b"]));
    assert_eq!(read(&as_json, json!("\"a\"")), found(&["a"]));
    assert_eq!(read(&as_json, json!("{\"a\": {}}")), found(&["a"]));
    assert_eq!(
        read(&as_json, json!(["a"])),
        found(&["a"]),
        "a list is a list"
    );
    assert_eq!(read(&as_json, json!("[]")), (vec![], GroupsNote::Empty));
    for (wrong, shape) in [
        ("[\"a\"", "a text that is not JSON"),
        ("a", "a text that is not JSON"),
        ("[7]", "a list with numbers in it"),
    ] {
        let told = GroupsNote::WrongShape(shape.to_owned());
        assert_eq!(read(&as_json, json!(wrong)), (vec![], told));
    }
    let numbers = Reading {
        takes_numbers: true,
        object_field: Some("id".into()),
        ..Reading::default()
    };
    let ids = json!([1001, "a", {"id": 7}, 18_446_744_073_709_551_615_u64]);
    let names = ["1001", "a", "7", "18446744073709551615"];
    assert_eq!(read(&numbers, ids), found(&names));
    assert_eq!(read(&numbers, json!(7)), found(&["7"]));
    let split = Reading {
        separator: Some(",".into()),
        splits_items: true,
        ..Reading::default()
    };
    assert_eq!(read(&split, json!(["a, b", "c"])), found(&["a", "b", "c"]));
}

#[test]
fn a_mail_address_counts_only_where_the_provider_has_checked_it() {
    let unverified = GroupsNote::Unverified;
    for (token, userinfo, is_taken) in [
        (json!({"email": "a@b"}), json!({}), false),
        (
            json!({"email": "a@b", "email_verified": false}),
            json!({}),
            false,
        ),
        (
            json!({"email": "a@b", "email_verified": "false"}),
            json!({}),
            false,
        ),
        (
            json!({"email": "a@b", "email_verified": 1}),
            json!({}),
            false,
        ),
        (
            json!({"email": "a@b", "email_verified": true}),
            json!({}),
            true,
        ),
        (
            json!({"email": "a@b", "email_verified": "true"}),
            json!({}),
            true,
        ),
        (
            json!({"email": "a@b"}),
            json!({"email": "a@b", "email_verified": true}),
            true,
        ),
        (
            json!({"email": "a@b"}),
            json!({"email": "c@d", "email_verified": true}),
            false,
        ),
        (
            json!({"email": "a@b"}),
            json!({"email_verified": true}),
            false,
        ),
        (
            json!({"email": "a@b", "email_verified": true}),
            json!({"email": "a@b", "email_verified": false}),
            false,
        ),
    ] {
        let said = format!("{token} {userinfo}");
        let (token, userinfo) = (claims(token), claims(userinfo));
        let by_name = read(&[&token, &userinfo], "email", "");
        let by_steps = Reading {
            claim: ClaimPath::steps(vec!["email".into()]),
            ..Reading::default()
        };
        assert_eq!(by_steps.read(&[&token, &userinfo]), by_name, "{said}");
        if is_taken {
            assert_eq!(by_name.names, ["a@b"], "{said}")
        } else {
            assert_eq!(
                (by_name.names.len(), &by_name.note),
                (0, &unverified),
                "{said}"
            )
        }
    }
}

#[test]
fn a_note_survives_the_session() {
    for note in [
        GroupsNote::Found,
        GroupsNote::WrongShape("a number".into()),
        GroupsNote::Overage,
    ] {
        let text = serde_json::to_string(&note).unwrap();
        assert_eq!(serde_json::from_str::<GroupsNote>(&text).unwrap(), note);
    }
}

#[test]
fn f3_the_wrong_shape_is_told_by_its_name() {
    for (value, shape) in [
        (json!(7), "a number"),
        (json!(true), "true or false"),
        (json!([{"name": "a"}]), "a list of objects"),
        (json!([["a"]]), "a list of lists"),
        (json!(["a", 7]), "a list with numbers in it"),
        (
            json!([null]),
            "a list with something other than texts in it",
        ),
    ] {
        let told = GroupsNote::WrongShape(shape.to_owned());
        assert_eq!(groups(value), (vec![], told));
    }
}
