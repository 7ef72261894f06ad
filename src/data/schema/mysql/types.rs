//! The kind of a column, from `information_schema.columns.column_type`.

use crate::catalog::Kind;

/// The kind of a type such as `bigint(20) unsigned`.
pub(super) fn kind(sql_type: &str) -> Kind {
    let (name, arguments) = split(sql_type);
    let unsigned = sql_type.contains(" unsigned");
    match name {
        // MySQL keeps no other sign of a boolean.
        "tinyint" if arguments == "1" && !unsigned => Kind::Bool,
        "bit" => match arguments.parse() {
            Ok(1_u8) => Kind::Bool,
            Ok(2..=63) => Kind::Int,
            _ => Kind::Decimal { scale: Some(0) },
        },
        // Exceeds a signed 64-bit integer.
        "bigint" if unsigned => Kind::Decimal { scale: Some(0) },
        "tinyint" | "smallint" | "mediumint" | "int" | "integer" | "bigint" | "year" => Kind::Int,
        "float" | "double" | "real" => Kind::Float,
        "decimal" | "numeric" => {
            let scale = arguments.split_once(',').map_or("0", |(_, scale)| scale);
            Kind::Decimal {
                scale: scale.trim().parse().ok(),
            }
        }
        "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" => Kind::Text,
        "date" => Kind::Date,
        "time" => Kind::Time,
        "datetime" => Kind::DateTime,
        // Stored in UTC, and read in UTC.
        "timestamp" => Kind::Instant,
        "uuid" => Kind::Uuid,
        "json" => Kind::Json,
        "enum" => Kind::Choice,
        "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => Kind::Bytes,
        _ => Kind::Other,
    }
}

/// The maximum number of characters, if the type limits characters.
pub(super) fn max_length(sql_type: &str) -> Option<u32> {
    match split(sql_type) {
        ("char" | "varchar", length) => length.parse().ok(),
        _ => None,
    }
}

/// The labels of an enumeration: `enum('a','b''c')`. Empty if they cannot be parsed.
pub(super) fn labels(column_type: &str) -> Vec<String> {
    let list = column_type
        .get(.."enum(".len())
        .filter(|start| start.eq_ignore_ascii_case("enum("))
        .and_then(|start| column_type.get(start.len()..)?.strip_suffix(')'));
    list.and_then(texts).unwrap_or_default()
}

fn texts(list: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut letters = list.chars().peekable();
    while letters.next()? == '\'' {
        let mut text = String::new();
        loop {
            match letters.next()? {
                '\'' if letters.peek() == Some(&'\'') => {
                    letters.next();
                    text.push('\'');
                }
                '\'' => break,
                '\\' => text.push(match letters.next()? {
                    'n' => '\n',
                    'r' => '\r',
                    '0' => '\0',
                    letter => letter,
                }),
                letter => text.push(letter),
            }
        }
        found.push(text);
        match letters.next() {
            None => return Some(found),
            Some(',') => {}
            Some(_) => return None,
        }
    }
    None
}

/// The type without the list of an enumeration, which may be long.
pub(super) fn without_labels(sql_type: &str) -> &str {
    match split(sql_type) {
        (name @ ("enum" | "set"), _) => name,
        _ => sql_type,
    }
}

/// A check in standard SQL: without the character sets and escapes that MySQL adds. `None` if the
/// constraint itself has escapes.
pub(super) fn plain_clause(clause: &str) -> Option<String> {
    let introducers = ["_utf8mb4", "_utf8mb3", "_latin1", "_ascii"];
    let is_marked = introducers
        .iter()
        .any(|name| clause.contains(&format!("{name}\\'")));
    let mut clause = if is_marked {
        clause.replace("\\'", "'")
    } else {
        clause.to_owned()
    };
    for name in introducers {
        clause = clause.replace(&format!("{name}'"), "'");
    }
    (!clause.contains('\\')).then_some(clause)
}

/// The name, and the text in parentheses after it.
fn split(sql_type: &str) -> (&str, &str) {
    match sql_type.split_once('(') {
        Some((name, rest)) => (name, rest.split_once(')').map_or("", |(inside, _)| inside)),
        None => (
            sql_type.split_once(' ').map_or(sql_type, |(name, _)| name),
            "",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_by_what_the_server_says() {
        let decimal = |scale| Kind::Decimal { scale: Some(scale) };
        for (sql_type, expected) in [
            ("tinyint(1)", Kind::Bool),
            ("tinyint(1) unsigned", Kind::Int),
            ("tinyint(4)", Kind::Int),
            ("int", Kind::Int),
            ("int(10) unsigned zerofill", Kind::Int),
            ("bigint(20)", Kind::Int),
            ("bigint unsigned", decimal(0)),
            ("bit(1)", Kind::Bool),
            ("bit(8)", Kind::Int),
            ("bit(64)", decimal(0)),
            ("decimal(10,2)", decimal(2)),
            ("decimal(10,0) unsigned", decimal(0)),
            ("double", Kind::Float),
            ("year(4)", Kind::Int),
            ("varchar(20)", Kind::Text),
            ("enum('a','b')", Kind::Choice),
            ("set('a')", Kind::Other),
            ("timestamp(6)", Kind::Instant),
            ("datetime", Kind::DateTime),
            ("uuid", Kind::Uuid),
            ("point", Kind::Other),
            ("varbinary(16)", Kind::Bytes),
        ] {
            assert_eq!(kind(sql_type), expected, "{sql_type}");
        }
    }

    #[test]
    fn labels_are_read_with_their_quotes() {
        assert_eq!(labels("enum('a','b''c','d,e','')"), ["a", "b'c", "d,e", ""]);
        assert_eq!(labels("ENUM('a\\\\b')"), ["a\\b"]);
        assert_eq!(labels("enum('a"), Vec::<String>::new());
        assert_eq!(labels("set('a')"), Vec::<String>::new());
        assert_eq!(labels("varchar(5)"), Vec::<String>::new());
    }

    #[test]
    fn checks_lose_what_mysql_adds() {
        let clause = "(`region` in (_utf8mb4\\'emea\\',_utf8mb4\\'amer\\'))";
        let plain = "(`region` in ('emea','amer'))";
        assert_eq!(plain_clause(clause).as_deref(), Some(plain));
        assert_eq!(plain_clause("`a` in ('x\\\\y')"), None);
    }
}
