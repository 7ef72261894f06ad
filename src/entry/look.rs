//! Viewing the panel as somebody else, within a request.
//!
//! Permits come only from the look; nothing can be changed or exported meanwhile. Changes are
//! refused where every form is read (`entry::form`). Exports are refused where their permit is
//! given (`entry::access::Granted`).

use super::caller::Access;
use crate::access::{Look, Policy};
use crate::config::Manage;
use crate::session::Signed;
use crate::web::Failure;
use actix_web::{HttpMessage, HttpRequest};

/// Applies the look of a session, if there is one: `person` gets the rights of the look. If its
/// person may no longer view as others, it is ignored.
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

/// The look of a request, if there is one.
pub fn of(request: &HttpRequest) -> Option<Look> {
    let extensions = request.extensions();
    let access = extensions.get::<Access>()?;
    access.caller().signed.look.clone()
}

/// Refuses what is not allowed while viewing as somebody else.
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
