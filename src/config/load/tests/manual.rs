//! Tests that `docs/configuration.md` matches the code.

use super::*;

const MANUAL: &str = include_str!("../../../../docs/configuration.md");

#[test]
fn the_manuals_sample_is_true() {
    let sample = MANUAL
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let config = parse(sample).unwrap();
    assert_eq!(config.warnings, Vec::<String>::new());
    assert_eq!(config.roles["editor"].grants[0].hide, ["margin"]);
}

#[test]
fn the_manual_names_every_key() {
    let tables = [
        ("server", "SERVER"),
        ("database", "DATABASE"),
        ("oidc", "OIDC"),
        ("providers.p", ""),
        ("session", "SESSION"),
        ("limits", "LIMITS"),
        ("audit", "AUDIT"),
        ("break_glass", "BREAK_GLASS"),
        ("roles.r", "ROLES__NAME"),
        ("roles.r.grants", ""),
        ("resources.r", ""),
        ("resources.r.columns.c", ""),
        ("resources.r.actions", ""),
        ("resources.r.tabs", ""),
    ];
    for (table, variable) in tables {
        let is_list = ["grants", "actions", "tabs"];
        let unknown = if is_list.iter().any(|it| table.ends_with(it)) {
            format!("[[{table}]]\nqqqqqqqqqqqq = 1")
        } else {
            format!("[{table}]\nqqqqqqqqqqqq = 1")
        };
        let said = refused(&unknown);
        let known = said.split("known here: ").nth(1).expect(&said);
        for key in known
            .split(", ")
            .filter(|key| !["columns", "actions", "tabs"].contains(key))
        {
            assert!(MANUAL.contains(&format!("\n| `{key}` |")), "{table}.{key}");
            let variable = format!("`BAILIWICK__{variable}__{}`", key.to_uppercase());
            assert!(
                variable.contains("____") || MANUAL.contains(&variable),
                "{variable}"
            );
        }
    }
}
