//! Refreshes tokens, and reads what they say about the person (OpenID Connect Core, section 12; RFC
//! 6749, section 6).

use super::client::{Tokens, bearer, refusal};
use super::{ExchangeError, Vouched};
use crate::access::GroupsNote;
use crate::session::Signed;
use crate::sso::provider::Provider;
use crate::sso::provider::metadata::Metadata;
use crate::sso::provider::wire::WireError;
use crate::sso::token::groups::Claims;
use crate::sso::token::verify::{self, Expected, TokenError};
use chrono::{DateTime, Utc};
use openidconnect::http::StatusCode;
use openidconnect::{OAuth2TokenResponse, RefreshToken};
use serde_json::Value;

/// The result of a refresh.
pub(in crate::sso) struct Renewal {
    /// The new refresh token, if the provider issued one. It must be stored even on failure: the
    /// old one may be used up.
    pub rotated: Option<String>,
    /// The person as the provider now describes them.
    pub outcome: Result<Vouched, RenewalError>,
}

/// Why a refresh said nothing about a person.
#[derive(Debug, thiserror::Error)]
pub(in crate::sso) enum RenewalError {
    /// The provider refuses the refresh token: the session there has ended.
    #[error("the identity provider no longer accepts the refresh token")]
    Refused,
    /// The response is about somebody else.
    #[error("the identity provider answered for another person")]
    OtherPerson,
    /// The ID token cannot be from this provider and this session.
    #[error("the identity provider's new ID token is refused: {0}")]
    Token(TokenError),
    /// It has another authentication time (OpenID Connect Core, section 12.2). Either the person
    /// has signed in there again, or the refresh token belongs to an earlier sign-in.
    #[error("the new ID token is of another authentication (auth_time)")]
    Authentication,
    /// Neither the response nor userinfo holds the groups that were present at sign-in.
    #[error("this provider's refresh answers hold no groups")]
    Silent,
    /// The provider must ask the person something, or does not let this client refresh.
    #[error("the identity provider wants the person to sign in: {0}")]
    Interaction(String),
    /// The provider could not be reached at the moment.
    #[error(transparent)]
    Away(ExchangeError),
}

impl From<ExchangeError> for RenewalError {
    fn from(error: ExchangeError) -> Self {
        match error {
            error if error.is_away() => Self::Away(error),
            // These refuse the person. For other codes, a sign-in through the browser may tell
            // more.
            ExchangeError::Refused(code) => match code.as_str() {
                "invalid_grant" | "access_denied" => Self::Refused,
                _ => Self::Interaction(code),
            },
            ExchangeError::OtherPerson => Self::OtherPerson,
            ExchangeError::Token(error) => Self::Token(error),
            error => Self::Away(error),
        }
    }
}

impl Provider {
    /// Refreshes the tokens, verifies them, and returns the person.
    pub(in crate::sso) async fn renew(
        &self,
        signed: &Signed,
        refresh_token: &str,
        now: DateTime<Utc>,
    ) -> Renewal {
        let asked = async {
            let metadata = self.metadata().await?;
            let tokens = self.refresh(&metadata, refresh_token).await?;
            Ok::<_, ExchangeError>((metadata, tokens))
        };
        match asked.await {
            Err(error) => Renewal {
                rotated: None,
                outcome: Err(error.into()),
            },
            Ok((metadata, tokens)) => Renewal {
                rotated: tokens.refresh_token().map(|token| token.secret().clone()),
                outcome: self.vouch_again(&metadata, signed, &tokens, now).await,
            },
        }
    }

    async fn refresh(
        &self,
        metadata: &Metadata,
        refresh_token: &str,
    ) -> Result<Tokens, ExchangeError> {
        let client = self.relying_party(metadata)?;
        let send = async |request| {
            let answer = self.token_answer(request).await?;
            let status = answer.status();
            // Such a response is never about the person.
            if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
                Err(WireError::Status(status.as_u16()))
            } else {
                Ok(answer)
            }
        };
        let token = RefreshToken::new(refresh_token.to_owned());
        let tokens = client
            .exchange_refresh_token(&token)
            .map_err(|error| ExchangeError::Answer(error.to_string()))?
            .request_async(&send)
            .await
            .map_err(refusal)?;
        bearer(tokens)
    }

    async fn vouch_again(
        &self,
        metadata: &Metadata,
        signed: &Signed,
        tokens: &Tokens,
        now: DateTime<Utc>,
    ) -> Result<Vouched, RenewalError> {
        let subject = signed.person.subject.as_str();
        let id_token = tokens.extra_fields().id_token.as_deref();
        let claims = match id_token {
            Some(text) => {
                let expected = Expected {
                    issuer: &self.settings.issuer,
                    client_id: &self.settings.client_id,
                    trusted_audiences: &self.settings.trusted_audiences,
                    algorithms: &metadata.algorithms,
                    nonce: signed.nonce.as_deref().unwrap_or_default(),
                    began_at: now,
                    now,
                    skew: self.settings.skew,
                    access_token: tokens.access_token(),
                    max_age: None,
                };
                let check = verify::refreshed_id_token;
                self.verified(metadata, text, &expected, check).await?
            }
            // Userinfo alone may describe them; it must have this subject.
            None => Claims::from_iter([("sub".to_owned(), Value::from(subject))]),
        };
        check_same(&claims, signed)?;
        let text = id_token.unwrap_or_default();
        let vouched = self
            .vouch(metadata, &claims, text, tokens.access_token())
            .await?;
        // Many providers send less in a refresh than at sign-in. That does not mean that groups
        // were lost.
        let tells = matches!(vouched.groups_note, GroupsNote::Found | GroupsNote::Empty);
        if tells || vouched.groups_note == signed.groups_note {
            Ok(vouched)
        } else {
            Err(RenewalError::Silent)
        }
    }
}

/// Checks that a new ID token has the same person and authentication time.
fn check_same(claims: &Claims, signed: &Signed) -> Result<(), RenewalError> {
    if claims.get("sub").and_then(Value::as_str) != Some(&signed.person.subject) {
        return Err(RenewalError::OtherPerson);
    }
    match (verify::moment(claims, "auth_time"), signed.authenticated_at) {
        (Some(new), Some(old)) if new != old => Err(RenewalError::Authentication),
        _ => Ok(()),
    }
}
