//! The parameters of an import.

use super::SentFile;
use super::file::{Encoding, Format};
use super::notation::{Dates, Decimal, Notation};
use super::rows::Corrections;
use super::table::{Fault, MAX_BYTES, Table};
use super::{delimited, json};
use crate::catalog::{FilterError, Resource};
use crate::entry::Submission;
use crate::entry::form::FILE;
use crate::entry::query::{takes, unknown};
use crate::texts::{any_of, text};
use crate::web::Failure;
use std::collections::BTreeMap;

/// What to do with the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Creates new rows, and changes none.
    Create,
    /// Changes existing rows, and creates none.
    Update,
    /// Both.
    Both,
}

impl Mode {
    /// All modes.
    pub const ALL: [Self; 3] = [Self::Both, Self::Create, Self::Update];

    /// Its name in requests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Both => "both",
        }
    }

    /// Its label on pages.
    pub fn label(self) -> String {
        match self {
            Self::Create => text!("import-mode-create"),
            Self::Update => text!("import-mode-update"),
            Self::Both => text!("import-mode-both"),
        }
    }
}

/// The parameters, from the address and the form.
#[derive(Debug, Clone)]
pub struct ImportParameters {
    /// The format, if given.
    pub format: Option<Format>,
    /// The encoding, if given.
    pub encoding: Option<Encoding>,
    /// The separator, if given.
    pub separator: Option<char>,
    /// The notation of numbers and dates.
    pub notation: Notation,
    /// The columns that identify rows.
    pub key: Vec<usize>,
    /// The mode, if given.
    pub mode: Option<Mode>,
    /// Whether nothing is kept.
    pub is_rehearsal: bool,
    /// Whether valid rows are kept even if others have errors.
    pub is_partial: bool,
    /// The chosen columns, by their name in the file.
    pub chosen: BTreeMap<String, String>,
    /// Corrections of cells.
    pub fixes: Corrections,
    /// The token of the confirmed preview.
    pub confirm: Option<String>,
}

/// Fields of forms that are not parameters.
const OF_FORMS: [&str; 6] = ["csrf_token", FILE, "paste", "kept", "name", "step"];

impl ImportParameters {
    /// Reads the parameters. `known` tells which columns exist for the person.
    ///
    /// # Errors
    /// The invalid parameter.
    pub fn read(
        query: &str,
        form: &Submission,
        resource: &Resource,
        known: &dyn Fn(usize) -> bool,
    ) -> Result<Self, Failure> {
        let mut asked = Self {
            format: None,
            encoding: None,
            separator: None,
            notation: Notation::default(),
            key: Vec::new(),
            mode: None,
            is_rehearsal: false,
            is_partial: false,
            chosen: BTreeMap::new(),
            fixes: Corrections::new(),
            confirm: None,
        };
        let query = url::form_urlencoded::parse(query.as_bytes());
        let form = form.fields().iter();
        let form = form.map(|(name, value)| (name.clone().into(), value.clone().into()));
        for (name, value) in query.chain(form) {
            let column = |name: &str| {
                let column = resource.index_of(name);
                let column = column.filter(|column| known(*column));
                column.ok_or_else(|| FilterError::Column(name.to_owned()))
            };
            match name.as_ref() {
                "format" if value.is_empty() => {}
                "format" => asked.format = Some(one_of(&name, Format::named(&value), &FORMATS)?),
                "encoding" if value.is_empty() => {}
                "encoding" => {
                    asked.encoding = Some(one_of(&name, Encoding::named(&value), &ENCODINGS)?);
                }
                "separator" if value.is_empty() => {}
                "separator" => {
                    let found = separator(&value);
                    asked.separator = Some(one_of(&name, found, &SEPARATORS)?);
                }
                "decimal" if value.is_empty() => {}
                "decimal" => {
                    let found = Decimal::ALL.into_iter().find(|it| it.name() == value);
                    asked.notation.decimal = one_of(&name, found, &["point", "comma"])?;
                }
                "dates" if value.is_empty() => {}
                "dates" => {
                    let found = Dates::ALL.into_iter().find(|it| it.name() == value);
                    asked.notation.dates = one_of(&name, found, &["ymd", "dmy", "mdy"])?;
                }
                "key" => {
                    let names = value.split(',').map(str::trim);
                    let columns = names.filter(|name| !name.is_empty()).map(column);
                    asked.key = columns.collect::<Result<_, _>>()?;
                }
                "mode" => {
                    let found = Mode::ALL.into_iter().find(|mode| mode.name() == value);
                    asked.mode = Some(one_of(&name, found, &["create", "update", "both"])?);
                }
                "dry_run" => asked.is_rehearsal = yes(&name, &value)?,
                "partial" => asked.is_partial = yes(&name, &value)?,
                "confirm" => asked.confirm = Some(value.into_owned()),
                known if OF_FORMS.contains(&known) => {}
                other => match (other.strip_prefix("map."), other.strip_prefix("fix.")) {
                    (Some(of), _) => {
                        asked.chosen.insert(of.to_owned(), value.into_owned());
                    }
                    (None, Some(of)) => {
                        let (line, name) = of.split_once('.').unwrap_or(("", of));
                        let line = one_of(other, line.parse().ok(), &["fix.LINE.COLUMN"])?;
                        asked
                            .fixes
                            .insert((line, column(name)?), value.into_owned());
                    }
                    (None, None) => return Err(unknown(other)),
                },
            }
        }
        check_key(resource, &asked.key, known)?;
        Ok(asked)
    }

    /// The mode. Without a key, all rows are new.
    pub fn mode(&self) -> Mode {
        if self.key.is_empty() {
            Mode::Create
        } else {
            self.mode.unwrap_or(Mode::Both)
        }
    }

    /// # Errors
    /// Rows should be changed, but no key identifies them.
    pub fn check_mode(&self) -> Result<(), Failure> {
        match (self.mode, self.key.is_empty()) {
            (Some(Mode::Update), true) => Err(Failure::Invalid(text!("import-needs-key"))),
            _ => Ok(()),
        }
    }

    /// Guesses the format and encoding if they are not given.
    pub fn settle(&mut self, sent: &SentFile) {
        let encoding = *self.encoding.get_or_insert(Encoding::guessed(&sent.bytes));
        if let Ok(text) = encoding.decode(&sent.bytes) {
            self.format
                .get_or_insert(Format::of(Some(&sent.name), &text));
            self.separator.get_or_insert(delimited::guessed(&text));
        }
    }

    /// Reads the file as a table.
    ///
    /// # Errors
    /// Why it is unreadable.
    pub fn table(&self, bytes: &[u8], file_name: Option<&str>) -> Result<Table, Fault> {
        if bytes.len() > MAX_BYTES {
            let most = MAX_BYTES / 1024 / 1024;
            let text = text!("import-file-limit", size = most.to_string());
            return Err(Fault::at(1, text));
        }
        let encoding = self.encoding.unwrap_or(match Encoding::guessed(bytes) {
            // A wrong guess would corrupt letters, so the person must choose.
            Encoding::Windows1252 => Encoding::Utf8,
            sure => sure,
        });
        let text = encoding.decode(bytes);
        let text = text.map_err(|text| Fault::at(1, text))?;
        match self.format.unwrap_or_else(|| Format::of(file_name, &text)) {
            Format::Csv => {
                let separator = self.separator.unwrap_or_else(|| delimited::guessed(&text));
                delimited::read(&text, separator)
            }
            Format::Tsv => delimited::read(&text, self.separator.unwrap_or('\t')),
            Format::Json => json::array(&text),
            Format::JsonLines => json::lines(&text),
        }
    }
}

const FORMATS: [&str; 4] = ["csv", "tsv", "json", "jsonl"];
const ENCODINGS: [&str; 3] = ["utf-8", "utf-16", "windows-1252"];
const SEPARATORS: [&str; 4] = ["comma", "semicolon", "tab", "pipe"];

/// The separator with that name, or the character itself.
pub fn separator(text: &str) -> Option<char> {
    match text {
        "comma" | "," => Some(','),
        "semicolon" | ";" => Some(';'),
        "tab" | "\t" => Some('\t'),
        "pipe" | "|" => Some('|'),
        _ => None,
    }
}

/// The name of a separator in requests.
pub fn separator_name(separator: char) -> &'static str {
    match separator {
        ';' => "semicolon",
        '\t' => "tab",
        '|' => "pipe",
        _ => "comma",
    }
}

/// The label of a separator on pages.
pub fn separator_label(separator: char) -> String {
    match separator {
        ';' => text!("import-separator-semicolon"),
        '\t' => text!("import-separator-tab"),
        '|' => text!("import-separator-pipe"),
        _ => text!("import-separator-comma"),
    }
}

fn one_of<T>(name: &str, found: Option<T>, values: &[&str]) -> Result<T, Failure> {
    found.ok_or_else(|| takes(name, &any_of(values)))
}

fn yes(name: &str, value: &str) -> Result<bool, Failure> {
    let found = match value {
        "1" => Some(true),
        "0" | "" => Some(false),
        _ => None,
    };
    one_of(name, found, &["0", "1"])
}

/// The sets of columns that identify rows, among those the person knows.
pub fn keys(resource: &Resource, known: &dyn Fn(usize) -> bool) -> Vec<Vec<usize>> {
    let all = std::iter::once(&resource.key).chain(&resource.unique);
    let usable = all.filter(|columns| !columns.is_empty() && columns.iter().all(|it| known(*it)));
    usable.cloned().collect()
}

fn check_key(
    resource: &Resource,
    key: &[usize],
    known: &dyn Fn(usize) -> bool,
) -> Result<(), Failure> {
    let is_same = |columns: &Vec<usize>| {
        columns.len() == key.len() && columns.iter().all(|column| key.contains(column))
    };
    let all = keys(resource, known);
    if key.is_empty() || all.iter().any(is_same) {
        return Ok(());
    }
    let names = all.iter().map(|columns| names(resource, columns).join(","));
    let text = if all.is_empty() {
        text!("import-no-key-known")
    } else {
        let keys = any_of(&names.collect::<Vec<_>>());
        text!("import-key-takes", keys = keys)
    };
    Err(Failure::Invalid(text))
}

/// The names of columns.
pub fn names<'r>(resource: &'r Resource, columns: &[usize]) -> Vec<&'r str> {
    let fields = columns.iter().filter_map(|it| resource.fields.get(*it));
    fields.map(|field| field.name.as_str()).collect()
}
