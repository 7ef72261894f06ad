//! How a page is reached: by a cursor, or by its number.

use super::{MAX_SKIPPED, Page, Position};
use crate::catalog::field::Storage;
use crate::catalog::{Condition, Field, Filter, Op, Resource, Sort, Value};
use crate::data::cursor::{Cursor, CursorError};
use crate::data::dialect::{self, Traits};
use crate::data::path::{self, Path};
use crate::data::{DataError, Row};
use crate::store::AnyConnection;

/// How a page is reached.
pub(super) struct Plan {
    pub(super) beyond: Option<Filter>,
    pub(super) backwards: bool,
    pub(super) skip: Option<u64>,
    keyed: bool,
}

impl Plan {
    pub(super) fn new(
        conn: &AnyConnection,
        (resource, paths): (&Resource, &[Path]),
        order: &[Sort],
        position: &Position,
        size: u32,
    ) -> Result<Self, DataError> {
        let keyed = !resource.key.is_empty();
        // A numbered page must end within the limit; a page after a cursor must start within it.
        let end = match position {
            Position::Number(_) => u64::from(size),
            _ => 1,
        };
        let by_offset = |skip: u64| {
            if skip.saturating_add(end) > MAX_SKIPPED {
                Err(DataError::TooDeep(skip / u64::from(size.max(1)) + 1))
            } else {
                Ok(Self {
                    beyond: None,
                    backwards: false,
                    skip: Some(skip),
                    keyed,
                })
            }
        };
        let traits = dialect::traits(conn);
        let is_typed = traits.is_typed;
        let by_row = |values: &[Value], backwards: bool| {
            if !keyed || values.len() != order.len() {
                return Err(CursorError.into());
            }
            let fits = |(sort, value): (&Sort, &Value)| {
                let field = path::field(resource, paths, sort.column);
                field.is_some_and(|field| !is_typed || is_of(value, field.kind.storage()))
            };
            if !order.iter().zip(values).all(fits) {
                return Err(CursorError.into());
            }
            let steps: Vec<OrderColumn<'_>> = order
                .iter()
                .zip(values)
                .filter_map(|(sort, value)| {
                    let field = path::field(resource, paths, sort.column)?;
                    let path = path::behind(resource, paths, sort.column);
                    Some(OrderColumn {
                        path,
                        ..OrderColumn::new(*sort, field, value, backwards, traits)
                    })
                })
                .collect();
            Ok(Self {
                beyond: Some(beyond(&steps)),
                backwards,
                skip: None,
                keyed,
            })
        };
        match position {
            Position::First => by_offset(0),
            Position::Number(number) => {
                by_offset(number.saturating_sub(1).saturating_mul(u64::from(size)))
            }
            Position::After(Cursor::Row(values)) => by_row(values, false),
            Position::Before(Cursor::Row(values)) => by_row(values, true),
            Position::After(Cursor::Offset(rows)) if !keyed => by_offset(*rows),
            Position::Before(Cursor::Offset(rows)) if !keyed => {
                by_offset(rows.saturating_sub(u64::from(size)))
            }
            Position::After(_) | Position::Before(_) => Err(CursorError.into()),
        }
    }

    pub(super) fn page(
        &self,
        mut rows: Vec<Row>,
        size: u32,
        place: impl Fn(&Row) -> Option<Vec<Value>>,
    ) -> Page {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        if self.backwards {
            rows.reverse();
        }
        if !self.keyed {
            let start = self.skip.unwrap_or(0);
            let end = start.saturating_add(u64::try_from(rows.len()).unwrap_or(0));
            return Page {
                rows,
                next: (more && end < MAX_SKIPPED).then_some(Cursor::Offset(end)),
                previous: (start > 0).then_some(Cursor::Offset(start)),
                skipped: self.skip,
            };
        }
        let reached = self.skip.is_none();
        let (has_next, has_previous) = if self.backwards {
            (true, more)
        } else {
            (more, reached || self.skip.is_some_and(|skip| skip > 0))
        };
        let first = rows.first().and_then(&place).map(Cursor::Row);
        let last = rows.last().and_then(&place).map(Cursor::Row);
        Page {
            next: last.filter(|_| has_next),
            previous: first.filter(|_| has_previous),
            skipped: if self.backwards && !more {
                Some(0)
            } else {
                self.skip
            },
            rows,
        }
    }
}

/// Whether a typed database can have produced this value: a cursor comes from a URL.
fn is_of(value: &Value, storage: Storage) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(_) => storage == Storage::Bool,
        Value::Int(_) => storage == Storage::Int,
        Value::Float(_) => storage == Storage::Float,
        Value::Bytes(_) => storage == Storage::Bytes,
        Value::Text(_) => !matches!(
            storage,
            Storage::Bool | Storage::Int | Storage::Float | Storage::Bytes
        ),
        Value::Size(_) => false,
    }
}

pub(super) fn place(row: &Row, order: &[Sort], columns: usize) -> Option<Vec<Value>> {
    let places = order.iter().map(|sort| match row.get(sort.column) {
        // An invisible value sorts as NULL.
        None if sort.column >= columns => Some(Value::Null),
        value => value.cloned(),
    });
    places.collect()
}

/// A column of the order at a cursor, in reading direction.
struct OrderColumn<'c> {
    column: usize,
    /// The path to the column, if it belongs to a referenced row.
    path: Option<&'c Path>,
    nullable: bool,
    value: &'c Value,
    /// The operator for rows after this value.
    op: Op,
    /// Whether NULL comes after all values in reading direction.
    nulls_last: bool,
    /// Whether different values may sort as equal.
    folds: bool,
}

impl<'c> OrderColumn<'c> {
    fn new(sort: Sort, field: &Field, value: &'c Value, backwards: bool, traits: Traits) -> Self {
        let descending = sort.descending != backwards;
        Self {
            column: sort.column,
            path: None,
            nullable: field.nullable,
            value,
            op: if descending { Op::Lt } else { Op::Gt },
            nulls_last: traits.nulls_first == descending,
            folds: traits.folds,
        }
    }

    fn test(&self, op: Op) -> Filter {
        let values = match op {
            Op::Null | Op::NotNull => Vec::new(),
            _ => vec![self.value.clone()],
        };
        let test = |column| Filter::Test(Condition { column, op, values });
        match self.path {
            None => test(self.column),
            Some(path) if op == Op::Null => path.without_value(),
            Some(path) => path.passing(test(path.column())),
        }
    }

    /// Rows strictly after the cursor.
    fn behind(&self) -> Filter {
        match (self.value.is_null(), self.nulls_last) {
            (true, true) => Filter::nothing(),
            (true, false) => self.test(Op::NotNull),
            (false, true) if self.nullable => {
                Filter::Any(vec![self.test(self.op), self.test(Op::Null)])
            }
            (false, _) => self.test(self.op),
        }
    }

    /// Rows that sort as equal.
    fn level(&self) -> Filter {
        match (self.value.is_null(), self.folds) {
            (true, _) => self.test(Op::Null),
            (false, false) => self.test(Op::Eq),
            (false, true) => Filter::All(vec![self.test(Op::Ge), self.test(Op::Le)]),
        }
    }

    /// Rows after or equal: a simple range that an index can serve; `None` if it is no limit.
    fn bound(&self) -> Option<Filter> {
        let inclusive = if self.op == Op::Gt { Op::Ge } else { Op::Le };
        match (self.value.is_null(), self.nullable && self.nulls_last) {
            (false, false) => Some(self.test(inclusive)),
            _ => None,
        }
    }
}

/// Rows after a position: after it in the first column, or equal there and after it in the rest.
fn beyond(steps: &[OrderColumn<'_>]) -> Filter {
    match steps {
        [] => Filter::nothing(),
        [last] => last.behind(),
        [first, rest @ ..] => {
            let split = Filter::Any(vec![
                first.behind(),
                Filter::All(vec![first.level(), beyond(rest)]),
            ]);
            match first.bound() {
                Some(bound) => Filter::All(vec![bound, split]),
                None => split,
            }
        }
    }
}
