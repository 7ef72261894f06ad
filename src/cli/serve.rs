//! `bailiwick serve`: the panel over a configured database.

use super::{ConfigFile, Outcome};
use bailiwick::app::Panel;
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
    let listener = super::listen(address, "server.listen")?;
    panel.watch();
    let server = bailiwick::server::serve(&panel, listener)?;
    tracing::info!(
        server.listen = %address,
        server.address = %config.server.panel_url(),
        "the panel is served"
    );
    server.await?;
    tracing::info!("the panel has stopped");
    Ok(ExitCode::SUCCESS)
}
