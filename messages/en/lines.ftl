### Rows of other tables in the form of the row they belong to (lines.html).

# $label is the label of a column, $line what tells a line from the others.
line-label = { $label }, line { $line }
line-new = new
line-next = next
line-take-out = Take out
line-take-out-line = Take out line { $line }
line-take-out-row = Take out { $row }
lines-none = None.
lines-add-more = Add more rows
lines-add-more-to = Add more rows to { $resource }
lines-off-help = What is crossed out is taken out when you save.
lines-choices-help = What is ticked is added.
lines-part = { $from } to { $to } of { $rows }
lines-previous = Previous rows
lines-next = Next rows
lines-all = All of them
lines-add = Add { $resource }
# Where a line is, in the list of what is wrong with a form.
lines-at = { $resource }, line { $line }
lines-at-field = { $resource }, line { $line }, { $field }

## What is wrong with a line

line-new-beyond = Your roles do not let you add rows of { $resource }.
line-delete-beyond = Your roles do not let you delete rows of { $resource }.
line-edit-beyond = Your roles do not let you change this row of { $resource }.
line-too-long = This row is too long for the table. Open it to edit it.
line-no-digest = A line came without its digest. Open the form again.
line-changed = Somebody else changed it meanwhile. Look at it as it is now, and save again.
line-changed-late = Somebody else changed it meanwhile. Open the form again to see it as it is.
line-stays = A line stays with the row it belongs to.
lines-unknown = children.{ $name }: this form has no such lines.
lines-no-list = children.{ $name }: send a list.
