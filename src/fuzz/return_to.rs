//! The return path after sign-in: always a page of the panel, as browsers parse it.

use super::{holds, text};
use crate::sso::flow::return_to::{filter, home};
use arbtest::arbitrary::{Result, Unstructured};
use url::Url;

const PIECES: [&str; 36] = [
    "/",
    "/",
    "/",
    "/",
    "..",
    "..",
    "..",
    "\\",
    "\\",
    "\\",
    ".",
    "%2e",
    "%2E%2e",
    "//",
    "/admin",
    "/admin/",
    "/p/admin",
    "/auth/login",
    "auth/logout",
    "callback",
    "data",
    "%2f",
    "%5C",
    "?",
    "?return_to=",
    "#",
    "@",
    ":",
    "https:",
    "javascript:",
    "//evil.example",
    ";",
    "&",
    "=",
    "row/a%2Fb",
    "%09",
];

/// Path steps.
const STEPS: [&str; 6] = ["/", "/", "..", "\\", "%2e", "a"];

fn asked(u: &mut Unstructured<'_>, mount: &str) -> Result<String> {
    if u.ratio(1, 3)? {
        return text(u, &PIECES, 8);
    }
    let mut asked = mount.to_owned();
    if u.ratio(1, 2)? {
        asked.push_str(&text(u, &PIECES, 8)?);
        return Ok(asked);
    }
    asked.push('/');
    for _ in 0..u.int_in_range(1..=6)? {
        asked.push_str(u.choose(&STEPS)?);
    }
    Ok(asked)
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
        // It is exactly the requested path, or the panel's home.
        assert!(
            way == asked || way == home(mount),
            "{asked:?} became {way:?}"
        );
        assert!(way.bytes().all(|byte| byte.is_ascii_graphic()), "{way:?}");
        // The target in a browser at the callback (https://url.spec.whatwg.org).
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
        // Servers that decode percent-encoding first see the same path.
        let undone = path.to_ascii_lowercase().replace("%2e", ".");
        assert!(
            undone.split('/').all(|step| step != "." && step != ".."),
            "{way:?} goes to {undone:?}"
        );
        // An accepted path is accepted again: it is stored, and read again.
        assert_eq!(filter(Some(&way), mount), way);
        Ok(())
    });
    assert!(kept > 20, "only {kept} of the inputs passed");
}
