//! The request of a notice, and the keys that verify it.

use super::*;

#[actix_web::test]
async fn j8_only_a_form_with_one_token_of_a_bounded_size_is_read() {
    let (rig, mut browser) = signed_in().await;
    let token = sign(&header(), &claims(&rig).to_string(), 0);
    let client = reqwest::Client::new();
    let url = format!("{}{PATH}", rig.base);
    let form = format!("logout_token={token}");
    let wrong = "form with exactly one logout_token";
    for (kind, body) in [
        ("application/json", form.clone()),
        ("text/plain", form.clone()),
        ("application/x-www-form-urlencodedx", form.clone()),
        ("multipart/form-data; boundary=x", form.clone()),
        ("application/x-www-form-urlencoded", String::new()),
        ("application/x-www-form-urlencoded", format!("x={token}")),
        (
            "application/x-www-form-urlencoded",
            format!("{form}&{form}"),
        ),
        (
            "application/x-www-form-urlencoded",
            format!("{form}&x={}", "x".repeat(64 * 1024)),
        ),
    ] {
        let request = client.post(&url).header("content-type", kind).body(body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 400, "{kind}");
        assert!(answer.text().await.unwrap().contains(wrong), "{kind}");
    }
    for text in ["", "x", "a.b.c", "....", &"x".repeat(60_000)] {
        let got = send(&rig, text).await;
        is_refused(&rig, &mut browser, &got, "cannot be checked").await;
    }
    let got = browser.get(PATH).await;
    assert_eq!((got.status, got.header("allow")), (405, Some("POST")));
    let twice = r#"{"iss":"a","iss":"b"}"#;
    let got = send(&rig, &sign(&header(), twice, 0)).await;
    is_refused(&rig, &mut browser, &got, "claims cannot be read").await;
    let kind = "Application/X-WWW-Form-Urlencoded; charset=UTF-8";
    let request = client.post(&url).header("content-type", kind).body(form);
    assert_eq!(request.send().await.unwrap().status().as_u16(), 200);
}

#[actix_web::test]
async fn j8_the_callers_cookies_are_neither_read_nor_written() {
    let (rig, mut browser) = signed_in().await;
    let claims = with(claims(&rig), "sid", json!("sid-of-nobody"));
    let token = sign(&header(), &claims.to_string(), 0);
    let before = browser.cookies.clone();
    rig.forward(TimeDelta::minutes(2));
    let claims = with(claims, "jti", json!("another"));
    let fresh = with(claims, "iat", json!(rig.op.set().now.timestamp()));
    for token in [token, sign(&header(), &fresh.to_string(), 0)] {
        let got = browser.post(PATH, &[("logout_token", &token)]).await;
        assert!(got.header("set-cookie").is_none());
    }
    assert_eq!(browser.cookies, before);
    // It does not count as use of the session either.
    let unused = "bailiwick_sessions WHERE last_seen_at = created_at";
    assert_eq!(rig.rows(unused).await, 1);
}

#[actix_web::test]
async fn j8_what_is_wrong_at_once_makes_nobody_fetch_keys() {
    let rig = Rig::start().await;
    rig.provider.metadata().await.unwrap();
    for (name, value) in [
        ("iss", json!("https://other")),
        ("aud", json!("other")),
        ("iat", json!(1)),
        ("events", json!({})),
        ("nonce", json!("n")),
        ("sid", json!(7)),
        ("jti", json!("")),
    ] {
        assert_eq!(
            tell(&rig, &with(claims(&rig), name, value)).await.status,
            400
        );
    }
    assert_eq!(rig.op.count("/jwks"), 0);
}

#[actix_web::test]
async fn j8_a_thousand_unknown_keys_cause_two_fetches() {
    let (rig, mut browser) = signed_in().await;
    let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let sender = Browser::new(&rig);
    for _ in 0..50 {
        let all = (0..20).map(|_| {
            // No key fits, so no signature is verified.
            let header = with(header(), "kid", json!("k-unknown"));
            let token = format!("{}.{}.AAAA", part(header), part(claims(&rig)));
            let mut sender = sender.clone();
            async move { sender.post(PATH, &[("logout_token", &token)]).await.status }
        });
        let all = futures_util::future::join_all(all).await;
        assert!(all.iter().all(|status| *status == 400));
    }
    assert_eq!(rig.op.count("/jwks"), 2);
    assert!(browser.is_signed_in().await);
}

#[actix_web::test]
async fn a_rotated_key_is_found() {
    let (rig, mut browser) = signed_in().await;
    rig.op.set().published = vec![(1, "k1")];
    let header = with(header(), "kid", json!("k1"));
    is_ok(&send(&rig, &sign(&header, &claims(&rig).to_string(), 1)).await);
    assert!(!browser.is_signed_in().await);
}

#[actix_web::test]
async fn without_the_providers_keys_the_sign_out_can_be_sent_again() {
    let (rig, mut browser) = signed_in().await;
    rig.forward(TimeDelta::minutes(20));
    browser.is_signed_in().await;
    let header = with(header(), "kid", json!("k1"));
    let token = sign(&header, &claims(&rig).to_string(), 1);
    rig.op.set().is_down = true;
    let got = send(&rig, &token).await;
    assert_eq!(
        (got.status, &got.json()["error"]),
        (400, &json!("server_error"))
    );
    assert!(browser.is_signed_in().await);
    rig.op.set().is_down = false;
    rig.op.set().published = vec![(1, "k1")];
    rig.forward(TimeDelta::seconds(61));
    is_ok(&send(&rig, &token).await);
    assert!(!browser.is_signed_in().await);
}
