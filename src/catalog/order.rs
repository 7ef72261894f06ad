//! The order of a list in a URL: column names separated by `,`, with `-` in front for descending. A
//! `\` makes the next character literal, so that columns called `a,b` or `-x` can be named.

/// Reads the columns of an order; `true` means descending.
pub fn read(text: &str) -> Vec<(String, bool)> {
    let mut columns = vec![(String::new(), false)];
    let mut letters = text.chars();
    let mut is_start = true;
    while let Some(letter) = letters.next() {
        let Some((name, descending)) = columns.last_mut() else {
            break;
        };
        match letter {
            ',' => {
                columns.push((String::new(), false));
                is_start = true;
                continue;
            }
            '-' if is_start => *descending = true,
            ' ' if is_start => continue,
            '\\' => name.extend(letters.next()),
            letter => name.push(letter),
        }
        is_start = false;
    }
    columns.retain(|(name, _)| !name.is_empty());
    columns
}

/// Writes a column of an order.
pub fn write(column: &str, descending: bool) -> String {
    let sign = if descending { "-" } else { "" };
    let escaped = column.replace('\\', "\\\\").replace(',', "\\,");
    let guard = if escaped.starts_with(['-', ' ']) {
        "\\"
    } else {
        ""
    };
    format!("{sign}{guard}{escaped}")
}

#[cfg(test)]
mod tests {
    use super::{read, write};

    #[test]
    fn every_column_can_be_named() {
        let names = ["a", "a,b", "-x", "--", "\\", "\\,", " a", "a b", "a\\-,b"];
        for descending in [false, true] {
            let order = names.map(|name| (name.to_owned(), descending));
            let written = names.map(|name| write(name, descending)).join(",");
            assert_eq!(read(&written), order, "{written}");
        }
        assert_eq!(read("-a, b,,"), [("a".into(), true), ("b".into(), false)]);
    }
}
