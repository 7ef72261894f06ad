//! The kind of a column, from the name of its declared type.
//!
//! SQLite keeps any type name and enforces few, so only the name distinguishes a date from an
//! amount of money. Names come from many sources: SQL, Django, Rails, SQLAlchemy, Laravel, and
//! schemas moved from other databases.

use crate::catalog::Kind;

/// A parsed type declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared {
    /// The kind of field.
    pub kind: Kind,
    /// The maximum number of characters.
    pub max_length: Option<u32>,
}

/// Parses a declared type such as `varchar(20)`, `DECIMAL(12, 2)` or `bigint unsigned`.
pub fn understand(declared: &str) -> Declared {
    let upper = declared.to_ascii_uppercase();
    let (name, arguments) = split(&upper);
    let kind = kind(&name, &arguments);
    let max_length = match (kind, arguments.as_slice()) {
        (Kind::Text, [length]) if name.contains("CHAR") => {
            u32::try_from(*length).ok().filter(|length| *length > 0)
        }
        _ => None,
    };
    Declared { kind, max_length }
}

/// The name without its arguments, and the numeric arguments.
fn split(declared: &str) -> (String, Vec<i64>) {
    let Some((head, rest)) = declared.split_once('(') else {
        return (words(declared), Vec::new());
    };
    let (inside, tail) = rest.split_once(')').unwrap_or((rest, ""));
    let arguments = inside
        .split(',')
        .filter_map(|part| part.trim().parse().ok())
        .collect();
    (words(&format!("{head} {tail}")), arguments)
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn kind(name: &str, arguments: &[i64]) -> Kind {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    let contains = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    // Laravel and MySQL write booleans this way.
    if starts(&["BOOL"]) || (name == "TINYINT" && arguments == [1]) {
        return Kind::Bool;
    }
    if name.split(' ').any(is_integer) {
        return Kind::Int;
    }
    if contains(&["CHAR", "CLOB", "TEXT", "STRING"]) {
        return Kind::Text;
    }
    if starts(&["DEC", "NUMERIC", "NUMBER", "MONEY", "SMALLMONEY"]) {
        return decimal(arguments);
    }
    if contains(&["REAL", "FLOA", "DOUB"]) {
        return Kind::Float;
    }
    if let Some(kind) = temporal(name) {
        return kind;
    }
    match name {
        "UUID" | "GUID" | "UNIQUEIDENTIFIER" => Kind::Uuid,
        "JSON" | "JSONB" => Kind::Json,
        _ if contains(&["BLOB", "BYTEA", "BINARY"]) => Kind::Bytes,
        _ => Kind::Other,
    }
}

/// `INTEGER`, `BIGINT`, `INT8`, `SERIAL`, but not `POINT` or `INTERVAL`.
fn is_integer(word: &str) -> bool {
    let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let integer = stem.ends_with("INT") && !stem.ends_with("POINT");
    integer || stem.ends_with("INTEGER") || stem.ends_with("SERIAL") || stem == "YEAR"
}

fn decimal(arguments: &[i64]) -> Kind {
    let scale = match arguments {
        [_, scale] => u8::try_from(*scale).ok(),
        [_] => Some(0),
        _ => None,
    };
    Kind::Decimal { scale }
}

fn temporal(name: &str) -> Option<Kind> {
    let zoned =
        name.ends_with("WITH TIME ZONE") || name.ends_with("TZ") || name.ends_with("OFFSET");
    let stamp = name.starts_with("TIMESTAMP") || name.starts_with("DATETIME");
    Some(match name {
        _ if stamp && zoned => Kind::Instant,
        _ if stamp || name == "SMALLDATETIME" => Kind::DateTime,
        "DATE" => Kind::Date,
        "TIME" | "TIME WITHOUT TIME ZONE" => Kind::Time,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_by_their_names() {
        let decimal = |scale| Kind::Decimal { scale };
        for (declared, kind) in [
            ("bool", Kind::Bool),
            ("BOOLEAN", Kind::Bool),
            ("tinyint(1)", Kind::Bool),
            ("tinyint", Kind::Int),
            ("integer unsigned", Kind::Int),
            ("UNSIGNED BIG INT", Kind::Int),
            ("INT(11)", Kind::Int),
            ("int8", Kind::Int),
            ("bigserial", Kind::Int),
            ("POINT", Kind::Other),
            ("INTERVAL", Kind::Other),
            ("DECIMAL(12, 2)", decimal(Some(2))),
            ("numeric(10)", decimal(Some(0))),
            ("decimal", decimal(None)),
            ("money", decimal(None)),
            ("REAL", Kind::Float),
            ("double precision", Kind::Float),
            ("FLOAT(8)", Kind::Float),
            ("datetime", Kind::DateTime),
            ("datetime(6)", Kind::DateTime),
            ("TIMESTAMP", Kind::DateTime),
            ("timestamp without time zone", Kind::DateTime),
            ("timestamptz", Kind::Instant),
            ("timestamp(3) with time zone", Kind::Instant),
            ("datetimeoffset", Kind::Instant),
            ("date", Kind::Date),
            ("time", Kind::Time),
            ("time with time zone", Kind::Other),
            ("uuid", Kind::Uuid),
            ("jsonb", Kind::Json),
            ("BLOB", Kind::Bytes),
            ("BLOB SUB_TYPE TEXT", Kind::Text),
            ("varbinary(16)", Kind::Bytes),
            ("text", Kind::Text),
            ("NATIVE CHARACTER(70)", Kind::Text),
            ("", Kind::Other),
            ("ANY", Kind::Other),
            ("geometry", Kind::Other),
        ] {
            assert_eq!(understand(declared).kind, kind, "{declared}");
        }
    }

    #[test]
    fn lengths_belong_to_characters() {
        assert_eq!(understand("varchar(20)").max_length, Some(20));
        assert_eq!(
            understand("char(32)"),
            Declared {
                kind: Kind::Text,
                max_length: Some(32)
            }
        );
        assert_eq!(understand("varchar").max_length, None);
        assert_eq!(understand("varchar(max)").max_length, None);
        assert_eq!(understand("text(20)").max_length, None);
    }
}
