//! Access rules: groups give roles, and roles give permits.
//!
//! Pure functions over configuration and the catalog; nothing here reads a database or a request.
//! Every query needs a [`Permit`], and only the access rules can create one.

mod cover;
pub mod cut;
pub mod demanded;
pub mod explain;
pub mod group;
pub mod groups_note;
pub mod kept;
pub mod look;
pub mod permit;
pub mod person;
pub mod policies;
pub mod policy;
pub mod preview;
pub mod reach;
pub mod rule;
pub mod step_up;
pub mod verb;

pub use cut::AuditCut;
pub use demanded::Demanded;
pub use group::Mapping;
pub use groups_note::GroupsNote;
pub use kept::{Origin, StoredRoles};
pub use look::{Look, Standing};
pub use permit::{Cover, Permit};
pub use person::{BREAK_GLASS, BREAK_GLASS_REASON, Person};
pub use policies::Policies;
pub use policy::{Denied, Policy, PolicyError};
pub use reach::Reach;
pub use step_up::{Assurance, Demand, Occasion, Unmanaged};
pub use verb::{Action, Create, Delete, Edit, Export, History, Import, Verb, View};

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
