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
