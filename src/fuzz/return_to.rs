//! The way back after sign-in: always a page of the panel, as a browser reads it.

use super::{holds, text};
use crate::sso::return_to::{filter, home};
use arbtest::arbitrary::{Result, Unstructured};
use url::Url;

const PIECES: [&str; 40] = [
    "/",
    "/",
    "//",
    "\\",
    "/admin",
    "/admin/",
    "/p/admin",
    "/auth",
    "auth/login",
    "/auth/logout",
    "login",
    "callback",
    "data",
    "orders",
    ".",
    "..",
    "/../",
    "/./",
    "%2e",
    "%2E%2e",
    ".%2e",
    "%2f",
    "%5C",
    "?",
    "?return_to=",
    "#",
    "@",
    ":",
    "https:",
    "http://",
    "javascript:",
    "evil.example",
    "127.0.0.1",
    ";",
    "&",
    "=",
    "~",
    "row/a%2Fb",
    "//evil.example",
    "%09",
];

fn asked(u: &mut Unstructured<'_>, mount: &str) -> Result<String> {
    let rest = text(u, &PIECES, 8)?;
    Ok(match u.ratio(2, 3)? {
        true => format!("{mount}{rest}"),
        false => rest,
    })
}

#[test]
fn the_way_back_is_always_a_page_of_the_panel() {
    let mut kept = 0;
    holds(|u| {
        let (root, mount) =
            *u.choose(&[("", "/admin"), ("/p", "/p/admin"), ("/a/b", "/a/b/c.d")])?;
        let asked = asked(u, mount)?;
        let way = filter(Some(&asked), mount);
        kept += usize::from(way != home(mount));
        // It is what was asked for, to the byte, or the panel's home.
        assert!(
            way == asked || way == home(mount),
            "{asked:?} became {way:?}"
        );
        assert!(way.bytes().all(|byte| byte.is_ascii_graphic()), "{way:?}");
        // Where a browser at the callback goes by it (https://url.spec.whatwg.org).
        let callback = Url::parse(&format!("https://panel.example{root}/auth/callback")).unwrap();
        let there = callback.join(&way).unwrap();
        assert_eq!(there.origin(), callback.origin(), "{way:?} leaves");
        let path = there.path();
        assert!(
            path == mount || path.starts_with(&format!("{mount}/")),
            "{way:?} goes to {path:?}"
        );
        assert!(
            !path.starts_with(&format!("{root}/auth")),
            "{way:?} goes to {path:?}"
        );
        // Servers that undo percent-encoding before they look at a path see no other.
        let undone = path.to_ascii_lowercase().replace("%2e", ".");
        assert!(
            undone.split('/').all(|step| step != "." && step != ".."),
            "{way:?} goes to {undone:?}"
        );
        // What passed once passes again: it is kept, and read again.
        assert_eq!(filter(Some(&way), mount), way);
        Ok(())
    });
    assert!(kept > 20, "only {kept} of the inputs passed");
}
