//! Statements built at run time, as one Diesel query fragment.
//!
//! A statement is a list of pieces. Text is only ever `'static`; names come from the catalog and
//! go through `push_identifier`; values are bound. What differs between databases is left to the
//! [`Dialect`] that walks the pieces.

use super::dialect::Dialect;
use crate::catalog::{Field, TableName, Value};
use diesel::QueryResult;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Untyped;
use std::borrow::Cow;

/// A statement under construction.
#[derive(Debug, Clone, Default)]
pub(super) struct Sql<'q> {
    pieces: Vec<Piece<'q>>,
    varies: bool,
    /// How many SELECTs of other tables stand around what is written next.
    depth: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Piece<'q> {
    /// Fixed text.
    Text(&'static str),
    /// An identifier.
    Name(&'q str),
    /// A column to compare.
    Column(&'q Field),
    /// A column to sort by.
    Sorted(&'q TableName, &'q Field),
    /// A column to read.
    Read(&'q Field),
    /// The beginning of a column to read, in characters.
    Head(&'q Field, u32),
    /// The number of bytes in a column.
    Size(&'q Field),
    /// What lets a statement be ended from outside, in front of a condition.
    Tick,
    /// A value that is compared, alone.
    Compared(Cow<'q, Value>, &'q Field),
    /// A comparison of a column with a value.
    Compare(&'q Field, &'static str, Cow<'q, Value>),
    /// A value to put into a column.
    Bind(Cow<'q, Value>, &'q Field),
    /// A test that a column holds exactly this value, whatever its collation takes for equal.
    Exact(Cow<'q, Value>, &'q Field),
    /// A value with the type of a column, where nothing else tells it.
    Typed(Cow<'q, Value>, &'q Field),
    /// A column compared with a value as a person means it.
    Meant(&'q Field, &'static str, Cow<'q, Value>),
    /// A column that has one of these values, as a person means it.
    MeantAny(&'q Field, &'q [Value]),
    /// A column as text, to be matched with a pattern.
    Matched(&'q Field),
    /// The operator that matches a pattern in any case.
    Like,
    /// What keeps other writers off the rows that are read.
    Lock,
    /// The same in a SELECT that stands in the FROM of one with [`Piece::Lock`].
    LockWithin,
    /// A pattern, escaped with `!`.
    Pattern(String),
    /// A number of rows. Written and not bound: SQLite plans a statement anew whenever a bound
    /// LIMIT is bound again.
    Number(i64),
    /// The test that a column has one of these values.
    Among(&'q Field, &'q [Value]),
    /// The same, with the list filled up to a power of two by the last one, so that few different
    /// statements are kept prepared.
    AmongPadded(&'q Field, &'q [Value]),
    /// What inserts a row of defaults.
    NoValues,
    /// What stands behind a column that was read, so that its texts are told apart exactly.
    Apart(&'q Field),
    /// The name of a table in a SELECT within so many others.
    Alias(usize),
    /// The same test twice: for databases that look rows up one by one, and for those that make a
    /// set of them first.
    Either(Box<[Sql<'q>; 2]>),
}

impl<'q> Sql<'q> {
    pub(super) fn new(text: &'static str) -> Self {
        let mut sql = Self::default();
        sql.text(text);
        sql
    }

    pub(super) fn text(&mut self, text: &'static str) -> &mut Self {
        self.push(Piece::Text(text))
    }

    pub(super) fn name(&mut self, name: &'q str) -> &mut Self {
        self.push(Piece::Name(name))
    }

    pub(super) fn table(&mut self, table: &'q TableName) -> &mut Self {
        if let Some(schema) = &table.schema {
            self.name(schema).text(".");
        }
        self.name(&table.name)
    }

    pub(super) fn push(&mut self, piece: Piece<'q>) -> &mut Self {
        self.pieces.push(piece);
        self
    }

    /// How many SELECTs of other tables stand around what is written next.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// A name of the table whose rows are tested here: of a table that stands alone, its own.
    pub(super) fn here(&mut self, table: &'q TableName) -> &mut Self {
        match self.depth {
            0 => self.name(&table.name),
            depth => self.push(Piece::Alias(depth)),
        }
    }

    /// Writes what stands in a SELECT of another table within this one.
    pub(super) fn within(&mut self, write: impl FnOnce(&mut Self)) -> &mut Self {
        self.depth += 1;
        write(self);
        self.depth -= 1;
        self
    }

    /// Writes a test in one of two ways: rows looked up one by one, or as a set.
    pub(super) fn either(
        &mut self,
        looked_up: impl FnOnce(&mut Self),
        as_set: impl FnOnce(&mut Self),
    ) -> &mut Self {
        let empty = || Self {
            depth: self.depth,
            ..Self::default()
        };
        let mut both = [empty(), empty()];
        let [one, other] = &mut both;
        looked_up(one);
        as_set(other);
        self.varies |= both.iter().any(|sql| sql.varies);
        self.push(Piece::Either(Box::new(both)))
    }

    /// The same statement with this in front.
    pub(super) fn behind(mut self, text: &'static str) -> Self {
        self.pieces.insert(0, Piece::Text(text));
        self
    }

    /// Says that the text differs from call to call (lists of values), so that the statement is
    /// not kept prepared.
    pub(super) fn varies(&mut self) -> &mut Self {
        self.varies = true;
        self
    }
}

impl<DB: Dialect> QueryFragment<DB> for Sql<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if self.varies {
            out.unsafe_to_cache_prepared();
        }
        self.walk(out)
    }
}

impl Sql<'_> {
    fn walk<'b, DB: Dialect>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_sql(text),
                Piece::Name(name) => out.push_identifier(name)?,
                Piece::Column(field) => DB::column(&mut out, field)?,
                Piece::Sorted(table, field) => DB::sorted(&mut out, &table.name, field)?,
                Piece::Read(field) => DB::read(&mut out, field)?,
                Piece::Head(field, most) => DB::head(&mut out, field, *most)?,
                Piece::Size(field) => DB::size(&mut out, field)?,
                Piece::Tick => out.push_sql(DB::TICK),
                Piece::Bind(value, field) => DB::bind(&mut out, value, field)?,
                Piece::Compared(value, field) => DB::bind_compared(&mut out, value, field)?,
                Piece::Compare(field, op, value) => DB::compare(&mut out, field, op, value)?,
                Piece::Exact(value, field) => DB::exact(&mut out, value, field)?,
                Piece::Typed(value, field) => DB::typed(&mut out, value, field)?,
                Piece::Meant(field, op, value) => DB::meant(&mut out, field, op, value)?,
                Piece::MeantAny(field, values) => DB::meant_any(&mut out, field, values)?,
                Piece::Matched(field) => DB::matched(&mut out, field)?,
                Piece::Like => out.push_sql(DB::LIKE),
                Piece::Lock => out.push_sql(DB::LOCK),
                Piece::LockWithin => out.push_sql(DB::LOCK_WITHIN),
                Piece::Pattern(text) => DB::bind_text(&mut out, text)?,
                Piece::Number(number) => out.push_sql(&number.to_string()),
                Piece::NoValues => out.push_sql(DB::NO_VALUES),
                Piece::Apart(field) => out.push_sql(DB::apart(field)),
                Piece::Alias(depth) => out.push_sql(&format!("bailiwick_{depth}")),
                Piece::Either(both) => {
                    let [looked_up, as_set] = both.as_ref();
                    let chosen = if DB::LOOKS_UP { looked_up } else { as_set };
                    chosen.walk(out.reborrow())?;
                }
                Piece::Among(field, values) => {
                    DB::among(&mut out, field, &mut values.iter())?;
                }
                Piece::AmongPadded(field, values) => {
                    let missing = values.len().next_power_of_two() - values.len();
                    let last = values.last().into_iter().cycle().take(missing);
                    DB::among(&mut out, field, &mut values.iter().chain(last))?;
                }
            }
        }
        Ok(())
    }
}

impl QueryId for Sql<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Sql<'_> {
    type SqlType = Untyped;
}
