### The history of a row, undoing a change, and what else a change does.

## History (history.html)

back-to-row = Back to the row
back-to-list = Back to the list
history-gone = This row is deleted, or no longer one that your roles show you.
history-none = No history
history-none-text = Changes made in this panel are recorded here. This row has had none.
history-older = Older
history-of = History of { $row }
history = History

## Other rows that change with a row (change.html)

change-row = Change { $row }?
change-others = Other rows hold the value that you change, and the database changes them too.
change-with-it = What changes with it

## Deleting a row (delete.html)

delete-row = Delete { $row }?
delete-blocked = This cannot be deleted now.
delete-text = The row is removed from { $resource } for good. What was in it stays readable in its history.
delete-dependents = What depends on it
delete-nothing-else = Nothing else points at it.
not-deleted = Not deleted
delete-title = Delete { $label }
dependents-prevent = prevent this
dependents-go = will be deleted too
dependents-unlink = will lose this link
dependents-default = will link to their default
dependents-follow = will follow
hidden-rows-label = Rows that your roles do not show you
and-hidden = and rows that your roles do not show you
delete-stale =
    It, or what goes with it, was changed since this page was opened. Look at it again before you delete it.

## Why a row cannot be deleted or changed

obstacle-too-much =
    More than { $count } other rows would go or change with it, which is the most at a time. Delete or change some of
    those rows first.
obstacle-unknown =
    The database may delete or change rows in a table that the panel may not read. Whoever runs the panel has to grant
    SELECT on that table first.
obstacle-untraceable =
    The database would put a default into rows that the panel could not find again. The change would leave no trace.
obstacle-takes = It would take { $what } with it, which your roles do not let you delete.
obstacle-changes = It would change { $what }, which your roles do not let you change.
hidden-rows = rows that your roles do not show you
obstacle-points-one = It cannot be deleted while { $what } still points at it.
obstacle-points = It cannot be deleted while { $what } still point at it.
change-title = Change { $row }

## Undoing (undo.html)

undo-nothing = There is nothing to undo here.
undo-title =
    { $count ->
        [one] Undo a change
       *[other] Undo { $count } changes
    }
undo-edit = <b>{ $count }</b> will be as before
undo-create = <b>{ $count }</b> will be made again
undo-delete = <b>{ $count }</b> will be deleted
undo-unchanged =
    { $count ->
        [one] <b>{ $count }</b> stays, it is as before already
       *[other] <b>{ $count }</b> stay, they are as before already
    }
undo-refused = <b>{ $count }</b> cannot be undone
undo-stale-title = Nothing was changed
undo-too-many = This change is of more rows than can be undone at once. Undo its rows one by one.
undo-came-with = This change came with that of another row. Undo that one instead.
undo-also =
    { $count ->
        [one] { $count } { $rows } comes back, too.
       *[other] { $count } { $rows } come back, too.
    }
undo-also-hidden =
    { $count ->
        [one] { $count } row that your roles do not show you comes back, too.
       *[other] { $count } rows that your roles do not show you come back, too.
    }

## A row and its side card of changes (detail.html, parts.html)

download-whole = Download the whole text
event-as = as { $roles }
event-request = request <code>{ $request }</code>
recent-changes = Recent changes
recent-none = Nothing has been recorded for this row yet.
whole-history = Whole history
related-all = All of them
related-none = None.
