#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use super::*;
use crate::config::{GroupRule, RoleConfig};
use serde_json::json;

/// One event of each kind and shape, with the details as stored.
pub(crate) fn all() -> Vec<(Event, Json)> {
    let proof = || Proof {
        what: "delete on orders".into(),
        max_age: Some(600),
        acr_values: Some(vec!["mfa".into()]),
        authenticated_at: Some("2026-11-23T09:00:00+00:00".into()),
        acr: None,
        outcome: Some("confirmed".into()),
    };
    let proof_json = || {
        json!({
            "for": "delete on orders", "max_age": 600, "acr_values": ["mfa"],
            "authenticated_at": "2026-11-23T09:00:00+00:00", "acr": null, "outcome": "confirmed",
        })
    };
    let refused = || Refused {
        kind: Some("token".into()),
        cause: Some("the ID token: expired".into()),
        session: None,
    };
    let refused_json = || {
        json!({
            "step": "refused", "kind": "token", "cause": "the ID token: expired", "session": null,
        })
    };
    let asked = || ExportAsked {
        format: "csv".into(),
        query: vec![("f.id".into(), "eq:1".into())],
        labels: Some("both".into()),
    };
    let view = |role: Option<&str>| SavedView {
        view: 4,
        name: "Open".into(),
        role: role.map(str::to_owned),
    };
    let side = |side| Some(Box::new(side));
    vec![
        (
            Event::SignIn(SignIn {
                groups: Some(2),
                groups_note: Some("found".into()),
                ..SignIn::default()
            }),
            json!({"groups": 2, "groups_note": "found", "provider": null}),
        ),
        (
            Event::SignInRefused(SignInRefused::Refused(refused())),
            refused_json(),
        ),
        (Event::SignOut(Nothing {}), json!({})),
        (Event::Confirm(proof()), proof_json()),
        (
            Event::EndSession(EndSession {
                issuer: Some("i".into()),
                subject: Some("s".into()),
                under_way: true,
            }),
            json!({"issuer": "i", "subject": "s", "under_way": true}),
        ),
        (
            Event::Recheck(Recheck {
                from: vec!["a".into()],
                to: Vec::new(),
                groups: Some(0),
                groups_note: Some("empty".into()),
            }),
            json!({"from": ["a"], "to": [], "groups": 0, "groups_note": "empty"}),
        ),
        (
            Event::Lapse(Lapse {
                why: "away".into(),
                session: "r".into(),
            }),
            json!({"why": "away", "session": "r"}),
        ),
        (
            DenialReason::missing("edit".into()).into(),
            json!({"missing": "edit"}),
        ),
        (
            DenialReason::no_role(Groups {
                groups_received: 0,
                groups_note: Some("empty".into()),
                provider: None,
            })
            .into(),
            json!({
                "missing": "a role", "groups_received": 0, "groups_note": "empty", "provider": null,
            }),
        ),
        (
            DenialReason::unconfirmed("delete".into()).into(),
            json!({"unconfirmed": "delete"}),
        ),
        (DenialReason::Proof(proof()).into(), proof_json()),
        (
            Event::Denied(Denied {
                why: None,
                more_before: Some(7),
            }),
            json!({"more_before": 7}),
        ),
        (
            Event::BreakGlass(EmergencyLink::Made {
                role: "admin".into(),
                minutes: 15,
            }),
            json!({"step": "made", "role": "admin", "minutes": 15}),
        ),
        (
            Event::BreakGlass(EmergencyLink::Used {
                role: "admin".into(),
                minutes: 15,
                session: "r".into(),
            }),
            json!({"step": "used", "role": "admin", "minutes": 15, "session": "r"}),
        ),
        (
            Event::BreakGlass(EmergencyLink::Refused(refused())),
            refused_json(),
        ),
        (Event::Create(RowChange::default()), json!({})),
        (
            Event::Update(RowChange {
                row: Some(Map::from_iter([("id".to_owned(), json!(1))])),
                bulk: Some(4),
                ..RowChange::default()
            }),
            json!({"row": {"id": 1}, "bulk": 4}),
        ),
        (
            Event::Delete(RowChange {
                because_of: Some(Cause {
                    action: Action::Delete.name().into(),
                    resource: "orders".into(),
                    row: Some("1".into()),
                }),
                also_deleted: [("items".to_owned(), 3)].into(),
                also_changed: [("logs".to_owned(), 1)].into(),
                ..RowChange::default()
            }),
            json!({
                "because_of": {"action": "delete", "resource": "orders", "row": "1"},
                "also_deleted": {"items": 3}, "also_changed": {"logs": 1},
            }),
        ),
        (
            Event::Bulk(Bulk::undoing(9, 2)),
            json!({"deed": "undo", "rows": 2, "undoes": 9}),
        ),
        (
            Event::Bulk(Bulk::saving(Some("1"), 2)),
            json!({"deed": "save", "rows": 2, "of": "1"}),
        ),
        (
            Event::ExportBegin(asked()),
            json!({"format": "csv", "query": [["f.id", "eq:1"]], "labels": "both"}),
        ),
        (
            Event::Export(Export {
                rows: 8200,
                complete: false,
                asked: asked(),
            }),
            json!({
                "rows": 8200, "complete": false,
                "format": "csv", "query": [["f.id", "eq:1"]], "labels": "both",
            }),
        ),
        (
            Event::Look(Look {
                seen: "groups a".into(),
                claims: Map::from_iter([("region".to_owned(), json!("emea"))]),
                as_groups: Some(LookGroups {
                    groups: vec!["a".into()],
                    groups_count: 1,
                    provider: None,
                }),
            }),
            json!({
                "as": "groups a", "claims": {"region": "emea"},
                "groups": ["a"], "groups_count": 1, "provider": null,
            }),
        ),
        (Event::LookEnd(Nothing {}), json!({})),
        (
            Event::RoleCreate(RoleChange {
                role: "r".into(),
                old: None,
                new: side(RoleSide::Role(RoleConfig {
                    label: Some("R".into()),
                    ..RoleConfig::default()
                })),
            }),
            json!({"role": "r", "new": {"label": "R"}}),
        ),
        (
            Event::RoleChange(RoleChange {
                role: "r".into(),
                old: None,
                new: side(RoleSide::of_group(Some(GroupRule::is("g")))),
            }),
            json!({"role": "r", "new": {"group": {"is": "g"}}}),
        ),
        (
            Event::RoleDelete(RoleChange {
                role: "r".into(),
                old: side(RoleSide::Unreadable {
                    unreadable: "no JSON".into(),
                    groups: vec![GroupRule::is("g")],
                }),
                new: None,
            }),
            json!({"role": "r", "old": {"unreadable": "no JSON", "groups": [{"is": "g"}]}}),
        ),
        (
            Event::ViewCreate(view(None)),
            json!({"view": 4, "name": "Open", "role": null}),
        ),
        (
            Event::ViewChange(view(Some("editor"))),
            json!({"view": 4, "name": "Open", "role": "editor"}),
        ),
        (
            Event::ViewDelete(view(None)),
            json!({"view": 4, "name": "Open", "role": null}),
        ),
        (
            Event::ListSetUp(ListSetUp::Start {
                starts_with: None,
                role: None,
            }),
            json!({"starts_with": null}),
        ),
        (
            Event::ListSetUp(ListSetUp::Start {
                starts_with: Some(4),
                role: Some("editor".into()),
            }),
            json!({"starts_with": 4, "role": "editor"}),
        ),
        (
            Event::ListSetUp(ListSetUp::Columns {
                columns: ListSetUp::OWN.into(),
            }),
            json!({"columns": "own"}),
        ),
        (
            Event::Prune(Prune {
                entries: 3,
                until: "2026-01-01 00:00:00".into(),
                kept_from: "2026-01-02 00:00:00".into(),
            }),
            json!({
                "entries": 3, "until": "2026-01-01 00:00:00", "kept_from": "2026-01-02 00:00:00",
            }),
        ),
    ]
}

#[test]
fn every_kind_is_stored_as_ever_and_comes_back() {
    let all = all();
    for action in Action::ALL {
        let is_there = all.iter().any(|(event, _)| event.action() == Some(*action));
        assert!(is_there, "{}", action.name());
        assert_eq!(Action::named(action.name()), Some(*action));
    }
    for (event, expected) in all {
        let details = event.details(&EventContext::default()).unwrap();
        let is_empty = expected.as_object().unwrap().is_empty();
        assert_eq!(
            details,
            (!is_empty).then(|| expected.to_string()),
            "{event:?}"
        );
        assert_eq!(Event::read(event.name(), details.as_deref()), event);
    }
}

#[test]
fn what_stands_beside_an_event_is_told_with_it_and_not_of_it() {
    let beside = EventContext {
        looking_as: Some("role viewer".into()),
        break_glass: Some("no provider".into()),
    };
    for (event, _) in all() {
        let details = event.details(&beside).unwrap();
        assert_eq!(EventContext::read(details.as_deref()), beside);
        assert_eq!(Event::read(event.name(), details.as_deref()), event);
    }
}

#[test]
fn what_earlier_versions_wrote_is_read() {
    let groups = |details: &str| match Event::read("sign-in", Some(details)) {
        Event::SignIn(sign_in) => sign_in.groups,
        other => panic!("{other:?}"),
    };
    assert_eq!(groups("{\"groups\": 1}"), Some(1));
    assert_eq!(groups("{}"), None);
    let cause = match Event::read("sign-in-refused", Some("{\"cause\": \"c\"}")) {
        Event::SignInRefused(refused) => Refused::from(refused).cause,
        other => panic!("{other:?}"),
    };
    assert_eq!(cause.as_deref(), Some("c"));
    assert_eq!(
        Event::read("update", None),
        Event::Update(RowChange::default())
    );
}

#[test]
fn what_is_not_known_is_plain() {
    for (action, details, keys) in [
        ("launch", Some("{\"at\": 1}"), 1),
        ("launch", Some("no JSON"), 0),
        ("sign-in", Some("{\"groups\": \"many\"}"), 1),
        ("break-glass", Some("{\"step\": \"melted\"}"), 1),
        ("bulk", Some("{\"rows\": -1}"), 1),
    ] {
        let event = Event::read(action, details);
        assert_eq!(event.name(), action);
        assert_eq!(event.action(), None);
        assert!(matches!(&event, Event::Unknown { details, .. } if details.len() == keys));
        assert!(!event.came_with_another() && event.bulk().is_none());
    }
}

#[test]
fn what_is_cut_by_its_key_stands_under_it() {
    let keys = |event: &Event| object(event.details(&EventContext::default()).unwrap().as_deref());
    let mut found = [false, false];
    for (event, _) in all() {
        found[0] |= keys(&event).contains_key(ROW);
        found[1] |= keys(&event).contains_key(QUERY);
    }
    assert_eq!(found, [true, true]);
}
