//! `bailiwick break-glass`: sign-in while the identity provider is down.

use super::{ConfigFile, Outcome};
use crate::app::break_glass::{LinkRequest, USE_WITHIN_MINUTES, make};
use crate::clock::Clock;
use std::process::ExitCode;

/// Make a link for a single sign-in while the identity provider is down
///
/// Needs [break_glass] enabled = true in the configuration. Run it on the server. The link works
/// once, within ten minutes, and everything done with it is in the audit log.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    file: ConfigFile,
    /// The role that the link gives
    #[arg(long, value_name = "NAME")]
    role: String,
    /// Why, for the audit log
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    reason: String,
    /// How long the session lasts, in minutes
    #[arg(long, value_name = "MINUTES", default_value_t = 15, value_parser = clap::value_parser!(u16).range(1..=480))]
    minutes: u16,
}

/// Runs the command.
///
/// # Errors
/// When break-glass is not enabled, or a statement fails.
pub fn run(args: Args) -> Outcome {
    let config = args.file.load()?;
    let wanted = LinkRequest {
        role: args.role,
        reason: args.reason,
        minutes: args.minutes,
        made_by: user(),
    };
    let (minutes, role) = (wanted.minutes, wanted.role.clone());
    let made = actix_web::rt::System::new().block_on(make(&config, wanted, &Clock::system()))?;
    super::print(format_args!("{}\n", made.url))?;
    eprintln!(
        "\nWhoever opens this link first comes in as \u{201c}{role}\u{201d} for {minutes} minutes. It works \
         once,\nfor {USE_WITHIN_MINUTES} minutes, until {}. That it was made is in the audit log.",
        made.use_before.format("%H:%M UTC")
    );
    Ok(ExitCode::SUCCESS)
}

/// The operating system's user who runs the command; with sudo, the original user.
fn user() -> String {
    let name = of_process().or_else(|| from_environment("USER"));
    let name = name.unwrap_or_else(|| "unknown user".to_owned());
    match from_environment("SUDO_USER") {
        Some(before) if before != name => format!("{name} (sudo by {before})"),
        _ => name,
    }
}

fn from_environment(name: &str) -> Option<String> {
    let value = std::env::var(name).ok()?;
    let plain = |c: char| c.is_alphanumeric() || "-_.@$\\".contains(c);
    (!value.is_empty() && value.len() <= 64 && value.chars().all(plain)).then_some(value)
}

/// The user of this process, which environment variables cannot change.
#[cfg(target_os = "linux")]
fn of_process() -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let uid = std::fs::metadata("/proc/self").ok()?.uid();
    let known = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = known.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    });
    Some(named.unwrap_or_else(|| format!("uid {uid}")))
}

#[cfg(not(target_os = "linux"))]
fn of_process() -> Option<String> {
    None
}
