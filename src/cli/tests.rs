#![allow(clippy::unwrap_used)]

use super::*;
use clap::CommandFactory;
use clap::error::ErrorKind;

fn understood(line: &str) -> Result<Cli, ErrorKind> {
    Cli::try_parse_from(line.split(' ')).map_err(|error| error.kind())
}

#[test]
fn the_definition_holds_together() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_of_the_design_is_understood() {
    for line in [
        "bailiwick demo",
        "bailiwick demo --listen 127.0.0.1:8081 --idp-listen [::1]:9401 --data x --fresh",
        "bailiwick serve --config bailiwick.toml",
        "bailiwick serve --config bailiwick.toml --log json",
        "bailiwick --log text serve",
        "bailiwick init --database postgres://u@h/db --issuer https://id.example.com --out x.toml",
        "bailiwick init --database data.db",
        "bailiwick check --config x.toml",
        "bailiwick explain --config x.toml --claims claims.json --resource orders",
        "bailiwick check --config x.toml --login --port 8976 --timeout 30s",
        "bailiwick check --config x.toml --login --provider partner",
        "bailiwick explain --config x.toml --claims -",
        "bailiwick explain --config x.toml --last-login ada@example.com --resource orders",
        "bailiwick migrate --config x.toml",
        "bailiwick sessions --config x.toml --search alice",
        "bailiwick sessions --config x.toml --end REFERENCE",
        "bailiwick sessions --config x.toml --end-all-of SUBJECT --issuer https://id.example.com",
        "bailiwick break-glass --config x.toml --role admin --reason why --minutes 30",
    ] {
        assert!(understood(line).is_ok(), "{line}");
    }
}

#[test]
fn other_words_are_refused() {
    for line in [
        "bailiwick",
        "bailiwick sevre",
        "bailiwick serve --confg x",
        "bailiwick init",
        "bailiwick check --timeout 30s",
        "bailiwick check --provider partner",
        "bailiwick check --login --timeout soon",
        "bailiwick check --login --port 70000",
        "bailiwick explain --config x.toml",
        "bailiwick explain --claims - --last-login ada@example.com",
        "bailiwick serve --log loud",
        "bailiwick sessions --end a --end-all-of b",
        "bailiwick sessions --issuer https://id.example.com",
    ] {
        assert!(understood(line).is_err(), "{line}");
    }
}

#[test]
fn the_demo_stays_on_this_machine() {
    for option in ["--listen", "--idp-listen"] {
        let line = format!("bailiwick demo {option} 0.0.0.0:8080");
        assert_eq!(understood(&line).unwrap_err(), ErrorKind::ValueValidation);
    }
}
