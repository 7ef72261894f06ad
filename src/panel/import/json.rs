//! Reads JSON files: an array of objects, or one object a line. Values stay as written, so that no
//! digit is lost.

use super::table::{Cell, Fault, Line, MAX_COLUMNS, MAX_ROWS, Table, too_many};
use crate::texts::text;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// Reads an array of objects.
///
/// # Errors
/// Why the file is unreadable.
pub fn array(text: &str) -> Result<Table, Fault> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let objects = reader.deserialize_seq(Objects);
    let objects = objects.and_then(|objects| reader.end().map(|()| objects));
    let objects = objects.map_err(|error| {
        if error.to_string().starts_with(TOO_MANY) {
            too_many(line_of(&error))
        } else {
            unreadable(&error, 0, || text!("import-no-array"))
        }
    })?;
    let mut table = Table::default();
    let (mut line, mut seen) = (1, 0);
    for object in objects {
        // Its offset: it is a slice of the text.
        let start = object.as_ptr().addr().saturating_sub(text.as_ptr().addr());
        let between = text.get(seen..start).unwrap_or_default();
        line += breaks(between);
        seen = start;
        add(&mut table, line, object)?;
    }
    Ok(table)
}

/// Reads one object a line.
///
/// # Errors
/// Why the file is unreadable.
pub fn lines(text: &str) -> Result<Table, Fault> {
    let mut table = Table::default();
    for (number, object) in (1..).zip(text.lines()) {
        if !object.trim().is_empty() {
            add(&mut table, number, object)?;
        }
    }
    Ok(table)
}

fn add(table: &mut Table, line: u64, object: &str) -> Result<(), Fault> {
    let mut reader = serde_json::Deserializer::from_str(object);
    let members = reader.deserialize_map(Members);
    let members = members.and_then(|members| reader.end().map(|()| members));
    let members = match members {
        Ok(members) => members,
        Err(error) if error.to_string().starts_with(TOO_MANY) => {
            return Err(too_many(line));
        }
        Err(error) => return Err(unreadable(&error, line - 1, || text!("import-no-object"))),
    };
    let mut cells = Vec::with_capacity(table.header.len());
    cells.resize(table.header.len(), None);
    let mut fault = None;
    for (name, value) in members {
        let place = match table.place(&name) {
            Some(place) => place,
            None => table.column(line, name.clone())?,
        };
        if cells.len() <= place {
            cells.resize(place + 1, None);
        }
        let Some(cell) = cells.get_mut(place) else {
            continue;
        };
        if cell.is_some() {
            fault = Some(text!("import-named-twice", name = name));
        }
        *cell = Some(Cell::Json(value.to_owned()));
    }
    table.line(Line {
        number: line,
        cells,
        fault,
    })
}

fn line_of(error: &serde_json::Error) -> u64 {
    u64::try_from(error.line()).unwrap_or(u64::MAX)
}

/// `other` is the message for valid JSON of another type.
fn unreadable(error: &serde_json::Error, before: u64, other: impl Fn() -> String) -> Fault {
    let line = before + line_of(error).max(1);
    let text = match error.classify() {
        serde_json::error::Category::Data => other(),
        _ => text!("import-no-json", column = error.column().to_string()),
    };
    Fault::at(line, text)
}

fn breaks(text: &str) -> u64 {
    u64::try_from(text.matches('\n').count()).unwrap_or(u64::MAX)
}

const TOO_MANY: &str = "too many";

/// The elements of an array as written, up to the maximum.
struct Objects;

impl<'de> Visitor<'de> for Objects {
    type Value = Vec<&'de str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(object) = seq.next_element_seed(Raw)? {
            if all.len() == MAX_ROWS {
                return Err(A::Error::custom(TOO_MANY));
            }
            all.push(object);
        }
        Ok(all)
    }
}

/// The members of an object as written.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de str)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if all.len() == MAX_COLUMNS {
                return Err(A::Error::custom(TOO_MANY));
            }
            all.push((name, map.next_value_seed(Raw)?));
        }
        Ok(all)
    }
}

/// A value as written.
struct Raw;

impl<'de> DeserializeSeed<'de> for Raw {
    type Value = &'de str;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<&'de str, D::Error> {
        use serde::Deserialize;
        <&RawValue>::deserialize(reader).map(RawValue::get)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_as_they_are_written() {
        let table =
            array("[\n{\"a\": 1.50, \"b\": null},\n\n{\"b\": {\"x\" :1}, \"c\": \"\"}]").unwrap();
        assert_eq!(table.header, ["a", "b", "c"]);
        let json = |text: &str| Some(Cell::Json(text.to_owned()));
        assert_eq!(table.lines[0].number, 2);
        assert_eq!(table.lines[0].cells, [json("1.50"), json("null")]);
        assert_eq!(table.lines[1].number, 4);
        assert_eq!(
            table.lines[1].cells,
            [None, json("{\"x\" :1}"), json("\"\"")]
        );
        let table = lines("{\"a\":1}\n\n{\"a\":2}\n").unwrap();
        assert_eq!(table.lines[1].number, 3);
        assert_eq!(array("[]").unwrap().lines, []);
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        for (text, line) in [
            ("", 1),
            ("{}", 1),
            ("[\n{},\n{]", 3),
            ("[\n1]", 2),
            ("[{}]\nx", 2),
        ] {
            let fault = array(text).unwrap_err();
            assert_eq!(fault.line, line, "{text:?}: {fault:?}");
        }
        assert_eq!(lines("{}\n[1]\n").unwrap_err().line, 2);
        let twice = lines("{\"a\":1,\"a\":2}").unwrap();
        assert!(twice.lines[0].fault.is_some());
        assert!(array(&format!("[{}1]", "1,".repeat(2_000_000))).is_err());
        assert!(array(&"[".repeat(1_000_000)).is_err());
        assert!(lines(&format!("{{\"a\":{}", "[".repeat(1_000_000))).is_err());
    }
}
