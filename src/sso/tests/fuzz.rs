//! What comes from a provider may be anything: properties of how it is read.

mod claims;
mod tokens;
