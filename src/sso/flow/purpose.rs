//! What an attempt to sign in is for.

use super::error::SignInError;
use super::malformed::Malformed;
use crate::store::sign_ins::Pending;
use serde::{Deserialize, Serialize};

/// What an attempt to sign in is for.
#[derive(Debug, Default)]
pub(in crate::sso) enum Purpose {
    /// A person signs in.
    #[default]
    SignIn,
    /// A session is confirmed without being seen.
    Confirm(Silent),
    /// A person who is signed in proves again who they are.
    StepUp(StepUpRequest),
}

/// Which session a silent sign-in is to confirm.
#[derive(Debug)]
pub(in crate::sso) struct Silent {
    /// The session's reference.
    pub silent: String,
}

/// What the provider was asked for in a step-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sso) struct StepUpRequest {
    /// How long ago the person may have signed in, in seconds.
    pub max_age_s: Option<i64>,
    /// The ways of signing in that will do.
    pub acr: Option<Vec<String>>,
    /// For what, in words.
    pub what: String,
}

/// The purpose as the attempt's row keeps it; a plain sign-in keeps none.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stored {
    Silent(String),
    StepUp(StepUpRequest),
}

impl Purpose {
    /// What an attempt was begun for.
    ///
    /// # Errors
    /// When the row names a purpose that is not known, or cannot be read: it must not be taken for
    /// a plain sign-in.
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

    /// What the attempt's row keeps.
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

    /// Whether the answer changes a session that is there, and has to find its cookie.
    pub fn needs_the_session(&self) -> bool {
        !matches!(self, Self::SignIn)
    }
}
