//! Translates server errors to the kind and names that PostgreSQL would report.
//!
//! Diesel passes on only the text. It is in English, because every connection requests that.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind as Kind, Error};

/// A server error, with the names in its text.
#[derive(Debug, Default)]
struct ServerError {
    message: String,
    column: Option<String>,
    constraint: Option<String>,
    details: Option<String>,
}

impl DatabaseErrorInformation for ServerError {
    fn message(&self) -> &str {
        &self.message
    }

    fn details(&self) -> Option<&str> {
        self.details.as_deref()
    }

    fn hint(&self) -> Option<&str> {
        None
    }

    fn table_name(&self) -> Option<&str> {
        None
    }

    fn column_name(&self) -> Option<&str> {
        self.column.as_deref()
    }

    fn constraint_name(&self) -> Option<&str> {
        self.constraint.as_deref()
    }

    fn statement_position(&self) -> Option<i32> {
        None
    }
}

/// Whether the connection is unusable.
pub(super) fn is_lost(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(Kind::ClosedConnection, _))
}

/// The error with its kind and names.
pub(super) fn translate(error: Error) -> Error {
    match error {
        Error::DatabaseError(kind, info) => {
            let (kind, told) = read(kind, info.message());
            Error::DatabaseError(kind, Box::new(told))
        }
        error => error,
    }
}

fn read(kind: Kind, message: &str) -> (Kind, ServerError) {
    let mut told = ServerError {
        message: message.to_owned(),
        ..ServerError::default()
    };
    let kind = match kind {
        Kind::Unknown
            if ["Input/output error", "Driver error"]
                .iter()
                .any(|s| message.starts_with(s)) =>
        {
            Kind::ClosedConnection
        }
        Kind::Unknown if message.starts_with("Deadlock found") => Kind::SerializationFailure,
        // MariaDB: CONSTRAINT `name` failed for `database`.`table`
        Kind::Unknown
            if message.starts_with("CONSTRAINT `") && message.contains(" failed for ") =>
        {
            Kind::CheckViolation
        }
        kind => kind,
    };
    match kind {
        // Duplicate entry 'x' for key 'name'; the entry may be any text, the key comes last.
        Kind::UniqueViolation => {
            let key = message.rsplit_once(" for key '").map(|(_, key)| key);
            let key = key.map(|key| key.trim_end_matches('\''));
            // MySQL puts the table before the key.
            told.constraint = key.map(|key| key.rsplit('.').next().unwrap_or(key).to_owned());
        }
        // Column 'name' cannot be null; Field 'name' doesn't have a default value
        Kind::NotNullViolation => told.column = between(message, "'", "'"),
        Kind::CheckViolation => {
            told.constraint =
                between(message, "CONSTRAINT `", "` failed").or_else(|| between(message, "'", "'"));
        }
        Kind::ForeignKeyViolation => {
            told.constraint = between(message, "CONSTRAINT `", "`");
            // The child's columns if a referenced row is missing; the parent's if a row is still
            // referenced.
            let columns = if message.starts_with("Cannot add or update") {
                between(message, "FOREIGN KEY (", ")")
            } else {
                message
                    .split_once(" REFERENCES ")
                    .and_then(|(_, target)| between(target, "(", ")"))
            };
            told.details = columns.map(|columns| format!("Key ({})=", columns.replace('`', "")));
        }
        // Data too long for column 'name' at row 1
        _ => told.column = between(message, " for column '", "'"),
    }
    (kind, told)
}

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_names_are_read_from_the_text() {
        let constraint = |told: &ServerError| told.constraint.clone();
        let column = |told: &ServerError| told.column.clone();
        let details = |told: &ServerError| told.details.clone();
        type Read<'r> = &'r dyn Fn(&ServerError) -> Option<String>;
        let unknown = || Kind::Unknown;
        let cases: [(Kind, &str, Kind, Read<'_>, &str); 11] = [
            (
                Kind::UniqueViolation,
                "Duplicate entry 'it's for key 'x'' for key 'email'",
                Kind::UniqueViolation,
                &constraint,
                "email",
            ),
            (
                Kind::UniqueViolation,
                "Duplicate entry '1-2' for key 'items.PRIMARY'",
                Kind::UniqueViolation,
                &constraint,
                "PRIMARY",
            ),
            (
                Kind::NotNullViolation,
                "Column 'name' cannot be null",
                Kind::NotNullViolation,
                &column,
                "name",
            ),
            (
                Kind::NotNullViolation,
                "Field 'name' doesn't have a default value",
                Kind::NotNullViolation,
                &column,
                "name",
            ),
            (
                unknown(),
                "CONSTRAINT `people.credit` failed for `shop`.`people`",
                Kind::CheckViolation,
                &constraint,
                "people.credit",
            ),
            (
                Kind::CheckViolation,
                "Check constraint 'people_chk_1' is violated.",
                Kind::CheckViolation,
                &constraint,
                "people_chk_1",
            ),
            (
                Kind::ForeignKeyViolation,
                "Cannot add or update a child row: a foreign key constraint fails (`d`.`t`, CONSTRAINT \
                 `t_ibfk_1` FOREIGN KEY (`a`, `b`) REFERENCES `p` (`x`, `y`))",
                Kind::ForeignKeyViolation,
                &details,
                "Key (a, b)=",
            ),
            (
                Kind::ForeignKeyViolation,
                "Cannot delete or update a parent row: a foreign key constraint fails (`d`.`t`, CONSTRAINT \
                 `t_ibfk_1` FOREIGN KEY (`a`) REFERENCES `p` (`id`))",
                Kind::ForeignKeyViolation,
                &details,
                "Key (id)=",
            ),
            (
                unknown(),
                "Data too long for column 'name' at row 1",
                Kind::Unknown,
                &column,
                "name",
            ),
            (
                unknown(),
                "Deadlock found when trying to get lock; try restarting transaction",
                Kind::SerializationFailure,
                &column,
                "",
            ),
            (
                unknown(),
                "Input/output error: Connection reset by peer",
                Kind::ClosedConnection,
                &column,
                "",
            ),
        ];
        for (given, message, expected, part, name) in cases {
            let (kind, told) = read(given, message);
            assert_eq!(format!("{kind:?}"), format!("{expected:?}"), "{message}");
            assert_eq!(part(&told).unwrap_or_default(), name, "{message}");
            assert_eq!(told.message(), message);
        }
    }
}
