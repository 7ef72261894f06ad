### The list of a resource (list.html), and what is done with ticked rows.

list-new = New { $resource }
list-export = Export
list-import = Import
list-filters-left-out =
    { $count ->
        [one] A filter was left out.
       *[other] { $count } filters were left out.
    }

## Files

list-export-csv-names = CSV with names
list-export-excel-names = Excel with names
list-kind-of-file = Kind of file

export-sheet-limit =
    This list has more than { $count } rows, and a sheet of Excel holds no more. Narrow the list with a filter, or
    export it as CSV.
export-limit =
    This list has more than { $count } rows, which is the most that one export holds. Narrow the list with a filter.

## The bar above the rows

# $columns are the labels of the columns that are searched, already joined.
list-search-in = Search { $columns }
list-search = Search { $resource }
list-filters = Filters
list-remove-filter = Remove filter { $filter }
list-filter = + Filter
list-add-a-filter = Add a filter
list-filter-column = Column
list-filter-op = Condition
list-filter-value = Value
list-filter-zone = Times with a zone, and today, are in <b>{ $zone }</b>.
list-add-filter = Add filter
list-related-rows = Related rows
list-columns = Columns
list-choose-columns = Choose columns
list-show-columns = Show these columns
list-columns-of = Columns of { $resource }
list-show = Show
list-usual-columns = Usual columns
list-clear = Clear all

## The rows

list-select-column = Select
list-select-page = Select all rows of this page
list-select = Select { $row }
list-sorts-by-key = Sorts by the key, not by the name
list-by-key = by key

## Ticked rows

list-ticked = Selected rows
# Their number stands in the empty <b>.
list-ticked-count = <b></b> selected
# $rows is a count in words.
list-all-matching = all { $rows } matching
list-all-that-match = all that match
list-untick = Clear
list-edit-fields = Edit fields

## The way from page to page

list-pages = Pages
list-range = { $first }–{ $last }
list-range-of = <bdi>{ $range }</bdi> of { $rows }
list-count = Count the rows
list-sizes = Rows
list-size =
    { $count ->
        [one] { $count } row a page
       *[other] { $count } rows a page
    }
list-first = First
list-previous = Previous
list-next = Next

## Nothing to show

list-nothing-matches = Nothing matches
list-nothing-matches-advice = No row fits all of your filters and your search. Remove a filter, or search for less.
list-show-everything = Show everything
list-page-empty = This page is empty
list-page-empty-advice = There are no rows this far in.
list-first-page = Back to the first page
list-empty = No { $resource } yet
list-empty-advice = What is added is listed here.
