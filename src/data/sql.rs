//! Statements built at run time, as one Diesel query fragment.
//!
//! A statement is a list of pieces. Text is always `'static`, names come from the catalog and go
//! through `push_identifier`, and values are bound. The [`Dialect`] that walks the pieces decides
//! what differs between databases.

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
    /// How many subqueries enclose what is written next.
    depth: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Piece<'q> {
    /// Fixed text.
    Text(&'static str),
    /// An identifier.
    Name(&'q str),
    /// A column, for comparing.
    Column(&'q Field),
    /// A column, for sorting.
    Sorted(&'q TableName, &'q Field),
    /// A column, for reading.
    Read(&'q Field),
    /// The beginning of a column, for reading, in characters.
    Head(&'q Field, u32),
    /// The number of bytes in a column.
    Size(&'q Field),
    /// SQL before a condition that lets the statement be cancelled.
    Tick,
    /// A value for a comparison, alone.
    Compared(Cow<'q, Value>, &'q Field),
    /// A comparison of a column with a value.
    Compare(&'q Field, &'static str, Cow<'q, Value>),
    /// A value that is written to a column.
    Bind(Cow<'q, Value>, &'q Field),
    /// A condition that a column holds exactly this value, regardless of its collation.
    Exact(Cow<'q, Value>, &'q Field),
    /// A value with the type of a column, where nothing else implies it.
    Typed(Cow<'q, Value>, &'q Field),
    /// A comparison of a column with a value, by meaning.
    Meant(&'q Field, &'static str, Cow<'q, Value>),
    /// A condition that a column has one of these values, by meaning.
    MeantAny(&'q Field, &'q [Value]),
    /// A column as text, for a pattern match.
    Matched(&'q Field),
    /// The operator for a case-insensitive pattern match.
    Like,
    /// A lock on the rows that are read.
    Lock,
    /// The same in a subquery in FROM of a statement with [`Piece::Lock`].
    LockWithin,
    /// A pattern, escaped with `!`.
    Pattern(String),
    /// A number of rows. Written instead of bound: SQLite prepares a statement again whenever a
    /// bound LIMIT is rebound.
    Number(i64),
    /// A condition that a column has one of these values.
    Among(&'q Field, &'q [Value]),
    /// The same, with the list padded to a power of two by its last value. So fewer distinct
    /// statements are cached.
    AmongPadded(&'q Field, &'q [Value]),
    /// SQL that inserts a row of defaults.
    NoValues,
    /// SQL after a column that was read, so that texts are compared exactly.
    Apart(&'q Field),
    /// The alias of a table in a subquery at this depth.
    Alias(usize),
    /// The same condition twice, for databases that look rows up singly and for those that build a
    /// set.
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

    /// How many subqueries enclose what is written next.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Writes the name of the current table: its alias, or its own name outside of subqueries.
    pub(super) fn here(&mut self, table: &'q TableName) -> &mut Self {
        match self.depth {
            0 => self.name(&table.name),
            depth => self.push(Piece::Alias(depth)),
        }
    }

    /// Writes the content of a subquery.
    pub(super) fn within(&mut self, write: impl FnOnce(&mut Self)) -> &mut Self {
        self.depth += 1;
        write(self);
        self.depth -= 1;
        self
    }

    /// Writes a condition in one of two ways: with single lookups, or as a set.
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

    /// Puts text before the statement.
    pub(super) fn behind(mut self, text: &'static str) -> Self {
        self.pieces.insert(0, Piece::Text(text));
        self
    }

    /// Marks the text as different from call to call (lists of values), so that the statement is
    /// not cached.
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
