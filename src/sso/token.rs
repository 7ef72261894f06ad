//! Tokens: signatures, claims, and whether a token can be trusted.

pub mod evidence;
pub mod groups;
pub mod json;
pub mod jws;
pub mod logout_token;
pub mod person;
pub mod verify;
