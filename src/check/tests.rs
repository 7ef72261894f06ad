use super::*;
use crate::config::{KeyPath, Place, Step};

fn fault(steps: &[Step]) -> Fault {
    Fault {
        place: Place::Unknown,
        key: KeyPath(steps.into()),
        message: "is empty".into(),
    }
}

#[test]
fn a_finding_is_one_line_with_its_remedy() {
    let mut report = Report::default();
    report.ok("file", "read");
    report.fail("database", "no\n  answer", "start it");
    assert_eq!(
        report.to_string(),
        "ok    file: read\nfail  database: no answer  \u{2014} start it\n"
    );
    assert!(report.has_failed());
    assert_eq!(report.count(Outcome::Warn), 0);
}

#[test]
fn a_fault_stops_only_what_it_touches() {
    let key = |text: &str| Step::Key(text.to_owned());
    let secret = fault(&[key("oidc"), key("client_secret")]);
    assert!(is_below(&secret, "oidc", None));
    assert!(!is_below(&secret, "oidc", Some("issuer")));
    assert!(!is_below(&secret, "database", None));
    let group = fault(&[key("roles"), key("a"), key("groups"), Step::Index(0)]);
    assert!(is_below(&group, "roles", None) && !is_below(&group, "oidc", None));
    let other = fault(&[key("providers"), key("partner"), key("issuer")]);
    assert!(is_below(&other, "providers.partner", Some("issuer")));
    assert!(!is_below(&other, "providers.partner", Some("proxy")));
    assert!(!is_below(&other, "providers.part", None) && !is_below(&other, "oidc", None));
}
