### What a value must be, at a field, in a filter or in a file; and why a change is not made.

value-bool = Choose yes or no.
value-bytes = Bytes cannot be typed.
value-date = Enter a date as YYYY-MM-DD.
value-date-time = Enter a date and time as YYYY-MM-DD HH:MM.
value-instant = Enter a date and time as YYYY-MM-DD HH:MM, in UTC.
value-time = Enter a time as HH:MM or HH:MM:SS.
value-number = Enter a number.
value-decimal = Enter a number, such as 1234.50.
value-decimals =
    { $count ->
        [0] Enter a number without decimals.
        [one] At most { $count } digit may follow the decimal point.
       *[other] At most { $count } digits may follow the decimal point.
    }
value-whole = Enter a whole number.
value-too-large = This number is too large.
# Both are numbers.
value-range = Enter a number from { $least } to { $most }.
value-digits =
    This database keeps at most { $count ->
        [one] { $count } digit
       *[other] { $count } digits
    } of a number. Enter a shorter one.
value-uuid = Enter a UUID, such as 123e4567-e89b-12d3-a456-426614174000.
# Both are numbers: where the fault is.
value-json = This is not valid JSON: line { $line }, column { $column }.
value-length =
    { $count ->
        [one] At most { $count } character fits here.
       *[other] At most { $count } characters fit here.
    }
value-choice = Choose one of the list.
value-nul = This text holds a NUL character. Leave it out.

## Changes that are not made

change-column = Your roles do not let you change { $field }.
change-out-of-reach = This would put the row outside of what your roles cover.
change-stale = The row has been changed since it was read.
change-not-accepted = The values are not accepted.
change-moved-on = What changes with it is not what was shown any more. Save it again.
change-several-rows =
    More than one row has this key, so nothing was changed. Whoever runs the database has to make the key unique first.
change-untraceable = The database changed rows in a way that the panel cannot trace, so nothing was changed.
change-others-beyond = It would put other rows outside of what your roles cover.
change-no-parent-value = The row it belongs to has no value that it could point at.
change-not-alone = Other rows go or change with this one. Delete it on its own page.
change-line-twice = Line { $line } is about this row already. Keep one of the two.
change-unknown-row = There is no row with this value that you may change.
undo-no-table = Its table is not there any more.
undo-no-change = This is no change of a row, so it cannot be undone.
undo-changed-since-made = The row was changed after it was made.
undo-pointed-at = Other rows point at it by now, and would go or change with it.
undo-changed-again = It was changed again since.
undo-own-keys = The database gives these rows their keys itself, so this one cannot come back.
undo-there-again = The row is there again.
undo-other-key = The database gave the row another key.
undo-no-key = The row has no key by which it could be found.
undo-no-column = One of its columns is not there any more.
undo-hidden = The row holds values that your roles do not let you read or write.
undo-not-held = The audit log does not hold the whole old value of { $field }.
