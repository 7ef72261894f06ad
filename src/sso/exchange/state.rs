//! The `state` of an attempt, which also says how its answer comes.

use crate::session::token;
use crate::sso::provider::settings::Settings;

/// How the state of an attempt begins whose answer comes in an address even from a provider that
/// posts them. No random state begins so.
const IN_ADDRESS: &str = "~";

/// The state of a new attempt. What confirms a session must find it, so that its answer has to
/// come where the session's cookie does: in an address.
pub(in crate::sso) fn random(confirms_a_session: bool) -> String {
    let random = token::random();
    if confirms_a_session {
        format!("{IN_ADDRESS}{random}")
    } else {
        random
    }
}

/// Whether the answer to an attempt comes in a form.
pub(in crate::sso) fn is_posted(settings: &Settings, state: &str) -> bool {
    settings.posts_answers() && !state.starts_with(IN_ADDRESS)
}
