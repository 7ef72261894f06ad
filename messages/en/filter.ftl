### Filters: operators, conditions in words, and what is wrong with a filter. Row rules of roles use them, too.

## Operators, as a menu offers them between a column and a value

op-is = is
op-is-not = is not
op-more = is more than
op-more-or-same = is at least
op-less = is less than
op-less-or-same = is at most
op-after = is after
op-at-or-after = is at or after
op-before = is before
op-at-or-before = is at or before
op-between = is between
op-not-between = is not between
op-last = is in the last
op-next = is in the next
op-this = is in this
op-past = is in the past
op-future = is in the future
op-one-of = is one of
op-none-of = is none of
op-contains = contains
op-contains-not = does not contain
op-starts = starts with
op-starts-not = does not start with
op-ends = ends with
op-ends-not = does not end with
op-no-value = has no value
op-value = has a value

## The same without scripts: how the value is written

op-between-plain = is between (two values, with a comma)
op-not-between-plain = is not between (two values, with a comma)
op-last-plain = is in the last (30d, 2w, 6m, 1q, 1y)
op-next-plain = is in the next (7d, 12h)
op-this-plain = is in this (day, week, month, quarter, year)
op-one-of-plain = is one of (values with commas)
op-none-of-plain = is none of (values with commas)
op-rows-some-plain = there are some (related rows)
op-rows-none-plain = there are none (related rows)

## How many related rows there are

op-rows-some = there are some
op-rows-none = there are none
op-rows-least = at least
op-rows-most = at most

## Conditions: $value is one value or several, already joined

condition-is = { $column } is { $value }
condition-is-not = { $column } is not { $value }
condition-more = { $column } is more than { $value }
condition-more-or-same = { $column } is at least { $value }
condition-less = { $column } is less than { $value }
condition-less-or-same = { $column } is at most { $value }
condition-after = { $column } is after { $value }
condition-at-or-after = { $column } is at or after { $value }
condition-before = { $column } is before { $value }
condition-at-or-before = { $column } is at or before { $value }
condition-between = { $column } is between { $value }
condition-not-between = { $column } is not between { $value }
# $value is a length of time: "30 days".
condition-last = { $column } is in the last { $value }
condition-next = { $column } is in the next { $value }
# $value is a part of the calendar: "month".
condition-this = { $column } is in this { $value }
condition-past = { $column } is in the past
condition-future = { $column } is in the future
condition-contains = { $column } contains { $value }
condition-contains-not = { $column } does not contain { $value }
condition-starts = { $column } starts with { $value }
condition-starts-not = { $column } does not start with { $value }
condition-ends = { $column } ends with { $value }
condition-ends-not = { $column } does not end with { $value }
condition-no-value = { $column } has no value
condition-value = { $column } has a value
condition-rows-some = { $rows }: some
condition-rows-none = { $rows }: none
condition-rows-least = { $rows }: { $count } or more
condition-rows-most = { $rows }: { $count } at most
# One of several conditions of which one is enough.
condition-or = Or: { $condition }
# The time that a condition covers today.
condition-covers = { $condition }: { $range }
condition-zone = { $condition } ({ $zone })

## Lengths of time and parts of the calendar, behind "is in the last" and "is in this"

span-hours =
    { $count ->
        [one] hour
       *[other] { $count } hours
    }
span-days =
    { $count ->
        [one] day
       *[other] { $count } days
    }
span-weeks =
    { $count ->
        [one] week
       *[other] { $count } weeks
    }
span-months =
    { $count ->
        [one] month
       *[other] { $count } months
    }
span-quarters =
    { $count ->
        [one] quarter
       *[other] { $count } quarters
    }
span-years =
    { $count ->
        [one] year
       *[other] { $count } years
    }
period-day = day
period-week = week
period-month = month
period-quarter = quarter
period-year = year
range-both = { $start } to { $end }
range-from = from { $start }
range-after = after { $start }
range-until = to { $end }
range-before = before { $end }

## Several conditions together, and rows that they cover

rows-any = any row
rows-no = no row
rows-nested = ({ $rows })
rows-related = rows of { $resource } belong to it
rule-claim = the claim { $name }

## What is wrong with a filter

filter-no-column = There is no column “{ $column }” here.
filter-no-operator = “{ $operator }” is not an operator. Use one of: { $operators }.
filter-unfit = “{ $operator }” cannot be used on { $column }.
filter-value = { $column }: { $reason }
filter-placeholder = “{ $text }” is no placeholder. Write {"{"}claim.NAME{"}"} for a claim of the person.
filter-group = “{ $name }” is not of the form or.GROUP.COLUMN.
filter-no-rows = There are no related rows “{ $name }” here.
filter-several-rows = “{ $name }” stands for several. Write one of: { $names }.
filter-number-of-rows = “{ $text }” is not a number of rows. Write any, none, ge:NUMBER or le:NUMBER.
filter-timeless = “{ $operator }” on { $column } depends on the time, and cannot be used here.
filter-form = “{ $text }” is not of the form COLUMN=OPERATOR:VALUE.
filter-two-values = “{ $operator }” takes two values, separated by a comma.
filter-many-values = Give at most { $count } values.
filter-one-value = Give one value.
filter-choice = “{ $value }” is not one of its values. Choose one of the list.
filter-choice-near = “{ $value }” is not one of its values. Did you mean “{ $near }”?
filter-period = “{ $text }” is no period. Use day, week, month, quarter or year.
filter-span = “{ $text }” is no length of time. Write a number and h, d, w, m, q or y, such as 30d.
filter-span-hours = This column has no hours. Count days, such as 1d.
filter-span-long = “{ $text }” is too long. Use a shorter time.

## What is wrong with a parameter of an address

parameter-wrong = The parameter “{ $name }”: { $reason }
parameter-unknown = There is no parameter “{ $name }” here.
# $values is a list of what can be written, already joined.
parameter-takes = The parameter “{ $name }” must be { $values }.
parameter-number = The parameter “{ $name }” must be a number from { $least } to { $most }.
parameter-page = The parameter “{ $name }” must be a page number from 1.
parameter-view = The parameter “view” must be all, or the number of a view of this list.
parameter-zone = The parameter “{ $name }” must be the name of a time zone, such as Europe/Berlin.
parameter-one-place = Give only one of the parameters “{ $name }” and “{ $other }”.
parameter-conditions = A list takes at most { $count } conditions. Leave some out.
parameter-columns = The parameter “{ $name }” must name at most { $count } columns.
parameter-paths = The parameter “{ $name }” must name at most { $count } columns of rows pointed at.
parameter-sign = The parameter “{ $name }” must name columns, without a sign.
parameter-length = The parameter “{ $name }” must have at most { $count } characters.
place-wrong = This is not a place in this list. Go to its first page.
page-too-far = Page { $page } is too far in. Narrow the list with a filter, or use the button “Next”.
