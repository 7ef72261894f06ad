//! The language of the server's messages. Some errors differ only in their text.

use super::AnyConnection;
use diesel::QueryResult;
#[cfg(feature = "postgres")]
use diesel::prelude::*;

#[cfg(feature = "postgres")]
#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = diesel::sql_types::Text)]
    language: String,
}

/// The setting `lc_messages`; `None` if messages are always in English.
///
/// # Errors
/// When the database fails.
pub fn of_messages(conn: &mut AnyConnection) -> QueryResult<Option<String>> {
    match conn {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => {
            let asked = diesel::sql_query("SELECT current_setting('lc_messages') AS language");
            Ok(Some(asked.get_result::<Setting>(conn)?.language))
        }
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => Ok(None),
        // Each connection requests English.
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(_) => Ok(None),
    }
}

/// Whether this setting means English messages.
pub fn is_english(language: &str) -> bool {
    let language = language.to_ascii_lowercase();
    let plain = matches!(language.as_str(), "" | "c" | "posix");
    plain || ["en", "c."].iter().any(|start| language.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::is_english;

    #[test]
    fn languages_are_told_by_the_name_of_the_locale() {
        for english in [
            "",
            "C",
            "POSIX",
            "C.UTF-8",
            "en_US.UTF-8",
            "English_United States.1252",
        ] {
            assert!(is_english(english), "{english}");
        }
        for other in ["de_DE.UTF-8", "fr_FR", "ca_ES.UTF-8", "cs_CZ"] {
            assert!(!is_english(other), "{other}");
        }
    }
}
