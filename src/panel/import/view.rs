//! The views of the import pages.

use serde::Serialize;

#[derive(Default, Serialize)]
pub(super) struct ImportPage {
    pub(super) heading: String,
    pub(super) action: String,
    pub(super) cancel_href: String,
    pub(super) problem: Option<String>,
    /// The file's name and number of rows.
    pub(super) told: Option<String>,
    pub(super) carried: Vec<Hidden>,
    pub(super) file: Option<FileStep>,
    pub(super) columns: Option<ColumnsStep>,
    pub(super) check: Option<CheckStep>,
}

#[derive(Serialize)]
pub(super) struct Hidden {
    pub(super) name: String,
    pub(super) value: String,
}

#[derive(Serialize)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) is_chosen: bool,
}

#[derive(Serialize)]
pub(super) struct FileStep {
    pub(super) max_mb: String,
    pub(super) max_rows: String,
    pub(super) modes: Vec<Choice>,
}

#[derive(Default, Serialize)]
pub(super) struct ColumnsStep {
    pub(super) columns: Vec<FileColumn>,
    pub(super) modes: Vec<Choice>,
    pub(super) keys: Vec<Choice>,
    pub(super) formats: Vec<Choice>,
    pub(super) separators: Vec<Choice>,
    pub(super) encodings: Vec<Choice>,
    pub(super) decimals: Vec<Choice>,
    pub(super) dates: Vec<Choice>,
}

#[derive(Serialize)]
pub(super) struct FileColumn {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) samples: String,
    pub(super) to: Vec<Choice>,
    pub(super) is_key: bool,
}

#[derive(Serialize)]
pub(super) struct CheckStep {
    pub(super) created: u64,
    pub(super) updated: u64,
    pub(super) unchanged: u64,
    pub(super) wrong: usize,
    pub(super) cells: Vec<WrongCell>,
    pub(super) more: Option<String>,
    pub(super) can_mend: bool,
    pub(super) confirm: Option<String>,
    pub(super) button: String,
    pub(super) is_partial: bool,
}

/// A wrong cell, and the control to correct it.
#[derive(Serialize)]
pub(super) struct WrongCell {
    pub(super) id: String,
    pub(super) line: u64,
    pub(super) line_text: String,
    pub(super) label: Option<String>,
    pub(super) name: Option<String>,
    pub(super) value: String,
    pub(super) message: String,
}
