### What a person reads when a request is not answered as asked: a heading, and what to do.

error-signed-out = You are not signed in
error-signed-out-advice = Sign in and try again.

error-lapsed = You have to be signed in again first

error-forbidden = Your roles do not allow this
error-forbidden-advice = None of your roles gives “{ $right }” on “{ $resource }”.
error-unmanaged-advice =
    None of your roles lets you manage { $what } of this panel. A role does with manage = ["{ $what }"] in its
    configuration.

error-only-looking = You are only looking
error-only-looking-advice =
    You look at the panel as { $seen }. Until you end that, nothing can be changed or exported, and nothing was.

# $what is what came too often, in the plural; $count is in seconds.
error-too-often = This came too often
error-too-often-advice =
    There were too many { $what } within a minute. Nothing was done. Try again in { $count ->
        [one] { $count } second
       *[other] { $count } seconds
    }.

error-long-address = This address is too long
error-long-address-advice = An address holds at most 16 KB. Use fewer filters, or shorter ones.

error-forged = This request was not sent from the panel
error-forged-site = It came from another site. Open the panel and do it there.

error-missing = There is nothing here
error-missing-advice = The row or page does not exist, or it is not one that your roles show you.

error-invalid = This request cannot be understood

error-slowly = This took too long to arrive
error-slowly-advice = Nothing was saved. Send it again over a better connection.

error-too-large = This is too large to send at once
error-too-large-advice =
    A form holds at most 2 MB, and 16 MB with its files. Make the texts or files smaller, or save them one by one.

error-method = This address does not take that
error-method-advice = Go back and use the links and buttons of the panel.

error-unavailable = The panel cannot answer right now
error-busy-advice = Every database connection is in use, or your share of them. Try again in a moment.
error-exports-advice = As many exports are running as may at a time. Try again in a moment.
error-unreachable-advice = The database does not answer. Try again in a moment.

error-locked = Somebody else is at this
error-locked-advice =
    The table or the row is being changed by somebody else, or by a migration. Nothing was done. Try again in a moment.
error-deadlock-advice =
    Somebody else changed the same rows at the same moment, and the database undid your change. Send it again.

error-slow = This took too long
error-slow-advice = Narrow the list with a filter, or sort by another column.
error-slow-change-advice =
    The database did not finish within its time limit, and nothing was saved. Try again in a moment.

error-full = The database is full
error-full-advice =
    The database has no room left, and nothing was saved. Tell whoever runs it, and try again later.

error-outdated = Somebody has changed this in the meantime
error-changed = This table has just changed
error-changed-advice = Its columns are not those that this page was made for. Open the list again.

error-closed = The database does not allow this
error-closed-advice = The account that the panel connects with may not read this table. Tell whoever runs the database.

error-failed = The database reports an error
error-failed-advice =
    A value in these rows does not fit what the view works out. A filter that leaves such rows out may help. The
    reference below leads to the reason in the server’s log.

error-internal = Something went wrong on our side
error-internal-advice = Nothing was changed. Tell whoever runs this panel the reference below.

## What lets a form be refused

error-forged-token =
    Its token is missing or from another session. Go back, reload the page and send it again.
error-lapsed-unconfirmed =
    Your identity provider has to confirm that you are still signed in there. Nothing was saved yet. Open the panel in
    another tab, come back to this one and reload it. What you sent is then sent again.
error-lapsed-ended =
    Your session has ended, and nothing was saved. Go back to the form and copy what you typed, if it is still there.
    Then open the panel in another tab and sign in.
error-lapsed-unsent = Nobody is signed in here any more, so nothing was changed. Sign in and send it again.
error-lapsed-late =
    Your session has ended, and nothing was saved. Sign in in another tab, then come back to this one and save again.

no-such-file = There is no such file.

## What there were too many of

limit-sign-ins = sign-ins from your address
limit-answers = answers from one address
limit-lists = lists of yours
limit-searches = searches of yours
limit-exports = exports of yours
error-form = The request is not of the form that this address takes.
form-encoding = Send the form as application/x-www-form-urlencoded, multipart/form-data or application/json.
form-cut = The form did not arrive whole.
form-encoding-utf8 = The form is not UTF-8.
form-json = The form is not a JSON object.
