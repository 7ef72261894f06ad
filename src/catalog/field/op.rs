//! The operators of the filter grammar.

mod words;

use super::Kind;

/// The operators of the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Op {
    /// Equal.
    Eq,
    /// Not equal; NULL is not equal to anything, so its rows are among them.
    Ne,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// From the first value to the second, both included.
    Between,
    /// Before the first value or behind the second; NULL is among them.
    Nbetween,
    /// Within a span of time that ends now: `30d`.
    Last,
    /// Within a span of time that begins now.
    Next,
    /// Within the current day, week, month, quarter or year.
    This,
    /// Before now.
    Past,
    /// After now.
    Future,
    /// One of the values.
    In,
    /// None of the values.
    Nin,
    /// The text occurs, in any case.
    Contains,
    /// The text does not occur.
    Ncontains,
    /// Starts with the text, in any case.
    Starts,
    /// Does not start with the text.
    Nstarts,
    /// Ends with the text, in any case.
    Ends,
    /// Does not end with the text.
    Nends,
    /// No value.
    Null,
    /// Some value.
    NotNull,
}

/// What an operator compares a column with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// No value.
    Nothing,
    /// One value of the column.
    One,
    /// Two of them, the ends of a range.
    Two,
    /// Any number of them.
    Many,
    /// A span of time: `30d`.
    Span,
    /// A part of the calendar: `month`.
    Period,
}

impl Takes {
    /// Its name in templates and scripts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::One => "one",
            Self::Two => "two",
            Self::Many => "many",
            Self::Span => "span",
            Self::Period => "period",
        }
    }
}

impl Op {
    /// Every operator, in the order in which pages offer them.
    pub const ALL: [Self; 23] = [
        Self::Eq,
        Self::Ne,
        Self::Gt,
        Self::Ge,
        Self::Lt,
        Self::Le,
        Self::Between,
        Self::Nbetween,
        Self::Last,
        Self::Next,
        Self::This,
        Self::Past,
        Self::Future,
        Self::In,
        Self::Nin,
        Self::Contains,
        Self::Ncontains,
        Self::Starts,
        Self::Nstarts,
        Self::Ends,
        Self::Nends,
        Self::Null,
        Self::NotNull,
    ];

    /// The operator's name in the grammar.
    pub fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
            Self::Between => "between",
            Self::Nbetween => "nbetween",
            Self::Last => "last",
            Self::Next => "next",
            Self::This => "this",
            Self::Past => "past",
            Self::Future => "future",
            Self::In => "in",
            Self::Nin => "nin",
            Self::Contains => "contains",
            Self::Ncontains => "ncontains",
            Self::Starts => "starts",
            Self::Nstarts => "nstarts",
            Self::Ends => "ends",
            Self::Nends => "nends",
            Self::Null => "null",
            Self::NotNull => "notnull",
        }
    }

    /// The operator of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|op| op.name() == name)
    }

    /// Whether the operator can be used on columns of this kind.
    pub fn fits(self, kind: Kind) -> bool {
        kind.takes(self)
    }

    /// What it compares a column with.
    pub fn takes(self) -> Takes {
        match self {
            Self::Null | Self::NotNull | Self::Past | Self::Future => Takes::Nothing,
            Self::Between | Self::Nbetween => Takes::Two,
            Self::In | Self::Nin => Takes::Many,
            Self::Last | Self::Next => Takes::Span,
            Self::This => Takes::Period,
            _ => Takes::One,
        }
    }

    /// Whether it takes several values.
    pub fn takes_list(self) -> bool {
        matches!(self.takes(), Takes::Two | Takes::Many)
    }

    /// Whether it looks for a part of a text.
    pub fn is_of_text(self) -> bool {
        matches!(
            self,
            Self::Contains
                | Self::Ncontains
                | Self::Starts
                | Self::Nstarts
                | Self::Ends
                | Self::Nends
        )
    }

    /// Whether it depends on the time at which it is asked.
    pub fn is_relative(self) -> bool {
        matches!(
            self,
            Self::Last | Self::Next | Self::This | Self::Past | Self::Future
        )
    }
}
