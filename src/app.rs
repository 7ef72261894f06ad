//! Assembles a panel, from its configuration to its routes.

pub mod break_glass;
mod builder;
mod connect;
pub mod end;
mod error;
mod open;
mod panel;
pub mod retention;
mod routes;
mod watch;

pub use builder::PanelBuilder;
pub use connect::{database, look, target};
pub use error::StartError;
pub use open::{catalog, elsewhere, grants, migrate, policy, survey};
pub use panel::Panel;
