//! Why a sign-in did not work: for the person in plain words, for the log with its cause.

use super::exchange::ExchangeError;
use super::provider::ProviderError;
use super::verify::TokenError;
use crate::session::SessionError;
use crate::store::DatabaseError;
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
    Request(&'static str),
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
            | Self::Exchange(ExchangeError::Refused(_)) => StatusCode::BAD_REQUEST,
            Self::Refused { code, .. } if code == "temporarily_unavailable" => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Refused { .. } | Self::Csrf | Self::Exchange(ExchangeError::Token(_)) => {
                StatusCode::FORBIDDEN
            }
            Self::Exchange(
                ExchangeError::Answer(_) | ExchangeError::UserInfo(_) | ExchangeError::OtherPerson,
            ) => StatusCode::BAD_GATEWAY,
        }
    }

    /// After how many seconds it makes sense to try again.
    pub fn retry_after_s(&self) -> Option<u32> {
        (self.status() == StatusCode::SERVICE_UNAVAILABLE).then_some(RETRY_AFTER_S)
    }

    /// Whether beginning again may help.
    pub fn may_start_again(&self) -> bool {
        !matches!(self, Self::Csrf)
    }

    /// A heading for the person.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Provider(_) => "Sign-in is not available right now",
            Self::NoAttempt => "This sign-in is over",
            Self::Csrf => "That request could not be checked",
            Self::Refused { code, .. } if code == "access_denied" => "You were not signed in",
            _ => "Sign-in did not work",
        }
    }

    /// What happened and what to do, in plain words; nothing of the provider's own text.
    pub fn public_text(&self) -> String {
        match self {
            Self::Provider(_)
            | Self::Exchange(ExchangeError::Provider(_) | ExchangeError::Wire(_)) => {
                "The identity provider does not answer as it should. It will be tried again by \
                 itself; please try once more in a moment."
            }
            Self::Database(_) | Self::Session(_) => {
                "The panel could not note your sign-in. Please try once more in a moment."
            }
            Self::Request(reason) => return format!("The request cannot be read: {reason}."),
            Self::NoAttempt => {
                "It was finished before, or it was left for more than ten minutes. Nothing has \
                 changed; please start again."
            }
            Self::Foreign => {
                "It was begun in another browser, or the browser has forgotten that it began it. \
                 If somebody sent you this link, do not use it. Otherwise please start again."
            }
            Self::NoCookie => {
                "Your browser did not send back the sign-in cookie. Is the panel opened by the \
                 same address as it was begun at, and are cookies allowed for it?"
            }
            Self::Issuer(_) => "The answer does not come from the configured identity provider.",
            Self::Refused { code, .. } => return refused(code),
            Self::Exchange(ExchangeError::Refused(_)) => {
                "The identity provider no longer takes the code that it gave. Please start again."
            }
            Self::Exchange(ExchangeError::Token(token)) => return token_text(token),
            Self::Exchange(ExchangeError::UserInfo(_) | ExchangeError::OtherPerson) => {
                "The identity provider could not tell your groups, so that it is not known what \
                 you may do."
            }
            Self::Exchange(ExchangeError::Answer(_)) => {
                "The identity provider's answer cannot be used. Whoever runs this panel finds the \
                 cause in its log under the reference below."
            }
            Self::Csrf => {
                "It did not carry the mark of a page of this panel, or that page was from an \
                 earlier session. Please go back, load the page again and repeat it."
            }
        }
        .to_owned()
    }
}

fn token_text(error: &TokenError) -> String {
    match error {
        TokenError::Expired(_) | TokenError::Future(_) | TokenError::Old(_) => format!(
            "The clocks of the panel and the identity provider do not agree: {error}. Whoever \
             runs them can set them right."
        ),
        _ => "The identity provider's answer did not pass the panel's checks. Whoever runs this \
              panel finds the cause in its log under the reference below."
            .to_owned(),
    }
}

/// An error of the provider (RFC 6749, section 4.1.2.1; OpenID Connect Core, section 3.1.2.6).
fn refused(code: &str) -> String {
    match code {
        "access_denied" => {
            "At the identity provider, the sign-in was cancelled or your account may not use this \
             application."
        }
        "login_required" | "interaction_required" | "account_selection_required" => {
            "The identity provider wants you to sign in there first. Please start again."
        }
        "consent_required" => {
            "The identity provider wants your consent for this application. Please start again."
        }
        "invalid_scope" => {
            "The identity provider does not know one of the scopes that the panel asks for. \
             Whoever runs this panel can take it out of oidc.scopes."
        }
        "temporarily_unavailable" | "server_error" => {
            "The identity provider has a problem of its own. Please try once more in a moment."
        }
        "unauthorized_client" | "invalid_request" | "unsupported_response_type" => {
            "The identity provider does not accept how this panel is registered there. Whoever \
             runs it finds the cause in its log under the reference below."
        }
        _ => {
            "The identity provider answered with an error. Whoever runs this panel finds it in \
             its log under the reference below."
        }
    }
    .to_owned()
}
