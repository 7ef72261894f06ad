//! Differences between databases: how values are bound, how columns are read and compared, and how
//! raw fields are decoded.

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

/// A database that the engine supports.
pub(super) trait Dialect: Backend {
    /// The operator for a case-insensitive pattern match.
    const LIKE: &'static str;

    /// SQL put before a condition so that the statement can be cancelled. It is a test that is
    /// always true, and AND. Empty if the database needs nothing.
    const TICK: &'static str = "";
    /// SQL put after a SELECT to lock its rows against other writers until the transaction ends.
    /// Empty if a change locks the whole database.
    const LOCK: &'static str;

    /// The same for a subquery in FROM, if the outer [`Dialect::LOCK`] does not lock its rows.
    const LOCK_WITHIN: &'static str = "";

    /// SQL put after a table's name to insert a row of defaults.
    const NO_VALUES: &'static str = " DEFAULT VALUES";

    /// Whether rows of another table are best looked up one by one. SQLite does not index foreign
    /// keys by default, and would scan the whole table each time.
    const LOOKS_UP: bool = true;

    /// How values sort, and what columns can hold.
    const TRAITS: Traits;

    /// Writes a column for comparing and sorting.
    fn column(out: &mut AstPass<'_, '_, Self>, field: &Field) -> QueryResult<()>;

    /// Writes a column of that table for ORDER BY.
    fn sorted(out: &mut AstPass<'_, '_, Self>, _table: &str, field: &Field) -> QueryResult<()> {
        Self::column(out, field)
    }

    /// Writes a column for reading.
    fn read(out: &mut AstPass<'_, '_, Self>, field: &Field) -> QueryResult<()>;

    /// Writes the beginning of a column for reading: at most this many characters of text.
    fn head(out: &mut AstPass<'_, '_, Self>, field: &Field, most: u32) -> QueryResult<()>;

    /// SQL put after a column that was read, so that texts are compared exactly.
    fn apart(_field: &Field) -> &'static str {
        ""
    }

    /// Writes the number of bytes in a column.
    fn size(out: &mut AstPass<'_, '_, Self>, field: &Field) -> QueryResult<()>;

    /// Writes a column as text for a pattern match.
    fn matched(out: &mut AstPass<'_, '_, Self>, field: &Field) -> QueryResult<()>;

    /// Writes a comparison. Equality is exact, even if the collation treats other texts as equal.
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

    /// Writes the condition that a column has one of these values; the list is not empty.
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

    /// Writes the condition that a column holds exactly this value. A collation may treat other
    /// texts as equal, so `=` alone can find several rows for one key.
    fn exact<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        value: &'b Value,
        field: &'b Field,
    ) -> QueryResult<()> {
        Self::column(out, field)?;
        out.push_sql(" = ");
        Self::bind_compared(out, value, field)
    }

    /// Binds a value for comparison with a column, in the form of [`Dialect::column`].
    fn bind_compared<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        value: &'b Value,
        field: &'b Field,
    ) -> QueryResult<()> {
        Self::bind(out, value, field)
    }

    /// Writes a comparison by meaning: times compare as times, numbers as numbers.
    fn meant<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        field: &'b Field,
        op: &'static str,
        value: &'b Value,
    ) -> QueryResult<()> {
        Self::compare(out, field, op, value)
    }

    /// Writes the condition that a column has one of these values by meaning; the list is not
    /// empty.
    fn meant_any<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        field: &'b Field,
        values: &'b [Value],
    ) -> QueryResult<()> {
        Self::among(out, field, &mut values.iter())
    }

    /// Binds a value that is written to a column.
    fn bind<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        value: &'b Value,
        field: &'b Field,
    ) -> QueryResult<()>;

    /// Binds a value with its type, where no column implies it.
    fn typed<'b>(
        out: &mut AstPass<'_, 'b, Self>,
        value: &'b Value,
        field: &'b Field,
    ) -> QueryResult<()> {
        Self::bind(out, value, field)
    }

    /// Binds a pattern for [`Dialect::matched`], or for comparison with text.
    fn bind_text<'b>(out: &mut AstPass<'_, 'b, Self>, text: &'b str) -> QueryResult<()>;
}

/// How a database sorts and types values; used to build conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Traits {
    /// Whether NULL comes before all values in ascending order.
    pub(super) nulls_first: bool,
    /// Whether a column holds only values of its own type.
    pub(super) is_typed: bool,
    /// Whether different texts may sort as equal.
    pub(super) folds: bool,
    /// The significant digits of a stored number with decimals, if limited. SQLite stores such a
    /// number as a double (<https://www.sqlite.org/datatype3.html>, section 3).
    pub(super) decimal_digits: Option<usize>,
}

/// The traits of a connection's database.
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
