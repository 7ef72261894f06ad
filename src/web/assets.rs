//! The style sheet, the script and the icon. They are embedded and have a hash in their names, so
//! that browsers cache them forever.

use crate::texts::text;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// An embedded file.
struct Asset {
    stem: &'static str,
    extension: &'static str,
    media_type: &'static str,
    content: &'static str,
}

const ASSETS: [Asset; 3] = [
    Asset {
        stem: "panel",
        extension: "css",
        media_type: "text/css; charset=utf-8",
        content: include_str!("../../static/panel.css"),
    },
    Asset {
        stem: "panel",
        extension: "js",
        media_type: "text/javascript; charset=utf-8",
        content: include_str!("../../static/panel.js"),
    },
    Asset {
        stem: "icon",
        extension: "svg",
        media_type: "image/svg+xml",
        content: include_str!("../../static/icon.svg"),
    },
];

static NAMES: LazyLock<Vec<(String, &'static Asset)>> = LazyLock::new(|| {
    ASSETS
        .iter()
        .map(|asset| {
            let hash = Sha256::digest(asset.content);
            let hash: String = hash
                .iter()
                .take(8)
                .map(|byte| format!("{byte:02x}"))
                .collect();
            (format!("{}.{hash}.{}", asset.stem, asset.extension), asset)
        })
        .collect()
});

/// The path of an asset below the mount, from its plain name (`panel.css`).
pub fn path(mount: &str, name: &str) -> String {
    let found = NAMES
        .iter()
        .find(|(_, asset)| format!("{}.{}", asset.stem, asset.extension) == name);
    match found {
        Some((hashed, _)) => format!("{mount}/static/{hashed}"),
        None => format!("{mount}/static/{name}"),
    }
}

/// GET {mount}/static/{name}
pub async fn serve(name: web::Path<String>) -> HttpResponse {
    match NAMES.iter().find(|(hashed, _)| *hashed == *name) {
        Some((_, asset)) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, asset.media_type))
            .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
            .body(asset.content),
        None => HttpResponse::NotFound()
            .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
            .body(format!("{}\n", text!("no-such-file"))),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    /// Declaring a name twice is a syntax error that stops the whole script.
    #[test]
    fn nothing_of_the_script_is_declared_twice() {
        let script = include_str!("../../static/panel.js");
        let declared = script.lines().filter_map(|line| {
            let line = line.strip_prefix("async ").unwrap_or(line);
            let rest = ["function ", "const ", "let ", "class "]
                .iter()
                .find_map(|word| line.strip_prefix(word))?;
            rest.split(|c: char| !c.is_alphanumeric() && c != '$' && c != '_')
                .next()
                .filter(|name| !name.is_empty())
        });
        let mut seen = BTreeSet::new();
        let twice: Vec<&str> = declared.filter(|name| !seen.insert(*name)).collect();
        assert!(twice.is_empty(), "{twice:?}");
        assert!(seen.contains("signInAgain"));
    }
}
