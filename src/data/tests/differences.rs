//! Differences between databases use exhaustive matches. So a new backend does not compile until
//! each place handles it.

use regex_lite::Regex;
use std::path::{Path, PathBuf};

const BACKEND: &str = r"\b(AnyConnection|Target|DatabaseTarget|Self)::(Sqlite|Postgres|Mysql)\b";

/// The product's source files, without tests and without the demo, which always uses SQLite.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_left_out = name.ends_with("tests") || name.ends_with("tests.rs") || name == "demo";
        match (is_left_out, path.is_dir()) {
            (true, _) => {}
            (false, true) => sources(&path, found),
            (false, false) => found.push(path),
        }
    }
}

/// Code that handles one backend and treats all others alike.
fn picked_out(code: &str) -> Vec<String> {
    let one = format!(r"matches!\([^;{{]*{BACKEND}|\blet\s[^=;{{]*{BACKEND}");
    let one = Regex::new(&one).unwrap();
    let mut found: Vec<String> = one
        .find_iter(code)
        .map(|found| found.as_str().to_owned())
        .collect();
    let arm = Regex::new(&format!(r"^ *(\| )?{BACKEND}.*(=>|\|)")).unwrap();
    let lines: Vec<&str> = code.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    for (number, line) in lines
        .iter()
        .enumerate()
        .filter(|(_, line)| arm.is_match(line))
    {
        let depth = indent(line);
        let siblings = lines[number..]
            .iter()
            .take_while(|line| line.trim().is_empty() || indent(line) >= depth);
        let mut siblings = siblings.filter(|line| indent(line) == depth);
        if siblings.any(|line| line.trim_start().starts_with("_ =>")) {
            found.push((*line).to_owned());
        }
    }
    found
}

#[test]
fn no_place_lumps_databases_together() {
    let mut files = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut files,
    );
    assert!(files.len() > 100, "{}", files.len());
    for file in files {
        let code = std::fs::read_to_string(&file).unwrap();
        assert_eq!(
            picked_out(&code),
            Vec::<String>::new(),
            "{}",
            file.display()
        );
    }
}

#[test]
fn what_lumps_databases_together_is_seen() {
    for code in [
        "let first = matches!(conn, AnyConnection::Sqlite(_));",
        "    if let Self::Postgres(_) = self {",
        "let Target::Sqlite(path) = target else {",
        "    match target {\n        Target::Sqlite(path) => {\n            x\n        }\n        _ => 1,\n    }",
    ] {
        assert_eq!(picked_out(code).len(), 1, "{code}");
    }
    for code in [
        "let target = Target::Sqlite(path);",
        "    match conn {\n        AnyConnection::Sqlite(_) => match x {\n            _ => 1,\n        },\n    }",
    ] {
        assert_eq!(picked_out(code), Vec::<String>::new(), "{code}");
    }
}
