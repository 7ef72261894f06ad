### Where everyone lands (home.html).

home-empty = Nothing to open
home-data = Data
home-new = New
home-new-in = New in { $resource }
home-mine = My recent changes
home-mine-empty = What you create, change, delete or export is listed here.
home-empty-text = Your roles do not show you any data yet.
