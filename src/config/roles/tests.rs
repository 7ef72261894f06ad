#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use crate::config::Config;

fn roles(text: &str) -> Result<Vec<String>, String> {
    let text = format!("[database]\nurl = \"data.db\"\n{text}");
    Config::parse(&text, "test.toml", std::iter::empty())
        .map(|config| config.warnings)
        .map_err(|error| error.to_string())
}

fn role(groups: &str, grants: &str) -> Result<Vec<String>, String> {
    roles(&format!("[roles.r]\ngroups = {groups}\ngrants = {grants}"))
}

const VIEW: &str = r#"[{ on = ["orders"], may = ["view"] }]"#;

#[test]
fn no_group_stands_for_everyone() {
    for groups in ["[\"*\"]", "[\"a\", \"*\"]"] {
        let said = role(groups, VIEW).unwrap_err();
        assert!(said.contains("no role can be given to everyone"), "{said}");
    }
    for groups in ["[\"\"]", "[\"  \"]"] {
        assert!(
            role(groups, VIEW)
                .unwrap_err()
                .contains("roles.r.groups[1]: is empty")
        );
    }
    assert_eq!(role("[\"a\", \"a\"]", VIEW), Ok(vec![]));
}

#[test]
fn a_group_that_looks_like_a_pattern_is_warned_of() {
    for (group, word) in [("team-*", "no pattern"), (" a", "blank")] {
        let warnings = role(&format!("[\"{group}\"]"), VIEW).unwrap();
        assert!(
            warnings.len() == 1 && warnings[0].contains(word),
            "{warnings:?}"
        );
    }
}

#[test]
fn a_grant_names_resources_and_known_verbs() {
    let said = role("[\"a\"]", r#"[{ on = [], may = ["view"] }]"#).unwrap_err();
    assert!(said.contains("roles.r.grants[1].on: is empty"), "{said}");
    let said = role("[\"a\"]", r#"[{ on = [""], may = ["view"] }]"#).unwrap_err();
    assert!(said.contains("roles.r.grants[1].on[1]: is empty"), "{said}");
    let said = role("[\"a\"]", r#"[{ on = ["x"], may = [] }]"#).unwrap_err();
    assert!(
        said.contains("roles.r.grants[1].may: is empty: list view"),
        "{said}"
    );
    let said = role("[\"a\"]", r#"[{ on = ["x"], may = ["view", "delte"] }]"#).unwrap_err();
    assert_eq!(
        said,
        "test.toml:5:40: roles.r.grants[1].may[2]: “delte” is not a verb; did you mean “delete”?"
    );
    for verb in ["*", "action:", "View", "read"] {
        let said = role(
            "[\"a\"]",
            &format!("[{{ on = [\"x\"], may = [\"{verb}\"] }}]"),
        )
        .unwrap_err();
        assert!(said.contains("is not a verb"), "{said}");
    }
    let all = r#"["view", "create", "edit", "delete", "export", "import", "history"]"#;
    assert_eq!(
        role("[\"a\"]", &format!("[{{ on = [\"x\"], may = {all} }}]")),
        Ok(vec![])
    );
}

#[test]
fn an_action_is_granted_where_it_is_configured() {
    let granted = |on: &str, verb: &str| {
        roles(&format!(
            "[[resources.x.actions]]\nname = \"ship\"\nset = {{ a = 1 }}\n[roles.r]\n\
             groups = [\"a\"]\ngrants = [{{ on = [\"{on}\"], may = [\"view\", \"{verb}\"] }}]"
        ))
    };
    assert_eq!(granted("x", "action:ship"), Ok(vec![]));
    assert_eq!(granted("*", "action:ship"), Ok(vec![]));
    let said = granted("x", "action:shp").unwrap_err();
    assert!(
        said.contains("roles.r.grants[1].may[2]: there is no action"),
        "{said}"
    );
    assert!(
        said.contains("did you mean \u{201c}action:ship\u{201d}?"),
        "{said}"
    );
    let said = granted("y", "action:ship").unwrap_err();
    assert!(
        said.contains("there is no action \u{201c}ship\u{201d}"),
        "{said}"
    );
}

#[test]
fn a_verb_without_view_is_warned_of() {
    let warned = |grants: &str| role("[\"a\"]", grants).unwrap();
    let warnings =
        warned(r#"[{ on = ["x", "y"], may = ["edit"] }, { on = ["y"], may = ["view"] }]"#);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].starts_with("test.toml:5:19: roles.r.grants[1].on[1]: "),
        "{warnings:?}"
    );
    assert_eq!(
        warned(r#"[{ on = ["x"], may = ["edit"] }, { on = ["*"], may = ["view"] }]"#).len(),
        0
    );
    assert_eq!(
        warned(r#"[{ on = ["*"], may = ["edit"] }, { on = ["x"], may = ["view"] }]"#).len(),
        1
    );
}

#[test]
fn roles_that_cannot_matter_are_warned_of() {
    assert!(roles("").unwrap()[0].contains("nobody will be let in"));
    assert!(role("[]", VIEW).unwrap()[0].contains("no group has this role"));
    assert!(role("[\"a\"]", "[]").unwrap()[0].contains("gives nothing"));
}

#[test]
fn what_may_be_managed_is_one_of_few_words() {
    let managing = |what: &str| roles(&format!("[roles.r]\ngroups = [\"a\"]\nmanage = {what}"));
    // A role without grants has an effect too, if it manages something.
    assert_eq!(managing("[\"roles\", \"sessions\"]"), Ok(vec![]));
    for wrong in ["[\"role\"]", "[\"Roles\"]", "[1]"] {
        let said = managing(wrong).unwrap_err();
        assert!(
            said.contains("roles.r.manage[1]: must be one of roles, sessions"),
            "{said}"
        );
    }
}
