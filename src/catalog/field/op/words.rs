//! Labels of the operators.

use super::{Kind, Op, OperandKind};
use crate::texts::{all_of, any_of, text};

/// Whether values of this kind are times: "after" instead of "more than".
fn is_time(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Date | Kind::Time | Kind::DateTime | Kind::Instant
    )
}

impl Op {
    /// The menu label for a column of this kind: "is one of", "is after".
    pub fn label(self, kind: Kind) -> String {
        match self {
            Self::Gt if is_time(kind) => text!("op-after"),
            Self::Ge if is_time(kind) => text!("op-at-or-after"),
            Self::Lt if is_time(kind) => text!("op-before"),
            Self::Le if is_time(kind) => text!("op-at-or-before"),
            Self::Eq => text!("op-is"),
            Self::Ne => text!("op-is-not"),
            Self::Gt => text!("op-more"),
            Self::Ge => text!("op-more-or-same"),
            Self::Lt => text!("op-less"),
            Self::Le => text!("op-less-or-same"),
            Self::Between => text!("op-between"),
            Self::Nbetween => text!("op-not-between"),
            Self::Last => text!("op-last"),
            Self::Next => text!("op-next"),
            Self::This => text!("op-this"),
            Self::Past => text!("op-past"),
            Self::Future => text!("op-future"),
            Self::In => text!("op-one-of"),
            Self::Nin => text!("op-none-of"),
            Self::Contains => text!("op-contains"),
            Self::Ncontains => text!("op-contains-not"),
            Self::Starts => text!("op-starts"),
            Self::Nstarts => text!("op-starts-not"),
            Self::Ends => text!("op-ends"),
            Self::Nends => text!("op-ends-not"),
            Self::Null => text!("op-no-value"),
            Self::NotNull => text!("op-value"),
        }
    }

    /// The menu label for pages without the script: it also says how to write the value.
    pub fn plain_label(self) -> String {
        match self {
            Self::Between => text!("op-between-plain"),
            Self::Nbetween => text!("op-not-between-plain"),
            Self::Last => text!("op-last-plain"),
            Self::Next => text!("op-next-plain"),
            Self::This => text!("op-this-plain"),
            Self::In => text!("op-one-of-plain"),
            Self::Nin => text!("op-none-of-plain"),
            op => op.label(Kind::Text),
        }
    }

    /// A condition in words: "Status is paid".
    pub fn condition(self, kind: Kind, column: &str, values: &[String]) -> String {
        let value = match self.takes() {
            OperandKind::Two => all_of(values),
            _ => any_of(values),
        };
        match self {
            Self::Gt if is_time(kind) => text!("condition-after", column = column, value = value),
            Self::Ge if is_time(kind) => {
                text!("condition-at-or-after", column = column, value = value)
            }
            Self::Lt if is_time(kind) => text!("condition-before", column = column, value = value),
            Self::Le if is_time(kind) => {
                text!("condition-at-or-before", column = column, value = value)
            }
            Self::Eq | Self::In => text!("condition-is", column = column, value = value),
            Self::Ne | Self::Nin => text!("condition-is-not", column = column, value = value),
            Self::Gt => text!("condition-more", column = column, value = value),
            Self::Ge => text!("condition-more-or-same", column = column, value = value),
            Self::Lt => text!("condition-less", column = column, value = value),
            Self::Le => text!("condition-less-or-same", column = column, value = value),
            Self::Between => text!("condition-between", column = column, value = value),
            Self::Nbetween => text!("condition-not-between", column = column, value = value),
            Self::Last => text!("condition-last", column = column, value = value),
            Self::Next => text!("condition-next", column = column, value = value),
            Self::This => text!("condition-this", column = column, value = value),
            Self::Past => text!("condition-past", column = column),
            Self::Future => text!("condition-future", column = column),
            Self::Contains => text!("condition-contains", column = column, value = value),
            Self::Ncontains => text!("condition-contains-not", column = column, value = value),
            Self::Starts => text!("condition-starts", column = column, value = value),
            Self::Nstarts => text!("condition-starts-not", column = column, value = value),
            Self::Ends => text!("condition-ends", column = column, value = value),
            Self::Nends => text!("condition-ends-not", column = column, value = value),
            Self::Null => text!("condition-no-value", column = column),
            Self::NotNull => text!("condition-value", column = column),
        }
    }
}
