//! Refused sign-ins in the audit log: who tried, from where, and which check failed.
//!
//! Anybody can cause these, so they are limited. Beyond a number a minute, they are only in the
//! server's log.

use super::error::SignInError;
use crate::access::{BREAK_GLASS, Person};
use crate::session::Signed;
use crate::sso::context::{Context, reference};
use crate::sso::exchange::ExchangeError;
use crate::sso::token::verify::TokenError;
use crate::store::audit::event::{EmergencyLink, Refused, SignInRefused};
use crate::store::audit::{self, Actor};
use crate::store::{DatabaseError, Event, NewEntry};
use crate::texts::{stored, text};
use crate::web::client_address;
use actix_session::SessionExt;
use actix_web::{HttpMessage, HttpRequest};

/// The issuer of the sign-in in a request, stored there by the callback.
pub(in crate::sso) struct AttemptAt(pub String);

/// The kind of refusal and its cause, for the audit log. `None` if it was not an attempt to sign
/// in, or not its fault.
fn told(error: &SignInError) -> Option<(&'static str, String)> {
    Some(match error {
        SignInError::Foreign => ("foreign", text!("cause-foreign")),
        SignInError::NoCookie => ("no cookie", text!("cause-no-cookie")),
        SignInError::Issuer(what) => ("issuer", text!("cause-issuer", issuer = what.to_string())),
        SignInError::Refused { code, .. } => {
            ("provider", text!("cause-provider", code = known_code(code)))
        }
        SignInError::Exchange(error) => exchange(error),
        SignInError::Spent => ("break-glass", text!("cause-spent")),
        _ => return None,
    })
}

fn exchange(error: &ExchangeError) -> (&'static str, String) {
    match error {
        ExchangeError::Token(error) => ("token", token(error)),
        ExchangeError::Refused(code) => ("code", text!("cause-code", code = known_code(code))),
        ExchangeError::Provider(_) | ExchangeError::Wire(_) => ("away", text!("cause-away")),
        ExchangeError::OtherPerson => ("userinfo", text!("cause-other-person")),
        ExchangeError::Answer(_) => ("answer", text!("cause-answer")),
        ExchangeError::UserInfo(_) => ("userinfo", text!("cause-userinfo")),
    }
}

/// The rule that a token breaks, without any content of the token.
fn token(error: &TokenError) -> String {
    let rule = match error {
        TokenError::Jws(error) => error.to_string(),
        TokenError::Payload(_) => text!("rule-claims"),
        TokenError::Claim(name) => text!("rule-of-claim", claim = name.to_string()),
        TokenError::Issuer(_) => text!("rule-issuer"),
        TokenError::Audience(_) | TokenError::OtherAudiences(_) => text!("rule-audience"),
        TokenError::Party => "azp".to_owned(),
        TokenError::Expired(_) => text!("rule-expired"),
        TokenError::Future(_) => text!("rule-future"),
        TokenError::Old(_) => text!("rule-old"),
        TokenError::Nonce => text!("rule-nonce"),
        TokenError::AccessToken => "at_hash".to_owned(),
        TokenError::Events => text!("rule-events"),
        TokenError::Stale(_) => text!("rule-stale"),
    };
    text!("cause-token", rule = rule)
}

/// An error code of the specifications; anything else from a provider or client is dropped.
fn known_code(code: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c == '_';
    if code.len() <= 40 && code.chars().all(plain) {
        code.to_owned()
    } else {
        text!("cause-unknown-code")
    }
}

impl Context {
    /// Writes a refusal to the audit log. If that fails, it is logged, and the refusal stands.
    pub(in crate::sso) async fn note_refused(&self, request: &HttpRequest, error: &SignInError) {
        let Some((kind, cause)) = stored(|| told(error)) else {
            return;
        };
        let now = self.clock.now();
        if !self.refusals.takes(now.timestamp().div_euclid(60)) {
            return;
        }
        let session = Signed::read(&request.get_session()).map(|signed| signed.reference);
        let is_link = matches!(error, SignInError::Spent);
        let refused = Refused {
            kind: Some(kind.to_owned()),
            cause: Some(cause),
            session,
        };
        let entry = NewEntry::new(if is_link {
            Event::BreakGlass(EmergencyLink::Refused(refused))
        } else {
            Event::SignInRefused(SignInRefused::Refused(refused))
        });
        let actor = self.nobody(request, is_link);
        let record = move |conn: &mut _| {
            audit::record(conn, &actor, &entry, now.naive_utc()).map_err(DatabaseError::from)
        };
        if let Err(error) = self.database.run(record).await {
            tracing::error!(request.id = reference(request), error = %error,
                "a refused sign-in could not be recorded in the audit log");
        }
    }

    /// An unknown person, with only the issuer of the sign-in.
    fn nobody(&self, request: &HttpRequest, is_link: bool) -> Actor {
        let attempt = request
            .extensions()
            .get::<AttemptAt>()
            .map(|at| at.0.clone());
        let issuer = match (is_link, attempt) {
            (true, _) => BREAK_GLASS.to_owned(),
            (false, Some(issuer)) => issuer,
            // The sign-in of another browser is not read, but if there is only one provider, it was
            // that one.
            (false, None) if self.providers.iter().count() == 1 => {
                self.providers.main().issuer().to_owned()
            }
            (false, None) => String::new(),
        };
        Actor {
            person: Person {
                issuer,
                name: "Nobody".into(),
                ..Person::default()
            },
            roles: Vec::new(),
            request_id: reference(request),
            address: client_address(request),
            looking_as: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_counted_by_the_minute() {
        let refusals = crate::sso::Refusals::default();
        let taken = |minute| (0..100).filter(|_| refusals.takes(minute)).count();
        assert_eq!(taken(1), 60);
        assert_eq!(taken(1), 0);
        assert_eq!(taken(2), 60);
    }

    #[test]
    fn what_strangers_write_is_not_kept() {
        assert_eq!(known_code("access_denied"), "access_denied");
        assert_eq!(known_code("<b>"), "an unknown error");
        assert_eq!(known_code(&"a".repeat(40)), "a".repeat(40));
        assert_eq!(known_code(&"a".repeat(41)), "an unknown error");
    }
}
