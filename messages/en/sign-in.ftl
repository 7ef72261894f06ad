### Signing in and out, and what is said to who is signed in without a role.

sign-in = Sign in
sign-out = Sign out

## Groups as they came from the identity provider. $claim is the name of the claim that was looked for.

groups-found = Your groups came in the claim “{ $claim }”.
groups-empty =
    The claim “{ $claim }” came with no groups in it. At the identity provider you are in no group that it sends to
    this application.
groups-absent =
    The identity provider sent no claim “{ $claim }”: not in the ID token, and not from userinfo. It may have to be
    told to send groups to this application.
# $shape says what came, such as "a number".
groups-wrong-shape =
    The claim “{ $claim }” came as { $shape }. A list of texts, one text or an object with the groups as its keys can
    be read. The configuration can allow more: a list of objects (groups_object_field), numbers (groups_numbers), and
    JSON inside a text (groups_json).
# Stored with the session, so in the language of the fallback.
shape-no-json = a text that is not JSON
shape-number = a number
shape-bool = true or false
shape-no-member = objects without the member that groups_object_field names
shape-objects = a list of objects
shape-lists = a list of lists
shape-numbers = a list with numbers in it
shape-others = a list with something other than texts in it
groups-overage =
    You are in so many groups that the identity provider did not send them. In place of “{ $claim }” it sent a
    reference. It can be told to send only the groups assigned to this application, or application roles.
groups-unverified =
    Access is given by the mail address (the claim “{ $claim }”). The identity provider does not say that it has
    checked yours (email_verified). Confirm the address there, and sign in again.

## Signed in, without a role (denied.html)

denied-title = Signed in, but no role here
denied-detail = { $name } is signed in, and no role is given: { $note }
denied-looked-in = the claim “{ $claim }”, in the ID token first and then from userinfo
denied-look-role = The role that you look as is not chosen, or does not exist any more.
denied-look-groups = None of the groups that you look with is mapped to a role.
denied-came = { $note } What came: { $claims }.
denied-unmapped =
    { $count ->
        [one] One group came, and it is not mapped to a role.
       *[other] { $count } groups came, and none of them is mapped to a role.
    }

## Leading on to the identity provider (leave.html)

leave-sign-in = Go on to your identity provider
leave-sign-in-text = You confirm there who you are, and then come back to this panel.
leave-sign-out = You are signed out of this panel
leave-sign-out-text = Go on to your identity provider to sign out there too.

## Signed out (signed-out.html)

signed-out-title = Signed out

## Why a sign-in did not work: the heading

sign-in-unavailable = Sign-in is not available right now
sign-in-over = This sign-in is over
sign-in-client = This panel is not known at the identity provider
sign-in-csrf = That request could not be checked
sign-in-spent = This link does not work any more
sign-in-circle = Sign-in goes in a circle
sign-in-in-the-clear = The panel is opened by another address
sign-in-denied = You were not signed in
sign-in-failed = Sign-in did not work

## Why a sign-in did not work: what happened, and what to do

# $reason is a technical reason, in English.
# $reason is one of malformed-….
sign-in-request = The request cannot be read: { $reason }.
malformed-no-provider = there is no provider of that name
malformed-other-way = the answer came by another way than was asked for (response_mode)
malformed-too-long = it is too long
malformed-twice = a parameter comes twice
malformed-no-state = there is no state
malformed-code-and-error = there is both a code and an error
malformed-no-code = there is no code
malformed-no-issuer = there is no iss
malformed-prompt = prompt is one that is not known, or a parameter comes twice
malformed-no-form = it is not a form
malformed-not-utf-8 = the form is not UTF-8
malformed-purpose = what it was begun for cannot be read
sign-in-metadata-text =
    The identity provider answers, but not in a way that this panel can use. Whoever runs this panel finds the cause
    in its log under the reference below.
sign-in-unavailable-text =
    The identity provider does not answer as it should. The panel tries it again by itself. Try once more in a moment.
sign-in-database-text = The panel could not store your sign-in. Try once more in a moment.
sign-in-over-text =
    It was finished before, or it was left for more than ten minutes. Nothing has changed. Start again.
sign-in-foreign-text =
    It was begun in another browser, or the browser has forgotten that it began it. If somebody sent you this link, do
    not use it. Otherwise start again.
sign-in-no-cookie-text =
    Your browser did not send back the sign-in cookie. Open the panel by exactly the address below, with https if it
    says so. Allow cookies for it, and start again from there.
sign-in-issuer-text = The answer does not come from the configured identity provider.
sign-in-client-text =
    The identity provider does not accept the name and secret of this panel. It is not your account, and trying again
    does not help. Whoever runs this panel must correct them, and finds how in its log under the reference below.
sign-in-code-text = The identity provider no longer takes the code that it gave. Start again.
sign-in-userinfo-text = The identity provider could not tell your groups, so that it is not known what you may do.
sign-in-answer-text =
    The identity provider's answer cannot be used. Whoever runs this panel finds the cause in its log under the
    reference below.
sign-in-csrf-text =
    It did not carry the mark of a page of this panel, or that page was from an earlier session. Go back, load the
    page again and repeat it.
sign-in-spent-text =
    It was used before, or it is more than ten minutes old. Whoever runs this panel can make another on the server.
sign-in-circle-no-cookie-text =
    You signed in four times within a minute, and your browser never sent back the cookie that shows it. Allow cookies
    for this address, and open the panel by exactly the address below.
sign-in-circle-text =
    You signed in four times within a minute. Your browser sends back the cookie that shows it, but the panel knows of
    no such session. Whoever runs the panel can check its clock, and whether several of it run on different databases.
sign-in-in-the-clear-text =
    Your browser came by plain http, where it would not keep the cookies of the sign-in. Try again by the address
    below. If you did come by https, the proxy in front of the panel must say so (X-Forwarded-Proto).
    Tell whoever runs it.
sign-in-encrypted-text =
    The identity provider encrypts its ID tokens (JWE), which this panel does not read. Whoever runs the provider can
    have it sign them only.
sign-in-stale-text =
    You signed in at the identity provider too long ago. It was told to ask you again (max_age), and did not.
sign-in-audiences-text =
    The identity provider's ID token is for others too. If that is right, whoever runs this panel can add them to
    trusted_audiences: { $audiences }.
sign-in-key-text =
    The identity provider signs with a key that it has not published yet, or not long ago. Try again in a minute. If
    that does not help, whoever runs this panel finds the cause in its log under the reference below.
# $seconds is a number, in the next three.
sign-in-expired-text =
    The ID token expired { $seconds } s ago: the clocks of the panel and the identity provider differ. Whoever runs them
    can set them right.
sign-in-future-text =
    The ID token is from { $seconds } s ahead: the clocks of the panel and the identity provider differ. Whoever runs
    them can set them right.
sign-in-old-text =
    The ID token was made { $seconds } s before it was asked for: the clocks differ. Whoever runs the panel or the
    identity provider can set them right.
sign-in-checks-text =
    The identity provider's answer did not pass the panel's checks. Whoever runs this panel finds the cause in its log
    under the reference below.
sign-in-cancelled-text =
    At the identity provider, the sign-in was cancelled or your account may not use this application.
sign-in-login-required-text = The identity provider wants you to sign in there first. Start again.
sign-in-interaction-text =
    The identity provider has something to ask you before it lets you in. Start again, and answer it there.
sign-in-account-text = The identity provider wants you to choose one of your accounts there. Start again.
sign-in-consent-text = The identity provider wants your consent for this application. Start again.
sign-in-scope-text =
    The identity provider does not know one of the scopes that the panel asks for. Trying again does not help.
    Whoever runs this panel can take it out of oidc.scopes. Its log tells which one, under the reference below.
sign-in-busy-text = The identity provider is busy or being worked on. Try once more in a moment.
sign-in-server-error-text =
    The identity provider has a problem of its own. Try once more. If that does not help, ask whoever runs it.
sign-in-unauthorized-text =
    The identity provider does not let this panel sign people in. Whoever runs the provider can allow this client the
    authorization code flow.
sign-in-registration-text =
    The identity provider does not accept how this panel is registered there. Whoever runs it finds the cause in its
    log under the reference below.
sign-in-error-text =
    The identity provider answered with an error. Whoever runs this panel finds it in its log under the reference
    below.

## What was seen of the browser, where it is in the way

seen-cookie-sent = your browser sent it
seen-cookie-missing = your browser did not send it
seen-scheme-unknown = no proxy that the panel trusts has told it
seen-address = Address of the panel
seen-host = Host asked for
seen-scheme = Scheme
seen-cookie = Session cookie
seen-clock = The panel's clock

## Signed out (signed-out.html)

signed-out-only-here =
    You are signed out of this panel. You may still be signed in at your identity provider. On a shared computer, sign
    out there too.

denied-heading = You are signed in, but have no role here
denied-text = Your company account works. None of your groups opens this panel.
denied-signed-in-as = Signed in as
denied-where = Where we looked
denied-expected = What opens it
denied-other = Sign in as someone else

signed-out-heading = You are signed out
signed-out-text = The session has ended on this device.

## Choosing an identity provider (choose.html)

choose-text = Choose where your account is.

## Emergency access (break-glass.html)

break-glass-title = Emergency access
break-glass-text =
    This link was made on the server for when the identity provider is down. With the button you come in for { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }, once. The link is then used up.
break-glass-role = Role
break-glass-made-by = Made by
break-glass-use-before = To be used before
break-glass-recorded =
    Everything you do is recorded in the audit log as “Break-glass: { $made_by }”, with the reason.
break-glass-button =
    { $count ->
        [one] Come in for { $count } minute
       *[other] Come in for { $count } minutes
    }

## The page at the end of `bailiwick check --login`

trial-signed-in = You are signed in. The terminal says what you may do.
trial-refused = { $title }. The terminal says why.
