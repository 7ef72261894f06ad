//! Rows and columns that a person does not have, looked for by every way there is.

mod columns;
mod matrix;
mod past;
mod rows;
