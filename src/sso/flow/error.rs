//! Errors of sign-in: in plain words for the person, with the cause for the log.

use super::malformed::Malformed;
use super::step_up::StepUpError;
use crate::session::SessionError;
use crate::sso::exchange::ExchangeError;
use crate::sso::provider::ProviderError;
use crate::sso::token::jws::JwsError;
use crate::sso::token::verify::TokenError;
use crate::store::DatabaseError;
use crate::texts::text;
use actix_web::http::StatusCode;

/// The `Retry-After` value while the provider or the database is down, in seconds.
const RETRY_AFTER_S: u32 = 10;

/// Why a sign-in or sign-out failed.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The provider cannot be used at the moment.
    #[error("the identity provider cannot be used: {0}")]
    Provider(#[from] ProviderError),
    /// The panel's own tables cannot be used at the moment.
    #[error("the panel's own tables: {0}")]
    Database(#[from] DatabaseError),
    /// The request is one that neither the panel nor a provider would make.
    #[error("the request is malformed: {0}")]
    Request(Malformed),
    /// The sign-in is used up, expired, or was never begun.
    #[error("the state belongs to no sign-in in progress")]
    NoAttempt,
    /// The sign-in was begun in another browser.
    #[error("the sign-in was started in another browser")]
    Foreign,
    /// The browser did not send the cookie of the sign-in.
    #[error("the browser sent no sign-in cookie")]
    NoCookie,
    /// The response is not from the configured provider (RFC 9207).
    #[error("the answer's iss parameter is {0}")]
    Issuer(&'static str),
    /// The provider responded with an error.
    #[error("the provider answered with the error {code:?}: {description}")]
    Refused {
        /// The error code.
        code: String,
        /// The provider's description, shortened. For the log only.
        description: String,
    },
    /// The provider's tokens do not sign anybody in.
    #[error("{0}")]
    Exchange(#[from] ExchangeError),
    /// The session could not be written.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The request does not carry the session's CSRF token.
    #[error("the CSRF token is missing or wrong")]
    Csrf,
    /// A signed-in person did not complete step-up.
    #[error("step-up: {0}")]
    StepUp(#[from] StepUpError),
    /// The break-glass link is unknown, used up or expired.
    #[error("the break-glass link is unknown, used up or too old")]
    Spent,
    /// The browser signs in again and again, but is never signed in.
    #[error("the browser is in a sign-in loop; the session cookie came back: {came_back}")]
    Circle {
        /// Whether it sends the session cookie.
        came_back: bool,
    },
    /// The browser came by plain http, where it keeps none of the panel's cookies; the address to
    /// use instead.
    #[error("the browser used plain http")]
    InTheClear(String),
}

impl SignInError {
    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Provider(_)
            | Self::Database(DatabaseError::Busy | DatabaseError::Unreachable(_))
            | Self::Exchange(ExchangeError::Provider(_) | ExchangeError::Wire(_)) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Database(_) | Self::Session(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Request(_)
            | Self::NoAttempt
            | Self::Foreign
            | Self::NoCookie
            | Self::Issuer(_)
            | Self::Spent
            | Self::Circle { .. }
            | Self::InTheClear(_)
            | Self::Exchange(ExchangeError::Refused(_)) => StatusCode::BAD_REQUEST,
            Self::Refused { code, .. } if code == "temporarily_unavailable" => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Refused { code, .. } if code == "server_error" => StatusCode::BAD_GATEWAY,
            Self::StepUp(StepUpError::Ended) => StatusCode::BAD_REQUEST,
            Self::Refused { .. }
            | Self::Csrf
            | Self::StepUp(_)
            | Self::Exchange(ExchangeError::Token(_)) => StatusCode::FORBIDDEN,
            Self::Exchange(
                ExchangeError::Answer(_) | ExchangeError::UserInfo(_) | ExchangeError::OtherPerson,
            ) => StatusCode::BAD_GATEWAY,
        }
    }

    /// The number of seconds before a retry makes sense.
    pub fn retry_after_s(&self) -> Option<u32> {
        (self.status() == StatusCode::SERVICE_UNAVAILABLE).then_some(RETRY_AFTER_S)
    }

    /// Where to start again, if that may help: the start of sign-in, or the page that required
    /// step-up.
    pub fn start_again(&self, login: impl Fn() -> String) -> Option<String> {
        match self {
            Self::Csrf | Self::Spent => None,
            error if error.is_for_the_operator() => None,
            Self::StepUp(StepUpError::Ended) => Some(login()),
            Self::StepUp(error) => error.back().map(str::to_owned),
            _ => Some(login()),
        }
    }

    /// Whether every attempt will fail until the panel's registration at the provider is corrected.
    pub fn is_for_the_operator(&self) -> bool {
        match self {
            Self::Exchange(ExchangeError::Refused(code)) => is_of_the_client(code),
            Self::Refused { code, .. } => {
                matches!(code.as_str(), "invalid_scope" | "unauthorized_client")
            }
            _ => false,
        }
    }

    /// Whether the person is still signed in.
    pub fn is_within_session(&self) -> bool {
        matches!(self, Self::StepUp(error) if !matches!(error, StepUpError::Ended))
    }

    /// Whether the browser or the address is the cause, so that what was observed is shown.
    pub fn is_about_the_browser(&self) -> bool {
        matches!(
            self,
            Self::NoCookie | Self::Circle { .. } | Self::InTheClear(_)
        )
    }

    /// A heading for the person.
    pub fn title(&self) -> String {
        match self {
            Self::Provider(_) => text!("sign-in-unavailable"),
            Self::NoAttempt => text!("sign-in-over"),
            Self::StepUp(error) => error.title(),
            Self::Exchange(ExchangeError::Refused(code)) if is_of_the_client(code) => {
                text!("sign-in-client")
            }
            Self::Csrf => text!("sign-in-csrf"),
            Self::Spent => text!("sign-in-spent"),
            Self::Circle { .. } => text!("sign-in-circle"),
            Self::InTheClear(_) => text!("sign-in-in-the-clear"),
            Self::Refused { code, .. } if code == "access_denied" => text!("sign-in-denied"),
            _ => text!("sign-in-failed"),
        }
    }

    /// What happened and what to do, in plain words, without the provider's text.
    pub fn public_text(&self) -> String {
        match self {
            Self::Provider(ProviderError::Metadata(_) | ProviderError::Keys(_)) => {
                text!("sign-in-metadata-text")
            }
            Self::Provider(_)
            | Self::Exchange(ExchangeError::Provider(_) | ExchangeError::Wire(_)) => {
                text!("sign-in-unavailable-text")
            }
            Self::Database(_) | Self::Session(_) => {
                text!("sign-in-database-text")
            }
            Self::Request(reason) => text!("sign-in-request", reason = reason.text()),
            Self::NoAttempt => {
                text!("sign-in-over-text")
            }
            Self::Foreign => {
                text!("sign-in-foreign-text")
            }
            Self::NoCookie => {
                text!("sign-in-no-cookie-text")
            }
            Self::Issuer(_) => text!("sign-in-issuer-text"),
            Self::Refused { code, .. } => refused(code),
            Self::StepUp(error) => error.text(),
            Self::Exchange(ExchangeError::Refused(code)) if is_of_the_client(code) => {
                text!("sign-in-client-text")
            }
            Self::Exchange(ExchangeError::Refused(code)) if code == "access_denied" => {
                refused(code)
            }
            Self::Exchange(ExchangeError::Refused(_)) => {
                text!("sign-in-code-text")
            }
            Self::Exchange(ExchangeError::Token(token)) => token_text(token),
            Self::Exchange(ExchangeError::UserInfo(_) | ExchangeError::OtherPerson) => {
                text!("sign-in-userinfo-text")
            }
            Self::Exchange(ExchangeError::Answer(_)) => {
                text!("sign-in-answer-text")
            }
            Self::Csrf => {
                text!("sign-in-csrf-text")
            }
            Self::Spent => {
                text!("sign-in-spent-text")
            }
            Self::Circle { came_back: false } => {
                text!("sign-in-circle-no-cookie-text")
            }
            Self::Circle { came_back: true } => {
                text!("sign-in-circle-text")
            }
            Self::InTheClear(_) => {
                text!("sign-in-in-the-clear-text")
            }
        }
    }
}

/// Whether the token endpoint does not know the panel, or does not let it redeem codes (RFC 6749,
/// section 5.2).
fn is_of_the_client(code: &str) -> bool {
    matches!(code, "invalid_client" | "unauthorized_client")
}

fn token_text(error: &TokenError) -> String {
    match error {
        TokenError::Jws(JwsError::Encrypted) => {
            text!("sign-in-encrypted-text")
        }
        TokenError::Stale(_) => {
            text!("sign-in-stale-text")
        }
        TokenError::OtherAudiences(audiences) => {
            text!(
                "sign-in-audiences-text",
                audiences = format!("{audiences:?}")
            )
        }
        TokenError::Jws(JwsError::UnknownKey) => {
            text!("sign-in-key-text")
        }
        TokenError::Expired(seconds) => {
            text!("sign-in-expired-text", seconds = seconds.to_string())
        }
        TokenError::Future(seconds) => {
            text!("sign-in-future-text", seconds = seconds.to_string())
        }
        TokenError::Old(seconds) => text!("sign-in-old-text", seconds = seconds.to_string()),
        _ => text!("sign-in-checks-text"),
    }
}

/// The text for a provider's error (RFC 6749, section 4.1.2.1; OpenID Connect Core, section
/// 3.1.2.6).
fn refused(code: &str) -> String {
    match code {
        "access_denied" => {
            text!("sign-in-cancelled-text")
        }
        "login_required" => {
            text!("sign-in-login-required-text")
        }
        "interaction_required" => {
            text!("sign-in-interaction-text")
        }
        "account_selection_required" => {
            text!("sign-in-account-text")
        }
        "consent_required" => {
            text!("sign-in-consent-text")
        }
        "invalid_scope" => {
            text!("sign-in-scope-text")
        }
        "temporarily_unavailable" => {
            text!("sign-in-busy-text")
        }
        "server_error" => {
            text!("sign-in-server-error-text")
        }
        "unauthorized_client" => {
            text!("sign-in-unauthorized-text")
        }
        "invalid_request" | "unsupported_response_type" => {
            text!("sign-in-registration-text")
        }
        _ => {
            text!("sign-in-error-text")
        }
    }
}
