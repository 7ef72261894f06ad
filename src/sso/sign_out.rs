//! Sign-out: by the person here, and by the provider from behind.

pub mod backchannel;
pub mod logout;
