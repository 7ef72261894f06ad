### Proving who one is before doing something (step-up).

step-up-title = Confirm who you are first
# $demand is one or both of demand-age and demand-ways, joined with a comma.
step-up-advice = For this (“{ $what }”) you must have proved to your identity provider who you are { $demand }.
demand-age = within the last { $span }
demand-ways = by { $ways }
demand-impossible = in a way that all of your roles take, which none is

## When it did not work: the heading, and what happened

step-up-no-provider = Who you are cannot be confirmed here
step-up-refused = You did not confirm who you are
step-up-other-person = Somebody else signed in
step-up-ignored = The identity provider did not do what was asked
step-up-ended = Your session has ended
step-up-no-provider-text =
    What you want to do must be confirmed at an identity provider, and none vouches for this session. Sign in through
    your identity provider to do it.
step-up-refused-text = { $why } Nothing was changed, and you are still signed in here.
step-up-other-person-text =
    You are signed in here as { $name }, but at the identity provider it is somebody else. Nothing was changed, and
    you are still signed in here as { $name }. Sign out at the identity provider, or choose the account of { $name }
    there, and try again.
step-up-ignored-text =
    It was asked for a sign-in { $asked }, and answered that { $came }. Nothing was changed, and you are still signed
    in here. Trying again will not help. Whoever runs this panel can set up the provider for this, or take the demand
    out of your role.
step-up-ended-text = It ended while you were at the identity provider. Sign in again.
step-up-cancelled = At the identity provider, the sign-in was cancelled or not allowed.
step-up-unmet = The identity provider cannot have you sign in in the way that is demanded for this.
step-up-server-error = The identity provider has a problem of its own. Try once more in a moment.
step-up-error =
    The identity provider answered with an error. Whoever runs this panel finds it in its log under the reference
    below.

## The page (step-up.html)

step-up-impossible = Nobody can do this
step-up-impossible-text =
    Your roles demand ways of signing in for this that exclude each other, so that nobody can do it. Whoever runs this
    panel can change what they demand.
step-up-typed =
    What you typed is not lost. Confirm in a new tab, come back to this one and reload it. Your browser then asks
    whether to send the form again, with all that you typed.
step-up-what = What you wanted to do
step-up-demands = What it demands
step-up-demand = a sign-in at your identity provider { $demand }
step-up-confirm = Confirm who you are
step-up-confirm-new-tab = Confirm who you are (new tab)

## What the provider said of a sign-in, behind “answered that”

came-when-unknown = it does not know when you signed in
came-from-now = you signed in { $span } from now
came-ago = you signed in { $span } ago
came-how-unknown = it does not know how you signed in
came-by = you signed in by “{ $way }”
came-both = { $one }, and { $other }
