//! Log output: its target, format and level.

use super::Misuse;
use std::io::IsTerminal;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The environment variable that holds the level.
const LEVEL: &str = "BAILIWICK_LOG";

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One JSON object a line.
    Json,
    /// Text for people.
    Text,
}

/// The target of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

impl Stream {
    fn is_terminal(self) -> bool {
        match self {
            Self::Output => std::io::stdout().is_terminal(),
            Self::Error => std::io::stderr().is_terminal(),
        }
    }

    fn writer(self) -> BoxMakeWriter {
        match self {
            Self::Output => BoxMakeWriter::new(std::io::stdout),
            Self::Error => BoxMakeWriter::new(std::io::stderr),
        }
    }
}

/// Starts logging for the whole process.
///
/// # Errors
/// When `BAILIWICK_LOG` is invalid, or logging was started before.
pub fn start(format: Option<Format>, stream: Stream) -> anyhow::Result<()> {
    let level = std::env::var_os(LEVEL).map(|level| level.to_string_lossy().into_owned());
    let registry = tracing_subscriber::registry().with(targets(level.as_deref())?);
    let terminal = stream.is_terminal();
    let layer = tracing_subscriber::fmt::layer().with_writer(stream.writer());
    match format.unwrap_or(if terminal { Format::Text } else { Format::Json }) {
        Format::Json => {
            let layer = layer.json().flatten_event(true).with_span_list(false);
            registry.with(layer).try_init()?;
        }
        Format::Text => {
            // https://no-color.org
            let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            registry
                .with(layer.with_ansi(terminal && !plain))
                .try_init()?;
        }
    }
    Ok(())
}

/// The log levels. By default `info` for the panel and warnings for libraries. The variable holds a
/// level for the panel, or a list of `TARGET=LEVEL`.
fn targets(spec: Option<&str>) -> Result<Targets, Misuse> {
    let spec = spec.map(str::trim).filter(|spec| !spec.is_empty());
    let spec = spec.unwrap_or("info");
    if let Ok(level) = spec.parse::<LevelFilter>() {
        return Ok(Targets::new()
            .with_default(level.min(LevelFilter::WARN))
            .with_target("bailiwick", level));
    }
    // An unknown word would be treated as a target with everything enabled.
    let is_clear = |part: &str| part.contains('=') || part.parse::<LevelFilter>().is_ok();
    match spec.parse() {
        Ok(targets) if spec.split(',').all(is_clear) => Ok(targets),
        _ => Err(Misuse(format!(
            "{LEVEL}: \u{201c}{spec}\u{201d} is not a log level; write off, error, warn, info, \
             debug or trace, or targets with levels, such as warn,bailiwick=debug"
        ))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use tracing::Level;

    #[test]
    fn by_default_our_own_is_told_and_others_warn() {
        for spec in [None, Some(""), Some("info")] {
            let targets = targets(spec).unwrap();
            assert!(targets.would_enable("bailiwick::web", &Level::INFO));
            assert!(!targets.would_enable("bailiwick::web", &Level::DEBUG));
            assert!(targets.would_enable("actix_web", &Level::WARN));
            assert!(!targets.would_enable("actix_web", &Level::INFO));
        }
    }

    #[test]
    fn a_level_is_for_our_own() {
        let debug = targets(Some("DEBUG")).unwrap();
        assert!(debug.would_enable("bailiwick", &Level::DEBUG));
        assert!(!debug.would_enable("actix_web", &Level::INFO));
        let off = targets(Some("off")).unwrap();
        assert!(!off.would_enable("bailiwick", &Level::ERROR));
        assert!(!off.would_enable("actix_web", &Level::ERROR));
    }

    #[test]
    fn targets_can_be_named() {
        let targets = targets(Some("error,actix_web=debug")).unwrap();
        assert!(targets.would_enable("actix_web", &Level::DEBUG));
        assert!(!targets.would_enable("bailiwick", &Level::WARN));
    }

    #[test]
    fn what_is_no_level_is_refused() {
        for spec in ["loud", "bailiwick=loud", "info,loud", "bailiwick"] {
            assert!(targets(Some(spec)).is_err(), "{spec}");
        }
    }
}
