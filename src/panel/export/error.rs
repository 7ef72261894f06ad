//! Why an export failed or was incomplete.

use crate::data::DataError;
use crate::store::DatabaseError;
use crate::texts::text;
use crate::web::Failure;
use rust_xlsxwriter::XlsxError;

/// Why there is no file, or only a part of it.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The rows cannot be read, or the export cannot be recorded.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The format cannot hold this many rows; the number is its maximum.
    #[error("{}", text!("export-sheet-limit", count = *.0))]
    TooMany(u64),
    /// Exports are limited to a number of rows, given here.
    #[error("{}", text!("export-limit", count = *.0))]
    TooLong(u64),
    /// The workbook could not be written.
    #[error(transparent)]
    Workbook(#[from] XlsxError),
    /// The client has gone.
    #[error("the client takes no more")]
    Gone,
}

impl From<DatabaseError> for ExportError {
    fn from(error: DatabaseError) -> Self {
        Self::Data(error.into())
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Data(error) => error.into(),
            ExportError::TooMany(_) | ExportError::TooLong(_) => Self::Invalid(error.to_string()),
            ExportError::Workbook(_) | ExportError::Gone => Self::internal(error),
        }
    }
}
