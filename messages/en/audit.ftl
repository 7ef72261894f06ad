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
event-view-created = saved a view
event-view-changed = changed a view
event-view-deleted = deleted a view
event-list-set-up = set up a list
event-prune = removed old entries
event-came = The row came into what your roles cover.
event-left = The row left what your roles cover.

## Details of an entry

audit-no-group = no group came
audit-groups =
    { $count ->
        [one] one group came
       *[other] { $count } groups came
    }
audit-looking-as = looking as { $seen }
audit-silent = confirmed unseen
audit-under-way = a sign-in under way was stopped
audit-subject = of subject { $subject }
audit-lacks = lacks { $missing }
audit-lacks-right = lacks the right to { $missing }
audit-unconfirmed = had to confirm who they are: { $what }
audit-as = as { $format }
audit-also-deleted = also deleted: { $rows }
audit-link-refused = a link was refused
audit-emergency = emergency access: { $reason }
audit-bulk-undo =
    undo of entry { $entry }, { $count ->
        [one] { $count } row
       *[other] { $count } rows
    }
audit-bulk-delete =
    delete of { $count ->
        [one] { $count } row
       *[other] { $count } rows
    } at once
audit-bulk =
    { $action } of { $count ->
        [one] { $count } row
       *[other] { $count } rows
    } at once
audit-export =
    { $count ->
        [one] one row as { $format }
       *[other] { $count } rows as { $format }
    }
audit-export-cut =
    { $count ->
        [one] one row as { $format }, broken off
       *[other] { $count } rows as { $format }, broken off
    }
audit-prune =
    { $count ->
        [one] one entry, up to { $until } UTC
       *[other] { $count } entries, up to { $until } UTC
    }
audit-link-made =
    { $count ->
        [one] a link was made, for { $count } minute as { $role }
       *[other] a link was made, for { $count } minutes as { $role }
    }
audit-link-used =
    { $count ->
        [one] came in for { $count } minute as { $role }
       *[other] came in for { $count } minutes as { $role }
    }
