//! Tests of sign-in from outside, over real HTTP. The fake provider can be wrong in one way at a
//! time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions
)]

mod backchannel;
mod break_glass;
mod callbacks;
mod circle;
mod conformance;
mod detours;
mod elsewhere;
mod form_post;
mod fuzz;
mod gate;
mod groups;
mod keys;
mod logs;
mod looking;
mod outage;
mod provider;
mod rechecks;
mod refresh;
mod refused;
mod remedies;
mod renewal;
mod request;
mod rig;
mod rp_logout;
mod sessions;
mod several;
mod silent;
mod step_up;
mod token_endpoint;
mod tokens;
