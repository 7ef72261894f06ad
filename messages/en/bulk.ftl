### Many rows at once (bulk.html), and what is said when they are not changed.

## Headings and buttons: $rows is a count with the resource, as in "213 orders"

bulk-edit = Edit { $rows }
bulk-delete = Delete { $rows }
bulk-act = { $action }: { $rows }
bulk-change = Change { $rows }
bulk-all-matching = all that match the list

## What to change

bulk-what = What to change
bulk-leave = leave as it is
bulk-set = set to
bulk-no-value = set to no value
bulk-fixed = Fields that cannot be changed here
bulk-show = Show what it does

## What it does

bulk-will-delete = <b>{ $count }</b> will be deleted
bulk-will-change = <b>{ $count }</b> will change
bulk-unchanged =
    { $count ->
        [one] <b>{ $count }</b> stays, it is so already
       *[other] <b>{ $count }</b> stay, they are so already
    }
bulk-cannot-delete = <b>{ $count }</b> cannot be deleted
bulk-cannot-change = <b>{ $count }</b> cannot change
bulk-sample = Sample of the rows
bulk-row = Row
bulk-becomes = becomes
bulk-shown = { $shown } of { $count } shown.
# $rows is a count with the resource.
bulk-also-delete = { $rows } will be deleted, too.
bulk-also-change = { $rows } will change, too.
# $number is what must be typed.
bulk-type-number = More than { $count } rows: type <b>{ $number }</b> to go on

## Why it was not done

bulk-not-typed = Type the number of rows to go on. Nothing was changed.
bulk-set-something = Name at least one field to set: set.COLUMN=VALUE or null.COLUMN=1.
bulk-not-settable = This field cannot be set in many rows at once.
bulk-no-row-chosen = No row is selected. Go back and tick the rows first.
bulk-too-many =
    More than { $count } rows match, which is the most that one request changes. Narrow the list with a filter, and do
    it in parts.
bulk-no-key = “{ $key }” is not a key of { $resource }.
bulk-several-keys = These rows have a key of several columns. Filter the list, and export all that match.
# $actions is a list of names, already joined.
bulk-no-action = There is no action “{ $action }”. Send one of: { $actions }.
bulk-action-missing = The field “action” is missing. Send one of: { $actions }.

## Why one row stays as it is

left-field = { $field }: { $reason }
left-out-of-reach = With these values the row would be outside of what your roles cover.
left-column = Your roles do not let you change { $field } in this row.
left-missing = The row does not exist, or your roles do not let you change it.
left-stale = The row was changed in between.
left-refused = The database refused this change.
