### The search over everything, its page and its palette.

search-everything = Search everything
search-parameter = The search takes “q” alone, and not “{ $name }”.
search-resources = Tables
search-actions = Actions
search-new = New { $resource }
search-all = Show all { $count } in { $resource }
search-all-uncounted = Show all in { $resource }
search-nothing = Nothing that you may see has these words. Try fewer or shorter ones.
search-left-out = Not searched, as it took too long: { $resources }.
search-lead = Rows, tables, saved views, and new rows that you may add.
search-shortcut = Ctrl K
search-results = Found
search-key-enter = Enter
search-key-escape = Esc
search-keys-choose = choose
search-keys-open = open
search-keys-close = close
search-found =
    { $count ->
        [0] Nothing found
        [one] { $count } found
       *[other] { $count } found
    }
