//! Sign-in through the browser, from `/auth/login` to `/auth/callback`.

mod answer;
pub mod break_glass;
pub mod callback;
pub mod choose;
pub mod circle;
pub mod cookie;
pub mod error;
pub mod form_post;
pub mod login;
pub mod malformed;
pub mod purpose;
pub mod refused;
mod remedy;
pub mod return_to;
pub mod silent;
pub mod step_up;
pub mod third_party;
pub mod trial;
