//! `check` of the provider, with a fake one that sends what no real one would.

use super::fake::{Fake, keys};
use super::rig::{Rig, free_address};
use serde_json::{Value, json};

mod client;

#[actix_web::test]
async fn a_plain_provider_passes() {
    let ran = Fake::with(json!({})).check().await.well();
    assert!(
        ran.out.contains("it does not list its scopes"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("it does not list its claims"));
    assert!(ran.out.contains("its answers do not carry its issuer"));
}

#[actix_web::test]
async fn a_name_that_is_not_known_is_told() {
    let rig = Rig::new();
    let ran = rig.check(&rig.config("https://no-such-host.invalid")).await;
    ran.only_failure(&[
        "DNS",
        "no-such-host.invalid",
        "correct the host in oidc.issuer",
    ]);
    assert!(ran.out.contains("redirect URI to register"));
}

#[actix_web::test]
async fn a_provider_that_is_down_is_told() {
    let rig = Rig::new();
    let address = free_address();
    let ran = rig.check(&rig.config(&format!("http://{address}"))).await;
    ran.only_failure(&["TCP", "start the provider", &address.port().to_string()]);
}

#[actix_web::test]
async fn a_port_without_tls_is_told() {
    let fake = Fake::with(json!({}));
    let issuer = fake.issuer.replace("http://", "https://");
    let ran = fake.check_as(&issuer).await;
    ran.only_failure(&["TLS", "the port does not speak TLS"]);
}

#[actix_web::test]
async fn a_wrong_path_is_told() {
    let fake = Fake::with(json!({}));
    let issuer = format!("{}/realms/none", fake.issuer);
    fake.check_as(&issuer)
        .await
        .only_failure(&["status 404", "correct the path of oidc.issuer"]);
}

#[actix_web::test]
async fn redirects_and_pages_are_told() {
    let fake = Fake::with(json!({}));
    let issuer = format!("{}/moved", fake.issuer);
    let ran = fake.check_as(&issuer).await;
    ran.only_failure(&["status 302", "it points to https://id.example.com/x"]);
    let fake = Fake::with(json!({}));
    let issuer = format!("{}/page", fake.issuer);
    fake.check_as(&issuer)
        .await
        .only_failure(&["text/html", "this is a web page"]);
}

#[actix_web::test]
async fn the_exact_issuer_to_write_is_told() {
    let fake = Fake::with(json!({"issuer": "ISSUER/"}));
    let line = format!("issuer = \"{}/\"", fake.issuer);
    fake.check()
        .await
        .only_failure(&["its issuer is", "the slash at the end", &line]);
    let fake = Fake::with(json!({"issuer": "https://other.example.com"}));
    let line = "issuer = \"https://other.example.com\"";
    fake.check()
        .await
        .only_failure(&["its issuer is", "if that is the provider you mean", line]);
    Fake::with(json!({"issuer": null}))
        .check()
        .await
        .only_failure(&["names no issuer"]);
}

#[actix_web::test]
async fn a_pasted_discovery_address_is_understood() {
    let fake = Fake::with(json!({}));
    let pasted = format!("{}/.well-known/openid-configuration", fake.issuer);
    fake.check_as(&pasted).await.warning(&["was cut off here"]);
}

#[actix_web::test]
async fn endpoints_that_are_not_safe_or_missing_are_told() {
    let ran = Fake::with(json!({"token_endpoint": "http://id.example.com/t"}))
        .check()
        .await;
    ran.only_failure(&[
        "token_endpoint",
        "does not use https",
        "public https address",
    ]);
    let ran = Fake::with(json!({"token_endpoint": null})).check().await;
    ran.only_failure(&["it has no token_endpoint", "authorization code flow"]);
}

#[actix_web::test]
async fn algorithms_that_are_never_accepted_are_told() {
    let algorithms = json!({"id_token_signing_alg_values_supported": ["none", "HS256"]});
    let ran = Fake::with(algorithms).check().await;
    ran.only_failure(&["none, HS256", "RS256, PS256, ES256, ES384, EdDSA"]);
}

#[actix_web::test]
async fn keys_that_cannot_be_used_are_told() {
    for (keys, text) in [
        (json!({"keys": []}), "none of its 0 keys"),
        (
            json!({"keys": [{"kty": "oct", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ"}]}),
            "none of its 1 keys",
        ),
        (json!({}), "missing field"),
    ] {
        let ran = Fake::start(json!({}), keys, None).check().await;
        ran.only_failure(&[text, "have the provider publish the public keys"]);
    }
    let ran = Fake::with(json!({"jwks_uri": "ISSUER/none"})).check().await;
    ran.only_failure(&["/none: it answers with status 404", "publish"]);
}

#[actix_web::test]
async fn a_clock_that_is_off_is_told() {
    let past = Some("Mon, 06 Jul 2020 10:00:00 GMT");
    let ran = Fake::start(json!({}), keys(), past).check().await;
    ran.only_failure(&["clock", "s behind", "NTP"]);
}

#[actix_web::test]
async fn features_that_are_missing_are_told() {
    let changes = json!({
        "end_session_endpoint": null,
        "code_challenge_methods_supported": ["plain"],
        "scopes_supported": ["openid", "profile", "email"],
        "claims_supported": ["sub", "name"],
    });
    let ran = Fake::with(changes).check().await;
    ran.warning(&["no end_session_endpoint", "RP-initiated logout"]);
    ran.warning(&["not with S256", "turn S256 on"]);
    ran.note("it does not list the scope groups, so the panel does not ask for it");
    ran.warning(&["does not list the claim \"groups\"", "oidc.groups_claim"]);
    let ran = Fake::with(json!({"require_pushed_authorization_requests": true}))
        .check()
        .await;
    ran.only_failure(&["pushed authorization requests", "turn that off"]);
}

#[actix_web::test]
async fn a_client_that_is_not_registered_so_is_told() {
    let rig = Rig::new();
    let provider = rig.provider_with(|mut settings| {
        settings.redirect_uris = vec!["http://127.0.0.1:1/auth/callback".into()];
        settings
    });
    let provider = provider.await;
    let ran = rig.check(&rig.config(provider.issuer())).await;
    let uri = format!(
        "register exactly the redirect URI {}/auth/callback",
        rig.root()
    );
    ran.only_failure(&["refuses to start a sign-in", &uri]);
}

#[actix_web::test]
async fn a_wrong_secret_is_told_and_not_shown() {
    let rig = Rig::new();
    let provider = rig.provider().await;
    let config = rig.config(provider.issuer());
    let wrong = config.replace(super::rig::SECRET, "another-secret");
    let ran = rig.check(&wrong).await;
    ran.only_failure(&[
        "invalid_client",
        "correct oidc.client_id and oidc.client_secret",
    ]);
    assert!(!ran.all().contains("another-secret"));
}

#[actix_web::test]
async fn a_missing_provider_section_is_told() {
    let rig = Rig::new();
    let config = rig.config("https://id.example.com");
    let start = config.find("[oidc]").unwrap();
    let end = config.find("\n[roles.admin]").unwrap();
    let config = format!("{}{}", &config[..start], &config[end..]);
    rig.check(&config)
        .await
        .only_failure(&["no [oidc] section", "add [oidc]"]);
}

#[actix_web::test]
async fn a_clock_that_drifts_is_told_before_it_is_too_late() {
    for (ahead, outcome) in [
        (5, "ok    clock"),
        (20, "ok    clock"),
        (45, "warn  clock"),
        (-45, "warn  clock"),
        (75, "fail  clock"),
    ] {
        let date = chrono::Utc::now() + chrono::TimeDelta::seconds(ahead);
        let date = date.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let fake = Fake::start(json!({}), keys(), Some(date.leak()));
        let ran = fake.check().await;
        assert!(ran.out.contains(outcome), "{ahead} s: {}", ran.out);
    }
}

#[actix_web::test]
async fn endpoints_on_another_host_are_noted() {
    let ran = Fake::with(json!({"userinfo_endpoint": "https://userinfo.example.com/me"}));
    let ran = ran.check().await.well();
    ran.note("its userinfo_endpoint is on another host, userinfo.example.com");
    let others = ran
        .out
        .lines()
        .filter(|line| line.contains("on another host"));
    assert_eq!(others.count(), 1, "{}", ran.out);
}

#[actix_web::test]
async fn what_a_provider_tells_of_sign_outs_is_noted_with_what_to_register() {
    let ran = Fake::with(json!({})).check().await.well();
    ran.note("it does not list back-channel logout");
    assert!(!ran.out.contains("backchannel-logout"), "{}", ran.out);
    let all = json!({"backchannel_logout_supported": true});
    let ran = Fake::with(all).check().await.well();
    ran.note("but not of which session");
    assert!(
        ran.out
            .contains("back-channel logout URI to register: http://127.0.0.1:")
    );
    assert!(
        ran.out
            .contains("/auth/backchannel-logout (the provider itself")
    );
    let each =
        json!({"backchannel_logout_supported": true, "backchannel_logout_session_supported": true});
    Fake::with(each)
        .check()
        .await
        .well()
        .note("session by session");
}

#[actix_web::test]
async fn keys_without_a_name_are_told() {
    let mut keys = keys();
    keys["keys"][0].as_object_mut().unwrap().remove("kid");
    let ran = Fake::start(json!({}), keys.clone(), None)
        .check()
        .await
        .well();
    ran.note("its key has no name (kid)");
    let twice = json!({"keys": [keys["keys"][0], keys["keys"][0]]});
    let ran = Fake::start(json!({}), twice, None).check().await;
    ran.warning(&["2 of its keys have no name (kid)", "have it name its keys"]);
}

#[actix_web::test]
async fn the_algorithms_that_are_configured_are_those_that_count() {
    let listed = json!({"id_token_signing_alg_values_supported": ["RS256", "ES256"]});
    let ran = Fake::with(listed.clone())
        .check_with("algorithms = [\"RS256\", \"PS256\"]", false)
        .await
        .well();
    let taken = "its ID tokens may be signed with RS256\n";
    assert!(ran.out.contains(taken), "{}", ran.out);
    let ran = Fake::with(listed)
        .check_with("algorithms = [\"PS256\"]", false)
        .await;
    ran.only_failure(&[
        "none of oidc.algorithms, the value of PS256 (it lists: RS256, ES256)",
        "remove the key",
    ]);
}

#[actix_web::test]
async fn form_post_is_looked_for_where_it_is_asked_for() {
    let line = "response_mode = \"form_post\"";
    for (modes, lists) in [
        (Value::Null, "none"),
        (json!(["query", "fragment"]), "query, fragment"),
    ] {
        let fake = Fake::with(json!({"response_modes_supported": modes}));
        let ran = fake.check_with(line, true).await;
        let lists = format!("(it lists: {lists})");
        ran.warning(&[
            "the response mode form_post",
            &lists,
            "leave oidc.response_mode out",
        ]);
        ran.note("from 10.0.0.7, X-Forwarded-For gives the person's address");
    }
    let modes = json!({"response_modes_supported": ["query", "form_post"]});
    let ran = Fake::with(modes.clone())
        .check_with(line, true)
        .await
        .well();
    assert!(
        ran.out
            .contains("ok    provider: it supports the response mode form_post")
    );
    let ran = Fake::with(modes).check().await.well();
    assert!(!ran.out.contains("form_post"), "{}", ran.out);
}

#[actix_web::test]
async fn a_scope_for_refresh_tokens_that_is_not_asked_for_is_noted() {
    let scopes =
        json!({"scopes_supported": ["openid", "profile", "email", "groups", "offline_access"]});
    let hint = "without it, groups are read again through the browser";
    Fake::with(scopes.clone()).check().await.well().note(hint);
    let asks = "scopes = [\"openid\", \"offline_access\"]";
    let ran = Fake::with(scopes).check_with(asks, false).await.well();
    assert!(!ran.out.contains(hint), "{}", ran.out);
    let ran = Fake::with(json!({})).check().await.well();
    assert!(!ran.out.contains("offline_access"), "{}", ran.out);
}

#[actix_web::test]
async fn ways_of_signing_in_that_roles_demand_are_looked_for() {
    let demand = "step_up = { edit = { acr = [\"urn:mfa\"] } }\nrows = [";
    let check = async |known: Value| {
        let fake = Fake::with(json!({"acr_values_supported": known}));
        let rig = Rig::new();
        let config = rig.config(&fake.issuer).replace("rows = [", demand);
        let ran = rig.check(&config).await;
        fake.stop().await;
        ran
    };
    check(Value::Null)
        .await
        .well()
        .note("whether it supports urn:mfa");
    let ran = check(json!(["urn:pwd"])).await;
    ran.warning(&[
        "\"urn:mfa\" (acr), which roles.editor.grants[1].step_up.edit requires (it lists: urn:pwd)",
        "write one that it lists",
    ]);
    let ran = check(json!(["urn:pwd", "urn:mfa"])).await.well();
    let listed = "ok    provider: it lists the sign-in level \"urn:mfa\"";
    assert!(ran.out.contains(listed), "{}", ran.out);
}

#[actix_web::test]
async fn the_way_inside_is_used_and_named() {
    // The issuer's own host is not contacted: DNS does not know it.
    let issuer = "http://id.localhost";
    let fake = Fake::with(json!({
        "issuer": issuer, "token_endpoint": "ISSUER/token", "jwks_uri": "ISSUER/keys",
    }));
    let rig = Rig::new();
    let with = |inside: &str| {
        rig.config(issuer).replace(
            "client_id",
            &format!("internal_url = \"{inside}\"\nclient_id"),
        )
    };
    let ran = rig.check(&with(&fake.issuer)).await;
    assert!(
        ran.out.contains("http://id.localhost answers"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("1 of its 1 keys can check"), "{}", ran.out);
    fake.stop().await;
    let ran = rig
        .check(&with(&format!("http://{}", free_address())))
        .await;
    ran.only_failure(&["TCP", "correct the port in oidc.internal_url"]);
    let proxy = format!("proxy = \"http://{}\"\nclient_id", free_address());
    let ran = rig
        .check(&rig.config(issuer).replace("client_id", &proxy))
        .await;
    ran.only_failure(&["TCP", "start the proxy, or correct the port in oidc.proxy"]);
}
