### Saved views of lists.

view-all = All
views = Views
views-of = Views of { $label }
views-more = More views
views-manage = Manage views
view-save = Save view
view-over = Save over “{ $name }”
view-name = Name
view-new-name = Name of the new view
view-for = For
view-for-me = me alone
view-for-role = everyone with the role { $role }
view-first = Open { $label } with it
view-save-new = Save as new
view-undo = Undo the changes
view-left-out =
    { $count ->
        [one] One part of this view is left out: your roles do not show its column, or it is gone.
       *[other] { $count } parts of this view are left out: your roles do not show their columns, or they are gone.
    }
view-columns-keep = Always show these columns
view-columns-usual = Show the usual columns again

## The page of all views

views-lead = A view is a list as you saved it: its filters, search, order, columns and size.
views-none = There are no views of this list yet. Filter or sort the list, and choose “Save view” above it.
views-open-list = Open the list
view-private = Only you see it
view-shared = Everyone with the role { $role } sees it
view-is-start = begins here
view-change = Change
view-change-label = Change the view { $name }
view-delete-this = Delete this view
view-delete-label = Delete the view { $name }
view-delete-shared = Everyone with the role { $role } loses it.
views-start = What the list begins with
views-start-usual = as it is set up
views-start-me = For me
views-start-role = For everyone with the role { $role }
view-keep = Save

## What is refused

view-field-missing = The field “{ $field }” is missing.
view-without-name = Give the view a name.
view-long-name = A name has at most { $count } characters. Take a shorter one.
view-long-query = A view holds at most { $count } characters of filters and columns. Leave some out.
view-taken = You have a view of this name already. Take another name, or save over that view.
view-taken-by-owner = Its owner has a view of this name already. Take another name.
view-full = You have { $count } views of this list, and no more can be kept. Delete one first.
view-full-for-role = Already { $count } views of this list are shared with this role. Delete one first, or keep it for you.
view-role-not-yours = You can share a view only with a role that you have.
view-not-yours = This view is somebody else’s, so it stays shared. Delete it if nobody needs it.
view-export-narrower = Your right to export does not cover every filter of this view. Open the view, take those filters out, and export then.
view-outdated =
    The view “{ $name }” is not as you saw it. Nothing of yours was saved over it. Open it to see
    what changed. To keep yours too, go back and save it under a new name.
view-not-shared = Choose a view that is shared with this role.

## In the audit log

audit-view = view “{ $name }”
audit-view-role = for the role { $role }
audit-list-usual = begins as it is set up
audit-list-all = begins with all rows
audit-list-view = begins with view { $view }
audit-list-columns = own columns
audit-list-usual-columns = usual columns
