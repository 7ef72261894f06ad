//! The operators of the filter grammar, and what they are called.

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
    /// Ends with the text, in any case.
    Ends,
    /// No value.
    Null,
    /// Some value.
    NotNull,
}

impl Op {
    /// Every operator, in the order in which pages offer them.
    pub const ALL: [Self; 15] = [
        Self::Eq,
        Self::Ne,
        Self::Gt,
        Self::Ge,
        Self::Lt,
        Self::Le,
        Self::Between,
        Self::In,
        Self::Nin,
        Self::Contains,
        Self::Ncontains,
        Self::Starts,
        Self::Ends,
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
            Self::In => "in",
            Self::Nin => "nin",
            Self::Contains => "contains",
            Self::Ncontains => "ncontains",
            Self::Starts => "starts",
            Self::Ends => "ends",
            Self::Null => "null",
            Self::NotNull => "notnull",
        }
    }

    /// The operator in words, as they stand between a column and a value ("Status is paid").
    pub fn words(self) -> &'static str {
        match self {
            Self::Eq | Self::In => "is",
            Self::Ne | Self::Nin => "is not",
            Self::Gt => "is more than",
            Self::Ge => "is at least",
            Self::Lt => "is less than",
            Self::Le => "is at most",
            Self::Between => "is between",
            Self::Contains => "contains",
            Self::Ncontains => "does not contain",
            Self::Starts => "starts with",
            Self::Ends => "ends with",
            Self::Null => "has no value",
            Self::NotNull => "has a value",
        }
    }

    /// The same as people say it of a column of this kind ("Placed at is after").
    pub fn words_for(self, kind: Kind) -> &'static str {
        let is_time = matches!(
            kind,
            Kind::Date | Kind::Time | Kind::DateTime | Kind::Instant
        );
        match self {
            Self::Gt if is_time => "is after",
            Self::Ge if is_time => "is at or after",
            Self::Lt if is_time => "is before",
            Self::Le if is_time => "is at or before",
            op => op.words(),
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

    /// Whether it takes several values.
    pub fn takes_list(self) -> bool {
        matches!(self, Self::Between | Self::In | Self::Nin)
    }
}
