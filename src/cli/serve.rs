//! `bailiwick serve`: serves the panel for a configured database.

use super::{ConfigFile, Outcome};
use crate::app::Panel;
use sd_notify::NotifyState;
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
/// When the panel cannot start.
pub fn run(args: Args) -> Outcome {
    actix_web::rt::System::new().block_on(serve(args))
}

async fn serve(args: Args) -> Outcome {
    let config = args.file.load()?;
    let (address, url) = (config.server.listen, config.server.panel_url());
    let panel = Panel::builder(config).start().await?;
    let listener = super::listen(address, "server.listen")?;
    // Each connection takes a file descriptor, and the default limit is often low.
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(most) => tracing::debug!(files.most = most, "the limit of open files was raised"),
        Err(error) => tracing::warn!(error = %error, "the limit of open files could not be raised"),
    }
    answer_hangups();
    let server = crate::server::serve(&panel, listener)?;
    tracing::info!(
        server.listen = %address,
        server.address = %url,
        "the panel is served"
    );
    tell_manager(&[NotifyState::Ready]);
    server.await?;
    tell_manager(&[NotifyState::Stopping]);
    tracing::info!("the panel has stopped");
    Ok(ExitCode::SUCCESS)
}

/// Notifies systemd, if it started the process with `Type=notify`.
fn tell_manager(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(error = %error, "the service manager could not be notified");
    }
}

/// Handles SIGHUP: the configuration is read only at the start. A log message says so, and the
/// panel continues.
#[cfg(unix)]
fn answer_hangups() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut hangups) = signal(SignalKind::hangup()) else {
        return;
    };
    actix_web::rt::spawn(async move {
        while hangups.recv().await.is_some() {
            tracing::warn!(
                "SIGHUP does not reload the configuration: it is read at the start. Run bailiwick \
                 check, then restart the panel"
            );
        }
    });
}

#[cfg(not(unix))]
fn answer_hangups() {}
