//! Warnings of `check`: settings that give more than they seem to, and settings that cannot work.

use super::rig::Rig;

const PEOPLE: &str = "
    INSERT INTO bailiwick_people (issuer, subject, name, first_seen_at, last_seen_at, groups, groups_note, claims) VALUES
        ('i', 'a', 'Ada', '2026-11-01 08:00:00', '2026-11-01 08:00:00', '[\"admins\", \"team-1\"]', 'found', '{\"region\": \"emea\"}'),
        ('i', 'b', 'Bob', '2026-11-01 08:00:00', '2026-11-01 08:00:00', '[\"editors\", \"team-2\"]', 'found', '{\"region\": \"apac\"}'),
        ('i', 'c', 'Cem', '2026-11-01 08:00:00', '2026-11-01 08:00:00', '[\"team-3\"]', 'found', '{}');";

/// A replacement that causes a warning, the words of the warning, and a replacement that cures it.
struct Case {
    from: &'static str,
    to: &'static str,
    says: &'static [&'static str],
    mend: (&'static str, &'static str),
}

const ROWS: &str = "rows = [\"region=eq:{claim.region}\"]";

const CASES: [Case; 11] = [
    Case {
        from: "[roles.editor]\n",
        to: "[roles.staff]\ngroups = [\"editors\"]\n[[roles.staff.grants]]\non = [\"customers\"]\nmay = [\"view\"]\n[roles.editor]\n",
        says: &[
            "roles.editor.grants[1]: does not limit anybody on customers",
            "has roles.staff.grants[1] too, which gives all rows",
            "limit roles.staff.grants[1]",
        ],
        mend: (
            "groups = [\"editors\"]\n[[roles.staff",
            "groups = [\"team-9\"]\n[[roles.staff",
        ),
    },
    Case {
        from: "hide = [\"margin\"]\n",
        to: "hide = [\"margin\"]\n[[roles.editor.grants]]\non = [\"orders\"]\nmay = [\"view\"]\n",
        says: &[
            "roles.editor.grants[2]: does not limit anybody on orders",
            "roles.editor.grants[3] too, which gives the hidden columns (margin)",
        ],
        mend: (
            "may = [\"view\"]\n",
            "may = [\"view\"]\nhide = [\"margin\"]\n",
        ),
    },
    Case {
        from: ROWS,
        to: "rows = []",
        says: &[
            "roles.editor.grants[1].rows: is empty, so the grant covers every row",
            "remove rows",
        ],
        mend: ("rows = []", ""),
    },
    Case {
        from: "groups = [\"editors\"]",
        to: "groups = [{ glob = \"team-*\" }]",
        says: &[
            "roles.editor.groups[1]: \u{201c}glob team-*\u{201d} matches all 3 people",
            "name the groups",
        ],
        mend: ("team-*", "team-1*"),
    },
    Case {
        from: "[roles.admin]\n",
        to: "[session]\nabsolute = \"30d\"\n[roles.admin]\n",
        says: &[
            "session.absolute: 30d is longer than a week",
            "lower session.absolute",
        ],
        mend: ("30d", "7d"),
    },
    Case {
        from: "[roles.admin]\n",
        to: "[session]\nrecheck = \"8d\"\n[roles.admin]\n",
        says: &[
            "session.recheck: 8d is longer than a week",
            "lower session.recheck",
        ],
        mend: ("8d", "5m"),
    },
    Case {
        from: "may = [\"view\", \"edit\"]\n",
        to: "may = [\"view\", \"create\"]\nread_only = [\"name\"]\n",
        says: &[
            "roles.editor.grants[1]: gives create on customers, but name must be given",
            "take name out of hide and read_only",
        ],
        mend: ("read_only = [\"name\"]\n", ""),
    },
    Case {
        from: "may = [\"view\", \"edit\"]\n",
        to: "may = [\"view\", \"edit\"]\nread_only = [\"name\", \"region\"]\n",
        says: &[
            "roles.editor.grants[1]: gives edit on customers, but no column of it can be edited",
            "take columns out",
        ],
        mend: ("\"name\", \"region\"", "\"name\""),
    },
    Case {
        from: "on = [\"orders\"]\nmay = [\"view\"]\n",
        to: "on = [\"orders\", \"totals\"]\nmay = [\"view\", \"delete\"]\n",
        says: &[
            "gives delete on totals, which can only be read: it is a view",
            "take these verbs out",
        ],
        mend: (", \"totals\"", ""),
    },
    Case {
        from: ROWS,
        to: "rows = [\"region=eq:{claim.regoin}\"]",
        says: &[
            "roles.editor.grants[1].rows: needs the claim regoin, which none of the 3 known people has",
            "write {claim.region}, which came",
        ],
        mend: ("regoin", "region"),
    },
    Case {
        from: "may = [\"view\", \"edit\"]\n",
        to: "may = [\"view\", \"edit\"]\nstep_up = { edit = { acr = [\"a\"] } }\n[[roles.editor.grants]]\non = [\"customers\"]\nmay = [\"view\", \"edit\"]\nstep_up = { edit = { acr = [\"b\"] } }\n",
        says: &[
            "roles.editor.grants[1].step_up.edit: and roles.editor.grants[2].step_up.edit demand sign-in levels (acr) that exclude each other",
            "write the same levels",
        ],
        mend: ("acr = [\"b\"]", "acr = [\"a\", \"b\"]"),
    },
];

fn warnings(out: &str) -> Vec<&str> {
    out.lines()
        .filter(|line| line.starts_with("warn  "))
        .collect()
}

#[actix_web::test]
async fn each_is_told_with_its_place_and_the_remedy_mends_it() {
    let rig = Rig::new();
    let provider = rig.provider().await;
    let right = rig.config(provider.issuer());
    rig.write("bailiwick.toml", &right);
    rig.run("migrate").await.well();
    rig.execute(PEOPLE);
    let before = rig.check(&right).await.well();
    for case in &CASES {
        assert!(right.contains(case.from), "{}", case.from);
        let wrong = right.replacen(case.from, case.to, 1);
        let ran = rig.check(&wrong).await;
        let found = warnings(&ran.out);
        let told = found.iter().find(|line| line.contains(case.says[0]));
        let told = told.unwrap_or_else(|| panic!("{:?} is not in\n{}", case.says[0], ran.out));
        for text in case.says {
            assert!(told.contains(text), "{text:?} is not in {told}");
        }
        assert!(told.contains("bailiwick.toml:"), "no place: {told}");
        assert!(wrong.contains(case.mend.0), "{}", case.mend.0);
        let mended = wrong.replacen(case.mend.0, case.mend.1, 1);
        let ran = rig.check(&mended).await;
        assert!(!ran.out.contains(case.says[0]), "still told: {}", ran.out);
    }
    // There are no such warnings for a correct configuration.
    let odd = [
        "limit",
        "empty",
        "takes all",
        "week",
        "must be given",
        "read:",
        "claim",
        "exclude",
    ];
    for line in warnings(&before.out) {
        assert!(!odd.iter().any(|word| line.contains(word)), "{line}");
    }
    provider.stop().await;
}

#[actix_web::test]
async fn what_only_looks_like_a_placeholder_stops_the_start() {
    let rig = Rig::new();
    let provider = rig.provider().await;
    let right = rig.config(provider.issuer());
    for wrong in [
        "region=ne:{claims.region}",
        "region=ne:${region}",
        "region=in:emea,{ claim.region }",
    ] {
        let config = right.replace("region=eq:{claim.region}", wrong);
        let ran = rig.check(&config).await;
        ran.only_failure(&[
            "roles.editor.grants[1].rows",
            "is no placeholder",
            "Write {claim.NAME}",
        ]);
        let ran = rig.run("serve").await;
        assert!(
            ran.code == 1 && ran.err.contains("is no placeholder"),
            "{}",
            ran.err
        );
    }
    provider.stop().await;
}

#[actix_web::test]
async fn a_public_url_that_is_probably_not_meant_is_told() {
    let rig = Rig::new();
    let provider = rig.provider().await;
    let right = rig.config(provider.issuer());
    let url = format!("public_url = \"{}\"", rig.root());
    let with = |to: String| right.replace(&url, &format!("public_url = \"{to}\""));
    let ran = rig.check(&with(format!("{}/admin", rig.root()))).await;
    assert!(
        ran.out
            .contains("server.public_url ends with the mount /admin, so the panel is at"),
        "{}",
        ran.out
    );
    let ran = rig.check(&with("http://127.0.0.1:1".into())).await;
    assert!(
        ran.out
            .contains("names port 1 of this machine, and the panel listens on"),
        "{}",
        ran.out
    );
    let ran = rig.check(&right).await.well();
    assert!(
        !ran.out.contains("ends with the mount") && !ran.out.contains("of this machine, and"),
        "{}",
        ran.out
    );
    provider.stop().await;
}

#[actix_web::test]
async fn the_doctor_names_the_likeliest_causes_with_what_to_do() {
    let rig = Rig::new();
    let provider = rig.provider().await;
    rig.write("bailiwick.toml", &rig.config(provider.issuer()));
    let ran = rig.run("doctor").await.well();
    assert!(ran.out.contains("sign-ins: none failed"), "{}", ran.out);
    rig.run("migrate").await.well();
    rig.execute(
        "INSERT INTO bailiwick_audit (at, actor_issuer, actor_subject, actor_name, roles, action, request_id, details) VALUES
            (datetime('now'), 'i', '', 'Nobody', '', 'sign-in-refused', 'AAAA-0001', '{\"kind\": \"no cookie\", \"cause\": \"without the sign-in cookie\"}'),
            (datetime('now'), 'i', '', 'Nobody', '', 'sign-in-refused', 'AAAA-0002', '{\"kind\": \"no cookie\", \"cause\": \"without the sign-in cookie\"}'),
            (datetime('now'), 'i', 's', 'Dave Novak', '', 'sign-in', 'AAAA-0003', NULL),
            (datetime('now', '-30 days'), 'i', 'o', 'Old', '', 'sign-in', 'AAAA-0004', NULL),
            (datetime('now'), 'i', 'a', 'Ada', 'admin', 'sign-in', 'AAAA-0005', NULL)",
    );
    let ran = rig.run("doctor").await.well();
    let causes = ran
        .out
        .split("these are the likeliest causes:")
        .nth(1)
        .unwrap();
    for text in [
        "1. sign-ins: 2 sign-ins were refused: without the sign-in cookie; the last at",
        "To do: tell people to start at",
        "2. sign-ins: 1 sign-in was turned away, as nothing gave them a role: Dave Novak;",
        "bailiwick explain --reference AAAA-0003",
    ] {
        assert!(causes.contains(text), "{text:?} is not in\n{causes}");
    }
    assert!(
        !ran.out.contains("Old") && !causes.contains("Ada"),
        "{}",
        ran.out
    );
    let wrong = rig
        .read("bailiwick.toml")
        .replace("client_id = \"panel\"", "client_id = \"\"");
    rig.write("bailiwick.toml", &wrong);
    let ran = rig.run("doctor --json").await;
    assert_eq!(ran.code, 1);
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let first = &json["causes"][0];
    assert_eq!(first["outcome"], "fail", "{json}");
    assert!(
        first["text"]
            .as_str()
            .unwrap()
            .contains("oidc.client_id: is empty"),
        "{json}"
    );
    provider.stop().await;
}

#[actix_web::test]
async fn a_reference_off_a_page_tells_its_story() {
    let rig = Rig::new();
    rig.write("bailiwick.toml", &rig.config("https://id.example.com"));
    rig.run("migrate").await.well();
    rig.execute(
        "INSERT INTO bailiwick_audit (at, actor_issuer, actor_subject, actor_name, roles, action, request_id, details)
         VALUES ('2026-11-20 09:30:00', 'https://id.example.com', '', 'Nobody', '', 'sign-in-refused', 'AB12-CD34-EF56',
             '{\"kind\": \"token\", \"cause\": \"the ID token: expired\", \"session\": null}')",
    );
    let ran = rig.run("explain --reference ab12-cd34-ef56").await.well();
    for text in [
        "2026-11-20 09:30:00 UTC  sign-in-refused",
        "cause: the ID token: expired",
        "by Nobody of https://id.example.com",
    ] {
        assert!(ran.out.contains(text), "{text:?} is not in {}", ran.out);
    }
    assert!(!ran.out.contains("session"), "{}", ran.out);
    let ran = rig.run("explain --reference 0000-0000-0000").await;
    assert_eq!(ran.code, 1);
    assert!(
        ran.err
            .contains("the audit log has no entry for 0000-0000-0000"),
        "{}",
        ran.err
    );
}
