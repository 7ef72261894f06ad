//! What differs between databases: how a value is bound, how a column is named to be read or
//! compared, how a raw field becomes a value.

#[cfg(feature = "mysql")]
pub(super) mod mysql;
#[cfg(feature = "postgres")]
pub(super) mod postgres;
#[cfg(feature = "sqlite")]
pub(super) mod sqlite;

use crate::catalog::{Field, Value};
use crate::store::AnyConnection;
use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::AstPass;

/// A database the engine speaks to.
pub(super) trait Dialect: Backend {
    /// The operator that matches a pattern in any case.
    const LIKE: &'static str;

    /// What stands in front of a condition so that the statement can be ended from outside, where
    /// the database needs such a thing: a test that is always passed, and AND.
    const TICK: &'static str = "";
    /// What stands behind a SELECT to keep other writers off its rows until the transaction ends;
    /// empty where a change has the whole database to itself.
    const LOCK: &'static str;

    /// The same behind a SELECT that stands in a FROM, where [`Dialect::LOCK`] of the outer one does
    /// not reach its rows.
    const LOCK_WITHIN: &'static str = "";

    /// What stands behind a table's name to insert a row of defaults.
    const NO_VALUES: &'static str = " DEFAULT VALUES";

    /// Whether rows of another table are best looked up one by one. SQLite has no index on foreign
    /// keys of its own, and would read the whole table each time.
    const LOOKS_UP: bool = true;

    /// How its values sort and what its columns hold.
    const TRAITS: Traits;

    /// Writes a column as it is compared and sorted.
    fn column(out: &mut AstPass<'_, '_, Self>, field: &Field) -> QueryResult<()>;

    /// Writes a column of that table as it is sorted by.
    fn sorted(out: &mut AstPass<'_, '_, Self>, _table: &str, field: &Field) -> QueryResult<()> {
        Self::column(out, field)
    }

    /// Writes a column as it is read.
    fn read(out: &mut AstPass<'_, '_, Self>, field: &Field) -> QueryResult<()>;

    /// Writes the beginning of a column as it is read: so many characters of what is text.
    fn head(out: &mut AstPass<'_, '_, Self>, field: &Field, most: u32) -> QueryResult<()>;

    /// What stands behind a column that was read, so that its texts are told apart exactly.
    fn apart(_field: &Field) -> &'static str {
        ""
    }

    /// Writes the number of bytes in a column.
    fn size(out: &mut AstPass<'_, '_, Self>, field: &Field) -> QueryResult<()>;

    /// Writes a column as text that a pattern is matched with.
    fn matched(out: &mut AstPass<'_, '_, Self>, field: &Field) -> QueryResult<()>;

    /// Writes a comparison. Equality is exact, whatever a collation takes for equal.
    fn compare<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        field: &'b Field,
        op: &'static str,
        value: &'b Value,
    ) -> QueryResult<()> {
        Self::column(out, field)?;
        out.push_sql(op);
        Self::bind_compared(out, value, field)
    }

    /// Writes the test that a column has one of these values, of which there is at least one.
    fn among<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        field: &'b Field,
        values: &mut dyn Iterator<Item = &'b Value>,
    ) -> QueryResult<()> {
        Self::column(out, field)?;
        out.push_sql(" IN (");
        for (index, value) in values.enumerate() {
            if index > 0 {
                out.push_sql(", ");
            }
            Self::bind_compared(out, value, field)?;
        }
        out.push_sql(")");
        Ok(())
    }

    /// Writes the test that a column holds exactly this value. A collation may take other texts for
    /// equal, so that `=` alone can find several rows by one key.
    fn exact<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        value: &'b Value,
        field: &'b Field,
    ) -> QueryResult<()> {
        Self::column(out, field)?;
        out.push_sql(" = ");
        Self::bind_compared(out, value, field)
    }

    /// Binds a value that is compared with a column, as [`Dialect::column`] writes it.
    fn bind_compared<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        value: &'b Value,
        field: &'b Field,
    ) -> QueryResult<()> {
        Self::bind(out, value, field)
    }

    /// Writes the comparison of a column with a value as a person means it: times as times,
    /// numbers as numbers.
    fn meant<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        field: &'b Field,
        op: &'static str,
        value: &'b Value,
    ) -> QueryResult<()> {
        Self::compare(out, field, op, value)
    }

    /// Writes the test that a column has one of these values, as a person means it; there is at
    /// least one.
    fn meant_any<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        field: &'b Field,
        values: &'b [Value],
    ) -> QueryResult<()> {
        Self::among(out, field, &mut values.iter())
    }

    /// Binds a value that is put into a column.
    fn bind<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        value: &'b Value,
        field: &'b Field,
    ) -> QueryResult<()>;

    /// Binds a value where no column tells its type.
    fn typed<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        value: &'b Value,
        field: &'b Field,
    ) -> QueryResult<()> {
        Self::bind(out, value, field)
    }

    /// Binds a pattern that is matched with [`Dialect::matched`], or compared with text.
    fn bind_text<'b>(out: &mut AstPass<'_, 'b, Self>, text: &'b str) -> QueryResult<()>;
}

/// How a database sorts and types values, for those who put conditions together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Traits {
    /// Whether NULL comes before all values in ascending order.
    pub(super) nulls_first: bool,
    /// Whether a column only holds values of its own type.
    pub(super) is_typed: bool,
    /// Whether texts may sort as equal that are not the same.
    pub(super) folds: bool,
    /// The significant digits of a number with decimals that are kept, where they are limited:
    /// SQLite keeps such a number as a double (<https://www.sqlite.org/datatype3.html>, section 3).
    pub(super) decimal_digits: Option<usize>,
}

/// The traits of the database behind a connection.
pub(super) fn traits(conn: &AnyConnection) -> Traits {
    match conn {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => <diesel::sqlite::Sqlite as Dialect>::TRAITS,
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(_) => <diesel::pg::Pg as Dialect>::TRAITS,
        #[cfg(feature = "mysql")]
        AnyConnection::Mysql(_) => <diesel::mysql::Mysql as Dialect>::TRAITS,
    }
}
