//! Sign-out at the provider.

use reqwest::{Method, StatusCode, header};

use super::{Browser, SIGNED_OUT, authorize, settings, start};

#[tokio::test]
async fn sign_out_with_a_hint_returns_to_the_client_at_once() {
    let provider = start(settings()).await;
    let mut browser = Browser::new(&provider);
    let back = browser.sign_in("alice", &[]).await;
    let token = browser.redeem(&back["code"]).await.json()["id_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let refused = format!(
        "/end_session?id_token_hint={token}&post_logout_redirect_uri=http://127.0.0.1:8080/else"
    );
    assert_eq!(browser.get(&refused).await.status, StatusCode::BAD_REQUEST);
    assert!(
        browser
            .get(&authorize(&[]))
            .await
            .query()
            .contains_key("code"),
        "a refused sign-out ends nothing"
    );

    let path = format!(
        "/end_session?id_token_hint={token}&post_logout_redirect_uri={SIGNED_OUT}&state=s1"
    );
    let answer = browser.get(&path).await;
    assert_eq!(answer.location().as_str(), format!("{SIGNED_OUT}?state=s1"));
    assert_eq!(browser.get(&authorize(&[])).await.status, StatusCode::OK);
}

#[tokio::test]
async fn sign_out_without_a_good_hint_asks_first() {
    let provider = start(settings()).await;
    let mut browser = Browser::new(&provider);
    let back = browser.sign_in("alice", &[]).await;
    let token = browser.redeem(&back["code"]).await.json()["id_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let (signed, _) = token.rsplit_once('.').unwrap();
    for hint in ["nonsense".to_owned(), format!("{signed}.AAAA")] {
        let path =
            format!("/end_session?id_token_hint={hint}&post_logout_redirect_uri={SIGNED_OUT}");
        let asked = browser.get(&path).await;
        assert_eq!(asked.status, StatusCode::OK);
        assert!(asked.body.contains("Sign out Alice Archer?"));
    }
    let path = format!("/end_session?client_id=panel&post_logout_redirect_uri={SIGNED_OUT}");
    let foreign = browser
        .send(
            Method::POST,
            &path,
            &[("Sec-Fetch-Site", "cross-site")],
            &[("confirm", "yes")],
        )
        .await;
    assert!(!foreign.headers.contains_key(header::LOCATION));
    let answer = browser
        .send(Method::POST, &path, &[], &[("confirm", "yes")])
        .await;
    assert_eq!(answer.location().as_str(), SIGNED_OUT);
    assert_eq!(browser.get(&authorize(&[])).await.status, StatusCode::OK);
}
