//! What a step-up keeps, and who must have made it.

use super::*;
use crate::session::{Signed, columns};
use crate::store::session_columns::SessionColumns;
use crate::store::tables::bailiwick_sessions;

/// The content of the only session.
fn kept(whole: &Whole) -> Signed {
    let mut conn = SqliteConnection::establish(whole.file.to_str().unwrap()).unwrap();
    let all = bailiwick_sessions::table.select(SessionColumns::as_select());
    columns::signed(all.get_result(&mut conn).unwrap())
}

#[actix_web::test]
async fn i1_what_came_with_a_confirmation_takes_the_place_of_what_was_there() {
    let whole = Whole::start().await;
    whole.op.set().gives_refresh = true;
    let mut browser = whole.signed_in().await;
    let (before, id_token) = (kept(&whole), whole.op.set().last_id_token.clone());
    whole.forward(TimeDelta::minutes(1));
    let now = whole.op.set().now.timestamp();
    whole.op.set().claims = Box::new(move |claims| {
        claims.insert("groups".into(), json!(["admins", "more"]));
        claims.insert("auth_time".into(), now.into());
        claims.insert("acr".into(), "urn:mfa".into());
    });
    assert_eq!(whole.confirm(&mut browser, DELETE).await.status, 303);
    let after = kept(&whole);
    let sealed = |signed: &Signed| {
        let token = signed.refresh_token.as_ref();
        token.map(|token| token.as_text().to_owned())
    };
    assert!(sealed(&after).is_some());
    assert_ne!(sealed(&after), sealed(&before), "each is used once");
    assert_eq!(after.acr.as_deref(), Some("urn:mfa"));
    assert!(after.vouched_at > before.vouched_at);
    let known = r#"SELECT count(*) FROM bailiwick_people WHERE groups = '["admins","more"]'"#;
    assert_eq!(whole.number(known), 1);
    // The provider gets the session that it issued last.
    let form = [("csrf_token", after.csrf_token.as_str())];
    let gone = browser.post("/auth/logout", &form).await.leads_to();
    let newer = whole.op.set().last_id_token.clone();
    assert_ne!(newer, id_token);
    assert!(gone.contains(&newer), "{gone}");
}

#[actix_web::test]
async fn i1_without_a_new_refresh_token_the_old_one_is_not_used_any_more() {
    let whole = Whole::start().await;
    whole.op.set().gives_refresh = true;
    let mut browser = whole.signed_in().await;
    assert!(kept(&whole).refresh_token.is_some());
    whole.op.set().gives_refresh = false;
    whole.says(Some(0), Some("urn:mfa"));
    assert_eq!(whole.confirm(&mut browser, DELETE).await.status, 303);
    assert!(kept(&whole).refresh_token.is_none());
}

#[actix_web::test]
async fn i1_the_same_subject_at_another_provider_is_another_person() {
    let start = Utc.with_ymd_and_hms(2026, 11, 23, 9, 0, 0).unwrap();
    let partner = TestProvider::start(start);
    let whole = Whole::with(&format!(
        "{ROLES}\n[providers.partner]\nissuer = {:?}\nclient_id = {CLIENT:?}\n\
         client_secret = {SECRET:?}\n",
        partner.issuer()
    ))
    .await;
    let mut browser = Browser::at(&whole.base);
    let done = browser.sign_in("/auth/login?provider=oidc").await;
    assert_eq!(done.status, 303, "{}", done.body);
    let sent = browser.get(DELETE).await;
    whole.says(Some(0), Some("urn:mfa"));
    let callback = browser.get(&sent.location()).await.location();
    // Meanwhile, in another tab.
    let other = "/auth/login?provider=partner&prompt=login";
    assert_eq!(browser.sign_in(other).await.status, 303);
    let before = kept(&whole);
    assert_eq!(before.person.issuer, partner.issuer());
    let refused = browser.get(&callback).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert!(refused.body.contains("Somebody else"), "{}", refused.body);
    assert_eq!(kept(&whole).acr, before.acr);
}
