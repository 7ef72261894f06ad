//! Requests every route registered in the source, including future ones. Without rights, only the
//! responses in the allow list are permitted.

use crate::support::{Client, TestApp};
use regex_lite::Regex;
use reqwest::Method;
use reqwest::header::ACCEPT;
use std::path::Path;

/// The routes without a session: path, and the allowed statuses of GET and POST without one.
const ALLOWED: [(&str, &[u16], &[u16]); 17] = [
    ("", &[302, 303], &[404, 405]),
    ("/", &[302, 303], &[404, 405]),
    ("/healthz", &[200], &[405]),
    ("/readyz", &[200], &[405]),
    ("/metrics", &[200], &[405]),
    ("/admin/healthz", &[200], &[405]),
    ("/admin/readyz", &[200], &[405]),
    ("/admin/metrics", &[200], &[405]),
    ("/admin/static/{name}", &[404], &[405]),
    ("/auth/login", &[303], &[303, 400, 405]),
    ("/auth/callback", &[400], &[400, 405]),
    ("/auth/callback/{provider}", &[400], &[400]),
    ("/auth/over", &[400], &[405]),
    ("/auth/backchannel-logout", &[405], &[400]),
    ("/auth/logout", &[405], &[303]),
    ("/auth/signed-out", &[200], &[405]),
    ("/auth/break-glass", &[404], &[404]),
];

/// Values for the parts of a path.
const PARTS: [(&str, &str); 6] = [
    ("{resource}", "orders"),
    ("{key}", "1"),
    ("{column}", "notes"),
    ("{format}", "csv"),
    ("{name}", "nothing"),
    ("{tail:.*}", "x"),
];

fn sources(folder: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true if path.ends_with("tests") => {}
                true => folders.push(path),
                false => found.push(std::fs::read_to_string(path).unwrap()),
            }
        }
    }
    let file = root.join(format!("{folder}.rs"));
    found.push(std::fs::read_to_string(file).unwrap());
    found
}

/// The paths in calls of these functions.
fn registered(folder: &str, calls: &str) -> Vec<String> {
    let pattern = Regex::new(&format!(
        r#"\b(?:{calls})\(\s*\[?"([^"]*)"(?:,\s*"([^"]*)")?"#
    ))
    .unwrap();
    let mut paths: Vec<String> = sources(folder)
        .iter()
        .flat_map(|text| {
            let paths = pattern.captures_iter(text);
            let paths = paths.flat_map(|found| [found.get(1), found.get(2)]);
            let paths = paths.flatten().map(|path| path.as_str().to_owned());
            paths.collect::<Vec<_>>()
        })
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

fn filled(path: &str) -> String {
    let mut path = path.to_owned();
    for (part, value) in PARTS {
        path = path.replace(part, value);
    }
    let other = Regex::new(r"\{[^}]*\}").unwrap();
    other.replace_all(&path, "1").into_owned()
}

async fn status(client: &Client, method: &str, path: &str, accept: &str) -> u16 {
    let method: Method = method.parse().unwrap();
    let request = client.request(method, path).header(ACCEPT, accept);
    client.send(request).await.status
}

#[tokio::test]
async fn every_route_of_the_panel_is_behind_the_guard() {
    let app = TestApp::shared().await;
    let (stranger, dave) = (app.stranger(), app.sign_in("dave").await);
    let paths = registered("panel", "page|form_page|action_page|web::resource|resource");
    assert!(paths.len() >= 13, "{paths:?}");
    for path in paths {
        let path = format!("/admin{}", filled(&path));
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            for (accept, wanted) in [("text/html", 303), ("application/json", 401)] {
                let wanted = match (method, wanted) {
                    ("GET" | "HEAD", 303) => 302,
                    _ => wanted,
                };
                let told = status(&stranger, method, &path, accept).await;
                assert_eq!(told, wanted, "a stranger: {method} {path}");
                let told = status(&dave, method, &path, accept).await;
                assert_eq!(told, 403, "no role: {method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn every_other_route_is_on_the_allow_list() {
    let app = TestApp::shared().await;
    let stranger = app.stranger();
    let mut paths = registered("app", "route|web::resource");
    let below_mount = registered("app", "below");
    paths.extend(below_mount.iter().map(|path| format!("/admin{path}")));
    paths.extend(
        registered("sso", "route|web::resource")
            .into_iter()
            .map(|path| {
                if path.starts_with("/auth/") {
                    path
                } else {
                    format!("/auth{path}")
                }
            }),
    );
    for path in &paths {
        assert_eq!(
            path.starts_with("/auth/"),
            bailiwick::sso::has(path),
            "{path}: an application that embeds the panel gets its addresses from sso::has"
        );
        assert!(
            ALLOWED.iter().any(|(known, ..)| known == path),
            "{path} is on no list: say here what strangers get"
        );
    }
    for (path, get, post) in ALLOWED {
        assert!(paths.iter().any(|known| known == path), "{path} is gone");
        let path = filled(path);
        for method in ["GET", "HEAD"] {
            let told = status(&stranger, method, &path, "text/html").await;
            assert!(get.contains(&told), "{method} {path}: {told}");
        }
        let told = status(&stranger, "POST", &path, "text/html").await;
        assert!(told == 404 || post.contains(&told), "POST {path}: {told}");
        for method in ["PUT", "PATCH", "DELETE", "OPTIONS"] {
            let told = status(&stranger, method, &path, "text/html").await;
            assert!(matches!(told, 404 | 405), "{method} {path}: {told}");
        }
    }
}
