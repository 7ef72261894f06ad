//! A session that goes on under another id, because what its person may do has changed.
//!
//! Requests come side by side, and each of them may find that the roles are others. One gives the
//! session its new id, in one statement with the writing; the answers to the others leave the
//! browser's cookie alone, or they would put the dead id back over the new one.

use super::{Keyring, State};
use actix_session::storage::SessionKey;
use actix_session::{Session, SessionInsertError};
use actix_web::cookie::Cookie;
use actix_web::http::header::{HeaderMap, SET_COOKIE};

/// The key under which a request notes that its session is to be given another id.
const KEY: &str = "renew";
/// The key under which a session that begins notes which one it takes the place of.
const BEFORE: &str = "before";
/// The id of no session: it stands in the cookie of an answer that is to set none.
const AS_IT_WAS: &str = "-";

/// Why a session is given another id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) enum RenewalReason {
    /// Its person has other roles; what else it holds is only what the request has read.
    Roles,
    /// What it holds has been changed.
    Change,
}

/// Notes that the session is to be given another id when it is written.
pub(super) fn wish(session: &Session, wish: RenewalReason) -> Result<(), SessionInsertError> {
    session.insert(KEY, wish)
}

/// Takes the note out of what is to be written, if it is there.
pub(super) fn taken(state: &mut State) -> Option<RenewalReason> {
    serde_json::from_str(&state.remove(KEY)?).ok()
}

/// Notes which session ends with the beginning of this one: its id may be another by then.
pub(super) fn note_before(session: &Session, reference: &str) -> Result<(), SessionInsertError> {
    session.insert(BEFORE, reference)
}

/// Takes that note out of what is to be written.
pub(super) fn before(state: &mut State) -> Option<String> {
    serde_json::from_str(&state.remove(BEFORE)?).ok()
}

/// What the store answers where the id has not changed.
pub(super) fn as_it_was() -> Result<SessionKey, anyhow::Error> {
    SessionKey::try_from(AS_IT_WAS.to_owned()).map_err(anyhow::Error::new)
}

/// Takes the cookie of an id that has not changed out of an answer: the browser has it, or by now
/// another one. Says whether there was one.
pub(super) fn drop_unchanged(headers: &mut HeaderMap, name: &str, keys: &Keyring) -> bool {
    let is_unchanged = |text: &str| {
        Cookie::parse_encoded(text.to_owned())
            .ok()
            .filter(|cookie| cookie.name() == name)
            .and_then(|cookie| keys.verified(cookie))
            .is_some_and(|id| id == AS_IT_WAS)
    };
    let all: Vec<_> = headers.get_all(SET_COOKIE).cloned().collect();
    let kept = all
        .iter()
        .filter(|value| !value.to_str().is_ok_and(is_unchanged));
    let kept: Vec<_> = kept.cloned().collect();
    if kept.len() == all.len() {
        return false;
    }
    headers.remove(SET_COOKIE);
    for value in kept {
        headers.append(SET_COOKIE, value);
    }
    true
}
