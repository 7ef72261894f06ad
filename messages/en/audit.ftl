### What was done, as the history of a row, the home page and the audit log tell it.

event-done = done
event-created = created
event-changed = changed
event-deleted = deleted
event-bulk = changed many
event-exported = exported
event-export-begin = began an export
event-denied = denied
event-signed-in = signed in
event-confirmed = confirmed
event-not-signed-in = not signed in
event-signed-out = signed out
event-emergency = emergency access
event-ended-session = ended a session
event-looked = looked
event-ended-look = ended a look
event-role-created = created a role
event-role-changed = changed a role
event-role-deleted = deleted a role
event-recheck = got other roles
event-lapse = was signed out
event-prune = removed old entries
event-came = The row came into what your roles cover.
event-left = The row left what your roles cover.
