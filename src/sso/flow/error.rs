//! Why a sign-in did not work: for the person in plain words, for the log with its cause.

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

/// When to try again while the provider or the database is away, in seconds.
const RETRY_AFTER_S: u32 = 10;

/// Why a sign-in or sign-out did not work.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The provider cannot be used now.
    #[error("the identity provider cannot be used: {0}")]
    Provider(#[from] ProviderError),
    /// The panel's own tables cannot be used now.
    #[error("the panel's own tables: {0}")]
    Database(#[from] DatabaseError),
    /// The request is not one that our pages or the provider make.
    #[error("the request is malformed: {0}")]
    Request(Malformed),
    /// The attempt is used up, expired, or was never begun.
    #[error("the state is of no sign-in under way")]
    NoAttempt,
    /// The attempt was begun in another browser.
    #[error("the sign-in was begun in another browser")]
    Foreign,
    /// The browser did not send the cookie that the attempt is bound to.
    #[error("the browser sent no sign-in cookie")]
    NoCookie,
    /// The answer is not from the configured provider (RFC 9207).
    #[error("the answer's iss parameter is {0}")]
    Issuer(&'static str),
    /// The provider answered with an error.
    #[error("the provider answered with the error {code:?}: {description}")]
    Refused {
        /// The error's code.
        code: String,
        /// What the provider says about it, shortened. For the log only.
        description: String,
    },
    /// The provider's tokens let nobody in.
    #[error("{0}")]
    Exchange(#[from] ExchangeError),
    /// The session could not be written.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The request does not carry the session's CSRF token.
    #[error("the CSRF token is missing or wrong")]
    Csrf,
    /// A person who is signed in did not prove who they are.
    #[error("step-up: {0}")]
    StepUp(#[from] StepUpError),
    /// The link made on the server is unknown, used up or too old.
    #[error("the break-glass link is unknown, used up or too old")]
    Spent,
    /// The browser signs in again and again, and is never signed in.
    #[error("the browser signs in in a circle; the session cookie came back: {came_back}")]
    Circle {
        /// Whether it sends the session cookie.
        came_back: bool,
    },
    /// The browser came by plain http, where it keeps none of our cookies; where to go instead.
    #[error("the browser came by plain http")]
    InTheClear(String),
}

impl SignInError {
    /// The status of the answer.
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

    /// After how many seconds it makes sense to try again.
    pub fn retry_after_s(&self) -> Option<u32> {
        (self.status() == StatusCode::SERVICE_UNAVAILABLE).then_some(RETRY_AFTER_S)
    }

    /// Where to begin again, if that may help: where sign-in starts, or the page of a step-up.
    pub fn start_again(&self, login: impl Fn() -> String) -> Option<String> {
        match self {
            Self::Csrf | Self::Spent => None,
            error if error.is_for_the_operator() => None,
            Self::StepUp(StepUpError::Ended) => Some(login()),
            Self::StepUp(error) => error.back().map(str::to_owned),
            _ => Some(login()),
        }
    }

    /// Whether it happens again at every try, until the panel's registration at the provider is
    /// mended.
    pub fn is_for_the_operator(&self) -> bool {
        match self {
            Self::Exchange(ExchangeError::Refused(code)) => is_of_the_client(code),
            Self::Refused { code, .. } => {
                matches!(code.as_str(), "invalid_scope" | "unauthorized_client")
            }
            _ => false,
        }
    }

    /// Whether whoever it happened to is still signed in.
    pub fn is_within_session(&self) -> bool {
        matches!(self, Self::StepUp(error) if !matches!(error, StepUpError::Ended))
    }

    /// Whether it is the browser or the address that is in the way, so that what was seen of them
    /// is told.
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

    /// What happened and what to do, in plain words; nothing of the provider's own text.
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

/// Whether the token endpoint does not know the panel, or not as one that may redeem codes (RFC 6749,
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

/// An error of the provider (RFC 6749, section 4.1.2.1; OpenID Connect Core, section 3.1.2.6).
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
