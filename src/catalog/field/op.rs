//! The operators of the filter grammar.

mod words;

use super::Kind;

/// The operators of the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Op {
    /// Equal.
    Eq,
    /// Not equal; includes rows with NULL.
    Ne,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// From the first value to the second, inclusive.
    Between,
    /// Before the first value or after the second; includes NULL.
    Nbetween,
    /// Within a time span that ends now: `30d`.
    Last,
    /// Within a time span that starts now.
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
    /// Contains the text, ignoring case.
    Contains,
    /// Does not contain the text.
    Ncontains,
    /// Starts with the text, ignoring case.
    Starts,
    /// Does not start with the text.
    Nstarts,
    /// Ends with the text, ignoring case.
    Ends,
    /// Does not end with the text.
    Nends,
    /// No value.
    Null,
    /// Some value.
    NotNull,
}

/// The operand of an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperandKind {
    /// No value.
    Nothing,
    /// One value of the column.
    One,
    /// Two values: the ends of a range.
    Two,
    /// Any number of values.
    Many,
    /// A time span: `30d`.
    Span,
    /// A calendar period: `month`.
    Period,
}

impl OperandKind {
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
    /// Every operator, in the order of the menus.
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

    /// The operator with that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|op| op.name() == name)
    }

    /// Whether columns of this kind accept the operator.
    pub fn fits(self, kind: Kind) -> bool {
        kind.takes(self)
    }

    /// Its operand.
    pub fn takes(self) -> OperandKind {
        match self {
            Self::Null | Self::NotNull | Self::Past | Self::Future => OperandKind::Nothing,
            Self::Between | Self::Nbetween => OperandKind::Two,
            Self::In | Self::Nin => OperandKind::Many,
            Self::Last | Self::Next => OperandKind::Span,
            Self::This => OperandKind::Period,
            _ => OperandKind::One,
        }
    }

    /// Whether it takes several values.
    pub fn takes_list(self) -> bool {
        matches!(self.takes(), OperandKind::Two | OperandKind::Many)
    }

    /// Whether it searches within text.
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

    /// Whether it depends on the current time.
    pub fn is_relative(self) -> bool {
        matches!(
            self,
            Self::Last | Self::Next | Self::This | Self::Past | Self::Future
        )
    }
}
