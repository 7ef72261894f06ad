//! Sign-out, by the person here or by the provider through the back channel.

pub mod backchannel;
pub mod logout;
