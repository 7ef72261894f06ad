//! `bailiwick break-glass`, beside a running panel whose provider is down.

use super::rig::{Rig, free_address};
use std::process::Stdio;
use std::time::{Duration, Instant};

const ON: &str = "[break_glass]\nenabled = true\n";
const MAKE: &str = "break-glass --config bailiwick.toml --role admin --reason=provider-gone";

fn config(rig: &Rig, more: &str) -> String {
    let issuer = format!("http://{}", free_address());
    format!("{}{more}", rig.config(&issuer))
}

#[tokio::test]
async fn it_refuses_with_the_line_to_write_where_it_is_off() {
    let rig = Rig::new();
    rig.write("bailiwick.toml", &config(&rig, ""));
    let ran = rig.run(MAKE).await;
    assert_eq!(ran.code, 1, "{}", ran.all());
    assert!(
        ran.err.contains("[break_glass]\nenabled = true"),
        "{}",
        ran.err
    );
    assert_eq!(ran.out, "");
}

#[tokio::test]
async fn it_refuses_an_unknown_role_and_an_empty_reason() {
    let rig = Rig::new();
    rig.write("bailiwick.toml", &config(&rig, ON));
    rig.run("migrate --config bailiwick.toml").await.well();
    for (line, words) in [
        ("break-glass --role amdin --reason=x", "admin"),
        ("break-glass --role admin --reason=", "the reason must have"),
    ] {
        let ran = rig.run(line).await;
        assert_eq!(ran.code, 1, "{}", ran.all());
        assert!(ran.err.contains(words), "{}", ran.err);
    }
    let ran = rig
        .run("break-glass --role admin --reason=x --minutes 481")
        .await;
    assert_eq!(ran.code, 2, "{}", ran.all());
}

#[tokio::test]
async fn without_the_panels_tables_it_says_what_makes_them() {
    let rig = Rig::new();
    rig.write("bailiwick.toml", &config(&rig, ON));
    let ran = rig.run(MAKE).await;
    assert_eq!(ran.code, 1, "{}", ran.all());
    assert!(ran.err.contains("bailiwick migrate"), "{}", ran.err);
}

#[tokio::test]
async fn its_link_lets_somebody_in_once_and_both_are_audited() {
    let rig = Rig::new();
    rig.write("bailiwick.toml", &config(&rig, ON));
    let mut server = rig
        .command("serve --config bailiwick.toml")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let ready = format!("{}/readyz", rig.root());
    let start = Instant::now();
    while http.get(&ready).send().await.is_err() {
        assert!(start.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let ran = rig.run(&format!("{MAKE} --minutes 5")).await.well();
    let link = ran.out.trim().to_owned();
    let root = format!("{}/auth/break-glass", rig.root());
    let token = link.strip_prefix(&format!("{root}?token=")).unwrap();
    assert!(token.len() >= 43, "{link}");
    assert!(ran.err.contains("for 5 minutes"), "{}", ran.err);
    let page = http.get(&link).send().await.unwrap();
    assert_eq!(page.status().as_u16(), 200);
    let enter = || http.post(&root).form(&[("token", token)]).send();
    let entered = enter().await.unwrap();
    assert_eq!(entered.status().as_u16(), 303);
    let cookies = entered.headers().get_all("set-cookie").iter();
    let cookies: Vec<&str> = cookies
        .filter_map(|cookie| cookie.to_str().unwrap().split(';').next())
        .collect();
    let home = http
        .get(format!("{}/admin/", rig.root()))
        .header("cookie", cookies.join("; "))
        .send();
    let home = home.await.unwrap();
    assert_eq!(home.status().as_u16(), 200);
    let home = home.text().await.unwrap();
    assert!(home.contains("5 minutes left") && home.contains("provider-gone"));
    assert_eq!(enter().await.unwrap().status().as_u16(), 400);
    server.kill().unwrap();
    server.wait().unwrap();
    let conn = &mut rig.execute("SELECT 1");
    for step in ["made", "used", "refused"] {
        assert_eq!(count(conn, step), 1, "{step}");
    }
}

fn count(conn: &mut diesel::SqliteConnection, step: &str) -> i64 {
    use diesel::prelude::*;
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let sql = format!(
        "SELECT count(*) AS n FROM bailiwick_audit WHERE action = 'break-glass'
         AND details LIKE '%\"{step}\"%'"
    );
    diesel::sql_query(sql).get_result::<Count>(conn).unwrap().n
}
