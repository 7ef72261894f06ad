//! Forms for new and existing rows.

mod conflicts;
mod controls;
mod csrf;
mod errors;
mod keys;
mod markup;
mod picks;
mod saving;
