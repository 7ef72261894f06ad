//! Properties of how a provider's arbitrary data is read.

mod claims;
mod tokens;
