### What the database refused, at a field or above the form.

refused = The database refused this change; the reason is in the server’s log.
refused-value = The database does not take this value.
refused-locked = The database does not let the panel write this column.
refused-secured = The row-level security of the database does not allow this change.
refused-pointed-at = Other rows point at this one, or it points at a row that does not exist.
refused-undone =
    The database did not make this change: a trigger or its row-level security kept the row as it was.
refused-rule-whole = The values together break the rule “{ $rule }” of the database.
refused-check-whole = The values together break a rule of the database.
refused-taken = This value is already taken.
refused-rule = This value breaks the rule “{ $rule }” of the database.
refused-check = This value breaks a rule of the database.
refused-conflict-rule = This conflicts with another row: rule “{ $rule }”.
refused-conflict = This conflicts with another row.
refused-key = Other rows point at this value, so it cannot be changed.
refused-values = The database does not take one of these values.
refused-create = The database does not let the panel add rows to this table.
refused-delete = The database does not let the panel delete rows of this table.
refused-edit = The database does not let the panel change rows of this table.
refused-exists = A row with these values exists already.
refused-conflict-whole = Another row conflicts with these values.
refused-missing = A field that needs a value has none.
no-such-row = Choose one of the rows that you may see.
