//! The origin of a session: the address and browser that began it. It is stored with the session,
//! so that its person can recognise it in a list.

use super::{SessionError, Signed};
use crate::store::sessions::Origin;
use crate::web::client_address;
use actix_session::Session;
use actix_web::HttpRequest;
use actix_web::http::header::USER_AGENT;

/// The key of the origin in a new session.
pub(super) const KEY: &str = "origin";
/// The maximum length of a stored user agent, in characters.
const MAX_AGENT: usize = 200;

/// Records where a session begins. Must be called after [`Signed::begin`], which clears the
/// session.
pub fn note_origin(request: &HttpRequest, session: &Session) {
    let agent = request.headers().get(USER_AGENT);
    let origin = Origin {
        address: client_address(request),
        user_agent: agent.and_then(|agent| plain(&String::from_utf8_lossy(agent.as_bytes()))),
    };
    if let Err(error) = session.insert(KEY, origin) {
        tracing::warn!(error = %error, "the origin of a session could not be recorded");
    }
}

/// Begins the session again under a new id, as [`Signed::begin`] does, but keeps its origin. To its
/// person it is the same session.
///
/// # Errors
/// As [`Signed::begin`].
pub fn begin_again(signed: &Signed, session: &Session) -> Result<(), SessionError> {
    let origin: Option<Origin> = session.get(KEY).ok().flatten();
    signed.begin(session)?;
    if let Some(origin) = origin
        && let Err(error) = session.insert(KEY, origin)
    {
        tracing::warn!(error = %error, "the origin of a session could not be stored");
    }
    Ok(())
}

/// The user agent, truncated and on one line; none if nothing is left.
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
