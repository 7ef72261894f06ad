//! Describes a browser from its User-Agent. It only helps people recognize their own: the header
//! may hold anything.

use crate::texts::text;

/// Names of browsers. One whose header also contains another's name comes before it.
const BROWSERS: [(&str, &str); 13] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Chromium/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

/// Names of operating systems, in the same order.
const SYSTEMS: [(&str, &str); 8] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// A description such as "Firefox on Linux".
pub fn in_words(agent: Option<&str>) -> String {
    let agent = agent.unwrap_or_default();
    let find = |names: &[(&str, &'static str)]| {
        let mut names = names.iter();
        names
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => text!("browser-on", browser = browser, system = system),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => text!("browser-other-on", system = system),
        (None, None) => text!("browser-other"),
    }
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn browsers_are_known_by_a_handful_of_words() {
        let gecko = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like \
                      Gecko) Chrome/140.0.0.0 Safari/537.36";
        let edge = format!("{chrome} Edg/140.0.0.0");
        let safari = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, \
                      like Gecko) Version/18.0 Safari/605.1.15";
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 \
                     (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1";
        let android = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like \
                       Gecko) Chrome/140.0.0.0 Mobile Safari/537.36";
        for (agent, words) in [
            (gecko, "Firefox on Linux"),
            (chrome, "Chrome on Windows"),
            (&edge, "Edge on Windows"),
            (safari, "Safari on macOS"),
            (phone, "Chrome on iPhone"),
            (android, "Chrome on Android"),
            ("curl/8.5.0", "curl"),
            ("Linux", "Another browser on Linux"),
            ("<script>", "Another browser"),
        ] {
            assert_eq!(in_words(Some(agent)), words, "{agent}");
        }
        assert_eq!(in_words(None), "Another browser");
    }
}
