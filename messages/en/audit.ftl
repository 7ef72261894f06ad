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

## Stored as it is: names of those who are no person

actor-provider = Identity provider
actor-panel = The panel
actor-on-server = { $account } (on the server)
look-role = role { $role }

## Stored as it is: why a session was ended

ended-refused = the identity provider no longer vouches for the session
ended-other-person = the identity provider vouched for another person
ended-token = the identity provider’s new token was refused
ended-away = the identity provider was away for too long
ended-no-provider = the identity provider is no longer configured

## Stored as it is: why a sign-in was refused

cause-foreign = begun in another browser
cause-no-cookie = without the sign-in cookie
cause-issuer = the answer’s issuer is { $issuer }
cause-provider = the provider answered { $code }
cause-spent = a link that is unknown, used or too old
cause-code = the provider refused the code: { $code }
cause-away = the provider did not answer
cause-other-person = userinfo tells of another person
cause-answer = the provider’s answer cannot be used
cause-userinfo = userinfo cannot be used
cause-unknown-code = an unknown error
cause-token = the ID token: { $rule }
rule-claims = its claims cannot be read
rule-of-claim = the claim { $claim }
rule-issuer = another issuer
rule-audience = the audience
rule-expired = expired
rule-future = from the future
rule-old = older than the sign-in
rule-nonce = the nonce
rule-events = a sign-out token
rule-stale = signed in too long ago

## The log as a resource. The catalog is made once, so these are in the language of the fallback for everybody.

audit-log = Audit log
audit-entry = Audit entry
audit-menu = Panel
audit-log-help = Who signed in, who was turned away, and who changed or exported what.
audit-column-action = Action
audit-column-when = When
audit-column-issuer = Issuer
audit-column-issuer-help = The provider that signed them in.
audit-column-subject = Subject
audit-column-subject-help = The provider’s name for them.
audit-column-who = Who
audit-column-roles = Roles
audit-column-roles-help = The roles they had at that moment.
audit-column-resource = Resource
audit-column-row-key = Row key
audit-column-row = Row
audit-column-request = Request ID
audit-column-request-help = The same as in the server’s log.
audit-column-address = Address
audit-column-address-help = Where the request came from.
audit-column-details = Details
audit-column-details-help = What happened.
audit-column-changes = Changes
audit-column-changes-help = Old and new values.
