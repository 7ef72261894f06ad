//! The people who may sign in, and the client.

use std::time::Duration;

use crate::clock::Clock;

use openidconnect::{ClientId, ClientSecret};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// A person on the sign-in page.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// The login name, which the sign-in form sends, and the claim `preferred_username`.
    pub name: String,
    /// The claim `name`.
    pub display_name: String,
    /// The claim `email`.
    pub email: String,
    /// The claim `sub`: opaque, and the same on every start.
    pub subject: String,
    /// The claim `groups`; an empty list if there are none.
    pub groups: Vec<String>,
    /// Further claims. They cannot override the provider's own.
    pub claims: Map<String, Value>,
}

impl Person {
    /// A person without groups, whose subject is derived from the login name.
    pub fn new(name: &str, display_name: &str, email: &str) -> Self {
        Self {
            name: name.to_owned(),
            display_name: display_name.to_owned(),
            email: email.to_owned(),
            subject: subject_for(name),
            groups: Vec::new(),
            claims: Map::new(),
        }
    }

    /// Sets the person's groups.
    #[must_use]
    pub fn with_groups<I: IntoIterator<Item = S>, S: Into<String>>(mut self, groups: I) -> Self {
        self.groups = groups.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a claim.
    #[must_use]
    pub fn with_claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }
}

/// An id that does not resemble the login name, as with real providers.
fn subject_for(name: &str) -> String {
    let digest = Sha256::digest(format!("bailiwick development person {name}"));
    digest
        .iter()
        .take(12)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The settings of a provider: one client and some people.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// The client's id.
    pub client_id: ClientId,
    /// The client's secret.
    pub client_secret: ClientSecret,
    /// The redirect URIs; compared exactly as text.
    pub redirect_uris: Vec<String>,
    /// The post-logout redirect URIs; compared exactly as text.
    pub post_logout_redirect_uris: Vec<String>,
    /// The back-channel logout URIs.
    pub backchannel_logout_uris: Vec<String>,
    /// The people who can sign in.
    pub people: Vec<Person>,
    /// Whether groups and further claims are also in the ID token, not only in userinfo.
    pub groups_in_id_token: bool,
    /// The lifetime of an authorization code.
    pub code_lifetime: Duration,
    /// The lifetime of an access token.
    pub access_token_lifetime: Duration,
    /// The lifetime of an ID token (`exp`).
    pub id_token_lifetime: Duration,
    /// The clock.
    pub clock: Clock,
}

impl ProviderSettings {
    /// Settings for a client with [`demo_people`] and no redirect URI yet.
    pub fn new(client_id: &str, client_secret: &str) -> Self {
        Self {
            client_id: ClientId::new(client_id.to_owned()),
            client_secret: ClientSecret::new(client_secret.to_owned()),
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uris: Vec::new(),
            people: demo_people(),
            groups_in_id_token: false,
            code_lifetime: Duration::from_secs(60),
            access_token_lifetime: Duration::from_secs(300),
            id_token_lifetime: Duration::from_secs(300),
            clock: Clock::system(),
        }
    }

    /// Registers a redirect URI.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Registers a post-logout redirect URI.
    #[must_use]
    pub fn post_logout_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.post_logout_redirect_uris.push(uri.into());
        self
    }

    /// Registers a back-channel logout URI.
    #[must_use]
    pub fn backchannel_logout_uri(mut self, uri: impl Into<String>) -> Self {
        self.backchannel_logout_uris.push(uri.into());
        self
    }

    /// Replaces the people.
    #[must_use]
    #[cfg(any(test, feature = "testing"))]
    pub fn people(mut self, people: Vec<Person>) -> Self {
        self.people = people;
        self
    }

    /// Sets the clock.
    #[must_use]
    #[cfg(any(test, feature = "testing"))]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Puts groups and further claims into the ID token.
    #[must_use]
    #[cfg(any(test, feature = "testing"))]
    pub fn groups_in_id_token(mut self, yes: bool) -> Self {
        self.groups_in_id_token = yes;
        self
    }
}

/// The four people of the demo, one for each possible outcome of a sign-in.
pub fn demo_people() -> Vec<Person> {
    vec![
        Person::new("alice", "Alice Archer", "alice@example.com").with_groups(["admins"]),
        Person::new("bob", "Bob Berger", "bob@example.com")
            .with_groups(["editors"])
            .with_claim("region", "emea"),
        Person::new("carol", "Carol Meyer", "carol@example.com").with_groups(["viewers"]),
        Person::new("dave", "Dave Novak", "dave@example.com"),
    ]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]

    use super::{ProviderSettings, demo_people};

    #[test]
    fn subjects_are_stable_and_tell_nothing() {
        let people = demo_people();
        assert_eq!(people[0].subject.len(), 24);
        assert_eq!(people[0].subject, demo_people()[0].subject);
        assert!(
            people
                .iter()
                .all(|person| !person.subject.contains(&person.name))
        );
        assert_ne!(people[0].subject, people[1].subject);
    }

    #[test]
    fn the_secret_is_not_in_the_debug_output() {
        let settings = ProviderSettings::new("panel", "very secret");
        assert!(!format!("{settings:?}").contains("very secret"));
    }
}
