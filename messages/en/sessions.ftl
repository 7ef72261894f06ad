### Sessions: one's own on "My access", and everybody's.

session-this = this browser
session-since = Since
session-used = Last used
session-address = Address
session-address-unknown = not known
session-issuer = at { $issuer }
session-end = End
session-end-label = End the session of { $name }, { $browser }
session-end-all = End all of theirs
session-end-all-label = End all of theirs: { $name }
emergency-access = emergency access

## Everybody's (sessions.html)

sessions-lead =
    Who is signed in, and where. An ended session is signed out with its next click. The person may sign in again as
    long as their provider lets them.
sessions-search-by = Name or e-mail
sessions-search = Search people
sessions-none = Nobody of that name is signed in
sessions-none-text =
    Search for a part of a name or of an e-mail address. Emergency access is also found by its reason and its role.
sessions-full = Only the { $count } that were used last are shown. Search for a name to find others.
sessions-search-length = q: search for { $count } characters at most.
sessions-count =
    { $count ->
        [one] { $count } session
       *[other] { $count } sessions
    }

## Browsers, from what they say of themselves

browser-on = { $browser } on { $system }
browser-other-on = Another browser on { $system }
browser-other = Another browser
