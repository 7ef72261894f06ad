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

## The matrix of roles and resources (access.html)

find-resource = Find a resource
nothing-found = Nothing found
resource = Resource

## One role (access-role.html)

all-roles = All roles
groups-and-grants = Groups and grants
groups-and-grants-of = Groups and grants of { $role }
role-who = Who has it
role-no-group = No group gives this role, so nobody has it.
role-manages = It also lets people manage { $what } of this panel.
role-name = Its name is <code>{ $name }</code>.
role-look = Look at the panel with this role
role-look-text = You see what it shows, and can change nothing until you end it. The audit log says that you looked.
look-as = Look as { $role }
role-gives = What it gives

## One person, or a set of groups (access-who.html)

people = People
people-known = People known
people-find-by = Name, e-mail or subject
people-find = Find a person
people-more = There are more. Write more of the name to find somebody.
people-none = Nobody with these words in their name has signed in yet.
groups = Groups
groups-which = Which groups?
groups-which-text =
    What would somebody with these groups be given? They are compared as at sign-in: case and blanks count.
groups-hint = one a line, at most 200
groups-from = From
groups-explain = Explain
these-groups = These groups
configured-as = Configured as
last-seen = Last seen
claims = Claims
claim-absent = did not come
manages = Manages
of-this-panel = { $what } of this panel
without-role = Without a role
near-miss =
    Group “{ $group }” is nearly “{ $configured }”, which would give role { $role }: they differ in { $difference }.
claim-unusable = Claim { $claim } cannot be used as it came: { $rule } ({ $place }) covers no rows.
claim-missing = Claim { $claim } did not come: { $rule } ({ $place }) covers no rows.
look-with-groups-of = Look with the groups of { $name }
look-with-groups = Look with these groups
they-may = What they may do
resources = Resources
who-empty = Whose access?
who-empty-text = Choose somebody to see their groups, the roles these give, and the rule behind each right.
groups-empty-page = Nothing asked yet
groups-empty-page-text = Write groups to see the roles they give, and the rule behind each right.

## What was asked cannot be read

asked-claim-length = claim.{ $name } is longer than { $count } bytes.
asked-no-role = role: there is no role “{ $role }”.
asked-no-provider = provider: there is no provider “{ $name }”.
asked-no-claim = claim.{ $name }: no rule needs such a claim.
asked-person = person is an issuer and a subject, with a blank between them.
asked-group-length = groups: a line is longer than { $count } characters.
asked-group-number = groups: at most { $count } are taken at a time.
asked-claim-shape = claim.{ $name } is a text, a number, true or false, or a list of those such as ["a", "b"].

## In the matrix

matrix-no-roles = There are no roles yet.
matrix-none = No resource has these words in its name.
no-group = no group
matrix-more = { $groups } and { $count } more
some-rows = some rows
manage-roles = Roles and groups
manage-sessions = Everybody’s sessions
this-panel = This panel
previous = Previous
next = Next
pager-range = { $what } { $first_count }–{ $last_count } of { $count }
pager-all = { $what }: { $count } in all
asked-address = The address is too long.
asked-parameter = “{ $name }” is not a parameter of this page.
asked-length = { $name } is longer than { $count } characters.
asked-number = { $name } is a number from 1 to 10000.
role-gives-nothing = This role gives nothing on any resource.
role-gives-nothing-found = It gives nothing on a resource with these words in its name.
no-role = no role
who-closed = The panel stays closed: no group gives a role.
who-nothing = The roles give nothing on any resource.
who-nothing-found = They give nothing on a resource with these words in its name.
who-not-noted = What their provider told of them has not been noted yet: it is at the next sign-in.
who-groups-empty = The claim came with no groups in it.
who-groups-absent = The claim did not come.
who-groups-overage = There were too many groups to send.
who-groups-unverified = The identity provider does not say that it has checked their mail address.
who-groups-wrong-shape = The claim came in a form that cannot be read.
access-about = Access: { $about }
look-field = “{ $name }” is not a field of this form.
look-nothing = Name one of these: a role, a person, or groups.

## As whom the panel is looked at

look-person = someone with the groups of { $name }
look-no-groups = someone without groups
look-groups = someone in { $groups }
look-more = { $names } and { $count } more
columns-hidden =
    { $count ->
        [one] { $count } column hidden
       *[other] { $count } columns hidden
    }
columns-in-part =
    { $count ->
        [one] { $count } column in part
       *[other] { $count } columns in part
    }
columns-read-only =
    { $count ->
        [one] { $count } column read-only
       *[other] { $count } columns read-only
    }
matrix-count =
    { $role_count ->
        [one] { $role_count } role
       *[other] { $role_count } roles
    }, { $count ->
        [one] { $count } resource
       *[other] { $count } resources
    }

## Rows of a rule

rows-claim-unusable = none: { $rule } cannot be used with the claim { $claims } as it came
rows-claim-absent = none: { $rule } needs the claim { $claims }, which did not come
rows-claim = { $rows } (claim { $claims })

## Rights in words, and why one is not given

right-on = { $right } on { $resource }
right-manage = manage { $what }
right-not-given = { $right } on { $resource } is not given.
managing-not-given = Managing { $what } is not given.
managing-demands = Managing { $what } demands a sign-in { $demand }.
# Where a grant stands. $grant is its number.
rule-source = role { $role }, grant { $grant }
rule-source-manage = role { $role }, manage
rule-source-on = { $source }, on { $resource }
withheld-no-view = view is not given
withheld-only-read = it can only be read
by-reason = { $rights }: { $reason }
# Two rules for the rows of one grant, of which both must hold.
rules-and = { $one }, and { $other }
column-with-row = { $column }, where the row itself may be read
column-in-rows = { $column }, where { $rows }
many-rows-at-once = many rows at once
asks-sign-in = a sign-in { $demand }

## How a group differs from one that would give a role

differs-case = upper and lower case
differs-slash = the slash in front
differs-blanks = blanks around it
