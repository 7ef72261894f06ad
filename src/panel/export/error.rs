//! Why an export is not made, or not to its end.

use crate::data::DataError;
use crate::store::DatabaseError;
use crate::texts::text;
use crate::web::Failure;
use rust_xlsxwriter::XlsxError;

/// Why there is no file, or only a part of one.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The rows cannot be read, or the export cannot be noted.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A file of that format does not hold so many rows; the number is what it holds.
    #[error("{}", text!("export-sheet-limit", count = *.0))]
    TooMany(u64),
    /// No file is made of so many rows; the number is how many one may have.
    #[error("{}", text!("export-limit", count = *.0))]
    TooLong(u64),
    /// The workbook cannot be written.
    #[error(transparent)]
    Workbook(#[from] XlsxError),
    /// The client takes no more.
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
