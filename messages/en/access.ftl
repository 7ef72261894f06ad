### Who may do what: "My access", the access pages, and looking at the panel as somebody else.

## Parts that several of these pages share

looking-as = Looking as someone else
end-looking = End looking
# $rule says where the rule stands, $verbs are rights or no-verb.
rule-gives = <b>{ $rule }</b> gives { $verbs }
no-verb = no verb
rule-rows = rows:
rule-hides = hides:
rule-read-only = read-only:
rights = Rights
# Read before the name of a right that is missing, by screen readers.
not = not
rows-label = Rows
all = all
hidden = Hidden
in-part = In part
read-only-label = Read-only
asks-for = Asks for
not-given = Not given
because-of-rules =
    { $count ->
        [one] Because of { $count } rule
       *[other] Because of { $count } rules
    }
because-of = because of { $why }
access = Access
claim = Claim { $name }
nothing = nothing

## My access (me.html)

account = Account
me-unmapped = Without a role here: { $groups }
me-manages = They also let me manage { $what } of this panel.
me-sessions = Where I am signed in
me-end-others = Sign out everywhere else
me-may = What I may do
me-manage-asks = Managing { $what } asks for a sign-in { $demand }.
me-name = Name
e-mail = E-mail
me-provider = Signed in by
me-issuer = Issuer
me-subject = Identifier there
me-since = Signed in since

## Why somebody has a role

taken-by = { $group } (by { $rule })
held-chosen = it was chosen
held-groups =
    { $count ->
        [one] group { $groups }
       *[other] groups { $groups }
    }
