//! `bailiwick demo`: a sample company and a development identity provider, for a look around.

use super::Outcome;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Try the panel with a sample company and a built-in identity provider
///
/// Listens on loopback only. Not for production: anyone who reaches it can sign in as anyone.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where the panel listens
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080", value_parser = loopback)]
    listen: SocketAddr,
    /// Where the identity provider listens
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9400", value_parser = loopback)]
    idp_listen: SocketAddr,
    /// The folder in which the sample data is kept
    #[arg(long, value_name = "DIR", default_value = "bailiwick-demo")]
    data: PathBuf,
    /// Start over with new sample data
    #[arg(long)]
    fresh: bool,
}

/// Reads an address of this machine.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text
        .parse()
        .map_err(|_| "write an address and a port, such as 127.0.0.1:8080".to_owned())?;
    match address.ip().is_loopback() {
        true => Ok(address),
        false => Err("the demo listens on loopback only: 127.0.0.1 or [::1]".to_owned()),
    }
}

/// Runs the command.
///
/// # Errors
/// When it cannot do its work.
pub fn run(_args: Args) -> Outcome {
    anyhow::bail!("not wired yet")
}
