//! Stores the version and commit of the build, for `bailiwick --version`.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=BAILIWICK_COMMIT");
    println!("cargo:rerun-if-changed=build.rs");
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let version = match commit() {
        Some(commit) => format!("{version} ({commit})"),
        None => version,
    };
    println!("cargo:rustc-env=BAILIWICK_VERSION={version}");
}

/// The commit: as set by a packager, or as git reports it. Development builds do not ask git,
/// because each commit would cause a full rebuild.
fn commit() -> Option<String> {
    if let Ok(commit) = std::env::var("BAILIWICK_COMMIT") {
        return Some(commit).filter(|commit| !commit.is_empty());
    }
    if std::env::var("PROFILE").as_deref() != Ok("release") {
        return None;
    }
    for name in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", name]) {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    // A crate unpacked inside another repository does not belong to that repository's commit.
    git(&["ls-files", "--error-unmatch", "build.rs"])?;
    git(&["rev-parse", "--short=12", "HEAD"])
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
