//! The text in which a session's row keeps what the session holds.

use super::signed::KEY;
use super::{Signed, State};

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
/// what the provider told last is kept, or the session would go on with a used refresh token. The
/// roles are those of the row's id, unless this is what gives it another; and the look is the
/// row's, unless this `changes` it.
pub(super) fn over(row: &str, mut state: State, is_renewed: bool, changes: bool) -> State {
    let (Some(there), Some(mut ours)) = (signed(row), read(&state)) else {
        return state;
    };
    let is_same = there.reference == ours.reference;
    let is_older = ours.groups_checked_at < there.groups_checked_at;
    let keeps_roles = is_renewed || ours.roles == there.roles;
    let keeps_look = changes || ours.look == there.look;
    if !is_same || (!is_older && keeps_roles && keeps_look) {
        return state;
    }
    if !keeps_look {
        ours.look.clone_from(&there.look);
    }
    if !keeps_roles {
        ours.roles.clone_from(&there.roles);
    }
    if is_older {
        ours.learn(there);
    }
    if let Ok(text) = serde_json::to_string(&ours) {
        state.insert(KEY.to_owned(), text);
    }
    state
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::access::{Look, Standing};
    use serde_json::json;

    #[test]
    fn only_what_gives_another_id_gives_other_roles() {
        let with_roles = |roles: &[&str]| {
            let mut state = state("2026-11-23T09:00:00Z", "one", "mine");
            let mut signed = read(&state).unwrap();
            signed.roles = roles.iter().map(|role| (*role).to_owned()).collect();
            state.insert(KEY.to_owned(), serde_json::to_string(&signed).unwrap());
            state
        };
        let row = serde_json::to_string(&with_roles(&["editor"])).unwrap();
        let written = |is_renewed| over(&row, with_roles(&["admin"]), is_renewed, false);
        assert_eq!(read(&written(false)).unwrap().roles, ["editor"]);
        assert_eq!(read(&written(true)).unwrap().roles, ["admin"]);
        // Also where the row knows more of the groups by now.
        let mut newer = read(&with_roles(&["editor"])).unwrap();
        newer.groups_checked_at += chrono::TimeDelta::minutes(1);
        let newer = State::from([(KEY.to_owned(), serde_json::to_string(&newer).unwrap())]);
        let row = serde_json::to_string(&newer).unwrap();
        let written = over(&row, with_roles(&["admin"]), true, false);
        assert_eq!(read(&written).unwrap().roles, ["admin"]);
    }

    #[test]
    fn a_look_begun_meanwhile_goes_on_under_other_roles() {
        let with_look = |look: Option<Look>| {
            let mut signed = read(&state("2026-11-23T09:00:00Z", "one", "mine")).unwrap();
            signed.look = look;
            State::from([(KEY.to_owned(), serde_json::to_string(&signed).unwrap())])
        };
        let look = Some(Look::new(
            Standing::Role("viewer".into()),
            Default::default(),
        ));
        for (there, ours) in [(&look, &None), (&None, &look)] {
            let row = serde_json::to_string(&with_look(there.clone())).unwrap();
            for is_renewed in [true, false] {
                let written = |changes| over(&row, with_look(ours.clone()), is_renewed, changes);
                assert_eq!(&read(&written(false)).unwrap().look, there);
                assert_eq!(&read(&written(true)).unwrap().look, ours);
            }
        }
    }

    fn state(checked_at: &str, refresh_token: &str, csrf: &str) -> State {
        let signed = json!({
            "person": {"issuer": "i", "subject": "s", "name": "n", "email": null, "groups": [csrf],
                       "claims": {}, "as_role": csrf},
            "csrf_token": csrf, "reference": "r", "refresh_token": refresh_token,
            "id_token": null, "provider_session": null,
            "signed_in_at": "2026-11-23T09:00:00Z", "groups_checked_at": checked_at,
            "groups_note": {"kind": "found"},
        });
        let other = ("other".to_owned(), format!("{csrf:?}"));
        State::from([(KEY.to_owned(), signed.to_string()), other])
    }

    #[test]
    fn a_late_write_keeps_what_a_re_check_learnt_meanwhile() {
        let row = state("2026-11-23T09:05:00Z", "rotated", "old");
        let row = serde_json::to_string(&row).unwrap();
        let late = state("2026-11-23T09:00:00Z", "used", "mine");
        let written = over(&row, late.clone(), false, false);
        assert_eq!(written["other"], "\"mine\"");
        let signed = read(&written).unwrap();
        assert_eq!(signed.refresh_token.unwrap().as_text(), "rotated");
        assert_eq!(signed.person.groups, ["old"]);
        assert_eq!(signed.csrf_token, "mine");
        assert_eq!(signed.person.as_role.as_deref(), Some("mine"));
        // What is newer than the row goes over it.
        let newer = state("2026-11-23T09:10:00Z", "newest", "mine");
        assert_eq!(over(&row, newer.clone(), false, false), newer);
    }
}
