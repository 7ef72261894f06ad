//! The entrance to the admin scope: who makes a request, what they may do, and what they submit.

pub mod access;
pub mod caller;
pub mod denials;
pub mod form;
pub mod identify;
pub mod keeper;
pub mod kept;
pub mod look;
pub mod manage;
pub mod query;
pub mod roles_missed;
pub mod schema;
pub mod schema_change;
pub mod site;
pub mod sizes;
pub mod step_up;

pub use access::{Entered, Granted};
pub use form::{Submission, Submitted, Uploaded};
pub use manage::Manages;
pub use site::Site;
