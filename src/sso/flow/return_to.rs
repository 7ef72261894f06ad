//! Where to go after sign-in: a path of the panel, or else its home.
//!
//! The rule lists what is allowed, not what is forbidden: printable ASCII, under the mount, no dot
//! segments.

/// The maximum length of a return path, in bytes.
const MAX_LEN: usize = 2_048;

/// The requested return path, if it is a path under `mount` (such as `/prefix/admin`); otherwise
/// the panel's home.
pub fn filter(asked: Option<&str>, mount: &str) -> String {
    match asked {
        Some(path) if is_local(path, mount) => path.to_owned(),
        _ => home(mount),
    }
}

/// The panel's home.
pub fn home(mount: &str) -> String {
    format!("{}/", mount.trim_end_matches('/'))
}

fn is_local(target: &str, mount: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default();
    target.len() <= MAX_LEN
        && target.bytes().all(is_plain)
        && is_under(path, mount.trim_end_matches('/'))
        && !path.contains("//")
        && !path.split('/').any(is_dots)
}

/// Whether it is printable ASCII that browsers neither strip nor treat as a slash.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'#' | b'"' | b'<' | b'>' | b'`')
}

fn is_under(path: &str, mount: &str) -> bool {
    match path.strip_prefix(mount) {
        Some(rest) => rest.starts_with('/') || (rest.is_empty() && !mount.is_empty()),
        None => false,
    }
}

/// Whether browsers treat a segment as `.` or `..`, which may be written with `%2e`.
fn is_dots(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".."
}

#[cfg(test)]
mod tests {
    use super::{MAX_LEN, filter};

    #[test]
    fn a_path_under_the_mount_is_kept() {
        for good in [
            "/admin",
            "/admin/",
            "/admin/data/orders?sort=-placed_at&f.status=eq:open",
            "/admin/data/order_items/row/1,2/edit",
            "/admin/data/settings/row/a%2Fb",
            "/admin/data/x?q=http://example.com/../y",
        ] {
            assert_eq!(filter(Some(good), "/admin"), good);
        }
        assert_eq!(filter(Some("/p/admin/me"), "/p/admin"), "/p/admin/me");
        assert_eq!(filter(Some("/me"), "/"), "/me");
        let longest = format!("/admin/{}", "a".repeat(MAX_LEN - 7));
        assert_eq!(filter(Some(&longest), "/admin"), longest);
        assert_eq!(filter(Some(&format!("{longest}a")), "/admin"), "/admin/");
    }

    #[test]
    fn anything_else_goes_home() {
        let long = format!("/admin/{}", "a".repeat(3_000));
        for bad in [
            "",
            "admin",
            "//evil.example",
            "//evil.example/admin/",
            "/\\evil.example",
            "\\\\evil.example",
            "\\/evil.example",
            "https:evil.example",
            "https://evil.example/admin/",
            "https:/evil.example",
            "http:///evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "%09//evil.example",
            "\t//evil.example",
            "/\t/evil.example",
            "/admin/\r\nSet-Cookie: a=b",
            "/admin/\u{0}",
            "/admin/ x",
            "/%2f%2fevil.example",
            "/%5cevil.example",
            "//user:pass@evil.example",
            "/admin@evil.example",
            "/admin.evil.example",
            "/administrator",
            "/admin//evil.example",
            "/admin/../auth/logout",
            "/admin/%2e%2e/auth/logout",
            "/admin/.%2E/auth/logout",
            "/admin/..",
            "/admin/./x",
            "/admin\\..\\x",
            "/admin/\\evil",
            "/admin/#/evil",
            "/\u{ff0f}evil.example",
            "/admin/\u{2025}/x",
            "\u{3002}evil.example",
            "/auth/login",
            "/auth/login?return_to=/auth/login",
            "/auth/callback?code=x",
            "/auth/logout",
            "/",
            "/healthz",
            &long,
        ] {
            assert_eq!(filter(Some(bad), "/admin"), "/admin/", "{bad:?}");
        }
        assert_eq!(filter(None, "/admin"), "/admin/");
        assert_eq!(filter(Some("//evil.example"), ""), "/");
        for nowhere in ["", "?x", "?//evil.example"] {
            assert_eq!(filter(Some(nowhere), ""), "/", "{nowhere:?}");
        }
        assert_eq!(filter(Some("//evil.example"), "/"), "/");
        assert_eq!(filter(Some("/admin/x"), "/p/admin"), "/p/admin/");
    }
}
