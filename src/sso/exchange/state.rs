//! The `state` of a sign-in, which also records how its response is sent.

use crate::session::token;
use crate::sso::provider::settings::Settings;

/// The prefix of a state whose response comes in the query, even from a provider that posts
/// responses. No random state starts with it.
const IN_ADDRESS: &str = "~";

/// The state of a new sign-in. To confirm a session, the callback needs the session cookie. So the
/// response must come in the query, not in a cross-site form.
pub(in crate::sso) fn random(confirms_a_session: bool) -> String {
    let random = token::random();
    if confirms_a_session {
        format!("{IN_ADDRESS}{random}")
    } else {
        random
    }
}

/// Whether the response to a sign-in comes in a form.
pub(in crate::sso) fn is_posted(settings: &Settings, state: &str) -> bool {
    settings.posts_answers() && !state.starts_with(IN_ADDRESS)
}
