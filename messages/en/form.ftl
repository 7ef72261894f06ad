### Forms: new, edit, and what stands in the way of saving.

someone = Someone
field = Field

## Somebody else changed the row (conflict.html)

conflict-not-saved = Nothing has been saved yet.
conflict-text = { $who } changed { $row } while you were editing it. Compare the versions, then choose.
# Before the moment of that change.
conflict-when = Changed:
conflict-versions = The versions side by side
conflict-theirs = In the database now
conflict-mine = Yours
conflict-differs = differs
conflict-kept = not changed by you
conflict-save = Save mine over it
conflict-again = Start again from the newest
conflict-json = The row has been changed since it was read
conflict-json-text = Nothing was written. Look at the row as it is now, and save again with its digest.
conflict-title = { $row } was changed by someone else

## The form (form.html, controls.html)

save-and-add = Save and add another
save-and-continue = Save and continue
form-limit = At most { $count } MB in all.
read-only = read-only
lookup-find-field = Find { $field }
lookup-find-by = Find by name
lookup-find = Find

## What is wrong with a form

form-hidden-field = In this row, this field is not one that you may see.
form-key = The key of a row cannot be changed. Make a new row instead.
needs-value = This field needs a value.
form-outside = Not saved: with these values the row would be outside of what your roles cover.
form-bad-value = Not saved: one of the values is not one that the database takes.
form-unsure = { $advice } Look first whether the row was saved all the same.

## Hints at fields

hint-cut = longer than a form carries; its page has the whole
hint-unfit = holds what a form cannot carry
hint-kept = kept unless another is chosen
hint-default = filled in if left empty
blank-not-null = Save an empty text instead of no value
blank = Save an empty text
lookup-none = Nothing found for “{ $words }”.
hint-length = at most { $count } characters
edit-title = Edit { $row }
fields-need-a-look = Some fields need a look.
not-saved = Not saved
form-no-digest = The field “row_digest” is missing. Open the form again.
new-title = New { $row }
new = New
lookup-found =
    { $count ->
        [one] One found for “{ $words }”: choose it above.
       *[other] { $count } found for “{ $words }”: choose one above.
    }
yes-choice = Yes
no-choice = No
