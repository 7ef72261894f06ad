//! `bailiwick demo`: a sample company and a development identity provider, to try the panel.

use super::Outcome;
use crate::app::Panel;
use crate::demo::company;
use crate::demo::config::CLIENT_ID;
use crate::demo::provider::{Provider, ProviderSettings};
use anyhow::Context;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

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
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("the demo listens on loopback only: 127.0.0.1 or [::1]".to_owned())
    }
}

/// Runs the command.
///
/// # Errors
/// When the demo cannot run.
pub fn run(args: Args) -> Outcome {
    actix_web::rt::System::new().block_on(demo(args))
}

async fn demo(args: Args) -> Outcome {
    let listener = super::listen(args.listen, "--listen")?;
    let listen = listener.local_addr()?;
    let idp_listener = super::listen(args.idp_listen, "--idp-listen")?;
    let company = tokio::task::spawn_blocking(move || prepare(&args.data, args.fresh));
    let secret = random_secret();
    let root = format!("http://{listen}");
    let settings = ProviderSettings::new(CLIENT_ID, &secret)
        .redirect_uri(format!("{root}/auth/callback"))
        .post_logout_redirect_uri(format!("{root}/auth/signed-out"))
        .backchannel_logout_uri(format!("{root}/auth/backchannel-logout"));
    let provider = Provider::new(settings).start(idp_listener).await?;
    let database = company.await??;
    let config = crate::demo::config::config(listen, provider.issuer(), &secret, &database)?;
    let panel = Panel::builder(config).start().await?;
    let server = crate::server::serve(&panel, listener)?;
    println!("{}", welcome(&root, provider.issuer(), &database));
    server.await?;
    provider.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// The sample company's database in this folder, created if missing.
fn prepare(folder: &Path, fresh: bool) -> anyhow::Result<PathBuf> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let file = folder.join("company.sqlite");
    if fresh {
        for end in ["", "-wal", "-shm"] {
            let path = folder.join(format!("company.sqlite{end}"));
            if path.exists() {
                std::fs::remove_file(&path)
                    .with_context(|| format!("cannot remove {}", path.display()))?;
            }
        }
    }
    if !company::exists(&file) {
        company::create(&file)?;
    }
    Ok(file)
}

/// The provider and the panel share it while the process runs.
fn random_secret() -> String {
    let bytes: [u8; 32] = rand::random();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn welcome(panel: &str, provider: &str, database: &Path) -> String {
    format!(
        "
  Bailiwick demo: not for production. It listens on this machine only, and anyone on it can
  sign in as anyone.

  The panel            {panel}/admin/
  Sign in as           alice (administrator), bob (editor), carol (viewer) or dave (no role)
  Change their groups  {provider}/people, and sign them out everywhere
  The data             {}

  Press Ctrl+C to stop.
",
        database.display()
    )
}
