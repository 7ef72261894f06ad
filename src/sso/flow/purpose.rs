//! The purpose of a sign-in.

use super::error::SignInError;
use super::malformed::Malformed;
use crate::store::sign_ins::Pending;
use serde::{Deserialize, Serialize};

/// The purpose of a sign-in.
#[derive(Debug, Default)]
pub(in crate::sso) enum Purpose {
    /// A person signs in.
    #[default]
    SignIn,
    /// A session is confirmed without showing anything to the person.
    Confirm(Silent),
    /// A signed-in person proves their identity again (step-up).
    StepUp(StepUpRequest),
}

/// The session that a silent sign-in confirms.
#[derive(Debug)]
pub(in crate::sso) struct Silent {
    /// The session's reference.
    pub silent: String,
}

/// The parameters of a step-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sso) struct StepUpRequest {
    /// The maximum time since the person signed in, in seconds.
    pub max_age_s: Option<i64>,
    /// The accepted sign-in levels (`acr`).
    pub acr: Option<Vec<String>>,
    /// The action that requires it, in words.
    pub what: String,
}

/// The purpose as stored with the sign-in; a plain sign-in stores none.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stored {
    Silent(String),
    StepUp(StepUpRequest),
}

impl Purpose {
    /// The purpose of a stored sign-in.
    ///
    /// # Errors
    /// When the stored purpose is unknown or unreadable. It must not be treated as a plain sign-in.
    pub fn of_attempt(pending: &Pending) -> Result<Self, SignInError> {
        let Some(text) = pending.purpose.as_deref() else {
            return Ok(Self::SignIn);
        };
        let stored =
            serde_json::from_str(text).map_err(|_| SignInError::Request(Malformed::Purpose))?;
        Ok(match stored {
            Stored::Silent(silent) => Self::Confirm(Silent { silent }),
            Stored::StepUp(asked) => Self::StepUp(asked),
        })
    }

    /// The purpose in stored form.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn to_stored(&self) -> Result<Option<String>, SignInError> {
        let stored = match self {
            Self::SignIn => return Ok(None),
            Self::Confirm(silent) => Stored::Silent(silent.silent.clone()),
            Self::StepUp(asked) => Stored::StepUp(asked.clone()),
        };
        serde_json::to_string(&stored)
            .map(Some)
            .map_err(|_| SignInError::Request(Malformed::Purpose))
    }

    /// Whether the response changes an existing session, and so needs its cookie.
    pub fn needs_the_session(&self) -> bool {
        !matches!(self, Self::SignIn)
    }
}
