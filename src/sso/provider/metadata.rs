//! The provider metadata (OpenID Connect Discovery, section 3), verified.

use super::settings::Settings;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, LogoutProviderMetadata, ProviderMetadata};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use url::Url;

/// Members of the metadata that the crate does not read.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Extra {
    #[serde(default)]
    authorization_response_iss_parameter_supported: Value,
    #[serde(default)]
    require_pushed_authorization_requests: Value,
    #[serde(default)]
    revocation_endpoint: Option<String>,
}

impl AdditionalProviderMetadata for Extra {}

type Document = ProviderMetadata<
    LogoutProviderMetadata<Extra>,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// Verified provider metadata.
#[derive(Debug, Clone)]
pub struct Metadata {
    pub(in crate::sso) document: Document,
    /// The algorithms for ID tokens that both the provider and the panel support.
    pub(in crate::sso) algorithms: Vec<CoreJwsSigningAlgorithm>,
    /// The algorithms for signed userinfo.
    pub(in crate::sso) userinfo_algorithms: Vec<CoreJwsSigningAlgorithm>,
    /// Whether every response must carry `iss` (RFC 9207).
    pub(in crate::sso) sends_iss: bool,
}

impl Metadata {
    pub(in crate::sso) fn parse(body: &[u8], settings: &Settings) -> Result<Self, String> {
        let raw = crate::sso::token::json::object(body).map_err(|error| error.to_string())?;
        check_issuer(raw.get("issuer").and_then(Value::as_str), &settings.issuer)?;
        let read = Value::Object(only_read(raw));
        let document: Document = serde_json::from_value(read).map_err(|error| error.to_string())?;
        let among = |listed: &[CoreJwsSigningAlgorithm]| -> Vec<CoreJwsSigningAlgorithm> {
            let taken = settings.algorithms.iter();
            taken
                .filter(|ours| listed.contains(ours))
                .cloned()
                .collect()
        };
        let algorithms = among(document.id_token_signing_alg_values_supported());
        if algorithms.is_empty() {
            let taken = serde_json::to_string(&settings.algorithms).unwrap_or_default();
            return Err(format!(
                "it signs ID tokens with none of the accepted algorithms, which are {taken}"
            ));
        }
        let extra = &document.additional_metadata().additional_metadata;
        if extra.require_pushed_authorization_requests == Value::Bool(true) {
            return Err("it requires pushed authorization requests \
                 (require_pushed_authorization_requests), which this panel does not support: turn \
                 that off at the provider, for all clients, or for this one if its metadata then \
                 no longer requires it"
                .into());
        }
        let metadata = Self {
            userinfo_algorithms: match document.userinfo_signing_alg_values_supported() {
                Some(listed) => among(listed),
                None => algorithms.clone(),
            },
            sends_iss: extra.authorization_response_iss_parameter_supported == Value::Bool(true),
            document,
            algorithms,
        };
        metadata.check_endpoints(settings)?;
        Ok(metadata)
    }

    /// The address of its keys.
    pub fn jwks_uri(&self) -> &str {
        self.document.jwks_uri().as_str()
    }

    /// The revocation endpoint (RFC 7009).
    pub(in crate::sso) fn revocation(&self) -> Option<&str> {
        let extra = &self.document.additional_metadata().additional_metadata;
        extra.revocation_endpoint.as_deref()
    }

    /// Whether the provider lists a scope.
    pub(in crate::sso) fn lists_scope(&self, scope: &str) -> bool {
        let listed = self.document.scopes_supported().into_iter().flatten();
        listed.into_iter().any(|listed| listed.as_str() == scope)
    }

    /// Whether a scope of the settings is requested here.
    pub(in crate::sso) fn is_asked(&self, scope: &str, settings: &Settings) -> bool {
        let is_optional = settings.scopes_if_listed.iter().any(|one| one == scope);
        !is_optional || self.lists_scope(scope)
    }

    fn check_endpoints(&self, settings: &Settings) -> Result<(), String> {
        // The internal address is set by the operator, and trusted.
        let is_inside = |url: &str| {
            let inside = settings.internal_url.as_ref();
            let origin = Url::parse(url).map(|url| url.origin());
            inside.is_some_and(|inside| Ok(inside.origin()) == origin)
        };
        let document = &self.document;
        let token = document
            .token_endpoint()
            .ok_or("it has no token_endpoint")?;
        let of_browsers = [
            Some(document.authorization_endpoint().as_str()),
            self.end_session().map(Url::as_str),
        ];
        let of_ours = [
            Some(token.as_str()),
            Some(document.jwks_uri().as_str()),
            document.userinfo_endpoint().map(|url| url.as_str()),
            self.revocation(),
        ];
        let of_ours = of_ours.into_iter().flatten().filter(|url| !is_inside(url));
        let mut all = of_browsers.into_iter().flatten().chain(of_ours);
        match all.find(|url| !is_safe(url)) {
            Some(url) => Err(format!("{url} does not use https")),
            None => Ok(()),
        }
    }

    pub(in crate::sso) fn end_session(&self) -> Option<&Url> {
        let logout = self.document.additional_metadata();
        logout.end_session_endpoint.as_ref().map(|url| url.url())
    }
}

/// The members that are read as text.
const TEXTS: [&str; 7] = [
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "end_session_endpoint",
    "jwks_uri",
    "revocation_endpoint",
];
/// The members that are read as lists of texts.
const LISTS: [&str; 4] = [
    "scopes_supported",
    "id_token_signing_alg_values_supported",
    "userinfo_signing_alg_values_supported",
    "token_endpoint_auth_methods_supported",
];
/// The members that are read as booleans.
const SWITCHES: [&str; 2] = [
    "authorization_response_iss_parameter_supported",
    "require_pushed_authorization_requests",
];

/// The used members that have the expected type. Members that the panel does not use may have any
/// type or be missing, even if the specification requires them.
fn only_read(said: Map<String, Value>) -> Map<String, Value> {
    let mut read: Map<String, Value> = said
        .into_iter()
        .filter_map(|(name, value)| {
            let value = match value {
                Value::String(text) if TEXTS.contains(&name.as_str()) && !text.is_empty() => {
                    Value::String(text)
                }
                Value::Array(items) if LISTS.contains(&name.as_str()) => {
                    Value::Array(items.into_iter().filter(Value::is_string).collect())
                }
                Value::Bool(yes) if SWITCHES.contains(&name.as_str()) => Value::Bool(yes),
                _ => return None,
            };
            Some((name, value))
        })
        .collect();
    read.insert("response_types_supported".into(), json!(["code"]));
    read.insert("subject_types_supported".into(), json!(["public"]));
    read
}

/// Checks that the issuer is the configured one, byte for byte (Discovery, section 4.3).
fn check_issuer(said: Option<&str>, configured: &str) -> Result<(), String> {
    match said {
        Some(said) if said == configured => Ok(()),
        Some(said) if is_of_all_tenants(said, configured) => Err(of_all_tenants(configured)),
        Some(said) => Err(format!(
            "its issuer is {said:?}, but {configured:?} is configured; if that is the right \
             provider, write: issuer = {said:?}"
        )),
        None => Err("it names no issuer".into()),
    }
}

/// Whether an issuer stands for all tenants of Entra ID; no token contains it.
pub fn is_of_all_tenants(said: &str, configured: &str) -> bool {
    let Ok(url) = Url::parse(configured) else {
        return false;
    };
    let is_entra = url
        .host_str()
        .is_some_and(|host| host.contains("microsoftonline"));
    let first = url.path().split('/').nth(1).unwrap_or_default();
    let is_for_all = ["common", "organizations", "consumers"].contains(&first);
    said.contains("{tenantid}") || (is_entra && is_for_all && said != configured)
}

/// The hint for an issuer of all tenants.
pub fn of_all_tenants(configured: &str) -> String {
    let host = Url::parse(configured).ok();
    let host = host.as_ref().and_then(Url::host_str);
    let host = host.unwrap_or("login.microsoftonline.com").to_owned();
    format!(
        "{configured:?} stands for all tenants of Entra ID, and no token carries it: write the \
         issuer of your own tenant, issuer = \"https://{host}/TENANT-ID/v2.0\" (the tenant ID is \
         on the overview page of Entra ID)"
    )
}

/// Whether a URL is https, or http on loopback.
pub(in crate::sso) fn is_safe(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else {
        return false;
    };
    let is_loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn http_is_for_loopback_only() {
        for good in [
            "https://idp.example",
            "http://127.0.0.1:9400",
            "http://[::1]/x",
            "http://localhost:1",
        ] {
            assert!(is_safe(good), "{good}");
        }
        for bad in [
            "http://idp.example",
            "http://localhost.evil.example",
            "ftp://127.0.0.1",
            "file:///x",
            "x",
            "http://10.0.0.1",
        ] {
            assert!(!is_safe(bad), "{bad}");
        }
    }

    fn document(changes: Value) -> Vec<u8> {
        let mut document = serde_json::json!({
            "issuer": "https://i", "authorization_endpoint": "https://i/a",
            "token_endpoint": "https://i/t", "jwks_uri": "https://i/k",
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["none", "HS256", "RS256", "XX999"]
        });
        for (name, value) in changes.as_object().unwrap() {
            document
                .as_object_mut()
                .unwrap()
                .insert(name.clone(), value.clone());
        }
        document.to_string().into_bytes()
    }

    #[test]
    fn metadata_is_taken_only_of_the_configured_issuer() {
        let settings = Settings::at("https://i", "c", "https://p");
        let parse = |changes| Metadata::parse(&document(changes), &settings);
        let metadata = parse(serde_json::json!({})).unwrap();
        assert_eq!(
            metadata.algorithms,
            [CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256]
        );
        for bad in [
            serde_json::json!({"issuer": "https://i/"}),
            serde_json::json!({"issuer": "https://I"}),
            serde_json::json!({"issuer": null}),
            serde_json::json!({"token_endpoint": null}),
            serde_json::json!({"token_endpoint": "http://i/t"}),
            serde_json::json!({"jwks_uri": "http://i/k"}),
            serde_json::json!({"end_session_endpoint": "http://i/e"}),
            serde_json::json!({"userinfo_endpoint": "http://i/u"}),
            serde_json::json!({"authorization_endpoint": "http://i/a"}),
            serde_json::json!({"id_token_signing_alg_values_supported": ["none", "HS256"]}),
            serde_json::json!({"require_pushed_authorization_requests": true}),
        ] {
            assert!(parse(bad.clone()).is_err(), "{bad}");
        }
        let error = parse(serde_json::json!({"issuer": "https://i/"})).unwrap_err();
        assert!(error.contains("issuer = \"https://i/\""), "{error}");
    }

    #[test]
    fn an_issuer_for_all_tenants_is_told_as_such() {
        let tenant = "https://login.microsoftonline.com/9188040d/v2.0";
        let common = "https://login.microsoftonline.com/common/v2.0";
        for (configured, said) in [
            (common, "https://login.microsoftonline.com/{tenantid}/v2.0"),
            ("https://login.microsoftonline.com/consumers/v2.0", tenant),
            (
                "https://login.microsoftonline.us/organizations/v2.0",
                tenant,
            ),
        ] {
            let error = check_issuer(Some(said), configured).unwrap_err();
            assert!(error.contains("/TENANT-ID/v2.0"), "{error}");
            assert!(!error.contains("{tenantid}"), "{error}");
        }
        let error = check_issuer(Some("https://i/common/"), "https://i/common").unwrap_err();
        assert!(error.contains("issuer = \"https://i/common/\""), "{error}");
    }

    #[test]
    fn in_the_clear_only_the_panel_itself_goes_and_only_inside() {
        let settings = Settings {
            internal_url: Url::parse("http://inside:8080").ok(),
            ..Settings::at("https://i", "c", "https://p")
        };
        for (name, url, is_taken) in [
            ("token_endpoint", "http://inside:8080/t", true),
            ("userinfo_endpoint", "http://inside:8080/u", true),
            ("token_endpoint", "http://inside/t", false),
            ("token_endpoint", "http://i/t", false),
            ("jwks_uri", "http://inside:8081/k", false),
            ("userinfo_endpoint", "http://inside.example:8080/u", false),
            ("authorization_endpoint", "http://inside:8080/a", false),
            ("end_session_endpoint", "http://inside:8080/e", false),
        ] {
            let outcome = Metadata::parse(&document(serde_json::json!({name: url})), &settings);
            assert_eq!(outcome.is_ok(), is_taken, "{name} {url}");
        }
    }
}
