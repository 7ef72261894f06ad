//! Types that describe a kind of field.

use super::Op;

/// How databases store a value: decides how SQL reads, binds and compares it.
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
    /// A type of its own that is transferred as text: dates, UUIDs, enumerations.
    Written,
    /// A date and time with a zone.
    Zoned,
    /// Bytes.
    Bytes,
    /// A type that only the database knows how to compare.
    Opaque,
}

/// How a cell looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Text; web addresses become links.
    Prose,
    /// A number with grouped thousands, right-aligned.
    Figure,
    /// A whole number without grouping, right-aligned.
    Number,
    /// A time of day.
    Time,
    /// A date and time without a zone.
    Local,
    /// A date and time with a zone.
    Moment,
    /// A state, as a badge.
    Badge,
    /// Text in a monospace font.
    Code,
    /// A document in a monospace font, indented if there is room.
    Document,
    /// Depends on the value: numbers as figures, anything else as prose.
    AsStored,
}

impl Look {
    /// Whether it is right-aligned.
    pub fn is_numeric(self) -> bool {
        matches!(self, Self::Figure | Self::Number)
    }
}

/// The input control of a filter's value.
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

/// How a value appears in a spreadsheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sheet {
    /// The cell type, for values that fit it.
    pub kind: SheetKind,
    /// The minimum width of the column, in characters.
    pub width: u16,
}

impl Sheet {
    /// Text.
    pub const TEXT: Self = Self {
        kind: SheetKind::Text,
        width: 24,
    };

    /// A cell type with a minimum column width.
    pub const fn new(kind: SheetKind, width: u16) -> Self {
        Self { kind, width }
    }
}

/// The type of a spreadsheet cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetKind {
    /// Text, or a number if the value is one.
    Text,
    /// A decimal number, with this many decimals.
    Decimal(Option<u8>),
    /// A date.
    Date,
    /// A time of day.
    Time,
    /// A date and time.
    DateTime {
        /// Whether it is in UTC, and says so.
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
    /// No comparison, only `null` and `notnull`.
    pub const NONE: Self = Self::of(false, false, false);
    /// Equality only.
    pub const EQUAL: Self = Self::of(true, false, false);
    /// Equality and order.
    pub const ORDERED: Self = Self::of(true, true, false);
    /// Text search only.
    pub const MATCHED: Self = Self::of(false, false, true);
    /// All operators that do not depend on the time.
    pub const ALL: Self = Self::of(true, true, true);
    /// Equality, order, and operators that depend on the time.
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

    /// Whether the operator is in the set. `null` and `notnull` always are.
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
