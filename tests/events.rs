//! Names of audit events and keys of their details are defined in one place.
//!
//! Details are read and written as types, so the compiler checks most of this. Here the source is
//! searched for names and keys as literals elsewhere.

use bailiwick::catalog::audit::Action;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The place of the definitions.
const HOME: &str = "src/catalog/audit/event";

/// Words that are also a verb, a form field, a JSON key or a column. They do not indicate an event.
const COMMON: [&str; 41] = [
    "acr",
    "acr_values",
    "action",
    "also_changed",
    "also_deleted",
    "break-glass",
    "bulk",
    "claims",
    "columns",
    "complete",
    "confirm",
    "create",
    "delete",
    "denied",
    "export",
    "format",
    "from",
    "group",
    "groups",
    "groups_note",
    "issuer",
    "kind",
    "labels",
    "list-set-up",
    "max_age",
    "minutes",
    "missing",
    "name",
    "new",
    "provider",
    "query",
    "resource",
    "role",
    "row",
    "rows",
    "session",
    "subject",
    "to",
    "update",
    "view",
    "why",
];

/// The source of a file before its tests, without comments.
fn source(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if matches!(name.as_str(), "tests" | "testing" | "fuzz") || name.ends_with("_tests") {
            continue;
        }
        if path.is_dir() {
            files(&path, out)
        } else {
            out.push(path)
        }
    }
}

/// The detail keys: the fields of the types, with serde renames.
fn keys(root: &Path) -> BTreeSet<String> {
    let details = source(&root.join(HOME).join("details.rs"));
    let field = |line: &str| {
        let line = line.trim();
        let renamed = line
            .strip_prefix("#[serde(rename = \"")
            .and_then(|rest| rest.split_once('"'));
        let named = line.split_once(": ").map(|(name, _)| name);
        let named = named.map(|name| name.trim_start_matches("pub "));
        let name = renamed.map(|(name, _)| name).or(named)?;
        let is_name = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        (is_name && !name.is_empty()).then(|| name.to_owned())
    };
    details.lines().filter_map(field).collect()
}

#[test]
fn names_and_keys_of_events_stand_in_one_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut words = keys(root);
    assert!(words.contains("because_of") && words.contains("also_deleted"));
    words.extend(Action::ALL.iter().map(|action| action.name().to_owned()));
    let distinct = words.iter().filter(|word| !COMMON.contains(&word.as_str()));
    let mut all = Vec::new();
    files(&root.join("src"), &mut all);
    let mut found = Vec::new();
    for path in all.iter().filter(|path| !path.starts_with(root.join(HOME))) {
        if path == &root.join(HOME).with_extension("rs") {
            continue;
        }
        let source = source(path);
        for word in distinct.clone() {
            let quoted = format!("\"{word}\"");
            let is_text = |at: usize| source[..at].trim_end().ends_with("text!(");
            for (at, _) in source
                .match_indices(&quoted)
                .filter(|(at, _)| !is_text(*at))
            {
                let line = source[..at].lines().count();
                found.push(format!("{}: about line {line}: {quoted}", path.display()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
