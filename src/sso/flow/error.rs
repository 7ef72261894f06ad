//! Why a sign-in did not work: for the person in plain words, for the log with its cause.

use super::step_up::StepUpError;
use crate::session::SessionError;
use crate::sso::exchange::ExchangeError;
use crate::sso::provider::ProviderError;
use crate::sso::token::jws::JwsError;
use crate::sso::token::verify::TokenError;
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
    pub fn title(&self) -> &'static str {
        match self {
            Self::Provider(_) => "Sign-in is not available right now",
            Self::NoAttempt => "This sign-in is over",
            Self::StepUp(error) => error.title(),
            Self::Exchange(ExchangeError::Refused(code)) if is_of_the_client(code) => {
                "This panel is not known at the identity provider"
            }
            Self::Csrf => "That request could not be checked",
            Self::Spent => "This link does not work any more",
            Self::Circle { .. } => "Sign-in goes in a circle",
            Self::InTheClear(_) => "The panel is opened by another address",
            Self::Refused { code, .. } if code == "access_denied" => "You were not signed in",
            _ => "Sign-in did not work",
        }
    }

    /// What happened and what to do, in plain words; nothing of the provider's own text.
    pub fn public_text(&self) -> String {
        match self {
            Self::Provider(ProviderError::Metadata(_) | ProviderError::Keys(_)) => {
                "The identity provider answers, but not in a way that this panel can use. \
                 Whoever runs this panel finds the cause in its log under the reference below."
            }
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
                "Your browser did not send back the sign-in cookie. Was the sign-in begun at \
                 exactly the address below, with https if it says so, and are cookies allowed for \
                 it? Start again from there."
            }
            Self::Issuer(_) => "The answer does not come from the configured identity provider.",
            Self::Refused { code, .. } => return refused(code),
            Self::StepUp(error) => return error.text(),
            Self::Exchange(ExchangeError::Refused(code)) if is_of_the_client(code) => {
                "The identity provider does not accept the name and secret with which this panel \
                 is registered there. It is not your account, and trying again does not help: \
                 whoever runs this panel must correct them, and finds how in its log under the \
                 reference below."
            }
            Self::Exchange(ExchangeError::Refused(code)) if code == "access_denied" => {
                return refused(code);
            }
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
            Self::Spent => {
                "It was used before, or it is more than ten minutes old. Whoever runs this panel \
                 can make another on the server."
            }
            Self::Circle { came_back: false } => {
                "You signed in four times within a minute, and your browser never sent back the \
                 cookie that shows it. Are cookies allowed for this address, and is the panel \
                 opened by exactly the address below?"
            }
            Self::Circle { came_back: true } => {
                "You signed in four times within a minute. Your browser sends back the cookie that \
                 shows it, but the panel knows of no such session. Whoever runs the panel can look \
                 whether its clock is right, and whether several of it run on different databases."
            }
            Self::InTheClear(_) => {
                "Your browser came by plain http, where it would not keep the cookies of the \
                 sign-in. Try again by the address below. If you did come by https, whoever runs \
                 the proxy in front of the panel can make it say so (X-Forwarded-Proto)."
            }
        }
        .to_owned()
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
            "The identity provider encrypts its ID tokens (JWE), which this panel does not read. \
             Whoever runs the provider can have it sign them only."
                .to_owned()
        }
        TokenError::Stale(_) => {
            "You signed in at the identity provider too long ago, and it did not ask you again \
             as it was told to (max_age)."
                .to_owned()
        }
        TokenError::OtherAudiences(audiences) => format!(
            "The identity provider's ID token is for others too. If that is right, whoever runs \
             this panel can add them to trusted_audiences: {audiences:?}."
        ),
        TokenError::Jws(JwsError::UnknownKey) => {
            "The identity provider signs with a key that it has not published yet, or not long \
             ago. Please try again in a minute; if that does not help, whoever runs this panel \
             finds the cause in its log under the reference below."
                .to_owned()
        }
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
        "login_required" => {
            "The identity provider wants you to sign in there first. Please start again."
        }
        "interaction_required" => {
            "The identity provider has something to ask you before it lets you in. Please start \
             again, and answer it there."
        }
        "account_selection_required" => {
            "The identity provider wants you to choose one of your accounts there. Please start \
             again."
        }
        "consent_required" => {
            "The identity provider wants your consent for this application. Please start again."
        }
        "invalid_scope" => {
            "The identity provider does not know one of the scopes that the panel asks for, and \
             trying again does not help. Whoever runs this panel can take it out of oidc.scopes; \
             its log tells which one, under the reference below."
        }
        "temporarily_unavailable" => {
            "The identity provider is busy or being worked on. Please try once more in a moment."
        }
        "server_error" => {
            "The identity provider has a problem of its own. Please try once more; if that does \
             not help, ask whoever runs it."
        }
        "unauthorized_client" => {
            "The identity provider does not let this panel sign people in. Whoever runs the \
             provider can allow this client the authorization code flow."
        }
        "invalid_request" | "unsupported_response_type" => {
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
