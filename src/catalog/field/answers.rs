//! What a kind of field answers when it is asked.

use super::Op;

/// How databases keep a value, and so how it is read, bound and compared in SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A floating-point number.
    Float,
    /// An exact decimal number.
    Decimal,
    /// Text of any content.
    Text,
    /// A type of its own that is read and written as text: dates, UUIDs, enumerations.
    Written,
    /// A moment with a zone.
    Zoned,
    /// Bytes.
    Bytes,
    /// A type of which only the database knows whether it has an order.
    Opaque,
}

/// How a cell looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Text; web addresses lead there.
    Prose,
    /// A figure with its thousands grouped, set to the right.
    Figure,
    /// A whole number as it is, set to the right.
    Number,
    /// A time of day.
    Time,
    /// A date and time without a zone.
    Local,
    /// A moment.
    Moment,
    /// A state, as a badge.
    Badge,
    /// Text in a fixed width.
    Code,
    /// A document in a fixed width, indented where there is room.
    Document,
    /// The value tells: numbers as figures, all else as prose.
    AsStored,
}

impl Look {
    /// Whether it is set to the right.
    pub fn is_numeric(self) -> bool {
        matches!(self, Self::Figure | Self::Number)
    }
}

/// The input for the value of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Any text.
    Text,
    /// A number.
    Number,
    /// A date.
    Date,
    /// A time of day.
    Time,
    /// A date and time.
    DateTime,
    /// Yes or no.
    Bool,
    /// One of the column's values.
    Choice,
}

impl Input {
    /// Its name in templates and scripts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Date => "date",
            Self::Time => "time",
            Self::DateTime => "datetime",
            Self::Bool => "bool",
            Self::Choice => "choice",
        }
    }
}

/// What a value is in a spreadsheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sheet {
    /// The type of the cell, as far as the value fits it.
    pub kind: SheetKind,
    /// The least width of the column, in characters.
    pub width: u16,
}

impl Sheet {
    /// Text.
    pub const TEXT: Self = Self {
        kind: SheetKind::Text,
        width: 24,
    };

    /// A cell of that type in a column of at least that width.
    pub const fn new(kind: SheetKind, width: u16) -> Self {
        Self { kind, width }
    }
}

/// The type of a spreadsheet's cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetKind {
    /// Text, or a number where the value is one.
    Text,
    /// A decimal number, shown with so many decimals.
    Decimal(Option<u8>),
    /// A date.
    Date,
    /// A time of day.
    Time,
    /// A date and time; whether it is in UTC.
    DateTime {
        /// It is in UTC, and says so.
        utc: bool,
    },
}

/// A set of operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operators {
    equal: bool,
    ordered: bool,
    matched: bool,
    dated: bool,
}

impl Operators {
    /// Only whether there is a value.
    pub const NONE: Self = Self::of(false, false, false);
    /// Equal or not.
    pub const EQUAL: Self = Self::of(true, false, false);
    /// Compared by size too.
    pub const ORDERED: Self = Self::of(true, true, false);
    /// Only searched for a text.
    pub const MATCHED: Self = Self::of(false, false, true);
    /// All that need no time.
    pub const ALL: Self = Self::of(true, true, true);
    /// Compared by size, and with the time it is.
    pub const DATED: Self = Self {
        dated: true,
        ..Self::ORDERED
    };

    const fn of(equal: bool, ordered: bool, matched: bool) -> Self {
        Self {
            equal,
            ordered,
            matched,
            dated: false,
        }
    }

    /// Whether that operator is in the set. `null` and `notnull` always are.
    pub fn has(self, op: Op) -> bool {
        match op {
            Op::Null | Op::NotNull => true,
            Op::Eq | Op::Ne | Op::In | Op::Nin => self.equal,
            Op::Gt | Op::Ge | Op::Lt | Op::Le | Op::Between | Op::Nbetween => self.ordered,
            Op::Last | Op::Next | Op::This | Op::Past | Op::Future => self.dated,
            Op::Contains | Op::Ncontains | Op::Starts | Op::Nstarts | Op::Ends | Op::Nends => {
                self.matched
            }
        }
    }
}
