//! The rooms of the source and the arrows between them, as in `docs/architecture.md`.
//!
//! The paths in every source file are read (`use` lines and `crate::` paths). An upward arrow or a
//! cycle is an error that names the file. Tests may use everything and are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, from top to bottom. A room may use those below it.
const ROOMS: [&str; 20] = [
    "lib", "cli", "check", "server", "app", "demo", "panel", "entry", "sso", "session", "web",
    "data", "store", "access", "catalog", "config", "clock", "secret", "suggest", "texts",
];
/// Rooms that must not be used although they are below: sign-in does not touch managed tables.
const NOT_EVEN_BELOW: [(&str, &str); 2] = [("sso", "data"), ("session", "data")];
/// Crates that these rooms must not use: no HTTP, or neither HTTP nor SQL.
const FREE_OF: [(&str, &[&str]); 5] = [
    ("config", &["actix_web", "diesel"]),
    ("catalog", &["actix_web", "diesel"]),
    ("access", &["actix_web", "diesel"]),
    ("store", &["actix_web"]),
    ("data", &["actix_web"]),
];

type Name = Vec<String>;

/// A source file: its module, and the paths in it, from the root of the crate.
struct Source {
    file: PathBuf,
    module: Name,
    names: BTreeSet<Name>,
    externals: BTreeSet<String>,
    reexports: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Sign(char),
}

/// The words and symbols of a file, without comments, strings and characters.
fn tokens(text: &str) -> Vec<Token> {
    let letters: Vec<char> = text.chars().collect();
    let at = |index: usize| letters.get(index).copied().unwrap_or('\0');
    let (mut out, mut i) = (Vec::new(), 0);
    while i < letters.len() {
        let letter = at(i);
        if letter == '/' && at(i + 1) == '/' {
            while i < letters.len() && at(i) != '\n' {
                i += 1;
            }
        } else if letter == '/' && at(i + 1) == '*' {
            while i < letters.len() && !(at(i) == '*' && at(i + 1) == '/') {
                i += 1;
            }
            i += 2;
        } else if letter == 'r'
            && (at(i + 1) == '"' || (at(i + 1) == '#' && "#\"".contains(at(i + 2))))
        {
            let hashes = letters[i + 1..].iter().take_while(|c| **c == '#').count();
            let end: Vec<char> = std::iter::once('"')
                .chain(std::iter::repeat_n('#', hashes))
                .collect();
            i += hashes + 2;
            while i < letters.len() && !letters[i..].starts_with(&end) {
                i += 1;
            }
            i += end.len();
        } else if letter == '"' {
            i += 1;
            while i < letters.len() && at(i) != '"' {
                i += if at(i) == '\\' { 2 } else { 1 };
            }
            i += 1;
        } else if letter == '\'' && (at(i + 1) == '\\' || at(i + 2) == '\'') {
            i += if at(i + 1) == '\\' { 3 } else { 2 };
            while i < letters.len() && at(i) != '\'' {
                i += 1;
            }
            i += 1;
        } else if letter.is_alphanumeric() || letter == '_' {
            let start = i;
            while at(i).is_alphanumeric() || at(i) == '_' {
                i += 1;
            }
            out.push(Token::Word(letters[start..i].iter().collect()));
        } else {
            if !letter.is_whitespace() {
                out.push(Token::Sign(letter));
            }
            i += 1;
        }
    }
    out
}

/// The end of a block or statement that begins at `start`: after its `;` or braces.
fn end_of_item(tokens: &[Token], start: usize) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(start) {
        match token {
            Token::Sign('{') => depth += 1,
            Token::Sign('}') if depth == 1 => return index + 1,
            Token::Sign('}') => depth = depth.saturating_sub(1),
            Token::Sign(';') if depth == 0 => return index + 1,
            _ => {}
        }
    }
    tokens.len()
}

/// The tokens without items that are compiled only for tests.
fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let is_test = |at: usize| {
        if tokens[at] != Token::Sign('#') {
            return false;
        }
        let words: String = tokens[at..]
            .iter()
            .take(5)
            .map(|token| match token {
                Token::Word(word) => word.clone(),
                Token::Sign(sign) => sign.to_string(),
            })
            .collect();
        words == "#[cfg(test"
    };
    let (mut out, mut index) = (Vec::new(), 0);
    while index < tokens.len() {
        if is_test(index) {
            index = end_of_item(tokens, index);
        } else {
            out.push(tokens[index].clone());
            index += 1;
        }
    }
    out
}

/// The paths of a `use` tree, each ending with the imported name.
fn tree(tokens: &[Token], at: &mut usize, before: &[String], out: &mut Vec<Name>) {
    let mut path = before.to_vec();
    while let Some(token) = tokens.get(*at) {
        match token {
            Token::Word(word) if word == "as" => *at += 2,
            Token::Word(word) => {
                path.push(word.clone());
                *at += 1;
            }
            Token::Sign('*') => {
                path.push("*".into());
                *at += 1;
            }
            Token::Sign('{') => {
                *at += 1;
                loop {
                    tree(tokens, at, &path, out);
                    match tokens.get(*at) {
                        Some(Token::Sign(',')) => *at += 1,
                        _ => break,
                    }
                }
                *at += 1;
                return;
            }
            Token::Sign(',' | '}' | ';') => break,
            Token::Sign(_) => *at += 1,
        }
    }
    if path.len() > before.len() {
        if path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        out.push(path);
    }
}

/// A path from the root of the crate, if it belongs to this crate.
fn resolved(path: &[String], module: &[String], children: &BTreeSet<String>) -> Option<Name> {
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" | "bailiwick" => Some(rest.to_vec()),
        "self" => Some([module, rest].concat()),
        "super" => {
            let (_, above) = module.split_last()?;
            match rest.first() {
                Some(word) if word == "super" => resolved(rest, above, &BTreeSet::new()),
                _ => Some([above, rest].concat()),
            }
        }
        child if children.contains(child) => Some([module, path].concat()),
        _ => None,
    }
}

fn read(file: &Path, module: Name) -> Source {
    let all = without_tests(&tokens(&fs::read_to_string(file).unwrap()));
    let word = |index: usize| match all.get(index) {
        Some(Token::Word(word)) => word.as_str(),
        _ => "",
    };
    let is_joint = |index: usize| {
        all.get(index) == Some(&Token::Sign(':')) && all.get(index + 1) == Some(&Token::Sign(':'))
    };
    let children: BTreeSet<String> = (0..all.len())
        .filter(|index| word(*index) == "mod" && all.get(index + 2) == Some(&Token::Sign(';')))
        .map(|index| word(index + 1).to_owned())
        .collect();
    let (mut names, mut externals) = (BTreeSet::new(), BTreeSet::new());
    let mut reexports = BTreeMap::new();
    let mut index = 0;
    while index < all.len() {
        let mut found = Vec::new();
        let is_use = word(index) == "use";
        let is_public = is_use
            && index > 0
            && all[..index]
                .iter()
                .rev()
                .take(4)
                .any(|t| *t == Token::Word("pub".into()));
        if is_use {
            index += 1;
            tree(&all, &mut index, &[], &mut found);
        } else if !word(index).is_empty()
            && is_joint(index + 1)
            && (index < 2 || !is_joint(index - 2))
        {
            let mut path = vec![word(index).to_owned()];
            while is_joint(index + 1) && !word(index + 3).is_empty() {
                index += 3;
                path.push(word(index).to_owned());
            }
            found.push(path);
            index += 1;
        } else {
            index += 1;
        }
        for path in found {
            externals.insert(path[0].clone());
            let Some(name) = resolved(&path, &module, &children) else {
                continue;
            };
            if is_public && let [_, child, .., last] = name.as_slice() {
                reexports.insert(last.clone(), child.clone());
            }
            names.insert(name);
        }
    }
    let file = file.to_owned();
    Source {
        file,
        module,
        names,
        externals,
        reexports,
    }
}

/// Every source file except tests.
fn sources() -> Vec<Source> {
    fn walk(folder: &Path, module: &[String], out: &mut Vec<Source>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let is_test = matches!(name.as_str(), "tests" | "testing" | "fuzz" | "main")
                || name.ends_with("_tests");
            let module = [module, std::slice::from_ref(&name)].concat();
            if path.is_dir() && !is_test {
                walk(&path, &module, out);
            } else if path.extension().is_some_and(|kind| kind == "rs") && !is_test {
                out.push(read(&path, module));
            }
        }
    }
    let mut out = Vec::new();
    walk(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &[],
        &mut out,
    );
    out
}

/// A cycle in a graph, if there is one: each member has an arrow to the next.
fn circle(graph: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn visit(
        node: &str,
        graph: &BTreeMap<String, BTreeSet<String>>,
        way: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> Option<Vec<String>> {
        if let Some(start) = way.iter().position(|one| one == node) {
            return Some(way[start..].to_vec());
        }
        if !done.insert(node.to_owned()) {
            return None;
        }
        way.push(node.to_owned());
        let next = graph.get(node).into_iter().flatten();
        let found = next.into_iter().find_map(|to| visit(to, graph, way, done));
        way.pop();
        found
    }
    let mut done = BTreeSet::new();
    graph
        .keys()
        .find_map(|node| visit(node, graph, &mut Vec::new(), &mut done))
}

/// The arrows between the direct parts of each room. A re-export in the room's own file belongs to
/// the part it comes from. The room's own items belong to no part.
fn inside(sources: &[Source]) -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let mut parts: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for source in sources {
        if let [room, part, ..] = source.module.as_slice() {
            parts.entry(room).or_default().insert(part);
        }
    }
    let roots: BTreeMap<&str, &Source> = sources
        .iter()
        .filter(|source| source.module.len() == 1)
        .map(|source| (source.module[0].as_str(), source))
        .collect();
    let mut out: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for source in sources {
        let [room, part, ..] = source.module.as_slice() else {
            continue;
        };
        for name in &source.names {
            let [to, item, ..] = name.as_slice() else {
                continue;
            };
            let reexport = roots
                .get(room.as_str())
                .and_then(|root| root.reexports.get(item));
            let target = if parts[room.as_str()].contains(item.as_str()) {
                Some(item)
            } else {
                reexport
            };
            if let Some(target) = target.filter(|target| to == room && *target != part) {
                let arrows = out.entry(room.clone()).or_default();
                arrows
                    .entry(part.clone())
                    .or_default()
                    .insert(target.clone());
            }
        }
    }
    out
}

#[test]
fn arrows_between_rooms_run_down() {
    let place = |room: &str| ROOMS.iter().position(|one| *one == room);
    let mut wrong = Vec::new();
    for source in sources() {
        let (room, file) = (&source.module[0], source.file.display());
        let Some(from) = place(room) else {
            wrong.push(format!("{file}: the room {room:?} has no place in ROOMS"));
            continue;
        };
        for to in source.names.iter().filter_map(|name| name.first()) {
            // Names in the crate's root belong to no room.
            let Some(at) = place(to) else { continue };
            let is_barred = NOT_EVEN_BELOW.contains(&(room.as_str(), to.as_str()));
            if at < from || is_barred {
                wrong.push(format!("{file}: {room} must not use {to}"));
            }
        }
        for (_, barred) in FREE_OF.iter().filter(|(free, _)| free == room) {
            for name in barred
                .iter()
                .filter(|name| source.externals.contains(**name))
            {
                wrong.push(format!("{file}: {room} must not know {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn there_is_no_circle_inside_a_room() {
    let mut wrong = Vec::new();
    for (room, graph) in inside(&sources()) {
        if let Some(circle) = circle(&graph) {
            wrong.push(format!("{room}: {} -> {}", circle.join(" -> "), circle[0]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_way_to_name_a_room_is_read() {
    let dir = std::env::temp_dir().join(format!("bailiwick-rooms-{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    let file = dir.join("sample.rs");
    fs::write(
        &file,
        r##"
        //! Not crate::comment::X.
        mod child;
        pub use child::Kept;
        use crate::{one::A, two::{self, B as C}, three::*};
        use super::super::four::D;
        fn f<'a>(x: &'a str) -> char {
            let _ = (crate::five::g(), "crate::text::X", r#"crate::raw::"X"#, super::near::h());
            child::go();
            ':'
        }
        #[cfg(test)]
        mod tests { use crate::tested::X; }
        fn last() { bailiwick::six::f() }
        "##,
    )
    .unwrap();
    let source = read(&file, ["room", "part", "sample"].map(String::from).to_vec());
    fs::remove_dir_all(&dir).unwrap();
    let names: Vec<String> = source.names.iter().map(|name| name.join("::")).collect();
    assert_eq!(
        names,
        [
            "five::g",
            "one::A",
            "room::four::D",
            "room::part::near::h",
            "room::part::sample::child::Kept",
            "room::part::sample::child::go",
            "six::f",
            "three::*",
            "two",
            "two::B",
        ]
    );
}

#[test]
fn a_circle_is_found() {
    let graph = |arrows: &[(&str, &str)]| {
        let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in arrows {
            graph
                .entry((*from).to_owned())
                .or_default()
                .insert((*to).to_owned());
        }
        circle(&graph)
    };
    assert_eq!(graph(&[("a", "b"), ("b", "c"), ("a", "c")]), None);
    let found = graph(&[("z", "a"), ("a", "b"), ("b", "c"), ("c", "a")]).unwrap();
    assert_eq!(found, ["a", "b", "c"]);
}
