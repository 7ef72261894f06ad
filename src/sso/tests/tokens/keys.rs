//! Algorithms, and the keys that may sign a token.

use super::*;

#[test]
fn e3_only_algorithms_that_are_accepted_are_accepted() {
    let body = BASE64_URL_SAFE_NO_PAD.encode(claims().to_string());
    let head =
        |alg: Value| BASE64_URL_SAFE_NO_PAD.encode(json!({"alg": alg, "kid": "k0"}).to_string());
    for none in ["none", "None", "NONE", "nOnE"] {
        let token = format!("{}.{body}.", head(json!(none)));
        assert!(
            matches!(check(&token), Err(E::Jws(J::Algorithm(_)))),
            "{none}"
        );
        // Not even if the provider lists it.
        let listed = [CoreJwsSigningAlgorithm::None, RS256];
        let refused = check_with(&token, &keys(&[(0, Some("k0"))]), &listed, &[]);
        assert!(matches!(refused, Err(E::Jws(J::Algorithm(_)))), "{none}");
    }
    let hmac = CoreHmacKey::new(provider::SECRET);
    let input = format!("{}.{body}", head(json!("HS256")));
    let signature = hmac
        .sign(&CoreJwsSigningAlgorithm::HmacSha256, input.as_bytes())
        .unwrap();
    let token = format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature));
    let listed = [CoreJwsSigningAlgorithm::HmacSha256, RS256];
    let refused = check_with(
        &token,
        &CoreJsonWebKeySet::new(vec![hmac.as_verification_key()]),
        &listed,
        &[],
    );
    assert!(matches!(refused, Err(E::Jws(J::Algorithm(_)))));
    // Supported by the panel, but not listed by this provider.
    let token = sign(&header(), &claims().to_string(), 0);
    let refused = check_with(
        &token,
        &keys(&[(0, Some("k0"))]),
        &[CoreJwsSigningAlgorithm::EdDsa],
        &[],
    );
    assert!(matches!(refused, Err(E::Jws(J::Algorithm(_)))));
    for odd in [json!(7), json!(null), json!("RS512"), json!("RSA-OAEP")] {
        let token = sign(
            &with(header(), "alg", odd.clone()),
            &claims().to_string(),
            0,
        );
        assert!(
            matches!(check(&token), Err(E::Jws(J::Algorithm(_)))),
            "{odd}"
        );
    }
}

#[test]
fn e3_the_signature_must_be_of_the_key_that_is_named() {
    let token = sign(&header(), &claims().to_string(), 1);
    assert_eq!(check(&token), Err(E::Jws(J::Signature)));
    let both = keys(&[(0, Some("k0")), (1, Some("k1"))]);
    assert_eq!(
        check_with(&token, &both, &[RS256], &[]),
        Err(E::Jws(J::Signature))
    );
    let good = sign(&header(), &claims().to_string(), 0);
    let (input, signature) = good.rsplit_once('.').unwrap();
    let other = BASE64_URL_SAFE_NO_PAD.encode(with(claims(), "sub", json!("x")).to_string());
    let swapped = format!("{}.{other}.{signature}", input.split('.').next().unwrap());
    assert_eq!(check(&swapped), Err(E::Jws(J::Signature)));
    assert_eq!(check(&format!("{input}.")), Err(E::Jws(J::Signature)));
}

#[test]
fn e4_keys_in_the_header_are_not_used() {
    let own: Value =
        serde_json::to_value(provider::key(1, Some("k9")).as_verification_key()).unwrap();
    let header = json!({"alg": "RS256", "kid": "k9", "jwk": own, "jku": "http://127.0.0.1/x"});
    let token = sign(&header, &claims().to_string(), 1);
    assert_eq!(check(&token), Err(E::Jws(J::UnknownKey)));
}

#[test]
fn e5_a_token_that_names_no_key_needs_one_that_fits() {
    let token = sign(&json!({"alg": "RS256"}), &claims().to_string(), 1);
    assert_eq!(check(&token), Err(E::Jws(J::UnknownKey)));
    let one = keys(&[(1, None)]);
    let several = keys(&[(0, Some("k0")), (1, Some("k1"))]);
    for keys in [one, several] {
        assert_eq!(check_with(&token, &keys, &[RS256], &[]), Ok(()));
    }
}

#[test]
fn e4_a_key_is_used_only_for_what_it_is_for() {
    let token = sign(&header(), &claims().to_string(), 0);
    let published = |name: &str, value: Value| {
        let key = provider::key(0, Some("k0")).as_verification_key();
        let key = with(serde_json::to_value(key).unwrap(), name, value);
        serde_json::from_value::<CoreJsonWebKeySet>(json!({ "keys": [key] })).unwrap()
    };
    for (name, value, ok) in [
        ("use", json!("sig"), true),
        ("use", json!("enc"), false),
        ("alg", json!("RS256"), true),
        ("alg", json!("PS256"), false),
        ("alg", json!("RSA-OAEP"), false),
        ("kid", json!("K0"), false),
    ] {
        let outcome = check_with(&token, &published(name, value.clone()), &[RS256], &[]);
        let expected = if ok {
            Ok(())
        } else {
            Err(E::Jws(J::UnknownKey))
        };
        assert_eq!(outcome, expected, "{name} {value}");
    }
}

/// The listed algorithms work, each with a key of its type.
#[test]
fn e3_a_pss_signature_is_checked_too() {
    let key: CoreRsaPrivateSigningKey = provider::key(0, Some("k0"));
    let input = format!(
        "{}.{}",
        BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"PS256","kid":"k0"}"#),
        BASE64_URL_SAFE_NO_PAD.encode(claims().to_string())
    );
    let pss = CoreJwsSigningAlgorithm::RsaSsaPssSha256;
    let signature = key.sign(&pss, input.as_bytes()).unwrap();
    let token = format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature));
    assert_eq!(
        check_with(&token, &keys(&[(0, Some("k0"))]), &[pss], &[]),
        Ok(())
    );
}

/// Tokens that other software signed, with their public keys. They show that the listed algorithms
/// work, each with a key of its type.
pub(super) const SIGNED_ELSEWHERE: [(CoreJwsSigningAlgorithm, &str, &str); 3] = [
    (
        CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        r#"{"kty":"EC","crv":"P-256","kid":"k","use":"sig","x":"59XUN8QSRtBPhNdiiKqJeWsIMJ6Ni0qfeV4aisjPeHk","y":"1FiXtItQumKRJAWHlPMjwYYDW5ig7J8oqopd7PVFzZo"}"#,
        "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsifQ.eyJpc3MiOiJodHRwczovL2kiLCJzdWIiOiJzIiwiYXVkIjoic\
         GFuZWwgY2xpZW50IiwiZXhwIjoxNzk1MDAwMzAwLCJpYXQiOjE3OTUwMDAwMDAsIm5vbmNlIjoibiJ9.Qpw7\
         ys747Pgpc-opKdeSqsC1Rw_70ixJoA72pu3VAjWZli_iSfHKQP_OIOLPMkmDDxM5EtGiHV9xQu0grXyZpw",
    ),
    (
        CoreJwsSigningAlgorithm::EcdsaP384Sha384,
        r#"{"kty":"EC","crv":"P-384","kid":"k","use":"sig","x":"KR_eMVOaitXsCGqNTA_lYXFYvvYSKYnnQlNKgUs8zkIPlceGmTimqQJvSA4xt84p","y":"V1-yd7PvXweshAAaxHQYSBBIjzNvEzfBjh8dPF6hLrdyQKhbEg4bO5G1Qd9WYL2t"}"#,
        "eyJhbGciOiJFUzM4NCIsImtpZCI6ImsifQ.eyJpc3MiOiJodHRwczovL2kiLCJzdWIiOiJzIiwiYXVkIjoic\
         GFuZWwgY2xpZW50IiwiZXhwIjoxNzk1MDAwMzAwLCJpYXQiOjE3OTUwMDAwMDAsIm5vbmNlIjoibiJ9.vXJi\
         Ujf9PZejP3fXcVsYWoagG0l2S-SygOTnOFid5aXmp8XyRvYCOk___KGGYgQ6dZ46wzf6rNitE1JK-I4el_Qf\
         nezuHwbfTSwoJIh55f_3liWRH9oxZmaIWg-N9z4a",
    ),
    (
        CoreJwsSigningAlgorithm::EdDsa,
        r#"{"kty":"OKP","crv":"Ed25519","kid":"k","use":"sig","x":"5zao9A5yKxZjt24u3h7NHpUG4cfGRkOrzEIWeXHOMzk"}"#,
        "eyJhbGciOiJFZERTQSIsImtpZCI6ImsifQ.eyJpc3MiOiJodHRwczovL2kiLCJzdWIiOiJzIiwiYXVkIjoic\
         GFuZWwgY2xpZW50IiwiZXhwIjoxNzk1MDAwMzAwLCJpYXQiOjE3OTUwMDAwMDAsIm5vbmNlIjoibiJ9.Q8Rx\
         jt35BbMEg-mDUfLwVSykakKBmhTji8Dj0PsKHQP8Ldp5mGj9n12a-rfLepvpjVjDpYRlOm9ofK5eVfavDw",
    ),
];

#[test]
fn oidcc_client_test_idtoken_sig_es256() {
    for (algorithm, key, token) in SIGNED_ELSEWHERE {
        let keys: CoreJsonWebKeySet =
            serde_json::from_str(&format!(r#"{{"keys": [{key}]}}"#)).unwrap();
        let taken = std::slice::from_ref(&algorithm);
        assert_eq!(
            check_with(token, &keys, taken, &[]),
            Ok(()),
            "{algorithm:?}"
        );
        // An algorithm of another type than the key.
        let refused = check_with(token, &keys, &[RS256], &[]);
        assert!(matches!(refused, Err(E::Jws(J::Algorithm(_)))));
    }
}

#[test]
fn oidcc_client_test_invalid_sig_es256() {
    for (algorithm, key, token) in SIGNED_ELSEWHERE {
        let keys: CoreJsonWebKeySet =
            serde_json::from_str(&format!(r#"{{"keys": [{key}]}}"#)).unwrap();
        let (input, signature) = token.rsplit_once('.').unwrap();
        let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
        bytes[7] ^= 1;
        let zero = vec![0; bytes.len()];
        for wrong in [&bytes[..], &zero, &bytes[1..], &[]] {
            let token = format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(wrong));
            let refused = check_with(&token, &keys, std::slice::from_ref(&algorithm), &[]);
            assert_eq!(refused, Err(E::Jws(J::Signature)), "{algorithm:?}");
        }
    }
}

#[test]
fn e5_of_many_keys_without_names_no_more_than_ten_are_tried() {
    let token = sign(&json!({"alg": "RS256"}), &claims().to_string(), 1);
    let others = |count: usize| {
        let mut published = vec![(0, None); count];
        published.push((1, None));
        check_with(&token, &keys(&published), &[RS256], &[])
    };
    assert_eq!(others(9), Ok(()));
    assert_eq!(others(10), Err(E::Jws(J::UnknownKey)));
}
