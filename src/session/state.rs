//! The text in which a session's row keeps what the session holds.

use super::Signed;
use super::signed::KEY;
use std::collections::HashMap;

/// What a session holds, as JSON by key.
pub(super) type State = HashMap<String, String>;

/// Who is signed in by a row of this text.
pub(crate) fn signed(text: &str) -> Option<Signed> {
    read(&serde_json::from_str(text).ok()?)
}

fn read(state: &State) -> Option<Signed> {
    serde_json::from_str(state.get(KEY)?).ok()
}

/// The text with another reading of who is signed in.
pub(crate) fn with_signed(text: &str, signed: &Signed) -> Option<String> {
    let mut state: State = serde_json::from_str(text).ok()?;
    state.insert(KEY.to_owned(), serde_json::to_string(signed).ok()?);
    serde_json::to_string(&state).ok()
}

/// What to write over a row that may have been re-checked since the request that writes read it:
/// what the provider told last is kept, or the session would go on with a used refresh token.
pub(super) fn over(row: &str, mut state: State) -> State {
    if let (Some(there), Some(mut ours)) = (signed(row), read(&state))
        && there.reference == ours.reference
        && there.groups_checked_at > ours.groups_checked_at
    {
        ours.learn(there);
        if let Ok(text) = serde_json::to_string(&ours) {
            state.insert(KEY.to_owned(), text);
        }
    }
    state
}
