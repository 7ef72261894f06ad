//! The signing key: made at the start and kept in memory.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreGenderClaim, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm, CoreRsaPrivateSigningKey,
};
use openidconnect::{
    AccessToken, ClientId, IdToken, IdTokenClaims, IssuerUrl, JsonWebKeyId, JsonWebTokenError,
    Nonce, PrivateSigningKey, SigningError,
};
use rsa::pkcs1::EncodeRsaPrivateKey;

use super::claims::Extra;
use super::store::random_token;

const BITS: usize = 2048;
const ALGORITHM: CoreJwsSigningAlgorithm = CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256;

/// The ID token claims of this provider.
pub(super) type Claims = IdTokenClaims<Extra, CoreGenderClaim>;
/// An ID token of this provider.
pub(super) type Token =
    IdToken<Extra, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

/// The key could not be made; holds the library's message.
#[derive(Debug, thiserror::Error)]
#[error("cannot make a signing key: {0}")]
pub struct KeyError(String);

/// The private key and its public part.
pub(super) struct Keys {
    id: String,
    private: CoreRsaPrivateSigningKey,
    public: CoreJsonWebKeySet,
}

impl Keys {
    /// Generates the key: slow, so it must not run on an event loop.
    pub(super) fn generate() -> Result<Self, KeyError> {
        let key = rsa::RsaPrivateKey::new(&mut rand::rngs::OsRng, BITS)
            .map_err(|error| KeyError(error.to_string()))?;
        let pem = key
            .to_pkcs1_pem(rsa::pkcs1::LineEnding::LF)
            .map_err(|error| KeyError(error.to_string()))?;
        let id: String = random_token().chars().take(12).collect();
        let key_id = JsonWebKeyId::new(id.clone());
        let private = CoreRsaPrivateSigningKey::from_pem(&pem, Some(key_id)).map_err(KeyError)?;
        let public = CoreJsonWebKeySet::new(vec![private.as_verification_key()]);
        Ok(Self {
            id,
            private,
            public,
        })
    }

    pub(super) fn public(&self) -> &CoreJsonWebKeySet {
        &self.public
    }

    /// Signs an ID token; adds `at_hash` for the access token.
    pub(super) fn sign(
        &self,
        claims: Claims,
        access: &AccessToken,
    ) -> Result<Token, JsonWebTokenError> {
        Token::new(claims, &self.private, ALGORITHM, Some(access), None)
    }

    /// Signs other claims as a token of that type.
    pub(super) fn sign_json(
        &self,
        kind: &str,
        claims: &serde_json::Value,
    ) -> Result<String, SigningError> {
        let header = serde_json::json!({ "alg": "RS256", "kid": self.id, "typ": kind });
        let encode = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", encode(&header), encode(claims));
        let signature = self.private.sign(&ALGORITHM, input.as_bytes())?;
        Ok(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// The claims of an ID token issued here, even if expired: a logout hint may be.
    pub(super) fn read_hint(
        &self,
        hint: &str,
        client: &ClientId,
        issuer: &IssuerUrl,
    ) -> Option<Claims> {
        let token: Token = hint.parse().ok()?;
        let verifier = CoreIdTokenVerifier::new_public_client(
            client.clone(),
            issuer.clone(),
            self.public.clone(),
        )
        .set_allowed_algs([ALGORITHM])
        .set_time_fn(|| chrono::DateTime::UNIX_EPOCH);
        token
            .into_claims(&verifier, |_: Option<&Nonce>| Ok(()))
            .ok()
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}
