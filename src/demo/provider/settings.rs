//! Who may sign in, and to which client.

use std::time::Duration;

use crate::clock::Clock;

use openidconnect::{ClientId, ClientSecret};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Somebody who can be chosen on the sign-in page.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// The login name: what the sign-in form sends, and the claim `preferred_username`.
    pub name: String,
    /// The claim `name`.
    pub display_name: String,
    /// The claim `email`.
    pub email: String,
    /// The claim `sub`: opaque, and the same on every start.
    pub subject: String,
    /// The claim `groups`; empty is told as an empty list.
    pub groups: Vec<String>,
    /// Further claims. Those the provider sets itself cannot be overridden here.
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

    /// Puts the person into exactly these groups.
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

/// An id that does not look like the login name, as those of real providers do not.
fn subject_for(name: &str) -> String {
    let digest = Sha256::digest(format!("bailiwick development person {name}"));
    digest
        .iter()
        .take(12)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// How a provider is set up: one client and some people.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// The client's id.
    pub client_id: ClientId,
    /// The client's secret.
    pub client_secret: ClientSecret,
    /// Where a sign-in may return to; compared as text, to the letter.
    pub redirect_uris: Vec<String>,
    /// Where a sign-out may return to; compared as text, to the letter.
    pub post_logout_redirect_uris: Vec<String>,
    /// Where the client is told of sign-outs, by back-channel logout.
    pub backchannel_logout_uris: Vec<String>,
    /// Who can sign in.
    pub people: Vec<Person>,
    /// Whether groups and further claims are in the ID token too, or at the userinfo endpoint only.
    pub groups_in_id_token: bool,
    /// How long an authorization code may be redeemed.
    pub code_lifetime: Duration,
    /// How long an access token works.
    pub access_token_lifetime: Duration,
    /// How far ahead the `exp` of an ID token is.
    pub id_token_lifetime: Duration,
    /// Tells the time.
    pub clock: Clock,
}

impl ProviderSettings {
    /// Settings for a client with [`demo_people`] and no redirect address yet.
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

    /// Registers an address a sign-in may return to.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Registers an address a sign-out may return to.
    #[must_use]
    pub fn post_logout_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.post_logout_redirect_uris.push(uri.into());
        self
    }

    /// Registers an address at which the client is told of sign-outs.
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

    /// Passes the time in.
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

/// The four people of the demo, one for each thing that can come of a sign-in.
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
