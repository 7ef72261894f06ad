### What the script (static/panel.js) says. It fills in what stands in braces in an argument.

script-draft-back =
    You were signed out before this was saved, so nothing was changed. What you had typed is filled in again. Look
    through it and save.

## The form that adds a filter

script-how-many = How many
script-unit = Unit
script-days = days
script-hours = hours
script-weeks = weeks
script-months = months
script-quarters = quarters
script-years = years
script-from = From
script-to = To
script-commas = Separate values with commas.
script-times-utc = Times are in UTC.
# $rows is a number.
script-rows = { $rows } rows

## Keys

script-keys = Keyboard
script-key-search = Search this list
script-key-next = Next row (also ↓)
script-key-previous = Previous row (also ↑)
script-key-select = Select the row
script-key-new = New
script-key-edit = Edit
script-key-help = This help
script-key-open = Open the row
script-key-save = Save the form (also Ctrl Enter)
script-key-close = Close a menu
script-keys-on = Keys without Ctrl are on
script-close = Close

## Fields

script-type = Type to search
script-clear = Clear { $field }
script-list-failed = The list could not be read. Try again in a moment.
script-choose = Choose one from the list.
script-kept = Kept “{ $value }”. Choose from the list to change it.
script-nothing-chosen = Nothing is chosen. Choose from the list.
# Both are numbers.
script-length = { $length } of { $most } characters
script-too-long = At most { $most } characters; this has { $length }.
# $reason is the browser's.
script-json = Not valid JSON yet: { $reason }
