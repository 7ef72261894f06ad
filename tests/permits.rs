//! Attempts to reach rows and columns without a right, in every way.

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
