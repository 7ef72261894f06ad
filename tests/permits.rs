//! Rows and columns that a person does not have, looked for by every way there is.

mod access;
mod chance;
mod columns;
mod denied;
mod hoarding;
mod lines;
mod look;
mod matrix;
mod past;
mod paths;
mod rows;
mod table;
