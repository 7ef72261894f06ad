//! `bailiwick serve`: the panel over a configured database.

use super::{ConfigFile, Outcome};
use anyhow::Context;
use bailiwick::app::Panel;
use std::net::TcpListener;
use std::process::ExitCode;

/// Serve the panel
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    file: ConfigFile,
}

/// Runs the command.
///
/// # Errors
/// When it cannot do its work.
pub fn run(args: Args) -> Outcome {
    actix_web::rt::System::new().block_on(serve(args))
}

async fn serve(args: Args) -> Outcome {
    let config = args.file.load()?;
    let panel = Panel::start(&config).await?;
    let address = config.server.listen;
    let listener = TcpListener::bind(address).with_context(|| {
        format!("cannot listen on {address}: something else may; change server.listen")
    })?;
    panel.watch();
    // Each connection takes a file descriptor, and the limit that is set for programs is often low.
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(most) => tracing::debug!(files.most = most, "the limit of open files was raised"),
        Err(error) => tracing::warn!(error = %error, "the limit of open files could not be raised"),
    }
    let server = bailiwick::server::serve(&panel, listener)?;
    tracing::info!(
        server.listen = %address,
        server.public_url = %config.server.public_url(),
        "the panel is served"
    );
    server.await?;
    tracing::info!("the panel has stopped");
    Ok(ExitCode::SUCCESS)
}
