### What stands around every page: menu, top bar, notices.

skip-to-content = Skip to content
main-menu = Main menu
menu = Menu
breadcrumb = Breadcrumb
home = Home
my-access = My access
undo = Undo

## Emergency access: said on every page

emergency-as = Emergency access as { $role }:
emergency-left = { $left } left, until { $until }. Everything done here is recorded. Reason: { $reason }

## What was done

done-created = Created.
done-saved = Saved.
done-unchanged = Nothing was changed, so nothing was saved.
done-deleted = Deleted.
done-undone = Undone.
done-ended = Signed out there.
done-view-saved = The view is saved.
done-view-deleted = The view is deleted.
done-list-set-up = The list is set up.
done-none-ended = There was no other session to end.
done-confirmed = You have confirmed who you are. You can now do what you wanted to do.
unsaved = You were signed out before this was sent, so nothing was changed. Check the form and send it again.
looking = You look at the panel as { $seen }. Nothing can be changed.
done-bulk-changed =
    { $count ->
        [one] { $count } row changed.
       *[other] { $count } rows changed.
    }
done-bulk-deleted =
    { $count ->
        [one] { $count } row deleted.
       *[other] { $count } rows deleted.
    }
done-bulk-changed-some =
    { $count ->
        [one] { $count } row changed.
       *[other] { $count } rows changed.
    } { $left_count ->
        [one] { $left_count } row stayed as before.
       *[other] { $left_count } rows stayed as before.
    }
done-bulk-deleted-some =
    { $count ->
        [one] { $count } row deleted.
       *[other] { $count } rows deleted.
    } { $left_count ->
        [one] { $left_count } row stayed as before.
       *[other] { $left_count } rows stayed as before.
    }
asks-again = Asks you to sign in again first
minutes-left =
    { $count ->
        [one] one minute
       *[other] { $count } minutes
    }
done-bulk-imported =
    { $count ->
        [one] { $count } row imported.
       *[other] { $count } rows imported.
    }
done-bulk-imported-some =
    { $count ->
        [one] { $count } row imported.
       *[other] { $count } rows imported.
    } { $left_count ->
        [one] { $left_count } row left out.
       *[other] { $left_count } rows left out.
    }
