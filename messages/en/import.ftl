### Rows from a file (import.html), and what is wrong with a file or its rows.

import-title = Import { $resource }
import = Import
# $file is its name, $rows a count: "3 rows".
import-told = { $file }, { $rows }
import-step-file = File
import-step-columns = Columns
import-step-check = Check

## The file

import-file = File
# $rows is a number.
import-file-help = CSV, tabs, JSON or JSON lines, up to { $size } MB and { $rows } rows. The first line names the columns.
import-paste = Or paste rows
import-paste-rows = Rows
import-what = What to do with the rows
import-mode-create = Only add new ones
import-mode-update = Only change known ones
import-mode-both = Add new ones and change known ones
import-nothing-before = Nothing is written before you have seen what it does.

## Its columns

import-columns = Columns of the file
import-in-file = In the file
import-first-values = First values
import-goes-to = Goes to
import-key = key
import-leave-out = leave out
# Among the first values of a column, in place of one.
import-no-value = (no value)
import-empty-text = (empty text)
import-known-by = Known by
import-any-key = whichever key is in the file
import-how-read = How the file is read
import-format = Kind of file
import-format-tabs = Text with tabs
import-separator = Between values
import-separator-comma = comma
import-separator-semicolon = semicolon
import-separator-tab = tab
import-separator-pipe = pipe
import-encoding = Letters
import-numbers = Numbers
import-dates = Dates
import-dates-day = 01.03.2026 (day first)
import-dates-month = 03/01/2026 (month first)
import-read-again = Read again
import-check = Check
import-other-file = Another file

## What it does

import-created = <b>{ $count }</b> will be added
import-updated = <b>{ $count }</b> will change
import-wrong =
    { $count ->
        [one] <b>{ $count }</b> is wrong
       *[other] <b>{ $count }</b> are wrong
    }
import-nothing-yet = Nothing has been written yet.
import-what-is-wrong = What is wrong
import-line = Line
import-column = Column
import-value-at = { $column }, line { $line }
import-check-again = Check again
import-to-columns = Back to the columns
import-save =
    { $count ->
        [one] Import { $count } row
       *[other] Import { $count } rows
    }
import-save-good =
    { $count ->
        [one] Import only the good row
       *[other] Import only the { $count } good rows
    }

## Why nothing was imported

import-nothing = Nothing was imported
import-nothing-to-do = Nothing was imported: there is no row to write.
import-moved-on = What the import does has changed since you looked, so nothing was imported. Look at it again.
import-refused-one = One value or row cannot be imported. Mend it and send the file again.
import-refused-some =
    Some rows cannot be imported. Mend them and send the file again, or send partial=1 to import the others.
import-choose = Choose a file, or paste rows.
import-choose-again = Choose the file again.
import-send = Send a file: as the field “file” of a form, or as the body.
import-page-limit = The file is larger than { $size } MB. Import it in parts, or by a program.
import-file-limit = The file is larger than { $size } MB. Send it in parts.
import-no-key-in-file = No key of this table is in the file, so rows can only be added.
import-no-key-known = No key of this table is known to you, so rows can only be added.
import-needs-key = Rows can only be changed if they are known by a key: send key=COLUMN.
# $keys are keys, already joined.
import-key-takes = The parameter “key” must be a unique key: { $keys }.
import-map-unknown = The parameter “{ $name }” names no column of the file.
import-no-column = There is no column “{ $column }” to import into.

## What is wrong with a file

import-at-line = Line { $line }: { $reason }
import-key-missing = Rows are known by this column, and the file has no such one.
import-column-unknown = There is no such column here. Choose another one, or leave it out with { $map }= in the address.
import-column-twice = Two columns of the file go to the same column.
import-too-many-columns = The file has more than { $count } columns. Send those that are needed.
import-same-name = Two columns of the file have this name. Rename or remove one of them.
# Both are numbers.
import-limit = One import takes at most { $rows } rows and { $values } values. Send the file in parts.
import-empty = The file is empty.
import-column-unnamed = Column { $column } has no name in the first line.
import-line-long = This line has more values than the first line has columns ({ $columns }).
import-line-short = This line has { $found } of { $columns } values.
import-quote-open = A quotation mark opens here that nothing closes.
import-quote-goes-on = A value goes on behind its closing quotation mark.
import-named-twice = The object names “{ $name }” twice.
import-no-array = This is not an array of objects.
import-no-object = This is not an object.
import-no-json = This is not valid JSON, at letter { $column }.
import-not-utf-8 = The file is not UTF-8. Choose its encoding: encoding=windows-1252 or encoding=utf-16.
import-not-utf-16 = The file is not UTF-16. Choose the encoding that it was saved with.
import-several-rows = Several rows have this name. Give the key instead.
