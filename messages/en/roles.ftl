### Roles that are kept in the panel: their list, their forms, and what a change does to whom.

## Rights. $verbs, $resources and $columns are lists; $rights is one of these messages.

rights-on = { $verbs } on { $resources }
rights-columns = { $verbs } on { $columns } of { $resources }
rights-every-row = { $rights } in every row
rights-rows = { $rights } in rows where { $rows }
rights-without = { $rights }, without { $columns }
rights-read-only = { $rights }, with { $columns } to read only
every-resource = every resource
in-every-row = in every row
in-rows-where = in rows where { $rows }
managed-roles = roles
managed-sessions = everybody’s sessions

group-is = the group { $name }
group-like = groups like { $name }
group-matching = groups that match { $name }
group-is-at = the group { $name } at { $provider }
group-like-at = groups like { $name } at { $provider }
group-matching-at = groups that match { $name } at { $provider }

## What a change does to the role

change-label = It is called “{ $label }”.
change-new-label = It is called “{ $label }”, and no longer “{ $was }”.
change-no-label = It is no longer called “{ $was }”, but by its name.
change-manages = It lets people manage { $what }.
change-manages-no-more = It no longer lets people manage { $what }.
change-gives = It gives { $rights }.
change-gives-now = From now on it gives { $rights }.
change-gives-no-more = It no longer gives { $rights }.
change-group = The role goes to people in { $group }.
change-no-group = The role no longer goes to people in { $group }.
change-unreadable-group = A group that cannot be read is removed. It gave the role to nobody.

## The same in the audit log

note-role = role { $role }
note-label = label: { $was } → { $label }
note-manage = manages: { $was } → { $what }
note-gives = now: { $rights }
note-gives-no-more = no longer: { $rights }
note-group = group added: { $group }
note-no-group = group removed: { $group }
note-unreadable-group = group removed: one that cannot be read
note-group-unreadable = one that cannot be read
note-rights = { $verbs } on { $resources }
note-rights-read-only = { $rights }, read-only { $columns }
note-rights-rows = { $rights }, where { $rows }

## What a change does to one person, whose name stands before it

one-enters = may enter the panel from now on
one-enters-no-more = can no longer enter the panel
one-gains-role = gains the role { $role }
one-loses-role = loses the role { $role }
one-manages = may manage { $what }
one-manages-no-more = may no longer manage { $what }
one-gains = gains { $rights }
one-loses = loses { $rights }
# $count is how many verbs are kept; $rows is in-every-row or in-rows-where.
one-loses-some =
    loses { $rights }, but keeps { $count ->
        [one] it
       *[other] them
    } { $rows }

## To several people, whose names stand before it

many-enters = may enter the panel from now on
many-enters-no-more = can no longer enter the panel
many-gains-role = gain the role { $role }
many-loses-role = lose the role { $role }
many-manages = may manage { $what }
many-manages-no-more = may no longer manage { $what }
many-gains = gain { $rights }
many-loses = lose { $rights }
# $count is how many verbs are kept; $rows is in-every-row or in-rows-where.
many-loses-some =
    lose { $rights }, but keep { $count ->
        [one] it
       *[other] them
    } { $rows }

## To the one who asks

you-enters = You may enter the panel from now on.
you-enters-no-more = You can no longer enter the panel.
you-gains-role = You gain the role { $role }.
you-loses-role = You lose the role { $role }.
you-manages = You may manage { $what }.
you-manages-no-more = You may no longer manage { $what }.
you-gains = You gain { $rights }.
you-loses = You lose { $rights }.
# $count is how many verbs are kept; $rows is in-every-row or in-rows-where.
you-loses-some =
    You lose { $rights }, but keep { $count ->
        [one] it
       *[other] them
    } { $rows }.

## Pages about roles

roles-lock-out =
    After this, nobody the panel knows could manage roles any more, and nobody could undo it here. Give another role or
    group the right to manage roles first, and have one of its people sign in.
role-new-crumb = New
people-count =
    { $count ->
        [one] { $count } person
       *[other] { $count } people
    }
and-more-people =
    { $count ->
        [one] and { $count } person more
       *[other] and { $count } people more
    }
more-people =
    { $count ->
        [one] { $count } more person
       *[other] { $count } more people
    }
# $count of the people something happens to; $other_count of those it does nothing to.
confirm-summary =
    Something changes for { $count ->
        [one] { $count } person who has
       *[other] { $count } people who have
    } signed in before{ $other_count ->
        [0] {"."}
        [one] {","} and nothing for { $other_count } other.
       *[other] {","} and nothing for { $other_count } others.
    } What counts are the groups of their last sign-in.
confirm-unlisted = { $named_count } of them are named here; { $count } more are only counted.
confirm-too-late =
    { $who } changed the roles after this page was made. Nothing is saved yet. Look at what is there now, then go on with
    what you have here.
confirm-too-late-at =
    { $who } changed the roles on { $when }, after this page was made. Nothing is saved yet. Look at what is there now,
    then go on with what you have here.
confirm-lose-own = Say that you will lose this, or leave it as it is.
confirm-json = Send the same fields again with this version and confirm=yes.
role-new = New role
role-field-name = Name
role-create = Create the role { $role }?
create = Create
role-change = Change the role { $role }?
change = Change
role-configured = This role is in the configuration file, and is changed there.
role-unreadable = This role cannot be read. Delete it, and make it again.
roles-version = Send version, as the page or the JSON of the roles has it, with every change.
role-name-shape = Use small letters, digits, - and _, starting with a letter: at most 40.
role-name-taken = This name is taken by a page. Choose another one.
role-field-label = Label
role-label-shape = Use at most 80 characters, in one line.
role-field-manage = May manage
role-manage-unknown = There is nothing of this name to manage.
grant-too-long = This is too long for one grant.
grant-number = Grant { $count }
role-name-help = What it is called in the audit log and in addresses. It cannot be changed later.
optional = optional
role-label-help = What it is called on pages; its name if left out.
sessions = Sessions
role-manage-roles-help =
    make and change roles and the groups that have them. Whoever has this can give themselves everything.
role-manage-sessions-help = see and end everybody’s sessions
grant-hide = Hidden columns
grant-columns-hint = names, separated by commas
grant-read-only = Read-only columns
grant-rows-hint = one condition a line; all must hold
grant-rows-help =
    Leave it empty for every row. For example status=eq:open, or region=eq:{"{"}claim.region{"}"} for what the provider says of the
    person.
group-how-missing = Choose how the group is compared.
group-how = Compared
group-provider-unknown = There is no provider of this name in the configuration.
group-provider = Provider
group-field = Group
group-note = Note
group-text-length = Use at most { $count } characters, in one line.
group-help = As the identity provider sends it, case and all.
group-how-is = exactly
group-how-glob = as a pattern: * any text, ? one character
group-how-regex = as a regular expression for the whole name
group-provider-main = the one of [oidc]
group-note-help = For the next reader: who asked for it, and why.
group-add-to = Add a group to { $role }
group-add = Add a group
group-give = Give { $group } the role { $role }?
group-add-button = Add the group
role-delete = Delete the role { $role }?
group-unreadable = a group that cannot be read
group-take = Take the role { $role } from { $group }?
group-remove = Remove a group
group-remove-button = Remove the group

## The list of roles (roles.html)

roles-access = Who may do what
roles-lead =
    What people may do here comes from their groups at the identity provider. Roles of the configuration file are fixed;
    others are kept here.
role-in-file = in the configuration file
role-kept = kept here
role-broken-parts =
    { $count ->
        [one] one part gives nothing
       *[other] { $count } parts give nothing
    }
roles-no-group = none: nobody has it
roles-known = Known
roles-broken = Broken
roles-gives = Gives
roles-where = where { $rows }
roles-without = without { $columns }
gives-nothing = gives nothing
gives-nothing-why = Gives nothing: { $why }
nothing-yet = nothing yet
roles-none = No roles
roles-none-text = Nobody can enter the panel without one.
roles-left-over = Groups of roles that are not there any more
group-for = for <code>{ $role }</code>
remove-group = Remove { $group }

## A role and its form (role.html, role-group.html)

role-delete-kept = Delete the one kept here
role-kept-broken = The role of this name that is kept here gives nothing.
grant-on = On
grant-everywhere = every resource, also those to come
grant-may = May
grant-remove = Remove grant { $count }
grant-add = Add a grant
role-manage-hint = of the panel itself
role-shown-first = What it does to people is shown before it is saved.
role-fixed =
    This role is in the configuration file as <code>roles.{ $name }</code>, and is changed there. Groups can be added to
    it here.
grant-gives = <b>{ $verbs }</b> on { $resources }
role-manages-list = May manage of the panel itself: <b>{ $what }</b>
role-nothing = Nothing.
role-groups = Groups that have it
group-fixed = fixed
role-groups-none = None: nobody has this role yet.
role-people = People known with it
role-people-text = { $people }, by the groups of their last sign-in.
role-people-none = Nobody who has signed in so far.

## Before a change of roles (role-confirm.html)

confirm-refused = This cannot be done.
confirm-changes = What changes
confirm-own = This changes what you may do yourself.
confirm-who = Who gains or loses what
confirm-you = { $name } (you)
confirm-and-more = and { $people }
confirm-nobody =
    Nothing changes for anybody who has signed in before. Others who are in its groups may sign in later.
confirm-owners = Who can manage roles then
# Before a moment.
confirm-last-signed-in = last signed in
confirm-no-owner = Nobody the panel knows.
confirm-i-lose = I will lose the right to manage roles, and know it.
back-to-form = Back to the form
group-provider-at = at { $provider }
group-kept = (kept here)
