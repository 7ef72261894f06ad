//! What tokens say: signatures, claims, and whether a token may be believed.

pub mod evidence;
pub mod groups;
pub mod json;
pub mod jws;
pub mod logout_token;
pub mod person;
pub mod verify;
