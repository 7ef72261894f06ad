//! Forms for new and existing rows.

mod beside;
mod children;
mod conflicts;
mod controls;
mod csrf;
mod empty;
mod errors;
mod kept;
mod keys;
mod layout;
mod links;
mod markup;
mod names;
mod pairs;
mod picks;
mod saving;
mod tokens;
mod untouched;
