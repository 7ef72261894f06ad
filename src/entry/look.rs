//! A look at the panel as somebody else would see it, on its way through a request.
//!
//! Permits are given by the look alone; nothing can be changed and nothing be taken out meanwhile.
//! The first is refused where every form is read (`entry::form`), the second where leave to export is
//! given (`entry::access::Granted`).

use super::caller::Access;
use crate::access::{Look, Policy};
use crate::config::Manage;
use crate::session::Signed;
use crate::web::Failure;
use actix_web::{HttpMessage, HttpRequest};

/// Puts the look of a session in force, if it has one: `person` becomes who is looked as. For those
/// who may not look any more it is as if they had not begun.
pub fn applied(mut signed: Signed, policy: &Policy) -> Signed {
    if !policy.manages(&signed.person, Manage::Roles) {
        signed.look = None;
    }
    if let Some(look) = &mut signed.look {
        let seen = look.person(&signed.person);
        look.own = Some(Box::new(std::mem::replace(&mut signed.person, seen)));
    }
    signed
}

/// The look in which a request is made.
pub fn of(request: &HttpRequest) -> Option<Look> {
    let extensions = request.extensions();
    let access = extensions.get::<Access>()?;
    access.caller().signed.look.clone()
}

/// Refuses what is not to be done while looking.
///
/// # Errors
/// [`Failure::OnlyLooking`] during a look.
pub fn check_is_not(request: &HttpRequest) -> Result<(), Failure> {
    match of(request) {
        Some(look) => Err(Failure::OnlyLooking(look.in_words())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::access::GroupsNote;
    use crate::access::{Person, Standing};
    use crate::catalog::Catalog;
    use crate::config::{GroupRule, RoleConfig};
    use chrono::DateTime;
    use std::collections::BTreeMap;
    use std::sync::Arc;

    fn policy() -> Policy {
        let role = |group: &str, manage: Vec<Manage>| RoleConfig {
            groups: vec![GroupRule::is(group)],
            manage,
            ..RoleConfig::default()
        };
        let roles = BTreeMap::from([
            ("admin".to_owned(), role("admins", vec![Manage::Roles])),
            ("keeper".to_owned(), role("keepers", vec![Manage::Sessions])),
        ]);
        Policy::new(Arc::new(Catalog::new([])), &roles).unwrap()
    }

    fn signed(group: &str) -> Signed {
        let look = Look::new(Standing::Role("keeper".into()), serde_json::Map::new());
        let person = Person {
            groups: vec![group.to_owned()],
            ..Person::default()
        };
        Signed {
            look: Some(look),
            ..Signed::new(
                person,
                String::new(),
                GroupsNote::Found,
                DateTime::UNIX_EPOCH,
            )
        }
    }

    #[test]
    fn a_look_takes_the_place_of_ones_own_rights() {
        let looking = applied(signed("admins"), &policy());
        assert_eq!(looking.person.as_role.as_deref(), Some("keeper"));
        assert!(looking.person.groups.is_empty());
        assert_eq!(looking.own().groups, ["admins"]);
    }

    #[test]
    fn who_may_not_look_does_not() {
        for group in ["keepers", "others"] {
            let signed = applied(signed(group), &policy());
            assert_eq!((signed.look, signed.person.as_role), (None, None));
        }
    }
}
