//! Forms for new and existing rows.

mod conflicts;
mod controls;
mod csrf;
mod empty;
mod errors;
mod keys;
mod links;
mod markup;
mod names;
mod picks;
mod saving;
mod untouched;
