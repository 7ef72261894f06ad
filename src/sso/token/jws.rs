//! Signed tokens (JWS, RFC 7515): parsing, and verifying the signature with a provider's keys.
//!
//! The payload can be trusted only after [`Token::verify`].

use super::json;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openidconnect::core::{CoreJsonWebKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey, JsonWebKeyAlgorithm, JsonWebKeyUse, JwsSigningAlgorithm};
use serde_json::{Map, Value};

/// The maximum length of a token, in bytes.
const MAX_LEN: usize = 64 * 1024;
/// The maximum number of keys tried for a token without a key id.
const MAX_TRIED: usize = 10;

/// The supported algorithms: none with a shared secret, and never `none`.
pub const ALGORITHMS: [CoreJwsSigningAlgorithm; 5] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Faults of a token that are found before its claims are checked.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// It cannot be parsed.
    #[error("the token cannot be read: {0}")]
    Malformed(&'static str),
    /// It is encrypted.
    #[error("the token is encrypted (JWE), which is not supported: have the provider sign it only")]
    Encrypted,
    /// Its type is that of something else.
    #[error("the token is of the type {0:?} and not an ID token")]
    Type(String),
    /// Its algorithm is not accepted from this provider.
    #[error("the token is signed with {0:?}, which is not accepted from this provider")]
    Algorithm(String),
    /// It has critical header parameters that are not supported.
    #[error("the token has critical header parameters, of which none is understood")]
    Critical,
    /// No key of the provider fits. Reading the keys again may help.
    #[error("none of the provider's keys fits the token")]
    UnknownKey,
    /// The signature does not match its key.
    #[error("the token's signature is wrong")]
    Signature,
}

/// A token whose signature has not been verified.
pub struct Token<'t> {
    signed: &'t str,
    payload: Vec<u8>,
    signature: Vec<u8>,
    header: Map<String, Value>,
    algorithm: CoreJwsSigningAlgorithm,
}

/// A token whose signature is valid.
pub struct Verified {
    /// Its payload.
    pub payload: Vec<u8>,
    /// Its algorithm.
    pub algorithm: CoreJwsSigningAlgorithm,
    /// The key that signed it.
    pub key: CoreJsonWebKey,
}

impl<'t> Token<'t> {
    /// Parses a token; `accepted` lists the algorithms accepted from its provider.
    ///
    /// # Errors
    /// When it cannot be parsed, or its header has something unsupported.
    pub fn parse(text: &'t str, accepted: &[CoreJwsSigningAlgorithm]) -> Result<Self, JwsError> {
        if text.len() > MAX_LEN {
            return Err(JwsError::Malformed("it is too long"));
        }
        let parts: Vec<&str> = text.split('.').collect();
        let (header, payload, signature) = match parts.as_slice() {
            [header, payload, signature] => (*header, *payload, *signature),
            [_, _, _, _, _] => return Err(JwsError::Encrypted),
            _ => return Err(JwsError::Malformed("it does not have three parts")),
        };
        let signed = text
            .strip_suffix(signature)
            .and_then(|rest| rest.strip_suffix('.'))
            .ok_or(JwsError::Malformed("it does not have three parts"))?;
        let header = json::object(&decode(header)?)
            .map_err(|_| JwsError::Malformed("its header is not an object"))?;
        let algorithm = algorithm(&header, accepted)?;
        if header.contains_key("crit") {
            return Err(JwsError::Critical);
        }
        Ok(Self {
            signed,
            payload: decode(payload)?,
            signature: decode(signature)?,
            header,
            algorithm,
        })
    }

    /// The type in the header, in lower case and without `application/`.
    pub fn kind(&self) -> Option<String> {
        let kind = match self.header.get("typ")? {
            Value::String(kind) => kind.to_ascii_lowercase(),
            other => other.to_string(),
        };
        Some(match kind.strip_prefix("application/") {
            Some(short) => short.to_owned(),
            None => kind,
        })
    }

    /// The payload before verification, to find out whose keys are needed.
    pub(in crate::sso) fn unverified(&self) -> &[u8] {
        &self.payload
    }

    /// Verifies the signature. Keys in the header itself (`jwk`, `jku`, `x5u`) are ignored.
    ///
    /// # Errors
    /// When no key fits, or the signature does not match.
    pub fn verify(self, keys: &CoreJsonWebKeySet) -> Result<Verified, JwsError> {
        let kid = match self.header.get("kid") {
            None => None,
            Some(Value::String(kid)) => Some(kid.as_str()),
            Some(_) => return Err(JwsError::Malformed("its kid is not a text")),
        };
        let fitting: Vec<&CoreJsonWebKey> = keys
            .keys()
            .iter()
            .filter(|key| fits(key, kid, &self.algorithm))
            .take(MAX_TRIED)
            .collect();
        let signer = fitting.iter().find(|key| {
            key.verify_signature(&self.algorithm, self.signed.as_bytes(), &self.signature)
                .is_ok()
        });
        match signer {
            Some(key) => Ok(Verified {
                payload: self.payload,
                algorithm: self.algorithm,
                key: (*key).clone(),
            }),
            // A provider whose keys have no ids may have replaced them.
            None if fitting.is_empty() || kid.is_none() => Err(JwsError::UnknownKey),
            None => Err(JwsError::Signature),
        }
    }
}

/// The keys that can verify a token with one of these algorithms.
pub fn usable<'k>(
    keys: &'k CoreJsonWebKeySet,
    algorithms: &'k [CoreJwsSigningAlgorithm],
) -> impl Iterator<Item = &'k CoreJsonWebKey> {
    let serves = |key: &&CoreJsonWebKey| {
        let mut algorithms = algorithms.iter();
        algorithms.any(|algorithm| fits(key, None, algorithm))
    };
    keys.keys().iter().filter(serves)
}

fn decode(part: &str) -> Result<Vec<u8>, JwsError> {
    BASE64_URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| JwsError::Malformed("a part is not base64url"))
}

fn algorithm(
    header: &Map<String, Value>,
    accepted: &[CoreJwsSigningAlgorithm],
) -> Result<CoreJwsSigningAlgorithm, JwsError> {
    let named = header
        .get("alg")
        .ok_or(JwsError::Malformed("it names no algorithm"))?;
    serde_json::from_value::<CoreJwsSigningAlgorithm>(named.clone())
        .ok()
        .filter(|algorithm| ALGORITHMS.contains(algorithm) && accepted.contains(algorithm))
        .ok_or_else(|| JwsError::Algorithm(named.to_string().chars().take(40).collect()))
}

/// Whether a key has this id and may be used with the algorithm (RFC 8725, section 3.1).
fn fits(key: &CoreJsonWebKey, kid: Option<&str>, algorithm: &CoreJwsSigningAlgorithm) -> bool {
    let is_named = kid.is_none_or(|kid| key.key_id().is_some_and(|id| id.as_str() == kid));
    let may_sign = key.key_use().is_none_or(JsonWebKeyUse::allows_signature);
    let is_of_type = algorithm.key_type().as_ref() == Some(key.key_type());
    let is_for_it = match key.signing_alg() {
        JsonWebKeyAlgorithm::Unspecified => true,
        JsonWebKeyAlgorithm::Algorithm(only) => only == algorithm,
        JsonWebKeyAlgorithm::Unsupported => false,
    };
    is_named && may_sign && is_of_type && is_for_it
}
