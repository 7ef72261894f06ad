### Words and pieces that several pages share.

## Lists and counts

# $most is what stands before the last thing, already joined with commas.
all-of = { $most } and { $last }
any-of = { $most } or { $last }
rows =
    { $count ->
        [one] { $count } row
       *[other] { $count } rows
    }
# A count with what was counted: "213 orders". The label is that for one, or for several.
count-of = { $number } { $resource }
# More rows than are counted.
count-at-least = more than { $count }
# $number is rounded: "50,000", or count-millions.
count-about = about { $number }
count-millions = { $number } million

## Single words

none = none
number = { $count }

## Lengths of time

seconds =
    { $count ->
        [one] { $count } second
       *[other] { $count } seconds
    }
minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
hours =
    { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    }
days =
    { $count ->
        [one] { $count } day
       *[other] { $count } days
    }

stay-as-they-are =
    { $count ->
        [one] <b>{ $count }</b> stays as it is
       *[other] <b>{ $count }</b> stay as they are
    }
nothing-to-do = There is nothing to do: no row would change.
moved-on =
    At least one of these rows was changed, added or removed since you looked. Nothing was changed. Look at the new
    preview first.

## Labels and buttons

what-it-does = What it does

whom-to-ask = Whom to ask
reference = Reference
try-again = Try again
continue = Continue
missing-right = Missing right
your-roles = Your roles
account-at = Account at
groups-received = Groups received
nothing-changed = Nothing was changed.
nothing-changed-title = Nothing was changed
more = { $count } more
reason = Reason
search = Search
show-all = Show all
roles = Roles
save = Save
cancel = Cancel
back = Back
delete = Delete
and-more = and { $count } more
edit = Edit
not-saved-sentence = Not saved.
not-saved-fields =
    { $count ->
        [one] Not saved: one field needs a look.
       *[other] Not saved: { $count } fields need a look.
    }
remove = Remove

## Files

json-lines = JSON lines

## Values

no-value = no value
yes = yes
no = no
was = was
now = now
system = System
size-bytes =
    { $count ->
        [one] { $count } byte
       *[other] { $count } bytes
    }
size-kilobytes = { $number } kB
size-megabytes = { $number } MB
