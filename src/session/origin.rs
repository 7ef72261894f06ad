//! Where a session was begun: kept beside it, so that its person knows it again in a list.

use super::{SessionError, Signed};
use crate::store::sessions::Origin;
use crate::web::client_address;
use actix_session::Session;
use actix_web::HttpRequest;
use actix_web::http::header::USER_AGENT;

/// The key under which a new session holds it.
pub(super) const KEY: &str = "origin";
/// The longest name of a browser that is kept, in characters.
const MAX_AGENT: usize = 200;

/// Notes where a session begins; to be called with a session that `Signed::begin` has begun.
pub fn note_origin(request: &HttpRequest, session: &Session) {
    let agent = request.headers().get(USER_AGENT);
    let origin = Origin {
        address: client_address(request),
        user_agent: agent.and_then(|agent| plain(&String::from_utf8_lossy(agent.as_bytes()))),
    };
    if let Err(error) = session.insert(KEY, origin) {
        tracing::warn!(error = %error, "where a session was begun could not be noted");
    }
}

/// Puts this person into the session under a new id, as [`Signed::begin`], and keeps where it was
/// begun: it is the same session to its person.
///
/// # Errors
/// As [`Signed::begin`].
pub fn begin_again(signed: &Signed, session: &Session) -> Result<(), SessionError> {
    let origin: Option<Origin> = session.get(KEY).ok().flatten();
    signed.begin(session)?;
    if let Some(origin) = origin
        && let Err(error) = session.insert(KEY, origin)
    {
        tracing::warn!(error = %error, "where a session was begun could not be kept");
    }
    Ok(())
}

/// What a browser says of itself, short and on one line; nothing if it says nothing.
fn plain(agent: &str) -> Option<String> {
    let is_shown = |letter: &char| !letter.is_control() && *letter != char::REPLACEMENT_CHARACTER;
    let agent: String = agent
        .trim()
        .chars()
        .filter(is_shown)
        .take(MAX_AGENT)
        .collect();
    (!agent.is_empty()).then_some(agent)
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_a_browser_says_of_itself_is_kept_short_and_clean() {
        assert_eq!(plain(" Firefox\t\u{7f}x\n "), Some("Firefoxx".into()));
        assert_eq!(plain("\u{fffd}\r\n"), None);
        let long = plain(&"\u{e4}".repeat(900));
        assert_eq!(long.map(|text| text.chars().count()), Some(200));
    }
}
