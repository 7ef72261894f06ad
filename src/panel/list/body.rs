//! The rows of a list as HTML. A page holds hundreds of cells. Written in Rust they cost a tenth of
//! the template component `cell`, which renders the same on other pages.

use crate::panel::cell::Cell;
use crate::texts::text;
use crate::web::markup::Markup;

/// The approximate size of a cell, in bytes.
const CELL: usize = 80;

/// Writes the rows of a list, for the body of the table.
pub struct Body {
    out: Markup,
    cells: Vec<Cell>,
    words: CellTexts,
}

/// Texts of cells for people who do not see their symbols.
pub struct CellTexts {
    no_value: String,
    yes: String,
    no: String,
}

impl CellTexts {
    /// The texts in the request's language.
    pub fn current() -> Self {
        Self {
            no_value: text!("no-value"),
            yes: text!("yes"),
            no: text!("no"),
        }
    }
}

impl Body {
    /// Reserves space for this many rows and columns.
    pub fn new(rows: usize, columns: usize) -> Self {
        Self {
            out: Markup::with_capacity(rows * (columns + 1) * CELL),
            cells: Vec::with_capacity(columns),
            words: CellTexts::current(),
        }
    }

    /// Adds a row that links to `href`; `tick` is its key, if rows can be selected.
    pub fn row(
        &mut self,
        href: Option<&str>,
        tick: Option<&str>,
        cells: impl Iterator<Item = Cell>,
    ) {
        self.cells.clear();
        self.cells.extend(cells);
        link_row(&mut self.cells, href);
        match href {
            Some(href) => self.out.raw("<tr data-href=\"").text(href).raw("\">"),
            None => self.out.raw("<tr>"),
        };
        if let Some(key) = tick {
            let name = self.cells.iter().find(|cell| cell.href.as_deref() == href);
            write_tick(&mut self.out, key, name.map_or(key, |cell| &cell.text));
        }
        for cell in &self.cells {
            write_cell(&mut self.out, cell, &self.words);
        }
        self.out.raw("</tr>\n");
    }

    /// The rows.
    pub fn finish(self) -> Markup {
        self.out
    }
}

/// Makes sure that a cell links to the row: the first without a link of its own.
pub fn link_row(cells: &mut [Cell], href: Option<&str>) {
    let free = cells
        .iter()
        .position(|cell| cell.href.is_none() && !cell.none);
    if let (Some(href), Some(cell)) = (href, cells.get_mut(free.unwrap_or(0))) {
        cell.href = Some(href.to_owned());
    }
}

/// A check box of the form below the table.
fn write_tick(out: &mut Markup, key: &str, name: &str) {
    out.raw("<td class=\"is-tick\"><input class=\"tick\" type=\"checkbox\" name=\"key\" value=\"")
        .text(key)
        .raw("\" form=\"bulk\" aria-label=\"")
        .text(&text!("list-select", row = name))
        .raw("\"></td>");
}

fn write_cell(out: &mut Markup, cell: &Cell, words: &CellTexts) {
    out.raw(if cell.numeric {
        "<td class=\"num\">"
    } else {
        "<td>"
    });
    write(out, cell, words);
    out.raw("</td>");
}

/// The content of a cell. It must match the component `cell` of parts.html, which a test compares.
pub fn write(out: &mut Markup, cell: &Cell, words: &CellTexts) {
    if let Some(href) = &cell.href {
        out.raw("<a href=\"").text(href).raw("\"");
        if !href.starts_with('/') {
            out.raw(" rel=\"noopener noreferrer\"");
        }
        out.raw(">");
    }
    if cell.none {
        out.raw("<span class=\"none\" aria-hidden=\"true\">\u{2014}</span>");
        write_unseen(out, &words.no_value);
    } else if let Some(tone) = cell.tone {
        out.raw("<span class=\"badge ")
            .raw(tone)
            .raw("\">")
            .text(&cell.text)
            .raw("</span>");
    } else if let Some(moment) = &cell.moment {
        out.raw("<time datetime=\"")
            .text(moment.iso())
            .raw("\" title=\"")
            .text(moment.iso());
        out.raw("\">").text(moment.text()).raw("</time>");
    } else if let Some(yes) = cell.yes {
        let (class, word) = if yes {
            ("yes", &words.yes)
        } else {
            ("no", &words.no)
        };
        out.raw("<span class=\"").raw(class);
        out.raw("\" aria-hidden=\"true\"></span>");
        write_unseen(out, word);
    } else if cell.mono {
        out.raw("<span class=\"mono\">")
            .text(&cell.text)
            .raw("</span>");
    } else if let Some(colour) = &cell.colour {
        out.raw("<span class=\"swatch\" data-colour=\"")
            .text(colour);
        out.raw("\"></span><span class=\"mono\">")
            .text(&cell.text)
            .raw("</span>");
    } else if let Some(download) = &cell.download {
        out.raw("<a href=\"")
            .text(download)
            .raw("\" download>")
            .text(&cell.text)
            .raw("</a>");
    } else {
        out.text(&cell.text);
        if cell.more {
            out.raw("<span class=\"more\">\u{2026}</span>");
        }
    }
    if cell.href.is_some() {
        out.raw("</a>");
    }
}

/// A word for screen readers.
fn write_unseen(out: &mut Markup, word: &str) {
    out.raw("<span class=\"visually-hidden\">")
        .text(word)
        .raw("</span>");
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::catalog::{Field, Generated, Kind, Value};
    use crate::panel::templates;

    fn field(kind: Kind) -> Field {
        Field {
            name: "column".into(),
            label: "Column".into(),
            help: String::new(),
            kind,
            sql_type: String::new(),
            nullable: true,
            default: None,
            generated: Generated::No,
            max_length: None,
            choices: Vec::new(),
            long: false,
        }
    }

    fn cells() -> Vec<Cell> {
        let text = |text: &str| Value::Text(text.into());
        let long = "x".repeat(200);
        let mut cells: Vec<Cell> = [
            (Kind::Text, text("\"><svg onload='x'>&")),
            (Kind::Text, text(&long)),
            (Kind::Text, text("https://example.com/?a=1&b=2")),
            (Kind::Text, text("ada@example.com")),
            (Kind::Text, text("#ff8800")),
            (Kind::Text, Value::Null),
            (Kind::Bool, Value::Bool(true)),
            (Kind::Bool, Value::Bool(false)),
            (Kind::Choice, text("paid")),
            (Kind::Decimal { scale: Some(2) }, Value::Float(1234.5)),
            (Kind::Instant, text("2026-11-22 16:13:00")),
            (Kind::DateTime, text("2026-11-22 16:13:00")),
            (Kind::Json, text("{\"a\": \"<b>\"}")),
            (Kind::Bytes, Value::Size(1234)),
        ]
        .iter()
        .map(|(kind, value)| Cell::in_list(&field(*kind), value))
        .collect();
        cells.push(Cell {
            href: Some("/admin/data/a/row/1".into()),
            ..Cell::text("Ada")
        });
        cells.push(Cell {
            download: Some("/admin/x".into()),
            ..Cell::text("1.2 kB")
        });
        cells
    }

    #[test]
    fn rows_and_template_write_cells_alike() {
        for cell in cells() {
            let mut ours = Markup::default();
            write(&mut ours, &cell, &CellTexts::current());
            let theirs = templates::pages()
                .unwrap()
                .piece("{{ <cell c={view} /> }}", &cell)
                .unwrap();
            // Both escape, but with different notations.
            let plain = |html: &str| {
                html.trim()
                    .replace("&#x27;", "&#39;")
                    .replace("&#x2F;", "/")
                    .replace("&#47;", "/")
            };
            assert_eq!(plain(ours.as_str()), plain(&theirs), "{cell:?}");
        }
    }
}
