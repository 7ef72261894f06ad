//! Reads files with separated values. An empty field is NULL, and `""` is an empty text, as in the
//! panel's exports.

use super::table::{Cell, Fault, Line, MAX_COLUMNS, Table};
use crate::panel::formula::unguarded;
use crate::texts::text;

/// Possible separators.
pub const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// The most frequent separator in the first line, outside of quotes; a comma if it has none.
pub fn guessed(text: &str) -> char {
    let mut counts = SEPARATORS.map(|separator| (0_usize, separator));
    let mut is_quoted = false;
    for letter in text.chars() {
        match letter {
            '"' => is_quoted = !is_quoted,
            '\r' | '\n' if !is_quoted => break,
            _ if is_quoted => {}
            letter => {
                for (count, separator) in &mut counts {
                    *count += usize::from(*separator == letter);
                }
            }
        }
    }
    let most = counts.into_iter().rev().max_by_key(|(count, _)| *count);
    most.map_or(',', |(_, separator)| separator)
}

/// Reads a file whose first line names the columns.
///
/// # Errors
/// Why the file is unreadable.
pub fn read(text: &str, separator: char) -> Result<Table, Fault> {
    let mut reader = Reader {
        rest: text,
        line: 1,
        separator,
    };
    let mut table = Table::default();
    let Some((first, names)) = reader.record(MAX_COLUMNS + 1)? else {
        return Err(Fault::at(1, text!("import-empty")));
    };
    for (place, name) in names.into_iter().enumerate() {
        let Cell::Text(name) = name else {
            let text = text!("import-column-unnamed", column = (place + 1).to_string());
            return Err(Fault::at(first, text));
        };
        table.column(first, unguarded(name).trim().to_owned())?;
    }
    let columns = table.header.len();
    while let Some((number, mut cells)) = reader.record(columns + 1)? {
        // Some programs put separators after the last value.
        while cells.len() > columns && cells.last() == Some(&Cell::Null) {
            cells.pop();
        }
        let fault = (cells.len() != columns).then(|| match cells.len() {
            found if found > columns => {
                text!("import-line-long", columns = columns.to_string())
            }
            found => text!(
                "import-line-short",
                found = found.to_string(),
                columns = columns.to_string()
            ),
        });
        let cells = cells.into_iter().map(|cell| match cell {
            Cell::Text(text) => Some(Cell::Text(unguarded(text))),
            cell => Some(cell),
        });
        let cells = if fault.is_none() {
            cells.collect()
        } else {
            Vec::new()
        };
        table.line(Line {
            number,
            cells,
            fault,
        })?;
    }
    Ok(table)
}

struct Reader<'t> {
    rest: &'t str,
    line: u64,
    separator: char,
}

impl Reader<'_> {
    /// The next line that is not blank, and its number. Cells beyond `most` are counted as one.
    fn record(&mut self, most: usize) -> Result<Option<(u64, Vec<Cell>)>, Fault> {
        loop {
            if self.rest.is_empty() {
                return Ok(None);
            }
            let number = self.line;
            let mut cells = Vec::new();
            loop {
                let cell = self.cell()?;
                if cells.len() < most || cell != Cell::Null {
                    cells.truncate(most);
                    cells.push(cell);
                }
                match self.rest.strip_prefix(self.separator) {
                    Some(rest) => self.rest = rest,
                    None => break,
                }
            }
            self.end_line();
            if cells != [Cell::Null] {
                return Ok(Some((number, cells)));
            }
        }
    }

    fn cell(&mut self) -> Result<Cell, Fault> {
        match self.rest.strip_prefix('"') {
            Some(inside) => self.quoted(inside),
            None => {
                let ends = [self.separator, '\r', '\n'];
                let end = self.rest.find(ends).unwrap_or(self.rest.len());
                let (cell, rest) = self.rest.split_at(end);
                self.rest = rest;
                Ok(if cell.is_empty() {
                    Cell::Null
                } else {
                    Cell::Text(cell.to_owned())
                })
            }
        }
    }

    fn quoted(&mut self, inside: &str) -> Result<Cell, Fault> {
        let begun = self.line;
        let mut text = String::new();
        let mut rest = inside;
        loop {
            let Some((part, after)) = rest.split_once('"') else {
                return Err(Fault::at(begun, text!("import-quote-open")));
            };
            text.push_str(part);
            match after.strip_prefix('"') {
                Some(after) => {
                    text.push('"');
                    rest = after;
                }
                None => {
                    self.line += breaks(&text);
                    // The same text, borrowed from `self`: the borrow of `inside` has another
                    // lifetime.
                    let left = self.rest.len() - after.len();
                    self.rest = self.rest.get(left..).unwrap_or_default();
                    let ends = [self.separator, '\r', '\n'];
                    if !self.rest.is_empty() && !self.rest.starts_with(ends) {
                        return Err(Fault::at(self.line, text!("import-quote-goes-on")));
                    }
                    return Ok(Cell::Text(text));
                }
            }
        }
    }

    fn end_line(&mut self) {
        let rest = self.rest.strip_prefix('\r').unwrap_or(self.rest);
        self.rest = rest.strip_prefix('\n').unwrap_or(rest);
        self.line += 1;
    }
}

/// The number of line breaks in a text.
fn breaks(text: &str) -> u64 {
    let all = text.matches('\n').count() + text.matches('\r').count();
    let pairs = text.matches("\r\n").count();
    u64::try_from(all - pairs).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<(u64, Vec<Option<String>>)> {
        let table = read(text, guessed(text)).unwrap();
        let lines = table.lines.into_iter().map(|line| {
            let cells = line.cells.into_iter().map(|cell| match cell {
                Some(Cell::Text(text)) => Some(text),
                _ => None,
            });
            (line.number, cells.collect())
        });
        lines.collect()
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn lines_are_told_from_line_breaks_in_quotes() {
        assert_eq!(
            cells("a,b\r\n1,\"x\r\ny\n\"\r\n\r\n\"\"\"q\"\"\",\"\"\n,\n"),
            [
                (2, vec![some("1"), some("x\r\ny\n")]),
                (6, vec![some("\"q\""), some("")]),
                (7, vec![None, None]),
            ]
        );
        assert_eq!(cells("a;b\r1;2\r"), [(2, vec![some("1"), some("2")])]);
        assert_eq!(cells("a\tb\n'=1\t'x"), [(2, vec![some("=1"), some("'x")])]);
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        for (text, line, part) in [
            ("", 1, "empty"),
            ("\n\n", 1, "empty"),
            ("a,\n", 1, "Column 2"),
            ("a,a\n", 1, "Two columns"),
            ("a\n1\n\"x\n", 3, "nothing closes"),
            ("a\n\"x\"y\n", 2, "goes on"),
        ] {
            let fault = read(text, ',').unwrap_err();
            assert_eq!(fault.line, line, "{text:?}: {fault:?}");
            assert!(fault.message.contains(part), "{text:?}: {fault:?}");
        }
        let table = read("a,b\n1\n1,2,3,4\n1,2,,\n", ',').unwrap();
        let faults = table.lines.iter().map(|line| line.fault.is_some());
        assert_eq!(faults.collect::<Vec<_>>(), [true, true, false]);
        let many: String = ",".repeat(1_000_000);
        assert!(read(&format!("a{many}\n"), ',').is_err());
        assert!(read(&format!("a,b\n1{many}\n2,3"), ',').is_ok());
        let long = "x".repeat(4_000_000);
        assert_eq!(
            read(&format!("a,b\n{long},\n"), ',').unwrap().lines.len(),
            1
        );
        let rows = "1,2\n".repeat(10_001);
        assert!(read(&format!("a,b\n{rows}"), ',').is_err());
    }
}
